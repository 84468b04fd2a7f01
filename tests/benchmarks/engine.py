"""What the engine adds to a call, and what importing it costs, beside a floor of the same run.

Run with ``python tests/benchmarks/engine.py``. The floor of a run is the scripted client read by
hand; the floor of the import is pydantic and one model.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.client import ModelRequest
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.ledger import SQLiteLedger
from cascadeflow.testing import ScriptedClient

RUNS = 400
MODELS = [
    ModelConfig("gpt-4o-mini", "openai", quality_score=0.8),
    ModelConfig("gpt-4o", "openai", quality_score=0.95),
]
QUESTIONS = {
    "30 characters": "What is the capital of France?",
    "1 KB": ("Explain how the following sentence is built. " * 23)[:1024],
    "20 KB": ("Explain how the following sentence is built. " * 460)[:20_480],
}


async def per_run(agent: CascadeAgent, question: str) -> float:
    """Median seconds of one run."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        await agent.run(question)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


async def floor(question: str) -> float:
    """Median seconds of reading the client by hand."""
    client = ScriptedClient({"gpt-4o-mini": ["Paris is the capital of France."]})
    request = ModelRequest(
        model="gpt-4o-mini",
        provider="openai",
        resolved_model="gpt-4o-mini",
        messages=({"role": "user", "content": question},),
    )
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        async for _chunk in client.stream(request):
            pass
        times.append(time.perf_counter() - started)
    return statistics.median(times)


async def runs() -> None:
    """Overhead per run, without and with a SQLite ledger."""
    script = {"gpt-4o-mini": ["Paris is the capital of France."], "gpt-4o": ["Paris."]}
    with tempfile.TemporaryDirectory() as folder:
        tracker = CostTracker(budget_limit=1000, store=SQLiteLedger(Path(folder) / "ledger.db"))
        agents = {
            "no ledger": CascadeAgent(MODELS, client=ScriptedClient(script)),
            "SQLite ledger": CascadeAgent(MODELS, client=ScriptedClient(script), cost_tracker=tracker),
        }
        for size, question in QUESTIONS.items():
            base = await floor(question)
            for name, agent in agents.items():
                await per_run(agent, question)
                took = await per_run(agent, question)
                print(f"run, {size:>13}, {name:<14} {took * 1e3:.3f} ms ({(took - base) * 1e3:+.3f} over the client)")
        agent = agents["no ledger"]
        started = time.perf_counter()
        await asyncio.gather(*(agent.run(QUESTIONS["30 characters"]) for _ in range(1000)))
        print(f"1,000 runs at once: {1000 / (time.perf_counter() - started):,.0f} runs a second")
        for each in agents.values():
            await each.aclose()


def imports() -> None:
    """Seconds to import, in fresh processes, in turn."""
    statements = {
        "pydantic and one model": "import pydantic\nclass M(pydantic.BaseModel):\n    name: str",
        "from cascadeflow import CascadeAgent": "from cascadeflow import CascadeAgent",
    }
    times: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(12):
        for name, code in statements.items():
            timed = f"import time; t = time.perf_counter()\n{code}\nprint(time.perf_counter() - t)"
            output = subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True)
            times[name].append(float(output.stdout))
    medians = {name: statistics.median(values) for name, values in times.items()}
    base = medians["pydantic and one model"]
    for name, median in medians.items():
        print(f"import, {name:<38} {median * 1e3:6.1f} ms  {median / base:.2f}x")


if __name__ == "__main__":
    imports()
    asyncio.run(runs())
