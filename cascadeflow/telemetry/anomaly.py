"""Days that cost unusually much, told by median and median absolute deviation.

The modified z-score of Iglewicz & Hoaglin, *How to Detect and Handle Outliers* (ASQC, 1993): 0.6745 times the
distance from the median, by the median of all distances; above 3.5 is an outlier. Where more than half of the
days cost the same that median is 0, and the mean distance times 1.2533 (the same measure for a normal
distribution) takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from cascadeflow.telemetry.forecast import daily_series

LEAST_DAYS: Final = 7
"""Whole days that must be known; fewer do not tell what is usual."""
THRESHOLD: Final = 3.5
_OF_MEDIAN: Final = 1 / 0.6745
_OF_MEAN: Final = 1.253314


class Anomaly(NamedTuple):
    """A day that cost unusually much.

    Attributes:
        day: its date.
        spent: nano-USD; of today, so far.
        usual: nano-USD, the median of all whole days.
        score: robust z; how far above the usual, in deviations.
    """

    day: date
    spent: int
    usual: int
    score: float


def find_anomalies(spent: Mapping[str, int], today: date, threshold: float = THRESHOLD) -> tuple[Anomaly, ...]:
    """The days that cost unusually much, the latest first.

    Days without spend count as 0, from the first day with any. Today is measured but is no measure, since it
    is not over; a day that cost little is never told, since weekends and holidays do.

    Args:
        spent: ISO date → nano-USD.
        today: the date.
        threshold: score above which a day is told.

    Returns:
        None of them where fewer than seven whole days are known, or all cost the same.

    Example:
        >>> days = {f"2026-11-{day:02}": 100 + day % 3 for day in range(1, 20)} | {"2026-11-20": 900}
        >>> [(str(found.day), found.usual) for found in find_anomalies(days, date(2026, 11, 24))]
        [('2026-11-20', 101)]
    """
    from statistics import fmean, median

    whole = daily_series(spent, today)
    if len(whole) < LEAST_DAYS:
        return ()
    usual = median(whole)
    distances = [abs(value - usual) for value in whole]
    deviation = median(distances) * _OF_MEDIAN or fmean(distances) * _OF_MEAN
    if not deviation:
        return ()
    days = [*whole, spent.get(today.isoformat(), 0)]
    found = (
        Anomaly(today - timedelta(days=ago), value, round(usual), (value - usual) / deviation)
        for ago, value in enumerate(reversed(days))
    )
    return tuple(anomaly for anomaly in found if anomaly.score > threshold)
