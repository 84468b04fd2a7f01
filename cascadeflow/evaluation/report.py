"""The figures of an evaluation: how well the gate tells right from wrong, and what that is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cascadeflow.evaluation.bootstrap import TIMES, Interval, intervals
from cascadeflow.evaluation.metrics import RiskPoint, ScoredLabels
from cascadeflow.evaluation.policies import (
    Case,
    Point,
    Policy,
    always_cheap,
    always_strong,
    cascade,
    cheapest_reaching,
    mix_for_quality,
    random_mix,
    shortest_kept,
)

TARGETS = (0.95, 0.99, 1.0)
"""Shares of the strong model's quality that are asked for."""
COVERAGES = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Shares of the drafts whose risk is told."""
LEAST_PART = 10
"""A domain or source with fewer questions gets no line of its own."""
_NOTHING = Interval(0.0, 0.0, 0.0)
_CANNOT = "This pair cannot pay"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFigures:
    """What a policy comes to.

    Attributes:
        name: of the policy.
        escalated: share of the questions that the strong model gets.
        cost: nano-USD a question.
        saved: share of always-strong's cost.
        kept: its quality as a share of always-strong's.
    """

    name: str
    escalated: float
    cost: float
    saved: Interval
    kept: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFigures:
    """What the gate does on some of the questions.

    Attributes:
        name: ``all``, or a domain or source.
        questions: how many.
        draft_quality, strong_quality: of always asking the one or the other.
        right: share of the drafts that are right.
        auroc: probability that a right draft scores above a wrong one; None where it cannot be told.
        calibration_error: mean distance of the score from the share of right drafts.
        escalated: share of drafts that are rejected.
        accepted_wrong: share of the accepted drafts that are wrong; None where none is accepted.
        saved: share of always-strong's cost.
        kept: quality as a share of always-strong's.
        mix_kept: the same of the random mix at equal cost.
        gain: quality above that mix, from -1 to 1.
    """

    name: str
    questions: int
    draft_quality: float
    strong_quality: float
    right: float
    auroc: Interval | None
    calibration_error: Interval
    escalated: float
    accepted_wrong: float | None
    saved: Interval
    kept: Interval
    mix_kept: Interval
    gain: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFigures:
    """The cheapest cascade that keeps a share of the strong model's quality.

    The threshold is chosen on one half of the questions and applied to the other, both ways, so
    that ``saved`` and ``kept`` are not those of the questions it was chosen on.

    Attributes:
        target: share of the strong model's quality asked for.
        threshold: chosen on all questions, for use; None: no cascade reaches it below the strong
            model's cost.
        saved, kept: on the halves; with no threshold the strong model is asked directly.
        mix_kept: quality of the random mix at that cost, as a share of always-strong's.
        gain: quality above that mix, from -1 to 1.
        mix_saved: what the random mix saves that reaches the target.
    """

    target: float
    threshold: float | None
    saved: float
    kept: float
    mix_kept: float
    gain: float
    mix_saved: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything an evaluation found.

    Attributes:
        total: of all questions.
        policies: side by side, the cheapest kind first.
        risks: what accepting the surest 20, 40, … 100 % of the drafts would mean.
        shorter_auroc: of “the shorter answer is right”; None where it cannot be told.
        targets: at 95, 99 and 100 % of the strong model's quality.
        domains, sources: the parts with at least `LEAST_PART` questions, where there is more than one.
        warnings: why the pair cannot pay, or may not; empty where nothing speaks against it.
    """

    total: PartFigures
    policies: tuple[PolicyFigures, ...]
    risks: tuple[RiskPoint, ...]
    shorter_auroc: float | None
    targets: tuple[TargetFigures, ...]
    domains: tuple[PartFigures, ...]
    sources: tuple[PartFigures, ...]
    warnings: tuple[str, ...]


