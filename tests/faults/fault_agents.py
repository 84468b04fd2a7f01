"""What the fault tests ask and whom: models of round prices, agents over them, and the two doors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.client import Chunk, ModelRequest
from cascadeflow.events import Event, StepFinished
from cascadeflow.schema import CascadeResult
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.ledger import Ledger
from cascadeflow.testing import FakeClock, ScriptedClient

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
PAID = ModelConfig("paid", "openai", cost=0.001, quality_score=0.8)
DEAR = ModelConfig("dear", "openai", cost=0.01, quality_score=0.95)
FREE = ModelConfig("free", "local", quality_score=0.3)
QUESTION = "What is 17 * 23?"
PER_TOKEN = 1000
"""Nano-USD of one token of PAID; one of DEAR costs ten times as much."""


class Hanging(ScriptedClient):
    """Stops after the second word of some of its answers.

    Args:
        answers: as for `ScriptedClient`.
        calls: numbers of the calls that hang, from 1.

    Attributes:
        hanging: how many do.
        go_on: to be set when they shall go on.
    """

    def __init__(self, answers: dict[str, list[Any]], *calls: int) -> None:
        super().__init__(answers)
        self.numbers = calls
        self.hanging, self.go_on = 0, asyncio.Event()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        number, words = len(self.calls) + 1, 0
        async for chunk in super().stream(request):
            if number in self.numbers and words == 2:
                self.hanging += 1
                await self.go_on.wait()
            words += 1
            yield chunk


Door = Callable[..., Awaitable[tuple[CascadeResult, list[Event]]]]
"""Asks an agent through `run` or `stream`: the result, and every event."""


async def ask(door: str, agent: CascadeAgent, events: list[Event], **options: Any) -> CascadeResult:
    """Ask through a door, and keep the events, also of a run that fails.

    Args:
        door: ``run`` or ``stream``.
        agent: whom to ask.
        events: gets them.
        **options: of the run.
    """
    if door == "run":
        return await agent.run(QUESTION, observers=[events.append], **options)
    stream = agent.stream(QUESTION, **options)
    async for event in stream:
        events.append(event)
    if stream.error is not None:
        raise stream.error
    assert stream.result is not None
    return stream.result


async def until(condition: Callable[[], bool]) -> None:
    """Let others run until something is so; a minute is far too long."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)


def agent_of(answers: dict[str, list[Any]], tracker: CostTracker | None, **options: Any) -> CascadeAgent:
    """An agent over those of the three models that the script names."""
    models = [model for model in (PAID, DEAR, FREE) if model.name in answers]
    return CascadeAgent(models, client=ScriptedClient(answers), cost_tracker=tracker, **options)


def tracker_on(ledger: Ledger, budget_limit: Any = 10, **options: Any) -> CostTracker:
    """A tracker at noon."""
    return CostTracker(budget_limit, store=ledger, **{"clock": FakeClock(NOON)} | options)


def asked(agent: CascadeAgent) -> list[str]:
    """Whom the agent's client was asked for, in order."""
    return [call.model for call in agent.client.calls]  # type: ignore[attr-defined]


async def spent(tracker: CostTracker) -> int:
    """Nano-USD booked for the anonymous user today."""
    return (await tracker.status(None, None))[0].spent


def cost_of(events: list[Event]) -> int:
    """Nano-USD that the calls of a run came to, as its events tell."""
    return sum(event.cost or 0 for event in events if isinstance(event, StepFinished))
