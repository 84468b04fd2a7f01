"""The main screen, key by key, before a scripted client."""

from __future__ import annotations

from pathlib import Path

import pytest
from console_support import NARROW, QUESTION, WIDE, agent_of, ask, console, settle, shown, text_of, turns, until

from cascadeflow import CascadeAgent
from cascadeflow.config import load
from cascadeflow.errors import ServerError
from cascadeflow.paths import data_dir
from cascadeflow.telemetry import BudgetConfig, CostTracker
from cascadeflow.testing import Answer
from tui import unsent
from tui.screens.export import ExportScreen
from tui.screens.help import HelpScreen
from tui.widgets.ask import Ask
from tui.widgets.conversation import Conversation
from tui.widgets.lines import LineView

REJECTED_FIRST = {"gpt-4o-mini": ["17 * 23 = 381"], "gpt-4o": ["17 * 23 = 391"]}


async def test_a_question_is_answered_and_every_pane_tells_its_part() -> None:
    async with console(agent_of(REJECTED_FIRST), user="me") as (app, pilot):
        await ask(pilot)
        conversation = text_of(app, "conversation")
        assert "What is 17 * 23?" in conversation
        assert "17 * 23 = 391" in conversation
        assert "▸ draft withdrawn: gpt-4o-mini" in conversation
        assert "17 * 23 = 381" not in conversation
        assert "2 steps" in conversation
        timeline = text_of(app, "timeline")
        assert "1 gpt-4o-mini" in timeline
        assert "rejected" in timeline
        assert "arithmetic" in timeline
        assert "2 gpt-4o" in timeline
        assert "accepted" in timeline
        assert "this session" in text_of(app, "cost")
        assert "always gpt-4o" in text_of(app, "cost")
        assert "user me, daily" in text_of(app, "budget")
        assert "session $0.0" in text_of(app, "header")
        assert app.main.query_one(Ask).text == ""


async def test_a_draft_is_struck_out_with_its_reason_before_it_folds() -> None:
    """While the next model answers, the rejected text can still be read, struck out."""
    agent = agent_of({"gpt-4o-mini": ["17 * 23 = 381"], "gpt-4o": [Answer("17 * 23 = 391", delay=0.4)]})
    async with console(agent) as (app, pilot):
        await ask(pilot, wait=False)
        await until(pilot, lambda: "draft withdrawn" in text_of(app, "conversation"))
        seen = text_of(app, "conversation")
        assert "17 * 23 = 381" in seen
        assert "rejected, arithmetic" in seen
        conversation = app.main.query_one(Conversation)
        struck = [
            segment.text.strip()
            for row in range(conversation.size.height)
            for segment in conversation.render_line(row)
            if segment.style is not None and segment.style.strike
        ]
        assert "17 * 23 = 381" in struck
        await until(pilot, lambda: not app.main.answering)


async def test_tokens_are_seen_as_they_come() -> None:
    async with console(agent_of({"gpt-4o-mini": ["one two three four five six seven eight"]}, pace=15)) as (app, pilot):
        await ask(pilot, "count", wait=False)
        await until(pilot, lambda: "one two" in text_of(app, "conversation"))
        assert "eight" not in text_of(app, "conversation")
        assert "answering…" in text_of(app, "timeline")
        await until(pilot, lambda: not app.main.answering)
        await settle(pilot)
        assert "eight" in text_of(app, "conversation")


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_stopping_keeps_what_came_and_its_cost(key: str) -> None:
    async with console(agent_of({"gpt-4o-mini": ["word " * 500]}, pace=50)) as (app, pilot):
        await ask(pilot, "talk", wait=False)
        await until(pilot, lambda: "word word" in text_of(app, "conversation"))
        await pilot.press(key)
        await until(pilot, lambda: turns(app)[-1].ended)
        await settle(pilot)
        turn = turns(app)[-1]
        assert turn.status == "stopped"
        assert turn.spent > 0
        conversation = text_of(app, "conversation")
        assert "word word" in conversation
        assert "stopped by you" in conversation
        assert "stopped" in text_of(app, "timeline")
        await ask(pilot, "again", wait=False)
        await pilot.press("escape")
        await until(pilot, lambda: not app.main.answering)


