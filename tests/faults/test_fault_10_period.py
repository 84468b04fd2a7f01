"""Fault 10: the period turns, or the budget changes, while a call is under way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fault_agents import NOON, Door, tracker_on
from fault_child import CENT, COSTLY

from cascadeflow import CascadeAgent
from cascadeflow.client import Chunk, ModelRequest
from cascadeflow.telemetry import BudgetConfig, CostTracker, Reservation
from cascadeflow.telemetry.ledger import Ledger
from cascadeflow.testing import Answer, FakeClock, ScriptedClient

PERIODS = [("daily", timedelta(days=1)), ("weekly", timedelta(days=7)), ("monthly", timedelta(days=31))]


@pytest.mark.parametrize(("period", "length"), PERIODS)
async def test_fault_10_a_call_is_charged_to_the_period_it_was_reserved_in(
    ledger: Ledger, period: str, length: timedelta
) -> None:
    """The period turns while the call is under way; the new one starts full, the old one pays."""
    clock = FakeClock(NOON)
    tracker = CostTracker(BudgetConfig(**{period: 0.10}), store=ledger, clock=clock, hold_seconds=1e9)
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
async def test_fault_10_the_budget_is_changed_while_a_call_is_under_way(
    ledger: Ledger, limit: float, left: int
) -> None:
    """Raised or lowered, what was spent is still spent, and the call still settles."""
    tracker = CostTracker(budget_limit=0.10, store=ledger, clock=FakeClock(NOON))
    reservation = await under_way(tracker)
    tracker.budget_limit = limit
    await tracker.settle(reservation, 2 * CENT, model="paid")
    assert await tracker.remaining("me") == left * CENT
    (status,) = await tracker.status("me")
    assert (status.spent, status.held) == (5 * CENT, 0)


async def test_fault_10_a_budget_taken_away_and_given_back_is_not_new(ledger: Ledger) -> None:
    """Removing a budget and setting it again does not forget what was spent."""
    tracker = CostTracker(budget_limit=0.10, store=ledger, clock=FakeClock(NOON))
    reservation = await under_way(tracker)
    tracker.budget_limit = None
    assert await tracker.settle(reservation, 4 * CENT, model="paid") == ()
    assert await tracker.remaining("me") is None
    tracker.budget_limit = 0.10
    assert await tracker.remaining("me") == 3 * CENT


async def test_fault_10_a_new_budget_starts_full_and_stays(ledger: Ledger) -> None:
    """A budget created while calls are under way is charged with none of them."""
    tracker = CostTracker(budget_limit=0.10, store=ledger, clock=FakeClock(NOON))
    reservation = await under_way(tracker)
    tracker.global_budget = BudgetConfig(monthly=0.50)
    await tracker.settle(reservation, 4 * CENT, model="paid")
    statuses = {status.scope: status for status in await tracker.status("me")}
    assert (statuses["global"].spent, statuses["global"].limit) == (0, 50 * CENT)
    assert statuses["user"].spent == 7 * CENT


async def test_fault_10_a_reset_clears_every_copy(ledger: Ledger) -> None:
    """After a reset only the call under way counts, for this tracker and for any other."""
    clock = FakeClock(NOON)
    tracker = CostTracker(budget_limit=0.10, store=ledger, clock=clock)
    other = CostTracker(budget_limit=0.10, store=ledger, clock=clock)
    reservation = await under_way(tracker)
    await other.reset("me")
    assert await tracker.remaining("me") == await other.remaining("me") == 6 * CENT
    await tracker.settle(reservation, 4 * CENT, model="paid")
    assert await other.remaining("me") == 6 * CENT


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
async def test_fault_10_a_day_on_which_the_clocks_change(ledger: Ledger, day: str, hours: int) -> None:
    """The budget turns at local midnight, after 23 or 25 hours, and at the instant that was told."""
    berlin = ZoneInfo("Europe/Berlin")
    begin = datetime.fromisoformat(day).replace(tzinfo=berlin)
    clock = FakeClock(begin.timestamp())
    tracker = CostTracker(BudgetConfig(daily=0.10, timezone="Europe/Berlin"), store=ledger, clock=clock)
    await tracker.settle(await tracker.reserve("run", "me", None, 9 * CENT), 9 * CENT, model="paid")
    (status,) = await tracker.status("me")
    assert status.resets_at.timestamp() - clock.now == hours * 3600
    for second, left in ((hours * 3600 - 1, 1), (hours * 3600, 10)):
        clock.now = begin.timestamp() + second
        assert await tracker.remaining("me") == left * CENT


async def test_fault_10_the_clock_steps_back(ledger: Ledger) -> None:
    """Over midnight and back: each day keeps its own account, and no hold is lost or given up."""
    midnight = datetime(2026, 11, 25, tzinfo=UTC).timestamp()
    clock = FakeClock(midnight + 1)
    tracker = CostTracker(budget_limit=0.10, store=ledger, clock=clock)
    tomorrow = await tracker.reserve("run", "me", None, 4 * CENT)
    clock.advance(-3600)
    assert await tracker.remaining("me") == 10 * CENT
    today = await tracker.reserve("run", "me", None, 7 * CENT)
    for reservation in (tomorrow, today):
        await tracker.settle(reservation, 3 * CENT, model="paid")
    assert await tracker.remaining("me") == 7 * CENT
    clock.now = midnight
    assert await tracker.remaining("me") == 7 * CENT
    assert await ledger.abandoned_holds() == []
    assert {row.day: row.amount for row in await ledger.rows()} == {"2026-11-24": 3 * CENT, "2026-11-25": 3 * CENT}


class Meanwhile(ScriptedClient):
    """Lets something happen after the first word of its first answer."""

    act: Callable[[], Awaitable[None]]

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        waiting = len(self.calls) == 0
        async for chunk in super().stream(request):
            yield chunk
            if waiting:
                waiting = False
                await self.act()


COST = 14 * CENT // 10
"""Ten prompt tokens and four words of the model that is asked here, at 0.001 USD each."""


def agent_with(tracker: CostTracker, act: Callable[[], Awaitable[None]]) -> CascadeAgent:
    """An agent during whose call something happens; it holds 0.074 USD for it."""
    client = Meanwhile({"costly": [Answer("391, I am sure", prompt_tokens=10)]})
    client.act = act
    return CascadeAgent([COSTLY], client=client, cost_tracker=tracker, max_tokens=64)


def instant(text: str, zone: str = "UTC") -> float:
    """Seconds since the epoch of a local date and time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


