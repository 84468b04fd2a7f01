"""Finds the line of a TOML file that a validation error is about, and says what is allowed there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cascadeflow.errors import ConfigError
from cascadeflow.validated import complaint, dotted

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from cascadeflow.config.contradictions import Contradiction


def explain(error: ValidationError, text: str, file: str | None) -> ConfigError:
    """Turn pydantic's first complaint into words with file, line, key, value and what is allowed.

    Args:
        error: what validation said.
        text: the file's text.
        file: its name.
    """
    keys, message = complaint(error, "the file says", "this key is not known here; remove it or check its spelling")
    return ConfigError(message, file=file, key=dotted(keys), line=line_of(text, keys))


def located(found: Contradiction, text: str, file: str | None) -> ConfigError:
    """A contradiction as an error with file and line.

    Args:
        found: what contradicts.
        text: the file's text.
        file: its name.
    """
    keys = list(found.keys)
    return found.kind(found.message, file=file, key=dotted(keys), line=line_of(text, keys))


def keys_of(detail: ErrorDetails) -> list[Any]:
    """The keys that lead to what one complaint of pydantic is about."""
    return [key for key in detail["loc"] if not (isinstance(key, str) and key.startswith("function-"))]


def line_of(text: str, keys: list[Any]) -> int | None:
    r"""Line (from 1) on which a key stands; that of its table if the key itself is absent.

    Args:
        text: TOML.
        keys: path to the key; an int counts tables of an array from 0.

    Example:
        >>> line_of('version = 1\\n[[models]]\\nname = "a"', ["models", 0, "name"])
        3
    """
    table: list[Any] = []
    counts: dict[str, int] = {}
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$", line)
        entry = re.match(r"\s*([A-Za-z0-9_.\"'-]+)\s*=", line)
        if header:
            name = header.group(2)
            table = _split(name)
            if header.group(1) == "[[":
                counts[name] = counts.get(name, -1) + 1
                table.append(counts[name])
            path = table
        elif entry:
            path = [*table, *_split(entry.group(1))]
        else:
            continue
        if path == keys[: len(path)] and (best is None or len(path) > best[0]):
            best = (len(path), number)
    return best[1] if best else None


def _split(name: str) -> list[Any]:
    return [part.strip().strip("\"'") for part in name.split(".")]
