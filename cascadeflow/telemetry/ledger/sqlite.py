"""A ledger in a SQLite file, which tasks, threads and processes of one machine share.

Three tables: the counters, the holds of calls under way (and those abandoned), and one line for
each call that was settled. Whether an amount fits is decided by the ``UPDATE`` that holds it,
within one write transaction over all counters of a call.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from cascadeflow.database import Database
from cascadeflow.errors import LedgerError
from cascadeflow.telemetry.ledger.protocol import (
    SPEND_BY,
    Balance,
    Claim,
    Hold,
    LedgerRow,
    Spend,
    SpendBy,
    SpendFilter,
)

_MIGRATIONS: Final = (
    """
    CREATE TABLE counters (
        key TEXT PRIMARY KEY,
        spent INTEGER NOT NULL DEFAULT 0,
        held INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE TABLE holds (
        hold_id TEXT PRIMARY KEY,
        run_id TEXT NOT NULL,
        keys TEXT NOT NULL,
        amount INTEGER NOT NULL,
        expires_at REAL NOT NULL,
        abandoned INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE INDEX overdue ON holds (expires_at) WHERE abandoned = 0;
    CREATE TABLE calls (
        hold_id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        amount INTEGER NOT NULL,
        keys TEXT NOT NULL,
        time REAL NOT NULL,
        day TEXT NOT NULL,
        namespace TEXT NOT NULL,
        run_id TEXT NOT NULL,
        user_id TEXT NOT NULL,
        tier TEXT NOT NULL,
        model TEXT NOT NULL,
        domain TEXT NOT NULL,
        preset TEXT NOT NULL,
        prompt_tokens INTEGER NOT NULL,
        completion_tokens INTEGER NOT NULL,
        cached_tokens INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)

_ROW_FIELDS: Final = tuple(item.name for item in fields(LedgerRow))
_ROW_COLUMNS: Final = ", ".join(_ROW_FIELDS)
_ADD_ROW: Final = f"INSERT INTO calls ({_ROW_COLUMNS}) VALUES (:{', :'.join(_ROW_FIELDS)})"  # noqa: S608  # constants
_HOLD_COLUMNS: Final = "hold_id, run_id, keys, amount, expires_at"
_OVERDUE: Final = "FROM holds WHERE abandoned = 0 AND expires_at <= ?"
_ADD_HOLD: Final = (
    "INSERT OR IGNORE INTO holds SELECT ?, ?, ?, ?, ?, 0 WHERE NOT EXISTS (SELECT 1 FROM calls WHERE hold_id = ?)"
)
_RELEASED: Final = "released"
"""Kind of a row that only remembers that a hold was released."""


class SQLiteLedger:
    """Counters, holds and rows in one file, readable by its owner only.

    Args:
        path: the file; it and its folder are made when first used.
        patience: seconds to go on trying while another process is writing, before `LedgerError`.

    Raises:
        ConfigError: the path is not one of a file.

    Example:
        >>> from cascadeflow.paths import ledger_path
        >>> ledger = SQLiteLedger(ledger_path())
    """

    def __init__(self, path: str | os.PathLike[str], *, patience: float = 5.0) -> None:
        self._database = Database(path, migrations=_MIGRATIONS, error=LedgerError, what="ledger", patience=patience)

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    @property
    def patience(self) -> float:
        """Seconds to go on trying while another process is writing."""
        return self._database.patience

    async def reserve(
        self, hold_id: str, run_id: str, claims: Sequence[Claim], amount: int, expires_at: float, now: float
    ) -> Claim | None:
        """Hold an amount in every counter, or in none (see `Ledger`)."""
        hold = (hold_id, run_id, _text([claim.key for claim in claims]), amount, expires_at)

        def work(connection: sqlite3.Connection) -> None:
            if _overdue(connection, now):
                raise _OverdueError
            if connection.execute(_ADD_HOLD, (*hold, hold_id)).rowcount:
                for claim in claims:
                    if not _hold(connection, claim, amount):
                        raise _RefusedError(claim)

        while True:
            try:
                await self._database.run("reserve", work)
            except _OverdueError:
                await self.expire(now)
            except _RefusedError as refused:
                return refused.claim
            else:
                return None

    async def settle(self, hold_id: str, amount: int, row: LedgerRow | None = None) -> dict[str, Balance]:
        """Turn a hold into a booking, once (see `Ledger`)."""

        def work(connection: sqlite3.Connection) -> dict[str, Balance]:
            if connection.execute("SELECT 1 FROM calls WHERE hold_id = ?", (hold_id,)).fetchone():
                return {}
            query = "SELECT run_id, keys, amount, abandoned FROM holds WHERE hold_id = ?"
            known = connection.execute(query, (hold_id,)).fetchone()
            run_id, text, held, abandoned = known or ("", _text(row.keys if row else ()), 0, 0)
            if known:
                connection.execute("DELETE FROM holds WHERE hold_id = ?", (hold_id,))
            keys = json.loads(text)
            for key in keys:
                _book(connection, key, amount, 0 if abandoned else held)
            booked = row or LedgerRow(hold_id=hold_id, run_id=run_id)
            values = {name: getattr(booked, name) for name in _ROW_FIELDS}
            values |= {"hold_id": hold_id, "amount": amount, "keys": text}
            values["kind"] = booked.kind if row or amount else _RELEASED
            connection.execute(_ADD_ROW, values)
            return _balances(connection, keys)

        return await self._database.run("settle" if row or amount else "release", work)

    async def balances(self, keys: Sequence[str], now: float | None = None) -> dict[str, Balance]:
        """What the counters say (see `Ledger`)."""

        def work(connection: sqlite3.Connection) -> dict[str, Balance] | None:
            return None if now is not None and _overdue(connection, now) else _balances(connection, keys)

        while (found := await self._database.run("read", work, write=False)) is None:
            await self.expire(now or 0.0)
        return found

    async def open_holds(self) -> list[Hold]:
        """Holds of calls under way, the first to expire first."""
        return await self._holds(abandoned=False)

    async def abandoned_holds(self) -> list[Hold]:
        """Holds that expired and were not settled since."""
        return await self._holds(abandoned=True)

    async def expire(self, now: float) -> list[Hold]:
        """Give up holds that are overdue."""

        def work(connection: sqlite3.Connection) -> list[Hold]:
            found = connection.execute(f"SELECT {_HOLD_COLUMNS} {_OVERDUE} ORDER BY expires_at", (now,))
            holds = [_hold_of(line) for line in found.fetchall()]
            for hold in holds:
                connection.execute("UPDATE holds SET abandoned = 1 WHERE hold_id = ?", (hold.hold_id,))
                for key in hold.keys:
                    _book(connection, key, 0, hold.amount)
            return holds

        if not await self._database.run("read", lambda connection: _overdue(connection, now), write=False):
            return []
        return await self._database.run("expire", work)

    async def reset(self, keys: Sequence[str], now: float) -> None:
        """Set what counters say is spent back to zero."""

        def work(connection: sqlite3.Connection) -> None:
            for key, balance in _balances(connection, keys).items():
                if balance.spent:
                    connection.execute("UPDATE counters SET spent = 0 WHERE key = ?", (key,))
                    row_id = f"reset-{os.urandom(8).hex()}"
                    row = LedgerRow(hold_id=row_id, kind="reset", amount=-balance.spent, time=now)
                    values = {name: getattr(row, name) for name in _ROW_FIELDS} | {"keys": _text([key])}
                    connection.execute(_ADD_ROW, values)

        await self._database.run("reset", work)

    async def rows(self, key: str | None = None, limit: int | None = None) -> list[LedgerRow]:
        """Bookings, the latest first."""
        having = "AND EXISTS (SELECT 1 FROM json_each(keys) WHERE value = ?)" if key is not None else ""
        query = f"SELECT {_ROW_COLUMNS} FROM calls WHERE kind != ? {having} ORDER BY time DESC LIMIT ?"  # noqa: S608  # constants
        arguments = (_RELEASED, *(() if key is None else (key,)), -1 if limit is None else limit)

        def work(connection: sqlite3.Connection) -> list[LedgerRow]:
            lines = (dict(zip(_ROW_FIELDS, line, strict=True)) for line in connection.execute(query, arguments))
            return [LedgerRow(**line | {"keys": tuple(json.loads(line["keys"]))}) for line in lines]

        return await self._database.report("read", work)

    async def spend(self, by: SpendBy, where: SpendFilter) -> dict[str, Spend]:
        """Calls summed up by one of their fields."""
        field = SPEND_BY[by]
        conditions = {
            "namespace = ?": where.namespace,
            "day >= ?": where.since,
            "day <= ?": where.until,
            "user_id = ?": where.user_id,
            "tier = ?": where.tier,
        }
        given = {condition: value for condition, value in conditions.items() if value is not None}
        query = (
            f"SELECT {field}, SUM(amount), COUNT(*), SUM(prompt_tokens), SUM(completion_tokens) FROM calls "  # noqa: S608  # constants
            f"WHERE kind = 'call' AND {' AND '.join(given)} GROUP BY {field}"
        )

        def work(connection: sqlite3.Connection) -> dict[str, Spend]:
            return {name: Spend(*sums) for name, *sums in connection.execute(query, tuple(given.values()))}

        return await self._database.report("read", work)

    async def aclose(self) -> None:
        """Close the file; the next use opens it again."""
        self._database.close()

    async def _holds(self, *, abandoned: bool) -> list[Hold]:
        query = f"SELECT {_HOLD_COLUMNS} FROM holds WHERE abandoned = ? ORDER BY expires_at"  # noqa: S608  # constants

        def work(connection: sqlite3.Connection) -> list[Hold]:
            return [_hold_of(line) for line in connection.execute(query, (int(abandoned),))]

        return await self._database.run("read", work, write=False)


class _OverdueError(Exception):
    """Holds have to be given up first; rolls the transaction back."""


class _RefusedError(Exception):
    """A claim does not fit; rolls the transaction back."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim


def _overdue(connection: sqlite3.Connection, now: float) -> bool:
    return connection.execute(f"SELECT 1 {_OVERDUE} LIMIT 1", (now,)).fetchone() is not None


def _hold(connection: sqlite3.Connection, claim: Claim, amount: int) -> bool:
    if claim.cap is None:
        _book(connection, claim.key, 0, -amount)
        return True
    guarded = "UPDATE counters SET held = held + ? WHERE key = ? AND spent + held + ? <= ?"
    arguments = (amount, claim.key, amount, claim.cap)
    if connection.execute(guarded, arguments).rowcount:
        return True
    created = connection.execute("INSERT OR IGNORE INTO counters (key) VALUES (?)", (claim.key,))
    return bool(created.rowcount and connection.execute(guarded, arguments).rowcount)


def _book(connection: sqlite3.Connection, key: str, spent: int, returned: int) -> None:
    change = connection.execute(
        "UPDATE counters SET spent = spent + ?, held = held - ? WHERE key = ?", (spent, returned, key)
    )
    if not change.rowcount:
        connection.execute("INSERT INTO counters (key, spent, held) VALUES (?, ?, ?)", (key, spent, -returned))


def _balances(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, Balance]:
    marks = ", ".join("?" * len(keys))
    found = connection.execute(f"SELECT key, spent, held FROM counters WHERE key IN ({marks})", tuple(keys))  # noqa: S608  # marks
    known = {key: Balance(spent, held) for key, spent, held in found}
    return {key: known.get(key, Balance()) for key in keys}


def _hold_of(line: tuple[Any, ...]) -> Hold:
    hold_id, run_id, keys, amount, expires_at = line
    return Hold(hold_id, run_id, tuple(json.loads(keys)), amount, expires_at)


def _text(keys: Sequence[str]) -> str:
    return json.dumps(keys)
