"""The gate: checks an answer and says whether it stands.

It starts from the chance that such an answer is right: what `learned` estimates from its features, or
`PRIOR` where that has nothing to say. Each check's score from 0 to 1 then moves the log-odds by
`WEIGHTS`: up by ``gain`` at a score of 1, down by ``loss`` at 0, nothing at 0.5. A check that must not
be overruled (an empty answer, a wrong sum) has a loss that no gain makes up for. Beside an estimate
that stands by itself only a proof counts in favour of an answer: whatever else does is in the estimate already.

The weights of the checks are set by reasoning; the estimate is fitted to labelled answers. ``p_correct``
is the sum, and ``calibrated`` says whether the estimate was made for this model and kind of question.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import NamedTuple

from cascadeflow.errors import ConfigError
from cascadeflow.quality.checks import find_check
from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.learned import PRIOR, Estimate, LearnedGate, find_gate
from cascadeflow.quality.modes import ALL, find_mode
from cascadeflow.schema import CheckResult, Verdict


class Weight(NamedTuple):
    """What a check may do to the log-odds.

    Attributes:
        gain: added at a score of 1.
        loss: taken away at a score of 0.
    """

    gain: float
    loss: float


DECISIVE = 7.0
"""A loss that no sum of gains makes up for."""
WEIGHTS: dict[str, Weight] = {
    "empty": Weight(0.0, DECISIVE),
    "refusal": Weight(0.0, DECISIVE),
    "truncation": Weight(0.0, DECISIVE),
    "tool_calls": Weight(0.3, DECISIVE),
    "repetition": Weight(0.0, DECISIVE),
    "form": Weight(0.3, DECISIVE),
    "arithmetic": Weight(2.0, DECISIVE),
    "python_code": Weight(0.3, DECISIVE),
    "hedging": Weight(0.0, 1.5),
    "coherence": Weight(0.3, 1.5),
    "length": Weight(0.35, 0.35),
    "logprobs": Weight(0.8, 2.0),
    "semantic_similarity": Weight(0.0, DECISIVE),
    "toxicity": Weight(0.0, DECISIVE),
}


PROVES = frozenset({"arithmetic"})
"""Checks whose full score is a proof."""
_WITHOUT_WEIGHT = Weight(0.0, 0.0)


def score(prompt: str, text: str, domain: str = "general") -> float:
    """How likely an answer is right, judged by its text alone.

    Args:
        prompt: the user's question.
        text: the answer.
        domain: domain of the question.

    Returns:
        From 0 to 1; pooled over models.

    Example:
        >>> score("What is 17 * 23?", "391") > 0.8 > 0.1 > score("What is 17 * 23?", "381")
        True
    """
    context = CheckContext(prompt, text, domain)
    return combine(run_checks(context, ALL), find_gate().estimate(context))


def judge(
    context: CheckContext,
    mode: str = "balanced",
    threshold: float | None = None,
    checks: Sequence[str] | None = None,
    gate: LearnedGate | None = None,
) -> Verdict:
    """Check an answer and decide.

    Args:
        context: question, answer and what is known about the call.
        mode: one of `modes.MODES`.
        threshold: score from 0 to 1 it takes; None: the mode's.
        checks: names of the checks to run; None: the mode's.
        gate: the learned part; None: the one that is shipped.

    Returns:
        The verdict. ``deciding`` is the check that moved it most in its direction, or ``gate`` when
        the sum of several did.

    Raises:
        ConfigError: unknown mode or check, or a threshold outside 0 to 1.

    Example:
        >>> judge(CheckContext("What is 17 * 23?", "381")).reason
        'arithmetic: 17 * 23 = 391, the answer says 381'
    """
    settings = find_mode(mode)
    needed = settings.threshold if threshold is None else threshold
    if not 0 <= needed <= 1:
        raise ConfigError(f"a threshold is a number from 0 to 1, not {needed!r}")
    results = run_checks(context, settings.checks if checks is None else checks)
    return decide(results, needed, (gate or find_gate()).estimate(context))


def run_checks(context: CheckContext, names: Sequence[str]) -> tuple[CheckResult, ...]:
    """What each of these checks says.

    Raises:
        ConfigError: unknown check.
    """
    return tuple(find_check(name)(context) for name in names)


def combine(results: Sequence[CheckResult], estimate: Estimate | None = None) -> float:
    """The score that these results come to, from 0 to 1, starting from an estimate or from `PRIOR`."""
    return _probability(_start(estimate) + sum(_influences(results, estimate)))


def _probability(evidence: float) -> float:
    return 1 / (1 + exp(-evidence))


def _start(estimate: Estimate | None) -> float:
    if estimate is None:
        return PRIOR
    return estimate.evidence if estimate.absolute else PRIOR + estimate.evidence


def _influences(results: Sequence[CheckResult], estimate: Estimate | None) -> list[float]:
    moved = [influence(result) for result in results]
    if estimate is None or not estimate.absolute:
        return moved
    pairs = zip(results, moved, strict=True)
    return [change if change < 0 or (result.name in PROVES and result.score == 1) else 0.0 for result, change in pairs]


def influence(result: CheckResult) -> float:
    """Log-odds that one result adds or takes away; 0 where it has nothing to say."""
    if result.score is None:
        return 0.0
    weight = WEIGHTS.get(result.name, _WITHOUT_WEIGHT)
    evidence = 2 * result.score - 1
    return evidence * (weight.gain if evidence > 0 else weight.loss)


def decide(results: Sequence[CheckResult], threshold: float, estimate: Estimate | None = None) -> Verdict:
    """The verdict that these results come to.

    Args:
        results: of checks; those without a weight are shown and do not count.
        threshold: score from 0 to 1 it takes.
        estimate: of the learned part; None: it has nothing to say.
    """
    start = _start(estimate)
    influences = _influences(results, estimate)
    total = _probability(start + sum(influences))
    valid = total >= threshold
    most = (max if valid else min)(influences, default=0.0)
    # Of an answer that would fail anyway, a check that sinks any answer is still what people should read.
    ground = max(start, PRIOR)
    alone = most > 1 if valid else _probability(ground + most) < threshold <= _probability(ground)
    deciding, sign = "gate", "≥" if valid else "<"
    reason = f"score {total:.2f} {sign} {threshold:.2f}" + (f" ({estimate.reason})" if estimate else "")
    if alone:
        mover = results[influences.index(most)]
        deciding, reason = mover.name, f"{mover.name}: {mover.reason}"
    elif not valid:
        against = (item for item, moved in zip(results, influences, strict=True) if moved < 0 and item.reason)
        reason = "; ".join([reason, *(f"{item.name}: {item.reason}" for item in against)])
    return Verdict(
        is_valid=valid,
        reason=reason,
        score=total,
        threshold=threshold,
        deciding=deciding,
        checks=tuple(results),
        p_correct=total,
        calibrated=estimate is not None and estimate.calibrated,
    )
