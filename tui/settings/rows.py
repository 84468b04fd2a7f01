"""The rows of a section of the settings: its fields, groups and items, as far as they are unfolded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rich.cells import cell_len

from cascadeflow.sanitise import one_line
from tui.settings.summaries import told
from tui.words import counted
from tui.wrap import shorten, wrap

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from tui.settings.draft import Draft
    from tui.settings.shape import Path, Shape
    from tui.words import Line

GENERAL = "general"
"""The section of the keys that stand outside all sections."""

_LABEL = 20
"""Cells for names of fields."""
_ADD = {
    "ModelConfig": "add a model", "StepSection": "add a step", "StrategySection": "add a strategy",
    "TierSection": "add a tier", "BudgetConfig": "add a user",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        path: what it is about; of a row that adds, the list or map.
        kind: a single ``value``, a ``group`` of them, an ``item`` of a list or map, or ``add``.
        depth: how far it is indented.
        label: name of the field, or of the item.
        value: what stands there, in words.
        unfolded: whether what is in it is shown; None: there is nothing in it.
        marks: words for how it differs from the preset.
        problem: what is wrong; empty: nothing.
    """

    path: Path
    kind: Literal["value", "group", "item", "add"]
    depth: int
    label: str
    value: str = ""
    unfolded: bool | None = None
    marks: tuple[str, ...] = ()
    problem: str = ""


def section_names(shape: Shape) -> list[str]:
    """The sections, in the order of the file."""
    return [GENERAL, *(key for key, one in shape.fields.items() if not one.is_value)]


def rows_of(draft: Draft, section: str, unfolded: AbstractSet[Path]) -> list[Row]:
    """The rows of a section.

    Args:
        draft: the values.
        section: its name.
        unfolded: groups and items that are shown with what is in them.
    """
    rows: list[Row] = []
    for key, shape in draft.shape.fields.items():
        path: Path = (key,)
        if section_of(draft.shape, path) != section:
            continue
        rows += [_value(draft, path, 0)] if shape.is_value else _inside(draft, path, shape, 0, unfolded)
    return rows


def _inside(draft: Draft, path: Path, shape: Shape, depth: int, unfolded: AbstractSet[Path]) -> Iterator[Row]:
    """What is in a group, list or map."""
    value = draft.value(path)
    if shape.kind == "section":
        for key, one in shape.fields.items():
            yield from _place(draft, (*path, key), one, depth, unfolded)
        return
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value or ())))
    for key in keys:
        yield from _item(draft, (*path, key), shape.items, depth, unfolded)
    yield Row(path, "add", depth, f"+ {_ADD.get(shape.items.definition, 'add')}", marks=_own_marks(draft, path))


def _place(draft: Draft, path: Path, shape: Shape, depth: int, unfolded: AbstractSet[Path]) -> Iterator[Row]:
    if shape.is_value:
        yield _value(draft, path, depth)
        return
    value = draft.value(path)
    shown = None if value is None else path in unfolded
    words = told(shape, value)
    yield Row(path, "group", depth, str(path[-1]), words, shown, _marks(draft, path), _problem(draft, path))
    if shown:
        yield from _inside(draft, path, shape, depth + 1, unfolded)


def _item(draft: Draft, path: Path, shape: Shape, depth: int, unfolded: AbstractSet[Path]) -> Iterator[Row]:
    value, key = draft.value(path), path[-1]
    label = str(key) if isinstance(key, str) else f"{key + 1}"
    if shape.is_value:
        words = told(shape, value)
        yield Row(path, "item", depth, label, words, None, _marks(draft, path), draft.problems.get(path, ""))
        return
    name = value.get("name") or value.get("model") if isinstance(key, int) and isinstance(value, dict) else None
    shown = path in unfolded
    label = label if name is None else f"{label} {name}"
    yield Row(path, "item", depth, label, told(shape, value), shown, _marks(draft, path), _problem(draft, path))
    if shown:
        yield from _inside(draft, path, shape, depth + 1, unfolded)


def _value(draft: Draft, path: Path, depth: int) -> Row:
    words = told(draft.shape.at(path), draft.value(path))
    return Row(
        path, "value", depth, str(path[-1]), words, None, _marks(draft, path), draft.problems.get(path, "")
    )  # fmt: skip


def _marks(draft: Draft, path: Path) -> tuple[str, ...]:
    found = draft.below(path)
    if any(one.path == path and one.kind in ("new", "changed") for one in found):
        return (found[0].word,)
    return (counted(len(found), "change"),) if found else ()


def _own_marks(draft: Draft, path: Path) -> tuple[str, ...]:
    """What is said of a list as a whole."""
    return tuple(one.word for one in draft.below(path) if one.path == path and one.kind in ("gone", "moved"))


def _problem(draft: Draft, path: Path) -> str:
    if path in draft.problems:
        return draft.problems[path]
    inside = draft.problems_below(path)
    return f"{counted(inside, 'field')} in it" if inside else ""


def row_lines(row: Row, width: int, *, under_cursor: bool) -> list[Line]:
    """A row as lines that fit: the field, how it differs, and below it what is wrong.

    Args:
        row: which.
        width: cells of a line.
        under_cursor: whether the cursor is on it.
    """
    fold = {True: "▾ ", False: "▸ ", None: "  "}[row.unfolded]
    indent = (">" if under_cursor else " ") + "  " * row.depth + fold
    label = one_line(row.label, 60)
    mark = one_line(", ".join(row.marks), 60)
    taken = cell_len(mark) + 1 if mark else 0
    if row.kind in ("value", "group"):
        label = f"{label:<{_LABEL}}"
    head = shorten(f"{indent}{label} ", max(8, width - taken))
    value = shorten(row.value, max(0, width - cell_len(head) - taken))
    line: Line = [(head, "cursor" if under_cursor else ""), (value, _style(row))]
    if mark:
        line += [(" " * max(1, width - cell_len(head + value + mark)), ""), (mark, "warn")]
    return [line, *_problem_lines(row, width, " " * len(indent))]


def _problem_lines(row: Row, width: int, indent: str) -> list[Line]:
    if not row.problem:
        return []
    rows = wrap(one_line(f"not valid: {row.problem}"), max(10, width - len(indent) - 2))
    return [[(f"{indent}{'  ' if number else '✗ '}{text}", "bad")] for number, text in enumerate(rows)]


def _style(row: Row) -> str:
    if row.kind == "add" or row.value in ("none", "empty"):
        return "dim"
    return "" if row.kind == "value" else "dim"


def section_of(shape: Shape, path: Path) -> str:
    """The section in which a path is."""
    return GENERAL if shape.at(path[:1]).is_value else str(path[0])


def in_section(shape: Shape, path: Path, section: str) -> bool:
    """Whether a path is in a section."""
    return bool(path) and section_of(shape, path) == section


def renumbered(paths: AbstractSet[Path], holder: Path, number: Callable[[int], int | None]) -> set[Path]:
    """Paths after items of a list have got other numbers.

    Args:
        paths: before.
        holder: the list.
        number: from the old number to the new one; None: the item is gone.
    """
    depth, found = len(holder), set()
    for path in paths:
        key = path[depth] if len(path) > depth and path[:depth] == holder else None
        new = number(key) if isinstance(key, int) else None
        if not isinstance(key, int):
            found.add(path)
        elif new is not None:
            found.add((*path[:depth], new, *path[depth + 1 :]))
    return found
