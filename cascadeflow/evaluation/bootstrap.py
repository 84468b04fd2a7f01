"""Paired bootstrap: how far figures would move if other questions of the same kind had been asked."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

TIMES = 1000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and where it may lie.

    Attributes:
        value: as measured.
        low, high: ends of the 95 % interval.
    """

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the figure is told apart from nothing."""
        return self.low > 0 or self.high < 0


def intervals(
    figures: Callable[[Sequence[int]], Mapping[str, float | None]], count: int, *, times: int = TIMES, seed: int = 0
) -> dict[str, Interval]:
    """Measure figures, and again on resamples of the questions.

    All figures of one resample come from the same questions, so the interval of a difference is
    that of the difference (Efron & Tibshirani 1993, "An Introduction to the Bootstrap", percentile
    intervals, chapter 13). The same seed gives the same intervals on every machine.

    Args:
        figures: positions of questions → figures by name; None where a figure cannot be told.
        count: how many questions there are.
        times: resamples.
        seed: of the random numbers.

    Returns:
        Name → figure with its interval, without those that cannot be told.
    """
    measured = figures(range(count))
    drawn: dict[str, list[float]] = {name: [] for name in measured}
    source = random.Random(seed)  # noqa: S311  # statistics, not secrets
    questions = range(count)
    for _ in range(times):
        for name, value in figures(source.choices(questions, k=count)).items():
            if value is not None:
                drawn[name].append(value)
    found = {}
    for name, value in measured.items():
        if value is not None:
            values = sorted(drawn[name]) or [value]
            low, high = (_quantile(values, share) for share in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
            found[name] = Interval(value, low, high)
    return found


def _quantile(values: Sequence[float], share: float) -> float:
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])
