"""What was recorded is replayed exactly: as it was, and as it would have been where all calls are known."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from recorded_histories import QUESTIONS, SteadyClient, random_agent, record

from cascadeflow import CascadeAgent
from cascadeflow.errors import CascadeFlowError
from cascadeflow.history import RunArchive
from cascadeflow.quality import QualityValidator
from cascadeflow.whatif import Replayer, ReplaySettings, replay


@pytest.mark.parametrize("seed", range(12))
def test_recorded_settings_give_the_recorded_totals(seed: int, tmp_path: Path) -> None:
    """Random agents: strategies, fallbacks, retries, failures, verify steps, tiers, budgets; each total to the nano-USD."""
    archive = RunArchive(tmp_path / "history.db")
    agent = record(random.Random(seed), archive, 25)
    validator = agent.quality_validator
    same = [
        ReplaySettings(),
        ReplaySettings(threshold=validator.effective_threshold),
        ReplaySettings(mode=validator.mode),
    ]
    if agent.cost_tracker is None:  # else the plans were cut to what was left
        same.append(ReplaySettings(preset=agent))
    runs = {run.run_id: run for run in archive.runs(1000)}
    replayer = Replayer.of_archive(archive)
    for settings in same:
        result = replayer.replay(settings)
        assert result.runs == 25
        assert result.estimated == 0
        assert result.cost.exact
        assert result.cost.value == result.cost.recorded == sum(run.cost_nanousd for run in runs.values())
        assert result.calls.value == sum(run.calls for run in runs.values())
        assert result.escalated.value == sum(run.escalated for run in runs.values())
        assert result.validated.value == sum(run.validated is True for run in runs.values())
        assert result.changed.value == 0
        assert result.latency_ms.value == pytest.approx(sum(run.latency_ms for run in runs.values()) / 25)
        assert result.saved.value == pytest.approx(
            1e9 * sum(run.cost_saved for run in runs.values() if run.validated is not None)
        )
        for outcome in result.outcomes:
            run = runs[outcome.run_id]
            assert outcome.values.cost == run.cost_nanousd
            assert outcome.values.latency_ms == run.latency_ms
            assert outcome.model == outcome.before == run.model_used
            assert outcome.low == outcome.values == outcome.high
            assert outcome.cost_known == run.cost_known
    archive.close()


def ask(agent: CascadeAgent, questions: list[str]) -> None:
    """Ask one question after another; those that fail are recorded too."""

    async def asked() -> None:
        for question in questions:
            try:
                await agent.run(question)
            except CascadeFlowError:
                continue

    asyncio.run(asked())


@pytest.mark.parametrize("changed", ["threshold", "mode", "agent"])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_called_exact_is_what_the_engine_does(seed: int, changed: str, tmp_path: Path) -> None:
    """The same questions are asked again under the other settings; each run that is said to be exact comes out so."""
    rng = random.Random(f"{seed} {changed}")
    client = SteadyClient(seed)
    questions = [f"{rng.choice(QUESTIONS)} {number}" for number in range(40)]
    before, after = RunArchive(tmp_path / "before.db"), RunArchive(tmp_path / "after.db")
    agent, other = random_agent(rng, before, client), random_agent(rng, after, client)
    settings = ReplaySettings(preset=other)
    if changed != "agent":
        other.models = list(agent.models)
        other.domain_strategies = agent.domain_strategies
        other.enable_multi_step_cascade = agent.enable_multi_step_cascade
        other._tier_router = None
        validator = QualityValidator(agent.quality_validator.mode, threshold=rng.choice([0.3, 0.6, 0.8, 0.86]))
        settings = ReplaySettings(mode=other.quality_validator.mode)
        if changed == "threshold":
            other._quality_validator = validator
            settings = ReplaySettings(threshold=validator.effective_threshold)
    ask(agent, questions)
    ask(other, questions)
    truth = {run.query: run for run in after.whole_runs()}
    runs = {run.run_id: run for run in before.whole_runs()}
    exact = [outcome for outcome in replay(before, settings).outcomes if outcome.exact]
    assert exact or changed != "threshold"
    for outcome in exact:
        run, then = runs[outcome.run_id], truth[runs[outcome.run_id].query]
        values = outcome.values
        assert (values.calls, values.escalated, values.validated) == (
            then.calls,
            then.escalated,
            then.validated is True,
        )
        assert outcome.model == then.model_used
        assert values.changed == ((run.status, run.answer.strip()) != (then.status, then.answer.strip()))
        if then.cost_known:
            assert values.cost == then.cost_nanousd
    before.close()
    after.close()


def test_whole_runs_and_plain_data_give_the_same(tmp_path: Path) -> None:
    """An archive is only the faster way."""
    archive = RunArchive(tmp_path / "history.db")
    record(random.Random(5), archive, 20)
    settings = ReplaySettings(threshold=0.8)
    whole = replay(list(archive.whole_runs()), settings)
    plain, again = replay(archive, [settings, settings])
    assert list(whole.outcomes) == list(plain.outcomes) == list(again.outcomes)
    archive.close()
