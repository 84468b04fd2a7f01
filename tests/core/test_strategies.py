"""Domain strategies: whom each step asks, what decides, what a verify step is shown and does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.core.verify import read_reply
from cascadeflow.errors import ConfigError, ServerError
from cascadeflow.events import (
    Degraded,
    Escalated,
    Event,
    FallbackStarted,
    Planned,
    Retracted,
    StepStarted,
    TokenDelta,
    Validated,
)
from cascadeflow.routing import (
    CODE_DOMAIN_STRATEGY,
    GENERAL_DOMAIN_STRATEGY,
    LEGAL_DOMAIN_STRATEGY,
    MEDICAL_DOMAIN_STRATEGY,
    CascadeStep,
    DomainCascadeStrategy,
)
from cascadeflow.schema import CascadeResult
from cascadeflow.testing import Answer, ScriptedClient

QUESTION = "What is 17 * 23?"
BASE = ModelConfig("base", "openai", cost=0.001, quality_score=0.5)


def confirms() -> str:
    """A verifier that agrees."""
    return json.dumps({"verdict": "correct", "problems": [], "corrected_answer": ""})


def corrects(text: str) -> str:
    """A verifier that has a better answer."""
    return (
        "```json\n"
        + json.dumps({"verdict": "incorrect", "problems": ["wrong sum"], "corrected_answer": text})
        + "\n```"
    )


def rejects() -> str:
    """A verifier that only objects."""
    return json.dumps({"verdict": "incorrect", "problems": ["wrong sum"], "corrected_answer": ""})


def with_steps(*steps: CascadeStep, **answers: list[Any]) -> CascadeAgent:
    """An agent whose only strategy, for math, has these steps."""
    strategy = DomainCascadeStrategy("math", list(steps))
    client = ScriptedClient({name.replace("_", "-"): said for name, said in answers.items()})
    return CascadeAgent([BASE], client=client, domain_strategies={"math": strategy}, enable_multi_step_cascade=True)


async def run(agent: CascadeAgent, **options: Any) -> tuple[CascadeResult, list[Event]]:
    """Result and events."""
    events: list[Event] = []
    result = await agent.run(QUESTION, domain="math", observers=[events.append], **options)
    return result, events


def calls(agent: CascadeAgent) -> list[str]:
    """Who was asked, in order."""
    return [call.model for call in agent.client.calls]  # type: ignore[attr-defined]


async def test_off_means_the_standard_cascade() -> None:
    """Strategies act only when they are switched on."""
    agent = with_steps(CascadeStep("one", "openai"), CascadeStep("two", "openai"), base=["391"])
    agent.enable_multi_step_cascade = False
    result, _ = await run(agent)
    assert (result.strategy, calls(agent)) == ("standard", ["base"])


async def test_a_domain_without_a_strategy_gets_the_standard_cascade() -> None:
    """Only the domains named have one of their own."""
    agent = with_steps(CascadeStep("one", "openai"), CascadeStep("two", "openai"), base=["391"])
    result = await agent.run(QUESTION, domain="legal")
    assert result.strategy == "standard"


async def test_the_second_step_runs_only_if_needed() -> None:
    """An accepted first answer ends the cascade."""
    steps = (CascadeStep("one", "openai"), CascadeStep("two", "openai"))
    result, _ = await run(agent := with_steps(*steps, one=["391"], two=["391"]))
    assert (result.model_used, result.strategy, result.steps, calls(agent)) == ("one", "math", 1, ["one"])
    result, events = await run(agent := with_steps(*steps, one=["381"], two=["391"]))
    assert (result.model_used, calls(agent)) == ("two", ["one", "two"])
    assert any(isinstance(event, Escalated) for event in events)


async def test_always_runs_after_an_accepted_answer_too() -> None:
    """`run="always"` is for checks that must not be skipped."""
    steps = (CascadeStep("one", "openai"), CascadeStep("two", "openai", role="verify", run="always"))
    result, _ = await run(agent := with_steps(*steps, one=["391"], two=[confirms()]))
    assert calls(agent) == ["one", "two"]
    assert (result.text, result.model_used, result.validated, result.steps) == ("391", "one", True, 2)


async def test_a_verifier_sees_question_and_draft_and_its_reply_is_not_shown() -> None:
    """What is handed on is visible in the events; the reply itself is no answer."""
    steps = (CascadeStep("one", "openai"), CascadeStep("two", "openai", role="verify", run="always"))
    agent = with_steps(*steps, one=["The answer is 391."], two=[confirms()])
    _, events = await run(agent)
    sent = agent.client.calls[1].messages  # type: ignore[attr-defined]
    assert sent[0]["content"] == QUESTION
    assert "The answer is 391." in sent[-1]["content"]
    assert [event.context for event in events if isinstance(event, StepStarted)] == ["", "The answer is 391."]
    assert not any(isinstance(event, TokenDelta) and event.step == 1 for event in events)
    checks = [event.verdict.checks[0] for event in events if isinstance(event, Validated)][1]
    assert (checks.name, checks.passed) == ("verify", True)


async def test_a_correction_takes_the_draft_s_place() -> None:
    """The draft is withdrawn, the corrected text stands, under the verifier's name."""
    steps = (CascadeStep("one", "openai"), CascadeStep("two", "openai", role="verify", run="always"))
    result, events = await run(with_steps(*steps, one=["About 400, roughly."], two=[corrects("391")]))
    assert (result.text, result.model_used, result.validated) == ("391", "two", True)
    assert [event.step for event in events if isinstance(event, Retracted)] == [0]
    assert [event.text for event in events if isinstance(event, TokenDelta)][-1] == "391"


