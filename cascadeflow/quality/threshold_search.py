"""The search for a certified threshold among labelled answers.

The claim is “of the answers that reach the threshold at most 1 - target are wrong”, with probability
1 - delta over the draw of the labelled answers, for traffic like them. How the threshold is found:

1. The thresholds that may come out are fixed beforehand: `GRID`, from 1.00 down to 0.00.
2. They are tested from the strictest to the laxest. The test of one: had its accepted answers a
   share of wrong ones above 1 - target, so few wrong ones would be seen with probability delta at
   most (exact binomial; the same as the Clopper-Pearson upper bound being 1 - target at most).
3. The first threshold that fails ends the search, and the last that passed is the result. Nothing
   is lost to the number of thresholds: a false claim needs the first threshold that is too lax to
   pass its test, and that is one test at level delta (fixed-sequence testing: Maurer, Hothorn &
   Lehmacher 1995; for thresholds of models, Angelopoulos et al. 2021, "Learn then Test").
4. A search begins at a threshold that accepts enough answers for the test to mean something. There
   are two searches, with nine tenths and one tenth of delta: one from the strictest threshold at
   which a gate with half the allowed errors would pass as often as not, and one from the threshold
   that half of the answers reach, for gates whose highest scores are no safer than the rest
   (`searches`). Where they begin depends on how many answers reach a threshold and never on which
   of them are wrong. Given the scores it is therefore as fixed as the grid, and the claim is exact
   for the labelled mix of scores (a sum of unequal chances is no more spread out than a binomial:
   Hoeffding 1956); it is exact for the population wherever answers with a higher score are not
   wrong more often.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from math import ceil, log, log1p
from typing import NamedTuple

from cascadeflow.quality.binomial import binomial_cdf, upper_bound

GRID = tuple(step / 200 for step in range(200, -1, -1))
"""Thresholds that may come out, from the strictest to the laxest."""
MAIN_SHARE = 0.9
"""Of delta, what the search from the stricter threshold gets."""
LEAST_SEEN = 20
"""Accepted answers from which their share of wrong ones is a guess worth telling."""
_MOST_LABELS = 1_000_000


class Point(NamedTuple):
    """What a threshold of the grid accepts.

    Attributes:
        threshold: score from which answers are accepted.
        accepted: how many are.
        wrong: how many of those are wrong.
    """

    threshold: float
    accepted: int
    wrong: int


class Search(NamedTuple):
    """Where a search begins, and its part of delta."""

    accepted: int
    delta: float


class Tested(NamedTuple):
    """Where a search ended: the last threshold that passed, or the first, that failed."""

    point: Point
    delta: float
    passed: bool

    @property
    def bound(self) -> float:
        """Exact upper bound on the share of wrong answers among the accepted."""
        return upper_bound(self.point.wrong, self.point.accepted, self.delta)


def least_accepted(allowed: float, delta: float) -> int:
    """Accepted answers it takes if none of them is wrong.

    Args:
        allowed: share of wrong answers that may be certified.
        delta: probability, at most, that the claim does not hold.

    Example:
        >>> least_accepted(0.05, 0.05)
        59
    """
    return ceil(log(delta) / log1p(-allowed))


@lru_cache(maxsize=256)
def even_chance(allowed: float, delta: float) -> int:
    """Accepted answers at which a gate with half the allowed errors passes as often as not.

    Args:
        allowed: share of wrong answers that may be certified.
        delta: probability, at most, that the claim does not hold.

    Example:
        >>> even_chance(0.05, 0.05)
        181
    """
    count = least_accepted(allowed, delta)
    wrong = 0
    while binomial_cdf(wrong, count, allowed / 2) < 0.5:
        wrong += 1
        count = _fewest(wrong, allowed, delta)
    return count


def searches(total: int, allowed: float, delta: float) -> tuple[Search, ...]:
    """Where the searches begin, as numbers of accepted answers; of labels this knows nothing.

    Args:
        total: labelled answers there are.
        allowed: share of wrong answers that may be certified.
        delta: probability, at most, that the claim does not hold.
    """
    most = MAIN_SHARE * delta
    strict = even_chance(allowed, most)
    if strict < total // 2:
        return Search(strict, most), Search(total // 2, delta - most)
    return (Search(max(least_accepted(allowed, delta), min(total // 2, even_chance(allowed, delta))), delta),)


def points_of(scores: Sequence[float], right: Sequence[bool]) -> Iterator[Point]:
    """What the thresholds of the grid accept, without those that accept no more than the one before.

    Args:
        scores: of the answers.
        right: whether each is right.
    """
    ranked = sorted(zip(scores, right, strict=True))
    levels = [score for score, _ in ranked]
    wrong_above = [*accumulate((not good for _, good in reversed(ranked)), initial=0)]
    last = 0
    for threshold in GRID:
        accepted = len(levels) - bisect_left(levels, threshold)
        if accepted > last:
            last = accepted
            yield Point(threshold, accepted, wrong_above[accepted])


def search(points: Iterable[Point], begin: Search, allowed: float) -> Tested | None:
    """Test the thresholds one after the other, until one fails.

    Args:
        points: from the strictest to the laxest.
        begin: where the search begins.
        allowed: share of wrong answers that may be certified.

    Returns:
        None where no threshold accepts enough answers to be tested.
    """
    last: Tested | None = None
    for point in points:
        if point.accepted < begin.accepted:
            continue
        tested = Tested(point, begin.delta, _passes(point.wrong, point.accepted, allowed, begin.delta))
        if not tested.passed:
            return last or tested
        last = tested
    return last


def labels_needed(points: Iterable[Point], total: int, allowed: float, delta: float) -> int | None:
    """About how many labels would do, if the shares of accepted and of wrong answers stay as seen.

    Args:
        points: what the thresholds accept.
        total: labelled answers there are.
        allowed: share of wrong answers that may be certified.
        delta: probability, at most, that the claim does not hold.

    Returns:
        Two digits of it; None where no number would do, or more than a million.
    """

    def roughly(point: Point) -> float:
        share = point.wrong / point.accepted
        return (share + allowed) / (allowed - share) ** 2 / point.accepted

    useful = [point for point in points if point.accepted >= LEAST_SEEN and point.wrong < allowed * point.accepted]
    if not useful:
        return None
    best = min(useful, key=roughly)

    def enough(count: int) -> bool:
        return _passes(ceil(best.wrong / best.accepted * count), count, allowed, delta)

    low, high = 1, least_accepted(allowed, delta)
    while not enough(high):
        low, high = high, 2 * high
        if high > _MOST_LABELS:
            return None
    while high - low > max(1, high // 100):
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    labels = ceil(high * total / best.accepted)
    unit = int("1" + "0" * (len(str(labels)) - 2))
    return -(-labels // unit) * unit


def _passes(wrong: int, accepted: int, allowed: float, delta: float) -> bool:
    return binomial_cdf(wrong, accepted, allowed) <= delta


def _fewest(wrong: int, allowed: float, delta: float) -> int:
    """Fewest accepted answers that pass with so many wrong ones among them."""
    low, high = wrong, max(2 * wrong, least_accepted(allowed, delta))
    while binomial_cdf(wrong, high, allowed) > delta:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if binomial_cdf(wrong, middle, allowed) > delta:
            low = middle
        else:
            high = middle
    return high
