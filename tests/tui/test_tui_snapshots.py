"""How it looks: the console's states as SVG, at both sizes and in themes."""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import PurePath
from typing import Any

import pytest
from console_support import NARROW, QUESTION, WIDE, ask, one, settle, text_of, until
from steady import REJECTED, SteadyAgent, answer, steady_agent
from textual.pilot import Pilot

from tui.app import ConsoleApp, Settings
from tui.widgets.ask import Ask

Compare = Callable[..., bool]
Step = Callable[[Pilot[None]], Awaitable[None]]

MESSAGE = """## Two ways

1. *Multiply* the tens: `17 * 20 = 340`
2. Then the rest: **51**

```python
def product(a: int, b: int) -> int:
    return a * b  # 391
```

| part | value |
|---|---|
| 17 * 20 | 340 |
| 17 * 3 | 51 |

So the answer is 391."""


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reset of a budget is told in local time."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.fixture
def snapshot_of(snap_compare: Compare) -> Callable[..., bool]:
    """Compares the console before an agent, after some steps."""

    def compare(agent: SteadyAgent, size: tuple[int, int], *steps: Step, linger: float = 0.0) -> bool:
        app = ConsoleApp(
            Settings(user="me", domain="math"), agent_factory=one(agent), linger=linger, pull_command=FETCHED
        )

        async def run(pilot: Pilot[Any]) -> None:
            await until(pilot, lambda: app.main.engine is not None)
            await app.workers.wait_for_complete()
            app.main.query_one(Ask).cursor_blink = False
            for step in steps:
                await step(pilot)
            await pilot.pause(0.3)

        return snap_compare(app, terminal_size=size, run_before=run)

    return compare


def press(*keys: str) -> Step:
    async def step(pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        await settle(pilot)

    return step


async def asked(pilot: Pilot[None]) -> None:
    await ask(pilot, QUESTION)


FETCHED = [sys.executable, "-c", 'print(\'{"stage": "done"}\')']
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


@SIZES
def test_at_the_start(snapshot_of: Compare, size: tuple[int, int]) -> None:
    assert snapshot_of(steady_agent(["x"]), size)


@SIZES
def test_a_draft_was_rejected(snapshot_of: Compare, size: tuple[int, int]) -> None:
    assert snapshot_of(steady_agent([answer(REJECTED)], [answer(MESSAGE)], rehearsal=True), size, asked)


def test_a_draft_is_struck_out(snapshot_of: Compare) -> None:
    async def sent(pilot: Pilot[None]) -> None:
        await ask(pilot, QUESTION)
        assert isinstance(pilot.app, ConsoleApp)
        assert "draft withdrawn" in text_of(pilot.app, "conversation")

    assert snapshot_of(steady_agent([answer(REJECTED)], [answer("17 * 23 = 391")]), WIDE, sent, linger=1_000.0)


def test_a_draft_was_opened_again(snapshot_of: Compare) -> None:
    assert snapshot_of(steady_agent([answer(REJECTED)], [answer("391")]), NARROW, asked, press("f8"))


@SIZES
def test_the_plan_while_typing(snapshot_of: Compare, size: tuple[int, int]) -> None:
    assert snapshot_of(steady_agent(["x"]), size, press(*"what is 2 + 2", "ctrl+j", *"exactly"))


@pytest.mark.parametrize("key", ["f5", "f6"])
def test_a_pane_over_the_conversation(snapshot_of: Compare, key: str) -> None:
    assert snapshot_of(steady_agent([answer(REJECTED)], [answer("391")]), NARROW, asked, press(key))


def test_the_budget_is_used_up(snapshot_of: Compare) -> None:
    dear = answer("a long answer", tokens=2_000)
    assert snapshot_of(steady_agent([dear], budget=0.0013), WIDE, asked, asked)


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark", "ansi-light"])
def test_a_theme_chosen_after_the_answer(snapshot_of: Compare, theme: str) -> None:
    """What was drawn in the old colours is drawn again."""

    async def chosen(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        await settle(pilot)

    assert snapshot_of(steady_agent([answer(REJECTED)], [answer(MESSAGE)]), WIDE, asked, chosen)


@pytest.mark.parametrize("key", ["f1", "ctrl+o"])
def test_help_and_export(snapshot_of: Compare, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PurePath("/"))
    assert snapshot_of(steady_agent(["x"]), NARROW, press(key))
