"""A process of its own for the faults of several; its input says what it does, line by line.

``race DOOR PLACE BEGIN``: from that instant on ask 250 times at once; print how many were served, and how
many calls were made.
``hang DOOR PLACE``: have one call booked, print when the next one is under way, and wait to be killed.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from fault_agents import Hanging, ask, tracker_on, until

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.errors import BudgetExceededError
from cascadeflow.schema import CascadeResult
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.ledger import Ledger, MemoryLedger, RedisLedger, SQLiteLedger
from cascadeflow.testing import Answer, ScriptedClient

CENT = 10_000_000
COSTLY = ModelConfig("costly", "openai", cost=1.0, quality_score=0.8)
"""0.001 USD a token."""


def open_shared(place: str) -> Ledger:
    """A ledger that processes share, by its address or path."""
    ledger: Ledger = RedisLedger(place) if place.startswith("redis:") else SQLiteLedger(place)
    be_patient(ledger)
    return ledger


def be_patient(ledger: Ledger) -> None:
    """On a machine that is busy a store that works may be slow."""
    if isinstance(ledger, RedisLedger):
        ledger._server._patience = 60
    elif isinstance(ledger, SQLiteLedger):
        ledger._database.patience = 60


async def one_booked_one_under_way(door: str, tracker: CostTracker) -> tuple[asyncio.Task[CascadeResult], Hanging]:
    """A call of 0.20 USD that is booked, and a run that holds 0.70 USD, has streamed two words, and hangs."""
    booked = Answer("391", prompt_tokens=100, completion_tokens=100)
    hangs = Answer("17 times 23 is 391", prompt_tokens=100)
    client = Hanging({"costly": [booked, hangs]}, 2)
    agent = CascadeAgent([COSTLY], client=client, cost_tracker=tracker)
    await ask(door, agent, [], max_tokens=200)
    hanging = asyncio.create_task(ask(door, agent, [], max_tokens=600))
    await until(lambda: client.hanging == 1)
    return hanging, client


async def race(door: str, tracker: CostTracker, tasks: int = 250) -> tuple[int, int]:
    """Ask so often at once, each time for 0.05 USD; how many were served, and how many calls were made."""
    answer = Answer("391", prompt_tokens=20, completion_tokens=30, delay=0.001)
    agent = CascadeAgent([COSTLY], client=ScriptedClient({"costly": [answer]}), cost_tracker=tracker, max_tokens=30)

    async def reserve() -> None:
        reservation = await tracker.reserve("run", None, None, 5 * CENT)
        await asyncio.sleep(0.001)
        await tracker.settle(reservation, 5 * CENT, model="costly")

    async def one(number: int) -> bool:
        await asyncio.sleep(number / 2500)  # one after the other, so that processes alternate
        try:
            await (reserve() if door == "reserve" else ask(door, agent, []))
        except BudgetExceededError:
            return False
        return True

    served = sum(await asyncio.gather(*(one(number) for number in range(tasks))))
    return served, served if door == "reserve" else len(agent.client.calls)  # type: ignore[attr-defined]


class Child:
    """This file as a process, seen from the test."""

    def __init__(self) -> None:
        path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            env=os.environ | {"PYTHONPATH": path}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

    def tell(self, *words: str) -> None:
        """Give it a line to work on."""
        self.process.stdin.write(" ".join(words) + "\n")

    def said(self) -> str:
        """Its next line."""
        return self.process.stdout.readline().strip()

    def kill(self) -> int:
        """End it at once, wherever it is; its exit code."""
        with self.process:
            self.process.kill()
        return self.process.returncode


async def hang(door: str, place: str) -> None:
    """Hold money until somebody kills this process."""
    hanging, _ = await one_booked_one_under_way(door, tracker_on(open_shared(place), 1.00))
    print("under way", flush=True)
    await hanging


async def race_at(begin: float, door: str, place: str) -> None:
    """Race for the money of that ledger from that instant on, and print the numbers."""
    await asyncio.sleep(begin - time.time())
    tracker = tracker_on(open_shared(place), 1.00)
    print(*await race(door, tracker), flush=True)
    await tracker.aclose()


def main() -> None:
    """Do what each line of the input says."""
    asyncio.run(race("run", tracker_on(MemoryLedger()), tasks=1))  # imports what it takes, before a race begins
    print("ready", flush=True)
    for line in sys.stdin:
        what, door, place, *begin = line.split()
        asyncio.run(hang(door, place) if what == "hang" else race_at(float(*begin), door, place))


if __name__ == "__main__":
    main()
