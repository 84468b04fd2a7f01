"""Python in answers as people show it: whole programs, parts of one, interpreter sessions, notebook cells."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from cascadeflow.quality.grammars import Fault, NotJudged
from cascadeflow.quality.python_code import describe, parse
from cascadeflow.quality.text import pattern

_NEWER = (
    # What this interpreter's parser cannot know: PEP 695, PEP 701, PEP 750, PEP 758.
    ((3, 12), r"(?m)^[ \t]*type \w+(?:\[.*\])? ?=|^[ \t]*(?:async )?def \w+\[|^[ \t]*class \w+\["),
    ((3, 12), r"\bf\"[^\"\n]*\{[^}\"\n]*\"|\bf'[^'\n]*\{[^}'\n]*'|\bf(\"|')[^\n]*\{[^}\n]*\\"),
    ((3, 14), r"\bt[\"']|^[ \t]*except [\w.]+, [\w., ]+:"),
)


def read(code: str) -> ast.Module:
    """The tree of a piece of Python, or of the whole that it is a part of.

    Args:
        code: the text of a code block.

    Returns:
        Its tree. Line numbers are those of the code, but for a part that begins in mid-statement.

    Raises:
        SyntaxError: it is not Python.
        NotJudged: it needs a newer Python, is nested too deep, or shows an error on purpose.
    """
    text = _settle(code)
    try:
        return _parse(text)
    except SyntaxError as error:
        if pattern(r"(?m)^print [\"'\w]|^[ \t]+print [\"']|^[ \t]*except \w+, \w+:").search(text) and _is_old(error):
            raise NotJudged("Python 2") from None
        for version, sign in _NEWER:
            if sys.version_info < version and pattern(sign).search(text):
                raise NotJudged(f"may need Python {version[0]}.{version[1]}") from None
        for whole in _wholes(text):
            try:
                return _parse(whole)
            except SyntaxError:
                continue
        raise


def find_fault(code: str) -> Fault | None:
    """Where Python does not parse.

    Args:
        code: the text of a code block.

    Returns:
        The first fault; None: it parses.

    Raises:
        NotJudged: see `read`.
    """
    try:
        read(code)
    except SyntaxError as error:
        return Fault(describe(error), error.lineno or 1)
    return None


def _parse(code: str) -> ast.Module:
    try:
        return parse(code)
    except (RecursionError, MemoryError):
        raise NotJudged("nested too deep") from None
    except ValueError as error:
        raise SyntaxError(str(error), ("", 1, 1, "")) from None


def _is_old(error: SyntaxError) -> bool:
    return "print" in error.msg or "except" in error.msg or "parenthes" in error.msg


def _settle(code: str) -> str:
    """Sessions without their prompts, notebook cells without their commands, dots as Python writes them."""
    if pattern(r"(?m)^>>> ").search(code):
        if pattern(r"(?m)^(?:Traceback |\w*Error\b)").search(code):
            raise NotJudged("a session that shows an error")
        typed = (line for line in code.splitlines() if line.startswith((">>>", "...")))
        return "\n".join(line[4:] for line in typed)
    text = pattern(r"(?m)^([ \t]*)(?:%{1,2}\w|!\w|\? ?\w)[^\n]*").sub(r"\1pass", code)
    return pattern(r"(?m)^([ \t]*)(?:…|\.{4,})[ \t]*$").sub(r"\1...", text)


def _wholes(code: str) -> Iterator[str]:
    """What a part of a statement can be a part of."""
    text = code
    first = text.lstrip("\n").split(" ", 1)[0].split(":", 1)[0].strip()
    if first in {"else", "elif"}:
        text = f"if 0:\n    pass\n{text}"
    elif first in {"except", "finally"}:
        text = f"try:\n    pass\n{text}"
    elif first == "case":
        text = "match 0:\n" + "\n".join(f"    {line}" for line in text.splitlines())
    last = text.rstrip().rsplit("\n", 1)[-1]
    if last.endswith(":") and pattern(r"\s*(?:async )?(?:def|class) ").match(last):
        text = f"{text.rstrip()}\n{last[: len(last) - len(last.lstrip())]}    ..."
    if text != code:
        yield text
    elif "\n" not in code.strip():
        yield f"_(\n{code}\n)"
        yield f"def _({code}): ..."
