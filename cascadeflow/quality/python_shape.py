"""How Python code is built: how deep and how branched its functions are, what they catch, which names are undefined."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from cascadeflow.quality.grammars import NotJudged

MOST_LEVELS = 6
"""Nested control statements in one function. Pylint warns from 5 on (``max-nested-blocks``); one more is forgiven."""
MOST_BRANCHES = 15
"""Branches of one function. McCabe's bound of 10 may be raised to 15 with care (NIST SP 500-235, section 2.5)."""
WORDS_PER_BRANCH = 4
"""Words of a question that justify a branch more, where it is long."""

_LEVELS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Match)
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.match_case, ast.comprehension)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Messages of pyflakes that mean an error as soon as the line runs.
_SURE = (
    "UndefinedLocal",
    "ReturnOutsideFunction",
    "YieldOutsideFunction",
    "ContinueOutsideLoop",
    "BreakOutsideLoop",
    "DuplicateArgument",
    "TwoStarredExpressions",
    "TooManyExpressionsInStarredAssignment",
    "StringDotFormatMissingArgument",
    "StringDotFormatMixingAutomatic",
    "PercentFormatPositionalCountMismatch",
    "PercentFormatMissingArgument",
)


def bare_except(tree: ast.Module) -> str:
    """The first ``except:`` that catches everything and keeps it, for people; empty where there is none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            if not raises:
                return f"the bare except on line {node.lineno} hides every error, also an interrupt"
    return ""


def too_complex(tree: ast.Module, prompt: str) -> str:
    """The first function that is far deeper or more branched than the question warrants, for people; else empty.

    The bounds are `MOST_LEVELS` and `MOST_BRANCHES`; a long question raises the latter.

    Args:
        tree: the code.
        prompt: the question.
    """
    most = max(MOST_BRANCHES, len(prompt.split()) // WORDS_PER_BRANCH)
    parts = [tree, *(node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS))]
    for part in parts:
        name = part.name if isinstance(part, _FUNCTIONS) else "the top level"
        levels, branches = _measure(part)
        if levels > MOST_LEVELS:
            return f"{name} nests {levels} levels deep, {MOST_LEVELS} are a lot"
        if branches > most:
            return f"{name} has {branches} branches, {most} are a lot for this question"
    return ""


def _measure(part: ast.AST) -> tuple[int, int]:
    """Levels and branches of a function or module, without the functions inside it."""
    levels, branches = 0, 1
    waiting = [(node, 0) for node in ast.iter_child_nodes(part)]
    while waiting:
        node, level = waiting.pop()
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
            continue
        branches += isinstance(node, _BRANCHES) + (len(node.values) - 1 if isinstance(node, ast.BoolOp) else 0)
        inner = level + isinstance(node, _LEVELS)
        levels = max(levels, inner)
        # An elif is a further branch on the same level.
        same = node.orelse if isinstance(node, ast.If) and len(node.orelse) == 1 else []
        waiting += [
            (child, level if child in same and isinstance(child, ast.If) else inner)
            for child in ast.iter_child_nodes(node)
        ]
    return levels, branches


def names_bound(tree: ast.Module) -> set[str]:
    """Names that code binds for others to use: those of its top level."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            found.add(node.name)
        else:
            waiting.extend(ast.iter_child_nodes(node))
    return found


def undefined_names(tree: ast.Module, known: Iterable[str]) -> tuple[list[str], str]:
    """Names that are used and never bound, and what else must fail as soon as it runs, by pyflakes.

    Args:
        tree: the code.
        known: names that are bound elsewhere: in another block, in the question.

    Returns:
        The undefined names with their lines, such as ``np on line 3``; and the first other error, or empty.

    Raises:
        NotJudged: pyflakes is not installed, or the code is nested too deep for it.
    """
    try:
        from pyflakes import checker, messages
    except ImportError:
        raise NotJudged("not installed: pip install 'cascadeflow-console[code]'") from None
    try:
        found = checker.Checker(tree, builtins=set(known), withDoctest=False).messages
    except RecursionError:
        raise NotJudged("nested too deep") from None
    found.sort(key=lambda message: (message.lineno, message.col))
    names = {
        message.message_args[0]: message.lineno
        for message in reversed(found)
        if isinstance(message, messages.UndefinedName)
    }
    sure = tuple(getattr(messages, name) for name in _SURE if hasattr(messages, name))
    errors = [
        f"{message.message % message.message_args} on line {message.lineno}"
        for message in found
        if isinstance(message, sure)
    ]
    return [f"{name} on line {line}" for name, line in reversed(names.items())], errors[0] if errors else ""