def evaluate(cases: Sequence[Case], *, times: int = TIMES) -> Evaluation:
    """Measure a gate on questions that both models have answered.

    Args:
        cases: the questions; at least 2.
        times: resamples of the bootstrap.
    """
    everything = range(len(cases))
    kept = [case.accepted for case in cases]
    policies = {
        "always cheap": always_cheap(cases),
        "gate": cascade(cases, kept),
        "shorter is right": cascade(cases, shortest_kept(cases, sum(kept))),
        "perfect gate": cascade(cases, [case.right for case in cases]),
        "always strong": always_strong(cases),
    }
    escalated = {
        "always cheap": 0.0,
        "perfect gate": 1 - sum(case.right for case in cases) / len(cases),
        "always strong": 1.0,
    }
    found = intervals(lambda sample: _policy_shares(policies, sample), len(cases), times=times)
    cheap, strong, gate = (policies[name].point(everything) for name in ("always cheap", "always strong", "gate"))
    mix = random_mix(cheap, strong, gate.cost)
    costs = {name: policy.point(everything).cost for name, policy in policies.items()} | {"random mix": mix.cost}
    escalated["random mix"] = _share(mix.cost - cheap.cost, strong.cost - cheap.cost)
    order = ("always cheap", "gate", "random mix", "shorter is right", "perfect gate", "always strong")
    total = _part("all", cases, times)
    return Evaluation(
        total=total,
        policies=tuple(
            PolicyFigures(
                name=name,
                escalated=escalated.get(name, total.escalated),
                cost=costs[name],
                saved=found[f"{name} saved"],
                kept=found.get(f"{name} kept", _NOTHING),
            )
            for name in order
        ),
        risks=tuple(_risks(cases)),
        shorter_auroc=ScoredLabels([-case.length for case in cases], [case.right for case in cases]).auroc(),
        targets=tuple(_target(cases, target) for target in TARGETS),
        domains=_parts(cases, lambda case: case.domain, times),
        sources=_parts(cases, lambda case: case.source, times),
        warnings=tuple(_warnings(cases, cheap, strong, times)),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _policy_shares(policies: Mapping[str, Policy], sample: Sequence[int]) -> dict[str, float | None]:
    points = {name: policy.point(sample) for name, policy in policies.items()}
    strong = points["always strong"]
    points["random mix"] = random_mix(points["always cheap"], strong, points["gate"].cost)
    shares: dict[str, float | None] = {}
    for name, point in points.items():
        shares[f"{name} saved"] = 1 - point.cost / strong.cost if strong.cost else 0.0
        shares[f"{name} kept"] = point.quality / strong.quality if strong.quality else None
    return shares


def _part(name: str, cases: Sequence[Case], times: int) -> PartFigures:
    accepted = [case for case in cases if case.accepted]
    labels = ScoredLabels([case.score for case in cases], [case.right for case in cases])
    cheap, strong = always_cheap(cases), always_strong(cases)
    gate = cascade(cases, [case.accepted for case in cases])

    def figures(sample: Sequence[int]) -> dict[str, float | None]:
        shares = _policy_shares({"always cheap": cheap, "always strong": strong, "gate": gate}, sample)
        at_gate = gate.point(sample)
        mix = random_mix(cheap.point(sample), strong.point(sample), at_gate.cost)
        return {
            "auroc": labels.auroc(sample),
            "calibration error": labels.calibration_error(sample),
            "gain": at_gate.quality - mix.quality,
            **shares,
        }

    found = intervals(figures, len(cases), times=times)
    everything = range(len(cases))
    return PartFigures(
        name=name,
        questions=len(cases),
        draft_quality=cheap.point(everything).quality,
        strong_quality=strong.point(everything).quality,
        right=sum(case.right for case in cases) / len(cases),
        auroc=found.get("auroc"),
        calibration_error=found["calibration error"],
        escalated=1 - len(accepted) / len(cases),
        accepted_wrong=sum(not case.right for case in accepted) / len(accepted) if accepted else None,
        saved=found["gate saved"],
        kept=found.get("gate kept", _NOTHING),
        mix_kept=found.get("random mix kept", _NOTHING),
        gain=found["gain"],
    )


def _risks(cases: Sequence[Case]) -> Iterator[RiskPoint]:
    points = list(ScoredLabels([case.score for case in cases], [case.right for case in cases]).risk_coverage())
    for share in COVERAGES:
        yield next(point for point in points if point.accepted >= share * len(cases))


def _parts(cases: Sequence[Case], key: Callable[[Case], str], times: int) -> tuple[PartFigures, ...]:
    parts: dict[str, list[Case]] = {}
    for case in cases:
        parts.setdefault(key(case), []).append(case)
    if len(parts) < 2:
        return ()
    return tuple(_part(name or "no name", found, times) for name, found in parts.items() if len(found) >= LEAST_PART)


def _target(cases: Sequence[Case], target: float) -> TargetFigures:
    halves = _halves(cases)
    outcomes: list[tuple[int, float]] = []
    for chosen_on, applied_to in ((halves[0], halves[1]), (halves[1], halves[0])):
        step = cheapest_reaching(chosen_on, target)
        for case in applied_to:
            if step is None:
                outcomes.append((case.strong_cost, case.strong_quality))
            elif case.score >= step.threshold:
                outcomes.append((case.draft_cost, case.draft_quality))
            else:
                outcomes.append((case.draft_cost + case.strong_cost, case.strong_quality))
    everything = range(len(cases))
    point = Policy(outcomes).point(everything)
    cheap, strong = always_cheap(cases).point(everything), always_strong(cases).point(everything)
    mix = random_mix(cheap, strong, point.cost)
    overall = cheapest_reaching(cases, target)
    return TargetFigures(
        target=target,
        threshold=None if overall is None else overall.threshold,
        saved=_share(strong.cost - point.cost, strong.cost),
        kept=_share(point.quality, strong.quality),
        mix_kept=_share(mix.quality, strong.quality),
        gain=point.quality - mix.quality,
        mix_saved=_share(strong.cost - mix_for_quality(cheap, strong, target * strong.quality).cost, strong.cost),
    )


def _halves(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """Two halves that depend on the questions alone, not on their order in a file."""
    order = sorted(cases, key=lambda case: sha256(case.prompt.encode("utf-8", "replace")).digest())
    return order[::2], order[1::2]


def _warnings(cases: Sequence[Case], cheap: Point, strong: Point, times: int) -> list[str]:
    """Why no gate can make this pair pay, or why it may not."""
    right = sum(case.right for case in cases) / len(cases)
    if cheap.cost >= strong.cost:
        return [f"{_CANNOT}: a draft costs as much as the strong model's answer. Prices must fall with quality."]
    if cheap.quality >= strong.quality:
        return [f"{_CANNOT}: the drafts are at least as good as the strong model's answers. Ask the cheap model alone."]
    if cheap.cost >= right * strong.cost:
        costs = 100 * cheap.cost / strong.cost
        words = f"{100 * right:.0f} % of the drafts are right and one costs {costs:.0f} % of the strong model's answer"
        return [f"{_CANNOT}: {words}, so even a perfect gate saves nothing."]
    said = []
    columns = always_strong(cases), always_cheap(cases)
    lead = intervals(
        lambda sample: {"lead": columns[0].point(sample).quality - columns[1].point(sample).quality},
        len(cases),
        times=times,
    )["lead"]
    if not lead.excludes_zero:
        between = f"{100 * lead.value:+.1f} points, between {100 * lead.low:+.1f} and {100 * lead.high:+.1f}"
        said.append(f"On so few questions the strong model is not shown to be better than the cheap one ({between}).")
    accepted = sum(case.accepted for case in cases)
    if accepted in (0, len(cases)):
        which = (
            "no draft: every question pays for both models" if not accepted else "every draft: it is the cheap model"
        )
        said.append(f"At this threshold the gate accepts {which}.")
    return said
