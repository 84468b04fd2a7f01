"""`Outline`: the fields of a section, with a cursor; keys change the one under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding
from textual.message import Message

from tui.settings.rows import Row, row_lines
from tui.widgets.choices import Choices
from tui.widgets.cursor_list import CursorList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType

    from tui.settings.shape import Path
    from tui.words import Line

_SECTIONS_HELP = (
    "The sections of the configuration, with how many places differ from the preset, or are not valid. Enter or Tab "
    "goes to the fields."
)
_FIELDS_HELP = (
    "The fields of the section. A word at the right tells how a field differs from the preset it is based on; what is "
    "not valid says so below itself. Enter changes a field, or unfolds what is in it; R puts back what the preset has."
)


class Sections(Choices):
    """The sections; the one under the cursor is shown at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "choose", "Fields", id="sections.fields", tooltip="Goes to the fields of the section"),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__("Sections", id=id, help_text=_SECTIONS_HELP)

    def cursor_moved(self) -> None:
        """Show the section."""
        self.chosen()


class Outline(CursorList):
    """The fields of a section.

    Attributes:
        rows: as they are shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,e", "screen.change", "Change", id="outline.choose", tooltip="Changes the field, or unfolds what is in it"),
        Binding("space", "screen.next_value", "Next", id="outline.next", tooltip="Takes the next of the allowed values"),
        Binding("right,l", "screen.fold(True)", "Unfold", id="outline.unfold", tooltip="Shows what is in it"),
        Binding("left,h", "screen.fold(False)", "Fold", id="outline.fold", tooltip="Hides what is in it, or goes to what it is in"),
        Binding("a,insert", "screen.add_item", "Add", id="outline.add", tooltip="Adds a model, tier, budget, strategy or step"),
        Binding("d,delete", "screen.remove", "Remove", id="outline.remove", tooltip="Removes the item, or empties the field"),
        Binding("K,ctrl+up", "screen.move(-1)", "Move up", id="outline.move_up", tooltip="Moves the item up in its list"),
        Binding("J,ctrl+down", "screen.move(1)", "Move down", id="outline.move_down", tooltip="Moves the item down in its list"),
        Binding("r", "screen.reset", "Reset", id="outline.reset", tooltip="Puts back what the preset has there"),
    ]  # fmt: skip

    class Moved(Message):
        """The cursor is on another row."""

    class Chosen(Message):
        """The row under the cursor was clicked."""

    def __init__(self, *, id: str) -> None:
        super().__init__("", id=id, help_text=_FIELDS_HELP)
        self.rows: list[Row] = []

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def offer(self, rows: Sequence[Row], path: Path | None) -> None:
        """Set the rows.

        Args:
            rows: to show.
            path: where the cursor goes; None: it stays where it is.
        """
        self.rows = list(rows)
        found = (number for number, row in enumerate(rows) if row.path == path and row.kind != "add")
        self.cursor = max(0, min(next(found, self.cursor), len(rows) - 1))
        self.draw()
        self.bring_into_sight()

    def entry(self, position: int, width: int, *, under_cursor: bool) -> list[Line]:
        """A row."""
        return row_lines(self.rows[position], width, under_cursor=under_cursor)

    def cursor_moved(self) -> None:
        """Tell that another field is under the cursor."""
        self.post_message(self.Moved())

    def chosen(self) -> None:
        """Tell that the row was clicked."""
        self.post_message(self.Chosen())

    async def on_key(self, event: events.Key) -> None:
        """Take our own keys at once, and hand on what was typed while the keyboard went elsewhere.

        Keys wait in this widget's queue. If the first opens an editor, the others are meant for it: none
        may get lost, and none may be taken for one of ours.
        """
        if self.app.screen is not self.screen:
            event.stop()
            self.app.screen.call_after_refresh(self._hand_on, event)
        elif self.screen.focused is not self:
            event.stop()
            self._hand_on(event)
        else:
            active = self.screen.active_bindings.get(event.key)
            if active is not None and active.node is self:
                event.stop()
                event.prevent_default()
                await self.run_action(active.binding.action)

    def _hand_on(self, event: events.Key) -> None:
        focused = self.app.focused
        if focused is not None:
            focused.post_message(events.Key(event.key, event.character))
