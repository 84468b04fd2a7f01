"""What to do with a draft: our gate, and what it is measured against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question that both models have answered.

    Attributes:
        prompt: the question.
        source, domain: of the question.
        model: who drafted.
        score: the gate's, of the draft.
        accepted: whether the gate accepts the draft.
        right: whether the draft is right.
        length: characters of the draft.
        draft_quality, strong_quality: from 0 to 1.
        draft_cost, strong_cost: nano-USD.
    """

    prompt: str
    source: str
    domain: str
    model: str
    score: float
    accepted: bool
    right: bool
    length: int
    draft_quality: float
    strong_quality: float
    draft_cost: int
    strong_cost: int


class Point(NamedTuple):
    """What a policy comes to, a question.

    Attributes:
        cost: nano-USD.
        quality: from 0 to 1.
    """

    cost: float
    quality: float


class Step(NamedTuple):
    """A cascade at one threshold.

    Attributes:
        threshold: score from which drafts are accepted; infinite: none is.
        escalated: share of the questions that the strong model gets.
        point: what it comes to.
    """

    threshold: float
    escalated: float
    point: Point


class Policy:
    """One way to answer every question, as columns of cost and quality.

    Args:
        outcomes: cost in nano-USD and quality of each question.
    """

    def __init__(self, outcomes: Sequence[tuple[int, float]]) -> None:
        self._costs = [cost for cost, _ in outcomes]
        self._qualities = [quality for _, quality in outcomes]

    def point(self, sample: Sequence[int]) -> Point:
        """What it comes to on those questions."""
        count = len(sample)
        return Point(
            sum(map(self._costs.__getitem__, sample)) / count, sum(map(self._qualities.__getitem__, sample)) / count
        )


def always_cheap(cases: Sequence[Case]) -> Policy:
    """The draft stands, whatever it is."""
    return Policy([(case.draft_cost, case.draft_quality) for case in cases])


def always_strong(cases: Sequence[Case]) -> Policy:
    """The strong model answers at once; nobody drafts."""
    return Policy([(case.strong_cost, case.strong_quality) for case in cases])


def cascade(cases: Sequence[Case], kept: Sequence[bool]) -> Policy:
    """A draft that is not kept is answered again by the strong model, and both are paid."""
    return Policy(
        [
            (case.draft_cost, case.draft_quality) if keep else (case.draft_cost + case.strong_cost, case.strong_quality)
            for case, keep in zip(cases, kept, strict=True)
        ]
    )


def shortest_kept(cases: Sequence[Case], count: int) -> list[bool]:
    """“Shorter is right”: keep so many of the drafts, the shortest ones."""
    order = sorted(range(len(cases)), key=lambda index: cases[index].length)
    kept = set(order[:count])
    return [index in kept for index in range(len(cases))]


def random_mix(cheap: Point, strong: Point, cost: float) -> Point:
    """A coin flip that costs as much: some questions go straight to the strong model, the others to the cheap one.

    Nobody drafts in vain there, so it is the strongest of the coin flips. Worked out, not drawn.

    Args:
        cheap: what the draft model comes to.
        strong: what the strong model comes to.
        cost: nano-USD a question. Above the strong model's it is the strong model, because nothing
            more can be bought.
    """
    if strong.cost <= cheap.cost:
        return strong
    share = min(1.0, max(0.0, (cost - cheap.cost) / (strong.cost - cheap.cost)))
    return _mixed(cheap, strong, share)


def mix_for_quality(cheap: Point, strong: Point, quality: float) -> Point:
    """The cheapest coin flip that reaches a quality; the strong model where none does."""
    if strong.quality <= cheap.quality:
        return cheap if cheap.quality >= quality else strong
    share = min(1.0, max(0.0, (quality - cheap.quality) / (strong.quality - cheap.quality)))
    return _mixed(cheap, strong, share)


def _mixed(cheap: Point, strong: Point, share: float) -> Point:
    return Point(
        cheap.cost + share * (strong.cost - cheap.cost), cheap.quality + share * (strong.quality - cheap.quality)
    )


def sweep(cases: Sequence[Case], score: Callable[[Case], float] = lambda case: case.score) -> Iterator[Step]:
    """The cascade at every threshold that makes a difference, from “accept none” to “accept all”.

    Args:
        cases: the questions.
        score: by which drafts are accepted.
    """
    count = len(cases)
    cost = sum(case.draft_cost + case.strong_cost for case in cases)
    quality = sum(case.strong_quality for case in cases)
    escalated = count
    yield Step(float("inf"), 1.0, Point(cost / count, quality / count))
    for threshold, ties in groupby(sorted(cases, key=score, reverse=True), key=score):
        for case in ties:
            cost -= case.strong_cost
            quality += case.draft_quality - case.strong_quality
            escalated -= 1
        yield Step(threshold, escalated / count, Point(cost / count, quality / count))


def cheapest_reaching(cases: Sequence[Case], share: float) -> Step | None:
    """The threshold at which the cascade costs least while it keeps that share of the strong model's quality.

    Args:
        cases: the questions it is looked for on.
        share: of the quality of always asking the strong model.

    Returns:
        None where no cascade that is cheaper than the strong model alone reaches it.
    """
    strong = always_strong(cases).point(range(len(cases)))
    reaching = [
        step
        for step in sweep(cases)
        if step.point.quality >= share * strong.quality - 1e-12 and step.point.cost < strong.cost
    ]
    return min(reaching, key=lambda step: step.point.cost, default=None)
