"""What a user notes on runs and conversations: titles, tags, pins, and which answers are right."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from cascadeflow.errors import ConfigError, HistoryError
from cascadeflow.history.file import ArchiveFile
from cascadeflow.history.records import RunMarks, find_standing, gives_answer
from cascadeflow.plain import from_plain
from cascadeflow.schema import Verdict

_PAGE = 500
"""Runs asked for at once; SQLite takes only so many question marks."""


class Marking(ArchiveFile):
    """The part of `RunArchive` that notes what users say."""

    def rename_session(self, session: str, title: str) -> bool:
        """Give a conversation another title.

        Returns:
            Whether there is such a conversation.

        Raises:
            HistoryError: the archive could not be written.
        """
        return self._change("UPDATE sessions SET title = ? WHERE session = ?", title, session)

    def pin_session(self, session: str, *, pinned: bool = True) -> bool:
        """Pin a conversation: it stands first in the list, and retention does not delete it.

        Args:
            session: the conversation.
            pinned: False unpins it.

        Returns:
            Whether there is such a conversation.

        Raises:
            HistoryError: the archive could not be written.
        """
        return self._change("UPDATE sessions SET pinned = ? WHERE session = ?", pinned, session)

    def tag_session(self, session: str, *tags: str) -> bool:
        """Add tags to a conversation; all its runs count as tagged.

        Returns:
            Whether there is such a conversation.

        Raises:
            ConfigError: a tag is empty.
            HistoryError: the archive could not be written.
        """
        return self._tag("session", session, tags)

    def untag_session(self, session: str, *tags: str) -> bool:
        """Take tags off a conversation.

        Returns:
            Whether it had any of them.

        Raises:
            HistoryError: the archive could not be written.
        """
        return self._untag("session", session, tags)

    def tag_run(self, run_id: str, *tags: str) -> bool:
        """Add tags to one run.

        Returns:
            Whether there is such a run.

        Raises:
            ConfigError: a tag is empty.
            HistoryError: the archive could not be written.
        """
        return self._tag("run", run_id, tags)

    def untag_run(self, run_id: str, *tags: str) -> bool:
        """Take tags off one run.

        Returns:
            Whether it had any of them.

        Raises:
            HistoryError: the archive could not be written.
        """
        return self._untag("run", run_id, tags)

    def tags(self) -> list[str]:
        """Every tag in use, in alphabetical order.

        Raises:
            HistoryError: the archive could not be read.
        """
        query = "SELECT tag FROM session_tags UNION SELECT tag FROM run_tags ORDER BY tag"
        return [tag for (tag,) in self._read(lambda connection: connection.execute(query).fetchall())]

    def label(self, run_id: str, correct: bool | None, *, position: int | None = None) -> None:
        """Mark an answer as right or wrong.

        Args:
            run_id: the run.
            correct: whether the answer is right; None takes the mark away.
            position: of the call in the trace whose answer is meant, such as a draft's; None: the answer
                that stands.

        Raises:
            HistoryError: there is no such run or call, no answer stands, or the archive could not be written.
        """

        def work(connection: sqlite3.Connection) -> None:
            count, standing = _standing(connection, run_id)
            at = standing if position is None else position
            if at is None:
                raise HistoryError(f"No answer of run {run_id!r} stands; say which of its {count} calls is meant.")
            if not 0 <= at < count:
                raise HistoryError(f"Run {run_id!r} has {count} calls, from 0; there is no call {at}.")
            connection.execute("DELETE FROM labels WHERE run_id = ? AND position = ?", (run_id, at))
            if correct is not None:
                connection.execute("INSERT INTO labels VALUES (?, ?, ?, ?)", (run_id, at, correct, at == standing))

        self._write("label", work)

    def marks(self, run_ids: Iterable[str] | None = None) -> dict[str, RunMarks]:
        """What is noted on runs.

        Args:
            run_ids: the runs; None: all that have a mark.

        Returns:
            Run → its marks; runs without any are left out.

        Raises:
            HistoryError: the archive could not be read.
        """
        wanted = None if run_ids is None else list(run_ids)
        pages: list[list[str] | None] = [None]
        if wanted is not None:
            pages = [wanted[start : start + _PAGE] for start in range(0, len(wanted), _PAGE)]
        labels: dict[str, dict[int, bool]] = {}
        standing: dict[str, bool] = {}
        tags: dict[str, list[str]] = {}
        for page in pages:
            for run_id, position, correct, stands in self._marked("labels", page):
                labels.setdefault(run_id, {})[position] = bool(correct)
                if stands:
                    standing[run_id] = bool(correct)
            for run_id, tag in self._marked("run_tags", page):
                tags.setdefault(run_id, []).append(tag)
        return {
            run_id: RunMarks(
                labels=labels.get(run_id, {}), label=standing.get(run_id), tags=tuple(sorted(tags.get(run_id, ())))
            )
            for run_id in dict.fromkeys([*labels, *tags])
        }

    def _marked(self, table: str, page: list[str] | None) -> list[Sequence[Any]]:
        only = "" if page is None else f" WHERE run_id IN ({', '.join('?' * len(page))})"
        query = f"SELECT * FROM {table}{only}"  # noqa: S608  # constants
        return self._read(lambda connection: connection.execute(query, page or ()).fetchall())

    def _tag(self, kind: str, name: str, tags: Sequence[str]) -> bool:
        if any(not tag.strip() for tag in tags):
            raise ConfigError("a tag is a word or more, not an empty text", key="tag")
        table, column = (f"{kind}s", "session" if kind == "session" else "run_id")
        there = f"SELECT 1 FROM {table} WHERE {column} = ?"  # noqa: S608  # constants

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(there, (name,)).fetchone() is None:
                return False
            lines = [(name, tag.strip()) for tag in tags]
            connection.executemany(f"INSERT OR IGNORE INTO {kind}_tags VALUES (?, ?)", lines)  # noqa: S608  # constants
            return True

        return self._write("tag", work)

    def _untag(self, kind: str, name: str, tags: Sequence[str]) -> bool:
        column = "session" if kind == "session" else "run_id"
        statement = f"DELETE FROM {kind}_tags WHERE {column} = ? AND tag = ?"  # noqa: S608  # constants

        def work(connection: sqlite3.Connection) -> bool:
            return sum(connection.execute(statement, (name, tag.strip())).rowcount for tag in tags) > 0

        return self._write("tag", work)


def _standing(connection: sqlite3.Connection, run_id: str) -> tuple[int, int | None]:
    """How many calls a run has, and the position of the one whose answer stands."""
    import json

    run = connection.execute("SELECT status FROM runs WHERE run_id = ?", (run_id,)).fetchone()
    if run is None:
        raise HistoryError(f"No run {run_id!r} is in the history.")
    lines = connection.execute(
        "SELECT outcome, role, verdict FROM steps WHERE run_id = ? ORDER BY position", (run_id,)
    ).fetchall()
    answers = [
        (outcome, gives_answer(role, verdict and from_plain(Verdict, json.loads(verdict))))
        for outcome, role, verdict in lines
    ]
    return len(lines), find_standing(answers) if run[0] == "finished" else None
