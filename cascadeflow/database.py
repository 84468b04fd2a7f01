"""A private SQLite file, shared by tasks, threads and processes.

Opened when first used, readable by its owner only, in WAL mode, brought up to date by numbered
migrations, and opened anew after a fork. A write is one ``BEGIN IMMEDIATE`` transaction; when
another process is writing it is tried again, so that an event loop never waits in SQLite.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

from cascadeflow.errors import CascadeFlowError, ConfigError
from cascadeflow.paths import private_dir

T = TypeVar("T")

_BUSY_TIMEOUT_MS: Final = 2
_LONGEST_PAUSE: Final = 0.02
_INHERITED: list[sqlite3.Connection] = []
"""Connections of a parent process. SQLite forbids a child to use them, and even to close them."""

_HINTS: Final = {
    sqlite3.SQLITE_FULL: "free some disk space",
    sqlite3.SQLITE_IOERR: "check the disk and its free space",
    sqlite3.SQLITE_READONLY: "make the file and its folder writable",
    sqlite3.SQLITE_CANTOPEN: "make the file and its folder writable",
    sqlite3.SQLITE_CORRUPT: "the file is damaged: move it away, a new one is made",
    sqlite3.SQLITE_NOTADB: "the file is something else: move it away, a new one is made",
}


class _BusyError(Exception):
    """Another process or thread is writing."""


class Database:
    """One SQLite file.

    Args:
        path: the file; it and its folder are made when first used.
        migrations: SQL scripts; script N brings a file from version N to N + 1.
        error: what is raised when SQLite fails.
        what: what the file is, for error texts, such as ``ledger``.
        patience: seconds to go on trying while another process is writing.
        pragmas: settings of each connection beside the common ones, such as ``secure_delete = ON``.

    Raises:
        ConfigError: the path is SQLite's name for no file at all.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        migrations: Sequence[str],
        error: type[CascadeFlowError],
        what: str,
        patience: float = 5.0,
        pragmas: Sequence[str] = (),
    ) -> None:
        if str(path) in ("", ":memory:"):
            raise ConfigError(f"{str(path)!r} is not a file; the {what} in SQLite needs the path of one")
        self.path = Path(path).expanduser()
        self.patience = patience
        self._migrations, self._error, self._what, self._pragmas = migrations, error, what, pragmas
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._owner = os.getpid()

    async def run(self, operation: str, work: Callable[[sqlite3.Connection], T], *, write: bool = True) -> T:
        """Do something in one transaction, on the calling thread.

        Args:
            operation: what it is, for error texts.
            work: gets the connection; whatever it raises rolls back. It may be called again
                after a roll-back, so it has no effect outside the database.
            write: whether it writes; reading does not wait for writers.

        Returns:
            What ``work`` returned.

        Raises:
            CascadeFlowError: SQLite failed, or was busy for longer than ``patience``.
        """
        for pause in self._pauses():
            try:
                return self._attempt(operation, work, write=write)
            except _BusyError:
                await asyncio.sleep(pause)
        raise self._still_busy(operation)

    def run_blocking(self, operation: str, work: Callable[[sqlite3.Connection], T], *, write: bool = True) -> T:
        """As `run`, for callers without an event loop."""
        for pause in self._pauses():
            try:
                return self._attempt(operation, work, write=write)
            except _BusyError:
                time.sleep(pause)
        raise self._still_busy(operation)

    def run_at_once(self, operation: str, work: Callable[[sqlite3.Connection], T]) -> bool:
        """Write as `run` does, but give up where it would wait.

        Returns:
            Whether it was done; False: another process is writing.
        """
        try:
            self._attempt(operation, work, write=True)
        except _BusyError:
            return False
        return True

    async def report(self, operation: str, work: Callable[[sqlite3.Connection], T]) -> T:
        """As `report_blocking`, in a thread."""
        return await asyncio.to_thread(self.report_blocking, operation, work)

    def report_blocking(self, operation: str, work: Callable[[sqlite3.Connection], T]) -> T:
        """Read at length, on a connection of its own, so that nothing else waits for it."""
        for pause in self._pauses():
            try:
                with closing(self._connect()) as connection:
                    return work(connection)
            except (sqlite3.Error, OSError) as error:
                if not _is_busy(error):
                    raise self._failure(operation, error) from error
            time.sleep(pause)
        raise self._still_busy(operation)

    def tidy(self) -> None:
        """Move what was written out of the log into the file, so that nothing deleted stays in the log.

        While another program has the file open, that is left to whoever closes it last.

        Raises:
            CascadeFlowError: SQLite failed.
        """
        self._notice_fork()
        with self._lock:
            try:
                if self._connection is not None:
                    self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:
                if not _is_busy(error):
                    raise self._failure("tidy", error) from error

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._notice_fork()
        with self._lock:
            self._drop()

    def _attempt(self, operation: str, work: Callable[[sqlite3.Connection], T], *, write: bool) -> T:
        self._notice_fork()
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._connect()
                return _transaction(self._connection, work, "BEGIN IMMEDIATE" if write else "BEGIN")
            except (sqlite3.Error, OSError) as error:
                if _is_busy(error):
                    raise _BusyError from None
                self._drop()
                raise self._failure(operation, error) from error

    def _connect(self) -> sqlite3.Connection:
        private_dir(self.path.parent)
        _make_private(self.path)
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_TIMEOUT_MS / 1000, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "wal_autocheckpoint = 4000", *self._pragmas):
                connection.execute(f"PRAGMA {pragma}")
            if _version(connection) != len(self._migrations):
                _transaction(connection, self._migrate, "BEGIN IMMEDIATE")
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        version = _version(connection)
        if version > len(self._migrations):
            raise self._error(
                f"The {self._what} {self.path} was written by a newer CascadeFlow (its format is {version}, this "
                f"one knows {len(self._migrations)}). Upgrade CascadeFlow, or move the file away."
            )
        for script in self._migrations[version:]:
            for statement in script.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(self._migrations)}")

    def _notice_fork(self) -> None:
        if self._owner != os.getpid():
            if self._connection is not None:
                _INHERITED.append(self._connection)
            self._connection, self._lock, self._owner = None, threading.Lock(), os.getpid()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _pauses(self) -> Iterator[float]:
        give_up = time.monotonic() + self.patience
        pause = 0.001
        yield pause
        while time.monotonic() < give_up:
            yield pause
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _failure(self, operation: str, error: Exception) -> CascadeFlowError:
        hint = _HINTS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        advice = f"; {hint}" if hint else ""
        return self._error(f"The {self._what} {self.path} failed at {operation}: {error}{advice}.")

    def _still_busy(self, operation: str) -> CascadeFlowError:
        return self._error(
            f"The {self._what} {self.path} failed at {operation}: another program kept it locked for "
            f"{self.patience:g} s. Close the program that has it open."
        )


def _transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T], begin: str) -> T:
    connection.execute(begin)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _make_private(path: Path) -> None:
    """Let only the owner read a database; SQLite gives its side files the same mode.

    An existing file is never opened here: closing it again would drop the locks that a
    connection of this process holds on it (POSIX locks belong to the process).
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
                file.chmod(0o600)
