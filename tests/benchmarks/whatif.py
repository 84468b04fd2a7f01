"""How fast what-if is: presets x tiers at every keystroke, and 10,000 recorded runs under other settings.

Run with ``python tests/benchmarks/whatif.py``. The history is made of a few hundred runs of the engine with
scripted models, each repeated with other identifiers, times, lengths and scores.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from cascadeflow import PRESETS, CascadeAgent
from cascadeflow.errors import CascadeFlowError
from cascadeflow.history import RunArchive, StoredRun
from cascadeflow.history.lines import to_lines
from cascadeflow.history.tables import ADD_RUN, ADD_STEP
from cascadeflow.schema import StepRecord
from cascadeflow.testing import Answer, ScriptedClient
from cascadeflow.whatif import Comparer, Replayer, ReplaySettings
from cascadeflow.whatif.candidates import named_agents

RUNS = 10_000
QUESTIONS = [
    "What is the capital of France?",
    "What is 17 * 23?",
    "Write a Python function that merges two sorted lists, and explain its complexity.",
    "Which dose of ibuprofen may an adult take in a day?",
    "Design a distributed rate limiter, compare the strategies, and prove that it never lets more through.",
    "Is a verbal contract binding in Germany?",
]
T = TypeVar("T")


def timed(what: str, work: Callable[[], T]) -> T:
    """Do something, and print how long it took: wall clock, and the processor alone."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"{what:58} {wall * 1e3:9.1f} ms   (processor {processor * 1e3:9.1f} ms)")
    return result


def templates(folder: Path, rng: random.Random) -> list[StoredRun]:
    """Some runs of the engine under `production_ready`."""
    said = ["17 * 23 = 391. " * 9, "I am not sure, it may be Paris. " * 5, "Paris is the capital. " * 9, "It depends."]
    script = {
        name: [Answer(rng.choice(said), logprobs=[-rng.random()] * 99) for _ in range(60)]
        for name in ("gpt-4o-mini", "claude-3-5-haiku", "gpt-4o")
    }
    arguments = PRESETS["production_ready"].to_agent_config() | {"client": ScriptedClient(script), "cost_tracker": None}
    archive = RunArchive(folder / "templates.db")
    agent = CascadeAgent(**arguments, archive=archive)

    async def ask() -> None:
        for number in range(240):
            try:
                await agent.run(f"{QUESTIONS[number % len(QUESTIONS)]} ({number})", session="s", user_id="me")
            except CascadeFlowError:
                continue

    asyncio.run(ask())
    runs = list(archive.whole_runs())
    archive.close()
    return runs


def varied(run: StoredRun, number: int, rng: random.Random) -> StoredRun:
    """The same run on another day, of another length, with other scores."""
    factor = 0.5 + rng.random()

    def longer(call: StepRecord) -> StepRecord:
        usage = replace(
            call.usage,
            prompt_tokens=round(call.usage.prompt_tokens * factor) + 1,
            completion_tokens=round(call.usage.completion_tokens * factor) + 1,
        )
        return replace(call, usage=usage, cost_nanousd=round((call.cost_nanousd or 0) * factor))

    trace = tuple(longer(call) for call in run.trace)
    assert run.plan is not None
    return replace(
        run,
        run_id=f"{number:032x}",
        started=1_700_000_000.0 + 600 * number,
        session=f"session {number // 40}",
        trace=trace,
        cost_nanousd=sum(call.cost_nanousd or 0 for call in trace),
        plan=replace(run.plan, prompt_tokens=rng.randint(10, 2_000)),
    )


def build(folder: Path, runs: int) -> RunArchive:
    """An archive of so many runs."""
    rng = random.Random(7)
    made = templates(folder, rng)
    archive = RunArchive(folder / "history.db")
    lines = [to_lines(varied(rng.choice(made), number, rng), keep_text=True) for number in range(runs)]

    def work(connection: object) -> int:
        connection.executemany(
            "INSERT OR IGNORE INTO sessions (session, title) VALUES (:session, :session)", [line for line, _ in lines]
        )
        connection.executemany(ADD_RUN, [line for line, _ in lines])
        connection.executemany(ADD_STEP, [step for _, steps in lines for step in steps])
        return 0

    archive._write("build", work)
    return archive


def keystrokes() -> None:
    """Every preset with every tier, while a question is typed."""
    comparer = Comparer(named_agents(None))
    question = " ".join(QUESTIONS)
    for text in ("What", QUESTIONS[0]):
        comparer.compare(text)
    wall, processor = [], []
    for end in range(1, len(question), 3):
        started, used = time.perf_counter(), time.process_time()
        rows = comparer.compare(question[:end]).rows
        wall.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    print(f"what-if, {len(rows)} rows a keystroke: median {statistics.median(wall) * 1e3:.2f} ms", end=", ")
    print(
        f"p95 {sorted(wall)[len(wall) * 95 // 100] * 1e3:.2f} ms (processor {statistics.median(processor) * 1e3:.2f} ms)"
    )


def replays(archive: RunArchive) -> None:
    """A history under other settings."""
    replayer = timed(f"read {archive.count():,} runs once", lambda: Replayer.of_archive(archive))
    timed("as recorded", replayer.replay)
    presets = [name for name in PRESETS if name != "local"]
    results = timed(
        f"under {len(presets)} presets", lambda: [replayer.replay(ReplaySettings(preset=name)) for name in presets]
    )
    timed("the same again", lambda: [replayer.replay(ReplaySettings(preset=name)) for name in presets])
    print(
        "  estimated runs:",
        ", ".join(f"{name} {result.estimated}" for name, result in zip(presets, results, strict=True)),
    )
    timed("threshold 0.80", lambda: replayer.replay(ReplaySettings(threshold=0.8)))
    timed("threshold 0.85", lambda: replayer.replay(ReplaySettings(threshold=0.85)))
    timed("mode fast", lambda: replayer.replay(ReplaySettings(mode="fast")))
    timed("a budget", lambda: replayer.replay(ReplaySettings(budget=0.02)))
    timed("curve over 21 thresholds", replayer.curve)
    timed("curve under another preset", lambda: replayer.curve(ReplaySettings(preset="enterprise_grade")))


def histories(archive: RunArchive) -> None:
    """The archive itself."""
    timed("first search (makes the index)", lambda: archive.search("paris sure"))
    timed("search", lambda: archive.search("paris sure"))
    session = "session 0"
    archive._write(
        "join",
        lambda connection: connection.execute("UPDATE runs SET session = ? WHERE rowid <= 1000", (session,)).rowcount,
    )
    timed("a session of 1,000 turns: messages", lambda: archive.messages(session))
    timed("a session of 1,000 turns: whole runs", lambda: archive.conversation(session))


def main() -> None:
    """Everything."""
    keystrokes()
    with tempfile.TemporaryDirectory() as folder:
        archive = build(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
        replays(archive)
        histories(archive)
        archive.close()


if __name__ == "__main__":
    main()