TURNS = [
    ("daily", "2026-11-24T23:59:50", 20, "UTC"),  # the hold is still open
    ("daily", "2026-11-24T12:00:00", 86_400, "UTC"),  # the hold has expired meanwhile
    ("weekly", "2026-11-29T23:59:50", 20, "UTC"),
    ("monthly", "2026-11-30T23:59:50", 20, "UTC"),
    ("daily", "2026-03-29T23:59:50", 20, "Europe/Berlin"),  # the end of a day of 23 hours
    ("daily", "2026-10-25T23:59:50", 20, "Europe/Berlin"),  # and of one of 25
    ("daily", "2026-11-25T00:00:10", -20, "UTC"),  # the clock steps back
]


@pytest.mark.parametrize(("period", "begin", "seconds", "zone"), TURNS)
async def test_fault_10_the_period_turns_during_a_call(
    idle: Ledger, door: Door, period: str, begin: str, seconds: float, zone: str
) -> None:
    """The run is charged to the period its call was reserved in, and the other one stays full."""
    clock = FakeClock(instant(begin, zone))
    tracker = tracker_on(idle, BudgetConfig(**{period: 0.10}, timezone=zone), clock=clock)
    seen: list[int | None] = []

    async def turn() -> None:
        seen.append(await tracker.remaining())
        clock.advance(seconds)
        seen.append(await tracker.remaining())

    result, _ = await door(agent_with(tracker, turn))
    assert result.total_cost_nanousd == COST
    assert seen == [10 * CENT - 74 * CENT // 10, 10 * CENT]
    assert await tracker.remaining() == 10 * CENT
    clock.advance(-seconds)
    assert await tracker.remaining() == 10 * CENT - COST
    assert [(row.amount, row.day) for row in await idle.rows()] == [(COST, begin[:10])]


async def change(tracker: CostTracker, what: str) -> None:
    """Change the budget of 0.10 USD."""
    if what == "reset":
        await CostTracker(0.10, store=tracker.store, clock=tracker.clock).reset()
    elif what == "created":
        tracker.global_budget = BudgetConfig(monthly=0.50)
    else:
        tracker.budget_limit = {"raised": 0.20, "lowered": 0.05, "to nothing": 0.0, "taken away": None}[what]


CHANGES = {
    # what: left while the call is under way (0.03 spent, 0.064 held), and after it (0.03 + 0.014 spent)
    "raised": (200 - 30 - 64, 200 - 30 - 14),
    "lowered": (0, 50 - 30 - 14),
    "to nothing": (0, 0),
    "taken away": (None, None),
    "created": (100 - 30 - 64, 100 - 30 - 14),
    "reset": (100 - 64, 100 - 14),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_fault_10_the_budget_changes_during_a_call(idle: Ledger, door: Door, what: str) -> None:
    """What was spent stays spent, the call is settled, nothing counts twice, and a new budget is not charged."""
    tracker = tracker_on(idle, 0.10)
    await tracker.settle(await tracker.reserve("before", None, None, 3 * CENT), 3 * CENT, model="costly")
    left: list[int | None] = []

    async def changed() -> None:
        await change(tracker, what)
        left.append(await tracker.remaining())

    agent = agent_with(tracker, changed)
    agent.max_tokens = 54
    result, _ = await door(agent)
    left.append(await tracker.remaining())
    assert left == [None if milli is None else milli * CENT // 10 for milli in CHANGES[what]]
    assert result.total_cost_nanousd == COST
    tracker.budget_limit = 0.10
    statuses = {status.scope: (status.spent, status.held) for status in await tracker.status()}
    assert statuses.pop("user") == (COST if what == "reset" else 3 * CENT + COST, 0)
    assert set(statuses.values()) <= {(0, 0)}
