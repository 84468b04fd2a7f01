"""`code_quality_validator`: is the code of an answer sound, beyond that it parses? It is read, never run."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from cascadeflow.quality import python_flow, python_shape, python_syntax
from cascadeflow.quality.code_blocks import CodeBlock, find_blocks
from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.grammars import NotJudged
from cascadeflow.quality.languages import display
from cascadeflow.quality.python_code import what_is_missing
from cascadeflow.quality.syntax import judge_blocks, verdict, with_text
from cascadeflow.quality.text import pattern
from cascadeflow.schema import CheckResult, Verdict

NAME = "code_quality_validator"

_PYTHON = frozenset({"python", "pycon"})
# Names a question gives: in backticks or code, called, dotted, or written as only code is; and what it names by its kind.
_GIVEN = (
    r"`([^`\n]{1,200})`|\b(?i:dataframe|variable|list|array|dict|dictionary|object|model|class|called|named)\s+([A-Za-z_]\w*)|"
    r"\b([A-Za-z_]\w*)(?=\(|\[|\.\w)|\b(\w*_\w+|[A-Z][a-z]+[A-Z]\w*)\b"
)


def code_quality_validator(text: str, context: CheckContext | None = None) -> Verdict:
    r"""Parses the code of an answer like `syntax.syntax_validator`, then reads its Python for what is unsound.

    Undefined names and other certain errors (pyflakes, extra ``code``), code that is never reached, a
    bare ``except``, a function that owes a value and can end without one, a function far deeper or
    more branched than the question warrants, and a function asked for that is not there. Other
    languages get the verdict on their syntax, and the reason says that their quality is not judged.

    Undefined names count where code was asked for, and there in the blocks that define functions or
    classes and in the longest one; a line that shows how to use something may leave names open.

    Args:
        text: the answer; its first 50,000 characters are read.
        context: the question with it; None: the text alone is judged.

    Returns:
        Invalid with the first fault; ``checks`` has one result for each thing looked for.

    Example:
        >>> code_quality_validator("```python\ntry:\n    run()\nexcept:\n    pass\n```").reason
        'code_quality_validator: the bare except on line 3 hides every error, also an interrupt'
    """
    asking = with_text(text, context)
    blocks = find_blocks(asking)
    results = judge_blocks(asking, blocks)
    if not all(result.passed for result in results) or not blocks or asking.asked.json:
        return verdict(NAME, results)
    trees = _trees(blocks)
    # A block that nobody could parse has said so itself.
    parsed = (block for block, result in zip(blocks, results, strict=False) if result.score is not None)
    others = dict.fromkeys(display(block.language) for block in parsed if block.language not in _PYTHON)
    unjudged = tuple(CheckResult(name="quality", reason=f"quality not judged for {name}") for name in others)
    if not trees:
        return _said(verdict(NAME, (*results, *unjudged)), [results[0].reason])
    read = _python(asking, trees)
    found = ["no fault found in the Python"] if any(result.score is not None for result in read) else []
    return _said(verdict(NAME, (*results, *read, *unjudged)), found)


def _said(judged: Verdict, found: list[str]) -> Verdict:
    """The verdict, which where it is good names what could not be judged."""
    if not judged.is_valid:
        return judged
    notes = [check.reason for check in judged.checks if check.score is None and check.reason]
    return replace(judged, reason=f"{NAME}: " + "; ".join(dict.fromkeys([*found, *notes])))


def _trees(blocks: tuple[CodeBlock, ...]) -> dict[CodeBlock, ast.Module]:
    found: dict[CodeBlock, ast.Module] = {}
    for block in blocks:
        if block.language in _PYTHON and not block.aside:
            try:
                found[block] = python_syntax.read(block.code)
            except (NotJudged, SyntaxError):
                continue
    return found


def _python(context: CheckContext, trees: dict[CodeBlock, ast.Module]) -> tuple[CheckResult, ...]:
    asked = context.asked
    wanted = asked.code and asked.language in {"", "python"}
    read: list[tuple[str, str, Callable[[ast.Module], str]]] = [
        ("unreachable_code", "every line can be reached", python_flow.unreachable),
        ("bare_except", "no bare except", python_shape.bare_except),
        (
            "missing_return",
            "no return is missing",
            lambda tree: python_flow.missing_return(tree, asked, context.prompt),
        ),
        ("complexity", "not too complex", lambda tree: python_shape.too_complex(tree, context.prompt)),
    ]
    try:
        absent = what_is_missing(list(trees.values()), asked.names, function=asked.function) if wanted else ""
        found = [(name, fine, next(filter(None, map(look, trees.values())), "")) for name, fine, look in read]
    except RecursionError:
        return (CheckResult(name="quality", reason="the Python is nested too deep to be judged"),)
    return (
        _result("asked_function", absent, "what was asked for is defined"),
        _undefined(context, trees),
        *(_result(name, fault, fine) for name, fine, fault in found),
    )


def _undefined(context: CheckContext, trees: dict[CodeBlock, ast.Module]) -> CheckResult:
    name = "undefined_names"
    given = _given(context.prompt)
    bound = {block: python_shape.names_bound(tree) for block, tree in trees.items()}
    longest = max(trees, key=lambda block: len(block.code))
    open_names: list[str] = []
    for block, tree in trees.items():
        elsewhere = given.union(*(names for other, names in bound.items() if other is not block))
        try:
            names, error = python_shape.undefined_names(tree, elsewhere)
        except NotJudged as why:
            return CheckResult(name=name, reason=str(why))
        if error:
            return _result(name, error, "")
        whole = block is longest or any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in tree.body)
        if names and context.asked.code and whole:
            return _result(name, f"{', '.join(names[:3])}: not defined", "")
        open_names += names
    if open_names:
        return CheckResult(name=name, reason=f"left open: {', '.join(open_names[:3])}")
    return _result(name, "", "every name is defined")


def _given(prompt: str) -> set[str]:
    words: set[str] = set()
    for found in pattern(_GIVEN).finditer(prompt[:8000]):
        words.update(pattern(r"[A-Za-z_]\w*").findall(" ".join(filter(None, found.groups()))))
    return words


def _result(name: str, fault: str, fine: str) -> CheckResult:
    if fault:
        return CheckResult(name=name, score=0.0, threshold=0.5, passed=False, reason=fault)
    return CheckResult(name=name, score=1.0, threshold=0.5, reason=fine)
