"""Full-text search: an index of questions and answers in FTS5, and a slower way where SQLite lacks it.

The index is made by the first search and kept up to date from then on. It holds no text of its own: it
refers to the table of runs. A program whose SQLite lacks FTS5 may write to the same file; the next search
notices that the counts differ and makes the index anew.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

_SECURE_DELETE_SINCE: Final = (3, 42, 0)
_MAKE: Final = "CREATE VIRTUAL TABLE texts USING fts5(query, answer, content = 'runs')"
_IN_INDEX: Final = "rowid IN (SELECT rowid FROM texts WHERE texts MATCH ?)"
_IN_TEXT: Final = r"(query LIKE ? ESCAPE '\' OR answer LIKE ? ESCAPE '\')"
_KNOWN: Final = (
    r"(? COLLATE NOCASE IN (model_used, preset, domain)"
    r" OR session IN (SELECT session FROM sessions WHERE title LIKE ? ESCAPE '\')"
    r" OR session IN (SELECT session FROM session_tags WHERE tag = ? COLLATE NOCASE)"
    r" OR run_id IN (SELECT run_id FROM run_tags WHERE tag = ? COLLATE NOCASE))"
)
_AROUND: Final = 40
"""Characters of an excerpt before and after what was found."""


@dataclass(frozen=True)
class Query:
    """What a user typed: words that must all occur, the last letters of each open; quotation marks keep words together.

    Attributes:
        text: as typed.

    Example:
        >>> Query('train "9:40" depart').match
        '"train"* "9:40" "depart"*'
    """

    text: str

    @cached_property
    def parts(self) -> tuple[tuple[str, bool], ...]:
        """Words and phrases, and whether each is a phrase."""
        found = re.findall(r'"([^"]+)"|([^\s"]+)', self.text)
        return tuple((phrase or word, bool(phrase)) for phrase, word in found)

    @property
    def match(self) -> str:
        """The query in the language of FTS5; empty where its words are none to FTS5."""
        if any(not re.search(r"[^\W_]", part) or re.search(r"[\u2e80-\uffef]", part) for part, _ in self.parts):
            return ""  # signs only, or a script without spaces, which FTS5 does not divide into words
        return " ".join(f'"{part}"' if phrase else f'"{part}"*' for part, phrase in self.parts)

    def condition(self, connection: sqlite3.Connection) -> tuple[str, list[Any]]:
        """A condition on the table of runs, and the values of its question marks."""
        whole = self.text.strip()
        known = [whole, f"%{_escaped(whole)}%", whole, whole]
        if self.match and _up_to_date(connection):
            return f"({_IN_INDEX} OR {_KNOWN})", [self.match, *known]
        patterns = [f"%{_escaped(part)}%" for part, _ in self.parts]
        texts = " AND ".join([_IN_TEXT] * len(patterns)) or "0"
        return f"(({texts}) OR {_KNOWN})", [*(value for pattern in patterns for value in (pattern, pattern)), *known]

    def excerpt(self, *texts: str) -> str:
        """The first place in the texts where one of the words stands; empty where none does."""
        for text in texts:
            for part, _ in self.parts:
                at = text.lower().find(part.lower())
                if at >= 0:
                    start, end = max(0, at - _AROUND), at + len(part) + _AROUND
                    cut = " ".join(text[start:end].split())
                    return f"{'…' if start else ''}{cut}{'…' if end < len(text) else ''}"
        return ""


def has_fts5(connection: sqlite3.Connection) -> bool:
    """Whether this SQLite can search full text."""
    return connection.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone() is not None


def has_index(connection: sqlite3.Connection) -> bool:
    """Whether there is an index that this SQLite can write to."""
    made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'texts'").fetchone()
    return made is not None and has_fts5(connection)


def lacks_index(connection: sqlite3.Connection) -> bool:
    """Whether a search has to make the index first."""
    return has_fts5(connection) and not _up_to_date(connection)


def make_index(connection: sqlite3.Connection) -> None:
    """Make the index, or make it anew."""
    connection.execute("DROP TABLE IF EXISTS texts")
    connection.execute(_MAKE)
    if sqlite3.sqlite_version_info >= _SECURE_DELETE_SINCE:
        connection.execute("INSERT INTO texts (texts, rank) VALUES ('secure-delete', 1)")
    connection.execute("INSERT INTO texts (texts) VALUES ('rebuild')")


def add(connection: sqlite3.Connection, rowid: int | None, query: str, answer: str) -> None:
    """Add a run that was just written."""
    if has_index(connection):
        connection.execute("INSERT INTO texts (rowid, query, answer) VALUES (?, ?, ?)", (rowid, query, answer))


def forget(connection: sqlite3.Connection, condition: str, values: list[Any]) -> None:
    """Take runs that are about to be deleted out of the index, so that no word of them stays in the file."""
    if not has_index(connection):
        return
    if not _up_to_date(connection):  # FTS5 must not be told to forget what it does not know
        connection.execute("DROP TABLE texts")
        return
    leave = (
        f"INSERT INTO texts (texts, rowid, query, answer) SELECT 'delete', rowid, query, answer FROM runs {condition}"  # noqa: S608  # constants
    )
    connection.execute(leave, values)
    if sqlite3.sqlite_version_info < _SECURE_DELETE_SINCE:
        connection.execute("INSERT INTO texts (texts) VALUES ('optimize')")


def _up_to_date(connection: sqlite3.Connection) -> bool:
    if not has_index(connection):
        return False
    counts = connection.execute("SELECT (SELECT COUNT(*) FROM texts_docsize), (SELECT COUNT(*) FROM runs)").fetchone()
    return bool(counts[0] == counts[1])


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
