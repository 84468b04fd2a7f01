"""Prints what reserve + settle cost: on each ledger alone, and through a tracker with three budgets.

Redis is a server of its own on a loopback port, and left out where ``redis-server`` is not installed.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cascadeflow.schema import Usage
from cascadeflow.telemetry import BudgetConfig, CostTracker
from cascadeflow.telemetry.ledger import Claim, Ledger, LedgerRow, MemoryLedger, RedisLedger, SQLiteLedger

sys.path.insert(0, str(Path(__file__).parents[1]))
from redis_server import RedisServer  # beside this folder

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
        stores: dict[str, Callable[[str], Ledger]] = {
            "memory": lambda name: MemoryLedger(),
            "sqlite": lambda name: SQLiteLedger(Path(folder) / f"{name}.db"),
        }
        server = RedisServer(Path(folder)) if shutil.which("redis-server") else None
        if server is not None:
            stores["redis"] = lambda name: RedisLedger(server.url, prefix=name)
        for kind, store in stores.items():
            for how in (alone, tracked):
                ledger = store(how.__name__)
                report(f"{kind}, {how.__name__}", await how(ledger))
                await ledger.aclose()
        if server is not None:
            server.stop()


if __name__ == "__main__":
    asyncio.run(main())
