"""How commands write: safe on a terminal, plain in a pipe, one JSON object a line for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click


def set_up_streams() -> None:
    """Let no character fail to be read or written, whatever encoding the terminal has."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def on_terminal() -> bool:
    """Whether standard output is a terminal, so that text must be made harmless."""
    return sys.stdout.isatty()


def styled(text: str, **style: Any) -> str:
    """Text with colour, where the user wants any; `click.echo` drops it in a pipe."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain else click.style(text, **style)


def echo_json(value: Any, *, pretty: bool = False) -> None:
    """Write JSON and flush it. Only ASCII is written, so no terminal and no reader of lines trips over it."""
    click.echo(json.dumps(value, indent=2 if pretty else None))


def note(text: str) -> None:
    """Write a line about the result to standard error."""
    click.echo(text, err=True)


def table(rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Lay rows out in columns; the first row is the heading.

    Args:
        rows: cells, the same number in each row.
        right: columns that are aligned to the right, from 0.
    """
    from unicodedata import east_asian_width

    def width(text: str) -> int:
        return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)

    lines = [list(row) for row in rows]
    widths = [max(width(row[column]) for row in lines) for column in range(len(lines[0]))]
    laid_out = []
    for row in lines:
        cells = []
        for column, cell in enumerate(row):
            space = " " * (widths[column] - width(cell))
            cells.append(space + cell if column in right else cell + space)
        laid_out.append("  ".join(cells).rstrip())
    return "\n".join(laid_out)


def size(count: int) -> str:
    """Bytes for people.

    Example:
        >>> size(98_362_432), size(1_117_320_768)
        ('98 MB', '1.1 GB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
