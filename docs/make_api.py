"""Writes `api.md`, the page of the public API, from signatures and docstrings: ``python docs/make_api.py``.

The same code gives the same page on every machine; a test fails while the page is older than the code.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import FunctionType, ModuleType, WrapperDescriptorType
from typing import Any, NamedTuple

from pydantic import BaseModel

MODULES = (
    "cascadeflow",
    "cascadeflow.telemetry",
    "cascadeflow.quality",
    "cascadeflow.routing",
    "cascadeflow.testing",
    "cascadeflow.config",
    "cascadeflow.history",
    "cascadeflow.whatif",
)
PAGE = Path(__file__).with_name("api.md")
HEAD = """\
# The public API

What stands here is kept stable; anything else may change. Every name is imported from the module it stands under.
Amounts are USD where they are floats and nano-USD (1 USD = 1,000,000,000) where they are integers; times are seconds
unless the name ends in `_ms`. The page is made from the docstrings by `python docs/make_api.py`.
"""
LINE = 100
_SECTION = re.compile(r"^(Args|Attributes|Returns|Yields|Raises|Example):$", re.MULTILINE)
_ITEM = re.compile(r"([\w*][\w*, ]*): (.*)", re.DOTALL)


def public_names(module: ModuleType) -> list[str]:
    """Names of a module's ``__all__``, or those it defines itself, in the order they are written."""
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    return list(getattr(module, "__all__", None) or [name for name in own if not name.startswith("_")])


class Docstring(NamedTuple):
    """The parts of a docstring in Google form that the page shows."""

    text: str

    @property
    def first(self) -> str:
        """The first paragraph."""
        return _inline(self.text.split("\n\n")[0])

    @property
    def sections(self) -> Iterator[str]:
        """Each section but the example, as Markdown."""
        parts = _SECTION.split(self.text)[1:]
        for title, body in zip(parts[::2], parts[1::2], strict=True):
            if title != "Example":
                yield _section(title, inspect.cleandoc(body))


def _section(title: str, body: str) -> str:
    if title in ("Returns", "Yields"):
        return f"{title}: {_inline(body)}"
    items = [_inline(item) for item in re.split(r"\n(?=\S)", body)]
    lines = [f"- `{found[1]}`: {found[2]}" if (found := _ITEM.fullmatch(item)) else f"- {item}" for item in items]
    return "\n".join([f"{title}:", "", *lines])


def _inline(text: str) -> str:
    """One line of Markdown, with single backticks where the docstring has two."""
    return " ".join(text.replace("``", "`").split())


def signature(name: str, value: Any) -> str:
    """How something is called, with the types as its source writes them."""
    prefix = "async " if inspect.iscoroutinefunction(value) else ""
    parameters, returned = _parameters(value)
    end = "" if inspect.isclass(value) or returned is inspect.Parameter.empty else f" -> {_type(returned)}"
    whole = f"{prefix}{name}({', '.join(parameters)}){end}"
    if len(whole) <= LINE:
        return whole
    return "\n".join([f"{prefix}{name}(", *(f"    {item}," for item in parameters), f"){end}"])


def _parameters(value: Any) -> tuple[list[str], Any]:
    if inspect.isclass(value) and issubclass(value, BaseModel):
        return ["*", *(f"{name}: {_type(kind)} = …" for name, kind in value.__annotations__.items())], None
    if inspect.isclass(value) and isinstance(value.__init__, WrapperDescriptorType) and value.__new__ in _PLAIN_NEW:
        return (["message: str"] if issubclass(value, Exception) else []), None
    found = inspect.signature(value)
    listed: list[str] = []
    for item in found.parameters.values():
        if item.name in ("self", "cls") or item.name.startswith("_"):
            continue
        if item.kind is item.KEYWORD_ONLY and not any(text.startswith("*") for text in listed):
            listed.append("*")
        stars = "*" if item.kind is item.VAR_POSITIONAL else "**" if item.kind is item.VAR_KEYWORD else ""
        text = f"{stars}{item.name}: {_type(item.annotation)}"
        listed.append(text if item.default is item.empty else f"{text} = {_default(item.default)}")
    return listed, found.return_annotation


