"""Is the answer as long as right answers of its kind usually are?

Where one value is asked for, long working is a sign of trouble; where an essay or an explanation is
asked for, a few words are. Right answers come in every length, so this is a soft hint and never
decides more than a close case.
"""

from __future__ import annotations

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.text import pattern, plain
from cascadeflow.schema import CheckResult

NAME = "length"
WORKED = 500
"""Characters of a usual answer that works out one value (median on GSM8K: 444), or is one function."""
EXPLAINED = 400
"""Characters below which an explanation or an essay is short."""

_OPEN = (
    r"\b(?:explain|describe|discuss|compare|contrast|analy[sz]e|elaborate|essay|article|story|blog|in detail|"
    r"step[- ]by[- ]step guide|tutorial|plan for|proposal|report on|pros and cons|why (?:do|does|did|is|are|was|were))\b"
)
_SHORT = (
    r"\b(?:brief|short|concise|in one|one sentence|one word|in (?:a|two) (?:few )?(?:words|sentences?)|tl;?dr|summar)"
)


def check_length(context: CheckContext) -> CheckResult:
    """Weighs the length of an answer against its kind.

    Args:
        context: the question's form and domain tell the kind.

    Returns:
        Above or below 0.5, without a threshold of its own; None for questions that may be answered
        at any length.
    """
    size = len(context.text)
    asked = context.asked
    if not size or context.response_format or context.tool_calls or asked.json or asked.count is not None:
        return CheckResult(name=NAME)
    if asked.function or (not asked.code and (asked.number or context.domain in {"math", "code"})):
        return _hint((WORKED / size) ** 0.5, f"{size} characters for one result")
    prompt = plain(context.prompt[:2000])
    if not asked.code and pattern(_OPEN).search(prompt) and not pattern(_SHORT).search(prompt):
        return _hint((size / EXPLAINED) ** 0.35, f"{size} characters for an explanation")
    return CheckResult(name=NAME)


def _hint(odds: float, reason: str) -> CheckResult:
    return CheckResult(name=NAME, score=odds / (1 + odds), reason=reason)
