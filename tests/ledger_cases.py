"""What every test of a ledger needs: the kinds of store, and the sum that must always come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from cascadeflow.telemetry.ledger import Claim, Ledger

KINDS = ("memory", "sqlite", "redis")


def claim(key: str, cap: int | None = 100) -> Claim:
    return Claim(key, cap, label=key)


async def assert_no_drift(ledger: Ledger, used: Iterable[str] = ()) -> None:
    """For every counter the rows sum to what is spent, and the open holds to what is held.

    Args:
        ledger: the store.
        used: keys of counters that may have neither row nor hold any more.
    """
    spent: dict[str, int] = defaultdict(int)
    held: dict[str, int] = defaultdict(int)
    for row in await ledger.rows():
        for key in row.keys:
            spent[key] += row.amount
    for hold in await ledger.open_holds():
        for key in hold.keys:
            held[key] += hold.amount
    keys = sorted({*spent, *held, *used})
    for key, balance in (await ledger.balances(keys)).items():
        assert balance == (spent[key], held[key]), key
