"""What a plan says: who is asked, in which order, who is left out and why, and what it costs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenarios import MIDDLE, QUESTION, SMALL, STRONG, agent_of

from cascadeflow import PRESETS, CascadeAgent, ModelConfig
from cascadeflow.routing.context import estimate_prompt_tokens, fit_messages
from cascadeflow.routing.plan import paths_of
from cascadeflow.testing import ScriptedClient


def planner(models: list[ModelConfig], **options: object) -> CascadeAgent:
    """An agent that is only asked for plans."""
    return CascadeAgent(models, client=ScriptedClient({}), **options)  # type: ignore[arg-type]


def test_cheapest_first_and_strongest_last() -> None:
    """The order of the configuration does not matter, prices do."""
    plan = planner([STRONG, MIDDLE, SMALL]).plan(QUESTION)
    assert [step.model for step in plan.steps] == ["gpt-4o-mini", "claude-haiku-4-5", "gpt-4o"]


def test_at_most_three_steps_and_the_rest_is_named() -> None:
    """Whoever is left out is named with the reason."""
    models = [ModelConfig(f"m{rank}", "openai", cost=rank / 1000, quality_score=rank / 10) for rank in range(1, 6)]
    plan = planner(models).plan(QUESTION)
    assert [step.model for step in plan.steps] == ["m1", "m2", "m5"]
    assert {item.model: item.kind for item in plan.left_out} == {"m3": "rank", "m4": "rank"}


def test_max_steps_changes_the_plan() -> None:
    """One step: the strongest answers directly."""
    assert [step.model for step in planner([SMALL, STRONG], max_steps=1).plan(QUESTION).steps] == ["gpt-4o"]


def test_models_dearer_than_a_better_one_are_left_out() -> None:
    """Prices that do not fall with quality cannot pay."""
    dear = ModelConfig("dear", "openai", cost=1.0, quality_score=0.5)
    plan = planner([dear, SMALL, STRONG]).plan(QUESTION)
    assert [step.model for step in plan.steps] == ["gpt-4o-mini", "gpt-4o"]
    assert "costs more than gpt-4o" in plan.left_out[0].reason


def test_paths_sum_to_one_and_costs_grow() -> None:
    """Each way through has a probability and three costs in order."""
    plan = planner([SMALL, MIDDLE, STRONG]).plan("Explain how a suspension bridge carries its load.")
    assert sum(path.probability for path in plan.paths) == pytest.approx(1)
    for path in plan.paths:
        assert path.cost_low is not None
        assert path.cost_expected is not None
        assert path.cost_worst is not None
        assert path.cost_low <= path.cost_expected <= path.cost_worst
    assert plan.cost_worst == plan.paths[-1].cost_worst
    assert paths_of(()) == ()


def test_domain_routing_prefers_specialists_and_leaves_others_out() -> None:
    """Models for the domain come first; other domains' specialists are not asked."""
    from cascadeflow.routing import DomainDetector

    coder = ModelConfig("coder", "openai", cost=0.002, quality_score=0.8, domains=["code"])
    medic = ModelConfig("medic", "openai", cost=0.001, quality_score=0.8, domains=["medical"])
    cheap = ModelConfig("cheap", "openai", cost=0.0001, quality_score=0.7, domains=["general"])
    expert = ModelConfig("expert", "openai", cost=0.03, quality_score=0.95, domains=["expert"])
    agent = planner([medic, cheap, coder, expert], domain_detector=DomainDetector())
    plan = agent.plan("Sort a list", domain="code")
    assert [step.model for step in plan.steps] == ["coder", "cheap", "expert"]
    assert [item.model for item in plan.left_out if item.kind == "domain"] == ["medic"]
    without = planner([medic, cheap, coder, expert]).plan("Sort a list", domain="code")
    assert [step.model for step in without.steps] == ["cheap", "medic", "expert"]


def test_experts_are_asked_last_only() -> None:
    """A cheap expert is no drafter."""
    cheap_expert = ModelConfig("cheap-expert", "openai", cost=0.00001, quality_score=0.6, domains=["expert"])
    plan = planner([cheap_expert, SMALL, STRONG]).plan(QUESTION)
    assert [step.model for step in plan.steps] == ["gpt-4o-mini", "gpt-4o"]


