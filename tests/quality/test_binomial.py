"""Exact binomial bounds, beside sums of exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import comb, isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascadeflow.quality.binomial import binomial_cdf, lower_bound, two_sided, upper_bound

tries = st.integers(1, 60).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count)))
deltas = st.sampled_from([0.001, 0.01, 0.05, 0.2])


def exact(hits: int, count: int, chance: Fraction) -> Fraction:
    """At most so many hits, without a rounding."""
    return sum((comb(count, i) * chance**i * (1 - chance) ** (count - i) for i in range(hits + 1)), Fraction(0))


@given(tries, st.integers(0, 100))
@settings(deadline=None)
def test_probabilities_are_those_of_exact_fractions(seen: tuple[int, int], hundredths: int) -> None:
    """To eleven digits, in both tails."""
    hits, count = seen
    wanted = float(exact(hits, count, Fraction(hundredths, 100)))
    assert isclose(binomial_cdf(hits, count, hundredths / 100), wanted, rel_tol=1e-11, abs_tol=1e-15)


@given(tries, deltas)
@settings(deadline=None)
def test_the_upper_bound_is_where_so_few_hits_become_that_unlikely(seen: tuple[int, int], delta: float) -> None:
    """Clopper and Pearson's definition, checked with fractions on both sides of it."""
    hits, count = seen
    bound = upper_bound(hits, count, delta)
    assert hits / count <= bound <= 1
    if hits < count:
        step = Fraction(1, 10**9)
        assert exact(hits, count, min(Fraction(1), Fraction(bound) + step)) <= Fraction(delta)
        assert exact(hits, count, Fraction(bound) - step) >= Fraction(delta)


@given(tries, deltas)
@settings(deadline=None)
def test_bounds_mirror_each_other_and_hold_the_rate(seen: tuple[int, int], delta: float) -> None:
    """What bounds hits from above bounds misses from below; less delta, wider interval."""
    hits, count = seen
    assert lower_bound(hits, count, delta) == 1 - upper_bound(count - hits, count, delta)
    low, high = two_sided(hits, count, delta)
    assert low <= hits / count <= high
    wider = two_sided(hits, count, delta / 2)
    assert wider[0] <= low
    assert high <= wider[1]


@pytest.mark.parametrize(
    ("hits", "count", "delta", "bound"),
    [(0, 59, 0.05, 0.04950), (0, 100, 0.05, 0.02951), (10, 100, 0.025, 0.17622)],
)
def test_bounds_of_published_tables(hits: int, count: int, delta: float, bound: float) -> None:
    """The rule of three, and values any table of exact limits has."""
    assert upper_bound(hits, count, delta) == pytest.approx(bound, abs=2e-5)


def test_large_numbers_stay_exact() -> None:
    """A hundred thousand answers; the normal approximation is good there."""
    assert upper_bound(4000, 100_000, 0.05) == pytest.approx(0.04 + 1.645 * (0.04 * 0.96 / 100_000) ** 0.5, abs=2e-5)
    assert binomial_cdf(90_000, 100_000, 0.1) == 1
    assert binomial_cdf(10_000, 100_000, 0.9) == 0
    assert binomial_cdf(50_000, 100_000, 0.5) == pytest.approx(0.5 + 0.5 * 0.002523, abs=1e-5)


def test_the_edges() -> None:
    """No tries say nothing; certain and impossible chances are certain."""
    assert upper_bound(0, 0, 0.05) == 1
    assert upper_bound(5, 5, 0.05) == 1
    assert lower_bound(0, 5, 0.05) == 0
    assert (binomial_cdf(-1, 5, 0.5), binomial_cdf(5, 5, 0.5)) == (0, 1)
    assert (binomial_cdf(2, 5, 0.0), binomial_cdf(2, 5, 1.0)) == (1, 0)
