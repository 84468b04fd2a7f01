"""Calibration: what is certified holds, nothing else is certified, and refusals say what it would take."""

from __future__ import annotations

import datetime as dt
import random
from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascadeflow.errors import CalibrationError, ConfigError
from cascadeflow.quality.binomial import binomial_cdf, upper_bound
from cascadeflow.quality.calibration import JudgedAnswer, calibrate, certificate_of, explain
from cascadeflow.quality.learned import gate_training_rows, row_hash
from cascadeflow.quality.threshold_search import GRID, even_chance, least_accepted, searches

TODAY = dt.date(2026, 11, 24)


def population(skill: float, base: float, size: int = 4000) -> list[JudgedAnswer]:
    """Answers whose score is their chance to be right; without skill it says nothing of it."""
    source = random.Random(3)
    answers = []
    for _ in range(size):
        knack = source.gauss(0, 1)
        chance = 1 / (1 + exp(-(base + skill * knack)))
        score = chance if skill else 1 / (1 + exp(-knack))
        answers.append(JudgedAnswer("", score, source.random() < chance))
    return answers


def answers_of(*groups: tuple[float, int, int], domain: str = "") -> list[JudgedAnswer]:
    """(score, right answers, wrong answers)."""
    return [
        JudgedAnswer(domain, score, number < right) for score, right, wrong in groups for number in range(right + wrong)
    ]


@pytest.mark.parametrize(
    ("skill", "base", "target", "labels"),
    [(1.5, 2.0, 0.9, 300), (0.0, 2.0, 0.885, 300), (2.0, 2.5, 0.95, 200)],
    ids=["skilled", "at the edge without skill", "few labels"],
)
def test_a_thousand_calibrations_miss_no_more_than_delta(skill: float, base: float, target: float, labels: int) -> None:
    """The claim itself: over redrawn labels, the true share of wrong answers is above the bound at most that often.

    1,000 draws at delta .05 miss 50 at most on average; 73 is the 99.9 % point of that binomial.
    """
    everyone = sorted(population(skill, base), key=lambda answer: -answer.score)
    true_risk: dict[float, float] = {}
    for threshold in GRID:
        accepted = [answer for answer in everyone if answer.score >= threshold]
        true_risk[threshold] = sum(not answer.right for answer in accepted) / len(accepted) if accepted else 0.0
    source = random.Random(5)
    missed = certified = 0
    for _ in range(1000):
        (result,) = calibrate(source.choices(everyone, k=labels), target=target, delta=0.05)
        if result.threshold is not None:
            certified += 1
            missed += true_risk[result.threshold] > 1 - target
    assert binomial_cdf(73, 1000, 0.05) > 0.999
    assert missed <= 73
    assert certified > (0 if skill == 0 else 100)


@given(
    st.lists(st.builds(JudgedAnswer, st.sampled_from(["math", "code", "general"]), st.floats(0, 1), st.booleans())),
    st.sampled_from([0.5, 0.8, 0.95]),
    st.sampled_from([0.05, 0.3]),
)
@settings(deadline=None, max_examples=200)
def test_what_is_certified_is_bounded_and_counted_right(
    answers: list[JudgedAnswer], target: float, delta: float
) -> None:
    """The counts are those of the threshold; the exact bound is no more than allowed, and not below what was seen."""
    results = calibrate(answers, target=target, delta=delta)
    assert sum(result.delta for result in results) <= delta + 1e-12
    for result in results:
        assert explain(result, target)
        if result.threshold is None:
            continue
        assert result.threshold in GRID
        domains = {result.domain} if result.domain else {a.domain for a in answers} - {r.domain for r in results}
        group = [answer for answer in answers if answer.domain in domains]
        accepted = [answer for answer in group if answer.score >= result.threshold]
        wrong = sum(not answer.right for answer in accepted)
        assert (result.n, result.accepted, result.wrong) == (len(group), len(accepted), wrong)
        assert upper_bound(wrong, len(accepted), delta) <= result.wrong_bound + 1e-9
        assert result.wrong_bound <= 1 - target + 1e-9


def test_where_a_search_begins_does_not_depend_on_the_labels() -> None:
    """Only on how many answers there are."""
    assert least_accepted(0.05, 0.05) == 59
    assert even_chance(0.05, 0.05) == 181
    for total in (10, 59, 200, 362, 1000):
        starts = searches(total, 0.05, 0.05)
        assert sum(search.delta for search in starts) == pytest.approx(0.05)
        assert all(search.accepted >= least_accepted(0.05, search.delta) for search in starts)


def test_the_laxest_threshold_that_holds_is_taken() -> None:
    """The wrong answers are all below .6; accepting the next ones would be too many."""
    answers = answers_of((0.9, 150, 2), (0.7, 80, 1), (0.5, 20, 30), (0.2, 0, 40))
    (result,) = calibrate(answers, target=0.95)
    assert (result.threshold, result.accepted, result.wrong) == (0.7, 233, 3)


