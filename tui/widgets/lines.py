"""`LineView`: a scrolling list of finished lines, drawn by the line API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cascadeflow.sanitise import one_line, visible
from tui.palette import palette

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual.geometry import Region

    from tui.words import Line


class Styled(ScrollView):
    """What turns lines of spans into strips, in the colours of the theme.

    Whatever is drawn passes here, and nothing that a terminal would obey passes unseen.
    """

    _base: Style | None = None
    """The widget's own style, worked out once for each drawing instead of once for each row."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw rows of the window."""
        self._base = self.rich_style
        return super().render_lines(crop)

    def window_row(self, strip: Strip | None, x: int = 0) -> Strip:
        """A row as the window shows it.

        Args:
            strip: the row; None: there is none.
            x: cells that are scrolled out on the left.
        """
        base = self._base or self.rich_style
        width = self.scrollable_content_region.width
        if strip is None:
            return Strip.blank(width, base)
        return strip.crop_extend(x, x + width, base).apply_style(base)

    def style_of(self, name: str) -> Style:
        """The Rich style behind a style name."""
        return palette(self.app.theme_variables)[name]

    def strip_of(self, line: Line) -> Strip:
        """Draw one line."""
        return Strip([Segment(visible(text).replace("\n", " "), self.style_of(name)) for text, name in line if text])


def as_title(text: str) -> str:
    """A text as the title of a border, where square brackets would be markup."""
    return one_line(text).replace("[", r"\[")


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
        before, self._lines = self._lines, list(lines)
        if len(before) != len(self._lines):
            self._strips = [self.strip_of(line) for line in self._lines]
            self.virtual_size = Size(self.scrollable_content_region.width, len(self._strips))
            self.refresh(layout=self.styles.is_auto_height)
        else:
            for row, (old, new) in enumerate(zip(before, self._lines, strict=True)):
                if old != new:
                    self._strips[row] = self.strip_of(new)
                    self.refresh_line(row)
        if follow:
            self.scroll_end(animate=False, immediate=False, x_axis=False)

    def notify_style_update(self) -> None:
        """Draw again in the colours of another theme."""
        super().notify_style_update()
        self._strips = [self.strip_of(line) for line in self._lines]

    def render_line(self, y: int) -> Strip:
        """One row of the window."""
        row = y + self.scroll_offset.y
        return self.window_row(self._strips[row] if row < len(self._strips) else None, self.scroll_offset.x)
