"""Certified thresholds: from labelled answers to a bound on how often an accepted answer is wrong.

The claim is “of the answers that reach the threshold at most 1 - target are wrong”, with probability
1 - delta over the draw of the labelled answers, for traffic like them. `threshold_search` finds it, and
says by which procedure.

Each question counts once, with the answer of one model, and none that the gate was trained on. A domain
gets a threshold of its own where it has enough labels; the domains share delta equally, so that all
claims hold together. Whether there are enough is judged by numbers of answers, never by their labels.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from cascadeflow.errors import CalibrationError, ConfigError
from cascadeflow.quality.binomial import upper_bound
from cascadeflow.quality.certificate import Certificate, DomainCertificate
from cascadeflow.quality.threshold_search import (
    even_chance,
    labels_needed,
    least_accepted,
    points_of,
    search,
    searches,
)

UNNAMED = "general"
"""The domain of questions that belong to no other; alone it stands for all domains."""


class JudgedAnswer(NamedTuple):
    """A labelled answer with the gate's score.

    Attributes:
        domain: of the question.
        score: the gate's, from 0 to 1.
        right: whether the answer is right.
    """

    domain: str
    score: float
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """What was found for one domain, or for all others together.

    Attributes:
        domain: empty for all without a line of their own.
        n: labelled answers.
        delta: the group's part of it.
        threshold: certified; None: none could be.
        accepted, wrong: answers that reach it, or the threshold at which a search ended, and the wrong ones of those.
        wrong_bound: exact upper bound on the share of wrong ones among the accepted.
        labels_needed: about how many labels it would take, if the share of wrong ones stays as seen;
            None: no number would, or it is certified.
        too_few: whether there were too few answers to test at all.
    """

    domain: str
    n: int
    delta: float
    threshold: float | None
    accepted: int
    wrong: int
    wrong_bound: float
    labels_needed: int | None = None
    too_few: bool = False


def calibrate(
    answers: Iterable[JudgedAnswer], *, target: float = 0.95, delta: float = 0.05, by_domain: bool = True
) -> tuple[GroupResult, ...]:
    """Find the laxest threshold at which the share of right answers is certified.

    Args:
        answers: labelled answers of one model, one to a question.
        target: share of the accepted answers that must be right, above 0 and below 1.
        delta: probability, at most, that any of the claims does not hold.
        by_domain: whether domains with enough labels get thresholds of their own.

    Returns:
        A result for each domain with enough labels, and one for all others together.

    Raises:
        ConfigError: the target or delta is not between 0 and 1, or a target of 1 is asked for.

    Example:
        >>> found = calibrate([JudgedAnswer("", 0.9, True)] * 60 + [JudgedAnswer("", 0.3, False)] * 20)
        >>> found[0].threshold, found[0].accepted, round(found[0].wrong_bound, 3)
        (0.9, 60, 0.049)
    """
    if target >= 1:
        raise ConfigError(
            "no number of labels certifies that no accepted answer is ever wrong; a target of 0.999 takes "
            f"{least_accepted(0.001, delta) if 0 < delta < 1 else 2995:,} accepted answers without a wrong one"
        )
    if not (0 < target < 1 and 0 < delta < 1):
        raise ConfigError(f"target and delta lie between 0 and 1; they are {target!r} and {delta!r}")
    groups, share = _groups(list(answers), 1 - target, delta, by_domain=by_domain)
    return tuple(_result(domain, group, 1 - target, share) for domain, group in groups)


def certificate_of(
    results: Sequence[GroupResult],
    *,
    target: float,
    delta: float,
    date: dt.date,
    model: str | None = None,
    gate: str | None = None,
) -> Certificate:
    """What a configuration keeps of a calibration.

    Args:
        results: of `calibrate`.
        target: as given to it.
        delta: as given to it.
        date: of the calibration.
        model: whose answers were labelled.
        gate: `gate_print` of the checks that gave the scores.

    Raises:
        CalibrationError: nothing was certified; says how many labels it would take.
    """
    if not any(result.threshold is not None for result in results):
        raise CalibrationError("\n".join(["Nothing can be certified.", *(explain(item, target) for item in results)]))
    domains, others = {}, {}
    for result in results:
        if result.threshold is not None:
            fields = {
                "threshold": result.threshold,
                "n": result.n,
                "accepted": result.accepted,
                "wrong_bound": min(round_up(result.wrong_bound), round(1 - target, 12)),
            }
            if result.domain:
                domains[result.domain] = DomainCertificate.model_validate(fields)
            else:
                others = fields
    return Certificate.model_validate(
        {**others, "target": target, "delta": delta, "date": date, "model": model, "gate": gate, "domains": domains}
    )


def explain(result: GroupResult, target: float) -> str:
    """A result in one sentence.

    Args:
        result: of `calibrate`.
        target: as given to it.
    """
    where = f"{result.domain}: " if result.domain else ""
    allowed = f"{100 * (1 - target):.4g} %"
    if result.threshold is not None:
        return (
            f"{where}threshold {result.threshold:g} accepts {result.accepted} of {result.n}, {result.wrong} of those wrong; "
            f"at most {100 * result.wrong_bound:.1f} % are"
        )
    if result.too_few:
        return (
            f"{where}{result.n} labelled answers, {result.accepted} at the most accepted, are too few: it takes "
            f"{result.labels_needed} or more"
        )
    seen = (
        f"{where}where the search ended {result.wrong} of {result.accepted} accepted answers are wrong, so that up to "
        f"{100 * result.wrong_bound:.1f} % could be, where {allowed} are allowed"
    )
    if result.labels_needed is None:
        return f"{seen}. More labels would not help: this gate does not tell enough of the wrong ones. Lower the target"
    return f"{seen}. If it stays so, about {result.labels_needed:,} labelled answers would do"


def round_up(bound: float) -> float:
    """A bound with four digits that is no tighter than it was."""
    return min(1.0, ceil(bound * 10_000 - 1e-9) / 10_000)


def _groups(
    answers: list[JudgedAnswer], allowed: float, delta: float, *, by_domain: bool
) -> tuple[list[tuple[str, list[JudgedAnswer]]], float]:
    """Who is tested, and each one's part of delta; decided by how many answers there are."""
    domains: dict[str, list[JudgedAnswer]] = {}
    for answer in answers:
        domains.setdefault(answer.domain, []).append(answer)
    if not by_domain or set(domains) <= {"", UNNAMED}:
        return [("", answers)], delta
    if len(domains) == 1:
        return list(domains.items()), delta
    order = sorted(domains, key=lambda name: (-len(domains[name]), name))
    for own in range(len(order), 0, -1):
        rest = [answer for name in order[own:] for answer in domains[name]]
        tested = own + (len(rest) >= least_accepted(allowed, delta / (own + 1)))
        if len(domains[order[own - 1]]) >= even_chance(allowed, delta / tested):
            groups = [(name, domains[name]) for name in order[:own]]
            if tested > own:
                groups.append(("", rest))
            return groups, delta / tested
    return [("", answers)], delta


