"""Fault 7: errors that no repetition cures."""

from __future__ import annotations

from typing import Any

import pytest
from fault_agents import PER_TOKEN, Door, agent_of, asked, spent, tracker_on

from cascadeflow.errors import (
    AuthenticationError,
    BadRequestError,
    BudgetExceededError,
    ContentFilterError,
    ContextLengthError,
    ModelCallError,
    ModelNotFoundError,
)
from cascadeflow.events import Event, FallbackStarted, Retrying, StepFinished
from cascadeflow.money import parse_usd
from cascadeflow.telemetry.ledger import Claim, Ledger
from cascadeflow.testing import Answer

ERRORS = [
    BadRequestError("bad", status=400),
    AuthenticationError("key", status=401),
    AuthenticationError("key", status=403),
    ModelNotFoundError("gone", status=404),
    BadRequestError("not to be processed", status=422),
    ContextLengthError("long", status=400),
    ContentFilterError("filter", status=400),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__ + str(error.status))
async def test_fault_7_client_errors_are_never_repeated(idle: Ledger, door: Door, error: ModelCallError) -> None:
    """One call, which costs nothing, then the next model; and the same at the tenth run, for no breaker opens."""
    tracker = tracker_on(idle)
    agent = agent_of({"paid": [error], "dear": [Answer("391", prompt_tokens=10)]}, tracker)
    for runs in range(1, 11):
        result, events = await door(agent)
        assert result.model_used == "dear"
        assert asked(agent) == ["paid", "dear"] * runs
        assert not any(isinstance(event, Retrying) for event in events)
        assert [event.cost for event in events if isinstance(event, StepFinished)] == [0, 110 * PER_TOKEN]
        assert any(isinstance(event, FallbackStarted) and event.fallback_model == "dear" for event in events)
    assert await spent(tracker) == 10 * 110 * PER_TOKEN


async def test_fault_7_our_own_refusal_is_never_repeated(idle: Ledger, door: Door) -> None:
    """A budget that was emptied since the plan was made refuses each model once; none is called or waited for."""
    tracker = tracker_on(idle, 10)
    events: list[Event] = []
    agent = agent_of({"paid": ["391"], "dear": ["391"]}, tracker, max_retries=5, observers=[events.append])
    reserve, asking = idle.reserve, []

    async def later(hold_id: str, run_id: str, claims: list[Claim], amount: int, *rest: Any) -> Claim | None:
        await reserve("theirs", "other run", claims, parse_usd(10), *rest)
        asking.append(hold_id)
        return await reserve(hold_id, run_id, claims, amount, *rest)

    idle.reserve = later  # type: ignore[method-assign, assignment]
    with pytest.raises(BudgetExceededError):
        await door(agent)
    assert asked(agent) == []
    assert len(set(asking)) == 2
    assert not any(isinstance(event, Retrying) for event in events)
    await idle.settle("theirs", 0)
