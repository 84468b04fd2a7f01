"""`CursorList`: lines with a cursor on one of their entries, moved by keyboard or mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from tui.widgets.lines import LineView

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

    from tui.words import Line

_WIDTH_UNKNOWN = 20


class CursorList(LineView):
    """Entries of one or more lines each, with a cursor on one of them.

    Args:
        title: shown in the border.
        id: for the style sheet.
        help_text: for the help screen.

    Attributes:
        cursor: position of the entry under the cursor.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", id="list.up", tooltip="Moves to the line above"),
        Binding("down,j", "move(1)", "Down", id="list.down", tooltip="Moves to the line below"),
        Binding("pageup", "page(-1)", "Page up", id="list.page_up", tooltip="Moves up by a page"),
        Binding("pagedown", "page(1)", "Page down", id="list.page_down", tooltip="Moves down by a page"),
        Binding("home,g", "move(-100000)", "First", id="list.first", tooltip="Moves to the first line"),
        Binding("end,G", "move(100000)", "Last", id="list.last", tooltip="Moves to the last line"),
    ]

    def __init__(self, title: str, *, id: str, help_text: str) -> None:
        super().__init__(title, id=id)
        self.help_text = help_text
        self.cursor = 0
        self._rows: list[int] = []
        """Row → position of its entry."""

    @property
    def count(self) -> int:
        """How many entries there are."""
        raise NotImplementedError

    def entry(self, position: int, width: int, *, under_cursor: bool) -> list[Line]:
        """The lines of one entry.

        Args:
            position: which.
            width: cells of a line.
            under_cursor: whether the cursor is on it, and shown.
        """
        raise NotImplementedError

    @property
    def cursor_shown(self) -> bool:
        """Whether the cursor is seen."""
        return self.has_focus

    def draw(self) -> None:
        """Draw the entries as they are now."""
        lines: list[Line] = []
        self._rows = []
        width = self.scrollable_content_region.width or _WIDTH_UNKNOWN
        for position in range(self.count):
            own = self.entry(position, width, under_cursor=self.cursor_shown and position == self.cursor)
            lines += own
            self._rows += [position] * len(own)
        self.show(lines)

    def on_focus(self) -> None:
        """Show the cursor."""
        self.draw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.draw()

    def on_resize(self) -> None:
        """Break the lines for another width."""
        self.draw()
        self.bring_into_sight()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        if self.count:
            self.go_to(max(0, min(self.count - 1, self.cursor + step)))

    def action_page(self, pages: int) -> None:
        """Move the cursor by so many pages."""
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def go_to(self, position: int) -> None:
        """Put the cursor on an entry, and bring it into sight."""
        moved, self.cursor = position != self.cursor, position
        self.draw()
        self.bring_into_sight()
        if moved:
            self.cursor_moved()

    def bring_into_sight(self) -> None:
        """Scroll until the whole entry under the cursor is seen."""
        rows = [row for row, position in enumerate(self._rows) if position == self.cursor]
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if not rows or height < 1:
            return
        if rows[0] < top:
            self.scroll_to(y=rows[0], animate=False, immediate=True)
        elif rows[-1] >= top + height:
            self.scroll_to(y=min(rows[0], rows[-1] - height + 1), animate=False, immediate=True)

    def cursor_moved(self) -> None:
        """Called when the cursor is on another entry."""

    def chosen(self) -> None:
        """Called when the entry under the cursor is chosen."""

    def action_choose(self) -> None:
        """Choose what the cursor is on."""
        if self.count:
            self.chosen()

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        row = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= row < len(self._rows):
            self.go_to(self._rows[row])
            self.action_choose()
