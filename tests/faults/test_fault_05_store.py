"""Fault 5: the store of the budgets fails in the middle of a run, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_agents import FREE, PAID, PER_TOKEN, QUESTION, Door, agent_of, asked, cost_of, spent, tracker_on
from fault_stores import (
    DamagedFile,
    EmptiedServer,
    FailingMemory,
    FileStore,
    FullDisk,
    KilledServer,
    LockedFile,
    LostAnswers,
    MuteServer,
    ReadOnlyFile,
    Store,
    before,
)
from ledger_cases import assert_no_drift
from redis_server import RedisServer

from cascadeflow import CascadeAgent
from cascadeflow.errors import LedgerError
from cascadeflow.events import Degraded, Event, RunCancelled
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.ledger import Ledger

STORES = (
    FailingMemory, LockedFile, ReadOnlyFile, FullDisk, DamagedFile, KilledServer, EmptiedServer, MuteServer, LostAnswers,
)  # fmt: skip


def failing_at(*operations: str) -> Any:
    """Each store, with each of these operations at which it can fail."""
    pairs = [(kind, operation) for kind in STORES for operation in operations if operation in kind.breaks]
    names = [f"{kind.__name__}-{operation}" for kind, operation in pairs]
    return pytest.mark.parametrize(("kind", "operation"), pairs, ids=names)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server that tests may kill; what it has acknowledged it still knows afterwards."""
    server = RedisServer(tmp_path_factory.mktemp("redis"), "--appendonly", "yes", "--appendfsync", "always")
    yield server
    server.stop()