def test_missing_keys_are_named_with_their_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """With keys for some providers only, the others are skipped with the variable to set."""
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    plan = CascadeAgent(PRESETS["production_ready"].models).plan(QUESTION)
    assert [step.model for step in plan.steps] == ["gpt-4o-mini", "gpt-4o"]
    assert [(item.model, item.kind) for item in plan.left_out] == [("claude-3-5-haiku", "key")]
    assert "ANTHROPIC_API_KEY" in plan.left_out[0].reason


def test_retired_names_are_resolved_and_said() -> None:
    """The configured name stays, the successor is called, and the plan says why."""
    plan = planner(PRESETS["production_ready"].models).plan(QUESTION)
    haiku = next(step for step in plan.steps if step.model == "claude-3-5-haiku")
    assert haiku.resolved_model != "claude-3-5-haiku"
    assert haiku.resolved_reason


def test_an_unknown_price_stays_unknown() -> None:
    """Unknown is not free."""
    plan = planner([ModelConfig("mystery", "openai")]).plan(QUESTION)
    assert plan.cost_expected is None
    assert plan.cost_worst is None


def test_tier_limits_models_and_cost() -> None:
    """A tier's list and its limit per query act; the sum that did it is named."""
    plan = planner(PRESETS["enterprise_grade"].models).plan("Explain quantum entanglement", user_tier="free")
    assert {step.model for step in plan.steps} <= {"llama-3.3-70b-versatile", "gpt-4o-mini"}
    assert any(item.kind == "tier" and item.model == "gpt-4o" for item in plan.left_out)
    dear = planner([STRONG, SMALL]).plan("word " * 4000, user_tier="pro")
    reasons = [item.reason for item in dear.left_out if item.model == "gpt-4o"]
    assert "$0.005" in reasons[0]


def test_a_tier_may_ask_the_dearest_first() -> None:
    """`prefer_cheap_first=False` turns the order round."""
    from cascadeflow.routing import TierAwareRouter, TierModelPolicy

    policy = TierModelPolicy("vip", [SMALL.name, STRONG.name], prefer_cheap_first=False)
    agent = planner([SMALL, STRONG], tier_router=TierAwareRouter({"vip": policy}, [SMALL, STRONG]))
    assert [step.model for step in agent.plan(QUESTION, user_tier="vip").steps] == ["gpt-4o", "gpt-4o-mini"]


def test_the_worst_case_of_a_plan_stays_within_the_tier_s_limit() -> None:
    """A run is cut at the limit, and its plan says so."""
    agent = planner(PRESETS["enterprise_grade"].models)
    plan = agent.plan("Explain quantum entanglement in detail, with examples.", user_tier="pro")
    assert plan.cost_worst is not None
    assert plan.cost_worst <= 5_000_000


def test_a_preset_that_shares_no_model_with_the_tier_keeps_its_models() -> None:
    """Only the tier's cost limit applies then."""
    own = ModelConfig("own", "openai", cost=0.0001, quality_score=0.8)
    assert [step.model for step in planner([own]).plan(QUESTION, user_tier="free").steps] == ["own"]


def test_budget_left_cuts_answers_and_then_models() -> None:
    """A small rest shortens the answer; too small a rest leaves the model out."""
    agent = planner([SMALL, STRONG])
    cut = agent.plan(QUESTION, budget_remaining=300_000).steps[0]
    assert cut.max_tokens < 1024
    nothing = agent.plan(QUESTION, budget_remaining=10)
    assert nothing.steps == ()
    assert {item.kind for item in nothing.left_out} == {"budget"}


def test_per_model_and_agent_max_tokens_act() -> None:
    """A model's own number wins over the agent's."""
    own = ModelConfig("gpt-4o-mini", "openai", quality_score=0.8, max_tokens=50)
    assert planner([own]).plan(QUESTION).steps[0].max_tokens == 50
    assert planner([SMALL], max_tokens=77).plan(QUESTION).steps[0].max_tokens == 77


