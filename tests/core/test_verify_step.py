"""Verify steps: what they are planned to cost, and what they do where no draft is left to verify."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.errors import AuthenticationError
from cascadeflow.events import Degraded, Event, RunFinished, StepStarted, Validated
from cascadeflow.routing import CascadeStep, DomainCascadeStrategy
from cascadeflow.schema import CascadePlan
from cascadeflow.testing import Answer, ScriptedClient

QUESTION = "What is 17 * 23?"
LONG = " ".join(f"word{number}" for number in range(990))
CONFIRMS = json.dumps({"verdict": "correct", "problems": [], "corrected_answer": ""})
CORRECTS = json.dumps({"verdict": "incorrect", "problems": ["too long"], "corrected_answer": f"{LONG} 391"})
BROKEN = AuthenticationError("the key is not valid", status=401)


def verifying(*verifiers: str, **options: Any) -> DomainCascadeStrategy:
    """One answering step, and verifiers that always run."""
    steps = [CascadeStep("one", "openai", lambda _: True, **options)]
    steps += [CascadeStep(name, "openai", lambda _: True, role="verify", run="always") for name in verifiers]
    return DomainCascadeStrategy("math", steps)


def agent_of(strategy: DomainCascadeStrategy, answers: dict[str, list[Any]], **sizes: int) -> CascadeAgent:
    """An agent whose models cost 1 USD per 1,000 tokens, so that a token is a million nano-USD."""
    names = {name for step in strategy.steps for name in (step.model, step.fallback_model) if name}
    models = [ModelConfig(name, "openai", cost=1, max_tokens=sizes.get(name)) for name in sorted(names)]
    return CascadeAgent(
        models,
        client=ScriptedClient(answers),
        domain_strategies={"math": strategy},
        enable_multi_step_cascade=True,
    )


async def run(agent: CascadeAgent, **options: Any) -> tuple[CascadePlan, list[Event]]:
    """The plan of a question, and the events of a run of it."""
    events: list[Event] = []
    plan = agent.plan(QUESTION, domain="math")
    await agent.run(QUESTION, domain="math", observers=[events.append], **options)
    return plan, events


def spent(events: list[Event]) -> int:
    """Nano-USD of the run."""
    return next(event.result.total_cost_nanousd for event in events if isinstance(event, RunFinished))


# -- what it costs


@pytest.mark.parametrize("verifiers", [("two",), ("two", "three")])
async def test_the_worst_case_holds_the_draft_that_is_verified(verifiers: tuple[str, ...]) -> None:
    """However long draft and corrections are, what is booked stays within the plan."""
    answers: dict[str, list[Any]] = {"one": [LONG], **{name: [CORRECTS] for name in verifiers}}
    plan, events = await run(agent_of(verifying(*verifiers), answers))
    assert plan.cost_worst is not None
    assert plan.cost_worst // 2 < spent(events) <= plan.cost_worst


async def test_the_worst_case_holds_a_fallback_s_longer_draft() -> None:
    """The draft may be the fallback's, which may say more than the step's own model."""
    strategy = verifying("two", fallback_model="spare")
    answers = {"one": [BROKEN], "spare": [LONG], "two": [CORRECTS]}
    plan, events = await run(agent_of(strategy, answers, one=50))
    assert plan.steps[1].cost_worst is not None
    verifier = next(event.result.trace[-1] for event in events if isinstance(event, RunFinished))
    assert verifier.cost_nanousd is not None
    assert verifier.cost_nanousd <= plan.steps[1].cost_worst


def test_a_verify_step_s_prompt_is_longer_by_draft_and_instruction() -> None:
    """Expected tokens and all three costs know it."""
    first, second = agent_of(verifying("two"), {}).plan(QUESTION, domain="math").steps
    instruction = second.prompt_tokens - first.prompt_tokens - 80
    assert 50 < instruction < 200
    costs = zip(
        (first.cost_low, first.cost_expected, first.cost_worst),
        (second.cost_low, second.cost_expected, second.cost_worst),
        strict=True,
    )
    more = [(after or 0) - (before or 0) for before, after in costs]
    assert more == [(instruction + draft) * 1_000_000 for draft in (16, 80, 1024)]


def test_a_short_draft_makes_a_cheap_verification() -> None:
    """The draft's own limit counts, not the verifier's."""
    short = agent_of(verifying("two"), {}, one=20).plan(QUESTION, domain="math").steps[1]
    usual = agent_of(verifying("two"), {}).plan(QUESTION, domain="math").steps[1]
    assert usual.prompt_tokens - short.prompt_tokens == 60
    assert (usual.cost_worst or 0) - (short.cost_worst or 0) == 1004 * 1_000_000


def test_an_escalation_is_not_shown_the_draft() -> None:
    """It answers afresh, so its prompt is the question's."""
    steps = [CascadeStep("one", "openai"), CascadeStep("two", "openai")]
    first, second = agent_of(DomainCascadeStrategy("math", steps), {}).plan(QUESTION, domain="math").steps
    assert first.prompt_tokens == second.prompt_tokens