def test_a_gate_whose_best_scores_are_no_safer_is_certified_all_the_same() -> None:
    """Drafts that are nearly always right need no gate, even where its highest scores are the worse ones."""
    (result,) = calibrate(answers_of((0.99, 190, 12), (0.8, 1790, 8)), target=0.95)
    assert result.threshold == 0.8
    assert result.accepted == 2000


def test_domains_with_enough_labels_get_their_own_threshold_and_share_delta() -> None:
    """The others go together; all of it holds at once."""
    answers = [
        *answers_of((0.9, 300, 1), (0.3, 0, 50), domain="math"),
        *answers_of((0.6, 300, 1), (0.3, 0, 50), domain="code"),
        *answers_of((0.8, 100, 0), domain="legal"),
        *answers_of((0.8, 100, 0), domain="general"),
    ]
    results = {result.domain: result for result in calibrate(answers, target=0.95, delta=0.06)}
    assert {domain: result.threshold for domain, result in results.items()} == {"math": 0.9, "code": 0.6, "": 0.8}
    assert [result.delta for result in results.values()] == [pytest.approx(0.02)] * 3
    assert results[""].n == 200
    (pooled,) = calibrate(answers, target=0.95, delta=0.06, by_domain=False)
    assert (pooled.n, pooled.delta, pooled.threshold) == (902, 0.06, 0.6)


def test_one_domain_alone_is_certified_for_itself_and_general_for_all() -> None:
    """Answers to questions of mathematics say nothing of legal ones."""
    (math,) = calibrate(answers_of((0.9, 100, 0), domain="math"))
    (general,) = calibrate(answers_of((0.9, 100, 0), domain="general"))
    assert (math.domain, general.domain) == ("math", "")


def test_a_target_of_one_is_refused_with_a_reason() -> None:
    """No finite number of labels shows it."""
    with pytest.raises(ConfigError, match=r"no number of labels.*0\.999 takes 2,995"):
        calibrate(answers_of((0.9, 500, 0)), target=1.0)


@pytest.mark.parametrize(("target", "delta"), [(0.0, 0.05), (0.95, 0.0), (0.95, 1.0), (-1, 0.05), (float("nan"), 0.05)])
def test_targets_and_deltas_lie_between_0_and_1(target: float, delta: float) -> None:
    """Others are refused."""
    with pytest.raises(ConfigError, match="between 0 and 1"):
        calibrate([], target=target, delta=delta)


def test_too_few_labels_say_how_many_it_takes() -> None:
    """59, at 95 % and 95 %, if none is wrong."""
    results = calibrate(answers_of((0.9, 58, 0)))
    assert results[0].too_few
    with pytest.raises(CalibrationError, match="58 labelled answers.*takes 59"):
        certificate_of(results, target=0.95, delta=0.05, date=TODAY)
    assert calibrate(answers_of((0.9, 59, 0)))[0].threshold == 0.9


def test_a_near_miss_says_how_many_labels_would_do_and_they_do() -> None:
    """As long as the shares stay as they are."""
    (result,) = calibrate(answers_of((0.9, 291, 9), (0.4, 100, 100)))
    assert result.threshold is None
    assert result.labels_needed
    assert 500 < result.labels_needed < 1500
    factor = result.labels_needed / 500
    more = answers_of((0.9, round(factor * 291), round(factor * 9)), (0.4, round(factor * 100), round(factor * 100)))
    assert calibrate(more)[0].threshold == 0.9


def test_a_gate_that_cannot_tell_is_refused_for_good() -> None:
    """More labels would not help, and nobody is told to collect them."""
    (result,) = calibrate(answers_of((0.9, 80, 20), (0.5, 80, 20)))
    assert (result.threshold, result.labels_needed) == (None, None)
    assert "would not help" in explain(result, 0.95)


def test_a_certificate_keeps_what_was_found() -> None:
    """And its bound is never tighter than what was certified."""
    answers = [*answers_of((0.9, 400, 3), domain="math"), *answers_of((0.7, 400, 0), domain="general")]
    results = calibrate(answers, target=0.95)
    kept = certificate_of(results, target=0.95, delta=0.05, date=TODAY, model="small", gate="abc")
    assert (kept.model, kept.gate, kept.date, kept.target, kept.delta) == ("small", "abc", TODAY, 0.95, 0.05)
    for result in results:
        part = kept.domains[result.domain] if result.domain else kept
        assert (part.threshold, part.n, part.accepted) == (result.threshold, result.n, result.accepted)
        assert part.wrong_bound is not None
        assert part.wrong_bound >= result.wrong_bound


def test_rows_the_gate_learned_from_are_known_by_their_ids() -> None:
    """As hashes, so that a user's own questions can be told from them."""
    assert row_hash("gsm8k-1") != row_hash("gsm8k-2")
    assert len(gate_training_rows()) > 1000
    assert row_hash("my own question") not in gate_training_rows()
