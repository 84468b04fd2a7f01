"""The final answer of a text, as the learned gate reads it: what it says last as its result."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cascadeflow.quality.text import pattern

_FIELD = r'"answer"\s*:\s*("(?:[^"\\\n]|\\.){0,400}"|[^\n}]{0,200})'
_STATED = r"(?:\\boxed\{|####|\b(?:final answer|answer|result|total)\b[^\n.]{0,30}?(?:is|are|=|:)\s?)\**\s?((?:[^\n.]|\.(?=\d)){1,80})"


class FinalAnswer(NamedTuple):
    """What an answer gives as its result.

    Attributes:
        text: as written, quotation marks of a JSON field taken off.
        source: where it was found: a JSON ``field``, a sentence that ``stated`` it, or the last ``line``.
        start: where it begins in the text.
    """

    text: str
    source: Literal["field", "stated", "line"]
    start: int


def final_answer(text: str) -> FinalAnswer:
    """The result a text comes to.

    Args:
        text: at most a few thousand characters; the caller caps it.

    Example:
        >>> final_answer("3 + 4 = 7. The answer is 7")[:2]
        ('7', 'stated')
    """
    if '"answer"' in text:
        found = _last(_FIELD, text, 0)
        if found is not None:
            return FinalAnswer(found[0].strip().strip('"'), "field", found[1])
    found = _last(_STATED, text, 2)
    if found is not None:
        said = found[0].strip(" *")
        return FinalAnswer(said if "{" in said else said.rstrip("}$"), "stated", found[1])
    stripped = text.rstrip()
    start = max(stripped.rfind("\n") + 1, len(stripped) - 80)
    return FinalAnswer(stripped[start:].strip(), "line", start)


def _last(source: str, text: str, flags: int) -> tuple[str, int] | None:
    """The last match, looked for in the last part first: results stand at the end."""
    for start in (max(0, len(text) - 600), 0):
        found = list(pattern(source, flags).finditer(text, start))
        if found:
            return found[-1][1], found[-1].start()
        if not start:
            break
    return None
