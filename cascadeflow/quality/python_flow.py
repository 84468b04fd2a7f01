"""Where control goes in Python code: statements it never reaches, functions it leaves without the value they owe."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from cascadeflow.quality.asked import Asked
from cascadeflow.quality.text import pattern

Function = ast.FunctionDef | ast.AsyncFunctionDef

_OWES_NOTHING = (
    r"\b(?:None|Optional|Any|NoReturn|Never|object|Generator|Iterator|Iterable|AsyncGenerator|AsyncIterator)\b"
)
_OWES_BY_NAME = (
    r"(?:is|has|can|should|calculate|compute|count|convert|to|parse|format)_\w|(?:factorial|fibonacci|fib|gcd|lcm)$"
)
_ENDS = frozenset({"exit", "quit", "sys.exit", "os._exit", "os.abort", "assert_never", "pytest.fail"})


def unreachable(tree: ast.Module) -> str:
    """The first statement that can never run, for people; empty where there is none."""
    for node in ast.walk(tree):
        for block in _blocks(node):
            for before, after in pairwise(block):
                if _ends(before, guess=False) and not _means_nothing(after):
                    return f"line {after.lineno} is never reached, line {before.lineno} ends before it"
    return ""


def missing_return(tree: ast.Module, asked: Asked, prompt: str) -> str:
    """The first function that owes a value and has a way out without one, for people; empty where there is none.

    A function owes a value by its annotation, by its name (``is_…``, ``count_…``), or because the
    question asks for one that returns something and names no case without. An explicit
    ``return None`` is a decision, and a search that ends without a find is none of these.

    Args:
        tree: the code.
        asked: what the question asks for.
        prompt: the question.
    """
    found = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for function in found:
        own = list(_own(function))
        if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own) or _is_declaration(function):
            continue
        if _ends_block(function.body, guess=True):
            continue
        gives = [node for node in own if isinstance(node, ast.Return) and node.value is not None]
        declared = "" if function.returns is None else ast.unparse(function.returns)
        if pattern(_OWES_NOTHING).search(declared):
            continue
        by_annotation = bool(declared)
        by_question = asked.function and _is_asked(function, found, asked) and _wants_value(prompt)
        if not gives and (by_annotation or by_question):
            return f"{function.name} returns nothing, a value was {'declared' if by_annotation else 'asked for'}"
        if gives and (by_annotation or by_question or pattern(_OWES_BY_NAME).match(function.name.lower())):
            return f"{function.name} returns a value on line {gives[0].lineno}, but can also end without one"
    return ""


def _is_asked(function: Function, found: list[Function], asked: Asked) -> bool:
    return function.name in asked.names or (not asked.names and len(found) == 1)


def _wants_value(prompt: str) -> bool:
    words = prompt[:4000].lower()
    return (
        pattern(r"\breturn(?:s|ing)?\b").search(words) is not None
        and pattern(r"\b(?:none|null|nothing|prints?|in[- ]place|optional)\b").search(words) is None
    )


def _is_declaration(function: Function) -> bool:
    """Whether it has no body of its own: a protocol's, an abstract or an overloaded one."""
    named = {ast.unparse(item).rsplit(".", 1)[-1] for item in function.decorator_list}
    return bool(named & {"abstractmethod", "overload"}) or all(map(_means_nothing, function.body))


def _means_nothing(node: ast.stmt) -> bool:
    """``pass``, a string, dots, or a ``yield`` that makes a generator of a function that ends before it."""
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, (ast.Constant, ast.Yield, ast.YieldFrom))
    )


def _own(function: Function) -> Iterator[ast.AST]:
    """What belongs to a function and not to one inside it."""
    waiting: list[ast.AST] = list(reversed(function.body))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def _ends_block(block: list[ast.stmt], *, guess: bool) -> bool:
    return any(_ends(node, guess=guess) for node in block)


def _ends(node: ast.stmt, *, guess: bool) -> bool:
    """Whether control never gets behind a statement.

    Args:
        node: the statement.
        guess: whether a ``match`` counts as complete without a case for the rest.
    """
    match node:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.Expr(value=ast.Call(func=function)):
            return ast.unparse(function) in _ENDS
        case ast.Assert(test=ast.Constant(value=value)):
            return not value
        case ast.If():
            return _ends_block(node.body, guess=guess) and _ends_block(node.orelse, guess=guess)
        case ast.While(test=ast.Constant(value=value)) if value:
            return not _breaks(node)
        case ast.For() | ast.AsyncFor() | ast.While():
            return _ends_block(node.orelse, guess=guess) and not _breaks(node)
        case ast.With() | ast.AsyncWith():
            swallows = any("suppress" in (said := ast.unparse(item)) or "raises" in said for item in node.items)
            return not swallows and _ends_block(node.body, guess=guess)
        case ast.Try() | ast.TryStar():
            tried = _ends_block([*node.body, *node.orelse], guess=guess)
            caught = all(_ends_block(handler.body, guess=guess) for handler in node.handlers)
            return (tried and caught) or _ends_block(node.finalbody, guess=guess)
        case ast.Match():
            rest = any(
                isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
                for case in node.cases
            )
            return (rest or guess) and all(_ends_block(case.body, guess=guess) for case in node.cases)
    return False


def _breaks(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    """Whether a loop is left by a ``break`` of its own."""
    waiting: list[ast.AST] = list(loop.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            # The break of an inner loop is its own; one in its else is ours.
            waiting.extend(node.orelse)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))
    return False
