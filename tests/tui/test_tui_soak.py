"""A long day: 500 questions in one console, whose memory does not grow with what it no longer shows."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from console_support import agent_of, console, text_of, turns, until

from tui.widgets.ask import Ask
from tui.widgets.conversation import KEPT_ROWS, Conversation

QUESTIONS = 500
ANSWER = "A sentence of an answer, as models give them.\n\n- one\n- two\n\n```python\nprint(17 * 23)\n```\n" * 3
PER_TURN = 100_000
"""Bytes; a turn keeps question, answer, plan and verdicts, since the next question is sent with them."""


def resident() -> int:
    """Bytes of memory that this process has now."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
async def test_500_questions_leave_the_console_as_quick_and_nearly_as_small() -> None:
    agent = agent_of({"gpt-4o-mini": [ANSWER], "gpt-4o": [ANSWER]})
    async with console(agent) as (app, pilot):
        field = app.main.query_one(Ask)
        held: list[int] = []
        for number in range(QUESTIONS):
            field.put(f"question {number}")
            await pilot.press("enter")
            await until(pilot, lambda: not app.main.answering and turns(app)[-1].ended)
            agent.client.calls.clear()  # type: ignore[attr-defined]  # the script remembers every conversation it was sent
            if number in (99, QUESTIONS - 1):
                held.append(resident())
        conversation = app.main.query_one(Conversation)
        assert f"question {QUESTIONS - 1}" in text_of(app, "conversation")
        assert "earlier turns" in text_of(app, "conversation")
        assert conversation.virtual_size.height <= KEPT_ROWS + 200
        assert (held[1] - held[0]) / (QUESTIONS - 100) < PER_TURN