# -- no draft


async def test_a_verifier_without_a_draft_answers_the_question() -> None:
    """Its role is `answer`, in events and trace; the events say why; the next verifier has its answer as the draft."""
    answers = {"one": [BROKEN], "two": ["391"], "three": [CONFIRMS]}
    agent = agent_of(verifying("two", "three"), answers)
    plan, events = await run(agent)
    assert [step.role for step in plan.steps] == ["answer", "verify", "verify"]
    started = [event for event in events if isinstance(event, StepStarted)]
    assert [(event.model, event.role, event.context) for event in started] == [
        ("one", "answer", ""), ("two", "answer", ""), ("three", "verify", "391"),
    ]  # fmt: skip
    said = [event for event in events if isinstance(event, Degraded)]
    assert [(event.model, event.reason) for event in said] == [
        ("two", "there is no draft to verify, so two answers the question itself")
    ]
    result = next(event.result for event in events if isinstance(event, RunFinished))
    assert (result.text, result.model_used, result.validated) == ("391", "two", True)
    assert [record.role for record in result.trace] == ["answer", "answer", "verify"]
    checks = [[check.name for check in event.verdict.checks] for event in events if isinstance(event, Validated)]
    assert ["verify" in names for names in checks] == [False, True]


async def test_it_is_asked_like_any_answering_step() -> None:
    """Format, tools and stop words are the caller's; a verifier's own reply has none of them."""
    wanted: dict[str, Any] = {"response_format": {"type": "json_object"}, "stop": ["END"]}
    agent = agent_of(verifying("two"), {"one": [BROKEN], "two": ['{"answer": 391}']})
    await run(agent, **wanted)
    request = agent.client.calls[-1]  # type: ignore[attr-defined]
    assert (request.response_format, request.stop) == (wanted["response_format"], ("END",))
    assert [message["content"] for message in request.messages] == [QUESTION]
    agent = agent_of(verifying("two"), {"one": ['{"answer": 391}'], "two": [CONFIRMS]})
    await run(agent, **wanted)
    request = agent.client.calls[-1]  # type: ignore[attr-defined]
    assert (request.response_format, request.stop) == (None, ())


async def test_a_rejected_answer_is_a_draft_all_the_same() -> None:
    """A verifier may mend it; only where nothing came at all it answers itself."""
    agent = agent_of(verifying("two"), {"one": [Answer("It is 39", finish_reason="length")], "two": [CONFIRMS]})
    _, events = await run(agent)
    assert [event.role for event in events if isinstance(event, StepStarted)] == ["answer", "verify"]
    assert not any(isinstance(event, Degraded) for event in events)


async def test_a_plan_whose_answering_steps_are_out_says_who_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key for the first step the verifier is planned as what it will do, and at that price."""
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    steps = [CascadeStep("claude-haiku-4-5", "anthropic"), CascadeStep("gpt-4o", "openai", role="verify", run="always")]
    strategy = DomainCascadeStrategy("math", steps)
    agent = CascadeAgent(
        [ModelConfig("gpt-4o-mini", "openai")], domain_strategies={"math": strategy}, enable_multi_step_cascade=True
    )
    plan = agent.plan(QUESTION, domain="math")
    assert [(step.model, step.role, step.prompt_tokens) for step in plan.steps] == [
        ("gpt-4o", "answer", plan.prompt_tokens)
    ]
