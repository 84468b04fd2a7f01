"""Is the Python of an answer Python, and does it define what was asked for? It is parsed, never run."""

from __future__ import annotations

import ast
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import dedent

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.text import pattern
from cascadeflow.schema import CheckResult

NAME = "python_code"
LIMIT = 50_000
"""Characters of code that are parsed; more is not checked."""

_START = r"^(?:async def |def |class |import \w|from [\w.]+ import |@\w+|if __name__)"
_LABELS = frozenset({"python", "py", "python3", "py3"})
# Filters of warnings belong to the whole process; two threads that swap them would leave them swapped.
_WARNINGS = threading.Lock()


def check_python_code(context: CheckContext) -> CheckResult:
    """Parses the Python blocks of an answer, or the answer itself where it is bare code.

    Args:
        context: question and answer.

    Returns:
        None where there is no Python to parse; 0 for a syntax error in the main block, for a
        missing function that was asked for, and for a function without a body (each where code was
        asked for); 0.45 for another broken block; 0.75 when it parses.
    """
    asked = context.asked
    if not context.whole or pattern(r"\bpython ?2(?:\.\d)?\b").search(context.prompt[:2000].lower()):
        return CheckResult(name=NAME)
    blocks = _blocks(context)
    if not blocks:
        return CheckResult(name=NAME)
    main = max(blocks, key=len)
    trees: dict[str, ast.Module] = {}
    broken = ""
    for block in blocks:
        try:
            trees[block] = parse(block)
        except SyntaxError as error:
            reason = describe(error)
            if block is main and asked.code:
                return _wrong(f"the Python does not parse: {reason}", 0.0)
            broken = broken or reason
        except (RecursionError, MemoryError, ValueError):
            return CheckResult(name=NAME, reason="the code is nested too deep to check")
    if asked.code and asked.language in {"", "python"}:
        missing = what_is_missing(list(trees.values()), asked.names, function=asked.function)
        if missing:
            return _wrong(missing, 0.0)
    if broken:
        return _wrong(f"a block of Python does not parse: {broken}", 0.45)
    return CheckResult(name=NAME, score=0.75, threshold=0.5, reason="the Python parses")


def parse(code: str) -> ast.Module:
    """Parse Python, quietly.

    Args:
        code: any text of at most `LIMIT` characters.

    Returns:
        The tree.

    Raises:
        SyntaxError: it is not Python.
        RecursionError, MemoryError, ValueError: it is too deep, or holds null characters.
    """
    if len(code) > LIMIT:
        raise MemoryError("too long to parse")
    with quiet():
        return ast.parse(code)


@contextmanager
def quiet() -> Iterator[None]:
    """No warning is shown meanwhile: a text to be judged may hold what a compiler warns of."""
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _wrong(reason: str, score: float) -> CheckResult:
    return CheckResult(name=NAME, score=score, threshold=0.5, passed=False, reason=reason)


def describe(error: SyntaxError) -> str:
    """What Python says about code that is none, with the line."""
    line = (error.text or "").strip()
    return f"{error.msg} at line {error.lineno}" + (f": “{line[:60]}”" if line else "")


def _blocks(context: CheckContext) -> list[str]:
    blocks = []
    for fence in context.fences:
        body = dedent(fence.body).strip("\n")
        if not body.strip() or pattern(r"^(?:>>>|In \[\d|[$!%] ?\w|pip install|\.\.\.$)", 8).search(body):
            continue
        if fence.language in _LABELS or (not fence.language and _looks_like_python(body)):
            blocks.append(body)
    if not context.fences:
        blocks += filter(None, [bare_python(context)])
    return blocks


def _looks_like_python(code: str) -> bool:
    if pattern(r";[ \t]*$|\)[ \t]*\{[ \t]*$", 8).search(code):
        return False
    return pattern(r"^(?:(?:async )?def \w+ ?\(|class \w+.*:[ \t]*$|from [\w.]+ import )", 8).search(code) is not None


def bare_python(context: CheckContext) -> str:
    """Python without a code block around it: from its first line to the last that can belong to it; else empty."""
    asked = context.asked
    lines = context.text.splitlines()
    if asked.completion and context.text[:1].isspace():
        return f"{context.prompt.rstrip()}\n{context.text}"
    first = next((i for i, line in enumerate(lines) if pattern(_START).match(line)), None)
    if first is None or asked.language not in {"", "python"} or (first > 0 and not asked.code):
        return ""
    if asked.language != "python" and not _looks_like_python(context.head):
        return ""
    code = "\n".join(lines[first:])
    for _ in range(20):
        try:
            parse(code)
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            kept = code.splitlines()
            if not 0 < at < len(kept) or not _is_prose(kept[at]):
                break
            # Words behind the code are no part of it.
            code = "\n".join(kept[:at])
        except (RecursionError, MemoryError, ValueError):
            break
        else:
            break
    return code


def _is_prose(line: str) -> bool:
    if line[:1].isspace():
        return False
    words = line.split()
    return (
        len(words) >= 3
        and pattern(r"[=(){}\[\]]|^(?:def|class|for|while|if|return|import|from|with|try)\b").search(line) is None
    )


def what_is_missing(trees: list[ast.Module], names: tuple[str, ...], *, function: bool) -> str:
    """What was asked for and is not defined; empty when all is there."""
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
    others: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            others.add(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Lambda, ast.Call, ast.Attribute, ast.Name)):
            others.update(target.id for target in node.targets if isinstance(target, ast.Name))
    for name in names:
        if name not in functions and name not in others:
            return f"the function asked for, {name}, is not defined"
    if function and not functions and not others and not any(_has_lambda(tree) for tree in trees):
        return "a function was asked for, none is defined"
    wanted = [node for node in functions.values() if node.name in names] or (
        list(functions.values()) if function else []
    )
    if wanted and all(_hollow(node) for node in wanted):
        return f"{wanted[0].name} has no body"
    return ""


def _has_lambda(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Lambda) for node in ast.walk(tree))


def _hollow(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return all(
        isinstance(part, ast.Pass)
        or (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
        or (isinstance(part, ast.Raise) and "NotImplemented" in ast.unparse(part))
        for part in node.body
    )
