"""What if: presets x tiers for a question, and one's history under other settings, without a call."""

from __future__ import annotations

import shlex

import pytest
from console_support import QUESTION, agent_of, ask, console, settle, text_of, turns, until
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Input

from cascadeflow import PRESETS, CascadeAgent
from cascadeflow.cli import main
from cascadeflow.history import RunArchive
from cascadeflow.paths import history_path
from cascadeflow.whatif import Figure, Replayer, ReplaySettings
from tui import whatif_words as say
from tui.app import ConsoleApp
from tui.screens.dialogs import LineDialog
from tui.screens.replay import ReplayScreen
from tui.screens.whatif import WhatIfScreen
from tui.widgets.ask import Ask
from tui.widgets.choices import Choices
from tui.widgets.lines import LineView
from tui.widgets.sliders import Sliders

ANSWERS = {"gpt-4o-mini": ["17 * 23 = 381", "Paris."], "gpt-4o": ["17 * 23 = 391"]}


async def recorded() -> tuple[CascadeAgent, RunArchive]:
    archive = RunArchive(history_path())
    agent = agent_of(ANSWERS, archive=archive)
    await agent.run(QUESTION, session="s")
    for _ in range(3):
        await agent.run("What is the capital of France?", session="s")
    archive.close()
    return agent, archive


async def opened(app: ConsoleApp, pilot: Pilot[None]) -> WhatIfScreen:
    await pilot.press("f2")
    await until(pilot, lambda: isinstance(app.screen, WhatIfScreen) and bool(app.screen._rows))
    await settle(pilot)
    assert isinstance(app.screen, WhatIfScreen)
    return app.screen


async def replaying(app: ConsoleApp, pilot: Pilot[None]) -> ReplayScreen:
    await opened(app, pilot)
    await pilot.press("ctrl+r")
    await until(pilot, lambda: isinstance(app.screen, ReplayScreen) and "cost" in figures(app))
    await settle(pilot)
    assert isinstance(app.screen, ReplayScreen)
    return app.screen


def figures(app: ConsoleApp) -> str:
    return app.screen.query_one("#figures", Choices).text


async def test_every_preset_and_tier_is_planned_for_what_is_in_the_input_and_a_row_is_taken() -> None:
    agent = agent_of(ANSWERS)
    async with console(agent, size=(140, 50)) as (app, pilot):
        app.main.query_one(Ask).insert(QUESTION)
        screen = await opened(app, pilot)
        assert screen.query_one("#asked", Input).value == QUESTION
        rows = screen.query_one("#rows", Choices)
        assert all(rows.text.count(f"{name} ") >= 5 for name in PRESETS)
        assert "cheapest" in rows.text
        await pilot.press("enter")
        while rows.current != "cost_optimized_saas\nfree":
            await pilot.press("down")
        assert "llama-3.1-8b-instant" in screen.query_one("#plan", LineView).text
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.main)
        assert app.main.engine is not None
        assert (app.main.engine.preset, app.main.engine.tier) == ("cost_optimized_saas", "free")
        assert app.main.query_one(Ask).text == QUESTION
        assert agent.client.calls == []  # type: ignore[attr-defined]


async def test_typing_plans_anew_and_leaves_the_cursor_where_it_is() -> None:
    async with console(agent_of(ANSWERS), size=(140, 50)) as (app, pilot):
        screen = await opened(app, pilot)
        rows = screen.query_one("#rows", Choices)
        before = rows.text
        rows.action_move(3)
        at = rows.current
        screen.query_one(
            "#asked", Input
        ).value = "Design and justify a fault-tolerant distributed system, step by step."
        await settle(pilot)
        assert rows.text != before
        assert rows.current == at
        await pilot.press("escape")
        assert app.screen is app.main


async def test_a_budget_that_is_used_up_is_named_in_the_rows_it_keeps_out() -> None:
    agent = agent_of(ANSWERS)
    async with console(agent, size=(140, 50)) as (app, pilot):
        assert agent.cost_tracker is not None
        agent.cost_tracker.budget_limit = 0.0
        screen = await opened(app, pilot)
        assert "does not fit: " in screen.query_one("#rows", Choices).text