@pytest.fixture
async def store(kind: Any, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store that works until the test breaks it; in the end nothing is held, and the sums come out."""
    if kind is FailingMemory:
        made: Store = kind()
    else:
        made = kind(tmp_path if issubclass(kind, FileStore) else request.getfixturevalue("own_server"))
    await made.open()
    await made.ledger.balances(["opened"])
    yield made
    await made.mend()
    try:
        assert await made.ledger.open_holds() == []
        await assert_no_drift(made.ledger)
    finally:
        await made.close()


def one_model(tracker: CostTracker, **options: Any) -> CascadeAgent:
    """An agent whose answer costs six tokens."""
    return agent_of({"paid": ["391"]}, tracker, **options)


COST = 6 * PER_TOKEN


@failing_at("read", "reserve")
async def test_fault_5_no_call_without_a_store(store: Store, operation: str, door: Door) -> None:
    """Closed by default: refused before any call; once the store is back all of the budget is there."""
    tracker = tracker_on(store.ledger, 1)
    agent = one_model(tracker)
    before(store.ledger, operation, store.fail)
    with pytest.raises(LedgerError):
        await door(agent)
    assert asked(agent) == []
    await store.mend()
    result, _ = await door(agent)
    assert result.total_cost_nanousd == await spent(tracker) == COST
    assert await store.ledger.open_holds() == []


@failing_at("read", "reserve")
async def test_fault_5_on_request_calls_go_on_without_a_store(store: Store, operation: str, door: Door) -> None:
    """Open on request, and said; the cost is kept and booked once, never the hold and the cost."""
    tracker = tracker_on(store.ledger, 1, on_store_error="allow")
    before(store.ledger, operation, store.fail)
    result, events = await door(one_model(tracker))
    assert result.text == "391"
    told = " ".join(event.reason for event in events if isinstance(event, Degraded))
    assert "the budget is not guarded for this call" in told
    assert "could not be booked" in told
    await store.mend()
    await tracker.flush()
    assert await spent(tracker) == COST
    assert [row.amount for row in await store.ledger.rows()] == [COST]


@failing_at("read")
async def test_fault_5_on_request_a_plan_is_made_without_a_store(store: Store, operation: str, door: Door) -> None:
    """Where the store is back when the call is made, that call is guarded, and nothing is said."""
    tracker = tracker_on(store.ledger, 1, on_store_error="allow")
    before(store.ledger, operation, store.fail)
    before(store.ledger, "reserve", store.mend)
    result, events = await door(one_model(tracker))
    assert not any(isinstance(event, Degraded) for event in events)
    assert result.total_cost_nanousd == await spent(tracker) == COST


async def test_fault_5_a_store_that_fails_is_no_empty_budget(idle: Ledger, door: Door) -> None:
    """A run that was planned while the store failed says so, also where the store is back a moment later."""
    agent = one_model(tracker_on(idle, 1))
    balances = idle.balances

    async def failing_once(*_: Any) -> Any:
        idle.balances = balances  # type: ignore[method-assign]
        raise LedgerError("the store did not answer")

    idle.balances = failing_once  # type: ignore[method-assign]
    with pytest.raises(LedgerError, match="did not answer"):
        await door(agent)
    assert asked(agent) == []


@failing_at("settle")
async def test_fault_5_an_answer_that_could_not_be_booked(store: Store, operation: str, door: Door) -> None:
    """It is kept, and an event says so; nothing more is asked until its cost is booked, and that happens once."""
    tracker = tracker_on(store.ledger, 1)
    agent = one_model(tracker)
    before(store.ledger, operation, store.fail)
    result, events = await door(agent)
    assert result.text == "391"
    assert any(isinstance(event, Degraded) and "could not be booked" in event.reason for event in events)
    assert tracker.unsettled == 1
    with pytest.raises(LedgerError):
        await door(agent)
    assert asked(agent) == ["paid"]
    await store.mend()
    await door(agent)
    assert tracker.unsettled == 0
    assert await spent(tracker) == 2 * COST
    assert [row.amount for row in await store.ledger.rows()] == [COST] * 2


@failing_at("release")
async def test_fault_5_a_hold_that_could_not_be_returned(store: Store, operation: str, through: str) -> None:
    """A run that is stopped between its hold and its call is stopped, and the hold is returned later."""
    events: list[Event] = []
    tracker = tracker_on(store.ledger, 1)
    agent = one_model(tracker, observers=[events.append])
    stream = agent.stream(QUESTION)
    asking = asyncio.create_task(agent.run(QUESTION) if through == "run" else stream.until_done())

    async def stop() -> None:
        asking.cancel() if through == "run" else stream.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    before(store.ledger, "reserve", stop, after=True)
    before(store.ledger, operation, store.fail)
    await asyncio.wait([asking])
    assert isinstance(events[-1], RunCancelled)
    assert asked(agent) == []
    assert tracker.unsettled == 1
    await store.mend()
    await tracker.flush()
    assert await store.ledger.open_holds() == []
    assert await store.ledger.rows() == []


@pytest.mark.parametrize("kind", [LostAnswers])
@pytest.mark.parametrize("operation", ["read", "reserve", "settle"])
async def test_fault_5_one_answer_of_the_store_is_lost(store: LostAnswers, operation: str, door: Door) -> None:
    """It is asked again, and what it had done already counts once."""
    tracker = tracker_on(store.ledger, 1)

    async def lose_one() -> None:
        store.losing = 1

    before(store.ledger, operation, lose_one)
    result, events = await door(one_model(tracker))
    assert store.losing == 0
    assert not any(isinstance(event, Degraded) for event in events)
    assert result.total_cost_nanousd == await spent(tracker) == cost_of(events) == COST
    assert [row.amount for row in await store.ledger.rows()] == [COST]


@failing_at("read", "reserve")
async def test_fault_5_free_answers_need_no_store(store: Store, operation: str, door: Door) -> None:
    """Embedded models answer while it is down, in their own right and in the place of paid ones."""
    tracker = tracker_on(store.ledger, 1)
    before(store.ledger, operation, store.fail)
    for models in ([FREE], [PAID]):
        agent = agent_of({"paid": ["391"], "free": ["391"]}, tracker, stand_by=[FREE])
        agent.models = models
        result, _ = await door(agent)
        assert result.model_used == "free"
        assert asked(agent) == ["free"]
    await store.mend()
    await tracker.flush()
