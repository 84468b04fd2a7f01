"""An answer as sentences: the unit in which advice, caution and negation are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cascadeflow.quality.text import TAIL, pattern

if TYPE_CHECKING:
    from cascadeflow.quality.context import CheckContext

_ABBREVIATIONS = frozenset("e.g. i.e. max. min. approx. vs. v. dr. mr. mrs. ms. st. ca. u.s.".split())


def ends(context: CheckContext) -> str:
    """What is read of an answer: all of it, or its start and its end, where a caution often stands.

    Args:
        context: the answer.

    Returns:
        The answer; of a long one the first 16,000 and the last 4,000 characters.
    """
    return context.head if context.whole else f"{context.head}\n{context.text[-TAIL:]}"


def sentences(text: str) -> tuple[str, ...]:
    """The sentences, list items and headings of a text, without Markdown's marks, on single spaces.

    Args:
        text: at most a few thousand characters; the caller caps it.

    Example:
        >>> sentences("**Adults:** max. 2.5 mg a day. Ask first!")
        ('Adults: max. 2.5 mg a day.', 'Ask first!')
    """
    bare = pattern(r"[*_`#>|\\]+").sub(" ", text).replace("’", "'")
    found: list[str] = []
    for line in bare.splitlines():
        kept = ""
        for piece in pattern(r"(?<=[.!?;])\s+").split(" ".join(line.split())):
            kept = f"{kept} {piece}" if kept else piece
            if kept.lower().rsplit(" ", 1)[-1].lstrip("(") not in _ABBREVIATIONS:
                found.append(kept)
                kept = ""
        if kept:
            found.append(kept)
    return tuple(item for item in found if item.strip(" -•"))