async def test_history_is_replayed_as_the_settings_move_and_says_what_is_exact() -> None:
    agent, _ = await recorded()
    calls = len(agent.client.calls)  # type: ignore[attr-defined]
    async with console(agent, size=(150, 50)) as (app, pilot):
        screen = await replaying(app, pilot)
        cost = next(line for line in figures(app).split("\n") if "cost" in line)
        assert "4 runs, 0 of them estimated" in screen.query_one("#behind", LineView).text
        assert "≈" not in cost
        sliders = screen.query_one(Sliders)
        while sliders.value("threshold") != 1.0:
            await pilot.press("down", "down", "down", "right", "up", "up", "up")
        await until(pilot, lambda: "threshold 1.00" in str(screen.query_one("#figures").border_title))
        assert "◂ here" in screen.query_one("#curve", LineView).text
        expected = Replayer.of_archive(RunArchive(history_path())).replay(ReplaySettings(threshold=1.0))
        assert say.figure("cost", expected.cost) in figures(app)
        assert len(agent.client.calls) == calls  # type: ignore[attr-defined]


async def test_another_size_draws_the_replay_anew() -> None:
    agent, _ = await recorded()
    async with console(agent, size=(80, 24)) as (app, pilot):
        screen = await replaying(app, pilot)
        await pilot.press("right")
        await until(pilot, lambda: "≈" in figures(app))
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: "p right (gate)" in screen.query_one("#curve", LineView).text)
        assert "≈ 0.8 (0 … 1.6)" in figures(app)
        assert "…" not in screen.query_one("#curve", LineView).text


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40)])
async def test_what_was_and_what_would_be_are_seen_beside_each_other_in_any_terminal(size: tuple[int, int]) -> None:
    agent, _ = await recorded()
    async with console(agent, size=size) as (app, pilot):
        screen = await replaying(app, pilot)
        await pilot.press("right")
        await until(pilot, lambda: "≈" in figures(app))
        pane = screen.query_one("#figures", Choices)
        rows = figures(app).split("\n")
        seen = pane.scrollable_content_region
        assert "with these settings" in rows[0]
        assert seen.height >= 6
        assert max(cell_len(row.rstrip()) for row in rows) <= seen.width
        assert all(row.count("(") == row.count(")") for row in rows)
        assert screen._now is not None
        whole = say.figure("changed", screen._now.changed)
        assert "(" in whole
        assert screen.query_one("#behind", LineView).text.startswith(f"{whole}; 4 runs")


async def test_the_runs_behind_a_figure_are_listed() -> None:
    agent, _ = await recorded()
    async with console(agent, size=(150, 50)) as (app, pilot):
        screen = await replaying(app, pilot)
        pane = screen.query_one("#figures", Choices)
        pane.focus()
        while pane.current != "escalated":
            await pilot.press("down")
        await settle(pilot)
        behind = screen.query_one("#behind", LineView)
        assert behind.border_title == "Runs behind: escalated (1)"
        assert QUESTION in behind.text


async def test_pinned_figures_stand_beside_the_next_ones_and_a_preset_is_taken() -> None:
    agent, _ = await recorded()
    async with console(agent, size=(170, 50)) as (app, pilot):
        screen = await replaying(app, pilot)
        await pilot.press("right", "b")
        await until(pilot, lambda: "pinned" in figures(app))
        await pilot.press("right")
        await until(pilot, lambda: "cost_optimized_saas" in str(screen.query_one("#figures").border_title))
        await pilot.press("b")
        assert "pinned" not in figures(app)
        await pilot.press("u")
        await until(pilot, lambda: app.screen is app.main)
        assert app.main.engine is not None
        assert app.main.engine.preset == "cost_optimized_saas"


async def test_another_price_changes_the_cost_and_what_is_written_wrong_is_said() -> None:
    agent, _ = await recorded()
    async with console(agent, size=(150, 50)) as (app, pilot):
        await replaying(app, pilot)
        before = figures(app)
        for typed in ("gpt-4o", "gpt-4o-mini=100,200"):
            await pilot.press("m")
            await until(pilot, lambda: isinstance(app.screen, LineDialog))
            app.screen.query_one(Input).value = typed
            await pilot.press("enter")
            await settle(pilot)
        assert any("write model=in,out" in note.message for note in app._notifications)
        await until(pilot, lambda: figures(app) != before)