def _result(domain: str, answers: Sequence[JudgedAnswer], allowed: float, delta: float) -> GroupResult:
    total = len(answers)
    points = list(points_of([answer.score for answer in answers], [answer.right for answer in answers]))
    ends = [search(points, begin, allowed) for begin in searches(total, allowed, delta)]
    found = [end for end in ends if end is not None]
    if not found:
        wrong = sum(not answer.right for answer in answers)
        return GroupResult(
            domain=domain, n=total, delta=delta, threshold=None, accepted=total, wrong=wrong,
            wrong_bound=upper_bound(wrong, total, delta), labels_needed=least_accepted(allowed, delta), too_few=True,
        )  # fmt: skip
    passed = [end for end in found if end.passed]
    if not passed:
        nearest = min(found, key=lambda end: end.point.wrong / end.point.accepted)
        return GroupResult(
            domain=domain, n=total, delta=delta, threshold=None, accepted=nearest.point.accepted,
            wrong=nearest.point.wrong, wrong_bound=nearest.bound,
            labels_needed=labels_needed(points, total, allowed, delta),
        )  # fmt: skip
    laxest = min(passed, key=lambda end: end.point.threshold)
    return GroupResult(
        domain=domain, n=total, delta=delta, threshold=laxest.point.threshold, accepted=laxest.point.accepted,
        wrong=laxest.point.wrong, wrong_bound=min(laxest.bound, allowed),
    )  # fmt: skip
