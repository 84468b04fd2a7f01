"""What will be spent on the coming days, with an interval, and when a budget runs out at that pace.

Two methods over the spend of past days, whichever erred less on them: Holt's trend, damped, and
the same day of the week before (from two weeks of data on). Their variances are those of
Hyndman & Athanasopoulos, *Forecasting: Principles and Practice*, 3rd ed., table 8.7 and
section 5.5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, NamedTuple

from cascadeflow.telemetry.budgets import BudgetStatus, midnight, zone

LEAST_DAYS: Final = 3
HISTORY_DAYS: Final = 60
_NORMAL_QUANTILE: Final = 1.2815515655446004
"""Of 0.9: one in ten above, one in ten below."""
_HORIZON: Final = 366
_SHOWN: Final = 7
_WEEK: Final = 7
_DAMPING: Final = 0.9
_LEVELS: Final = (0.2, 0.4, 0.6, 0.8)
_TRENDS: Final = (0.0, 0.1, 0.3)


class DayForecast(NamedTuple):
    """One day: nano-USD expected, and the bounds it stays within four times out of five."""

    day: date
    expected: int
    low: int
    high: int


class RunOut(NamedTuple):
    """When a budget runs out before its reset.

    Attributes:
        budget: label of the budget.
        at: when, at the expected pace; None: not before its reset, or not within a year.
        earliest: when, if every day costs as much as its upper bound.
    """

    budget: str
    at: datetime | None
    earliest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What will be spent.

    Attributes:
        method: ``holt`` or ``seasonal-naive``.
        known_days: how many whole days it rests on.
        daily: today and the six days after it.
        run_outs: for each budget whose spend is known for long enough.
    """

    method: Literal["holt", "seasonal-naive"]
    known_days: int
    daily: tuple[DayForecast, ...]
    run_outs: tuple[RunOut, ...] = ()

    @property
    def runs_out_at(self) -> datetime | None:
        """When the first of the budgets runs out at the expected pace; None: none does."""
        return min((run_out.at for run_out in self.run_outs if run_out.at), default=None)


@dataclass(frozen=True, slots=True)
class _Fit:
    """A method fitted to past days: what it expects, and how far it was off."""

    method: Literal["holt", "seasonal-naive"]
    expected: tuple[float, ...]
    spread: tuple[float, ...]
    error: float


def daily_series(spent: Mapping[str, int], today: date) -> list[int]:
    """Spend of each whole day, from the first with any up to yesterday.

    Args:
        spent: ISO date → nano-USD.
        today: not whole yet, so left out.
    """
    days = [date.fromisoformat(day) for day in spent]
    first = min((day for day in days if day < today), default=today)
    span = (today - first).days
    return [spent.get((first + timedelta(days=offset)).isoformat(), 0) for offset in range(span)]


def project(series: Sequence[int], today: date) -> tuple[Literal["holt", "seasonal-naive"], list[DayForecast]] | None:
    """Forecast a year from past days.

    Args:
        series: nano-USD of each whole day, the last one yesterday.
        today: the first day to forecast.

    Returns:
        The method and the days; None where fewer than three days are known.
    """
    if len(series) < LEAST_DAYS:
        return None
    fits = [_holt(series)]
    if len(series) >= 2 * _WEEK:
        fits.append(_seasonal_naive(series))
    best = min(fits, key=lambda fit: fit.error)
    reach = _quantile(len(series) - 1)
    days = [
        DayForecast(
            today + timedelta(days=offset),
            round(max(0.0, expected)),
            math.floor(max(0.0, expected - reach * spread)),
            math.ceil(max(0.0, expected + reach * spread)),
        )
        for offset, (expected, spread) in enumerate(zip(best.expected, best.spread, strict=True))
    ]
    return best.method, days


