"""A day that cost unusually much is told, an ordinary one is not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_cases import KINDS

from cascadeflow.telemetry import BudgetConfig, CostTracker
from cascadeflow.telemetry.anomaly import find_anomalies
from cascadeflow.telemetry.ledger import Ledger, LedgerRow
from cascadeflow.testing import FakeClock

TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
CENT = 10_000_000


def days(*spent: int, today: int | None = None) -> dict[str, int]:
    """Spend of the days up to yesterday, and of today."""
    dated = {str(TODAY - timedelta(days=len(spent) - number)): value for number, value in enumerate(spent)}
    return dated if today is None else dated | {str(TODAY): today}


def found(*spent: int, today: int | None = None) -> list[tuple[int, int]]:
    return [(item.day.day, item.spent) for item in find_anomalies(days(*spent, today=today), TODAY)]


def test_the_score_is_that_of_iglewicz_and_hoaglin() -> None:
    """Median 3, absolute deviations 2 1 0 1 2 1 97: their median is 1, so 0.6745 * 97 / 1."""
    (outlier,) = find_anomalies(days(1, 2, 3, 4, 5, 2, 100), TODAY)
    assert (outlier.day, outlier.spent, outlier.usual) == (date(2026, 11, 23), 100, 3)
    assert outlier.score == pytest.approx(0.6745 * 97)


def test_where_most_days_cost_the_same_the_mean_distance_measures() -> None:
    (outlier,) = find_anomalies(days(5, 5, 5, 5, 5, 5, 5, 5, 5, 50), TODAY)
    assert outlier.score == pytest.approx(45 / (1.253314 * 4.5))


@pytest.mark.parametrize(
    ("spent", "told"),
    [
        ([10, 11, 9, 10, 12, 10, 11], []),
        ([10, 11, 9, 10, 12, 100, 11], [(22, 100)]),
        ([10, 11, 9, 10, 12, 10, 0], []),  # a cheap day is no anomaly
        ([10, 11, 9, 10, 12, 100], []),  # six days do not tell what is usual
        ([5] * 10, []),
        ([0] * 5 + [10, 11, 9, 10, 12, 11, 10, 80], [(23, 80)]),
        ([10, 11, 9, 60, 12, 10, 11, 70], [(23, 70), (19, 60)]),
        ([], []),
    ],
)
def test_days_that_stand_out(spent: list[int], told: list[tuple[int, int]]) -> None:
    assert found(*spent) == told


def test_today_is_told_but_measures_nothing() -> None:
    usual = [10, 11, 9, 10, 12, 10, 11]
    assert found(*usual, today=90) == [(24, 90)]
    assert found(*usual, today=0) == []
    without, beside = (find_anomalies(days(*usual[:6], 50, today=today), TODAY)[-1].score for today in (None, 10_000))
    assert without == beside


def test_days_without_spend_count_as_nothing() -> None:
    """From the first day with any."""
    every_third = {str(TODAY - timedelta(days=ago)): 10 for ago in range(3, 40, 3)}
    assert find_anomalies(every_third, TODAY) == ()
    (outlier,) = find_anomalies(every_third | {str(TODAY - timedelta(days=1)): 200}, TODAY)
    assert (outlier.spent, outlier.usual) == (200, 0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=7, max_size=60), st.integers(2, 1000))
def test_the_unit_of_money_does_not_matter(spent: list[int], unit: int) -> None:
    assert [day for day, _ in found(*spent)] == [day for day, _ in found(*(value * unit for value in spent))]


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, ledger_of: Callable[[str], Ledger]) -> AsyncIterator[Ledger]:
    ledger = ledger_of(request.param)
    for ago in range(1, 15):
        for user, cents in (("me", 10 + ago % 3), ("you", 1000 if ago == 4 else 30 + ago % 2)):
            row = LedgerRow(hold_id="", user_id=user, tier="pro", day=str(TODAY - timedelta(days=ago)))
            await ledger.settle(f"{user}-{ago}", cents * CENT, row)
    await ledger.settle("long ago", 10**15, LedgerRow(hold_id="", user_id="me", day="2025-01-01"))
    await ledger.settle("rehearsed", 10**15, LedgerRow(hold_id="", namespace="rehearsal", day="2026-11-20"))
    yield ledger
    await ledger.aclose()


async def test_a_tracker_tells_the_days_of_a_user_or_of_everyone(store: Ledger) -> None:
    tracker = CostTracker(store=store, clock=FakeClock(NOON))
    everyone = await tracker.anomalies()
    assert [(item.day, item.spent // CENT) for item in everyone] == [(date(2026, 11, 20), 1011)]
    assert await tracker.anomalies("you", "pro") != ()
    assert await tracker.anomalies("me") == ()
    assert await tracker.anomalies("you", "free") == ()
    assert await tracker.anomalies("you", threshold=1e6) == ()
    assert len(await CostTracker(store=store, clock=FakeClock(NOON), namespace="rehearsal").anomalies()) == 0


async def test_today_is_that_of_the_budget_s_time_zone(store: Ledger) -> None:
    late = FakeClock(NOON + 11.5 * 3600)
    await store.settle("now", 900 * CENT, LedgerRow(hold_id="", user_id="me", day="2026-11-25"))
    berlin = BudgetConfig(daily=100, timezone="Europe/Berlin")
    tracker = CostTracker(user_budgets={"me": berlin}, store=store, clock=late)
    assert [item.day for item in await tracker.anomalies("me")] == [date(2026, 11, 25)]
    tracker.user_budgets = {}
    assert await tracker.anomalies("me") == ()