async def test_ctrl_c_twice_and_ctrl_q_quit() -> None:
    for keys in (["ctrl+c", "ctrl+c"], ["ctrl+q"]):
        async with console(agent_of(REJECTED_FIRST)) as (app, pilot):
            await pilot.press(*keys)
            await until(pilot, lambda app=app: not app.is_running)
            assert app.return_code == 0


async def test_a_follow_up_carries_the_conversation_without_withdrawn_text() -> None:
    agent = agent_of(REJECTED_FIRST)
    async with console(agent) as (_app, pilot):
        await ask(pilot)
        await ask(pilot, "And 17 + 23?")
        sent = agent.client.calls[-1].messages  # type: ignore[attr-defined]
        assert [message["content"] for message in sent] == [QUESTION, "17 * 23 = 391", "And 17 + 23?"]


async def test_enter_sends_and_other_keys_begin_a_line() -> None:
    async with console(agent_of(REJECTED_FIRST)) as (app, pilot):
        await pilot.press("a", "ctrl+j", "b", "alt+enter", "c")
        assert app.main.query_one(Ask).text == "a\nb\nc"
        await pilot.press("enter")
        await until(pilot, lambda: bool(turns(app)))
        assert turns(app)[0].question == "a\nb\nc"
        await until(pilot, lambda: not app.main.answering)
        await pilot.press("enter")
        await pilot.pause()
        assert len(turns(app)) == 1


async def test_a_failed_question_comes_back_into_the_input() -> None:
    agent = agent_of({"gpt-4o-mini": [ServerError("the server is down", model="gpt-4o-mini")]}, max_retries=0)
    async with console(agent) as (app, pilot):
        await ask(pilot, "lost?")
        assert app.main.query_one(Ask).text == "lost?"
        assert "the server is down" in text_of(app, "conversation")


async def test_while_an_answer_is_under_way_the_next_question_stays_in_the_input() -> None:
    async with console(agent_of({"gpt-4o-mini": ["word " * 200]}, pace=100)) as (app, pilot):
        await ask(pilot, "first", wait=False)
        await ask(pilot, "second", wait=False)
        assert app.main.query_one(Ask).text == "second"
        assert len(turns(app)) == 1
        await pilot.press("escape")
        await until(pilot, lambda: not app.main.answering)


async def test_typing_shows_what_it_may_cost_and_the_plan() -> None:
    async with console(agent_of(REJECTED_FIRST)) as (app, pilot):
        await pilot.press(*"hello")
        await settle(pilot)
        subtitle = str(app.main.query_one(Ask).border_subtitle)
        assert subtitle.startswith("≈ $")
        assert "if it escalates" in subtitle
        assert "plan 2 steps" in text_of(app, "timeline").replace("\n", " ")


async def test_another_preset_plans_anew_at_once_and_acts_from_the_next_question() -> None:
    async with console(agent_of(REJECTED_FIRST)) as (app, pilot):
        await pilot.press(*"hello")
        await settle(pilot)
        await pilot.press("f5", "down", "down", "enter")
        await settle(pilot)
        assert app.main.engine is not None
        assert app.main.engine.preset == "code_specialist"
        assert "preset code_specialist" in text_of(app, "header")
        assert "> code_specialist" in text_of(app, "presets")
        assert "steps of its own" in text_of(app, "presets")
        assert "before: 2 steps" in text_of(app, "timeline")
        assert "now: " in text_of(app, "timeline")


async def test_a_preset_can_be_clicked() -> None:
    async with console(agent_of(REJECTED_FIRST)) as (app, pilot):
        await pilot.click("#presets", offset=(6, 2))
        await settle(pilot)
        assert app.main.engine is not None
        assert app.main.engine.preset == "cost_optimized_saas"


async def test_a_tier_is_used_and_its_budget_shown() -> None:
    tracker = CostTracker(budget_limit=1.0, tier_budgets={"pro": BudgetConfig(daily=5.0)})
    agent = agent_of(REJECTED_FIRST, cost_tracker=tracker)
    async with console(agent) as (app, pilot):
        assert "pro $5/day" in text_of(app, "tiers")
        await pilot.press("f5", "tab")
        names = [name for name, _ in app.main.engine.tiers]  # type: ignore[union-attr]
        await pilot.press(*["down"] * (1 + names.index("pro")), "enter")
        await settle(pilot)
        assert "tier pro" in text_of(app, "header")
        await pilot.press("escape")
        await ask(pilot)
        assert turns(app)[-1].plan.tier == "pro"


