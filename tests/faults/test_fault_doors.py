"""A budget of 0 USD makes no paid call, through whichever door one comes, nor where it is emptied on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fault_agents import DEAR, FREE, PAID, QUESTION, Door, agent_of, ask, asked, cost_of, spent, tracker_on
from ledger_cases import KINDS

from cascadeflow import CascadeAgent, workspace
from cascadeflow.cli import main
from cascadeflow.errors import BudgetExceededError, RateLimitError
from cascadeflow.events import Event, FallbackStarted, Planned, Retrying, StepFinished, Validated
from cascadeflow.presets import PRESETS, get_preset
from cascadeflow.routing import CascadeStep, DomainCascadeStrategy
from cascadeflow.routing.domain_cascade import DEFAULT_STRATEGIES
from cascadeflow.telemetry import BudgetConfig, CostTracker
from cascadeflow.telemetry.ledger import Ledger
from cascadeflow.testing import Answer, ScriptedClient

NOTHING = BudgetConfig(total=0)


def broke(ledger: Ledger) -> CostTracker:
    """A tracker of somebody who has no money."""
    return tracker_on(ledger, None, global_budget=NOTHING)


def paid_calls(client: ScriptedClient) -> list[str]:
    """Models that were asked and are not for nothing."""
    return [call.model for call in client.calls if call.provider not in ("local", "ollama")]


@pytest.mark.parametrize("name", PRESETS)
async def test_fault_doors_presets(idle: Ledger, through: str, name: str) -> None:
    """No preset, for no tier: what costs nothing answers, and where there is nothing of that kind it is refused."""
    preset = get_preset(name)
    client = ScriptedClient({model.name: ["391"] for model in preset.models if model.provider == "local"})
    agent = CascadeAgent(**preset.to_agent_config() | {"client": client, "cost_tracker": broke(idle)})
    for tier in (None, *(preset.tier_policies or ())):
        try:
            result = await ask(through, agent, [], user_tier=tier)
        except BudgetExceededError:
            assert name != "local"
        else:
            assert (result.provider, result.total_cost_nanousd) == ("local", 0)
    assert paid_calls(client) == []


@pytest.mark.parametrize("domain", DEFAULT_STRATEGIES)
async def test_fault_doors_strategies(idle: Ledger, door: Door, domain: str) -> None:
    """Neither a step of a domain's own cascade, nor its fallback, nor what always runs."""
    agent = agent_of({"paid": ["391"]}, broke(idle), enable_multi_step_cascade=True)
    with pytest.raises(BudgetExceededError):
        await door(agent, domain=domain)
    assert asked(agent) == []


async def test_fault_doors_stand_by_and_plan(idle: Ledger, door: Door) -> None:
    """A plan makes no call; a stand-by is asked only if it costs nothing, whatever its configuration says."""
    agent = agent_of({"paid": ["391"], "dear": ["391"], "free": ["391"]}, broke(idle), stand_by=[DEAR, FREE])
    agent.models = [PAID]
    agent.plan(QUESTION, budget_remaining=0)
    assert asked(agent) == []
    result, _ = await door(agent)
    assert result.model_used == "free"
    assert asked(agent) == ["free"]


async def test_fault_doors_run_many(idle: Ledger) -> None:
    """One refusal, and no further query is taken."""
    agent = agent_of({"paid": ["391"]}, broke(idle))
    items = [item async for item in agent.run_many([QUESTION] * 50, concurrency=2)]
    assert all(isinstance(item.error, BudgetExceededError) for item in items)
    assert len(items) <= 3
    assert asked(agent) == []


@pytest.mark.parametrize("kind", KINDS)
def test_fault_doors_run_sync(ledger_of: Callable[[str], Ledger], kind: str) -> None:
    """A script is refused as everyone is."""
    agent = agent_of({"paid": ["391"]}, broke(ledger_of(kind)))
    with pytest.raises(BudgetExceededError):
        agent.run_sync(QUESTION)
    assert asked(agent) == []
    asyncio.run(agent.aclose())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", [["--json", QUESTION], ["--plain"], [QUESTION]], ids=" ".join)
