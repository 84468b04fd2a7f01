"""`FieldsScreen`: sections, their fields, and the keys that change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import TextArea

from cascadeflow.sanitise import one_line
from cascadeflow.validated import dotted
from tui.settings.about import about, trying
from tui.settings.editor import FieldEditor
from tui.settings.outline import Outline, Sections
from tui.settings.picker import Picker
from tui.settings.picks import Pick, new_item, offer_for, offer_for_new
from tui.settings.problems import problem_if
from tui.settings.rows import in_section, renumbered, rows_of, section_names, section_of
from tui.settings.shape import Path
from tui.settings.summaries import parsed, typed
from tui.widgets.choices import Choice, Choices
from tui.widgets.chrome import HeaderLine, KeyLine
from tui.widgets.lines import LineView
from tui.words import counted

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.settings.draft import Draft

STRATEGIES: Path = ("strategies",)
USED: Path = ("routing", "multi_step")
"""Strategies are idle without it."""
_WIDTH_UNKNOWN = 60


class FieldsScreen(Screen[None]):
    """Shows a draft, section by section, and changes it.

    Args:
        draft: the values.
    """

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self._section = section_names(draft.shape)[0]
        self._unfolded: set[Path] = set()

    def compose(self) -> ComposeResult:
        """Sections at the left, their fields at the right, and below these what is known of one."""
        yield HeaderLine(id="header")
        with Horizontal(id="body"):
            yield Sections(id="sections")
            with Vertical():
                yield Outline(id="fields")
                yield FieldEditor(id="editor")
                yield LineView(id="about")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Show the first section."""
        self.query_one("#about").can_focus = False
        self.query_one(Sections).focus()
        self.call_after_refresh(self.show)

    def on_resize(self) -> None:
        """Break the words for another width."""
        self.call_after_refresh(self.show)

    # -- showing

    def show(self, path: Path | None = None) -> None:
        """Show the draft as it is now.

        Args:
            path: where the cursor goes, in whatever section it is; None: it stays.
        """
        if path:
            self._section = section_of(self.draft.shape, path)
            self._unfolded |= {path[:length] for length in range(1, len(path))}
        sections = [Choice(name, name, note=self._note(name)) for name in section_names(self.draft.shape)]
        self.query_one(Sections).offer(sections, self._section)
        self._outline.border_title = self._section
        self._outline.offer(rows_of(self.draft, self._section, self._unfolded), path)
        self._show_about()
        self.show_header()

    def show_header(self) -> None:
        """Show how the whole stands."""

    def _note(self, section: str) -> str:
        wrong = sum(in_section(self.draft.shape, path, section) for path in self.draft.problems)
        changes = sum(in_section(self.draft.shape, one.path, section) for one in self.draft.differences)
        if wrong:
            return f"{wrong} not valid"
        return counted(changes, "change") if changes else ""

    @on(Outline.Moved)
    @on(TextArea.Changed)
    def _show_about(self) -> None:
        row, view, editor = self._outline.row, self.query_one("#about", LineView), self.query_one(FieldEditor)
        if row is None:
            return
        width = view.scrollable_content_region.width or _WIDTH_UNKNOWN
        if editor.path is None:
            view.show(about(self.draft, row, width))
            return
        value = parsed(self.draft.shape.at(editor.path), editor.text)
        problem = problem_if(self.draft.shape, self.draft.data, editor.path, value)
        view.show(trying(self.draft, row, problem, width))

    @property
    def _outline(self) -> Outline:
        return self.query_one(Outline)

    @on(Choices.Chosen, "#sections")
    def _section_chosen(self, message: Choices.Chosen) -> None:
        if message.name == self._section:
            self.set_focus(self._outline)
        elif message.name is not None:
            self._section = message.name
            self._outline.cursor = 0
            self.show()

    # -- changing a field

    @on(Outline.Chosen)
    def action_change(self) -> None:
        """Change the field under the cursor, or show or hide what is in it."""
        row = self._outline.row
        if row is None:
            return
        shape = self.draft.shape.at(row.path)
        if row.kind == "add":
            self.action_add_item()
        elif shape.kind == "switch":
            self.action_next_value()
        elif shape.is_value:
            self._ask_value(row.path)
        elif row.unfolded is None:
            self._unfolded.add(row.path)
            self._set(row.path, shape.fresh())
        else:
            self.action_fold(not row.unfolded)

    def _ask_value(self, path: Path) -> None:
        offer, value = offer_for(self.draft, path), self.draft.value(path)
        if offer is None:
            self.query_one(FieldEditor).begin(path, dotted(path), typed(value))
            self._show_about()
            return

        def picked(pick: Pick | None) -> None:
            if pick is not None:
                self._set(path, pick.value, pick.also)

        self.app.push_screen(Picker(dotted(path), offer, value), picked)

    def _set(self, path: Path, value: Any, also: dict[str, Any] | None = None) -> None:
        also = {key: one for key, one in (also or {}).items() if key in self.draft.shape.at(path[:-1]).fields}
        self.draft.set(path, value, also)
        self.show(path)

    @on(FieldEditor.Taken)
    def take_typed(self) -> None:
        """Take what is being typed, if something is."""
        editor = self.query_one(FieldEditor)
        path, text = editor.path, editor.text
        if path is not None:
            self._end_typing()
            self._set(path, parsed(self.draft.shape.at(path), text))

    @on(FieldEditor.Cancelled)
    def _end_typing(self) -> None:
        self.query_one(FieldEditor).end()
        self.set_focus(self._outline)
        self._show_about()

    def action_next_value(self) -> None:
        """Take the next of the allowed values of the field under the cursor."""
        row = self._outline.row
        if row is None:
            return
        shape, value = self.draft.shape.at(row.path), self.draft.value(row.path)
        values: list[Any] = [True, False] if shape.kind == "switch" else [*shape.choices]
        if values:
            self._set(row.path, values[(values.index(value) + 1) % len(values)] if value in values else values[0])
        else:
            self.action_change()

    def action_reset(self) -> None:
        """Put back what the preset has under the cursor."""
        row = self._outline.row
        if row is not None and self.draft.reset(row.path):
            self.show(row.path)
        elif row is not None:
            self.tell(f"{self.draft.base_name or 'What it was'} has nothing there; D removes it.")

    # -- lists and what is in them

    def action_fold(self, unfold: bool) -> None:
        """Show or hide what is in the row under the cursor; where nothing is to hide, go to what the row is in."""
        row = self._outline.row
        if row is None:
            return
        if row.unfolded is not None and row.unfolded != unfold:
            self._unfolded ^= {row.path}
            self.show(row.path)
        elif not unfold:
            above = row.path if row.kind == "add" else row.path[:-1]
            if any(other.path == above and other.kind != "add" for other in self._outline.rows):
                self.show(above)
            else:
                self.set_focus(self.query_one(Sections))

    def action_add_item(self) -> None:
        """Add an item to the list that the cursor is in."""
        holder = self._holder()
        if holder is None:
            self.tell("Nothing can be added here. Models, tiers, budgets of users, strategies and steps can.")
            return
        place = self._place_after_cursor(holder)

        def picked(pick: Pick | None) -> None:
            if pick is not None:
                self._add(holder, pick, place)

        self.app.push_screen(Picker(f"New in {dotted(holder)}", offer_for_new(self.draft, holder)), picked)

    def _add(self, holder: Path, pick: Pick, place: int | None) -> None:
        item, is_map = new_item(self.draft, holder, pick), self.draft.shape.at(holder).kind == "map"
        if place is not None:
            self._unfolded = renumbered(self._unfolded, holder, lambda number: number + (number >= place))
        path = self.draft.add(holder, item, str(pick.value) if is_map else None, place)
        if isinstance(item, dict):
            self._unfolded.add(path)
        if holder == STRATEGIES and not self.draft.value(USED):
            self.draft.set(USED, True)
            self.tell(f"{dotted(USED)} is on now, so that strategies are used.")
        self.show(path)

    def _holder(self) -> Path | None:
        """The list or map that the cursor is in."""
        row = self._outline.row
        path = row.path if row is not None else ()
        for length in range(len(path), 0, -1):
            if self.draft.shape.at(path[:length]).kind in ("list", "map"):
                return path[:length]
        return None

    def _place_after_cursor(self, holder: Path) -> int | None:
        row = self._outline.row
        inside = row.path[len(holder) :] if row is not None else ()
        return inside[0] + 1 if inside and isinstance(inside[0], int) else None

    def action_remove(self) -> None:
        """Remove the item under the cursor, or empty the field."""
        row = self._outline.row
        if row is None:
            return
        holder, key = row.path[:-1], row.path[-1]
        if row.kind == "item":
            self.draft.remove(row.path)
            if isinstance(key, int):
                self._unfolded = renumbered(
                    self._unfolded, holder, lambda number: None if number == key else number - (number > key)
                )
            self.show()
        elif row.kind != "add" and self.draft.shape.at(row.path).optional:
            self._set(row.path, None)
        else:
            self.tell("This cannot be left out; R puts back what the preset has.")

    def action_move(self, step: int) -> None:
        """Move the item under the cursor, or the one it is in, within its list."""
        row = self._outline.row
        path = row.path if row is not None and row.kind != "add" else ()
        while path and not isinstance(path[-1], int):
            path = path[:-1]
        place = self.draft.move(path, step) if path else path
        old, new = path[-1:], place[-1:]
        if old != new:
            swapped: dict[Any, Any] = dict(zip((*old, *new), (*new, *old), strict=True))
            self._unfolded = renumbered(self._unfolded, path[:-1], lambda number: swapped.get(number, number))
            self.show(place)

    def tell(self, message: str) -> None:
        """Say something in the corner."""
        self.notify(one_line(message), markup=False, timeout=6)
