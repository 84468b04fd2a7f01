"""Keeps what was typed and not sent, and what was to go along with it, so that it outlives the console."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from cascadeflow.paths import data_dir, private_dir
from tui.attachments import Attachment


def path() -> Path:
    """The file it is kept in."""
    return data_dir() / "unsent.json"


def load() -> tuple[str, tuple[Attachment, ...]]:
    """What was left there; nothing if nothing was, or if it cannot be read."""
    try:
        kept = json.loads(path().read_text(encoding="utf-8"))
        return str(kept["text"]), tuple(Attachment(str(name), str(text)) for name, text in kept["attached"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ()


def keep(text: str, attached: Sequence[Attachment] = ()) -> None:
    """Keep a text, readable by its owner only; an empty one removes the file.

    Raises:
        OSError: it cannot be written.
    """
    target = path()
    if not text.strip() and not attached:
        target.unlink(missing_ok=True)
        return
    private_dir(target.parent)
    fresh = target.with_suffix(".new")
    kept = {"text": text, "attached": [(item.name, item.text) for item in attached]}
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(kept, file)
    fresh.replace(target)
