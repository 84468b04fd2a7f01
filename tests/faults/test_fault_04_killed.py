"""Fault 4: whoever holds money is killed before the call is settled."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fault_agents import NOON, Door, asked, tracker_on
from fault_child import CENT, COSTLY, Child, one_booked_one_under_way, open_shared
from ledger_cases import KINDS, assert_no_drift

from cascadeflow import CascadeAgent
from cascadeflow.errors import BudgetExceededError
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.ledger import Ledger, LedgerRow, MemoryLedger
from cascadeflow.testing import Answer, FakeClock, ScriptedClient


@pytest.fixture(params=KINDS)
async def killed(request: pytest.FixtureRequest, through: str, tmp_path: Path) -> AsyncIterator[Ledger]:
    """A ledger whose user booked 0.20 USD, and was killed in the middle of a call for which 0.70 USD is held.

    A process takes a ledger in memory with it; there the run is only lost.
    """
    ledger: Ledger = MemoryLedger()
    if request.param != "memory":
        place = request.getfixturevalue("redis_url") if request.param == "redis" else str(tmp_path / "ledger.db")
        child = Child()
        child.tell("hang", through, place)
        assert [child.said(), child.said()] == ["ready", "under way"]
        assert child.kill() == -signal.SIGKILL
        ledger = open_shared(place)
        yield ledger
    else:
        lost, client = await one_booked_one_under_way(through, tracker_on(ledger, 1.00))
        yield ledger
        client.go_on.set()
        await lost
    await assert_no_drift(ledger)
    await ledger.aclose()


def agent_at(tracker: CostTracker) -> CascadeAgent:
    """An agent whose calls cost 0.20 USD."""
    client = ScriptedClient({"costly": [Answer("391", prompt_tokens=100, completion_tokens=100)]})
    return CascadeAgent([COSTLY], client=client, cost_tracker=tracker, max_tokens=200)


async def test_fault_4_the_hold_of_a_killed_run_expires_and_is_listed(killed: Ledger, door: Door) -> None:
    """What was booked stays, the hold binds until its hour, then its money is back; nothing counts twice."""
    clock = FakeClock(NOON + 599)
    tracker = tracker_on(killed, 1.00, clock=clock)
    agent = agent_at(tracker)
    (held,) = await killed.open_holds()
    (status,) = await tracker.status()
    assert (status.spent, status.held) == (20 * CENT, 70 * CENT)
    with pytest.raises(BudgetExceededError):
        await door(agent)
    assert asked(agent) == []
    assert await killed.abandoned_holds() == []

    clock.advance(1)
    result, _ = await door(agent)
    assert result.total_cost_nanousd == 20 * CENT
    assert await killed.abandoned_holds() == [held]
    assert (held.amount, held.expires_at) == (70 * CENT, NOON + 600)
    (status,) = await tracker.status()
    assert (status.spent, status.held) == (40 * CENT, 0)
    assert [row.amount for row in await killed.rows()] == [20 * CENT] * 2

    row = LedgerRow(hold_id=held.hold_id, run_id=held.run_id, keys=held.keys, model="costly")
    for _ in range(2):  # somebody turns up after all
        await killed.settle(held.hold_id, 65 * CENT, row)
    (status,) = await tracker.status()
    assert (status.spent, status.held) == (105 * CENT, 0)
    assert await killed.abandoned_holds() == []


async def test_fault_4_a_call_outlives_its_hold(idle: Ledger, through: str) -> None:
    """Others may use the money meanwhile; what the call cost is booked in the end, in full and once."""
    clock = FakeClock(NOON)
    tracker = tracker_on(idle, 1.00, clock=clock)
    slow, client = await one_booked_one_under_way(through, tracker)
    clock.advance(600)
    other = await tracker.reserve("other", None, None, 80 * CENT)
    await tracker.settle(other, 80 * CENT, model="costly")
    assert [hold.amount for hold in await idle.abandoned_holds()] == [70 * CENT]
    client.go_on.set()
    assert (await slow).total_cost_nanousd == 105 * CENT // 10
    (status,) = await tracker.status()
    assert (status.spent, status.held) == (100 * CENT + 105 * CENT // 10, 0)
    assert await idle.abandoned_holds() == []
