"""A ledger in Redis, which the processes of many machines share.

All keys carry one hash tag, so that a cluster keeps them on one node and a script may touch them all.
Names that come from outside are percent-encoded: a space then parts them.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, Final, cast
from urllib.parse import quote, unquote

from cascadeflow.errors import ConfigError, LedgerError
from cascadeflow.telemetry.ledger import redis_scripts as scripts
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
from cascadeflow.telemetry.ledger.redis_connection import RedisConnection
from cascadeflow.telemetry.ledger.redis_health import RedisHealth, read_health

_KEEP_ENDED: Final = 86_400.0
"""Seconds that a counter outlives its period, for calls that are settled late."""
_LOOK_UP: Final = 1_000
"""Rows fetched at a time."""
_SUMMED: Final = ("user_id", "tier", "model", "domain", "preset")
_COUNTED: Final = ("nanousd", "calls", "prompt_tokens", "completion_tokens")
_IN_ROW: Final = tuple(item.name for item in fields(LedgerRow) if item.name not in {"hold_id", "amount", "keys"})


class RedisLedger:
    """Counters, holds and rows in Redis.

    The server must not evict keys (``maxmemory-policy noeviction``, Redis's default), and should
    keep them through a restart (``appendonly yes``), or budgets begin anew.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://`` address, with user, password and database
            where needed. Take it from the environment; it is never shown.
        prefix: beginning of every key; ledgers with different ones know nothing of each other.
        cluster: whether the address is that of a node of a Redis Cluster.
        patience: seconds to go on trying, reconnecting where needed, before `LedgerError`.
        url_env: environment variable the address was taken from, so that a configuration file can name it.
        keep_rows: how many bookings are remembered one by one; a settlement that is repeated
            after so many others is booked again. Sums by day are kept for 400 days all the same.

    Raises:
        ConfigError: the address or the prefix is none.
        MissingExtraError: the package ``redis`` is not installed.

    Example:
        >>> ledger = RedisLedger("redis://127.0.0.1:6379/0")
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "cascadeflow",
        cluster: bool = False,
        patience: float = 5.0,
        url_env: str | None = None,
        keep_rows: int = 100_000,
    ) -> None:
        if not re.fullmatch(r"[\w.:-]+", prefix):
            raise ConfigError(f"{prefix!r} is no beginning of a key; use letters, digits, '.', ':', '-' and '_'")
        self._server = RedisConnection(url, cluster=cluster, patience=patience)
        self._tag = f"{{{prefix}}}"
        self._keys = [f"{self._tag}:{name}" for name in scripts.KEYS]
        self.prefix, self.cluster, self.patience = prefix, cluster, patience
        self.url_env, self.keep_rows = url_env, keep_rows

    @property
    def address(self) -> str:
        """Where the server is, without user and password."""
        return self._server.address

    async def reserve(
        self, hold_id: str, run_id: str, claims: Sequence[Claim], amount: int, expires_at: float, now: float
    ) -> Claim | None:
        """Hold an amount in every counter, or in none (see `Ledger`)."""
        arguments = [hold_id, _encoded(run_id), _exact(amount), expires_at, now, now - _KEEP_ENDED]
        for claim in claims:
            cap = "" if claim.cap is None else _exact(claim.cap)
            arguments += [_name(claim.key), cap, claim.resets_at.timestamp() if claim.resets_at else ""]
        refused = await self._script("reserve", scripts.RESERVE, arguments)
        return claims[refused - 1] if refused else None

    async def settle(self, hold_id: str, amount: int, row: LedgerRow | None = None) -> dict[str, Balance]:
        """Turn a hold into a booking, once (see `Ledger`)."""
        arguments = [hold_id, _exact(amount), _row_text(row) if row else "", _names(row.keys if row else ())]
        arguments.append(self.keep_rows)
        booked = row or LedgerRow(hold_id=hold_id)
        if booked.kind == "call" and (row or amount):
            label = "|".join(_encoded(getattr(booked, field)) for field in _SUMMED)
            counts = (amount, 1, booked.prompt_tokens, booked.completion_tokens)
            for what, count in zip(_COUNTED, counts, strict=True):
                arguments += [f"{what}|{label}", count]
        keys = [f"{self._sums(booked.namespace)}{booked.day}", self._days(booked.namespace)]
        after = await self._script("settle" if row or amount else "release", scripts.SETTLE, arguments, keys)
        return dict(_balances([after[0::3], after[1::3], after[2::3]])) if after else {}

    async def balances(self, keys: Sequence[str], now: float | None = None) -> dict[str, Balance]:
        """What the counters say (see `Ledger`)."""
        found = await self._script("read", scripts.BALANCES, ["" if now is None else now, *map(_name, keys)])
        return dict(_balances([[_name(key) for key in keys], found[0::2], found[1::2]]))

    async def open_holds(self) -> list[Hold]:
        """Holds of calls under way, the first to expire first."""
        return await self._holds("open")

    async def abandoned_holds(self) -> list[Hold]:
        """Holds that expired and were not settled since."""
        return await self._holds("abandoned")

    async def expire(self, now: float) -> list[Hold]:
        """Give up holds that are overdue."""
        found = await self._script("expire", scripts.EXPIRE, [now])
        given_up = zip(found[0::3], found[1::3], found[2::3], strict=True)
        return [_hold_of(hold_id, float(expires), text) for hold_id, expires, text in given_up]

    async def reset(self, keys: Sequence[str], now: float) -> None:
        """Set what counters say is spent back to zero."""
        arguments: list[Any] = [_row_text(LedgerRow(hold_id="", kind="reset", time=now)), self.keep_rows]
        for key in keys:
            arguments += [_name(key), f"reset-{os.urandom(8).hex()}"]
        await self._script("reset", scripts.RESET, arguments)

    async def rows(self, key: str | None = None, limit: int | None = None) -> list[LedgerRow]:
        """Bookings, the latest first."""
        rows, order = self._key("rows"), self._key("order")
        found: list[LedgerRow] = []
        last = -1
        while limit is None or len(found) < limit:
            first, stop = last - _LOOK_UP + 1, last
            names = await self._server.read("lrange", order, first, stop)
            if not names:
                break
            texts = await self._server.read("hmget", rows, names)
            for name, text in zip(reversed(names), reversed(texts), strict=True):
                row = _row_of(name, text) if text else None
                if row is not None and (key is None or key in row.keys):
                    found.append(row)
            last = first - 1
        return found[:limit]

    async def spend(self, by: SpendBy, where: SpendFilter) -> dict[str, Spend]:
        """Calls summed up by one of their fields."""
        field = SPEND_BY[by]
        beginning, listing = self._sums(where.namespace), self._days(where.namespace)
        days = await self._server.read("smembers", listing)
        sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTED, 0))
        for name in days:
            day = name.removeprefix(beginning)
            if (where.since is not None and day < where.since) or (where.until is not None and day > where.until):
                continue
            for label, count in (await self._all_of(name)).items():
                what, *parts = label.split("|")
                labels = dict(zip(_SUMMED, map(_decoded, parts), strict=True)) | {"day": day}
                if where.user_id in (None, labels["user_id"]) and where.tier in (None, labels["tier"]):
                    sums[labels[field]][what] += int(count)
        return {name: Spend(**counts) for name, counts in sums.items()}

    async def health(self) -> RedisHealth:
        """What the server says of itself.

        Raises:
            LedgerError: it failed, or the user of the address may not ask.
        """
        return read_health(await self._server.read("info"))

    async def aclose(self) -> None:
        """Close the connections of this event loop; the next use opens new ones."""
        await self._server.aclose()

    def _key(self, name: str) -> str:
        return f"{self._tag}:{name}"

    def _sums(self, namespace: str) -> str:
        return self._key(f"sums:{_encoded(namespace)}:")

    def _days(self, namespace: str) -> str:
        return self._key(f"days:{_encoded(namespace)}")

    async def _holds(self, which: str) -> list[Hold]:
        holds, expiries = self._key("holds"), self._key(which)
        found = await self._server.read("zrange", expiries, 0, -1, withscores=True)
        if not found:
            return []
        texts = await self._server.read("hmget", holds, [hold_id for hold_id, _ in found])
        return [_hold_of(hold_id, expires, text) for (hold_id, expires), text in zip(found, texts, strict=True) if text]

    async def _script(self, operation: str, text: str, arguments: Sequence[Any], keys: Sequence[str] = ()) -> Any:
        return await self._server.run(operation, text, [*self._keys, *keys], arguments)

    async def _all_of(self, name: str) -> dict[str, str]:
        """A hash, fetched in pieces so that a long one does not hold up the server."""
        found: dict[str, str] = {}
        cursor, page = await self._server.read("hscan", name, 0, count=_LOOK_UP)
        found.update(page)
        while cursor:
            cursor, page = await self._server.read("hscan", name, cursor, count=_LOOK_UP)
            found.update(page)
        return found


