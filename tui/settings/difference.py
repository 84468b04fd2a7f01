"""How a draft differs from the preset it is based on, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from tui.settings.shape import Path, Shape

MISSING: Any = object()
"""Stands for a value that is not there."""

_NAME = "name"
"""Tables of a list that have this key are told apart by it, the others by their place."""


class Difference(NamedTuple):
    """One difference.

    Attributes:
        path: where; for what is gone or in another order, the list or map.
        kind: of what kind.
        word: that tells it.
    """

    path: Path
    kind: Literal["changed", "new", "gone", "moved"]
    word: str


def differences(shape: Shape, mine: Any, base: Any, path: Path = ()) -> Iterator[Difference]:
    """Every difference at or below a place.

    Args:
        shape: of the place.
        mine: what the draft has there.
        base: what the preset has there; `MISSING`: nothing.
        path: of the place.
    """
    if mine == base:
        return
    if base is MISSING:
        yield Difference(path, "new", "new")
    elif shape.kind == "section" and isinstance(mine, dict) and isinstance(base, dict):
        for key, one in shape.fields.items():
            yield from differences(one, mine.get(key), base.get(key), (*path, key))
    elif shape.kind == "map" and isinstance(mine, dict) and isinstance(base, dict):
        for key, value in mine.items():
            yield from differences(shape.items, value, base.get(key, MISSING), (*path, key))
        yield from _gone(path, [key for key in base if key not in mine])
    elif shape.kind == "list" and shape.items.kind == "section" and isinstance(mine, list) and isinstance(base, list):
        for number, value in enumerate(mine):
            yield from differences(shape.items, value, partner(value, number, base), (*path, number))
        yield from _list_wide(path, mine, base)
    else:
        yield Difference(path, "changed", "changed")


def partner(item: Any, number: int, base: list[Any]) -> Any:
    """What a list of the preset has for an item of the draft's; `MISSING`: nothing."""
    name = _name(item)
    if name is None:
        return base[number] if number < len(base) else MISSING
    return next((other for other in base if _name(other) == name), MISSING)


def base_at(mine: Any, base: Any, path: Path) -> Any:
    """What the preset has at a path of the draft; `MISSING`: nothing."""
    for key in path:
        if isinstance(base, dict):
            base = base.get(key, MISSING)
        elif isinstance(base, list) and isinstance(key, int):
            base = partner(mine[key], key, base)
        else:
            return MISSING
        mine = mine[key]
    return base


def _list_wide(path: Path, mine: list[Any], base: list[Any]) -> Iterator[Difference]:
    names, were = [_name(item) for item in mine], [_name(item) for item in base]
    if None in were:
        yield from _gone(path, [f"number {number + 1}" for number in range(len(mine), len(base))])
        return
    yield from _gone(path, [name for name in were if name not in names])
    if [name for name in names if name in were] != [name for name in were if name in names]:
        yield Difference(path, "moved", "order changed")


def _gone(path: Path, names: list[Any]) -> Iterator[Difference]:
    for name in names:
        yield Difference(path, "gone", f"without {name}")


def _name(item: Any) -> Any:
    return item.get(_NAME) if isinstance(item, dict) else None
