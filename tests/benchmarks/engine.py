"""What the engine adds to a call, how many runs go at once, what importing it costs, what a ledger takes.

    python tests/benchmarks/engine.py [--peers] [--upstream-python PATH | --upstream-folder FOLDER] [--rounds 7]

The floor of a run is the scripted client read by hand; the floor of the import is pydantic and one
model. With ``--peers`` the project's upstream release (installed into an environment of its own) and
LiteLLM's Router are measured in the same rounds, with models that answer at once: what is left is what
each adds. Figures are medians over rounds in which everybody has a turn, "best" is the least of a round.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import ledger
import peers
from measure import AT_ONCE, COMPLETION_TOKENS, PROMPT_TOKENS, QUESTIONS, Figures, Run, answer_to, timed, together

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.client import ModelRequest
from cascadeflow.events import Event, RunFinished
from cascadeflow.integrations.prompt_tokens import prompt_upper_bound
from cascadeflow.money import format_usd
from cascadeflow.routing import DomainDetector
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.ledger import SQLiteLedger
from cascadeflow.testing import Answer, ScriptedClient

MODELS = [
    ModelConfig("gpt-4o-mini", "openai", quality_score=0.8),
    ModelConfig("gpt-4o", "openai", quality_score=0.95),
]
FLOOR = "the client alone"
PLAIN = "ours, detection and gate"
FULL = "ours, with a SQLite ledger"
COUNTING = "ours, and OpenAI's tokens counted"
OURS = (FLOOR, PLAIN, FULL, COUNTING)


class CountingClient(ScriptedClient):
    """Counts a prompt as the clients of hosted models do, for a budget to hold exactly enough."""

    def count_prompt_tokens(self, request: ModelRequest) -> int:
        return prompt_upper_bound(request)


def script(question: str) -> dict[str, list[Answer]]:
    answer = Answer(answer_to(question), prompt_tokens=PROMPT_TOKENS, completion_tokens=COMPLETION_TOKENS)
    return {model.name: [answer] for model in MODELS}


@asynccontextmanager
async def ours(question: str, folder: Path) -> AsyncIterator[tuple[dict[str, Run], dict[str, ScriptedClient]]]:
    """Our engines for a question, and their clients."""
    clients = {
        FLOOR: ScriptedClient(script(question)),
        PLAIN: ScriptedClient(script(question)),
        FULL: ScriptedClient(script(question)),
        COUNTING: CountingClient(script(question)),
    }
    request = ModelRequest(
        model=MODELS[0].name,
        provider="openai",
        resolved_model=MODELS[0].name,
        messages=({"role": "user", "content": question},),
    )

    async def read(_question: str) -> None:
        async for _chunk in clients[FLOOR].stream(request):
            pass

    runs: dict[str, Run] = {FLOOR: read}
    async with AsyncExitStack() as stack:
        for name, file in ((PLAIN, ""), (FULL, "full.db"), (COUNTING, "counting.db")):
            tracker = CostTracker(budget_limit=1e6, store=SQLiteLedger(folder / file)) if file else None
            agent = CascadeAgent(MODELS, client=clients[name], cost_tracker=tracker, domain_detector=DomainDetector())
            stack.push_async_callback(agent.aclose)
            runs[name] = agent.run
        yield runs, clients


def counter(client: ScriptedClient) -> Callable[[], int]:
    return lambda: len(client.calls)


async def runs(rounds: int, others: list[peers.Peer]) -> None:
    """What a run takes, at three sizes of prompt, one after the other; then 1,000 of the shortest at once."""
    for size in QUESTIONS:
        report(f"run, {size}", await in_rounds(rounds, others, size, at_once=False))
    size, question = next(iter(QUESTIONS.items()))
    report(f"{AT_ONCE:,} at once", await in_rounds(rounds, others, size, at_once=True))
    await nothing_lost(question)


async def in_rounds(rounds: int, others: list[peers.Peer], size: str, *, at_once: bool) -> dict[str, list[Figures]]:
    """Everybody's figures of every round."""
    question, how = QUESTIONS[size], together if at_once else timed
    found: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with ours(question, Path(folder)) as (engines, clients):
            for _ in range(rounds):
                for name, run in engines.items():
                    found.setdefault(name, []).append(await how(run, question, counter(clients[name])))
                    clients[name].calls.clear()
                for peer in others:
                    for name in peer.engines:
                        found.setdefault(name, []).append(peer.ask(name, size, at_once=at_once))
    return found


