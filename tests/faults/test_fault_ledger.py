"""Faults of the money itself, on each ledger: races, kills, a store that fails, clocks that jump."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cascadeflow.errors import BudgetExceededError, LedgerError
from cascadeflow.money import parse_usd
from cascadeflow.telemetry import BudgetConfig, CostTracker, Reservation
from cascadeflow.telemetry.ledger import Ledger, LedgerRow, MemoryLedger, RedisLedger, SQLiteLedger
from cascadeflow.testing import FakeClock

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
CENT = parse_usd("0.01")


def open_shared(place: str) -> Ledger:
    """A ledger that processes share, by its address or path."""
    return RedisLedger(place) if place.startswith("redis:") else SQLiteLedger(place)


@pytest.fixture(params=["sqlite", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger is that processes share."""
    return request.getfixturevalue("redis_url") if request.param == "redis" else str(tmp_path / "ledger.db")


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def store(request: pytest.FixtureRequest, ledger_of: Callable[[str], Ledger]) -> AsyncIterator[Ledger]:
    """Each ledger in turn; whatever happened, its rows sum to its counters in the end."""
    ledger = ledger_of(request.param)
    yield ledger
    spent: dict[str, int] = defaultdict(int)
    for row in await ledger.rows():
        for key in row.keys:
            spent[key] += row.amount
    balances = await ledger.balances(list(spent))
    assert {key: balance.spent for key, balance in balances.items()} == dict(spent)
    await ledger.aclose()


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


RACER = """
import asyncio, sys
from cascadeflow.errors import BudgetExceededError
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.ledger import RedisLedger, SQLiteLedger

kind = RedisLedger if sys.argv[1].startswith("redis:") else SQLiteLedger
tracker = CostTracker(budget_limit=1.00, store=kind(sys.argv[1]), enforcement="block")
print("ready", flush=True)
sys.stdin.read()

async def one():
    try:
        reservation = await tracker.reserve("run", "me", None, 50_000_000)
    except BudgetExceededError:
        return 0
    await asyncio.sleep(0.001)
    await tracker.settle(reservation, 50_000_000, model="paid")
    return 1

async def main():
    print(sum(await asyncio.gather(*(one() for _ in range(250)))))
    await tracker.aclose()

asyncio.run(main())
"""


