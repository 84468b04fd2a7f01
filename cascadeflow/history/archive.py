"""`RunArchive`: runs in a SQLite file, fed by their events and by nothing else."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any, Final, Literal, get_args

from cascadeflow.errors import CascadeFlowError, ConfigError, HistoryError
from cascadeflow.events import TERMINAL, Event, RunStarted, TokenDelta
from cascadeflow.history import search
from cascadeflow.history.collect import CollectedRun
from cascadeflow.history.lines import to_lines
from cascadeflow.history.marks import Marking
from cascadeflow.history.reading import Reading
from cascadeflow.history.records import StoredRun
from cascadeflow.history.tables import ADD_RUN, ADD_STEP

HistoryMode = Literal["full", "no_text", "off"]
_TITLE_LENGTH: Final = 60
_DAY: Final = 86_400.0


class RunArchive(Reading, Marking):
    """Records runs: plan, calls, verdicts, texts, costs.

    Args:
        path: the file, readable by its owner only; made when first used.
        mode: ``full``; ``no_text`` keeps no prompt, no answer, and no reason that may quote
            them; ``off`` keeps nothing. May be changed at any time.
        retention_days: days after which a run is deleted for good, unless its conversation is pinned;
            looked after once a day while runs are recorded. None: runs are kept.
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
        retention_days: int | None = None,
        on_error: Callable[[CascadeFlowError], Any] | None = None,
    ) -> None:
        super().__init__(path)
        self.mode = mode
        if retention_days is not None and retention_days < 1:
            raise ConfigError(f"{retention_days!r} days cannot be; write 1 or more", key="history.retention_days")
        self.retention_days = retention_days
        self.on_error = on_error
        self._expires_at = 0.0
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
                    self._report(_unrecorded(event.run_id), error)
                self._expire_if_due()
        elif event.run_id in self._open:
            self._open[event.run_id].add(event)

    def delete(self, run_id: str) -> bool:
        """Delete a run for good; a conversation goes with its last run.

        Returns:
            Whether there was such a run.

        Raises:
            HistoryError: the archive could not be written.
        """
        return self._delete("run_id = ?", run_id) > 0

    def delete_session(self, session: str) -> int:
        """Delete a conversation with all its runs for good.

        Returns:
            How many runs were deleted.

        Raises:
            HistoryError: the archive could not be written.
        """
        return self._delete("session = ?", session)

    def expire(self) -> int:
        """Delete the runs that are older than ``retention_days`` for good; those of pinned conversations stay.

        Returns:
            How many runs were deleted.

        Raises:
            HistoryError: the archive could not be written.
        """
        if self.retention_days is None:
            return 0
        unpinned = "(session IS NULL OR session IN (SELECT session FROM sessions WHERE NOT pinned))"
        return self._delete(f"started < ? AND {unpinned}", time.time() - self.retention_days * _DAY)

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
                connection.execute(
                    "INSERT OR IGNORE INTO sessions (session, title) VALUES (?, ?)", (run.session, title)
                )
            rowid = connection.execute(ADD_RUN, line).lastrowid
            connection.executemany(ADD_STEP, steps)
            search.add(connection, rowid, line["query"], line["answer"])

        if not self._database.run_at_once("record", work):  # another program is writing, and a run does not wait for it
            self._in_background(lambda: self._database.run_blocking("record", work), _unrecorded(run.run_id))

    def _expire_if_due(self) -> None:
        now = time.monotonic()
        if self.retention_days is not None and now >= self._expires_at:
            self._expires_at = now + _DAY
            self._in_background(self.expire, "old runs were not deleted")

    def _in_background(self, work: Callable[[], Any], failed: str) -> None:
        def in_thread() -> None:
            try:
                work()
            except Exception as error:
                self._report(failed, error)
            finally:
                self._writers.discard(threading.current_thread())

        writer = threading.Thread(target=in_thread, name="cascadeflow-history")
        self._writers.add(writer)
        writer.start()

    def _report(self, failed: str, error: Exception) -> None:
        import logging

        logger = logging.getLogger(__name__)
        if not isinstance(error, CascadeFlowError):
            error = HistoryError(f"The history {self.path} failed at record: {type(error).__name__}")
        if self.on_error is None:
            logger.warning("%s: %s", failed, error)
            return
        try:
            self.on_error(error)
        except Exception as failure:
            logger.warning("the error callback of the history failed: %s", type(failure).__name__)

    def _delete(self, condition: str, value: Any) -> int:
        def work(connection: sqlite3.Connection) -> int:
            search.forget(connection, f"WHERE {condition}", [value])
            deleted = connection.execute(f"DELETE FROM runs WHERE {condition}", (value,)).rowcount  # noqa: S608  # constants
            connection.execute(
                "DELETE FROM sessions WHERE session NOT IN (SELECT session FROM runs WHERE session IS NOT NULL)"
            )
            return deleted

        deleted = self._write("delete", work)
        self._database.tidy()
        return deleted


def _unrecorded(run_id: str) -> str:
    return f"run {run_id} was not recorded"
