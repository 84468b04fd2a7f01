"""The lines around the panes: the header above, the keys below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.strip import Strip

from tui.widgets.lines import Styled
from tui.wrap import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from tui.words import Line


class HeaderLine(Styled, can_focus=False):
    """One row: what is set on the left, what it has cost on the right."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._left: Line = []
        self._right = ""

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return "".join(text for text, _ in self._left) + "  " + self._right

    def show(self, left: Line, right: str) -> None:
        """Set both sides."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row."""
        width = self.size.width
        if y:
            return self.window_row(None)
        room = width - cell_len(self._right) - 2
        left: Line = []
        for text, style in self._left:
            piece = shorten(text, room)
            left.append((piece, style))
            room -= cell_len(piece)
        line: Line = [*left, (" " * max(1, room + 1), ""), (self._right, "money"), (" ", "")]
        return self.window_row(self.strip_of(line))


class KeyLine(Styled, can_focus=False):
    """One row of keys; a click does what the key does."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._keys: list[tuple[str, str, str]] = []

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return "  ".join(f"{key} {words}" for key, words, _ in self._keys)

    def show(self, keys: Sequence[tuple[str, str, str]]) -> None:
        """Set the keys: (key, words, action)."""
        if list(keys) != self._keys:
            self._keys = list(keys)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row."""
        line: Line = [(" ", "")]
        for key, words, _ in self._keys if not y else ():
            line += [(key, "strong"), (f" {words}  ", "dim")]
        return self.window_row(self.strip_of(line))

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        at = 1
        for key, words, action in self._keys:
            end = at + cell_len(key) + cell_len(words) + 3
            if at <= event.x < end:
                await self.run_action(action)
                return
            at = end
