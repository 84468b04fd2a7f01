"""Policies: what they cost and keep, worked out by hand and held by laws."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cascadeflow.evaluation.curve import curve_of, svg_curve, terminal_curve
from cascadeflow.evaluation.policies import (
    Case,
    Point,
    always_cheap,
    always_strong,
    cascade,
    cheapest_reaching,
    mix_for_quality,
    random_mix,
    shortest_kept,
    sweep,
)
from cascadeflow.evaluation.report import evaluate


def case(number: int = 0, **changes: Any) -> Case:
    right = changes.get("right", True)
    fields: dict[str, Any] = {
        "prompt": f"question {number}", "source": "s", "domain": "math", "model": "small", "score": 0.8,
        "accepted": True, "right": right, "length": 10, "draft_quality": float(right), "strong_quality": 1.0,
        "draft_cost": 10, "strong_cost": 100,
    }  # fmt: skip
    return Case(**fields | changes)


cases_strategy = st.lists(
    st.builds(
        case,
        number=st.integers(0, 9999),
        score=st.sampled_from([0.1, 0.5, 0.9]),
        accepted=st.booleans(),
        right=st.booleans(),
        length=st.integers(0, 50),
        strong_quality=st.sampled_from([0.0, 1.0]),
        draft_cost=st.integers(0, 50),
        strong_cost=st.integers(0, 200),
    ),
    min_size=2,
    max_size=20,
)


def test_a_cascade_pays_both_where_it_escalates() -> None:
    """Two kept, one not: 3 drafts and 1 strong answer."""
    cases = [case(), case(), case(right=False, accepted=False)]
    assert cascade(cases, [item.accepted for item in cases]).point(range(3)) == Point(130 / 3, 1.0)
    assert always_cheap(cases).point(range(3)) == Point(10, 2 / 3)
    assert always_strong(cases).point(range(3)) == Point(100, 1.0)


def test_a_coin_flip_spends_what_it_is_given_on_the_two_models() -> None:
    """Half the way in cost is half the way in quality; beyond the strong model there is nothing."""
    cheap, strong = Point(10, 0.5), Point(110, 0.9)
    assert random_mix(cheap, strong, 60) == Point(60, 0.7)
    assert random_mix(cheap, strong, 500) == strong
    assert random_mix(cheap, strong, 0) == cheap
    assert random_mix(strong, cheap, 60) == cheap
    assert mix_for_quality(cheap, strong, 0.7) == pytest.approx(Point(60, 0.7))
    assert mix_for_quality(cheap, strong, 0.4) == cheap
    assert mix_for_quality(Point(10, 0.9), Point(110, 0.5), 0.7) == Point(10, 0.9)


def test_the_shortest_are_kept() -> None:
    """As many as are asked for."""
    assert shortest_kept([case(length=5), case(length=1), case(length=3)], 2) == [False, True, True]


@given(cases_strategy)
def test_the_sweep_is_the_cascade_at_each_threshold(cases: list[Case]) -> None:
    """Each point can be had by setting that threshold."""
    for step in sweep(cases):
        kept = [item.score >= step.threshold for item in cases]
        point = cascade(cases, kept).point(range(len(cases)))
        assert step.point == pytest.approx(point)
        assert step.escalated == pytest.approx(kept.count(False) / len(cases))


@given(cases_strategy, st.sampled_from([0.5, 0.95, 1.0]))
def test_the_threshold_for_a_quality_reaches_it_below_the_strong_model_s_cost(cases: list[Case], share: float) -> None:
    """And no other does so at less."""
    strong = always_strong(cases).point(range(len(cases)))
    good = [
        step
        for step in sweep(cases)
        if step.point.quality >= share * strong.quality - 1e-9 and step.point.cost < strong.cost
    ]
    found = cheapest_reaching(cases, share)
    assert (found is None) == (not good)
    if found is not None:
        assert found.point.cost == min(step.point.cost for step in good)


@given(cases_strategy)
def test_an_evaluation_always_comes_to_an_end(cases: list[Case]) -> None:
    """Whatever is free, always wrong, or all the same; and its shares are shares."""
    found = evaluate(cases, times=5)
    assert found.total.questions == len(cases)
    assert 0 <= found.total.escalated <= 1
    assert [policy.name for policy in found.policies] == [
        "always cheap", "gate", "random mix", "shorter is right", "perfect gate", "always strong",
    ]  # fmt: skip
    curve = curve_of(cases)
    if curve is not None:
        assert svg_curve(curve, "a < b & c").count("&lt; b &amp; c") == 1


def skilled(count: int = 60, **changes: Any) -> list[Case]:
    """Two thirds of the drafts are right, and the score tells which."""
    return [
        case(number, right=number % 3 > 0, score=0.9 if number % 3 else 0.2, accepted=number % 3 > 0, **changes)
        for number in range(count)
    ]


def test_a_gate_that_knows_is_a_perfect_gate() -> None:
    """It beats the coin flip by what the coin wastes."""
    found = evaluate(skilled(), times=100)
    figures = {policy.name: policy for policy in found.policies}
    assert found.total.auroc is not None
    assert found.total.auroc.value == 1.0
    assert figures["gate"].kept.value == figures["perfect gate"].kept.value == 1.0
    assert figures["gate"].saved.value == pytest.approx(1 - (10 + 100 / 3) / 100)
    assert found.total.gain.value == pytest.approx(1 - random_mix(Point(10, 2 / 3), Point(100, 1), 130 / 3).quality)
    assert found.total.gain.low > 0
    assert found.warnings == ()
    assert [(risk.threshold, risk.accepted, risk.wrong) for risk in found.risks] == [
        (0.9, 40, 0), (0.9, 40, 0), (0.9, 40, 0), (0.2, 60, 20), (0.2, 60, 20),
    ]  # fmt: skip
    [at_95, _, at_100] = found.targets
    assert (at_95.threshold, at_100.threshold) == (0.9, 0.9)
    assert at_100.kept == 1.0
    assert at_100.saved > at_100.mix_saved == 0


def test_a_threshold_is_measured_on_questions_it_was_not_chosen_on() -> None:
    """Scores without skill: on the questions it was chosen on any target is met, on others it is missed at times."""
    kept = []
    for seed in range(20):
        source = random.Random(seed)
        cases = [case(n, right=source.random() < 0.7, score=source.random()) for n in range(40)]
        at_95 = evaluate(cases, times=1).targets[0]
        kept.append(at_95.kept)
        chosen_on_all = cheapest_reaching(cases, 0.95)
        assert chosen_on_all is None or chosen_on_all.point.quality >= 0.95
    assert min(kept) < 0.95 < max(kept)


def test_the_halves_do_not_depend_on_the_order_of_the_file() -> None:
    """The same questions in another order give the same figures."""
    cases = skilled(31)
    assert evaluate(cases, times=2).targets == evaluate(cases[::-1], times=2).targets


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        (skilled(draft_cost=100), "costs as much as the strong model's answer"),
        (skilled(draft_cost=70), "even a perfect gate saves nothing"),
        ([case(n, strong_quality=0.5) for n in range(20)], "at least as good"),
        ([case(n, right=n > 0, score=n / 20) for n in range(20)], "not shown to be better"),
        ([case(n, right=n > 9) for n in range(20)], "accepts every draft"),
        ([case(n, right=n > 9, accepted=False) for n in range(20)], "accepts no draft"),
    ],
)
def test_a_pair_that_cannot_pay_is_said_so(cases: list[Case], words: str) -> None:
    """Prices that do not fall with quality, a strong model that is none, too few questions."""
    assert any(words in said for said in evaluate(cases, times=50).warnings)


def test_parts_are_told_where_there_is_more_than_one() -> None:
    """Domains and sources with ten questions or more."""
    cases = [*skilled(30), *skilled(30, domain="code", source="t"), *skilled(9, domain="legal")]
    found = evaluate(cases, times=5)
    assert [(part.name, part.questions) for part in found.domains] == [("math", 30), ("code", 30)]
    assert [(part.name, part.questions) for part in found.sources] == [("s", 39), ("t", 30)]
    assert evaluate(skilled(), times=5).domains == ()


def test_the_curve_is_drawn_in_characters_and_as_a_picture() -> None:
    """With a legend for both; the same place, whichever."""
    curve = curve_of(skilled())
    assert curve is not None
    assert curve.dots["always strong"] == (100, 100)
    assert curve.dots["this threshold"] == pytest.approx((130 / 3, 100))
    text = terminal_curve(curve, 60)
    assert max(len(line) for line in text.splitlines()[1:-1]) <= 60
    for word in ("our gate", "coin flip", "P perfect gate", "in % of always strong"):
        assert word in text
    assert "\x1b" not in text
    picture = svg_curve(curve, "<title>")
    assert picture.startswith("<svg ")
    assert "&lt;title&gt;" in picture
    assert "always strong: 100.0 at 100.0" in picture