def _exact(amount: int) -> int:
    if amount > scripts.MOST:
        raise LedgerError(
            f"A ledger in Redis counts to {scripts.MOST:,} nano-USD (9,007,199 USD), not to {amount:,}. Set a lower "
            "budget, or none."
        )
    return amount


def _encoded(text: str, safe: str = "") -> str:
    return quote(text, safe=safe, errors="surrogatepass")


def _decoded(text: str) -> str:
    return unquote(text, errors="surrogatepass")


def _name(key: str) -> str:
    return _encoded(key, safe="|/:@")


def _names(keys: Sequence[str]) -> str:
    return " ".join(map(_name, keys))


def _balances(columns: Sequence[Sequence[str]]) -> Iterator[tuple[str, Balance]]:
    for name, spent, held in zip(*columns, strict=True):
        yield _decoded(name), Balance(int(spent), int(held))


def _hold_of(hold_id: str, expires_at: float, text: str) -> Hold:
    amount, run_id, keys = text.split("\n")
    return Hold(hold_id, _decoded(run_id), tuple(map(_decoded, keys.split())), int(amount), expires_at)


def _row_text(row: LedgerRow) -> str:
    return json.dumps({name: getattr(row, name) for name in _IN_ROW})


def _row_of(hold_id: str, text: str) -> LedgerRow:
    amount, keys, run_id, rest = text.split("\n")
    known = cast("dict[str, Any]", json.loads(rest) if rest else {"run_id": _decoded(run_id)})
    return LedgerRow(hold_id=hold_id, amount=int(amount), keys=tuple(map(_decoded, keys.split())), **known)
