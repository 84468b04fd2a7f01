"""The gate: checks an answer and says whether it stands.

Each check's score from 0 to 1 moves the log-odds that the answer is right, away from a prior, by
`WEIGHTS`: up by ``gain`` at a score of 1, down by ``loss`` at 0, nothing at 0.5. The sum, turned back
into a number from 0 to 1, is the score. A check that must not be overruled (an empty answer, a
wrong sum) has a loss that no gain makes up for.

The weights are set by reasoning, not fitted to labelled answers. So ``p_correct`` is this score and
nothing better, and every verdict says ``calibrated=False``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import NamedTuple

from cascadeflow.errors import ConfigError
from cascadeflow.quality.checks import find_check
from cascadeflow.quality.context import CheckContext
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


PRIOR = 1.75
"""Log-odds of an answer that no check has anything to say about: 0.85."""
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


_WITHOUT_WEIGHT = Weight(0.0, 0.0)


def score(prompt: str, text: str, domain: str = "general") -> float:
    """How likely an answer is right, judged by its text alone.

    Args:
        prompt: the user's question.
        text: the answer.
        domain: domain of the question.

    Returns:
        From 0 to 1; uncalibrated.

    Example:
        >>> score("What is 17 * 23?", "391") > 0.8 > 0.1 > score("What is 17 * 23?", "381")
        True
    """
    results = run_checks(CheckContext(prompt, text, domain), ALL)
    return combine(results)


def judge(
    context: CheckContext,
    mode: str = "balanced",
    threshold: float | None = None,
    checks: Sequence[str] | None = None,
) -> Verdict:
    """Check an answer and decide.

    Args:
        context: question, answer and what is known about the call.
        mode: one of `modes.MODES`.
        threshold: score from 0 to 1 it takes; None: the mode's.
        checks: names of the checks to run; None: the mode's.

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
    return decide(results, needed)


def run_checks(context: CheckContext, names: Sequence[str]) -> tuple[CheckResult, ...]:
    """What each of these checks says.

    Raises:
        ConfigError: unknown check.
    """
    return tuple(find_check(name)(context) for name in names)


def combine(results: Sequence[CheckResult]) -> float:
    """The score that these results come to, from 0 to 1."""
    return _probability(sum(map(influence, results)))


def _probability(evidence: float) -> float:
    return 1 / (1 + exp(-PRIOR - evidence))


def influence(result: CheckResult) -> float:
    """Log-odds that one result adds or takes away; 0 where it has nothing to say."""
    if result.score is None:
        return 0.0
    weight = WEIGHTS.get(result.name, _WITHOUT_WEIGHT)
    evidence = 2 * result.score - 1
    return evidence * (weight.gain if evidence > 0 else weight.loss)


def decide(results: Sequence[CheckResult], threshold: float) -> Verdict:
    """The verdict that these results come to.

    Args:
        results: of checks; those without a weight are shown and do not count.
        threshold: score from 0 to 1 it takes.
    """
    influences = [influence(result) for result in results]
    total = _probability(sum(influences))
    valid = total >= threshold
    most = (max if valid else min)(influences, default=0.0)
    alone = most > 1 if valid else _probability(most) < threshold <= _probability(0.0)
    deciding, sign = "gate", "≥" if valid else "<"
    reason = f"score {total:.2f} {sign} {threshold:.2f}"
    if alone:
        mover = results[influences.index(most)]
        deciding, reason = mover.name, f"{mover.name}: {mover.reason}"
    elif not valid:
        against = (item for item, moved in zip(results, influences, strict=True) if moved < 0)
        reason = "; ".join([reason, *(f"{item.name}: {item.reason}" for item in against)])
    return Verdict(
        is_valid=valid,
        reason=reason,
        score=total,
        threshold=threshold,
        deciding=deciding,
        checks=tuple(results),
        p_correct=total,
        calibrated=False,
    )
