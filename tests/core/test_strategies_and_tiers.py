"""Domain strategies under a tier: the same models may run as the tier's router returns, and what is skipped is said."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.events import Degraded, Event
from cascadeflow.routing import CascadeStep, DomainCascadeStrategy, TierAwareRouter, TierModelPolicy
from cascadeflow.testing import ScriptedClient

SIMPLE, MEDIUM, HIGH = "simple", "medium", "high"
QUESTION = "What is 17 * 23?"
PRICES = {"tiny": 0.0001, "small": 0.001, "middle": 0.002, "large": 0.01}
MODELS = [ModelConfig(name, "openai", cost=cost, quality_score=10 * cost) for name, cost in PRICES.items()]
CONFIRMS = json.dumps({"verdict": "correct", "problems": [], "corrected_answer": ""})


class Rated:
    """An analyzer that rates every question the same."""

    def __init__(self, complexity: str) -> None:
        self.complexity = complexity

    def analyze(self, query: Any) -> dict[str, Any]:
        return {"complexity": self.complexity, "score": 0.5}


def agent_of(
    complexity: str, *steps: CascadeStep, allowed: list[str] | None = None, limit: float | None = None, **answers: Any
) -> CascadeAgent:
    """An agent with a strategy for math and one tier, ``pro``."""
    policy = TierModelPolicy("pro", list(PRICES) if allowed is None else allowed, max_cost_per_query=limit)
    said: dict[str, list[Any]] = {**{name: ["391"] for name in PRICES}, **answers}
    return CascadeAgent(
        MODELS,
        client=ScriptedClient(said),
        complexity_analyzer=Rated(complexity),
        tier_router=TierAwareRouter({"pro": policy}, MODELS),
        domain_strategies={"math": DomainCascadeStrategy("math", list(steps))},
        enable_multi_step_cascade=True,
    )


def planned(agent: CascadeAgent) -> tuple[str, list[str]]:
    """Strategy and models of the plan."""
    plan = agent.plan(QUESTION, domain="math", user_tier="pro")
    return plan.strategy, [step.model for step in plan.steps]


async def degraded(agent: CascadeAgent) -> list[tuple[str | None, str]]:
    """Models and reasons of the `Degraded` events of a run."""
    events: list[Event] = []
    await agent.run(QUESTION, domain="math", user_tier="pro", observers=[events.append])
    return [(event.model, event.reason) for event in events if isinstance(event, Degraded)]


def step(model: str, **options: Any) -> CascadeStep:
    """A step of OpenAI's."""
    return CascadeStep(model, "openai", **options)


@pytest.mark.parametrize(
    ("complexity", "models"),
    [(SIMPLE, ["tiny", "small"]), (MEDIUM, ["tiny", "small", "middle"]), (HIGH, ["tiny", "small", "middle", "large"])],
)
async def test_the_cheapest_few_of_an_easy_query_are_those_of_the_router(complexity: str, models: list[str]) -> None:
    """A run of a strategy asks nobody whom `get_models_for_tier` does not return, and names whom it skips."""
    wrong = {name: ["381"] for name in ("tiny", "small", "middle")}
    agent = agent_of(complexity, *(step(name) for name in PRICES), **wrong)
    allowed = {model.name for model in agent.tier_router.get_models_for_tier("pro", math.inf, complexity)}
    assert planned(agent) == ("math", models)
    said = await degraded(agent)
    assert {call.model for call in agent.client.calls} == set(models)  # type: ignore[attr-defined]
    assert set(models) == allowed
    assert [model for model, _ in said] == [name for name in PRICES if name not in models]
    assert all(f"a {complexity} query uses the cheapest" in reason for _, reason in said)


def test_without_a_tier_nothing_is_cut() -> None:
    """The strategy runs as it was written."""
    plan = agent_of(SIMPLE, step("small"), step("large")).plan(QUESTION, domain="math")
    assert [item.model for item in plan.steps] == ["small", "large"]
    assert plan.left_out == ()


