"""Reading the archive: lists, single runs, whole conversations, searches."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from cascadeflow.errors import HistoryError
from cascadeflow.history import search
from cascadeflow.history.file import ArchiveFile
from cascadeflow.history.filters import RunFilter, where
from cascadeflow.history.lines import Line, from_lines, plain, summary
from cascadeflow.history.records import RunSummary, SearchHit, SessionSummary, StoredRun
from cascadeflow.history.tables import PLAIN_RUN_COLUMNS, RUN_COLUMNS, STEP_COLUMNS, SUMMARY_COLUMNS
from cascadeflow.schema import Message

_ALL = RunFilter()
_LATEST = "ORDER BY started DESC, rowid DESC LIMIT ?"
_OLDEST = "ORDER BY started, rowid"
_PAGE = 500


class Reading(ArchiveFile):
    """The part of `RunArchive` that reads."""

    def runs(
        self,
        limit: int = 50,
        *,
        session: str | None = None,
        before: float | None = None,
        matching: RunFilter = _ALL,
    ) -> list[RunSummary]:
        """Runs, the latest first.

        Args:
            limit: at most so many.
            session: only those of this conversation.
            before: only those that began before that instant (seconds since the epoch): the
                ``started`` of the last run of a page asks for the next page.
            matching: which runs are meant.

        Raises:
            HistoryError: the archive could not be read.
        """
        conditions, values = matching.conditions()
        for condition, value in (("session = ?", session), ("started < ?", before)):
            if value is not None:
                conditions, values = [*conditions, condition], [*values, value]
        query = f"SELECT {', '.join(SUMMARY_COLUMNS)} FROM runs {where(conditions)} {_LATEST}"  # noqa: S608  # constants
        lines = self._read(lambda connection: connection.execute(query, [*values, limit]).fetchall())
        return [summary(dict(zip(SUMMARY_COLUMNS, line, strict=True))) for line in lines]

    def load(self, run_id: str) -> StoredRun:
        """One run, whole.

        Args:
            run_id: identifier.

        Raises:
            HistoryError: there is none, or the archive could not be read.
        """
        found = self._whole(self._read(lambda connection: _lines(connection, RUN_COLUMNS, ["run_id = ?"], [run_id])))
        for run in found:
            return run
        raise HistoryError(f"No run {run_id!r} is in the history {self.path}.")

    def whole_runs(self, matching: RunFilter = _ALL) -> Iterator[StoredRun]:
        """Runs, whole, the oldest first.

        Args:
            matching: which runs are meant.

        Raises:
            HistoryError: the archive, or a run, could not be read.
        """
        return self._whole(self._lines(RUN_COLUMNS, matching))

    def plain_runs(self, matching: RunFilter = _ALL) -> Iterator[dict[str, Any]]:
        """As `whole_runs`, each as JSON data, without ``result`` and ``events``: ten times as fast.

        Args:
            matching: which runs are meant.

        Raises:
            HistoryError: the archive could not be read.
        """
        return (plain(line, steps) for line, steps in self._lines(PLAIN_RUN_COLUMNS, matching))

    def conversation(self, session: str) -> list[StoredRun]:
        """All runs of a conversation, whole, the oldest first: what a screen shows when it is resumed.

        Args:
            session: the conversation; an unknown one has no runs.

        Raises:
            HistoryError: the archive could not be read.
        """
        return list(self.whole_runs(RunFilter(session=session)))

    def messages(self, session: str) -> list[Message]:
        """What was said in a conversation: questions, and the answers that stand. What a model is sent to resume it.

        Runs that failed, were stopped, or whose texts were not kept, are left out.

        Args:
            session: the conversation; an unknown one has no messages.

        Raises:
            HistoryError: the archive could not be read.
        """
        query = (
            "SELECT query, answer FROM runs WHERE session = ? AND status = 'finished' "  # noqa: S608  # constants
            f"AND query <> '' AND answer <> '' {_OLDEST}"
        )
        lines = self._read(lambda connection: connection.execute(query, (session,)).fetchall())
        return [
            {"role": role, "content": text}
            for line in lines
            for role, text in zip(("user", "assistant"), line, strict=True)
        ]

    def search(self, text: str, limit: int = 50, *, matching: RunFilter = _ALL) -> list[SearchHit]:
        """Runs whose question or answer holds words, the latest first.

        Runs are also found by the name of their model, preset, domain or tag, and by words in the title of
        their conversation. Where texts are not kept these are all there is to find.

        Args:
            text: words that must all occur, each with any ending; quotation marks keep words together.
            limit: at most so many.
            matching: which runs are meant.

        Raises:
            HistoryError: the archive could not be read.
        """
        query = search.Query(text)
        if self._read(search.lacks_index):
            self._write("search", search.make_index)
        conditions, values = matching.conditions()

        def work(connection: sqlite3.Connection) -> list[Sequence[Any]]:
            condition, words = query.condition(connection)
            found = where([*conditions, condition])
            columns = ", ".join((*SUMMARY_COLUMNS, "answer"))
            statement = f"SELECT {columns} FROM runs {found} {_LATEST}"  # noqa: S608  # constants
            return connection.execute(statement, [*values, *words, limit]).fetchall()

        return [
            SearchHit(
                run=(run := summary(dict(zip(SUMMARY_COLUMNS, line[:-1], strict=True)))),
                excerpt=query.excerpt(run.query, line[-1]),
            )
            for line in self._read_at_length(work)
        ]

    def sessions(self, limit: int = 50, *, tag: str | None = None) -> list[SessionSummary]:
        """Conversations: pinned ones first, then the one used last.

        Args:
            limit: at most so many.
            tag: only those with this tag.

        Raises:
            HistoryError: the archive could not be read.
        """
        tagged = "WHERE session IN (SELECT session FROM session_tags WHERE tag = ?)" if tag is not None else ""
        query = (
            "SELECT session, title, MIN(started), MAX(started) AS latest, COUNT(*), SUM(cost_nanousd), pinned "  # noqa: S608  # constants
            f"FROM sessions JOIN runs USING (session) {tagged} GROUP BY session ORDER BY pinned DESC, latest DESC LIMIT ?"
        )
        names = ("session", "title", "started", "latest", "runs", "cost_nanousd")
        values = [limit] if tag is None else [tag, limit]

        def work(connection: sqlite3.Connection) -> tuple[list[Sequence[Any]], list[Sequence[Any]]]:
            tags = connection.execute("SELECT session, tag FROM session_tags ORDER BY tag").fetchall()
            return connection.execute(query, values).fetchall(), tags

        lines, tags = self._read(work)
        by_session: dict[str, list[str]] = {}
        for session, name in tags:
            by_session.setdefault(session, []).append(name)
        return [
            SessionSummary(
                **dict(zip(names, line[:-1], strict=True)),
                pinned=bool(line[-1]),
                tags=tuple(by_session.get(line[0], ())),
            )
            for line in lines
        ]

    def count(self, session: str | None = None, *, matching: RunFilter = _ALL) -> int:
        """How many runs there are, in all or in one conversation.

        Args:
            session: only those of this conversation.
            matching: which runs are meant.

        Raises:
            HistoryError: the archive could not be read.
        """
        conditions, values = matching.conditions()
        if session is not None:
            conditions, values = [*conditions, "session = ?"], [*values, session]
        query = f"SELECT COUNT(*) FROM runs {where(conditions)}"  # noqa: S608  # constants
        return int(self._read(lambda connection: connection.execute(query, values).fetchone()[0]))

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

    def find(self, beginning: str) -> str:
        """The identifier of the one run that begins so.

        Args:
            beginning: of the identifier.

        Raises:
            HistoryError: none begins so, or several do.
        """
        query = "SELECT run_id FROM runs WHERE substr(run_id, 1, ?) = ? ORDER BY started DESC LIMIT 6"
        values = (len(beginning), beginning)
        found = [run_id for (run_id,) in self._read(lambda connection: connection.execute(query, values).fetchall())]
        if len(found) == 1:
            return str(found[0])
        if not found:
            raise HistoryError(f"No run begins with “{beginning}”. `cascadeflow history` lists them.")
        several = "Several" if len(found) > 5 else str(len(found))
        raise HistoryError(
            f"{several} runs begin with “{beginning}”; give more of the identifier: {', '.join(found[:5])}"
        )

    def _lines(self, columns: Sequence[str], matching: RunFilter) -> Iterator[tuple[Line, list[Line]]]:
        """Lines of runs and of their calls; read in one go, so that nobody waits while they are looked at."""
        conditions, values = matching.conditions()
        return self._read_at_length(lambda connection: _lines(connection, columns, conditions, values))

    def _whole(self, found: Iterator[tuple[Line, list[Line]]]) -> Iterator[StoredRun]:
        for line, steps in found:
            try:
                yield from_lines(line, steps)
            except ValueError as error:
                raise HistoryError(
                    f"Run {line['run_id']!r} in the history {self.path} cannot be read: {error}"
                ) from error


def _lines(
    connection: sqlite3.Connection, columns: Sequence[str], conditions: list[str], values: list[Any]
) -> Iterator[tuple[Line, list[Line]]]:
    found = where(conditions)
    runs = connection.execute(f"SELECT {', '.join(columns)} FROM runs {found} {_OLDEST}", values).fetchall()  # noqa: S608  # constants
    only = f"WHERE run_id IN (SELECT run_id FROM runs {found})" if found else ""  # noqa: S608  # constants
    query = f"SELECT {', '.join(STEP_COLUMNS)} FROM steps {only} ORDER BY run_id, position"  # noqa: S608  # constants
    steps = connection.execute(query, values).fetchall()
    return _joined(columns, runs, steps)


def _joined(
    columns: Sequence[str], runs: list[Sequence[Any]], steps: list[Sequence[Any]]
) -> Iterator[tuple[Line, list[Line]]]:
    of_run: dict[str, list[Sequence[Any]]] = {}
    for step in steps:
        of_run.setdefault(step[0], []).append(step)
    for run in runs:
        line = dict(zip(columns, run, strict=True))
        yield line, [dict(zip(STEP_COLUMNS, step, strict=True)) for step in of_run.get(line["run_id"], ())]
