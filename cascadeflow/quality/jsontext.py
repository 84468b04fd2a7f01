"""JSON out of an answer: bare, in a code block, or in a sentence; and against a schema."""

from __future__ import annotations

import json
from typing import Any

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.text import HEAD, pattern

LIMIT = 1_000_000
"""Characters of JSON that are parsed; more is not checked."""


class NoJson(ValueError):  # noqa: N818  # it is a finding, not a fault
    """The answer holds no JSON; the text says what it holds instead."""


def parse(text: str) -> Any:
    """One JSON value that is the whole text.

    Args:
        text: surrounding white space is fine.

    Returns:
        The value.

    Raises:
        NoJson: with the place of the first error.
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise NoJson(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except (RecursionError, ValueError) as error:
        raise NoJson(str(error)) from None


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _integer(digits: str) -> int | float:
    # Python refuses integers of more than 4,300 digits; JSON knows no such limit.
    return int(digits) if len(digits) < 4000 else float("inf")


def answered_json(context: CheckContext) -> Any:
    """The JSON value an answer consists of, with or without words around it.

    Args:
        context: the answer.

    Returns:
        The value of the whole text, else of its first block, else the first value in its prose.

    Raises:
        NoJson: there is none, or a program stands where it should be.
    """
    text = context.text.strip()
    if len(text) > LIMIT:
        raise NoJson("too long to check")
    if text[:1] in {"{", "[", '"'} or not context.fences:
        try:
            return parse(text)
        except NoJson as error:
            if text[:1] in {"{", "["} and not context.fences and text[-1:] in {"}", "]"}:
                raise NoJson(f"the JSON is broken: {error}") from None
    for fence in context.fences:
        if fence.language in {"json", "json5", "jsonc", ""} and pattern(r"\s*[\[{\"\dtfn-]").match(fence.body):
            try:
                return parse(fence.body)
            except NoJson as error:
                raise NoJson(f"the JSON is broken: {error}") from None
        if fence.language:
            raise NoJson(
                f"the answer is a program in {fence.language}" if fence.language != "json" else "the JSON is empty"
            )
    return _in_prose(context.prose[:HEAD])


def _in_prose(text: str) -> Any:
    if pattern(
        r"^[ \t]*(?:def |class |import |from \w+ import|print\(|function |const |let |var |#include|public )", 8
    ).search(text):
        raise NoJson("the answer is a program")
    decoder = json.JSONDecoder()
    start = pattern(r"(?:^|[\s:(`])([\[{])", 8).search(text)
    if start is not None:
        before = text[: start.start(1)].rstrip()
        try:
            value, end = decoder.raw_decode(text, start.start(1))
        except (json.JSONDecodeError, RecursionError, ValueError):
            raise NoJson("what stands in brackets is not JSON") from None
        if not before.endswith("=") and len(text) - end < 2000:
            return value
    raise NoJson("the answer is prose")


def schema_error(value: Any, schema: dict[str, Any]) -> str | None:
    """Where a value breaks a JSON Schema.

    Args:
        value: parsed JSON.
        schema: JSON Schema of any draft; references outside it are not fetched.

    Returns:
        For people; empty when it fits; None when the schema itself cannot be used.
    """
    import jsonschema  # type: ignore[import-untyped]  # ships no types
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
        error = jsonschema.exceptions.best_match(kind(schema, registry=Registry()).iter_errors(value))
    except (jsonschema.exceptions.SchemaError, Unresolvable, RecursionError):
        return None
    if error is None:
        return ""
    place = "".join(f"[{part!r}]" for part in error.absolute_path)
    return f"{'answer' + place if place else 'the answer'}: {error.message[:160]}"
