"""What was not recorded is estimated, marked, and has an interval; each setting does what it says."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recorded_histories import DOUBTFUL, QUESTIONS, SURE, TWO, WRONG, SteadyClient, random_agent, sums

from cascadeflow import CascadeAgent, CascadePreset, ModelConfig
from cascadeflow.errors import ConfigError, UnknownPresetError
from cascadeflow.history import RunArchive, RunFilter
from cascadeflow.quality import QualityValidator
from cascadeflow.whatif import NO_TIER, Replayer, ReplaySettings, replay
from cascadeflow.whatif.evidence import mean_of, share_of

BETWEEN = 0.89
"""A threshold that the sure answer reaches, and the doubtful one does not."""
SMALL, LARGE = 110_000, 1_200_000
"""Nano-USD of an answer of each model."""


def test_a_lower_threshold_is_known_where_the_drafts_were_judged(tmp_path: Path) -> None:
    """They would have been accepted, so the large model would not have been asked: exact."""
    archive, _ = sums(tmp_path / "h.db", [SURE, WRONG, WRONG])
    result = replay(archive, ReplaySettings(threshold=0.0))
    assert (result.estimated, result.cost.exact, result.threshold) == (0, True, 0.0)
    assert result.cost.value == result.cost.recorded == 3 * SMALL
    assert (result.calls.value, result.escalated.value, result.validated.value) == (3, 0, 3)
    assert [(one.before, one.model) for one in result.behind("changed")] == [("large", "small")] * 2
    assert result.saved.value == pytest.approx(3 * (1_100_000 - SMALL))
    archive.close()


def test_a_higher_threshold_needs_answers_that_nobody_gave(tmp_path: Path) -> None:
    """Of the runs whose draft would fail now, the large model's part is estimated; the rest is exact."""
    archive, _ = sums(tmp_path / "h.db", [SURE] * 4 + [DOUBTFUL] * 3 + [WRONG] * 6)
    result = replay(archive, ReplaySettings(threshold=BETWEEN))
    assert (result.cost.exact_runs, result.cost.estimated_runs, result.estimated) == (10, 3, 3)
    assert result.cost.recorded == 10 * SMALL + 6 * LARGE
    assert result.cost.estimated == pytest.approx(3 * (SMALL + LARGE))
    assert not result.cost.exact
    assert result.cost.low <= result.cost.value <= result.cost.high
    for outcome in result.outcomes:
        if outcome.exact:
            assert outcome.low == outcome.values == outcome.high
        else:
            assert (outcome.before, outcome.model, outcome.values.escalated) == ("small", "large", 1)
            assert outcome.values.changed == pytest.approx(1)
    assert result.escalated.low == result.escalated.value == result.escalated.high == 9
    archive.close()


def test_a_model_that_was_never_asked_has_a_wide_interval(tmp_path: Path) -> None:
    """A rule of thumb is not knowledge: anything from always to never passing, and threefold length."""
    archive, _ = sums(tmp_path / "h.db", [SURE, WRONG])
    models = [ModelConfig("unheard", "openai", cost=0.001, quality_score=0.5), TWO[1]]
    settings = ReplaySettings(preset=CascadeAgent(models, client=SteadyClient(0)))
    result = replay(archive, settings)
    assert result.estimated == 2
    assert result.cost.recorded == 0
    assert result.escalated.low == 0
    assert result.escalated.high == 2
    assert 0 < result.escalated.value < 2
    assert result.cost.low < result.cost.value / 1.5
    assert result.cost.high > result.cost.value * 1.5
    assert {outcome.model for outcome in result.outcomes} <= {"unheard", "large"}
    archive.close()


