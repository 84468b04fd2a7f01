"""Is the answer of the form that was asked for?"""

from __future__ import annotations

from typing import Any

from cascadeflow.quality.asked import NUMBER_WORDS, Asked
from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.jsontext import LIMIT, NoJson, answered_json, schema_error
from cascadeflow.quality.text import PROGRAMMING, pattern, plain
from cascadeflow.schema import CheckResult

NAME = "form"

_CODE_LINE = (
    r"^[ \t]*(?:def |class |import |from \w+ import|async |@\w|return\b|function\b|const |let |var |public |private |"
    r"static |fn |func |package |using |#include|#!|select |insert |create |update |with |<\w+|\$|echo |print|for ?\(|"
    r"while ?\(|if ?\(|for \w+ in |lambda )|[{};][ \t]*$|=>|^[ \t]*\w+ ?= ?\S|\w\([^()\n]{0,80}\)|\[[^\]\[\n]{1,80}\]"
)
_NUMBER = (
    r"\d|\b(?:ZERO|none|no|dozen|hundred|thousand|million|billion|half|third|quarter|twice|once|infinite|infinity|"
    r"undefined|pi|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b|[π√∞½¼¾⅓⅔²³]|\\(?:frac|sqrt|pi|infty|boxed)|"
    r"[零一二三四五六七八九十百千万]"
)


def check_form(context: CheckContext) -> CheckResult:
    """Compares what was asked (`asked.read_request`, ``response_format``) with what came.

    Args:
        context: the question, the answer, the ``response_format``.

    Returns:
        None when no form was asked for; 0 for the wrong one, 0.3 where it is likely wrong, 0.8 for
        the right one, 1 where a schema was given and holds.
    """
    if context.tool_calls or not context.head.strip():
        return CheckResult(name=NAME)
    asked = context.asked
    wanted = (context.response_format or {}).get("type")
    if wanted in {"json_object", "json_schema"}:
        return _response_format(context)
    if asked.json:
        return _json(context, asked)
    if asked.code:
        return _code(context, asked)
    said = plain(context.prose).strip()
    if asked.yes_no:
        return _yes_no(said, asked.yes_no)
    if asked.one_word and len(pattern(r"[^\W_]+(?:['.-][^\W_]+)*").findall(said)) > 3:
        return _wrong(f"one word was asked for, {len(said.split())} came")
    if asked.count is not None:
        return _items(count_items(context), asked)
    if asked.number:
        return _number(context, asked)
    return _right("one word") if asked.one_word else CheckResult(name=NAME)


def _wrong(reason: str, score: float = 0.0) -> CheckResult:
    return CheckResult(name=NAME, score=score, threshold=0.5, passed=False, reason=reason)


def _right(reason: str, score: float = 0.8) -> CheckResult:
    return CheckResult(name=NAME, score=score, threshold=0.5, reason=reason)


def _response_format(context: CheckContext) -> CheckResult:
    if len(context.text) > LIMIT:
        return CheckResult(name=NAME, reason="the JSON is too long to check")
    wanted = context.response_format or {}
    try:
        value = answered_json(context)
    except NoJson as error:
        return _wrong(f"JSON was required: {error}")
    if wanted["type"] == "json_object":
        return (
            _right("a JSON object")
            if isinstance(value, dict)
            else _wrong(f"a JSON object was required, {_kind(value)} came")
        )
    schema = (wanted.get("json_schema") or {}).get("schema")
    if not isinstance(schema, dict):
        return _right("JSON")
    misfit = schema_error(value, schema)
    if misfit is None:
        return CheckResult(name=NAME, reason="the JSON schema of the request cannot be used")
    return _wrong(f"does not fit the JSON schema: {misfit}") if misfit else _right("fits the JSON schema", 1.0)


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    return "a string" if isinstance(value, str) else "a single value"


