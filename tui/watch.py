"""Notices that the file behind the configuration in use was changed by someone else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cascadeflow.errors import CascadeFlowError

if TYPE_CHECKING:
    from tui.engine import Engine

EVERY = 1.0
"""Seconds between two looks."""


class FileWatch:
    """Looks at the file in use, whichever that is.

    Args:
        engine: tells which file that is.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file = engine.file
        self._seen = _state(engine.file)

    def news(self) -> str:
        """What is to be told of the file; empty: nothing.

        A file that says what is in use anyway is no news, and neither is one that is gone: an editor
        may be about to put a new one in its place.
        """
        file = self._engine.file
        before, self._seen = self._seen, _state(file)
        if file != self._file:
            self._file = file
            return ""
        if file is None or self._seen is None or self._seen == before:
            return ""
        from tui.settings.saving import read

        try:
            if read(file) == self._engine.configuration():
                return ""
        except CascadeFlowError as error:
            return f"{file.name} was changed, but cannot be used: {error}"
        return f"{file.name} was changed on disk. Ctrl+L reads it again."


def _state(file: Path | None) -> tuple[int, int, int] | None:
    try:
        found = file.stat() if file is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)