def test_recorded_calls_are_used_where_the_new_plan_asks_the_same_models(tmp_path: Path) -> None:
    """The large model alone: exact where it was asked, estimated from those runs where it was not."""
    archive, _ = sums(tmp_path / "h.db", [SURE] * 2 + [WRONG] * 6)
    result = replay(archive, ReplaySettings(preset=CascadeAgent([TWO[1]], client=SteadyClient(0))))
    assert (result.cost.exact_runs, result.cost.estimated_runs) == (6, 2)
    assert result.cost.recorded == 6 * LARGE
    assert result.cost.value == pytest.approx(8 * LARGE)
    assert result.changed.value == pytest.approx(2)
    archive.close()


def test_prices_are_changed_token_by_token(tmp_path: Path) -> None:
    """Exactly, and for estimates too; a negative price is refused."""
    archive, _ = sums(tmp_path / "h.db", [SURE, WRONG])
    result = replay(archive, ReplaySettings(prices={"large": (1.0, 5.0)}))
    assert result.cost.exact
    assert result.cost.value == 2 * SMALL + 100 * 1_000 + 20 * 5_000
    free = replay(archive, ReplaySettings(prices={"large": (0, 0), "small": (0, 0)}, threshold=BETWEEN))
    assert free.cost.value == 0
    with pytest.raises(ConfigError, match="price of large"):
        ReplaySettings(prices={"large": (1.0, -5.0)})
    archive.close()


def test_an_unknown_price_is_said_and_not_taken_for_free(tmp_path: Path) -> None:
    """The cost is then a lower bound."""
    archive, _ = sums(tmp_path / "h.db", [SURE, WRONG])
    models = [TWO[0], ModelConfig("unheard", "openai", quality_score=0.9)]
    result = replay(archive, ReplaySettings(preset=CascadeAgent(models, client=SteadyClient(0))))
    assert result.unpriced == 2
    assert [outcome.cost_known for outcome in result.outcomes] == [False, False]
    assert replay(archive).unpriced == 0
    archive.close()


def test_a_budget_refuses_what_no_longer_fits_that_day(tmp_path: Path) -> None:
    """In the order of the runs; for each user; until the next day."""
    archive, _ = sums(tmp_path / "h.db", [WRONG] * 4)
    day, made_by = 20_000 * 86_400, (("me", 1), ("me", 2), ("you", 3), ("me", 86_400))
    made = [(user, day + at, number) for number, (user, at) in enumerate(made_by, 1)]
    statement = "UPDATE runs SET user_id = ?, started = ? WHERE rowid = ?"
    archive._write("age", lambda connection: connection.executemany(statement, made).rowcount)
    result = replay(archive, ReplaySettings(budget=0.0015))
    assert [outcome.values.refused for outcome in result.outcomes] == [0, 1, 0, 0]
    assert [outcome.values.cost for outcome in result.outcomes] == [SMALL + LARGE, SMALL, SMALL + LARGE, SMALL + LARGE]
    assert [outcome.model for outcome in result.outcomes] == ["large", "small", "large", "large"]
    assert result.refused.value == 1
    assert [outcome.run_id for outcome in result.behind("refused")] == [result.outcomes[1].run_id]
    nothing = replay(archive, ReplaySettings(budget=0))
    assert (nothing.cost.value, nothing.refused.value, {one.model for one in nothing.outcomes}) == (0, 4, {""})
    archive.close()


def test_a_tier_plans_each_run_anew_by_its_own_preset(tmp_path: Path) -> None:
    """Runs of presets that nobody knows are left out, and that is said."""
    archive, _ = sums(tmp_path / "h.db", [SURE, WRONG], preset="production_ready")
    result = replay(archive, ReplaySettings(tier="free"))
    assert {outcome.model for outcome in result.outcomes} == {"gpt-4o-mini"}
    archive.close()
    archive, _ = sums(tmp_path / "i.db", [SURE, WRONG], preset="mine")
    result = replay(archive, ReplaySettings(tier=NO_TIER))
    assert (result.runs, result.skipped) == (0, {"made with mine, by which nobody can plan: give a preset": 2})
    assert result.cost.value == 0
    with_preset = replay(archive, ReplaySettings(tier="free", preset="production_ready"))
    assert with_preset.runs == 2
    archive.close()