def _json(context: CheckContext, asked: Asked) -> CheckResult:
    named = {"array": "a JSON array", "object": "a JSON object", "any": "JSON"}[asked.json or "any"]
    try:
        value = answered_json(context)
    except NoJson as error:
        return _wrong(f"{named} was asked for; {error}")
    if asked.json == "array" and not isinstance(value, list):
        return _wrong(f"a JSON array was asked for, {_kind(value)} came")
    if asked.json == "object" and not isinstance(value, dict):
        return _wrong(f"a JSON object was asked for, {_kind(value)} came")
    if asked.json == "any" and not isinstance(value, (dict, list)) and not context.text.strip().startswith('"'):
        return _wrong(f"JSON was asked for, {_kind(value)} came", 0.3)
    if asked.count is not None and isinstance(value, list):
        return _items((len(value), True), asked)
    return _right(named)


def _code(context: CheckContext, asked: Asked) -> CheckResult:
    if context.fences:
        labels = {fence.language for fence in context.fences}
        other = labels & PROGRAMMING
        if (
            asked.language in {"python", "javascript", "java", "rust", "sql"}
            and other
            and not any(_same_language(label, asked.language) for label in labels)
        ):
            return _wrong(f"{asked.language} was asked for, {', '.join(sorted(other))} came", 0.3)
        return _right("has a code block")
    if pattern(_CODE_LINE, 8).search(context.head) or (asked.regex and pattern(r"[\\^$*+?|]").search(context.head)):
        return CheckResult(name=NAME, score=0.6, threshold=0.5, reason="has lines of code")
    return _wrong("code was asked for, none came")


def _same_language(label: str, language: str) -> bool:
    short = {
        "python": {"py", "python3", "pycon"},
        "javascript": {"js", "jsx", "typescript", "ts", "html"},
        "rust": {"rs"},
    }
    return label in {language, "", "text", "plaintext"} or label in short.get(language, ())


def _yes_no(said: str, word: str) -> CheckResult:
    pair = ("yes", "no") if word == "yes" else ("true", "false")
    words = pattern(r"[^\W\d_]+").findall(said)
    if any(item in pair for item in words[:12] + words[-12:]):
        return _right(f"{pair[0]} or {pair[1]}")
    return _wrong(f"{pair[0]} or {pair[1]} was asked for, neither came")


def count_items(context: CheckContext) -> tuple[int, bool] | None:
    """How many items a list in an answer has.

    Args:
        context: the answer.

    Returns:
        The number, and whether it is beyond doubt (a numbered list or JSON, not commas); None:
        there is no list that can be counted.
    """
    try:
        value = answered_json(context)
    except NoJson:
        value = None
    if isinstance(value, list):
        return len(value), True
    numbered = [int(item) for item in pattern(r"^[ ]{0,1}(?:\*\*|#+ )?(\d{1,2})[.)](?=\s)", 8).findall(context.prose)]
    if numbered:
        return (len(numbered), True) if numbered == list(range(1, len(numbered) + 1)) else None
    bullets = pattern(r"^(?:[-*•–]|\+)[ \t]+\S", 8).findall(context.prose)
    if bullets:
        return len(bullets), False
    lines = [line for line in context.prose.strip().splitlines() if line.strip()]
    if len(lines) == 1 and len(lines[0]) < 200:
        listed = lines[0].rsplit(":", 1)[-1]
        parts = [part for part in pattern(r",\s*(?:and|or)?\s+|\s+(?:and|or|&)\s+").split(listed) if part.strip()]
        if len(parts) > 1 and all(len(part.split()) <= 3 for part in parts):
            return len(parts), False
    return None


def _items(counted: tuple[int, bool] | None, asked: Asked) -> CheckResult:
    if counted is None or asked.count is None:
        return CheckResult(name=NAME)
    count, sure = counted
    fits = count >= asked.count if asked.at_least else count <= asked.count if asked.at_most else count == asked.count
    if fits:
        return _right(f"{count} items")
    bound = "at least " if asked.at_least else "at most " if asked.at_most else ""
    return _wrong(f"{bound}{asked.count} items were asked for, {count} came", 0.0 if sure else 0.4)


def _number(context: CheckContext, asked: Asked) -> CheckResult:
    said = plain(context.head)
    if pattern(_NUMBER.replace("ZERO", "|".join(NUMBER_WORDS))).search(said):
        if asked.number == "only" and len(said.split()) > 12:
            return _wrong("only a number was asked for", 0.4)
        return CheckResult(name=NAME, score=0.6, threshold=0.5, reason="has a number")
    return _wrong("a number was asked for, none came", 0.0 if asked.number == "only" else 0.3)
