"""What the pane below the fields says of the one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cascadeflow.sanitise import one_line
from cascadeflow.validated import dotted
from tui.settings.difference import MISSING
from tui.settings.picks import is_picked
from tui.settings.summaries import price_words, told
from tui.words import wrapped

if TYPE_CHECKING:
    from tui.settings.draft import Draft
    from tui.settings.rows import Row
    from tui.words import Line


def about(draft: Draft, row: Row, width: int) -> list[Line]:
    """What a field is for, what is allowed, and what the preset has there.

    Args:
        draft: the values.
        row: of the field.
        width: cells of a line.
    """
    shape = draft.shape.at(row.path)
    lines = wrapped(one_line(f"{dotted(row.path)}: {shape.description}"), "", width)
    if row.kind == "add":
        return lines + wrapped("Enter adds one.", "dim", width)
    if shape.is_value:
        choose = " Enter shows what there is." if is_picked(draft, row.path) else ""
        lines += wrapped(f"Allowed: {shape.allowed}.{choose}", "dim", width)
    if draft.below(row.path):
        lines += wrapped(_compared(draft, row), "warn", width)
    value = draft.value(row.path)
    if shape.definition == "ModelConfig" and isinstance(value, dict):
        lines += wrapped(_model(value), "dim", width)
    return lines


def trying(draft: Draft, row: Row, problem: str, width: int) -> list[Line]:
    """The same while a value is typed.

    Args:
        draft: the values.
        row: of the field.
        problem: what is wrong with what is typed so far; empty: nothing.
        width: cells of a line.
    """
    verdict = wrapped(f"Not valid yet: {one_line(problem)}", "bad", width) if problem else [[("Valid.", "good")]]
    return [*verdict, *about(draft, row, width)]


def _compared(draft: Draft, row: Row) -> str:
    base = draft.base_value(row.path)
    name = one_line(draft.base_name) or "what it was"
    if base is MISSING:
        return f"Not in {name}."
    return f"In {name}: {told(draft.shape.at(row.path), base)}. R puts that back."


def _model(value: dict[str, Any]) -> str:
    """What the catalogue knows of a model."""
    from cascadeflow.catalog import missing_key, resolve

    name, provider = str(value.get("name") or ""), str(value.get("provider") or "")
    base_url = value.get("base_url")
    facts = [f"Prices per 1M tokens in / out: {price_words(name, provider, value.get('cost'))}."]
    resolved = resolve(name, provider or None)
    if resolved.reason:
        facts.append(one_line(resolved.reason) + ".")
    window = resolved.entry.context_window if resolved.entry is not None else None
    if window is not None:
        facts.append(f"Context window: {window:,} tokens.")
    lacks = missing_key(provider, base_url if isinstance(base_url, str) else None)
    if lacks:
        facts.append(f"{lacks} is not set, so it cannot be asked now.")
    return " ".join(facts)
