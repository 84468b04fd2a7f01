"""A forecast says what it knows, with an interval that holds, and when a budget runs out."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from cascadeflow.money import parse_usd
from cascadeflow.telemetry import BudgetConfig, BudgetStatus, CostTracker
from cascadeflow.telemetry.forecast import daily_series, make_forecast, project
from cascadeflow.telemetry.ledger import LedgerRow
from cascadeflow.testing import FakeClock

TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()


def status(left: int, resets_at: datetime | None = None, scope: str = "user") -> BudgetStatus:
    return BudgetStatus(
        label="b", scope=scope, period="monthly", spent=0, held=0, limit=left, resets_at=resets_at
    )  # fmt: skip


def test_days_without_spend_are_known_days() -> None:
    spent = {"2026-11-20": 5, "2026-11-22": 7, "2026-11-24": 99}
    assert daily_series(spent, TODAY) == [5, 0, 7, 0]
    assert daily_series({"2026-11-24": 99}, TODAY) == []


def test_fewer_than_three_days_tell_nothing() -> None:
    assert project([10, 20], TODAY) is None
    assert project([10, 20, 30], TODAY) is not None


def test_steady_spend_goes_on_without_doubt() -> None:
    method, days = project([100] * 10, TODAY)
    assert method == "holt"
    assert {(day.expected, day.low, day.high) for day in days} == {(100, 100, 100)}
    assert [day.day for day in days[:2]] == [TODAY, TODAY + timedelta(days=1)]


def test_a_trend_is_followed_and_flattens() -> None:
    _, days = project([100 + 10 * n for n in range(12)], TODAY)
    assert 200 < days[0].expected <= 225
    assert days[0].expected < days[6].expected < 350
    assert days[6].high - days[6].low > days[0].high - days[0].low


def test_a_week_with_free_weekends_is_recognised() -> None:
    week = [100, 100, 100, 100, 100, 0, 0]
    method, days = project(week * 3, TODAY)
    assert method == "seasonal-naive"
    assert [day.expected for day in days[:7]] == week


def test_spend_is_never_negative() -> None:
    _, days = project([1000, 500, 10, 0, 0], TODAY)
    assert all(0 <= day.low <= day.expected <= day.high for day in days)


@pytest.mark.parametrize("known", [5, 10, 30])
def test_four_of_five_days_fall_into_the_interval(known: int) -> None:
    """The stated coverage, on noisy days around a level; 400 series, fixed seed."""
    chance = random.Random(known)
    inside = 0
    for _ in range(400):
        series = [round(chance.gauss(10_000, 1_500)) for _ in range(known + 1)]
        _, days = project(series[:-1], TODAY)
        inside += days[0].low <= series[-1] <= days[0].high
    assert 0.70 <= inside / 400 <= 0.92


def test_the_run_out_lies_where_the_pace_puts_it() -> None:
    """240 a day are 10 an hour: 60 last from noon to 18:00, 120 until midnight, 360 a day longer."""
    series = {"user": [240] * 5}
    for left, moment in ((60, "2026-11-24T18:00"), (120, "2026-11-25T00:00"), (360, "2026-11-26T00:00")):
        found = make_forecast(series, [status(left)], now=NOON, today=TODAY, timezone="UTC")
        assert found.runs_out_at == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_a_budget_that_resets_in_time_does_not_run_out() -> None:
    midnight = datetime(2026, 11, 25, tzinfo=UTC)
    series = {"user": [240] * 5}
    found = make_forecast(series, [status(121, midnight)], now=NOON, today=TODAY, timezone="UTC")
    assert found.runs_out_at is None
    found = make_forecast(series, [status(119, midnight)], now=NOON, today=TODAY, timezone="UTC")
    assert found.runs_out_at < midnight
    found = make_forecast(series, [status(0, midnight)], now=NOON, today=TODAY, timezone="UTC")
    assert found.runs_out_at.timestamp() == NOON


def test_dear_days_run_out_earlier_than_expected_ones() -> None:
    found = make_forecast(
        {"user": [100, 300, 200, 250, 150, 220]}, [status(1500)], now=NOON, today=TODAY, timezone="UTC"
    )
    (run_out,) = found.run_outs
    assert run_out.earliest < run_out.at


def test_everyone_s_budget_is_measured_by_everyone_s_spend() -> None:
    series = {"user": [24] * 5, "global": [2400] * 5}
    budgets = [status(60, scope="global"), status(60)]
    found = make_forecast(series, budgets, now=NOON, today=TODAY, timezone="UTC")
    assert [run_out.at.isoformat() for run_out in found.run_outs] == [
        "2026-11-24T12:36:00+00:00", "2026-11-27T00:00:00+00:00",
    ]  # fmt: skip


async def test_a_tracker_forecasts_from_its_ledger() -> None:
    tracker = CostTracker(
        budget_limit=BudgetConfig(monthly=0.30), global_budget=BudgetConfig(total=100),
        enable_forecasting=True, clock=FakeClock(NOON),
    )  # fmt: skip
    assert await tracker.forecast("me") is None, "nothing is known yet"
    for back in range(1, 6):
        day = (TODAY - timedelta(days=back)).isoformat()
        row = LedgerRow(hold_id=f"h{back}", user_id="me", day=day, keys=("user|monthly|2026-11-01|me",))
        await tracker.store.settle(row.hold_id, parse_usd("0.04"), row)
    found = await tracker.forecast("me")
    assert (found.known_days, found.daily[0].expected) == (5, parse_usd("0.04"))
    assert found.runs_out_at == datetime(2026, 11, 27, tzinfo=UTC), "0.10 are left: half of today, and two days"
    assert [run_out.at for run_out in found.run_outs][1] is None, "100 USD last longer than a year"
    assert await tracker.forecast("you") is None
    tracker.enable_forecasting = False
    assert await tracker.forecast("me") is None
