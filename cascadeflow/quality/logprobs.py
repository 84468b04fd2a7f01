"""How sure the model was of its own tokens, where the provider says so."""

from __future__ import annotations

from math import exp, isfinite

from cascadeflow.quality.context import CheckContext
from cascadeflow.schema import CheckResult

NAME = "logprobs"


def check_logprobs(context: CheckContext) -> CheckResult:
    """The geometric mean of the token probabilities.

    Missing log-probabilities are no evidence, neither good nor bad.

    Args:
        context: with ``logprobs`` as natural logarithms.

    Returns:
        That mean as the score; None without log-probabilities. It passes from 0.5.
    """
    known = [min(value, 0.0) for value in context.logprobs if isfinite(value)]
    if not known:
        return CheckResult(name=NAME, reason="the provider gave no log-probabilities")
    mean = exp(sum(known) / len(known))
    reason = f"mean token probability {mean:.2f}"
    return CheckResult(name=NAME, score=mean, threshold=0.5, passed=mean >= 0.5, reason=reason)
