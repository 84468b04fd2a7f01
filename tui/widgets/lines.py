"""`LineView`: a scrolling list of finished lines, drawn by the line API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cascadeflow.sanitise import visible
from tui.palette import palette

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from tui.words import Line


class Styled(ScrollView):
    """What turns lines of spans into strips, in the colours of the theme.

    Whatever is drawn passes here, and nothing that a terminal would obey passes unseen.
    """

    def style_of(self, name: str) -> Style:
        """The Rich style behind a style name."""
        return palette(self.app.theme_variables)[name]

    def strip_of(self, line: Line) -> Strip:
        """Draw one line."""
        return Strip([Segment(visible(text).replace("\n", " "), self.style_of(name)) for text, name in line if text])


class LineView(Styled, can_focus=True):
    """Lines that are set as a whole.

    Args:
        title: shown in the border.
        id: for the style sheet.
    """

    def __init__(self, title: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        if title:
            self.border_title = title
        self._lines: list[Line] = []
        self._strips: list[Strip] = []

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def show(self, lines: Sequence[Line], *, to_end: bool = False) -> None:
        """Replace the lines.

        Args:
            lines: to show.
            to_end: scroll to the last one, where the reader was at the end.
        """
        if list(lines) == self._lines:
            return
        follow = to_end and self.scroll_offset.y >= self.max_scroll_y
        self._lines = list(lines)
        self._strips = [self.strip_of(line) for line in self._lines]
        before = self.virtual_size
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._strips))
        if self.styles.is_auto_height and before.height != self.virtual_size.height:
            self.refresh(layout=True)
        self.refresh()
        if follow:
            self.scroll_end(animate=False, immediate=False, x_axis=False)

    def notify_style_update(self) -> None:
        """Draw again in the colours of another theme."""
        super().notify_style_update()
        self._strips = [self.strip_of(line) for line in self._lines]

    def render_line(self, y: int) -> Strip:
        """One row of the window."""
        x, top = self.scroll_offset
        width = self.scrollable_content_region.width
        row = y + top
        if row >= len(self._strips):
            return Strip.blank(width, self.rich_style)
        return self._strips[row].crop_extend(x, x + width, self.rich_style).apply_style(self.rich_style)
