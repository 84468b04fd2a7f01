"""Dataclasses as plain JSON data, and back into the same dataclasses."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Builder = Callable[[Any], Any]
_ATOMS = frozenset({str, int, float, bool, type(None)})


def to_plain(value: Any) -> Any:
    """Turn a value into what `json.dumps` takes.

    Args:
        value: a dataclass, a tuple or list of them, or JSON data.

    Returns:
        Dictionaries, lists, strings, numbers, booleans and None.

    Example:
        >>> from cascadeflow.schema import Usage
        >>> to_plain(Usage(prompt_tokens=3))["prompt_tokens"]
        3
    """
    kind: Any = type(value)
    if kind in _ATOMS:
        return value
    if kind is tuple or kind is list:
        return [to_plain(item) for item in value]
    names = _field_names(kind)
    if names is not None:
        return {name: to_plain(getattr(value, name)) for name in names}
    return value


def from_plain(kind: type[T], data: dict[str, Any]) -> T:
    """The reverse of `to_plain`, also after a trip through JSON.

    Args:
        kind: the dataclass to build.
        data: its fields; names it does not have are ignored, so that data of a newer version
            can be read.

    Returns:
        An instance equal to the one that was written.

    Raises:
        ValueError: a field without default is missing, or a value has another shape.

    Example:
        >>> from cascadeflow.schema import Usage
        >>> from_plain(Usage, {"prompt_tokens": 3}) == Usage(prompt_tokens=3)
        True
    """
    wanted: Any = kind
    try:
        built: T = _dataclass_builder(wanted)(data)
    except (TypeError, AttributeError) as error:
        raise ValueError(f"not a {kind.__name__}: {error}") from error
    return built


@cache
def _field_names(kind: Any) -> tuple[str, ...] | None:
    return tuple(item.name for item in fields(kind)) if is_dataclass(kind) else None


@cache
def _builder(kind: Any) -> _Builder | None:
    """What turns plain data into a value of that type; None where the data is the value."""
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass_builder(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = next((built for part in arguments if (built := _builder(part)) is not None), None)
        return None if inner is None else _optional(inner)
    if origin in (tuple, list):
        item = _builder(arguments[0])
        if item is not None:
            return _each(origin, item)
        return tuple if origin is tuple else None
    return None


def _each(kind: type, item: _Builder) -> _Builder:
    return lambda data: kind([item(part) for part in data])


def _optional(inner: _Builder) -> _Builder:
    return lambda data: None if data is None else inner(data)


@cache
def _dataclass_builder(kind: Any) -> _Builder:
    hints = get_type_hints(kind)
    known = [item for item in fields(kind) if item.init]
    names = frozenset(item.name for item in known)
    builders = [(item.name, built) for item in known if (built := _builder(hints[item.name])) is not None]
    required = [item.name for item in known if item.default is MISSING and item.default_factory is MISSING]

    def build(data: dict[str, Any]) -> Any:
        if data.keys() == names:
            if not builders:
                return kind(**data)
            arguments = data.copy()
        else:
            arguments = {name: value for name, value in data.items() if name in names}
            missing = [name for name in required if name not in arguments]
            if missing:
                raise ValueError(f"not a {kind.__name__}: {', '.join(missing)} missing")
        for name, built in builders:
            if name in arguments:
                arguments[name] = built(arguments[name])
        return kind(**arguments)

    return build
