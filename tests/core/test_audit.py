"""Audits: a share of accepted drafts is answered by the strongest model too, paid, recorded, and without effect."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from scenarios import QUESTION, SMALL, STRONG, agent_of

from cascadeflow import CascadeAgent, CascadeResult, ModelConfig
from cascadeflow.core.audit import audit_step
from cascadeflow.errors import ConfigError, RateLimitError
from cascadeflow.events import Degraded, Event, Retracted, RunCancelled, StepStarted, TokenDelta
from cascadeflow.history import RunArchive
from cascadeflow.telemetry import CostTracker
from cascadeflow.testing import Answer, ScriptedClient

CHEAP = Answer("391", prompt_tokens=10, completion_tokens=5)
DEAR = Answer("It is 391, as 17 * 23.", prompt_tokens=10, completion_tokens=50)
BOTH: dict[str, list[Any]] = {"gpt-4o-mini": [CHEAP], "gpt-4o": [DEAR]}


async def told(agent: CascadeAgent) -> tuple[CascadeResult | None, list[Event]]:
    """The result of a run, and its events."""
    stream = agent.stream(QUESTION)
    events = [event async for event in stream]
    return stream.result, events


async def test_an_audited_answer_stands_and_the_strong_one_is_in_the_trace() -> None:
    """Both are paid; only the draft is an answer, and only it is shown."""
    plain, _ = await told(agent_of(BOTH))
    result, events = await told(agent_of(BOTH, audit_rate=1.0))
    assert plain is not None
    assert result is not None
    assert (result.text, result.model_used, result.validated, result.steps) == ("391", "gpt-4o-mini", True, 1)
    assert [(call.model, call.role, call.outcome) for call in result.trace] == [
        ("gpt-4o-mini", "answer", "accepted"),
        ("gpt-4o", "audit", "audit"),
    ]
    assert result.trace[1].text == DEAR.text
    assert result.trace[1].cost_nanousd
    assert result.total_cost_nanousd == plain.total_cost_nanousd + result.trace[1].cost_nanousd
    assert [event.role for event in events if isinstance(event, StepStarted)] == ["answer", "audit"]
    assert "".join(event.text for event in events if isinstance(event, TokenDelta)) == "391"
    assert not any(isinstance(event, Retracted) for event in events)


async def test_run_says_what_stream_says() -> None:
    """There is no second path."""
    result = await agent_of(BOTH, audit_rate=1.0).run(QUESTION)
    assert [call.role for call in result.trace] == ["answer", "audit"]


async def test_nothing_is_audited_where_the_draft_was_rejected_or_no_model_is_stronger() -> None:
    """The strong model has answered already, or there is none."""
    rejected = await agent_of({"gpt-4o-mini": ["381"], "gpt-4o": ["391"]}, audit_rate=1.0).run(QUESTION)
    alone = await agent_of({"gpt-4o": ["391"]}, audit_rate=1.0).run(QUESTION)
    assert [call.role for call in (*rejected.trace, *alone.trace)] == ["answer"] * 3


async def test_a_budget_that_refuses_the_audit_leaves_the_answer() -> None:
    """It is said, and costs nothing."""
    tracker = CostTracker(budget_limit=0.00095)  # enough for the plan, but the draft gets long
    answers: dict[str, list[Any]] = {"gpt-4o-mini": [Answer("391", completion_tokens=600)], "gpt-4o": [DEAR]}
    plain = await agent_of(answers).run(QUESTION)
    agent = agent_of(answers, cost_tracker=tracker, audit_rate=1.0)
    result, events = await told(agent)
    assert result is not None
    assert result.text == "391"
    assert result.validated
    assert result.total_cost_nanousd == plain.total_cost_nanousd
    assert any(isinstance(event, Degraded) and "not audited" in event.reason for event in events)


async def test_an_audit_that_fails_leaves_the_answer() -> None:
    """It is tried once, and its failure is in the trace."""
    agent = agent_of({"gpt-4o-mini": ["391"], "gpt-4o": [RateLimitError("busy", retry_after=0.01)]}, audit_rate=1.0)
    result, _ = await told(agent)
    assert result is not None
    assert (result.text, result.validated) == ("391", True)
    assert [(call.role, call.outcome) for call in result.trace] == [("answer", "accepted"), ("audit", "failed")]


async def test_an_audit_is_recorded(tmp_path: Path) -> None:
    """With both texts: that is a labelled pair in the making. It is no answer that the gate judged."""
    archive = RunArchive(tmp_path / "runs.db")
    agent = agent_of(BOTH, audit_rate=1.0, archive=archive)
    result = await agent.run(QUESTION)
    stored = archive.load(result.run_id)
    assert [(call.role, call.text) for call in stored.trace] == [("answer", "391"), ("audit", DEAR.text)]
    assert not stored.escalated
    assert archive.acceptance("gpt-4o-mini", 0.0) == (1, 1)
    assert archive.acceptance("gpt-4o", 0.0) == (0, 0)
    archive.close()


async def test_a_run_stopped_during_its_audit_shows_the_answer_and_holds_no_money() -> None:
    """What stands before the reader stays there."""
    tracker = CostTracker(budget_limit=1.0)
    slow = {"gpt-4o-mini": ["391"], "gpt-4o": [Answer("It is 391", delay=60)]}
    agent = agent_of(slow, cost_tracker=tracker, audit_rate=1.0)
    events = []
    async with agent.stream(QUESTION) as stream:
        async for event in stream:
            events.append(event)
            if isinstance(event, StepStarted) and event.role == "audit":
                stream.cancel()
    end = events[-1]
    assert isinstance(end, RunCancelled)
    assert end.text == "391"
    assert not list(await tracker.store.open_holds())


def test_the_share_is_what_was_asked_for() -> None:
    """A run is drawn by its random identifier, always alike."""
    plan = agent_of(BOTH).plan(QUESTION)
    models = {model.name: model for model in (SMALL, STRONG)}
    accepted = _record()

    def drawn(rate: float) -> list[bool]:
        return [
            audit_step(accepted, plan=plan, models=models, run_id=UUID(int=number * 2**128 // 2000).hex, rate=rate)
            is not None
            for number in range(1, 2000, 2)
        ]

    assert sum(drawn(0.02)) == 20
    assert sum(drawn(0.0)) == 0
    assert sum(drawn(1.0)) == 1000
    assert drawn(0.25) == drawn(0.25)


@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan")])
def test_a_rate_outside_0_to_1_is_refused(rate: float) -> None:
    """At construction."""
    with pytest.raises(ConfigError, match="between 0 and 1"):
        CascadeAgent([ModelConfig("gpt-4o", "openai")], client=ScriptedClient({}), audit_rate=rate)


def _record() -> Any:
    from cascadeflow.schema import StepRecord

    return StepRecord(
        step=0, attempt=1, model="gpt-4o-mini", provider="openai", resolved_model="gpt-4o-mini", outcome="accepted"
    )