def report(title: str, found: dict[str, list[Figures]]) -> None:
    """Print medians over rounds; ratios are of CPU, since others on the machine stretch what takes long."""
    walls = {name: statistics.median(each.wall for each in figures) for name, figures in found.items()}
    cpus = {name: statistics.median(each.cpu for each in figures) for name, figures in found.items()}
    print(f"\n{title:<35} wall ms    (added)     best   CPU ms  runs/s  calls  CPU of ours / its: plain, with ledger")
    for name, figures in found.items():
        ratios = "" if name in OURS else f"{cpus[PLAIN] / cpus[name]:.3f}, {cpus[FULL] / cpus[name]:.3f}"
        print(
            f"  {name:<33} {walls[name] * 1e3:8.3f} {(walls[name] - walls[FLOOR]) * 1e3:+10.3f} "
            f"{min(each.wall for each in figures) * 1e3:8.3f} {cpus[name] * 1e3:8.3f} {1 / walls[name]:7,.0f} "
            f"{figures[-1].calls:6.1f}  {ratios}"
        )


async def nothing_lost(question: str) -> None:
    """Start 1,000 runs that book in SQLite, then compare events and bookings with what must be there."""
    events: Counter[str] = Counter()
    highest: dict[str, int] = {}
    ends: Counter[str] = Counter()

    def observe(event: Event) -> None:
        events[event.run_id] += 1
        highest[event.run_id] = max(event.seq, highest.get(event.run_id, 0))
        ends[event.run_id] += isinstance(event, RunFinished)

    with tempfile.TemporaryDirectory() as folder:
        tracker = CostTracker(budget_limit=1e6, store=SQLiteLedger(Path(folder) / "ledger.db"))
        agent = CascadeAgent(MODELS, client=ScriptedClient(script(question)), cost_tracker=tracker, observers=[observe])
        results = await asyncio.gather(*(agent.run(question) for _ in range(AT_ONCE)))
        costs = sum(result.total_cost_nanousd for result in results)
        (daily,) = await tracker.status()
        await agent.aclose()
    whole = len(events) == AT_ONCE and all(count == 1 for count in ends.values())
    whole = whole and len({count - highest[run] for run, count in events.items()}) == 1
    print(
        f"  {sum(events.values()):,} events of {len(events):,} runs, {'none lost' if whole else 'SOME LOST'}; "
        f"cost {format_usd(costs)}, booked {format_usd(daily.spent)}, still held {format_usd(daily.held)}"
    )


def imports(rounds: int, upstream: str | None) -> None:
    """Seconds to import, in fresh processes, in turn."""
    pydantic = "import pydantic\nclass M(pydantic.BaseModel):\n    name: str"
    cases = {
        "pydantic and one model": (sys.executable, pydantic),
        "from cascadeflow import CascadeAgent": (sys.executable, "from cascadeflow import CascadeAgent"),
    }
    if upstream is not None:
        cases["upstream's pydantic and one model"] = (upstream, pydantic)
        cases["upstream's CascadeAgent"] = (upstream, "from cascadeflow import CascadeAgent")
        cases["from litellm import Router"] = (sys.executable, "from litellm import Router")
    print("import                                    ms     best   x pydantic and one model")
    times: dict[str, list[float]] = {name: [] for name in cases}
    for round_ in range(rounds):
        for name, (python, code) in cases.items():
            if "litellm" not in name or round_ < 3:  # it takes seconds
                times[name].append(imported(python, code))
    base = statistics.median(times["pydantic and one model"])
    for name, each in times.items():
        median = statistics.median(each)
        print(f"  {name:<35} {median * 1e3:7.1f}  {min(each) * 1e3:7.1f}  {median / base:7.2f}")


def imported(python: str, code: str) -> float:
    timed_code = f"import time; t = time.perf_counter()\n{code}\nprint(time.perf_counter() - t)"
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    if python != sys.executable:
        environment.pop("PYTHONPATH", None)
    command = [python, "-c", timed_code]
    # in this folder nothing is called cascadeflow, which the command would prefer to what is installed
    output = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment, cwd=Path(__file__).parent
    )
    return float(output.stdout.split()[-1])


async def measure_all(rounds: int, upstream: str | None) -> None:
    others = peers.start(upstream) if upstream is not None else []
    for peer in others:
        print(f"\n{peer.version}")
        for engine in peer.engines:
            print(f"  {engine}: {peers.WHAT_THEY_DO[engine]}")
    await runs(rounds, others)
    for peer in others:
        peer.close()
    print("\nreserve and settle")
    await ledger.main()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", action="store_true", help="measure the upstream release and LiteLLM's Router too")
    parser.add_argument("--upstream-python", help="interpreter that has the upstream release already")
    parser.add_argument("--upstream-folder", type=Path, help="where to make, or find, its environment")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        upstream = None
        if options.peers:
            upstream = options.upstream_python or peers.upstream_python(options.upstream_folder or Path(temporary))
        imports(options.rounds, upstream)
        asyncio.run(measure_all(options.rounds, upstream))


if __name__ == "__main__":
    main()