def test_a_step_beyond_the_cheapest_gives_way_to_its_fallback() -> None:
    """And a fallback beyond them is dropped."""
    agent = agent_of(SIMPLE, step("tiny", fallback_model="middle"), step("large", fallback_model="small"))
    plan = agent.plan(QUESTION, domain="math", user_tier="pro")
    assert [(item.model, item.fallback_model) for item in plan.steps] == [("tiny", None), ("small", None)]
    assert {item.model for item in plan.left_out} == {"middle", "large"}


def test_a_check_that_always_runs_is_not_saved_on_an_easy_question() -> None:
    """The count is thrift, not permission: a verification that must not be skipped is not."""
    steps = (step("tiny"), step("large", role="verify", run="always", fallback_model="middle"))
    plan = agent_of(SIMPLE, *steps).plan(QUESTION, domain="math", user_tier="pro")
    assert [(item.model, item.fallback_model) for item in plan.steps] == [("tiny", None), ("large", "middle")]
    assert plan.left_out == ()
    both = (step("tiny"), step("small"), step("large"), step("large", role="verify", run="always"))
    assert planned(agent_of(SIMPLE, *both)) == ("math", ["tiny", "small", "large"]), (
        "it verifies and is not asked before"
    )


async def test_a_check_that_always_runs_is_skipped_where_the_tier_forbids_its_model() -> None:
    """Permission holds for it as for any other step."""
    steps = (step("tiny"), step("large", role="verify", run="always"))
    agent = agent_of(SIMPLE, *steps, allowed=["tiny", "small"])
    assert planned(agent) == ("math", ["tiny"])
    assert await degraded(agent) == [("large", "tier pro does not include it")]


def test_the_count_is_of_the_strategy_s_own_models() -> None:
    """Another model that is cheaper, and that the strategy does not ask, pushes nobody out; so no strategy is emptied."""
    assert planned(agent_of(SIMPLE, step("middle"), step("large"))) == ("math", ["middle", "large"])
    three = agent_of(SIMPLE, step("large"), step("middle"), step("small"))
    assert planned(three) == ("math", ["middle", "small"])


def test_a_cheap_verifier_takes_no_answering_model_s_place() -> None:
    """Checks are not counted, whether they always run or where nothing passed before."""
    steps = (step("large"), step("tiny", role="verify"), step("small", role="verify", run="always"), step("middle"))
    assert planned(agent_of(SIMPLE, *steps)) == ("math", ["large", "tiny", "small", "middle"])


def test_an_answer_that_always_runs_is_not_counted_either() -> None:
    """A second opinion that is wanted every time is given every time."""
    steps = (step("tiny"), step("small"), step("large", run="always"), step("middle"))
    assert planned(agent_of(SIMPLE, *steps)) == ("math", ["tiny", "small", "large"])


def test_the_tier_s_limit_for_a_query_holds_in_a_strategy() -> None:
    """A model whose shortest useful answer is above it is left out, with the sum."""
    plan = agent_of(HIGH, step("small"), step("large"), limit=0.002).plan(QUESTION, domain="math", user_tier="pro")
    assert [item.model for item in plan.steps] == ["small"]
    assert [item.model for item in plan.left_out] == ["large"]
    assert "above tier pro's $0.002" in plan.left_out[0].reason


async def test_a_strategy_that_the_tier_forbids_altogether_is_named_in_events() -> None:
    """The standard cascade answers, and whoever wanted the strategy learns why."""
    agent = agent_of(HIGH, step("middle"), step("large"), allowed=["tiny", "small"])
    assert planned(agent) == ("standard", ["tiny", "small"])
    assert {model for model, _ in await degraded(agent)} == {"middle", "large"}


async def test_the_standard_cascade_says_nothing_of_what_a_tier_leaves_out() -> None:
    """There it is the tier's ordinary work."""
    agent = agent_of(SIMPLE, step("tiny"), step("small"))
    agent.enable_multi_step_cascade = False
    assert planned(agent)[0] == "standard"
    assert await degraded(agent) == []
