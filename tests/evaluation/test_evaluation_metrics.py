"""Metrics and bootstrap, beside definitions that are slow and plain."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cascadeflow.evaluation.bootstrap import Interval, intervals
from cascadeflow.evaluation.metrics import ScoredLabels

labelled = st.lists(
    st.tuples(st.sampled_from([0.1, 0.3, 0.3000001, 0.7, 0.95]), st.booleans()), min_size=1, max_size=25
)


def of(pairs: list[tuple[float, bool]]) -> ScoredLabels:
    return ScoredLabels([score for score, _ in pairs], [right for _, right in pairs])


@given(labelled)
def test_auroc_is_the_share_of_pairs_won(pairs: list[tuple[float, bool]]) -> None:
    """Every right answer against every wrong one; a tie is half a win."""
    rights = [score for score, right in pairs if right]
    wrongs = [score for score, right in pairs if not right]
    won = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in product(rights, wrongs)]
    found = of(pairs).auroc()
    assert found is None if not won else found == pytest.approx(sum(won) / len(won))


@given(labelled, st.randoms(use_true_random=False))
def test_a_resample_measures_what_its_answers_would(pairs: list[tuple[float, bool]], source: random.Random) -> None:
    """Also where an answer is drawn twice, or not at all."""
    sample = source.choices(range(len(pairs)), k=len(pairs))
    drawn = of([pairs[index] for index in sample])
    assert of(pairs).auroc(sample) == drawn.auroc()
    assert of(pairs).calibration_error(sample) == pytest.approx(drawn.calibration_error())


@given(labelled)
def test_risk_and_coverage_count_what_a_threshold_accepts(pairs: list[tuple[float, bool]]) -> None:
    """From the strictest to the laxest."""
    points = list(of(pairs).risk_coverage())
    assert [point.threshold for point in points] == sorted({score for score, _ in pairs}, reverse=True)
    for point in points:
        accepted = [right for score, right in pairs if score >= point.threshold]
        assert (point.accepted, point.wrong) == (len(accepted), accepted.count(False))


def test_a_calibrated_score_has_no_error_and_a_boastful_one_its_excess() -> None:
    """Ten groups of ten, each as often right as it says."""
    honest = [((2 * tenth + 1) / 20, number < tenth + 0.5) for tenth in range(10) for number in range(10)]
    assert of(honest).calibration_error() == pytest.approx(0.05)
    assert of([(0.9, number < 5) for number in range(10)]).calibration_error() == pytest.approx(0.4)


def test_the_same_seed_gives_the_same_intervals() -> None:
    """On every machine."""
    source = random.Random(1)
    values = [source.random() for _ in range(30)]

    def mean(sample: Sequence[int]) -> dict[str, float | None]:
        return {"mean": sum(values[index] for index in sample) / len(values), "unknown": None}

    assert intervals(mean, 30, times=50) == intervals(mean, 30, times=50) != intervals(mean, 30, times=50, seed=1)
    assert set(intervals(mean, 30, times=50)) == {"mean"}


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    """200 samples of a known share: 95 % intervals hold it in 182 to 198 of them (binomial, 99.8 %)."""
    source = random.Random(2)
    held = 0
    for _ in range(200):
        hits = [source.random() < 0.3 for _ in range(100)]
        found = intervals(lambda sample, hits=hits: {"share": sum(map(hits.__getitem__, sample)) / 100}, 100, times=200)
        held += found["share"].low <= 0.3 <= found["share"].high
    assert 176 <= held <= 199


def test_an_interval_tells_whether_it_holds_zero() -> None:
    """On either side."""
    assert Interval(1, 0.5, 2).excludes_zero
    assert Interval(-1, -2, -0.5).excludes_zero
    assert not Interval(0.1, -0.1, 0.2).excludes_zero
