"""Keeps what was typed and not sent, so that it outlives the console."""

from __future__ import annotations

import os
from pathlib import Path

from cascadeflow.paths import data_dir, private_dir


def path() -> Path:
    """The file it is kept in."""
    return data_dir() / "unsent.txt"


def load() -> str:
    """What was left there; empty if nothing was."""
    try:
        return path().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def keep(text: str) -> None:
    """Keep a text, readable by its owner only; an empty one removes the file.

    Raises:
        OSError: it cannot be written.
    """
    target = path()
    if not text.strip():
        target.unlink(missing_ok=True)
        return
    private_dir(target.parent)
    fresh = target.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(target)
