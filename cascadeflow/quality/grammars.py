"""Code parsed by tree-sitter's grammars, one small package a language, loaded when first needed (extra ``code``).

These parsers mend what they cannot read and go on. So what counts is whether the tree holds a node
that marks a mended place, and the first one is the fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from cascadeflow.quality.python_code import quiet

if TYPE_CHECKING:
    from tree_sitter import Language, Node

PATIENCE = 200_000
"""Microseconds of one parse. Code of 50,000 characters takes 10 to 30 ms; only junk takes more."""

_GRAMMARS = {
    "javascript": ("javascript", "language"),
    "typescript": ("typescript", "language_typescript"),
    "tsx": ("typescript", "language_tsx"),
    "go": ("go", "language"),
    "rust": ("rust", "language"),
    "java": ("java", "language"),
    "c": ("c", "language"),
    "bash": ("bash", "language"),
    "sql": ("sql", "language"),
    "html": ("html", "language"),
    "css": ("css", "language"),
}
LANGUAGES = frozenset(_GRAMMARS)
"""What can be parsed here."""


class Fault(NamedTuple):
    """Why code does not parse.

    Attributes:
        reason: for people, with the line.
        line: from 1, within the code.
    """

    reason: str
    line: int


class NotJudged(Exception):  # noqa: N818  # it is a finding, not a fault
    """The code can be neither accepted nor refused; the text says why."""


@cache
def _language(name: str) -> Language:
    package, function = _GRAMMARS[name]
    try:
        from tree_sitter import Language

        grammar: Any = import_module(f"tree_sitter_{package}")
    except ImportError:
        raise NotJudged("not installed: pip install 'cascadeflow-console[code]'") from None
    try:
        with quiet():
            return Language(getattr(grammar, function)())
    except ValueError as error:
        raise NotJudged(f"the installed grammar does not fit: {error}") from None


def parse(language: str, code: str) -> tuple[Node, bytes]:
    """Parse code.

    Args:
        language: one of `LANGUAGES`.
        code: any text.

    Returns:
        The root of the tree, and the bytes it counts in.

    Raises:
        NotJudged: the grammar is not installed, or the code is too tangled to be parsed in time.
    """
    grammar = _language(language)
    from tree_sitter import Parser

    source = code.encode("utf-8", "replace")
    try:
        # The newer way to set a limit, a callback, ends the process with a memory fault in tree-sitter 0.25.2.
        with quiet():
            parser = Parser(grammar, timeout_micros=PATIENCE)
    except TypeError:
        raise NotJudged("the installed tree-sitter has no time limit: pip install 'tree-sitter<0.26'") from None
    try:
        return parser.parse(source).root_node, source
    except ValueError:
        raise NotJudged("too tangled to be parsed in time") from None


def find_fault(language: str, code: str) -> Fault | None:
    """Where code does not parse.

    Args:
        language: one of `LANGUAGES`.
        code: any text.

    Returns:
        The first fault; None: it parses.

    Raises:
        NotJudged: see `parse`.

    Example:
        >>> find_fault("c", "int add(int a, int b { return a + b; }").reason
        '“)” is missing at line 1'
    """
    root, source = parse(language, code)
    node = next(mended(root), None)
    return None if node is None else describe(node, source)


def mended(root: Node) -> Iterator[Node]:
    """The places of a tree that the parser mended, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_missing or node.is_error:
            yield node
        elif node.has_error:
            waiting.extend(reversed(node.children))


def describe(node: Node, source: bytes) -> Fault:
    """A mended place, for people."""
    line = node.start_point[0] + 1
    if node.is_missing:
        return Fault(f"“{node.type.replace('_', ' ')}” is missing at line {line}", line)
    lines = source[node.start_byte : node.end_byte].decode("utf-8", "replace").strip().splitlines()
    words = lines[0][:60] if lines else ""
    last = node.end_point[0] + 1
    if last > line:
        return Fault(f"lines {line} to {last} do not fit together, from “{words}”", line)
    return Fault(f"unexpected “{words}” at line {line}", line)