def test_a_preset_names_what_its_models_lack_here(tmp_path: Path) -> None:
    """It is planned as if all of them could be called; a preset that does not exist is an error."""
    archive, _ = sums(tmp_path / "h.db", [SURE])
    result = replay(archive, ReplaySettings(preset="production_ready"))
    assert {item.reason for item in result.lacking} == {"ANTHROPIC_API_KEY is not set", "OPENAI_API_KEY is not set"}
    own = CascadePreset(name="own", description="", models=list(TWO), quality_validation_mode="balanced")
    assert replay(archive, ReplaySettings(preset=own)).cost.value == SMALL
    with pytest.raises(UnknownPresetError):
        replay(archive, ReplaySettings(preset="nope"))
    archive.close()


def test_a_mode_whose_checks_were_not_all_heard_is_an_estimate(tmp_path: Path) -> None:
    """From few checks to more; from many to fewer all is known."""
    archive, _ = sums(tmp_path / "fast.db", [SURE, WRONG], mode="fast")
    strict = replay(archive, ReplaySettings(mode="strict"))
    assert strict.escalated.low < strict.escalated.value < strict.escalated.high == 2
    assert (strict.estimated, strict.threshold) == (2, 0.8)
    archive.close()
    archive, _ = sums(tmp_path / "strict.db", [SURE, WRONG], mode="strict")
    assert replay(archive, ReplaySettings(mode="fast")).threshold == 0.65
    archive.close()


def test_marks_are_counted_where_there_are_any(tmp_path: Path) -> None:
    """Right answers by the user's word; of an answer without a mark it is an estimate, however exact the run."""
    archive, _ = sums(tmp_path / "h.db", [SURE, WRONG, WRONG, DOUBTFUL])
    runs = [run.run_id for run in archive.runs()][::-1]
    assert replay(archive).right is None
    archive.label(runs[0], correct=True)
    archive.label(runs[1], correct=True)
    archive.label(runs[1], correct=False, position=0)
    archive.label(runs[2], correct=False)
    recorded = replay(archive)
    assert recorded.labelled == 3
    assert recorded.right is not None
    assert (recorded.right.value, recorded.right.exact) == (pytest.approx(2 / 3), True)
    lower = replay(archive, ReplaySettings(threshold=0.0))
    assert lower.cost.exact
    assert lower.right is not None
    assert not lower.right.exact
    assert (lower.right.exact_runs, lower.right.estimated_runs) == (2, 1)
    assert lower.right.low < lower.right.value < lower.right.high
    assert lower.right.value == pytest.approx((1 + 0 + share_of(1, 2, guess=lower.quality.value).value) / 3, abs=0.1)
    archive.close()


def test_quality_is_what_the_verdicts_say(tmp_path: Path) -> None:
    """The mean of the probabilities recorded with the answers that stand."""
    archive, _ = sums(tmp_path / "h.db", [SURE, WRONG])
    runs = list(archive.whole_runs())
    result = replay(archive)
    known = [run.result.p_correct for run in runs if run.result is not None]
    assert result.quality.exact
    assert result.quality.value == pytest.approx(sum(known) / 2)  # type: ignore[arg-type]
    worse = replay(archive, ReplaySettings(threshold=0.0))
    assert worse.quality.value < result.quality.value
    archive.close()


def test_rehearsals_teach_nothing_about_real_models(tmp_path: Path) -> None:
    """What a stand-in says is no evidence for the model it stands in for."""
    archive, _ = sums(tmp_path / "h.db", [WRONG] * 20, rehearsal=True)
    data = list(archive.plain_runs())
    real = [dict(data[0], rehearsal=False, trace=data[0]["trace"][:1], run_id="real")]
    result = replay([*data, *real], ReplaySettings(preset=CascadeAgent([TWO[1]], client=SteadyClient(0))))
    outcome = next(one for one in result.outcomes if one.run_id == "real")
    assert (result.rehearsal, outcome.exact) == (20, False)
    assert outcome.low.validated - outcome.high.validated == pytest.approx(1)
    assert outcome.low.cost < outcome.values.cost < outcome.high.cost
    archive.close()


