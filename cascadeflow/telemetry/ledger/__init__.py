"""Stores of budget counters: in memory, in a SQLite file that processes share, in Redis for many machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cascadeflow.telemetry.ledger.memory import MemoryLedger
from cascadeflow.telemetry.ledger.protocol import Balance, Claim, Hold, Ledger, LedgerRow, Spend, SpendBy, SpendFilter

if TYPE_CHECKING:
    from cascadeflow.telemetry.ledger.redis import RedisLedger
    from cascadeflow.telemetry.ledger.sqlite import SQLiteLedger

__all__ = [
    "Balance",
    "Claim",
    "Hold",
    "Ledger",
    "LedgerRow",
    "MemoryLedger",
    "RedisLedger",
    "SQLiteLedger",
    "Spend",
    "SpendBy",
    "SpendFilter",
]


def __getattr__(name: str) -> Any:
    """SQLite, Redis and asyncio are imported by those who use them."""
    if name == "RedisLedger":
        from cascadeflow.telemetry.ledger.redis import RedisLedger

        return RedisLedger
    if name == "SQLiteLedger":
        from cascadeflow.telemetry.ledger.sqlite import SQLiteLedger

        return SQLiteLedger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
