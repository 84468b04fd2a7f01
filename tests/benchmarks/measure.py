"""How a run is timed, for the engine and for its peers alike.

Only the standard library, since peers run in interpreters of their own. A peer is a script that
calls `serve`: it waits for orders on standard input, one JSON object a line, and answers each with one.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

QUESTIONS = {
    "30 characters": "What is the capital of France?",
    "1 KB": ("Explain how the following sentence is built. " * 23)[:1024],
    "20 KB": ("Explain how the following sentence is built. " * 460)[:20_480],
}
PROMPT_TOKENS, COMPLETION_TOKENS = 12, 20
AT_ONCE = 1000

Run = Callable[[str], Awaitable[object]]


def answer_to(question: str) -> str:
    """An answer that every engine here accepts, so that a run is one call."""
    if question == QUESTIONS["30 characters"]:
        return "Paris is the capital of France."
    return (
        "It is an imperative sentence: the verb explain comes first, and a clause that begins with how is its object."
    )


@dataclass(frozen=True)
class Figures:
    """What a run takes.

    Attributes:
        wall: median seconds until the answer is there.
        cpu: mean seconds of CPU, over all threads, work after the answer included.
        calls: model calls that a run makes.
    """

    wall: float
    cpu: float
    calls: float


async def timed(run: Run, question: str, calls: Callable[[], int], seconds: float = 0.25) -> Figures:
    """Run for so long, and at least five times, one run after the other.

    Args:
        run: asks the engine.
        question: what it asks.
        calls: how many model calls there were so far.
        seconds: how long.
    """
    await run(question)
    times: list[float] = []
    calls_before, cpu_before, end = calls(), time.process_time(), time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        started = time.perf_counter()
        await run(question)
        times.append(time.perf_counter() - started)
    await asyncio.sleep(0.05)  # some engines book after they have answered
    cpu = (time.process_time() - cpu_before) / len(times)
    return Figures(statistics.median(times), cpu, (calls() - calls_before) / len(times))


async def together(run: Run, question: str, calls: Callable[[], int]) -> Figures:
    """Start 1,000 runs at once; `Figures.wall` is then what each takes of the time until all are there."""
    calls_before, cpu_before, started = calls(), time.process_time(), time.perf_counter()
    await asyncio.gather(*(run(question) for _ in range(AT_ONCE)))
    wall = time.perf_counter() - started
    await asyncio.sleep(0.05)
    return Figures(wall / AT_ONCE, (time.process_time() - cpu_before) / AT_ONCE, (calls() - calls_before) / AT_ONCE)


async def serve(version: str, engines: dict[str, Run], calls: Callable[[], int]) -> None:
    """Tell version and names of the engines, then time them as ordered until standard input ends.

    Args:
        version: of the peer.
        engines: label → how it is asked.
        calls: how many model calls there were so far.
    """
    _say({"version": version, "engines": list(engines)})
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        run, question = engines[order["engine"]], QUESTIONS[order["size"]]
        how = together if order["at_once"] else timed
        _say(asdict(await how(run, question, calls)))


def _say(reply: dict[str, object]) -> None:
    print(json.dumps(reply), flush=True)