async def test_the_gauge_moves_with_the_budget_and_the_refusal_says_everything() -> None:
    """At the limit a paid call is refused before it is made."""
    answer = Answer("391", prompt_tokens=1_000, completion_tokens=1_000)
    agent = agent_of({"gpt-4o-mini": [answer]}, cost_tracker=CostTracker(budget_limit=0.001))
    async with console(agent, user="me") as (app, pilot):
        assert "0 % spent, ok" in text_of(app, "budget")
        await ask(pilot)
        assert "75 % spent" in text_of(app, "budget")
        await ask(pilot)
        assert "$0.00075 of $0.001" in text_of(app, "budget") or "used up" in text_of(app, "budget")
        calls = len(agent.client.calls)  # type: ignore[attr-defined]
        if turns(app)[-1].status != "failed":
            await ask(pilot)
        assert turns(app)[-1].status == "failed"
        told = text_of(app, "conversation")
        assert "user me, daily" in told
        assert "resets" in told
        assert len(agent.client.calls) <= calls + 1  # type: ignore[attr-defined]


async def test_drafts_open_and_fold_by_key_and_by_mouse() -> None:
    async with console(agent_of(REJECTED_FIRST)) as (app, pilot):
        await ask(pilot)
        await pilot.press("f8")
        assert "▾ draft withdrawn" in text_of(app, "conversation")
        assert "17 * 23 = 381" in text_of(app, "conversation")
        await pilot.press("f8")
        assert "17 * 23 = 381" not in text_of(app, "conversation")
        conversation = app.main.query_one(Conversation)
        rows = text_of(app, "conversation").split("\n")
        row = next(number for number, text in enumerate(rows) if "▸ draft withdrawn" in text)
        await pilot.click(Conversation, offset=(6, row + conversation.gutter.top))
        assert "17 * 23 = 381" in text_of(app, "conversation")
        conversation.focus()
        await pilot.press("p", "enter")
        assert "17 * 23 = 381" not in text_of(app, "conversation")


async def test_the_view_follows_only_while_it_is_at_the_end() -> None:
    async with console(agent_of({"gpt-4o-mini": ["line\n" * 100, "more\n" * 300]}, pace=None), size=NARROW) as (
        app,
        pilot,
    ):
        conversation = app.main.query_one(Conversation)
        await ask(pilot, "first")
        assert conversation.scroll_offset.y == conversation.max_scroll_y > 0
        await pilot.press("pageup", "pageup")
        place = conversation.scroll_offset.y
        assert place < conversation.max_scroll_y
        turn = turns(app)[-1]
        turn.log[-1].pieces.append("later\n" * 50)
        conversation.update_turn(turn)
        await pilot.pause()
        assert conversation.scroll_offset.y == place
        await ask(pilot, "second")
        assert conversation.scroll_offset.y == conversation.max_scroll_y


async def test_export_writes_what_the_console_uses(tmp_path: Path) -> None:
    agent = agent_of(REJECTED_FIRST)
    async with console(agent) as (app, pilot):
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert isinstance(app.screen, ExportScreen)
        assert 'name = "gpt-4o-mini"' in app.screen.query_one("#preview", LineView).text
        target = tmp_path / "mine.toml"
        target.write_text("# mine\nversion = 1\n")
        app.screen.query_one("#path").value = str(target)  # type: ignore[attr-defined]
        await pilot.pause()
        assert "exists" in app.screen.query_one("#told", LineView).text
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is app.main
        assert "# mine" in target.read_text()
        assert (tmp_path / "mine.toml.bak").exists()
        assert load(target).to_agent_config()["models"] == agent.models
        assert CascadeAgent.from_toml(target, client=agent.client).plan(QUESTION) == agent.plan(QUESTION)


async def test_export_says_why_it_cannot_write(tmp_path: Path) -> None:
    async with console(agent_of(REJECTED_FIRST)) as (app, pilot):
        await pilot.press("alt+o")
        await settle(pilot)
        app.screen.query_one("#path").value = str(tmp_path)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await pilot.pause()
        assert str(tmp_path) in app.screen.query_one("#told", LineView).text.replace("\n", "")
        await pilot.press("escape")
        assert app.screen is app.main


