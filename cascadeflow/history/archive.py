"""`RunArchive`: runs in a SQLite file, fed by their events and by nothing else."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal, get_args

from cascadeflow.database import Database
from cascadeflow.errors import CascadeFlowError, ConfigError, HistoryError
from cascadeflow.events import TERMINAL, Event, RunStarted, TokenDelta
from cascadeflow.history.collect import CollectedRun
from cascadeflow.history.lines import Line, from_lines, summary, to_lines
from cascadeflow.history.records import RunSummary, SessionSummary, StoredRun
from cascadeflow.history.tables import ADD_RUN, ADD_STEP, MIGRATIONS, RUN_COLUMNS, STEP_COLUMNS, SUMMARY_COLUMNS

HistoryMode = Literal["full", "no_text", "off"]
_TITLE_LENGTH: Final = 60


class RunArchive:
    """Records runs: plan, calls, verdicts, texts, costs.

    Args:
        path: the file, readable by its owner only; made when first used.
        mode: ``full``; ``no_text`` keeps no prompt, no answer, and no reason that may quote
            them; ``off`` keeps nothing. May be changed at any time.
        on_error: called with a `HistoryError` when a run could not be recorded; None: the log is
            told. The run itself is never disturbed.

    Raises:
        ConfigError: path or mode cannot be used.

    Example:
        >>> from cascadeflow.paths import history_path
        >>> archive = RunArchive(history_path(), mode="no_text")
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        mode: HistoryMode = "full",
        *,
        on_error: Callable[[CascadeFlowError], Any] | None = None,
    ) -> None:
        self.mode = mode
        self.on_error = on_error
        self._database = Database(
            path,
            migrations=MIGRATIONS,
            error=HistoryError,
            what="history",
            pragmas=("foreign_keys = ON", "secure_delete = ON"),
        )
        self._open: dict[str, CollectedRun] = {}
        self._writers: set[threading.Thread] = set()

    @property
    def mode(self) -> HistoryMode:
        """What is kept."""
        return self._mode

    @mode.setter
    def mode(self, mode: HistoryMode) -> None:
        if mode not in get_args(HistoryMode):
            allowed = ", ".join(repr(name) for name in get_args(HistoryMode))
            raise ConfigError(f"{mode!r} is not known; write {allowed}", key="history.mode")
        self._mode = mode

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    def observe(self, event: Event) -> None:
        """Take note of an event; the last one of a run writes the run.

        Args:
            event: of any run; runs may be mixed.
        """
        if isinstance(event, TokenDelta):
            return
        if isinstance(event, RunStarted):
            if self.mode != "off":
                self._open[event.run_id] = CollectedRun(event, time.time())
        elif isinstance(event, TERMINAL):
            collected = self._open.pop(event.run_id, None)
            if collected is not None and self.mode != "off":
                try:
                    self._record(collected.finish(event))
                except Exception as error:
                    self._report(event.run_id, error)
        elif event.run_id in self._open:
            self._open[event.run_id].add(event)

    def runs(self, limit: int = 50, *, session: str | None = None, before: float | None = None) -> list[RunSummary]:
        """Runs, the latest first.

        Args:
            limit: at most so many.
            session: only those of this conversation.
            before: only those that began before that instant (seconds since the epoch): the
                ``started`` of the last run of a page asks for the next page.

        Raises:
            HistoryError: the archive could not be read.
        """
        given = {"session = ?": session, "started < ?": before}
        conditions = [condition for condition, value in given.items() if value is not None]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        query = f"SELECT {', '.join(SUMMARY_COLUMNS)} FROM runs {where} ORDER BY started DESC, rowid DESC LIMIT ?"  # noqa: S608  # constants
        arguments = [*(value for value in given.values() if value is not None), limit]
        lines = self._read(lambda connection: connection.execute(query, arguments).fetchall())
        return [summary(dict(zip(SUMMARY_COLUMNS, line, strict=True))) for line in lines]

    def load(self, run_id: str) -> StoredRun:
        """One run, whole.

        Args:
            run_id: identifier.

        Raises:
            HistoryError: there is none, or the archive could not be read.
        """

        def work(connection: sqlite3.Connection) -> tuple[list[Line], list[Line]]:
            return (
                _lines(connection, RUN_COLUMNS, "FROM runs WHERE run_id = ?", run_id),
                _lines(connection, STEP_COLUMNS, "FROM steps WHERE run_id = ? ORDER BY position", run_id),
            )

        runs, steps = self._read(work)
        if not runs:
            raise HistoryError(f"No run {run_id!r} is in the history {self.path}.")
        try:
            return from_lines(runs[0], steps)
        except ValueError as error:
            raise HistoryError(f"Run {run_id!r} in the history {self.path} cannot be read: {error}") from error

    def sessions(self, limit: int = 50) -> list[SessionSummary]:
        """Conversations, the one used last first.

        Raises:
            HistoryError: the archive could not be read.
        """
        query = (
            "SELECT session, title, MIN(started), MAX(started) AS latest, COUNT(*), SUM(cost_nanousd) "
            "FROM sessions JOIN runs USING (session) GROUP BY session ORDER BY latest DESC LIMIT ?"
        )
        names = ("session", "title", "started", "latest", "runs", "cost_nanousd")
        lines = self._read(lambda connection: connection.execute(query, (limit,)).fetchall())
        return [SessionSummary(**dict(zip(names, line, strict=True))) for line in lines]

    def count(self, session: str | None = None) -> int:
        """How many runs there are, in all or in one conversation.

        Raises:
            HistoryError: the archive could not be read.
        """
        query = "SELECT COUNT(*) FROM runs WHERE session = ? OR ? IS NULL"
        return int(self._read(lambda connection: connection.execute(query, (session, session)).fetchone()[0]))

    def acceptance(
        self, model: str, since: float, *, domains: tuple[str, ...] = (), but: tuple[str, ...] = (), latest: int = 1000
    ) -> tuple[int, int]:
        """How many of a model's answers the gate accepted, in the standard cascade and without rehearsals.

        Args:
            model: configured name.
            since: seconds since the epoch.
            domains: only questions of these; empty: of all.
            but: not of these.
            latest: so many answers at most, the latest ones.

        Returns:
            Accepted answers, and judged ones.

        Raises:
            HistoryError: the archive could not be read.
        """
        conditions = "steps.model = ? AND started >= ? AND strategy = 'standard' AND NOT rehearsal"
        conditions += " AND outcome IN ('accepted', 'rejected', 'best')"
        for names, word in ((domains, "IN"), (but, "NOT IN")):
            if names:
                conditions += f" AND domain {word} ({', '.join('?' * len(names))})"
        query = (
            f"SELECT SUM(outcome = 'accepted'), COUNT(*) FROM (SELECT outcome FROM steps JOIN runs USING (run_id) "  # noqa: S608  # constants
            f"WHERE {conditions} ORDER BY started DESC LIMIT ?)"
        )
        arguments = (model, since, *domains, *but, latest)
        accepted, judged = self._read(lambda connection: connection.execute(query, arguments).fetchone())
        return accepted or 0, judged

    def rename_session(self, session: str, title: str) -> bool:
        """Give a conversation another title.

        Returns:
            Whether there is such a conversation.

        Raises:
            HistoryError: the archive could not be written.
        """
        statement = "UPDATE sessions SET title = ? WHERE session = ?"
        return self._write("rename", lambda connection: connection.execute(statement, (title, session)).rowcount) > 0

    def delete(self, run_id: str) -> bool:
        """Delete a run for good; a conversation goes with its last run.

        Returns:
            Whether there was such a run.

        Raises:
            HistoryError: the archive could not be written.
        """
        return self._delete("run_id", run_id) > 0

    def delete_session(self, session: str) -> int:
        """Delete a conversation with all its runs for good.

        Returns:
            How many runs were deleted.

        Raises:
            HistoryError: the archive could not be written.
        """
        return self._delete("session", session)

    def close(self) -> None:
        """Wait for runs that are still being written, and close the file."""
        for writer in list(self._writers):
            writer.join()
        self._database.close()

    def _record(self, run: StoredRun) -> None:
        line, steps = to_lines(run, keep_text=self.mode == "full")
        title = " ".join(line["query"].split())[:_TITLE_LENGTH]

        def work(connection: sqlite3.Connection) -> None:
            if run.session is not None:
                connection.execute("INSERT OR IGNORE INTO sessions VALUES (?, ?)", (run.session, title))
            connection.execute(ADD_RUN, line)
            connection.executemany(ADD_STEP, steps)

        if not self._database.run_at_once("record", work):
            writer = threading.Thread(target=self._record_later, args=(run.run_id, work), name="cascadeflow-history")
            self._writers.add(writer)
            writer.start()

    def _record_later(self, run_id: str, work: Callable[[sqlite3.Connection], None]) -> None:
        """In a thread: another program is writing, and a run does not wait for it."""
        try:
            self._database.run_blocking("record", work)
        except Exception as error:
            self._report(run_id, error)
        finally:
            self._writers.discard(threading.current_thread())

    def _report(self, run_id: str, error: Exception) -> None:
        import logging

        logger = logging.getLogger(__name__)
        if not isinstance(error, CascadeFlowError):
            error = HistoryError(f"The history {self.path} failed at record: {type(error).__name__}")
        if self.on_error is None:
            logger.warning("run %s was not recorded: %s", run_id, error)
            return
        try:
            self.on_error(error)
        except Exception as failure:
            logger.warning("the error callback of the history failed: %s", type(failure).__name__)

    def _read(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        return self._database.run_blocking("read", work, write=False)

    def _write(self, operation: str, work: Callable[[sqlite3.Connection], int]) -> int:
        return self._database.run_blocking(operation, work)

    def _delete(self, column: Literal["run_id", "session"], value: str) -> int:
        def work(connection: sqlite3.Connection) -> int:
            deleted = connection.execute(f"DELETE FROM runs WHERE {column} = ?", (value,)).rowcount  # noqa: S608  # constants
            connection.execute(
                "DELETE FROM sessions WHERE session NOT IN (SELECT session FROM runs WHERE session IS NOT NULL)"
            )
            return deleted

        deleted = self._write("delete", work)
        self._database.tidy()
        return deleted


def _lines(connection: sqlite3.Connection, columns: tuple[str, ...], rest: str, run_id: str) -> list[Line]:
    found = connection.execute(f"SELECT {', '.join(columns)} {rest}", (run_id,))
    return [dict(zip(columns, line, strict=True)) for line in found]
