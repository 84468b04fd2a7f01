"""Is there an answer at all?"""

from __future__ import annotations

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.text import pattern
from cascadeflow.schema import CheckResult

NAME = "empty"


def check_empty(context: CheckContext) -> CheckResult:
    """Fails on nothing, on dots and dashes, and on the question said back.

    Args:
        context: the answer; one that calls a tool needs no text.

    Returns:
        Score 0 or 1.
    """
    if context.tool_calls:
        return CheckResult(name=NAME, score=1.0, threshold=0.5, reason="calls a tool")
    said = pattern(r"[^\s\u200b\u200c\u200d\u2060\ufeff.…_*#'\"`-]").search(context.text)
    if said is None:
        return CheckResult(name=NAME, score=0.0, threshold=0.5, passed=False, reason="the answer is empty")
    if _echoes(context.prompt, context.text):
        reason = "the answer only repeats the question"
        return CheckResult(name=NAME, score=0.0, threshold=0.5, passed=False, reason=reason)
    return CheckResult(name=NAME, score=1.0, threshold=0.5)


def _echoes(prompt: str, text: str) -> bool:
    # "Correct this text: …" may rightly come back as it was, so only questions count.
    if abs(len(prompt) - len(text)) > 40 or not prompt.rstrip().endswith("?"):
        return False
    return prompt.split() == text.split()