def test_runs_that_never_got_a_plan_are_left_out(tmp_path: Path) -> None:
    """They asked nobody; and without texts everything else is the same."""
    archive, _ = sums(tmp_path / "h.db", [SURE, WRONG])
    data = list(archive.plain_runs())
    result = replay([*data, dict(data[0], plan=None, run_id="x")], ReplaySettings(threshold=0.0))
    assert (result.runs, result.skipped) == (2, {"ended before they were planned": 1})
    bare = [dict(run, query="", trace=[dict(call, text="") for call in run["trace"]]) for run in data]
    assert replay(bare, ReplaySettings(threshold=0.0)).cost == result.cost
    archive.close()


def test_an_audit_tells_what_the_strongest_model_costs(tmp_path: Path) -> None:
    """It is part of what was paid; where the model has to be asked now, its length is known, its verdict is not."""
    archive, _ = sums(tmp_path / "h.db", [DOUBTFUL, WRONG])
    accepted, escalated = archive.plain_runs()
    audit = dict(escalated["trace"][1], role="audit", outcome="audit", verdict=None, step=2)
    accepted = dict(accepted, trace=[*accepted["trace"], audit], cost_nanousd=SMALL + LARGE, calls=2)
    recorded = replay([accepted])
    assert recorded.cost.exact
    assert (recorded.cost.value, recorded.calls.value, recorded.changed.value) == (SMALL + LARGE, 2, 0)
    raised = replay([accepted], ReplaySettings(threshold=BETWEEN))
    assert raised.cost.value == SMALL + LARGE
    assert (raised.estimated, raised.outcomes[0].model) == (1, "large")
    archive.close()


def test_a_stopped_run_stays_stopped(tmp_path: Path) -> None:
    """It is replayed as far as it came."""
    archive, _ = sums(tmp_path / "h.db", [WRONG])
    [run] = archive.plain_runs()
    stopped = dict(run["trace"][1], outcome="cancelled", verdict=None)
    run = dict(run, status="cancelled", validated=None, model_used="", trace=[run["trace"][0], stopped])
    result = replay([run])
    assert (result.cost.value, result.validated.value, result.changed.value) == (SMALL + LARGE, 0, 0)
    assert result.outcomes[0].model == ""
    lower = replay([run], ReplaySettings(threshold=0.0))
    assert (lower.cost.value, lower.validated.value, lower.changed.value) == (SMALL, 1, 1)
    archive.close()


def test_two_settings_side_by_side(tmp_path: Path) -> None:
    """Only the runs that come to something else are listed."""
    archive, _ = sums(tmp_path / "h.db", [SURE, WRONG, DOUBTFUL])
    replayer = Replayer.of_archive(archive, RunFilter(session="sums"))
    assert replayer.runs == 3
    both = replayer.side_by_side(ReplaySettings(), ReplaySettings(threshold=0.0))
    assert (both.one.cost.value, both.other.cost.value) == (3 * SMALL + LARGE, 3 * SMALL)
    [(before, after)] = both.differing
    assert (before.model, after.model) == ("large", "small")
    archive.close()


