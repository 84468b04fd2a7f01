"""A ledger in the memory of one process: for scripts, services of one process, and tests."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

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

_KEEP_ENDED: Final = 86_400.0
"""Seconds that a counter outlives its period, for calls that are settled late."""


class _Counter:
    __slots__ = ("ends", "held", "spent")

    def __init__(self, ends: float = math.inf) -> None:
        self.spent = self.held = 0
        self.ends = ends


class MemoryLedger:
    """Counters, holds and rows in memory. Threads may share it; processes cannot.

    Args:
        keep_rows: how many settled calls are remembered, so that a service that runs for months
            does not grow; `spend` and `rows` know only these.

    Example:
        >>> import asyncio
        >>> ledger = MemoryLedger()
        >>> claim = Claim("user|daily|2026-11-24|me", cap=1_000_000_000)
        >>> asyncio.run(ledger.reserve("hold-1", "run-1", [claim], 5_000_000, expires_at=700.0, now=100.0)) is None
        True
    """

    def __init__(self, *, keep_rows: int = 100_000) -> None:
        self._keep_rows = keep_rows
        self._lock = threading.Lock()
        self._counters: dict[str, _Counter] = {}
        self._prune_at = 10_000
        self._open: dict[str, Hold] = {}
        self._abandoned: dict[str, Hold] = {}
        self._settled: OrderedDict[str, LedgerRow | None] = OrderedDict()
        self._resets = 0
        self._soonest = math.inf

    async def reserve(
        self, hold_id: str, run_id: str, claims: Sequence[Claim], amount: int, expires_at: float, now: float
    ) -> Claim | None:
        """Hold an amount in every counter, or in none (see `Ledger`)."""
        with self._lock:
            self._expire(now)
            if hold_id in self._open or hold_id in self._abandoned or hold_id in self._settled:
                return None
            counters = [self._counter(claim) for claim in claims]
            for claim, counter in zip(claims, counters, strict=True):
                if claim.cap is not None and counter.spent + counter.held + amount > claim.cap:
                    return claim
            for counter in counters:
                counter.held += amount
            self._open[hold_id] = Hold(hold_id, run_id, tuple(claim.key for claim in claims), amount, expires_at)
            self._soonest = min(self._soonest, expires_at)
            self._forget_ended_periods(now)
            return None

    async def settle(self, hold_id: str, amount: int, row: LedgerRow | None = None) -> dict[str, Balance]:
        """Turn a hold into a booking, once (see `Ledger`)."""
        with self._lock:
            if hold_id in self._settled:
                return {}
            held = self._open.pop(hold_id, None)
            known = held or self._abandoned.pop(hold_id, None)
            keys = known.keys if known else row.keys if row else ()
            for key in keys:
                counter = self._counters.setdefault(key, _Counter())
                counter.spent += amount
                counter.held -= held.amount if held else 0
            if row is None and amount:
                row = LedgerRow(hold_id=hold_id, run_id=known.run_id if known else "")
            self._settled[hold_id] = row and replace(row, hold_id=hold_id, amount=amount, keys=keys)
            while len(self._settled) > self._keep_rows:
                self._settled.popitem(last=False)
            return {key: self._balance(key) for key in keys}

    async def balances(self, keys: Sequence[str], now: float | None = None) -> dict[str, Balance]:
        """What the counters say (see `Ledger`)."""
        with self._lock:
            if now is not None:
                self._expire(now)
            return {key: self._balance(key) for key in keys}

    async def open_holds(self) -> list[Hold]:
        """Holds of calls under way, the first to expire first."""
        with self._lock:
            return sorted(self._open.values(), key=lambda hold: hold.expires_at)

    async def abandoned_holds(self) -> list[Hold]:
        """Holds that expired and were not settled since."""
        with self._lock:
            return sorted(self._abandoned.values(), key=lambda hold: hold.expires_at)

    async def expire(self, now: float) -> list[Hold]:
        """Give up holds that are overdue."""
        with self._lock:
            return self._expire(now)

    async def reset(self, keys: Sequence[str], now: float) -> None:
        """Set what counters say is spent back to zero."""
        with self._lock:
            for key in keys:
                counter = self._counters.get(key)
                if counter is not None and counter.spent:
                    self._resets += 1
                    row_id = f"reset-{self._resets}"
                    row = LedgerRow(hold_id=row_id, kind="reset", amount=-counter.spent, keys=(key,), time=now)
                    self._settled[row_id] = row
                    counter.spent = 0

    async def rows(self, key: str | None = None, limit: int | None = None) -> list[LedgerRow]:
        """Bookings, the latest first."""
        with self._lock:
            found = [row for row in reversed(self._settled.values()) if row and (key is None or key in row.keys)]
        return found[:limit]

    async def spend(self, by: SpendBy, where: SpendFilter) -> dict[str, Spend]:
        """Calls summed up by one of their fields."""
        field = SPEND_BY[by]
        sums: dict[str, Spend] = {}
        with self._lock:
            rows = list(self._calls(where))
        for row in rows:
            before = sums.get(getattr(row, field), Spend())
            sums[getattr(row, field)] = Spend(
                before.nanousd + row.amount,
                before.calls + 1,
                before.prompt_tokens + row.prompt_tokens,
                before.completion_tokens + row.completion_tokens,
            )
        return sums

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _calls(self, where: SpendFilter) -> Iterator[LedgerRow]:
        for row in self._settled.values():
            if (
                row is not None
                and row.kind == "call"
                and row.namespace == where.namespace
                and (where.since is None or row.day >= where.since)
                and (where.until is None or row.day <= where.until)
                and (where.user_id is None or row.user_id == where.user_id)
                and (where.tier is None or row.tier == where.tier)
            ):
                yield row

    def _balance(self, key: str) -> Balance:
        counter = self._counters.get(key)
        return Balance(counter.spent, counter.held) if counter else Balance()

    def _counter(self, claim: Claim) -> _Counter:
        counter = self._counters.get(claim.key)
        if counter is None:
            ends = claim.resets_at.timestamp() if claim.resets_at else math.inf
            counter = self._counters[claim.key] = _Counter(ends)
        return counter

    def _expire(self, now: float) -> list[Hold]:
        if now < self._soonest:
            return []
        overdue = [hold for hold in self._open.values() if hold.expires_at <= now]
        for hold in overdue:
            self._abandoned[hold.hold_id] = self._open.pop(hold.hold_id)
            for key in hold.keys:
                self._counters[key].held -= hold.amount
        self._soonest = min((hold.expires_at for hold in self._open.values()), default=math.inf)
        return overdue

    def _forget_ended_periods(self, now: float) -> None:
        if len(self._counters) < self._prune_at:
            return
        self._counters = {
            key: counter for key, counter in self._counters.items() if counter.held or counter.ends + _KEEP_ENDED > now
        }
        self._prune_at = max(10_000, 2 * len(self._counters))
