"""Stores of budget counters: in memory, and in a SQLite file that processes share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cascadeflow.telemetry.ledger.memory import MemoryLedger
from cascadeflow.telemetry.ledger.protocol import Balance, Claim, Hold, Ledger, LedgerRow, Spend, SpendBy, SpendFilter

if TYPE_CHECKING:
    from cascadeflow.telemetry.ledger.sqlite import SQLiteLedger

__all__ = [
    "Balance",
    "Claim",
    "Hold",
    "Ledger",
    "LedgerRow",
    "MemoryLedger",
    "SQLiteLedger",
    "Spend",
    "SpendBy",
    "SpendFilter",
]


def __getattr__(name: str) -> Any:
    """SQLite and asyncio are imported by those who use them."""
    if name == "SQLiteLedger":
        from cascadeflow.telemetry.ledger.sqlite import SQLiteLedger

        return SQLiteLedger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
