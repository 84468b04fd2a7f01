"""Fault 9: a provider does not say what a call took, says nothing was, or counts in its own way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fault_agents import PAID, PER_TOKEN, Door, agent_of, asked, spent, tracker_on

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.errors import BudgetExceededError
from cascadeflow.events import RunFinished, StepFinished, StepStarted
from cascadeflow.integrations.litellm_stream import usage_of
from cascadeflow.schema import Usage
from cascadeflow.telemetry.ledger import Ledger
from cascadeflow.testing import Answer, ScriptedClient

MINI = ModelConfig("gpt-4o-mini", "openai", quality_score=0.8)
HAIKU = ModelConfig("claude-haiku-4-5", "anthropic", quality_score=0.8)
SEEK = ModelConfig("deepseek-chat", "deepseek", quality_score=0.8)


class Reporting(ScriptedClient):
    """Reports its usage the way LiteLLM hands on what the provider said."""

    reports: Any = None

    def _usage(self, *_: Any) -> Usage | None:
        return usage_of([SimpleNamespace(usage=SimpleNamespace(**self.reports))])


def reporting(model: ModelConfig, **reports: Any) -> CascadeAgent:
    """An agent over one model, whose calls took that many tokens."""
    client = Reporting({model.name: [Answer("391", prompt_tokens=1000)]})
    client.reports = reports
    return CascadeAgent([model], client=client, max_tokens=100)


async def test_fault_9_missing_usage_is_estimated_and_marked(idle: Ledger, door: Door) -> None:
    """No usage is no free answer."""
    tracker = tracker_on(idle)
    agent = agent_of({"paid": [Answer("It is 391", prompt_tokens=10, usage=False)]}, tracker)
    result, _ = await door(agent)
    assert result.usage.source == "estimated"
    assert result.total_cost_nanousd == (10 + 3) * PER_TOKEN == await spent(tracker)


async def test_fault_9_zero_usage_stays_zero(idle: Ledger, door: Door) -> None:
    """What the provider says is what is billed."""
    tracker = tracker_on(idle)
    result, _ = await door(agent_of({"paid": [Answer("391", prompt_tokens=0, completion_tokens=0)]}, tracker))
    assert (result.total_cost_nanousd, result.cost_known, result.usage.source) == (0, True, "exact")
    assert await spent(tracker) == 0
    assert [row.amount for row in await idle.rows()] == [0]


DIALECTS = [
    # OpenAI's: cached tokens are a part of the prompt's, reasoning is a part of the answer's.
    # 200 plain at 150 + 800 cached at 75 + 100 at 600 nano-USD
    (MINI, {"prompt_tokens": 1000, "completion_tokens": 100,
            "prompt_tokens_details": SimpleNamespace(cached_tokens=800),
            "completion_tokens_details": SimpleNamespace(reasoning_tokens=90)}, 150_000),
    # Anthropic's, whose own count leaves them out and LiteLLM adds them: 100 plain at 1,000 + 800 read at 100
    # + 100 written at 1,250 + 100 at 5,000 nano-USD
    (HAIKU, {"prompt_tokens": 1000, "completion_tokens": 100, "cache_read_input_tokens": 800,
             "cache_creation_input_tokens": 100}, 805_000),
    # the same, as newer releases of LiteLLM say it
    (HAIKU, {"prompt_tokens": 1000, "completion_tokens": 100,
             "prompt_tokens_details": SimpleNamespace(cached_tokens=800, cache_creation_tokens=100)}, 805_000),
    # 36 plain at 300 + 964 cached at 6 + 100 at 1,200 nano-USD
    (SEEK, {"prompt_tokens": 1000, "completion_tokens": 100,
            "prompt_tokens_details": SimpleNamespace(cached_tokens=964)}, 136_584),
]  # fmt: skip


@pytest.mark.parametrize(("model", "reports", "cost"), DIALECTS, ids=["openai", "anthropic", "litellm", "deepseek"])
async def test_fault_9_cached_tokens_cost_what_the_provider_bills(
    idle: Ledger, door: Door, model: ModelConfig, reports: dict[str, Any], cost: int
) -> None:
    """To the last digit, in every dialect."""
    tracker = tracker_on(idle)
    agent = reporting(model, **reports)
    agent.cost_tracker = tracker
    result, _ = await door(agent)
    assert result.total_cost_nanousd == cost == await spent(tracker)
    assert [(row.prompt_tokens, row.completion_tokens) for row in await idle.rows()] == [(1000, 100)]


async def test_fault_9_a_prompt_written_to_the_cache_fits_its_hold(idle: Ledger, door: Door) -> None:
    """Writing to a cache is dearer than a plain prompt, and a call never costs more than is held for it."""
    tracker = tracker_on(idle)
    agent = reporting(HAIKU, prompt_tokens=1000, completion_tokens=100, cache_creation_input_tokens=1000)
    agent.cost_tracker = tracker
    result, events = await door(agent)
    (started,) = [event for event in events if isinstance(event, StepStarted)]
    assert started.held == result.total_cost_nanousd == await spent(tracker) == 1_750_000


async def test_fault_9_unknown_price_is_never_zero(idle: Ledger, door: Door) -> None:
    """Without a budget it is unknown and said so; under a budget the model is refused."""
    mystery = ModelConfig("mystery", "openai")
    client = ScriptedClient({"mystery": ["391"]})
    result, events = await door(CascadeAgent([mystery], client=client))
    assert not result.cost_known
    assert [event.cost for event in events if isinstance(event, StepFinished)] == [None]
    limited = CascadeAgent([mystery], client=client, cost_tracker=tracker_on(idle, 1))
    with pytest.raises(BudgetExceededError, match="unknown"):
        await door(limited)
    assert len(client.calls) == 1


async def test_fault_9_under_a_budget_the_configured_price_counts(idle: Ledger, door: Door) -> None:
    """A model that the catalogue does not know costs what its configuration says."""
    tracker = tracker_on(idle)
    agent = agent_of({"paid": [Answer("391", prompt_tokens=10, completion_tokens=5)]}, tracker)
    result, events = await door(agent)
    assert isinstance(events[-1], RunFinished)
    assert result.cost_known
    assert result.total_cost_nanousd == 15 * PER_TOKEN == await spent(tracker)
    assert asked(agent) == [PAID.name]
