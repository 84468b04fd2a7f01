"""Exact binomial probabilities and bounds (Clopper and Pearson 1934), without a numerics package."""

from __future__ import annotations

from math import exp, lgamma, log, log1p

_SMALL = 1e-17
_HALVINGS = 60


def binomial_cdf(hits: int, count: int, chance: float) -> float:
    """Probability of at most so many hits.

    Args:
        hits: how many at most.
        count: independent tries.
        chance: of each, from 0 to 1.

    Example:
        >>> round(binomial_cdf(1, 2, 0.5), 6)
        0.75
    """
    if hits < 0:
        return 0.0
    if hits >= count or chance <= 0:
        return 1.0
    if chance >= 1:
        return 0.0
    if hits > count * chance:  # the other tail is the small one, and small sums are exact
        return max(0.0, 1.0 - _tail(count - hits - 1, count, 1 - chance))
    return _tail(hits, count, chance)


def _tail(hits: int, count: int, chance: float) -> float:
    """At most `hits`, where that is no more than expected: terms from the largest down, until they vanish."""
    logarithm = lgamma(count + 1) - lgamma(hits + 1) - lgamma(count - hits + 1)
    term = exp(logarithm + hits * log(chance) + (count - hits) * log1p(-chance))
    total = 0.0
    odds = (1 - chance) / chance
    for left in range(hits, -1, -1):
        total += term
        if term < total * _SMALL:
            break
        term *= left / (count - left + 1) * odds
    return min(1.0, total)


def upper_bound(hits: int, count: int, delta: float) -> float:
    """The largest chance that explains so few hits: exact upper bound at confidence 1 - delta.

    Args:
        hits: seen.
        count: independent tries.
        delta: probability, at most, that the true chance lies above.

    Returns:
        From 0 to 1; 1 where there are no tries.

    Example:
        >>> round(upper_bound(0, 59, 0.05), 4)
        0.0495
    """
    if hits >= count:
        return 1.0
    low, high = hits / count, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if binomial_cdf(hits, count, middle) > delta:
            low = middle
        else:
            high = middle
    return high


def lower_bound(hits: int, count: int, delta: float) -> float:
    """The smallest chance that explains so many hits: exact lower bound at confidence 1 - delta.

    Args:
        hits: seen.
        count: independent tries.
        delta: probability, at most, that the true chance lies below.
    """
    return 1 - upper_bound(count - hits, count, delta)


def two_sided(hits: int, count: int, delta: float) -> tuple[float, float]:
    """Exact interval for a chance at confidence 1 - delta.

    Args:
        hits: seen.
        count: independent tries.
        delta: probability, at most, that the true chance lies outside.
    """
    return lower_bound(hits, count, delta / 2), upper_bound(hits, count, delta / 2)