async def test_a_filter_narrows_the_runs_and_wrong_ones_are_said() -> None:
    agent, _ = await recorded()
    async with console(agent, size=(150, 50)) as (app, pilot):
        screen = await replaying(app, pilot)
        behind = screen.query_one("#behind", LineView)
        await pilot.press("slash")
        screen.query_one("#filter", Input).value = "model:gpt-4o"
        await until(pilot, lambda: "1 run, 0 of them estimated" in behind.text)
        screen.query_one("#filter", Input).value = "paris"
        await until(pilot, lambda: "is no filter" in behind.text)
        await pilot.press("escape", "escape")
        assert isinstance(app.screen, WhatIfScreen)


async def test_without_a_history_it_says_so() -> None:
    async with console(agent_of(ANSWERS)) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert isinstance(app.screen, WhatIfScreen)
        assert any("records nothing" in note.message for note in app._notifications)


def test_estimates_have_their_interval_and_exact_figures_do_not() -> None:
    exact = Figure(value=2e6, low=2e6, high=2e6, recorded=2e6, exact_runs=1, estimated_runs=0)
    guess = Figure(value=2e6, low=1e6, high=4e6, recorded=0, exact_runs=0, estimated_runs=1)
    assert say.figure("cost", exact) == "$0.002"
    assert say.figure("cost", guess) == "≈ $0.002 ($0.001 … $0.004)"
    assert say.figure("right", None) == "no marks"


def understood(app: ConsoleApp) -> str:
    """The command that was copied, once the command line has taken it."""
    told = next(note.message for note in app._notifications if note.message.startswith("cascadeflow whatif"))
    text = told.rpartition(": ")[0]
    with main.make_context("cascadeflow", shlex.split(text)[1:2]) as ctx:
        command = main.get_command(ctx, "whatif")
        assert command is not None
        command.make_context("whatif", shlex.split(text)[2:], parent=ctx)
    return text


async def test_the_command_of_a_question_is_copied_also_where_it_looks_like_an_option() -> None:
    async with console(agent_of(ANSWERS), size=(140, 50)) as (app, pilot):
        app.main.query_one(Ask).insert("--json? It's")
        await opened(app, pilot)
        await pilot.press("ctrl+k")
        await until(pilot, lambda: bool(app._notifications))
        assert understood(app).endswith(" --json -- " + shlex.quote("--json? It's"))


async def test_the_command_of_a_replay_is_copied_with_its_filter_and_what_is_pinned() -> None:
    agent, _ = await recorded()
    async with console(agent, size=(170, 50)) as (app, pilot):
        screen = await replaying(app, pilot)
        screen.query_one(
            "#filter", Input
        ).value = "model:gpt-4o domain:code cost:>0.01 verdict:passed marked:no preset:local since:2026-11-01"
        await until(pilot, lambda: screen._wanted.domain == "code")
        await settle(pilot)
        await pilot.press("b", "right", "down", "right", "m")
        await until(pilot, lambda: isinstance(app.screen, LineDialog))
        app.screen.query_one(Input).value = "gpt-4o=2.5,10"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("y")
        await until(pilot, lambda: bool(app._notifications))
        preset = screen._settings().preset
        assert understood(app) == (
            "cascadeflow whatif --history --since 2026-11-01T00:00 --domain code --model gpt-4o --made-with local "
            f"--verdict accepted --cost-from 0.01 --unlabelled --set preset={preset} --set tier= "
            "--set price=gpt-4o=2.5,10.0 --against recorded --json"
        )


async def test_what_was_asked_is_kept_when_the_screen_is_left() -> None:
    async with console(agent_of(ANSWERS), size=(140, 50)) as (app, pilot):
        app.main.query_one(Ask).insert("half a thought")
        await opened(app, pilot)
        await pilot.press("escape")
        assert app.main.query_one(Ask).text == "half a thought"
        await ask(pilot, " more")
        assert turns(app)[-1].question == "half a thought more"
        assert text_of(app, "conversation")