async def test_fault_1_four_processes_race_one_budget(place: str) -> None:
    """1,000 tasks, 1.00 USD, holds of 0.05: exactly 20 are admitted and nothing is left."""
    processes = [
        subprocess.Popen([sys.executable, "-c", RACER, place], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout.readline() == b"ready\n"
    for process in processes:
        process.stdin.close()
    admitted = []
    for process in processes:
        admitted.append(int(process.stdout.read()))
        process.stdout.close()
        assert process.wait(30) == 0
    assert sum(admitted) == 20
    ledger = open_shared(place)
    tracker = CostTracker(budget_limit=1.00, store=ledger)
    (status,) = await tracker.status("me")
    assert (status.spent, status.held, status.left) == (parse_usd(1), 0, 0)
    assert sum(row.amount for row in await ledger.rows()) == parse_usd(1)
    await tracker.aclose()


async def test_fault_1_a_thousand_tasks_race_in_one_process(store: Ledger) -> None:
    """The same in one process, on each ledger."""
    tracker = CostTracker(budget_limit=1.00, store=store, clock=FakeClock(NOON))

    async def one() -> bool:
        try:
            reservation = await tracker.reserve("run", "me", None, 5 * CENT)
        except BudgetExceededError:
            return False
        await asyncio.sleep(0)
        await tracker.settle(reservation, 5 * CENT, model="paid")
        return True

    assert sum(await asyncio.gather(*(one() for _ in range(1000)))) == 20
    assert await tracker.remaining("me") == 0


@pytest.mark.parametrize("empty", ["user", "tier", "global"])
async def test_fault_2_all_budgets_or_none(store: Ledger, empty: str) -> None:
    """Whichever of the three is empty, none of the three changes."""
    amounts = {"user": 1.00, "tier": 1.00, "global": 1.00} | {empty: 0.04}
    tracker = CostTracker(
        user_budgets={"me": BudgetConfig(daily=amounts["user"])},
        tier_budgets={"pro": BudgetConfig(daily=amounts["tier"])},
        global_budget=BudgetConfig(daily=amounts["global"]),
        store=store,
        clock=FakeClock(NOON),
    )
    for _ in range(3):
        with pytest.raises(BudgetExceededError) as caught:
            await tracker.reserve("run", "me", "pro", 5 * CENT)
        assert caught.value.limit == 4 * CENT
    assert [(status.spent, status.held) for status in await tracker.status("me", "pro")] == [(0, 0)] * 3
    assert await store.open_holds() == []


async def test_fault_2_under_load_all_budgets_or_none(store: Ledger) -> None:
    """Racing over two users and one pool, the counters agree with each other."""
    tracker = CostTracker(budget_limit=0.30, global_budget=BudgetConfig(total=0.40), store=store, clock=FakeClock(NOON))

    async def one(user: str) -> None:
        try:
            await tracker.settle(await tracker.reserve("run", user, None, 5 * CENT), 5 * CENT, model="paid")
        except BudgetExceededError:
            await asyncio.sleep(0)

    await asyncio.gather(*(one(user) for user in ["me", "you"] * 20))
    mine, pool = await tracker.status("me")
    yours, _ = await tracker.status("you")
    assert pool.spent == mine.spent + yours.spent == 40 * CENT
    assert max(mine.spent, yours.spent) <= 30 * CENT


VICTIM = """
import asyncio, sys
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.ledger import RedisLedger, SQLiteLedger
from cascadeflow.testing import FakeClock

kind = RedisLedger if sys.argv[1].startswith("redis:") else SQLiteLedger
tracker = CostTracker(budget_limit=1.00, store=kind(sys.argv[1]), clock=FakeClock(float(sys.argv[2])))

async def main():
    first = await tracker.reserve("booked", "me", None, 300_000_000)
    await tracker.settle(first, 200_000_000, model="paid")
    second = await tracker.reserve("killed", "me", None, 700_000_000)
    print(second.hold_id, flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def killed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Ledger, str]]:
    """A ledger after a process died between reserve and settle, and the hold it left.

    A process takes a ledger in memory with it; there the caller is lost, and the hold stays.
    """
    ledger: Ledger
    if request.param != "memory":
        shared = request.getfixturevalue("redis_url") if request.param == "redis" else str(tmp_path / "ledger.db")
        process = subprocess.Popen(
            [sys.executable, "-c", VICTIM, shared, str(NOON)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        hold_id = process.stdout.readline().strip()
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
        process.stdin.close()
        process.stdout.close()
        ledger = open_shared(shared)
    else:
        ledger = MemoryLedger()
        tracker = CostTracker(budget_limit=1.00, store=ledger, clock=FakeClock(NOON))
        booked = await tracker.reserve("booked", "me", None, 30 * CENT)
        await tracker.settle(booked, 20 * CENT, model="paid")
        hold_id = (await tracker.reserve("killed", "me", None, 70 * CENT)).hold_id
    yield ledger, hold_id
    await ledger.aclose()


async def test_fault_4_a_killed_caller_s_hold_expires_and_is_listed(killed: tuple[Ledger, str]) -> None:
    """What was booked stays, the hold binds until its hour, and then its money is back."""
    ledger, hold_id = killed
    clock = FakeClock(NOON + 599)
    tracker = CostTracker(budget_limit=1.00, store=ledger, clock=clock)
    (status,) = await tracker.status("me")
    assert (status.spent, status.held) == (20 * CENT, 70 * CENT)
    with pytest.raises(BudgetExceededError):
        await tracker.reserve("run", "me", None, 20 * CENT)
    clock.advance(1)
    reservation = await tracker.reserve("run", "me", None, 80 * CENT)
    (lost,) = await ledger.abandoned_holds()
    assert (lost.hold_id, lost.run_id, lost.amount) == (hold_id, "killed", 70 * CENT)
    assert lost.expires_at == NOON + 600
    await tracker.release(reservation)
    assert [row.run_id for row in await ledger.rows()] == ["booked"]


async def test_fault_4_a_late_settlement_is_booked_exactly_once(killed: tuple[Ledger, str]) -> None:
    """Whoever turns up after all books what the call cost, and only the first time."""
    ledger, hold_id = killed
    await ledger.expire(NOON + 600)
    row = LedgerRow(hold_id=hold_id, run_id="killed", model="paid")
    for _ in range(2):
        await ledger.settle(hold_id, 65 * CENT, row)
    (status,) = await CostTracker(budget_limit=1.00, store=ledger, clock=FakeClock(NOON + 600)).status("me")
    assert (status.spent, status.held) == (85 * CENT, 0)
    assert await ledger.abandoned_holds() == []


@pytest.mark.parametrize("error", [LedgerError("the store did not answer"), ConnectionResetError("by peer")], ids=type)
async def test_fault_5_reading_fails(store: Ledger, error: Exception) -> None:
    """Nobody is told that money is left while nobody knows; on request nothing limits then."""
    faulty = FaultyLedger(store)
    faulty.broken, faulty.error = "balances", error
    tracker = CostTracker(budget_limit=1.00, store=faulty, clock=FakeClock(NOON))
    with pytest.raises(LedgerError):
        await tracker.remaining("me")
    tracker.on_store_error = "allow"
    assert await tracker.remaining("me") is None


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_fault_5_reserving_fails_and_calls_are_refused(store: Ledger, after: bool) -> None:
    """Closed by default; a hold whose answer got lost expires like any other."""
    faulty = FaultyLedger(store)
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


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_fault_5_reserving_fails_and_calls_go_on_on_request(
    store: Ledger, after: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The call is unguarded and says so; its cost is booked once, never the hold and the cost."""
    faulty = FaultyLedger(store)
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
async def test_fault_5_settling_fails_and_is_made_up_for_once(store: Ledger, after: bool) -> None:
    """The booking is kept, made before the next reservation, and counts once, done or not."""
    faulty = FaultyLedger(store)
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
    assert [row.amount for row in await store.rows()] == [8 * CENT]
    (status,) = await tracker.status("me")
    assert (status.spent, status.held) == (8 * CENT, 0)
    assert warned == ([] if after else ["user me, daily"])


async def test_fault_5_a_settlement_cancelled_in_the_store_is_made_up_for(store: Ledger) -> None:
    """A cancelled task leaves its booking behind, not its hold."""
    faulty = FaultyLedger(store)
    tracker = CostTracker(budget_limit=0.10, store=faulty, clock=FakeClock(NOON))
    reservation = await tracker.reserve("run", "me", None, 9 * CENT)
    faulty.broken, faulty.error = "settle", asyncio.CancelledError()  # type: ignore[assignment]
    with pytest.raises(asyncio.CancelledError):
        await tracker.settle(reservation, 2 * CENT, model="paid")
    faulty.broken = ""
    await tracker.flush()
    assert await tracker.remaining("me") == 8 * CENT


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_fault_5_releasing_fails_and_is_made_up_for(store: Ledger, after: bool) -> None:
    """A hold whose release failed does not starve the next call."""
    faulty = FaultyLedger(store)
    tracker = CostTracker(budget_limit=0.10, store=faulty, clock=FakeClock(NOON))
    reservation = await tracker.reserve("run", "me", None, 9 * CENT)
    faulty.broken, faulty.after = "release", after
    with pytest.raises(LedgerError):
        await tracker.release(reservation)
    faulty.broken = ""
    again = await tracker.reserve("run", "me", None, 10 * CENT)
    await tracker.release(again)
    assert await store.open_holds() == []
    assert await store.rows() == []


async def test_fault_5_what_cannot_be_booked_at_the_end_is_said(
    store: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """Closing with bookings left over names their number and sum."""
    faulty = FaultyLedger(store)
    tracker = CostTracker(budget_limit=0.10, store=faulty, clock=FakeClock(NOON))
    reservation = await tracker.reserve("run", "me", None, 9 * CENT)
    faulty.broken = "settle"
    with pytest.raises(LedgerError):
        await tracker.settle(reservation, 8 * CENT, model="paid")
    with caplog.at_level(logging.WARNING):
        await tracker.aclose()
    assert "$0.08 of 1 calls could not be booked" in caplog.text


PERIODS = [("daily", timedelta(days=1)), ("weekly", timedelta(days=7)), ("monthly", timedelta(days=31))]


@pytest.mark.parametrize(("period", "length"), PERIODS)
async def test_fault_10_a_call_is_charged_to_the_period_it_was_reserved_in(
    store: Ledger, period: str, length: timedelta
) -> None:
    """The period turns while the call is under way; the new one starts full, the old one pays."""
    clock = FakeClock(NOON)
    tracker = CostTracker(BudgetConfig(**{period: 0.10}), store=store, clock=clock, hold_seconds=1e9)
    reservation = await tracker.reserve("run", "me", None, 9 * CENT)
    clock.advance(length.total_seconds())
    assert await tracker.remaining("me") == 10 * CENT
    await tracker.settle(reservation, 9 * CENT, model="paid")
    assert await tracker.remaining("me") == 10 * CENT
    clock.now = NOON
    assert await tracker.remaining("me") == 1 * CENT


async def under_way(tracker: CostTracker) -> Reservation:
    await tracker.settle(await tracker.reserve("run", "me", None, 3 * CENT), 3 * CENT, model="paid")
    return await tracker.reserve("run", "me", None, 4 * CENT)


@pytest.mark.parametrize(("limit", "left"), [(0.20, 15), (0.06, 1), (0.04, 0), (0.0, 0)])
async def test_fault_10_the_budget_is_changed_while_a_call_is_under_way(store: Ledger, limit: float, left: int) -> None:
    """Raised or lowered, what was spent is still spent, and the call still settles."""
    tracker = CostTracker(budget_limit=0.10, store=store, clock=FakeClock(NOON))
    reservation = await under_way(tracker)
    tracker.budget_limit = limit
    await tracker.settle(reservation, 2 * CENT, model="paid")
    assert await tracker.remaining("me") == left * CENT
    (status,) = await tracker.status("me")
    assert (status.spent, status.held) == (5 * CENT, 0)


async def test_fault_10_a_budget_taken_away_and_given_back_is_not_new(store: Ledger) -> None:
    """Removing a budget and setting it again does not forget what was spent."""
    tracker = CostTracker(budget_limit=0.10, store=store, clock=FakeClock(NOON))
    reservation = await under_way(tracker)
    tracker.budget_limit = None
    assert await tracker.settle(reservation, 4 * CENT, model="paid") == ()
    assert await tracker.remaining("me") is None
    tracker.budget_limit = 0.10
    assert await tracker.remaining("me") == 3 * CENT


async def test_fault_10_a_new_budget_starts_full_and_stays(store: Ledger) -> None:
    """A budget created while calls are under way is charged with none of them."""
    tracker = CostTracker(budget_limit=0.10, store=store, clock=FakeClock(NOON))
    reservation = await under_way(tracker)
    tracker.global_budget = BudgetConfig(monthly=0.50)
    await tracker.settle(reservation, 4 * CENT, model="paid")
    statuses = {status.scope: status for status in await tracker.status("me")}
    assert (statuses["global"].spent, statuses["global"].limit) == (0, 50 * CENT)
    assert statuses["user"].spent == 7 * CENT


async def test_fault_10_a_reset_clears_every_copy(store: Ledger) -> None:
    """After a reset only the call under way counts, for this tracker and for any other."""
    clock = FakeClock(NOON)
    tracker = CostTracker(budget_limit=0.10, store=store, clock=clock)
    other = CostTracker(budget_limit=0.10, store=store, clock=clock)
    reservation = await under_way(tracker)
    await other.reset("me")
    assert await tracker.remaining("me") == await other.remaining("me") == 6 * CENT
    await tracker.settle(reservation, 4 * CENT, model="paid")
    assert await other.remaining("me") == 6 * CENT


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
async def test_fault_10_a_day_on_which_the_clocks_change(store: Ledger, day: str, hours: int) -> None:
    """The budget turns at local midnight, after 23 or 25 hours, and at the instant that was told."""
    berlin = ZoneInfo("Europe/Berlin")
    begin = datetime.fromisoformat(day).replace(tzinfo=berlin)
    clock = FakeClock(begin.timestamp())
    tracker = CostTracker(BudgetConfig(daily=0.10, timezone="Europe/Berlin"), store=store, clock=clock)
    await tracker.settle(await tracker.reserve("run", "me", None, 9 * CENT), 9 * CENT, model="paid")
    (status,) = await tracker.status("me")
    assert status.resets_at.timestamp() - clock.now == hours * 3600
    for second, left in ((hours * 3600 - 1, 1), (hours * 3600, 10)):
        clock.now = begin.timestamp() + second
        assert await tracker.remaining("me") == left * CENT


async def test_fault_10_the_clock_steps_back(store: Ledger) -> None:
    """Over midnight and back: each day keeps its own account, and no hold is lost or given up."""
    midnight = datetime(2026, 11, 25, tzinfo=UTC).timestamp()
    clock = FakeClock(midnight + 1)
    tracker = CostTracker(budget_limit=0.10, store=store, clock=clock)
    tomorrow = await tracker.reserve("run", "me", None, 4 * CENT)
    clock.advance(-3600)
    assert await tracker.remaining("me") == 10 * CENT
    today = await tracker.reserve("run", "me", None, 7 * CENT)
    for reservation in (tomorrow, today):
        await tracker.settle(reservation, 3 * CENT, model="paid")
    assert await tracker.remaining("me") == 7 * CENT
    clock.now = midnight
    assert await tracker.remaining("me") == 7 * CENT
    assert await store.abandoned_holds() == []
    assert {row.day: row.amount for row in await store.rows()} == {"2026-11-24": 3 * CENT, "2026-11-25": 3 * CENT}
