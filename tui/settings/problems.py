"""What is wrong with a draft, at which field, and what is allowed there: the schema's own words made plain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cascadeflow.config.contradictions import contradictions, unknown_validators
from cascadeflow.config.lines import keys_of
from tui.settings.shape import Path, Shape
from tui.settings.summaries import typed

if TYPE_CHECKING:
    from cascadeflow.config import Configuration


def validated(data: dict[str, Any]) -> Configuration:
    """Plain data as a configuration.

    Raises:
        ValidationError: the schema does not allow it.
    """
    from cascadeflow.config import Configuration

    return Configuration.model_validate(data)


def problems_of(shape: Shape, data: dict[str, Any]) -> dict[Path, str]:
    """Everything that is wrong.

    Args:
        shape: of the whole.
        data: the values.

    Returns:
        Path → what is wrong, and what is allowed.
    """
    try:
        configuration = validated(data)
    except ValidationError as error:
        found: dict[Path, str] = {}
        for detail in error.errors():
            path = tuple(keys_of(detail))
            found.setdefault(path, _words(shape, path, detail))
        return found
    return {
        found.keys: found.message for found in (*contradictions(configuration), *unknown_validators(configuration))
    }  # fmt: skip


def _words(shape: Shape, path: Path, detail: Any) -> str:
    if detail["type"] == "value_error":  # a rule of its own, which says in its own words what is allowed
        return str(detail["msg"]).removeprefix("Value error, ")
    try:
        place = shape.at(path)
    except (KeyError, AssertionError):
        return str(detail["msg"])
    given = detail.get("input")
    said = f"“{typed(given)}” is not allowed: " if isinstance(given, (str, int, float)) and given != "" else "needed: "
    if place.kind == "list":
        said = f"{len(given)} are not allowed: " if isinstance(given, list) else ""
    return said + place.allowed


def problem_if(shape: Shape, data: dict[str, Any], path: Path, value: Any) -> str:
    """What would be wrong at a path if a value stood there; empty: nothing.

    Args:
        shape: of the whole.
        data: the values; they stay as they are.
        path: where.
        value: the value.
    """
    from copy import deepcopy

    data = deepcopy(data)
    parent: Any = data
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return problems_of(shape, data).get(path, "")