def test_the_threshold_comes_from_the_mode() -> None:
    """Modes are thresholds: fast .65, balanced .70, strict .80, cost-optimized .60."""
    from cascadeflow.quality import QualityValidator

    for mode, threshold in {"fast": 0.65, "balanced": 0.70, "strict": 0.80, "cost-optimized": 0.60}.items():
        plan = planner([SMALL], quality_validator=QualityValidator(mode=mode)).plan(QUESTION)
        assert plan.steps[0].threshold == threshold


@given(st.lists(st.text(max_size=200), min_size=1, max_size=8), st.integers(300, 2000))
@settings(deadline=None, max_examples=60)
def test_fitting_keeps_system_and_last_message(texts: list[str], window: int) -> None:
    """Whatever is cut, the system message and the question stay, and the order too."""
    messages = [{"role": "system", "content": "be brief"}, *({"role": "user", "content": text} for text in texts)]
    kept = fit_messages(messages, window)
    assert kept[0] == messages[0]
    assert kept[-1] == messages[-1]
    assert kept[1:] == messages[len(messages) - len(kept) + 1 :]
    assert len(kept) == 2 or estimate_prompt_tokens(kept) + 256 <= window


async def test_what_does_not_fit_is_cut_and_said() -> None:
    """The oldest messages go, an event says so, the question stays."""
    from cascadeflow.events import ContextCut

    small_window = ModelConfig("qwen2.5-coder-0.5b-instruct", "local", quality_score=0.5)
    agent = CascadeAgent([small_window], client=ScriptedClient({"qwen2.5-coder-0.5b-instruct": ["391"]}))
    old = [{"role": "user", "content": "x " * 60_000}, {"role": "assistant", "content": "y"}]
    events = [event async for event in agent.stream([*old, {"role": "user", "content": QUESTION}])]
    assert [event.messages for event in events if isinstance(event, ContextCut)] == [1]
    sent = agent.client.calls[0].messages  # type: ignore[attr-defined]
    assert sent[-1]["content"] == QUESTION


def test_scenario_models_are_all_known() -> None:
    """The scenarios price what they call."""
    assert agent_of({"gpt-4o-mini": ["x"]}).plan(QUESTION).cost_expected


async def test_a_model_that_keeps_failing_is_left_alone_for_a_while() -> None:
    """It costs no more time while its neighbour answers, and is tried again later."""
    from cascadeflow.errors import ServerError

    agent = agent_of({"gpt-4o-mini": [ServerError("down", status=500)], "gpt-4o": ["391"]}, max_retries=0)
    now = [100.0]
    agent.breakers.clock = lambda: now[0]
    for _ in range(5):
        await agent.run(QUESTION)
    asked = len(agent.client.calls)  # type: ignore[attr-defined]
    result = await agent.run(QUESTION)
    assert [call.model for call in agent.client.calls[asked:]] == ["gpt-4o"]  # type: ignore[attr-defined]
    assert result.steps == 1
    left = agent.plan(QUESTION).left_out
    assert [(item.model, item.kind) for item in left] == [("gpt-4o-mini", "breaker")]
    now[0] += 31
    assert [step.model for step in agent.plan(QUESTION).steps] == ["gpt-4o-mini", "gpt-4o"]


async def test_the_last_model_is_asked_even_if_it_keeps_failing() -> None:
    """A breaker keeps a dead model out of the way of others; where there are none, trying is all there is."""
    from cascadeflow.errors import AllModelsFailedError, ServerError

    agent = agent_of({"gpt-4o-mini": [ServerError("down", status=500)]}, max_retries=0)
    for _ in range(8):
        with pytest.raises(AllModelsFailedError):
            await agent.run(QUESTION)


async def test_a_bad_key_opens_no_breaker() -> None:
    """Client errors are ours to mend, not the model's failure."""
    from cascadeflow.errors import AuthenticationError

    agent = agent_of({"gpt-4o-mini": [AuthenticationError("key", status=401)], "gpt-4o": ["391"]})
    for _ in range(8):
        await agent.run(QUESTION)
    assert agent.plan(QUESTION).steps[0].model == "gpt-4o-mini"