def test_fault_doors_command(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, words: list[str]
) -> None:
    """The command says which budget, and fails."""
    if kind == "redis":
        monkeypatch.setenv("CASCADEFLOW_REDIS_URL", request.getfixturevalue("redis_url"))
    models = '[[models]]\nname = "gpt-4o-mini"\nprovider = "openai"\n'
    file = tmp_path / "broke.toml"
    file.write_text(f'version = 1\n{models}[budget.global]\ntotal = 0.0\n[ledger]\nkind = "{kind}"\n')
    client = ScriptedClient({"gpt-4o-mini": ["391"]})
    open_agent = workspace.open_agent
    monkeypatch.setattr(workspace, "open_agent", lambda *given, **more: open_agent(*given, **more | {"client": client}))
    command = ["ask", "--config", str(file), "--no-rehearse", *words]
    result = CliRunner().invoke(main, command, input=f"{QUESTION}\n" * 2)
    assert result.exit_code != 0
    assert "everyone, total" in result.stderr
    if "--json" in words:
        assert json.loads(result.stdout.splitlines()[-1])["event"] == "run_failed"
    assert paid_calls(client) == []


WRONG = Answer("381", prompt_tokens=10)
RIGHT = Answer("391", prompt_tokens=10)
VERIFIED = [CascadeStep("paid", "openai"), CascadeStep("dear", "openai", role="verify", run="always")]
FALLING_BACK = [CascadeStep("paid", "openai", fallback_model="dear"), CascadeStep("dear", "openai")]


def in_steps(steps: list[CascadeStep]) -> dict[str, Any]:
    """Settings of an agent that answers questions of mathematics in these steps."""
    return {"domain_strategies": {"math": DomainCascadeStrategy("math", steps)}, "enable_multi_step_cascade": True}


ON_THE_WAY: dict[str, tuple[type[Event], list[Any], dict[str, Any], list[str]]] = {
    # the event at which the money is gone, what the first model says, settings of the agent, who was asked
    "the first call": (Planned, [RIGHT], {}, []),
    "a repetition": (Retrying, [RateLimitError("busy", retry_after=0.001), RIGHT], {}, ["paid"]),
    "the next model": (StepFinished, [WRONG], {}, ["paid"]),
    "a fallback": (FallbackStarted, [WRONG], in_steps(FALLING_BACK), ["paid"]),
    "what verifies": (Validated, [RIGHT], in_steps(VERIFIED), ["paid"]),
    "an audit": (Validated, [RIGHT], {"audit_rate": 1.0}, ["paid"]),
}
ACCEPTED = ("what verifies", "an audit")


@pytest.mark.parametrize("call", ON_THE_WAY)
@pytest.mark.parametrize("stand_by", [[], [FREE]], ids=["alone", "with a stand-by"])
async def test_fault_doors_the_money_is_gone_before(idle: Ledger, door: Door, call: str, stand_by: list[Any]) -> None:
    """Every call is refused by itself: a plan that saw money does not open the door."""
    event_at, said, settings, calls = ON_THE_WAY[call]
    tracker = tracker_on(idle, 10)
    seen: list[Event] = []

    def watch(event: Event) -> None:
        seen.append(event)
        if isinstance(event, event_at):
            tracker.global_budget = NOTHING

    script = {"paid": said, "dear": [RIGHT], "free": ["391"]}
    agent = agent_of(script, tracker, observers=[watch], stand_by=stand_by, **settings)
    agent.models = [PAID, DEAR]
    try:
        result, _ = await door(agent, domain="math")
    except BudgetExceededError:
        assert call in ("the first call", "a repetition")
        assert not stand_by
    else:
        assert result.model_used == ("paid" if result.text == "381" or call in ACCEPTED else "free")
    assert paid_calls(agent.client) == calls  # type: ignore[arg-type]
    tracker.global_budget = None
    assert await spent(tracker) == cost_of(seen)
