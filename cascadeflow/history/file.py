"""The file of the archive, and the two ways to use it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from cascadeflow.database import Database
from cascadeflow.errors import HistoryError
from cascadeflow.history.tables import MIGRATIONS

T = TypeVar("T")


class ArchiveFile:
    """The SQLite file of an archive.

    Args:
        path: the file, readable by its owner only; made when first used.

    Raises:
        ConfigError: the path cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._database = Database(
            path,
            migrations=MIGRATIONS,
            error=HistoryError,
            what="history",
            pragmas=("foreign_keys = ON", "secure_delete = ON"),
        )

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return self._database.run_blocking("read", work, write=False)

    def _read_at_length(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Read beside a run that is being recorded."""
        return self._database.report_blocking("read", work)

    def _write(self, operation: str, work: Callable[[sqlite3.Connection], T]) -> T:
        return self._database.run_blocking(operation, work)

    def _change(self, statement: str, *values: Any) -> bool:
        """Carry out one statement, and tell whether it changed anything."""
        return self._write("change", lambda connection: connection.execute(statement, values).rowcount) > 0
