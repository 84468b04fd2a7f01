"""Many runs at once: in order of finishing, bounded, stopped cleanly by a budget or by leaving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator

import pytest
from scenarios import agent_of

from cascadeflow.client import Chunk, ModelRequest
from cascadeflow.errors import BudgetExceededError, ConfigError, ServerError
from cascadeflow.events import Event, RunCancelled
from cascadeflow.telemetry import CostTracker
from cascadeflow.testing import Answer, ScriptedClient


class Gauge(ScriptedClient):
    """Counts how many calls are under way at most."""

    now = 0
    most = 0

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.001)
            async for chunk in super().stream(request):
                yield chunk
        finally:
            self.now -= 1


async def test_every_query_gets_its_result_under_its_index() -> None:
    """At most so many at once."""
    agent = agent_of({"gpt-4o-mini": ["x"]})
    agent._client = gauge = Gauge({"gpt-4o-mini": ["Paris is the capital of France."]})
    items = [item async for item in agent.run_many([f"Question {n}?" for n in range(20)], concurrency=4)]
    assert sorted(item.index for item in items) == list(range(20))
    assert all(item.result is not None and item.error is None for item in items)
    assert gauge.most == 4


async def test_a_failing_run_is_an_item_with_its_error() -> None:
    """The others go on."""
    agent = agent_of({"gpt-4o-mini": [ServerError("down", status=500), "Paris."]}, max_retries=0)
    items = [item async for item in agent.run_many(["a?", "b?"], concurrency=1)]
    assert [item.error is None for item in items] == [False, True]


async def test_a_budget_stops_the_batch_cleanly() -> None:
    """No further query is taken once one was refused."""
    taken: list[int] = []

    def queries() -> Iterator[str]:
        for number in range(100):
            taken.append(number)
            yield f"Question {number}?"

    tracker = CostTracker(budget_limit=0.0003)
    agent = agent_of({"gpt-4o-mini": [Answer("Paris.", prompt_tokens=0, completion_tokens=200)]}, cost_tracker=tracker)
    items = [item async for item in agent.run_many(queries(), concurrency=1)]
    assert isinstance(items[-1].error, BudgetExceededError)
    assert all(item.result is not None for item in items[:-1])
    assert len(taken) == len(items) < 10


async def test_leaving_stops_what_is_under_way() -> None:
    """And every run that began ends with its terminal event."""
    seen: list[Event] = []
    agent = agent_of(
        {"gpt-4o-mini": [Answer("Paris.", delay=0.0), Answer("Paris.", delay=60)]}, observers=[seen.append]
    )
    batch = agent.run_many(["a?", "b?", "c?"], concurrency=3)
    async for _ in batch:
        break
    await batch.aclose()
    assert sum(isinstance(event, RunCancelled) for event in seen) == 2


async def test_concurrency_is_a_number_from_one() -> None:
    """The mistake is named."""
    with pytest.raises(ConfigError, match="from 1"):
        _ = [item async for item in agent_of({"gpt-4o-mini": ["x"]}).run_many(["a?"], concurrency=0)]