@pytest.mark.parametrize("settings", [ReplaySettings(), ReplaySettings(mode="fast"), ReplaySettings(budget=0.004)])
def test_each_point_of_the_curve_is_a_replay(settings: ReplaySettings, tmp_path: Path) -> None:
    """Worked out from the point before it, and the same as from the start."""
    archive, _ = sums(tmp_path / "h.db", [SURE] * 3 + [DOUBTFUL] * 3 + [WRONG] * 6)
    replayer = Replayer.of_archive(archive)
    curve = replayer.curve(settings, [0.95, 0.0, 0.5, BETWEEN, 0.5])
    assert [point.threshold for point in curve.points] == [0.0, 0.5, BETWEEN, 0.95]
    for point in curve.points:
        alone = Replayer.of_archive(archive).replay(replace(settings, threshold=point.threshold))
        assert (point.cost, point.quality, point.escalated) == (alone.cost, alone.quality, alone.escalated)
    here = replayer.replay(settings)
    assert (curve.here.cost, curve.here.threshold) == (here.cost, here.threshold)
    assert [point.cost.value for point in curve.points] == sorted(point.cost.value for point in curve.points)
    with pytest.raises(ConfigError):
        replayer.curve(settings, [1.5])
    archive.close()


def test_the_curve_measures_marks_where_there_are_any(tmp_path: Path) -> None:
    """Else what the gate says, and it says which."""
    archive, _ = sums(tmp_path / "h.db", [SURE, WRONG])
    curve = Replayer.of_archive(archive).curve()
    assert (curve.measure, len(curve.points), curve.here.right) == ("quality", 21, None)
    archive.label(archive.runs()[0].run_id, correct=True)
    curve = Replayer.of_archive(archive).curve()
    assert curve.measure == "right"
    assert curve.points[0].right is not None
    archive.close()


def test_wrong_settings_are_refused_in_words() -> None:
    """Before anything is read."""
    for wrong, said in (
        ({"mode": "slow"}, "there is no quality mode 'slow'"),
        ({"threshold": 2}, "a threshold is a number from 0 to 1"),
        ({"budget": -1}, "a budget is an amount of USD"),
        ({"budget": float("inf")}, "a budget is an amount of USD"),
        ({"prices": {"m": (1,)}}, "two amounts of USD"),
    ):
        with pytest.raises(ConfigError, match=said):
            ReplaySettings(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="marks of its own"):
        replay(RunArchive("/nowhere/h.db"), marks={})


def test_shares_and_means_have_the_intervals_of_the_textbook() -> None:
    """Wilson's for 8 of 10 is 0.490 to 0.943; the mean's half-width is 1.96 deviations over the root of the count."""
    share = share_of(8, 10, guess=0.8)
    assert (round(share.low, 3), round(share.high, 3)) == (0.490, 0.943)
    mean = mean_of([1.0, 2.0, 3.0, 4.0])
    assert mean.value == 2.5
    assert mean.high - mean.value == pytest.approx(1.959964 * mean.deviation / 2)


def ask(agent: CascadeAgent, questions: list[str]) -> None:
    async def asked() -> None:
        for question in questions:
            await agent.run(question)

    asyncio.run(asked())


def test_intervals_hold_what_then_happens(tmp_path: Path) -> None:
    """The same questions under another threshold or other models; histories of 50 runs, where 95 % is much to ask."""
    inside: list[bool] = []
    for seed in range(24):
        rng = random.Random(f"interval {seed}")
        client = SteadyClient(seed, trouble=0)
        questions = [f"{rng.choice(QUESTIONS)} {number}" for number in range(50)]
        before, after = RunArchive(tmp_path / f"{seed}a.db"), RunArchive(tmp_path / f"{seed}b.db")
        agent, other = random_agent(rng, before, client), random_agent(rng, after, client)
        for one in (agent, other):
            one.enable_multi_step_cascade = False
        settings: dict[str, Any] = {"preset": other}
        if seed % 2:
            other.models = list(agent.models)
            other._quality_validator = QualityValidator(
                agent.quality_validator.mode, threshold=rng.choice([0.3, 0.86, 0.9])
            )
            settings = {"threshold": other.quality_validator.threshold}
        ask(agent, questions)
        ask(other, questions)
        figure = replay(before, ReplaySettings(**settings)).cost
        if not figure.exact:
            inside.append(figure.low <= sum(run.cost_nanousd for run in after.runs(1000)) <= figure.high)
        before.close()
        after.close()
    assert len(inside) >= 10
    assert sum(inside) >= 0.8 * len(inside)