async def test_a_correction_is_checked_too() -> None:
    """A verifier can be wrong: what it writes passes the same checks."""
    steps = (CascadeStep("one", "openai"), CascadeStep("two", "openai", role="verify", run="always"))
    result, _ = await run(with_steps(*steps, one=["391"], two=[corrects("17 * 23 = 411")]))
    assert not result.validated
    assert result.text == "391"


async def test_an_objection_without_a_correction_rejects() -> None:
    """The best answer is returned, and says that it did not pass."""
    steps = (CascadeStep("one", "openai"), CascadeStep("two", "openai", role="verify", run="always"))
    result, events = await run(with_steps(*steps, one=["391"], two=[rejects()]))
    verdict = [event.verdict for event in events if isinstance(event, Validated)][-1]
    assert (verdict.is_valid, verdict.deciding) == (False, "verify")
    assert "wrong sum" in verdict.reason
    assert (result.text, result.model_used) == ("391", "one")
    assert not result.validated


@pytest.mark.parametrize("reply", ["Looks fine to me!", "", "{}", '{"verdict": "maybe"}', "[1, 2]"])
async def test_an_unreadable_reply_counts_as_no_verdict(reply: str) -> None:
    """What stood before stands."""
    assert read_reply(reply).correct is None
    steps = (CascadeStep("one", "openai"), CascadeStep("two", "openai", role="verify", run="always"))
    result, events = await run(with_steps(*steps, one=["391"], two=[reply]))
    assert (result.text, result.model_used, result.validated) == ("391", "one", True)
    checks = [event.verdict.checks[0] for event in events if isinstance(event, Validated)]
    assert checks[-1].score is None


async def test_a_draft_called_wrong_and_handed_back_unchanged_stands() -> None:
    """A reply that contradicts itself is no verdict."""
    steps = (CascadeStep("one", "openai"), CascadeStep("two", "openai", role="verify", run="always"))
    result, events = await run(with_steps(*steps, one=["391"], two=[corrects(" 391 ")]))
    assert (result.model_used, result.validated) == ("one", True)
    assert not any(isinstance(event, Retracted) for event in events)


async def test_a_confirmation_does_not_overturn_a_rejection() -> None:
    """A verifier's word does not make a wrong sum right."""
    steps = (CascadeStep("one", "openai"), CascadeStep("two", "openai", role="verify", run="always"))
    result, _ = await run(with_steps(*steps, one=["381"], two=[confirms()]))
    assert not result.validated


