"""Fault 5, seen from the tracker: the store fails at one operation, before or after it was carried out."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from fault_agents import NOON
from fault_child import CENT

from cascadeflow.errors import BudgetExceededError, LedgerError
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.ledger import Ledger
from cascadeflow.testing import FakeClock


class FaultyLedger:
    """A ledger that fails at one operation, before or after it was carried out."""

    def __init__(self, inner: Ledger) -> None:
        self.inner = inner
        self.broken = ""
        self.after = False
        self.error: Exception = LedgerError("the store did not answer")

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)

        async def maybe(*arguments: Any) -> Any:
            operation = name
            if name == "settle" and arguments[1:] == (0, None):
                operation = "release"
            if operation == self.broken and not self.after:
                raise self.error
            answer = await method(*arguments)
            if operation == self.broken:
                raise self.error
            return answer

        return maybe


@pytest.mark.parametrize("error", [LedgerError("the store did not answer"), ConnectionResetError("by peer")], ids=type)
async def test_fault_5_reading_fails(ledger: Ledger, error: Exception) -> None:
    """Nobody is told that money is left while nobody knows; on request nothing limits then."""
    faulty = FaultyLedger(ledger)
    faulty.broken, faulty.error = "balances", error
    tracker = CostTracker(budget_limit=1.00, store=faulty, clock=FakeClock(NOON))
    with pytest.raises(LedgerError):
        await tracker.remaining("me")
    tracker.on_store_error = "allow"
    assert await tracker.remaining("me") is None


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_fault_5_reserving_fails_and_calls_are_refused(ledger: Ledger, after: bool) -> None:
    """Closed by default; a hold whose answer got lost expires like any other."""
    faulty = FaultyLedger(ledger)
    faulty.broken, faulty.after = "reserve", after
    clock = FakeClock(NOON)
    tracker = CostTracker(budget_limit=1.00, store=faulty, clock=clock)
    with pytest.raises(LedgerError, match="did not answer"):
        await tracker.reserve("run", "me", None, 5 * CENT)
    assert (await tracker.reserve("run", "me", None, 0)).amount == 0, "what is free needs no store"
    faulty.broken = ""
    assert await tracker.remaining("me") == (95 * CENT if after else 100 * CENT)
    clock.advance(600)
    assert await tracker.remaining("me") == 100 * CENT


async def test_fault_5_a_hold_whose_answer_got_lost_is_returned(ledger: Ledger) -> None:
    """The next reservation does not wait until it expires."""
    faulty = FaultyLedger(ledger)
    faulty.broken, faulty.after = "reserve", True
    tracker = CostTracker(budget_limit=1.00, store=faulty, clock=FakeClock(NOON))
    with pytest.raises(LedgerError):
        await tracker.reserve("run", "me", None, 5 * CENT)
    faulty.broken = ""
    assert (await tracker.reserve("run", "me", None, 100 * CENT)).held


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_fault_5_reserving_fails_and_calls_go_on_on_request(
    ledger: Ledger, after: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The call is unguarded and says so; its cost is booked once, never the hold and the cost."""
    faulty = FaultyLedger(ledger)
    faulty.broken, faulty.after = "reserve", after
    tracker = CostTracker(budget_limit=1.00, store=faulty, clock=FakeClock(NOON), on_store_error="allow")
    with caplog.at_level(logging.WARNING):
        reservation = await tracker.reserve("run", "me", None, 5 * CENT)
    assert "did not answer" in reservation.unguarded
    assert "without a reservation" in caplog.text
    faulty.broken = ""
    await tracker.settle(reservation, 3 * CENT, model="paid")
    (status,) = await tracker.status("me")
    assert (status.spent, status.held) == (3 * CENT, 0)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_fault_5_a_call_that_goes_on_is_booked_whatever_others_do(ledger: Ledger, after: bool) -> None:
    """The store is back, and has booked others, before the unguarded call ends."""
    faulty = FaultyLedger(ledger)
    faulty.broken, faulty.after = "reserve", after
    tracker = CostTracker(budget_limit=1.00, store=faulty, clock=FakeClock(NOON), on_store_error="allow")
    unguarded = await tracker.reserve("run", "me", None, 5 * CENT)
    faulty.broken = ""
    await tracker.settle(await tracker.reserve("other", "me", None, 5 * CENT), 1 * CENT, model="paid")
    await tracker.settle(unguarded, 3 * CENT, model="paid")
    (status,) = await tracker.status("me")
    assert (status.spent, status.held) == (4 * CENT, 0)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_fault_5_settling_fails_and_is_made_up_for_once(ledger: Ledger, after: bool) -> None:
    """The booking is kept, made before the next reservation, and counts once, done or not."""
    faulty = FaultyLedger(ledger)
    warned: list[str] = []
    tracker = CostTracker(
        budget_limit=0.10, store=faulty, clock=FakeClock(NOON), on_warning=lambda status: warned.append(status.label)
    )
    reservation = await tracker.reserve("run", "me", None, 9 * CENT)
    faulty.broken, faulty.after = "settle", after
    with pytest.raises(LedgerError):
        await tracker.settle(reservation, 8 * CENT, model="paid")
    assert tracker.unsettled == 1
    with pytest.raises(LedgerError):
        await tracker.reserve("run", "me", None, 1 * CENT)
    faulty.broken = ""
    with pytest.raises(BudgetExceededError):
        await tracker.reserve("run", "me", None, 3 * CENT)
    assert tracker.unsettled == 0
    assert [row.amount for row in await ledger.rows()] == [8 * CENT]
    (status,) = await tracker.status("me")
    assert (status.spent, status.held) == (8 * CENT, 0)
    assert warned == ([] if after else ["user me, daily"])


