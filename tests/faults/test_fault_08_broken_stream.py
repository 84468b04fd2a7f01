"""Fault 8: a stream breaks after some tokens, and another answer takes its place."""

from __future__ import annotations

from typing import Any

import pytest
from fault_agents import PER_TOKEN, Door, agent_of, asked, spent, tracker_on

from cascadeflow.errors import ConnectionLostError, call_error_from_dict, error_to_dict
from cascadeflow.events import Event, FallbackStarted, Retracted, Retrying, StepFinished, TokenDelta
from cascadeflow.routing import CascadeStep, DomainCascadeStrategy
from cascadeflow.telemetry.ledger import Ledger
from cascadeflow.testing import Answer

BROKEN = "17 times 23 is 391"
WHOLE = Answer("391", prompt_tokens=10, completion_tokens=5)
STEPS = [CascadeStep("paid", "openai", max_retries=0, fallback_model="dear"), CascadeStep("dear", "openai")]
STRATEGY = {"domain_strategies": {"math": DomainCascadeStrategy("math", STEPS)}, "enable_multi_step_cascade": True}


def texts_of(events: list[Event]) -> list[str]:
    """What a reader sees after each event that changes it."""
    shown = ""
    texts: list[str] = []
    for event in events:
        if isinstance(event, TokenDelta):
            shown += event.text
        elif isinstance(event, Retracted):
            assert event.characters == len(shown)
            shown = ""
        else:
            continue
        texts.append(shown)
    return texts


@pytest.mark.parametrize("after", [0, 1, 3, 5])
@pytest.mark.parametrize("instead", ["next model", "fallback", "repetition"])
async def test_fault_8_broken_stream_is_withdrawn_booked_and_replaced(
    idle: Ledger, door: Door, instead: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First it is withdrawn, then only the text that takes its place is shown; both calls are booked."""
    monkeypatch.setattr("cascadeflow.core.retry._FIRST_WAIT", 1e-4)
    tracker = tracker_on(idle)
    broken = Answer(BROKEN, prompt_tokens=10, fail_after=after)
    other = "paid" if instead == "repetition" else "dear"
    options: dict[str, Any] = STRATEGY if instead == "fallback" else {"max_retries": int(instead == "repetition")}
    script = {"paid": [broken, WHOLE], "dear": [WHOLE]}
    agent = agent_of(script, tracker, **options)
    result, events = await door(agent, domain="math")
    assert (result.text, result.model_used) == ("391", other)
    assert asked(agent) == ["paid", other]
    pieces = [" ".join(BROKEN.split(" ")[:number]) for number in range(1, after + 1)]
    assert texts_of(events) == [*pieces, *([""] if after else []), "391"]
    retracted = [event for event in events if isinstance(event, Retracted)]
    assert len(retracted) == (1 if after else 0)
    announced = Retrying if instead == "repetition" else FallbackStarted
    assert sum(isinstance(event, announced) for event in events) == 1

    first, second = [event for event in events if isinstance(event, StepFinished)]
    assert (first.usage.source, first.usage.completion_tokens) == ("at_least", after)
    assert first.cost == (10 + after) * PER_TOKEN
    assert second.cost == 15 * (1 if other == "paid" else 10) * PER_TOKEN
    assert await spent(tracker) == first.cost + second.cost == result.total_cost_nanousd
    assert sorted(row.amount for row in await idle.rows()) == sorted([first.cost, second.cost])


async def test_fault_8_held_drafts_never_show_a_broken_stream(idle: Ledger, door: Door) -> None:
    """Whoever cannot take text back sees only the text that stands; the broken call is booked all the same."""
    tracker = tracker_on(idle)
    broken = Answer(BROKEN, prompt_tokens=10, fail_after=3)
    agent = agent_of({"paid": [broken], "dear": [WHOLE]}, tracker, max_retries=0)
    result, events = await door(agent, hold_drafts=True)
    assert texts_of(events) == ["391"]
    assert result.total_cost_nanousd == await spent(tracker) == (13 + 150) * PER_TOKEN


async def test_fault_8_a_connection_that_was_never_made_costs_nothing(idle: Ledger, door: Door) -> None:
    """The provider never saw the prompt, so it is not booked; also after a trip through JSON."""
    error = ConnectionLostError("refused")
    error.reached = False
    again = call_error_from_dict(error_to_dict(error))
    tracker = tracker_on(idle)
    agent = agent_of({"paid": [again], "dear": [Answer("391", prompt_tokens=10)]}, tracker, max_retries=0)
    _, events = await door(agent)
    assert [event.cost for event in events if isinstance(event, StepFinished)] == [0, 11 * 10 * PER_TOKEN]
    assert await spent(tracker) == 11 * 10 * PER_TOKEN