async def test_help_tells_the_pane_and_its_keys() -> None:
    async with console(agent_of(REJECTED_FIRST)) as (app, pilot):
        await pilot.press("f1")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        told = app.screen.query_one("#help", LineView).text
        assert "Enter sends it" in told
        assert "Ctrl+J, Alt+Enter" in told
        assert "F6, Alt+6" in told
        await pilot.press("escape")
        assert app.screen is app.main


@pytest.mark.parametrize(("key", "column"), [("f5", "left"), ("alt+6", "right"), ("f7", "right")])
async def test_narrow_terminals_open_the_panes_over_the_conversation(key: str, column: str) -> None:
    async with console(agent_of(REJECTED_FIRST), size=NARROW) as (app, pilot):
        assert app.main.query_one("#strip").display
        assert not app.main.query_one(f"#{column}").display
        await pilot.press(key)
        assert app.main.query_one(f"#{column}").display
        await pilot.press("escape")
        assert not app.main.query_one(f"#{column}").display
        assert app.focused is app.main.query_one(Ask)


async def test_the_strip_tells_what_the_panes_would() -> None:
    async with console(agent_of(REJECTED_FIRST), size=NARROW, user="me") as (app, pilot):
        await ask(pilot)
        strip = text_of(app, "strip")
        assert "production_ready" in strip
        assert "daily $" in strip
        assert "accepted" in strip


async def test_resizing_draws_everything_for_the_new_size() -> None:
    async with console(agent_of({"gpt-4o-mini": ["word " * 60]}), size=WIDE) as (app, pilot):
        await ask(pilot, "talk")
        wide = text_of(app, "conversation")
        await pilot.resize_terminal(*NARROW)
        await settle(pilot)
        narrow = text_of(app, "conversation")
        assert narrow != wide
        assert narrow.split() == wide.split()
        assert app.main.query_one("#strip").display


async def test_unsent_text_comes_back_at_the_next_start() -> None:
    async with console(agent_of(REJECTED_FIRST)) as (_app, pilot):
        await pilot.press(*"half a ")
        await pilot.pause(0.7)
    assert unsent.load() == ("half a ", ())
    assert unsent.path().stat().st_mode & 0o077 == 0
    async with console(agent_of(REJECTED_FIRST)) as (app, pilot):
        assert app.main.query_one(Ask).text == "half a "
        await ask(pilot, "question")
        assert unsent.load() == ("", ())


async def test_a_new_conversation_forgets_the_old_one() -> None:
    agent = agent_of(REJECTED_FIRST)
    async with console(agent) as (app, pilot):
        await ask(pilot)
        assert app.main.runner is not None
        before = app.main.runner.session_id
        await pilot.press("ctrl+n")
        await settle(pilot)
        assert QUESTION not in text_of(app, "conversation")
        assert app.main.runner.session_id != before
        await ask(pilot, "fresh")
        assert [message["content"] for message in agent.client.calls[-1].messages] == ["fresh"]  # type: ignore[attr-defined]


async def test_the_whole_answer_can_be_saved() -> None:
    text = "x" * 300_000
    async with console(agent_of({"gpt-4o-mini": [text]})) as (app, pilot):
        await ask(pilot, "much")
        assert "200,000 more characters are not drawn" in shown(pilot)
        await pilot.press("ctrl+s")
        await pilot.pause()
        (saved,) = (data_dir() / "answers").iterdir()
        assert saved.read_text() == text
        assert app.is_running


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    """So each can be remapped, and the help tells all of them."""
    from textual.binding import Binding

    from tui.app import ConsoleApp
    from tui.screens.main import MainScreen
    from tui.widgets.choices import Choices

    for owner in (ConsoleApp, MainScreen, Ask, Conversation, Choices, ExportScreen, HelpScreen):
        for binding in vars(owner)["BINDINGS"]:
            assert isinstance(binding, Binding)
            assert binding.id, binding
            assert binding.tooltip, binding
            for key in binding.key.split(","):
                if key.startswith("f") and key[1:].isdigit():
                    assert "," in binding.key, f"{key} needs a second key"


async def test_rehearsal_is_said_everywhere() -> None:
    agent = agent_of(REJECTED_FIRST, rehearsal=True)
    for size in (WIDE, NARROW):
        async with console(agent, size=size) as (app, pilot):
            assert "REHEARSAL" in text_of(app, "header")
            await ask(pilot)
            assert "(rehearsal)" in text_of(app, "conversation")
