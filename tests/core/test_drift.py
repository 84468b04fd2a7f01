"""Drift: the history's acceptance rate beside the calibrated one, domain by domain."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from scenarios import QUESTION, agent_of

from cascadeflow.events import Degraded
from cascadeflow.history import RunArchive
from cascadeflow.quality import Certificate, QualityValidator

GOOD: dict[str, list[Any]] = {"gpt-4o-mini": ["17 * 23 = 391"], "gpt-4o": ["391"]}
BAD: dict[str, list[Any]] = {"gpt-4o-mini": ["381"], "gpt-4o": ["391"]}


def certificate(**changes: Any) -> Certificate:
    """Nine of ten answers were accepted, in mathematics and elsewhere."""
    fields: dict[str, Any] = {
        "threshold": 0.5, "model": "gpt-4o-mini", "n": 500, "accepted": 450, "date": dt.datetime.now(dt.UTC).date(),
        "domains": {"math": {"threshold": 0.5, "n": 500, "accepted": 450}},
    }  # fmt: skip
    return Certificate.model_validate(fields | changes)


async def test_each_domain_is_compared_with_its_own_rate(tmp_path: Path) -> None:
    """Rehearsals and other models' answers are no traffic."""
    archive = RunArchive(tmp_path / "runs.db")
    validator = QualityValidator(certificate=certificate())

    async def asked(answers: dict[str, list[Any]], domain: str, times: int, **options: Any) -> Any:
        agent = agent_of(answers, archive=archive, quality_validator=validator, **options)
        for _ in range(times):
            await agent.run(QUESTION, domain=domain)
        return agent

    await asked(BAD, "math", 20)
    await asked(BAD, "legal", 30, rehearsal=True)
    agent = await asked(GOOD, "legal", 10)
    found = {item.certified.domain: item.drift for item in agent.drift()}
    assert {domain: (drift.total, drift.rate, drift.drifted) for domain, drift in found.items()} == {
        "": (10, 1.0, False),
        "math": (20, 0.0, True),
    }
    validator.certificate = certificate(date=dt.date(2999, 1, 1))
    assert agent.drift() == []
    archive.close()


async def test_without_history_certificate_or_its_gate_there_is_nothing_to_compare(tmp_path: Path) -> None:
    """And a run under a certificate of another gate says that it does not count."""
    archive = RunArchive(tmp_path / "runs.db")
    assert agent_of(GOOD, archive=archive).drift() == []
    assert agent_of(GOOD, quality_validator=QualityValidator(certificate=certificate())).drift() == []
    events: list[Any] = []
    void = QualityValidator(certificate=certificate(gate="another"))
    agent = agent_of(GOOD, archive=archive, quality_validator=void, observers=[events.append])
    await agent.run(QUESTION)
    assert agent.drift() == []
    assert any(isinstance(event, Degraded) and "calibrate again" in event.reason for event in events)
    archive.close()


async def test_a_stand_in_s_answers_are_not_those_that_were_certified() -> None:
    """In a rehearsal another model answers under the configured name."""
    promised = certificate(target=0.9, delta=0.1, wrong_bound=0.08, domains={})
    validator = QualityValidator(certificate=promised)
    agent = agent_of(GOOD, quality_validator=validator)
    agent.client.stand_ins = {"gpt-4o-mini": "smollm2-135m-instruct", "gpt-4o": "smollm2-135m-instruct"}  # type: ignore[attr-defined]
    agent.rehearsal = True
    result = await agent.run(QUESTION)
    assert (result.guarantee, agent.plan(QUESTION).guarantee) == ("", "")
    real = agent_of(GOOD, quality_validator=validator)
    assert "at most 10 %" in real.plan(QUESTION).guarantee
    assert "at most 10 %" in (await real.run(QUESTION)).guarantee
