"""Did the answer break off before it was done?"""

from __future__ import annotations

import json

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.text import pattern
from cascadeflow.schema import CheckResult

NAME = "truncation"
_DANGLING = frozenset(
    "a an the and or but of because than with from which und oder der das ein eine mit von et ou le la les un une".split()
)


def check_truncation(context: CheckContext) -> CheckResult:
    """Fails where the provider says so, or where the text stops inside a block, a bracket or a sentence.

    An open code block whose content is complete only costs a little: some models are stopped at its
    closing mark. A missing full stop alone is no break.

    Args:
        context: the answer, its ``finish_reason``, ``max_tokens`` and ``logprobs`` (one a token).

    Returns:
        0: surely cut off; 0.2: probably; 0.45: maybe; 0.6: a block is open; 1: complete.
    """
    if context.finish_reason in {"length", "max_tokens"}:
        return _cut(0.0, "the model reached its token limit")
    if context.max_tokens is not None and len(context.logprobs) >= context.max_tokens > 1:
        return _cut(0.0, f"the answer has all of the {context.max_tokens} tokens it was allowed")
    if context.tool_calls:
        return CheckResult(name=NAME, score=1.0, threshold=0.5)
    if context.whole and context.fences and not context.fences[-1].closed:
        block = context.fences[-1]
        if not block.body.strip() or _open_brackets(block.body):
            return _cut(0.0, "the answer stops inside a code block")
        return CheckResult(name=NAME, score=0.6, threshold=0.5, reason="the last code block is not closed")
    if context.whole and context.text.lstrip()[:1] in {"{", "["} and _cut_json(context.text.strip()):
        return _cut(0.0, "the answer stops inside its JSON")
    return _ending(context)


def _cut(score: float, reason: str) -> CheckResult:
    return CheckResult(name=NAME, score=score, threshold=0.5, passed=False, reason=reason)


def _open_brackets(code: str) -> bool:
    bare = pattern(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|(?:#|//)[^\n]*").sub("", code)
    return any(bare.count(left) > bare.count(right) for left, right in ("()", "[]", "{}"))


def _cut_json(text: str) -> bool:
    if not pattern(r"[\[{]\s*[\"\[{\d\]}tfn-]").match(text) or text[-1] in "]}":
        return False
    try:
        json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as error:
        # A prose text in brackets fails early; JSON that was cut fails where the text ends.
        return error.pos >= len(text) - 1 or error.msg.startswith("Unterminated string")
    except RecursionError:
        return False
    return False


def _ending(context: CheckContext) -> CheckResult:
    if context.fences and context.whole and context.fences[-1].end >= len(context.text.rstrip()):
        return CheckResult(name=NAME, score=1.0, threshold=0.5)
    last = context.tail.rstrip().rsplit("\n", 1)[-1].strip()
    words = last.split()
    if len(words) >= 3 and last[-1] == ":":
        return _cut(0.45, f"nothing follows “{' '.join(words[-4:])}”")
    if len(words) >= 4 and (last[-1] in ",([{" or (words[-1].lower() in _DANGLING and len(context.text) > 80)):
        return _cut(0.2, f"the last sentence stops at “{' '.join(words[-4:])}”")
    return CheckResult(name=NAME, score=1.0, threshold=0.5)