_PLAIN_NEW = (object.__new__, Exception.__new__, ValueError.__new__)


def _type(annotation: Any) -> str:
    if isinstance(annotation, typing.ForwardRef):
        return annotation.__forward_arg__
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _default(value: Any) -> str:
    if callable(value):
        return f"{value.__module__}.{value.__qualname__}"
    return "…" if repr(value).startswith("<") else repr(value)


@cache
def published() -> frozenset[Any]:
    """The classes that have a section of their own."""
    found = (getattr(module, name) for module in map(import_module, MODULES) for name in public_names(module))
    return frozenset(value for value in found if inspect.isclass(value))


def members(kind: type) -> tuple[list[tuple[str, property]], list[tuple[str, Any]]]:
    """Public properties and methods that a class defines itself, or has from parts that are not public."""
    bases = [
        base for base in kind.__mro__[1:] if base.__module__.startswith("cascadeflow.") and base not in published()
    ]
    found: dict[str, Any] = {}
    for part in (kind, *bases):
        found |= {name: value for name, value in vars(part).items() if name not in found}
    own = [(name, value) for name, value in found.items() if not name.startswith("_")]
    properties = [(name, value) for name, value in own if isinstance(value, property)]
    methods = [
        (name, getattr(value, "__func__", value))
        for name, value in own
        if isinstance(value, (FunctionType, classmethod, staticmethod))
    ]
    return properties, methods


def constant(name: str, value: Any) -> str:
    """Name, type and meaning of a constant."""
    if isinstance(value, Mapping):
        held = f"holds {', '.join(f'`{key}`' for key in value)}"
    else:
        held = f"is `{value!r}`" if isinstance(value, str) else ""
    said = _inline(_words_below(name, value) or getattr(value, "description", ""))
    return f"- `{name}` ({type(value).__name__}) {held}".rstrip() + (f": {said.rstrip('.')}." if said else ".")


def _words_below(name: str, value: Any) -> str:
    """The string below a constant, in the module that defines it."""
    for module in [module for key, module in sorted(sys.modules.items()) if key.startswith("cascadeflow.")]:
        if vars(module).get(name) is not value:
            continue
        body = ast.parse(inspect.getsource(module)).body
        for before, after in pairwise(body):
            if _assigned(before) == name and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                return str(after.value.value)
    return ""


def _assigned(statement: ast.stmt) -> str:
    """The name that a statement gives a value to; empty if it does not."""
    if isinstance(statement, ast.Assign):
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return ""
    return target.id if isinstance(target, ast.Name) else ""


def _entry(level: str, name: str, value: Any) -> Iterator[str]:
    said = _docstring(name, value)
    yield f"{level} {name}"
    yield f"```text\n{signature(name, value)}\n```"
    yield said.first
    yield from said.sections
    if not inspect.isclass(value):
        return
    properties, methods = members(value)
    if properties:
        listed = (
            f"- `{key}: {_returned(item)}`: {_docstring(f'{name}.{key}', item).first}" for key, item in properties
        )
        yield "\n".join(["Properties:", "", *listed])
    for key, item in methods:
        yield from _entry("####", f"{name}.{key}", item)


def _docstring(name: str, value: Any) -> Docstring:
    said = inspect.getdoc(value)
    if not said:
        raise SystemExit(f"{name} has no docstring")
    return Docstring(said)


def _returned(value: property) -> str:
    return _type(inspect.signature(value.fget).return_annotation) if value.fget else "Any"


def page() -> str:
    """The whole page."""
    blocks = [HEAD.rstrip()]
    for module_name in MODULES:
        module = import_module(module_name)
        blocks += [f"## {module_name}", _docstring(module_name, module).first]
        constants = []
        for name in public_names(module):
            value = getattr(module, name)
            if callable(value):
                blocks += _entry("###", name, value)
            else:
                constants.append(constant(name, value))
        if constants:
            blocks += [f"### Constants of {module_name}", "\n".join(constants)]
    return "\n\n".join(blocks) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
