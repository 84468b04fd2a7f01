"""How the checks read an answer: how much of it, its code blocks, its prose.

Answers can be 10 MB of one line. Checks look at the first `HEAD` and the last `TAIL` characters,
so that their work is bounded whatever a model sends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

HEAD = 16_000
"""Characters read from the start of an answer."""
TAIL = 4_000
"""Characters read from its end."""

PROGRAMMING = frozenset(
    "bash c c# c++ clojure cpp cs csharp css dart elixir erlang f# fortran fsharp go golang haskell html java "
    "javascript js jsx julia kotlin lua matlab objective-c ocaml perl php powershell ps1 py py3 python python2 "
    "python3 pycon r rb ruby rs rust scala scheme sh shell solidity sql swift ts tsx typescript vb vue zig zsh".split()
)
"""Labels of code blocks that hold a program, lower case."""


@cache
def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """A compiled pattern, made at first use: compiling all of them at import would be felt."""
    return re.compile(source, flags)


@dataclass(frozen=True, slots=True)
class Fence:
    """A code block.

    Attributes:
        language: its label in lower case; empty without one.
        body: what stands inside.
        closed: whether its end was seen.
        start, end: where the whole block stands in the text, marks included.
    """

    language: str
    body: str
    closed: bool
    start: int
    end: int


def find_fences(text: str) -> tuple[Fence, ...]:
    r"""The code blocks of a text in Markdown, in order.

    Args:
        text: at most a few thousand characters; the caller caps it.

    Returns:
        Every block; the last one may be open.

    Example:
        >>> find_fences("See:\n```json\n[1]\n```")[0].body
        '[1]'
    """
    if "```" not in text and "~~~" not in text:
        return ()
    found: list[Fence] = []
    opening: re.Match[str] | None = None
    for mark in pattern(r"^[ \t>]*(`{3,}|~{3,})[ \t]*+([^\s`]*+)[^\n`]*+$", re.MULTILINE).finditer(text):
        if opening is None:
            opening = mark
        elif mark[1].startswith(opening[1]) and not mark[2]:
            body = text[opening.end() + 1 : max(opening.end() + 1, mark.start() - 1)]
            found.append(Fence(opening[2].lower(), body, True, opening.start(), mark.end()))
            opening = None
    # A mark with nothing behind it is the end of a block whose start was in the question.
    if opening is not None and (opening[2] or text[opening.end() :].strip()):
        found.append(Fence(opening[2].lower(), text[opening.end() + 1 :], False, opening.start(), len(text)))
    return tuple(found)


def without(text: str, fences: tuple[Fence, ...]) -> str:
    """The text with these blocks cut out."""
    if not fences:
        return text
    pieces: list[str] = []
    position = 0
    for fence in fences:
        pieces.append(text[position : fence.start])
        position = fence.end
    pieces.append(text[position:])
    return "\n".join(pieces)


def unquoted(text: str) -> str:
    """The text without what stands in quotation marks: that is somebody else's voice."""
    return pattern(r"“[^”\n]{0,400}”|«[^»\n]{0,400}»|„[^“”\n]{0,400}[“”]|\"[^\"\n]{0,400}\"|`[^`\n]{0,400}`").sub(
        " ", text
    )


def plain(text: str) -> str:
    """Lower case with straight apostrophes, as the phrase patterns expect."""
    return text.lower().replace("’", "'")
