"""The console's hold on the engine: opening, switching, and a start at which not everything is there yet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from console_support import QUESTION, agent_of, ask, console, one, settle, text_of, turns, until

from cascadeflow import PRESETS
from cascadeflow.errors import ConfigError, UnknownTierError
from cascadeflow.history import RunArchive
from cascadeflow.integrations.host import HostClient
from cascadeflow.money import parse_usd
from cascadeflow.paths import history_path, ledger_path
from cascadeflow.quality import Certificate, QualityValidator
from cascadeflow.telemetry import BudgetConfig, CostTracker
from cascadeflow.telemetry.ledger import SQLiteLedger
from cascadeflow.testing import FakeClock
from tui.app import ConsoleApp
from tui.engine import Engine, opener, preset_domains
from tui.widgets.ask import Ask


def client_of(engine: Engine) -> Any:
    return getattr(engine.agent.client, "inner", engine.agent.client)


def test_switching_shares_client_ledger_and_history() -> None:
    engine = Engine(opener(None, None), user="me")
    first = engine.agent
    assert first.rehearsal  # no key in a test
    assert isinstance(client_of(engine), HostClient)
    client = client_of(engine)
    engine.choose_preset("local")
    assert not engine.agent.rehearsal
    assert client_of(engine) is client
    engine.choose_preset("cost_optimized_saas")
    assert engine.agent.rehearsal
    assert client_of(engine) is client
    assert engine.agent.archive is first.archive
    assert engine.agent.cost_tracker is not None
    assert first.cost_tracker is not None
    assert engine.agent.cost_tracker.store is first.cost_tracker.store


def test_a_rehearsal_that_was_asked_for_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where there are keys: nothing may be charged by a detour over another preset."""
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    engine = Engine(opener(None, True))
    engine.choose_preset("local")
    engine.choose_preset("production_ready")
    assert engine.agent.rehearsal


def test_a_configuration_file_can_be_left_and_taken_again(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(PRESETS["cost_optimized_saas"].to_toml())
    engine = Engine(opener(str(file), None), config=str(file))
    own = engine.agent
    assert engine.preset == "mine.toml"
    engine.choose_preset("local")
    assert engine.preset == "local"
    engine.choose_preset("mine.toml")
    assert engine.agent is own


def test_tiers_are_told_with_their_budgets_and_unknown_ones_refused() -> None:
    engine = Engine(opener(None, None), preset="cost_optimized_saas", tier="pro")
    assert ("pro", "$1/day") in engine.tiers
    with pytest.raises(UnknownTierError, match="nobody"):
        Engine(opener(None, None), tier="nobody")


def test_what_is_missing_comes_smallest_first() -> None:
    engine = Engine(opener(None, None), preset="local")
    assert engine.missing() == engine.needed()
    assert engine.needed()[0] == "smollm2-135m-instruct"
    assert len(engine.needed()) == 3
    assert all("not on this machine" in reason or "package" in reason for reason in engine.lacking().values())


def test_every_preset_is_listed_with_its_own_steps() -> None:
    listed = dict(preset_domains())
    assert list(listed) == list(PRESETS)
    assert listed["production_ready"] == ""
    assert listed["medical_ai"] == "medical"


async def test_a_question_typed_before_the_engine_is_there_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = agent_of({"gpt-4o-mini": ["391"]})
    monkeypatch.setattr(ConsoleApp, "_open_engine", lambda self: None)
    app = ConsoleApp(agent_factory=one(agent), pull_command=["false"])
    async with app.run_test(size=(120, 40)) as pilot:
        app.main.query_one(Ask).insert(QUESTION)
        await pilot.press("enter")
        assert "waits for the engine" in text_of(app, "conversation")
        app.main.engine_ready(Engine(one(agent)))
        await until(pilot, lambda: bool(turns(app)) and turns(app)[-1].status == "finished")
        assert len(agent.client.calls) == 1  # type: ignore[attr-defined]
        await app.main.aclose()


async def test_an_engine_that_cannot_be_opened_says_why_and_keeps_the_text() -> None:
    def broken(_preset: object, _current: object) -> Any:
        raise ConfigError("budget.daily is [bold]-1[/]; write a number of at least 0", file="mine.toml")

    app = ConsoleApp(agent_factory=broken, pull_command=["false"])
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "mine.toml" in text_of(app, "conversation"))
        assert "[bold]-1[/]" in text_of(app, "conversation")
        await pilot.press("a", "enter")
        assert app.main.query_one(Ask).text == "a"
        assert not app.main.answering


