"""The text of an answer while it streams: closed blocks drawn once, the open one as a plain tail.

Drawing costs what arrived, never what is there already: a block that is closed (a paragraph, a
fence, a table) becomes finished rows once, and only a tail of at most twelve plain rows is broken
anew. After the stream the whole message is drawn once more by `tui.markdown`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Generic, TypeVar

from cascadeflow.sanitise import visible
from tui.wrap import TAB, rows

TAIL_ROWS = 12
SHOWN_CHARACTERS = 100_000
"""What is drawn of one answer. The rest is counted and said; saving the answer gives all of it."""

_RENDERED_BLOCK = 3_000
"""Characters. A longer block stays plain until the stream has ended."""

Row = TypeVar("Row")


@cache
def _fence() -> re.Pattern[str]:
    return re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")


class StreamedText(Generic[Row]):
    """Rows of a growing text.

    Args:
        width: cells a row may take.
        plain: draws one row of plain text.
        block: draws a closed block of Markdown.

    Attributes:
        rows: finished rows.
        tail: the last rows of the open block, at most `TAIL_ROWS`.
        hidden: characters beyond `SHOWN_CHARACTERS`.
    """

    def __init__(self, width: int, plain: Callable[[str], Row], block: Callable[[str], list[Row]]) -> None:
        self.rows: list[Row] = []
        self.tail: list[str] = []
        self.hidden = 0
        self._width, self._plain, self._draw_block = max(1, width), plain, block
        self._shown = 0
        self._carry = ""
        self._line = ""
        """The line under way, whole."""
        self._open = ""
        """What of the open block is in no finished row yet."""
        self._block: list[str] = []
        """The complete lines of the open block."""
        self._block_row = 0
        """Where the rows of the open block begin."""
        self._fence = ""

    def feed(self, text: str) -> None:
        """Take the next piece of the answer."""
        text = self._carry + text
        room = SHOWN_CHARACTERS - self._shown
        if len(text) > room:
            self.hidden += len(text) - room
            text = text[:room]
        self._carry = text[-1:] if text.endswith("\r") else ""
        text = text.removesuffix("\r") if self._carry else text
        self._shown += len(text)
        *complete, rest = visible(text).replace("\t", TAB).split("\n")
        for part in complete:
            self._line += part
            self._open += part + "\n"
            self._end_line()
            self._line = ""
        self._line += rest
        self._open += rest
        self._settle()

    def drawn(self) -> list[Row]:
        """Every row there is now, the tail included."""
        if not self.tail:
            return self.rows
        gap = [self._plain("")] if self.rows and len(self.rows) == self._block_row else []
        return [*self.rows, *gap, *(self._plain(row) for row in self.tail)]

    def close(self) -> None:
        """Finish the open block; nothing follows."""
        if self._line:
            self._block.append(self._line)
            self._line = ""
        self._close_block()
        self.tail = []

    def _end_line(self) -> None:
        line = self._line
        if self._fence:
            self._block.append(line)
            if line.strip().startswith(self._fence) and not line.strip().strip(self._fence[0]):
                self._close_block()
            return
        opening = _fence().match(line)
        if opening is not None:
            self._open = self._open[: max(0, len(self._open) - len(line) - 1)]
            self._close_block()
            self._fence = opening.group(1)
            self._open = line + "\n"
            self._block.append(line)
        elif line.strip():
            self._block.append(line)
        else:
            self._close_block()

    def _close_block(self) -> None:
        text = "\n".join(self._block)
        if not text.strip():
            self._open = ""
            self._block = []
            return
        if len(text) <= _RENDERED_BLOCK:
            del self.rows[self._block_row :]
            self._separate()
            self.rows.extend(self._draw_block(text))
        else:
            for line in self._open.rstrip("\n").split("\n"):
                self._finish(line)
        self._open, self._fence, self._block = "", "", []
        self._block_row = len(self.rows)

    def _finish(self, line: str) -> None:
        for row in rows(line, self._width):
            self._add(row)

    def _add(self, row: str) -> None:
        if len(self.rows) == self._block_row:
            self._separate()
        self.rows.append(self._plain(row.rstrip()))

    def _separate(self) -> None:
        if self.rows:
            self.rows.append(self._plain(""))

    def _settle(self) -> None:
        """Keep the last rows as the tail and finish the ones before them."""
        broken: list[tuple[str, int]] = []
        for line in self._open.split("\n"):
            pieces = [(row, len(row)) for row in rows(line, self._width)]
            broken.extend(pieces)
            broken[-1] = (broken[-1][0], broken[-1][1] + 1)
        if broken[-1][0] == "":
            broken.pop()
        surplus = max(0, len(broken) - TAIL_ROWS)
        for row, _ in broken[:surplus]:
            self._add(row)
        self._open = self._open[sum(length for _, length in broken[:surplus]) :]
        self.tail = [row.rstrip() for row, _ in broken[surplus:]]