async def test_fault_5_a_settlement_cancelled_in_the_store_is_made_up_for(ledger: Ledger) -> None:
    """A cancelled task leaves its booking behind, not its hold."""
    faulty = FaultyLedger(ledger)
    tracker = CostTracker(budget_limit=0.10, store=faulty, clock=FakeClock(NOON))
    reservation = await tracker.reserve("run", "me", None, 9 * CENT)
    faulty.broken, faulty.error = "settle", asyncio.CancelledError()  # type: ignore[assignment]
    with pytest.raises(asyncio.CancelledError):
        await tracker.settle(reservation, 2 * CENT, model="paid")
    faulty.broken = ""
    await tracker.flush()
    assert await tracker.remaining("me") == 8 * CENT


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_fault_5_releasing_fails_and_is_made_up_for(ledger: Ledger, after: bool) -> None:
    """A hold whose release failed does not starve the next call."""
    faulty = FaultyLedger(ledger)
    tracker = CostTracker(budget_limit=0.10, store=faulty, clock=FakeClock(NOON))
    reservation = await tracker.reserve("run", "me", None, 9 * CENT)
    faulty.broken, faulty.after = "release", after
    with pytest.raises(LedgerError):
        await tracker.release(reservation)
    faulty.broken = ""
    again = await tracker.reserve("run", "me", None, 10 * CENT)
    await tracker.release(again)
    assert await ledger.open_holds() == []
    assert await ledger.rows() == []


async def test_fault_5_what_cannot_be_booked_at_the_end_is_said(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """Closing with bookings left over names their number and sum."""
    faulty = FaultyLedger(ledger)
    tracker = CostTracker(budget_limit=0.10, store=faulty, clock=FakeClock(NOON))
    reservation = await tracker.reserve("run", "me", None, 9 * CENT)
    faulty.broken = "settle"
    with pytest.raises(LedgerError):
        await tracker.settle(reservation, 8 * CENT, model="paid")
    with caplog.at_level(logging.WARNING):
        await tracker.aclose()
    assert "$0.08 of 1 calls could not be booked" in caplog.text
