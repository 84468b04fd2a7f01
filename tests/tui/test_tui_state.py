"""What the console knows: events folded into turns, and sums over them. No display is needed for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from console_support import QUESTION, agent_of

from cascadeflow import CascadeAgent
from cascadeflow.errors import RateLimitError, ServerError
from cascadeflow.telemetry.budgets import BudgetStatus
from cascadeflow.testing import Answer
from tui import words
from tui.gauge import gauge
from tui.state import Session, Turn


async def turn_of(agent: CascadeAgent, question: str = QUESTION, session: Session | None = None) -> Turn:
    session = session or Session()
    turn = Turn(question)
    session.turns.append(turn)
    async for event in agent.stream(session.messages(question)):
        turn.fold(event)
    return turn


def lines_of(lines: list[words.Line]) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


async def test_a_rejected_draft_is_withdrawn_and_the_next_answer_stands() -> None:
    turn = await turn_of(agent_of({"gpt-4o-mini": ["17 * 23 = 381"], "gpt-4o": ["17 * 23 = 391"]}))
    assert turn.status == "finished"
    assert turn.answer == "17 * 23 = 391"
    assert [call.text for call in turn.drafts] == ["17 * 23 = 381"]
    assert [call.status for call in turn.calls] == ["rejected", "accepted"]
    told = lines_of(words.timeline(turn, 60))
    assert "1 gpt-4o-mini" in told
    assert "rejected" in told
    assert "arithmetic" in told
    assert "accepted" in told


async def test_the_best_of_the_rejected_stands_and_says_so() -> None:
    turn = await turn_of(agent_of({"gpt-4o-mini": ["17 * 23 = 381"], "gpt-4o": ["17 * 23 = 411"]}))
    assert turn.result is not None
    assert not turn.result.validated
    assert turn.standing is not None
    assert turn.standing.status == "best"
    assert turn.answer == turn.result.text
    assert "not validated" in lines_of(words.footer(turn, 80))


async def test_retry_and_failure_are_told() -> None:
    turn = await turn_of(
        agent_of({"gpt-4o-mini": [RateLimitError("slow down", status=429, retry_after=0.01), "391"], "gpt-4o": ["391"]})
    )
    told = lines_of(words.timeline(turn, 80))
    assert "retry: gpt-4o-mini again in 0.0 s (attempt 2)" in told
    assert "slow down" in told
    assert turn.calls[0].status == "failed"
    assert turn.answer == "391"


async def test_a_broken_stream_takes_its_text_back() -> None:
    agent = agent_of({"gpt-4o-mini": [Answer("The answer is 391.", fail_after=2)], "gpt-4o": ["391"]}, max_retries=0)
    turn = await turn_of(agent)
    assert [call.text for call in turn.drafts] == ["The answer"]
    assert turn.answer == "391"


async def test_a_run_that_fails_lists_why() -> None:
    agent = agent_of(
        {"gpt-4o-mini": [ServerError("down", model="gpt-4o-mini")], "gpt-4o": [ServerError("off", model="gpt-4o")]},
        max_retries=0,
    )
    turn = await turn_of(agent)
    assert turn.status == "failed"
    assert "gpt-4o-mini: down" in turn.error
    assert "gpt-4o: off" in turn.error
    assert "failed" in lines_of(words.timeline(turn, 60))


async def test_only_answers_that_stand_are_sent_on() -> None:
    """Withdrawn drafts and failed turns never reach a model again."""
    session = Session()
    good = agent_of({"gpt-4o-mini": ["17 * 23 = 381"], "gpt-4o": ["17 * 23 = 391"]})
    bad = agent_of({"gpt-4o-mini": [ServerError("down", status=500)]}, max_retries=0)
    await turn_of(good, session=session)
    await turn_of(bad, "lost", session=session)
    assert session.messages("and now?") == [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "17 * 23 = 391"},
        {"role": "user", "content": "and now?"},
    ]


async def test_sums_compare_with_the_strongest_and_the_cheapest() -> None:
    session = Session()
    escalated = {
        "gpt-4o-mini": [Answer("17 * 23 = 381", prompt_tokens=100, completion_tokens=100)],
        "gpt-4o": [Answer("17 * 23 = 391", prompt_tokens=100, completion_tokens=100)],
    }
    await turn_of(agent_of(escalated), session=session)
    cheap, strong = 75_000, 1_250_000  # nano-USD: 100 tokens in and out at the catalogue's prices
    assert session.spent == cheap + strong
    assert session.always_cheapest == cheap
    assert session.always_strongest == pytest.approx(strong, abs=1)
    assert session.strongest == "gpt-4o"
    assert words.saving(session).endswith("dearer (est.)")
    await turn_of(
        agent_of({"gpt-4o-mini": [Answer("391", prompt_tokens=1_000, completion_tokens=1_000)], "gpt-4o": ["x"]}),
        session=session,
    )
    assert words.saving(session).startswith("saved ")
    told = lines_of(words.sums(session, 34))
    assert "this session" in told
    assert "always gpt-4o" in told
    assert "█" in told


def status(**fields: Any) -> BudgetStatus:
    defaults: dict[str, Any] = {
        "label": "user me, daily", "scope": "user", "period": "daily", "spent": 310_000_000, "held": 2_000_000,
        "limit": 1_000_000_000, "resets_at": datetime(2026, 11, 25, tzinfo=UTC),
    }  # fmt: skip
    return BudgetStatus(**defaults | fields)


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_the_gauge_says_what_it_shows() -> None:
    told = lines_of(gauge([status()], 0.8, 30, NOW))
    assert "$0.31 of $1.00" in told
    assert "31 % spent, ok" in told
    assert "held $0.002" in told
    assert "80%" in told
    assert "resets 00:00" in told


@pytest.mark.parametrize(
    ("spent", "word"),
    [(100, "ok"), (799, "nearly used up"), (850, "nearly used up"), (1_000, "used up"), (1_200, "used up")],
)
def test_the_gauge_warns_in_words(spent: int, word: str) -> None:
    """What is held counts for the warning, since it may be spent in a moment."""
    told = lines_of(gauge([status(spent=spent * 1_000_000)], 0.8, 30, NOW))
    assert f", {word}" in told


def test_every_budget_that_applies_has_a_bar_the_tightest_first() -> None:
    statuses = [status(), status(label="everyone, daily", spent=900_000_000, held=0)]
    told = lines_of(gauge(statuses, 0.8, 30, NOW)).split("\n")
    assert told[0] == "$0.90 of $1.00"
    assert "user me, daily: 31 %" in told
    assert sum("│" in line or "█" in line for line in told) == 2


def test_the_gauge_tells_until_when_a_budget_lasts() -> None:
    assert "lasts" not in lines_of(gauge([status()], 0.8, 30, NOW))
    soon = datetime(2026, 11, 24, 21, 40, tzinfo=UTC)
    assert "lasts until 21:40 (est.)" in lines_of(gauge([status()], 0.8, 30, NOW, soon))
    assert "lasts until 03 Dec 08:00" in lines_of(gauge([status()], 0.8, 40, NOW, datetime(2026, 12, 3, 8, tzinfo=UTC)))


def test_no_budget_says_so() -> None:
    assert lines_of(gauge([], 0.8, 30, NOW)) == "no budget"


async def test_the_plan_tells_costs_and_who_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = agent_of({"gpt-4o-mini": ["x"], "gpt-4o": ["x"]}).plan(QUESTION)
    assert words.projected(plan).startswith("≈ $0.00")
    assert words.projected(plan).endswith("if it escalates")
    told = lines_of(words.plan_lines(plan, 40, before=plan))
    assert "plan 2 steps" in told
    assert "before: 2 steps" in told
    assert "now: 2 steps" in told


def test_nothing_in_a_line_breaks_it() -> None:
    """Names and reasons are foreign text: markup stays, controls are shown, newlines go."""
    turn = Turn("q")
    turn.domain, turn.complexity = "[bold]x", "simple"
    turn.status, turn.error = "failed", "line\n\x1b[31mred"
    told = lines_of(words.timeline(turn, 200))
    assert "[bold]x" in told
    assert "line ␛[31mred" in told
