"""What the tests of the console share: agents with a script, and the console before them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.presets import get_preset
from cascadeflow.telemetry import CostTracker
from cascadeflow.testing import ScriptedClient
from tui.app import ConsoleApp, Settings
from tui.widgets.ask import Ask
from tui.widgets.conversation import Conversation

SMALL = ModelConfig("gpt-4o-mini", "openai", quality_score=0.80)
STRONG = ModelConfig("gpt-4o", "openai", quality_score=0.95)
QUESTION = "What is 17 * 23?"
WIDE, NARROW = (120, 40), (80, 24)


def agent_of(answers: dict[str, list[Any]], *, pace: float | None = None, **options: Any) -> CascadeAgent:
    """An agent over the small and the strong model, as far as the script names them."""
    models = [model for model in (SMALL, STRONG) if model.name in answers]
    options.setdefault("cost_tracker", CostTracker(budget_limit=1.0))
    options.setdefault("preset", "production_ready")
    return CascadeAgent(models, client=ScriptedClient(answers, tokens_per_second=pace), **options)


def one(agent: CascadeAgent) -> Callable[[str | None, CascadeAgent | None], CascadeAgent]:
    """An opener that begins with one agent and opens every preset over the same client."""

    def open_one(preset: str | None, current: CascadeAgent | None) -> CascadeAgent:
        if current is None:
            return agent
        chosen = get_preset(preset or "production_ready")
        return CascadeAgent(
            chosen.models,
            client=agent.client,
            cost_tracker=agent.cost_tracker,
            preset=preset,
            archive=agent.archive,
            domain_strategies=chosen.domain_strategies,
            enable_multi_step_cascade=chosen.enable_multi_step_cascade,
        )

    return open_one


@asynccontextmanager
async def console(
    agent: CascadeAgent,
    *,
    size: tuple[int, int] = WIDE,
    linger: float = 0.0,
    pull_command: Sequence[str] = ("false",),
    **settings: Any,
) -> AsyncIterator[tuple[ConsoleApp, Pilot[None]]]:
    """The console before an agent, with its engine ready."""
    app = ConsoleApp(Settings(**settings), agent_factory=one(agent), linger=linger, pull_command=pull_command)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.main.engine is not None)
        await pilot.pause()
        yield app, pilot
        await app.main.aclose()


async def until(pilot: Pilot[None], what: Callable[[], bool], seconds: float = 20.0) -> None:
    """Let the console run until something is so."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not what():
        assert asyncio.get_running_loop().time() < deadline, f"it did not come: {shown(pilot)}"
        await pilot.pause(0.01)


async def ask(pilot: Pilot[None], question: str = QUESTION, *, wait: bool = True) -> None:
    """Type a question, send it, and wait for its end."""
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    app.main.query_one(Ask).insert(question)
    await pilot.press("enter")
    await pilot.pause()
    if wait:
        await until(pilot, lambda: not app.main.answering and turns(app)[-1].ended)
        await settle(pilot)


async def settle(pilot: Pilot[None]) -> None:
    """Let everything that is due be drawn."""
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    with suppress(WorkerCancelled):  # a newer one of its group took its place
        await app.workers.wait_for_complete()
    await pilot.pause(0.12)
    await pilot.pause()


def turns(app: ConsoleApp) -> list[Any]:
    """The turns of the session."""
    assert app.main.runner is not None
    return app.main.runner.session.turns


def text_of(app: ConsoleApp, pane: str) -> str:
    """What a pane shows."""
    return str(getattr(app.main.query_one(f"#{pane}"), "text"))  # noqa: B009  # panes share the name, not a class


def shown(pilot: Pilot[None]) -> str:
    """What conversation and cascade show."""
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    return app.main.query_one(Conversation).text + "\n" + text_of(app, "timeline")