def make_forecast(
    series: Mapping[str, Sequence[int]], budgets: Sequence[BudgetStatus], *, now: float, today: date, timezone: str
) -> Forecast | None:
    """Forecast a user's spend and when the budgets that apply run out.

    Args:
        series: scope (``user``, ``tier``, ``global``) → nano-USD of each whole day up to yesterday.
        budgets: what is spent of each budget.
        now: seconds since the epoch.
        today: the date in the time zone.
        timezone: IANA name.

    Returns:
        None where fewer than three days of the user are known.
    """
    projected = {scope: project(days, today) for scope, days in series.items()}
    own = projected["user"]
    if own is None:
        return None
    method, days = own
    run_outs = tuple(
        RunOut(
            budget.label,
            _runs_out(budget, [day.expected for day in found[1]], now, today, timezone),
            _runs_out(budget, [day.high for day in found[1]], now, today, timezone),
        )
        for budget in budgets
        if (found := projected.get(budget.scope)) is not None
    )
    return Forecast(method=method, known_days=len(series["user"]), daily=tuple(days[:_SHOWN]), run_outs=run_outs)


def _holt(series: Sequence[int]) -> _Fit:
    fits = (_holt_with(series, level, trend) for level in _LEVELS for trend in _TRENDS)
    return min(fits, key=lambda fit: fit.error)


def _holt_with(series: Sequence[int], alpha: float, beta: float) -> _Fit:
    level, trend = float(series[0]), 0.0
    errors = []
    for value in series[1:]:
        expected = level + _DAMPING * trend
        errors.append(value - expected)
        level = expected + alpha * (value - expected)
        trend = _DAMPING * trend + alpha * beta * (value - expected)
    sigma = _deviation(errors)
    forecast, spread = [], []
    damping, variance = 0.0, 1.0
    for step in range(1, _HORIZON + 1):
        spread.append(sigma * math.sqrt(variance))
        damping += _DAMPING**step
        forecast.append(level + damping * trend)
        variance += (alpha + alpha * beta * damping) ** 2
    return _Fit("holt", tuple(forecast), tuple(spread), _mean_error(errors))


def _seasonal_naive(series: Sequence[int]) -> _Fit:
    errors = [float(value - before) for before, value in zip(series, series[_WEEK:], strict=False)]
    sigma = _deviation(errors)
    last = series[-_WEEK:]
    forecast = tuple(float(last[step % _WEEK]) for step in range(_HORIZON))
    spread = tuple(sigma * math.sqrt(step // _WEEK + 1) for step in range(_HORIZON))
    return _Fit("seasonal-naive", forecast, spread, _mean_error(errors))


def _deviation(errors: Sequence[float]) -> float:
    return math.sqrt(sum(error * error for error in errors) / len(errors))


def _mean_error(errors: Sequence[float]) -> float:
    return sum(abs(error) for error in errors[-2 * _WEEK :]) / len(errors[-2 * _WEEK :])


def _quantile(freedom: int) -> float:
    """Student's t for the interval (Abramowitz & Stegun 26.7.5): few days make it wide."""
    z = _NORMAL_QUANTILE
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def _runs_out(budget: BudgetStatus, daily: Sequence[int], now: float, today: date, timezone: str) -> datetime | None:
    """When the rest of a budget is used up, each day's spend flowing evenly."""
    left: float = budget.left
    ends = budget.resets_at.timestamp() if budget.resets_at else math.inf
    if left <= 0:
        return datetime.fromtimestamp(now, UTC).astimezone(zone(timezone))
    at = now
    for offset, spend in enumerate(daily):
        begins = midnight(today + timedelta(days=offset), timezone).timestamp()
        next_day = midnight(today + timedelta(days=offset + 1), timezone).timestamp()
        per_second = spend / (next_day - begins)
        if per_second * (min(next_day, ends) - at) >= left:
            return datetime.fromtimestamp(at + left / per_second, zone(timezone))
        left -= per_second * (next_day - at)
        at = next_day
        if at >= ends:
            return None
    return None
