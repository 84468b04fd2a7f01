"""Presets and tiers side by side: the plans of the agents themselves, with what does not fit and why."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cascadeflow import PRESET_LOCAL, PRESETS, CascadeAgent, ModelConfig
from cascadeflow.config import Configuration
from cascadeflow.config.schema import TierSection
from cascadeflow.errors import UnknownPresetError
from cascadeflow.routing import DomainDetector
from cascadeflow.schema import LeftOut
from cascadeflow.telemetry import CostTracker
from cascadeflow.testing import ScriptedClient
from cascadeflow.whatif import Comparer, compare

QUESTIONS = [
    "What is 17 * 23?",
    "Write a Python function that merges two sorted lists.",
    "Which dose of ibuprofen may an adult take?",
    [
        {"role": "user", "content": "Compare strategies for a distributed rate limiter, and prove which is optimal."},
        {"role": "assistant", "content": "A token bucket."},
        {"role": "user", "content": "And in reverse?"},
    ],
]
TIERS = (None, "free", "starter", "pro", "enterprise")


def agent_of(name: str, **options: Any) -> CascadeAgent:
    """An agent of a preset that asks a script."""
    return CascadeAgent(**PRESETS[name].to_agent_config() | {"client": ScriptedClient({})} | options)


@pytest.mark.parametrize("question", QUESTIONS, ids=["math", "code", "medical", "conversation"])
def test_each_row_is_the_plan_of_its_agent(question: Any) -> None:
    """All presets with all tiers, and nobody is asked."""
    agents = {name: agent_of(name) for name in PRESETS}
    rows = Comparer(agents).compare(question).rows
    assert [(row.preset, row.tier) for row in rows] == [(name, tier) for name in PRESETS for tier in TIERS]
    for row in rows:
        assert row.plan == agents[row.preset].plan(question, user_tier=row.tier)
        assert row.models == tuple(step.model for step in row.plan.steps)
        assert row.fits
        assert row.ready
        assert row.reason == ""
        assert (row.cost_expected, row.cost_worst) == (row.plan.cost_expected, row.plan.cost_worst)
        assert 0 < row.latency_expected_ms <= row.latency_p95_ms
    assert all(agent.client.calls == [] for agent in agents.values())


def test_the_same_comparer_answers_one_question_after_another() -> None:
    """What it found out about one is not taken for the next."""
    comparer = Comparer({"one": agent_of("code_specialist")}, [None])
    domains = [comparer.compare(question).rows[0].plan.domain for question in QUESTIONS[:3]]
    assert domains == ["math", "code", "medical"]


def test_rows_that_do_not_fit_say_why() -> None:
    """With nothing left only models that cost nothing can answer."""
    comparison = compare(QUESTIONS[0], ["production_ready", "local"], [None, "free"], budget_remaining=0,
                         client=ScriptedClient({}), rehearse=False)  # fmt: skip
    hosted, local = comparison.rows[:2], comparison.rows[2:]
    for row in hosted:
        assert not row.fits
        assert "gpt-4o-mini: " in row.reason
        assert "left" in row.reason
        assert (row.cost_expected, row.models) == (None, ())
    assert [row.fits for row in local] == [True, True]
    assert comparison.cheapest is local[0]


def test_models_that_tier_or_budget_keep_out_are_named() -> None:
    """Also where the others still fit."""
    [row] = compare(QUESTIONS[0], ["production_ready"], ["free"], client=ScriptedClient({}), rehearse=False).rows
    assert row.fits
    assert {item.model for item in row.kept_out} == {"claude-3-5-haiku", "gpt-4o"}
    assert {item.kind for item in row.kept_out} == {"tier"}


def test_a_tier_that_a_preset_does_not_know_is_a_row() -> None:
    """With the reason, beside those that know it."""
    configuration = Configuration.of_preset(PRESET_LOCAL)
    configuration.tiers["gold"] = TierSection(allowed_models=["gpt-4o"], max_cost_per_query=1.0)
    known, unknown = compare(QUESTIONS[0], [configuration, "medical_ai"], ["gold"], client=ScriptedClient({})).rows
    assert known.fits
    assert not unknown.fits
    assert unknown.reason == "medical_ai has no tier 'gold'; it has free, starter, pro, enterprise"
    assert (unknown.tier, unknown.models) == ("gold", ())


def test_a_preset_without_any_key_is_planned_as_if_it_had_them() -> None:
    """And is marked: what it would cost is what one wants to know before getting a key."""
    [row] = compare(QUESTIONS[0], ["production_ready"], [None], rehearse=False).rows
    assert row.fits
    assert not row.ready
    assert {item.reason for item in row.lacking} == {"ANTHROPIC_API_KEY is not set", "OPENAI_API_KEY is not set"}
    assert row.models == ("gpt-4o-mini", "claude-3-5-haiku", "gpt-4o")
    assert compare(QUESTIONS[0], ["production_ready"], [None], rehearse=False).cheapest is None


def test_some_keys_are_enough_to_plan_with_those(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a run would."""
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    [row] = compare(QUESTIONS[0], ["production_ready"], [None]).rows
    assert row.ready
    assert row.models == ("gpt-4o-mini", "gpt-4o")


class Locked(ScriptedClient):
    """A client some of whose models cannot be called."""

    locked: frozenset[str] = frozenset()

    def unavailable(self, model: ModelConfig) -> LeftOut | None:
        return LeftOut(model=model.name, kind="key", reason="locked") if model.name in self.locked else None


def test_budgets_and_missing_models_count_from_the_next_refresh() -> None:
    """Not at every keystroke, which would ask the ledger."""
    client = Locked({"gpt-4o-mini": ["391"]})
    tracker = CostTracker(budget_limit=0.00001)
    comparer = Comparer({"x": agent_of("production_ready", client=client, cost_tracker=tracker)}, [None], user="me")

    async def spend() -> None:
        await tracker.settle(await tracker.reserve("r", "me", None, 10_000), 10_000, model="m")
        client.locked = frozenset({"claude-3-5-haiku"})

    assert comparer.compare("Hi").rows[0].models == ("gpt-4o-mini", "claude-3-5-haiku", "gpt-4o")
    asyncio.run(spend())
    assert comparer.compare("Hi").rows[0].fits
    asyncio.run(comparer.refresh())
    assert not comparer.compare("Hi").rows[0].fits
    tracker.budget_limit = None
    asyncio.run(comparer.refresh())
    assert comparer.compare("Hi").rows[0].models == ("gpt-4o-mini", "gpt-4o")


def test_agents_understand_a_question_each_in_their_own_way() -> None:
    """A detector of the user's own speaks for its agent only."""
    own = agent_of("production_ready", domain_detector=DomainDetector(extra={"gaming": ["raid boss"]}))
    rows = Comparer({"own": own, "other": agent_of("production_ready")}, [None]).compare("Who is the raid boss?").rows
    assert [row.plan.domain for row in rows] == ["gaming", "general"]
    rows = Comparer({"own": own}, [None], domain="law").compare("Who is the raid boss?").rows
    assert rows[0].plan.domain == "law"


def test_presets_may_be_given_in_any_form() -> None:
    """Names, presets, configurations; an unknown name is an error that lists those there are."""
    mine = Configuration.of_preset(PRESET_LOCAL).model_copy(update={"name": "mine"})
    rows = compare("Hi", ["local", PRESETS["medical_ai"], mine], [None], client=ScriptedClient({})).rows
    assert [row.preset for row in rows] == ["local", "medical_ai", "mine"]
    with pytest.raises(UnknownPresetError, match="production_ready"):
        compare("Hi", ["nope"])
