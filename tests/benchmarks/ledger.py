"""Prints what reserve + settle cost: on each ledger alone, and through a tracker with three budgets."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from cascadeflow.schema import Usage
from cascadeflow.telemetry import BudgetConfig, CostTracker
from cascadeflow.telemetry.ledger import Claim, Ledger, LedgerRow, MemoryLedger, SQLiteLedger

CALLS = 2_000
AMOUNT = 1_000


async def alone(ledger: Ledger) -> list[float]:
    claims = [Claim("user|daily|2026-11-24|me", 10**15, "user me, daily")]
    times = []
    for number in range(CALLS):
        hold = f"{number:016x}"
        begin = time.perf_counter()
        await ledger.reserve(hold, "run", claims, AMOUNT, time.time() + 600, time.time())
        await ledger.settle(hold, AMOUNT, LedgerRow(hold_id=hold, model="small", day="2026-11-24"))
        times.append(time.perf_counter() - begin)
    return times


async def tracked(ledger: Ledger) -> list[float]:
    tracker = CostTracker(
        budget_limit=1e6, tier_budgets={"pro": BudgetConfig(daily=1e6)}, global_budget=BudgetConfig(1e6), store=ledger
    )
    times = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        reservation = await tracker.reserve("run", "me", "pro", AMOUNT)
        await tracker.settle(reservation, AMOUNT, model="small", usage=Usage(prompt_tokens=10, completion_tokens=20))
        times.append(time.perf_counter() - begin)
    return times


def report(name: str, times: list[float]) -> None:
    micro = sorted(1e6 * value for value in times)
    print(
        f"{name:32} median {statistics.median(micro):7.1f} µs   p99 {micro[int(len(micro) * 0.99)]:8.1f} µs   "
        f"worst {micro[-1]:9.1f} µs"
    )


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stores = {
            "memory": lambda name: MemoryLedger(),
            "sqlite": lambda name: SQLiteLedger(Path(folder) / f"{name}.db"),
        }
        for kind, store in stores.items():
            for how in (alone, tracked):
                ledger = store(how.__name__)
                report(f"{kind}, {how.__name__}", await how(ledger))
                await ledger.aclose()


if __name__ == "__main__":
    asyncio.run(main())