async def test_a_rejected_answer_gets_its_fallback_once_before_the_next_step() -> None:
    """As in the document."""
    steps = (CascadeStep("one", "openai", fallback_model="spare"), CascadeStep("two", "openai"))
    result, events = await run(agent := with_steps(*steps, one=["381"], spare=["411"], two=["391"]))
    assert calls(agent) == ["one", "spare", "two"]
    started = [event for event in events if isinstance(event, FallbackStarted)]
    assert [(event.model, event.fallback_model) for event in started] == [("one", "spare")]
    assert [record.fallback for record in result.trace] == [False, True, False]


async def test_a_failing_call_is_repeated_and_then_falls_back() -> None:
    """`max_retries` is the step's own."""
    error = ServerError("down", status=500, retry_after=0.001)
    steps = (CascadeStep("one", "openai", max_retries=2, fallback_model="spare"), CascadeStep("two", "openai"))
    result, _ = await run(agent := with_steps(*steps, one=[error], spare=["391"]))
    assert calls(agent) == ["one", "one", "one", "spare"]
    assert result.model_used == "spare"


async def test_a_step_s_validation_decides_and_the_gate_is_recorded() -> None:
    """The named validator rejects what the gate would accept, and the score is still there."""

    def says_please(text: str) -> tuple[bool, str]:
        return "please" in text, "no please"

    steps = (CascadeStep("one", "openai", says_please), CascadeStep("two", "openai", says_please))
    result, events = await run(with_steps(*steps, one=["391"], two=["391, please"]))
    verdicts = [event.verdict for event in events if isinstance(event, Validated)]
    assert [verdict.is_valid for verdict in verdicts] == [False, True]
    assert "no please" in verdicts[0].reason
    assert verdicts[0].score is not None
    assert verdicts[0].score > 0.9
    assert verdicts[0].deciding.startswith("says_please")
    assert result.model_used == "two"


async def test_structural_checks_hold_beside_a_validation() -> None:
    """An answer that is cut off is none, whatever a validator says."""
    steps = (CascadeStep("one", "openai", lambda _: True), CascadeStep("two", "openai", lambda _: True))
    cut = Answer("It is 39", finish_reason="length")
    result, _ = await run(with_steps(*steps, one=[cut], two=["It is 391."]))
    assert result.model_used == "two"


async def test_a_validator_that_raises_is_a_failed_check() -> None:
    """The run goes on, with the error as the reason."""

    def broken(text: str) -> bool:
        raise ZeroDivisionError

    steps = (CascadeStep("one", "openai", broken), CascadeStep("two", "openai"))
    result, _ = await run(with_steps(*steps, one=["391"], two=["391"]))
    assert result.model_used == "two"
    assert "ZeroDivisionError" in result.trace[0].verdict.reason  # type: ignore[union-attr]


async def test_a_tier_skips_forbidden_steps_and_says_so() -> None:
    """The strategy runs without them."""
    steps = (CascadeStep("gpt-4o-mini", "openai"), CascadeStep("claude-opus", "anthropic"))
    strategy = DomainCascadeStrategy("math", list(steps))
    mini = ModelConfig("gpt-4o-mini", "openai", quality_score=0.8)
    agent = CascadeAgent(
        [mini],
        client=ScriptedClient({"gpt-4o-mini": ["381"]}),
        domain_strategies={"math": strategy},
        enable_multi_step_cascade=True,
    )
    result, events = await run(agent, user_tier="free")
    assert calls(agent) == ["gpt-4o-mini"]
    assert any(isinstance(event, Degraded) and event.model == "claude-opus" for event in events)
    assert not result.validated


def test_paths_of_a_strategy_count_what_always_runs() -> None:
    """Verification is part of every way through."""
    steps = (CascadeStep("one", "openai"), CascadeStep("two", "openai", role="verify", run="always"))
    plan = with_steps(*steps).plan(QUESTION, domain="math")
    assert [path.steps for path in plan.paths] == [(0, 1)]
    three = with_steps(*steps[:1], CascadeStep("mid", "openai"), steps[1]).plan(QUESTION, domain="math")
    assert [path.steps for path in three.paths] == [(0, 2), (0, 1, 2)]
    assert sum(path.probability for path in three.paths) == pytest.approx(1)


