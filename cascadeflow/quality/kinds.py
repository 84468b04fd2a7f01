"""What kind of question it is, as far as the learned gate tells kinds apart.

The gate has learned from five sorts of questions with recorded answers. A question is put with the
sort it looks like, by its wording alone; the source it comes from plays no part.
"""

from __future__ import annotations

from itertools import islice
from typing import Literal, get_args

from cascadeflow.quality.asked import Asked
from cascadeflow.quality.text import pattern

Kind = Literal["sums", "notation", "trace", "function", "open"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""``sums``: a quantity asked for in words and figures; ``notation``: mathematics in symbols; ``trace``: what a
given program comes to; ``function``: code is to be written; ``open``: everything else."""

_TRACE = (
    r"==\s*\?\?|\b(?:what|which|predict|determine|complete)\b[^?\n]{0,60}\b(?:output|outputs|print|prints|printed|returns?|returned|"
    r"assertion|evaluates?)\b"
)
_PROGRAM = r"^\s*(?:def |class |for |while |print\(|[A-Za-z_]\w* = )"
_NOTATION = r"\\[a-zA-Z]{2,}|\$[^$\n]{1,120}[\\^_=+<>/(-][^$\n]{0,120}\$|\$[a-zA-Z0-9]{1,3}\$|[∑∫√≤≥∈]|[a-z]\^\{?\d"


_SOME_NUMBER = (
    r"\d+|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|twenty|half|twice|double|triple|third|thirds|"
    r"fourth|quarter|times)\b"
)


def kind_of(prompt: str, asked: Asked, domain: str = "general") -> Kind:
    r"""The kind of a question.

    Args:
        prompt: the question; a few thousand characters.
        asked: the form of answer it asks for.
        domain: its domain; ``math`` makes a question about numbers one of ``sums``.

    Example:
        >>> from cascadeflow.quality.asked import read_request
        >>> kind_of("Find $x$ if $x^2 = 2$.", read_request("Find $x$ if $x^2 = 2$."))
        'notation'
    """
    if pattern(_PROGRAM, 8).search(prompt) and not asked.completion and pattern(_TRACE, 2).search(prompt):
        return "trace"
    if asked.code:
        return "function"
    if pattern(_NOTATION).search(prompt):
        return "notation"
    needed = 1 if domain == "math" else 2 if asked.number else 0
    found = pattern(_SOME_NUMBER, 2).finditer(prompt)
    if needed and sum(1 for _ in islice(found, needed)) == needed:
        return "sums"
    return "open"