async def test_sending_twice_in_one_breath_asks_once() -> None:
    agent = agent_of({"gpt-4o-mini": ["391"]})
    async with console(agent) as (app, pilot):
        app.main.query_one(Ask).post_message(Ask.Sent(QUESTION))
        app.main.query_one(Ask).post_message(Ask.Sent(QUESTION))
        await until(pilot, lambda: bool(turns(app)) and turns(app)[-1].ended)
        assert len(turns(app)) == 1
        await ask(pilot)
        assert len(turns(app)) == 2


async def test_own_steps_are_switched_on_and_off_and_what_is_typed_is_planned_anew() -> None:
    agent = agent_of({"gpt-4o-mini": ["391"], "gpt-4o": ["391"]})
    async with console(agent) as (app, pilot):

        def strategy() -> str:
            painter = app.main._painter
            return painter.last_plan.strategy if painter is not None and painter.last_plan is not None else ""

        assert "steps of its own" not in text_of(app, "presets")
        app.main.query_one(Ask).insert("Is this contract clause enforceable under the Statute of Frauds?")
        await until(pilot, lambda: strategy() == "standard")
        await pilot.press("f9")
        await until(pilot, lambda: strategy() == "legal")
        assert "code, medical, legal" in " ".join(text_of(app, "presets").split())
        await pilot.press("f9")
        await until(pilot, lambda: strategy() == "standard")
        assert "steps of its own" not in text_of(app, "presets")


async def test_the_pane_tells_when_the_budget_runs_out_at_the_pace_of_the_last_days() -> None:
    clock = FakeClock(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp())
    tracker = CostTracker(
        BudgetConfig(monthly=1.00), clock=clock, enable_forecasting=True, store=SQLiteLedger(ledger_path())
    )
    for _ in range(5):
        reservation = await tracker.reserve("run", None, None, parse_usd("0.15"))
        await tracker.settle(reservation, parse_usd("0.15"), model="gpt-4o-mini")
        clock.advance(86_400)
    async with console(agent_of({"gpt-4o-mini": ["391"]}, cost_tracker=tracker)) as (app, pilot):
        await until(pilot, lambda: "lasts until" in text_of(app, "budget"))
        tracker.enable_forecasting = False
        await pilot.press("f5", "down", "enter")
        await settle(pilot)
        assert "lasts until" not in text_of(app, "budget")


async def test_what_is_certified_stands_under_the_answer_and_a_change_of_traffic_is_told_once() -> None:
    certificate = Certificate.model_validate(
        {"threshold": 0.5, "model": "gpt-4o-mini", "n": 640, "accepted": 630, "target": 0.95, "delta": 0.05,
         "wrong_bound": 0.048, "date": datetime.now(UTC).date()}
    )  # fmt: skip
    archive = RunArchive(history_path())
    agent = agent_of(
        {"gpt-4o-mini": [*["17 * 23 = 381"] * 30, "17 * 23 = 391"], "gpt-4o": ["17 * 23 = 391"]},
        archive=archive, quality_validator=QualityValidator(certificate=certificate),
    )  # fmt: skip
    for _ in range(29):
        await agent.run(QUESTION)
    archive.close()
    async with console(agent, size=(140, 50)) as (app, pilot):
        app.main.query_one(Ask).insert(QUESTION)
        await settle(pilot)
        assert "640 answers" in " ".join(text_of(app, "timeline").split())
        await pilot.press("enter")
        await until(pilot, lambda: bool(turns(app)) and turns(app)[-1].ended)
        await until(pilot, lambda: any("traffic has changed" in note.message for note in app._notifications))
        await ask(pilot)
        assert "640 answers" in " ".join(text_of(app, "conversation").split())
        assert sum("traffic has changed" in note.message for note in app._notifications) == 1