def test_the_plan_names_validation_role_and_fallback() -> None:
    """What a step will do is known before it runs."""
    strategies = {"code": CODE_DOMAIN_STRATEGY}
    agent = CascadeAgent(
        [BASE], client=ScriptedClient({}), domain_strategies=strategies, enable_multi_step_cascade=True
    )
    first, second = agent.plan("Write a sort function", domain="code").steps
    assert (first.model, first.validation, first.fallback_model) == (
        "deepseek-coder",
        "syntax_validator",
        "gpt-3.5-turbo",
    )
    assert (second.model, second.role, second.run) == ("gpt-4", "answer", "if_needed")
    assert first.resolved_reason


def test_the_built_in_strategies_are_the_document_s() -> None:
    """Models, validations, fallbacks, roles."""
    told = {
        strategy.domain: [(step.model, step.validation, step.fallback_model, step.role, step.run) for step in strategy.steps]
        for strategy in (
            CODE_DOMAIN_STRATEGY, MEDICAL_DOMAIN_STRATEGY, LEGAL_DOMAIN_STRATEGY, GENERAL_DOMAIN_STRATEGY,
        )
    }  # fmt: skip
    assert told == {
        "code": [
            ("deepseek-coder", "syntax_validator", "gpt-3.5-turbo", "answer", "if_needed"),
            ("gpt-4", "code_quality_validator", "claude-sonnet-4", "answer", "if_needed"),
        ],
        "medical": [
            ("gpt-3.5-turbo", "medical_fact_checker", "claude-haiku", "answer", "if_needed"),
            ("med-palm-2", "citation_validator", "gpt-4", "verify", "always"),
            ("claude-opus", "medical_safety_checker", None, "verify", "always"),
        ],
        "legal": [
            ("claude-haiku", "citation_validator", None, "answer", "if_needed"),
            ("claude-opus", "compliance_validator", None, "verify", "always"),
        ],
        "general": [
            ("llama-3.3-70b-versatile", "quality_validator", "gpt-3.5-turbo", "answer", "if_needed"),
            ("gpt-4o", "confidence_validator", "claude-sonnet-4", "answer", "if_needed"),
        ],
    }


def test_one_step_or_six_are_no_strategy() -> None:
    """2 to 5 steps."""
    step = CascadeStep("one", "openai")
    with pytest.raises(ValueError, match="at least 2"):
        DomainCascadeStrategy("math", [step])
    with pytest.raises(ValueError, match="at most 5"):
        DomainCascadeStrategy("math", [step] * 6)


def test_a_validation_that_nobody_registered_is_refused_at_once() -> None:
    """Not in the middle of somebody's run."""
    steps = (CascadeStep("one", "openai", "no_such_validator"), CascadeStep("two", "openai"))
    with pytest.raises(ConfigError, match="no_such_validator"):
        with_steps(*steps)


async def test_keys_decide_for_a_strategy_s_models_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step whose key is missing gives way to its fallback, and the variable is named."""
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    agent = CascadeAgent([BASE], domain_strategies={"code": CODE_DOMAIN_STRATEGY}, enable_multi_step_cascade=True)
    plan = agent.plan("Write a sort function", domain="code")
    assert [step.model for step in plan.steps] == ["gpt-3.5-turbo", "gpt-4"]
    assert {item.model for item in plan.left_out} == {"deepseek-coder", "claude-sonnet-4"}
    assert any("DEEPSEEK_API_KEY" in item.reason for item in plan.left_out)


async def test_tier_routing_on_and_no_tier_is_said() -> None:
    """Nobody slips past the tiers unnoticed."""
    agent = CascadeAgent([BASE], client=ScriptedClient({"base": ["391"]}), enable_tier_routing=True)
    _, events = await run(agent)
    assert any(isinstance(event, Degraded) and "names no tier" in event.reason for event in events)
    _, events = await run(agent, user_tier="pro")
    assert not any(isinstance(event, Degraded) for event in events)


async def test_events_of_a_strategy_show_the_plan() -> None:
    """The plan's strategy is the domain's."""
    agent = with_steps(CascadeStep("one", "openai"), CascadeStep("two", "openai"), one=["391"])
    _, events = await run(agent)
    plan = next(event.plan for event in events if isinstance(event, Planned))
    assert plan.strategy == "math"
