"""Breaks plain text into rows of a given width, fast enough to be done while it streams."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, get_character_cell_size

TAB = "    "


def rows(line: str, width: int) -> Iterator[str]:
    """Break one line at spaces, or anywhere where there are none.

    Args:
        line: text without a newline, already made visible.
        width: cells a row may take.

    Yields:
        The rows. Joined they are the line again, so a reader can tell how far each one reaches;
        a space at which the line is broken stands at the end of its row and may hang over by one.

    Example:
        >>> list(rows("one two three", 8))
        ['one two ', 'three']
    """
    width = max(1, width)
    if line.isascii():
        yield from _ascii_rows(line, width)
        return
    start = 0
    while True:
        end = _fitting(line, start, width)
        if end >= len(line):
            yield line[start:]
            return
        space = line.rfind(" ", start + 1, end + 1)
        if space > start:
            end = space + 1
        yield line[start:end]
        start = end


def _ascii_rows(line: str, width: int) -> Iterator[str]:
    start, length = 0, len(line)
    while length - start > width:
        space = line.rfind(" ", start + 1, start + width + 1)
        end = space + 1 if space > start else start + width
        yield line[start:end]
        start = end
    yield line[start:]


def _fitting(line: str, start: int, width: int) -> int:
    """Where the row that begins at ``start`` must end at the latest."""
    cells = 0
    last = min(len(line), start + 4 * width)  # combining characters take no cell, but rows must end
    for position in range(start, last):
        cells += get_character_cell_size(line[position])
        if cells > width:
            return max(position, start + 1)
    return last


def wrap(text: str, width: int) -> list[str]:
    """Break a text of several lines.

    Args:
        text: already made visible.
        width: cells a row may take.

    Returns:
        Rows without trailing spaces; at least one.
    """
    return [
        row.rstrip() for line in text.replace("\t", TAB).split("\n") for row in rows(line, width)
    ]  # fmt: skip


def shorten(text: str, width: int) -> str:
    """Cut a line to a width, with an ellipsis where something is missing.

    Args:
        text: one line, already made visible.
        width: cells it may take.

    Example:
        >>> shorten("gpt-4o-mini", 8)
        'gpt-4o-…'
    """
    if len(text) <= width and text.isascii():
        return text
    if cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    return text[: _fitting(text, 0, width - 1)] + "…" if width > 1 else "…"
