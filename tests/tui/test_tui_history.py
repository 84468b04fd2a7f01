"""The history screen: find, look into, mark, name, tag, pin, delete, export, and go on with a conversation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from console_support import QUESTION, agent_of, ask, console, settle, text_of, turns, until
from textual.pilot import Pilot
from textual.widgets import Input

from cascadeflow import CascadeAgent
from cascadeflow.history import RunArchive, RunFilter
from cascadeflow.paths import history_path
from tui.app import ConsoleApp
from tui.history_query import KEYS, QueryError, filter_of, parse
from tui.restore import turn_of
from tui.screens.again import AgainScreen
from tui.screens.dialogs import LineDialog, YesNoDialog
from tui.screens.history import HistoryScreen
from tui.state import Note
from tui.widgets.choices import Choices
from tui.widgets.lines import LineView

ANSWERS = {"gpt-4o-mini": ["17 * 23 = 381"], "gpt-4o": ["17 * 23 = 391"]}


async def recorded(*conversations: tuple[str, tuple[str, ...]]) -> tuple[CascadeAgent, RunArchive]:
    """An agent, and an archive with these conversations."""
    archive = RunArchive(history_path())
    agent = agent_of(ANSWERS, archive=archive)
    for session, questions in conversations:
        for question in questions:
            await agent.run(question, session=session)
    archive.close()
    return agent, archive


async def opened(app: ConsoleApp, pilot: Pilot[None]) -> HistoryScreen:
    await pilot.press("f3")
    await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
    await settle(pilot)
    assert isinstance(app.screen, HistoryScreen)
    return app.screen


def shown_in(screen: HistoryScreen, name: str) -> str:
    return screen.query_one(f"#{name}", LineView).text


TWO = (("trip", ("Name a city in France.", QUESTION)), ("food", ("What is ramen?",)))


async def test_conversations_and_their_runs_are_shown_and_one_is_gone_on_with() -> None:
    agent, _ = await recorded(*TWO)
    async with console(agent) as (app, pilot):
        screen = await opened(app, pilot)
        assert "What is ramen?" in shown_in(screen, "sessions")
        await pilot.press("down")
        await settle(pilot)
        assert "Name a city" in shown_in(screen, "runs")
        assert QUESTION in shown_in(screen, "runs")
        assert "arithmetic 0.00 < 0.50" in shown_in(screen, "run")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.main and len(turns(app)) == 2)
        assert "Name a city in France." in text_of(app, "conversation")
        assert "▸ draft withdrawn: gpt-4o-mini" in text_of(app, "conversation")
        await ask(pilot, "And now?")
        sent = [message["content"] for message in agent.client.calls[-1].messages]  # type: ignore[attr-defined]
        assert sent == ["Name a city in France.", "17 * 23 = 391", QUESTION, "17 * 23 = 391", "And now?"]
        assert app.main.runner is not None
        assert app.main.runner.session_id == "trip"


async def test_words_and_filters_find_runs_of_every_conversation() -> None:
    agent, _ = await recorded(*TWO)
    async with console(agent) as (app, pilot):
        screen = await opened(app, pilot)
        await pilot.press("slash", *"ramen")
        await until(pilot, lambda: screen.query_one("#runs").border_title == "Runs (1)")
        assert "What is ramen?" in shown_in(screen, "runs")
        screen.query_one("#find", Input).value = "model:gpt-4o-mini verdict:passed"
        await until(pilot, lambda: screen.query_one("#runs").border_title == "Runs (3)")
        screen.query_one("#find", Input).value = "verdict:perhaps"
        await until(pilot, lambda: "write verdict: and passed or rejected" in shown_in(screen, "run"))
        await pilot.press("escape")
        assert app.screen is screen
        await pilot.press("escape")
        assert app.screen is app.main


async def test_a_conversation_is_renamed_tagged_and_pinned() -> None:
    agent, archive = await recorded(*TWO)
    async with console(agent) as (app, pilot):
        screen = await opened(app, pilot)
        await pilot.press("down", "r")
        await until(pilot, lambda: isinstance(app.screen, LineDialog))
        app.screen.query_one(Input).value = "Trip to [b]Rome[/b]"
        await pilot.press("enter")
        await until(pilot, lambda: "Trip to [b]Rome[/b]" in shown_in(screen, "sessions"))
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, LineDialog))
        app.screen.query_one(Input).value = "travel, maths"
        await pilot.press("enter")
        await until(pilot, lambda: "#maths #travel" in shown_in(screen, "sessions"))
        await pilot.press("p")
        await until(pilot, lambda: "pinned · Trip" in shown_in(screen, "sessions").split("\n")[0])
        known = archive.sessions()[0]
        assert (known.session, known.tags, known.pinned) == ("trip", ("maths", "travel"), True)


async def test_deleting_asks_first_and_deletes_a_run_or_a_conversation() -> None:
    agent, archive = await recorded(*TWO)
    async with console(agent) as (app, pilot):
        screen = await opened(app, pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, YesNoDialog))
        await pilot.press("n")
        await settle(pilot)
        assert archive.count() == 3
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, YesNoDialog))
        await pilot.press("y")
        await until(pilot, lambda: archive.count() == 2)
        await until(pilot, lambda: "ramen" not in shown_in(screen, "sessions"))
        screen.query_one("#runs").focus()
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, YesNoDialog))
        await pilot.press("y")
        await until(pilot, lambda: archive.count() == 1)


async def test_answers_are_marked_and_exported_in_the_shape_that_calibrates(tmp_path: Path) -> None:
    agent, archive = await recorded(*TWO)
    async with console(agent) as (app, pilot):
        screen = await opened(app, pilot)
        await pilot.press("down")
        await settle(pilot)
        await pilot.press("+")
        await until(pilot, lambda: "✓ right" in shown_in(screen, "runs"))
        target = tmp_path / "marked.jsonl"
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, LineDialog))
        app.screen.query_one(Input).value = str(target)
        await pilot.press("enter")
        await until(pilot, target.exists)
        (row,) = [json.loads(line) for line in target.read_text().splitlines()]
        assert row["answers"]["gpt-4o"] == {
            "text": "17 * 23 = 391", "correct": 1, "prompt_tokens": row["answers"]["gpt-4o"]["prompt_tokens"],
            "completion_tokens": row["answers"]["gpt-4o"]["completion_tokens"],
        }  # fmt: skip
        assert target.stat().st_mode & 0o077 == 0
        for name, inside in (("all.md", "> What is 17 * 23?"), ("all.json", '"trace"')):
            await pilot.press("x")
            await until(pilot, lambda: isinstance(app.screen, LineDialog))
            app.screen.query_one(Input).value = str(tmp_path / name)
            await pilot.press("enter")
            await until(pilot, (tmp_path / name).exists)
            assert inside in (tmp_path / name).read_text()
        await pilot.press("0")
        await until(pilot, lambda: "✓ right" not in shown_in(screen, "runs"))
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, LineDialog))
        app.screen.query_one(Input).value = str(tmp_path / "none.jsonl")
        await pilot.press("enter")
        await until(pilot, lambda: any("None of these runs is marked" in note.message for note in app._notifications))
        assert archive.marks() == {}


async def test_the_chat_marks_the_chosen_or_last_answer() -> None:
    agent, archive = await recorded()
    async with console(agent) as (app, pilot):
        await ask(pilot)
        archive.close()
        app.main.query_one("#conversation").focus()
        await pilot.press("minus")
        await until(pilot, lambda: "marked wrong" in text_of(app, "conversation"))
        assert [marks.label for marks in archive.marks().values()] == [False]
        await pilot.press("0")
        await until(pilot, lambda: "marked wrong" not in text_of(app, "conversation"))
        assert archive.marks() == {}


async def test_without_a_history_it_says_so() -> None:
    async with console(agent_of(ANSWERS)) as (app, pilot):
        await pilot.press("f3")
        await settle(pilot)
        assert app.screen is app.main
        assert any("records nothing" in note.message for note in app._notifications)


async def test_a_long_conversation_is_resumed_at_its_end_and_sent_whole() -> None:
    agent, _ = await recorded(("long", tuple(f"question {number}" for number in range(230))))
    async with console(agent) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.main and len(turns(app)) == 230)
        await until(pilot, lambda: "question 229" in text_of(app, "conversation"))
        assert "▴ 30 earlier turns" in text_of(app, "conversation")
        await until(pilot, lambda: "question 30" in text_of(app, "conversation"))
        await ask(pilot, "And now?")
        assert len(agent.client.calls[-1].messages) == 461  # type: ignore[attr-defined]


async def test_a_run_restored_is_the_turn_it_was() -> None:
    agent, archive = await recorded()
    async with console(agent) as (app, pilot):
        await ask(pilot)
        archive.close()
        before = turns(app)[-1]
        again = turn_of(archive.load(before.run_id))
        assert (again.question, again.answer, again.status, again.spent) == (
            before.question, before.answer, before.status, before.spent,
        )  # fmt: skip
        assert [call.model for call in again.calls] == [call.model for call in before.calls]
        assert [call.status for call in again.calls] == [call.status for call in before.calls]
        assert [call.text for call in again.drafts] == [call.text for call in before.drafts]
        assert [entry for entry in again.log if isinstance(entry, Note)] == [
            entry for entry in before.log if isinstance(entry, Note)
        ]


@pytest.mark.parametrize(
    ("text", "words", "wanted"),
    [
        ("trip to rome", "trip to rome", RunFilter()),
        ("rome domain:code", "rome", RunFilter(domain="code")),
        ("cost:>0.01 cost:<1", "", RunFilter(cost_from=10_000_000, cost_to=1_000_000_000)),
        ("marked:no status:failed tag:x", "", RunFilter(labelled=False, status="failed", tag="x")),
        ("http://example.com", "http://example.com", RunFilter()),
    ],
)
def test_words_and_filters_are_told_apart(text: str, words: str, wanted: RunFilter) -> None:
    assert parse(text) == (words, wanted)


@pytest.mark.parametrize("text", ["cost:much", "cost:0.01", "since:soon", "marked:right", "status:open", "verdict:x"])
def test_a_filter_that_is_not_understood_says_what_is(text: str) -> None:
    key = text.partition(":")[0]
    with pytest.raises(QueryError, match=f"write {key}: and "):
        parse(text)
    assert key in KEYS


def test_where_words_are_not_searched_for_they_are_refused() -> None:
    with pytest.raises(QueryError, match="no filter"):
        filter_of("rome")


async def test_the_list_keeps_its_place_while_it_is_read_again() -> None:
    agent, _ = await recorded(*TWO)
    async with console(agent) as (app, pilot):
        screen = await opened(app, pilot)
        await pilot.press("down", "p")
        await settle(pilot)
        assert screen.query_one("#sessions", Choices).current == "trip"


async def test_a_question_is_asked_again_beside_the_first_answer_after_its_cost_was_told() -> None:
    agent, archive = await recorded(*TWO)
    asked = len(agent.client.calls)  # type: ignore[attr-defined]
    async with console(agent) as (app, pilot):
        screen = await opened(app, pilot)
        await pilot.press("down", "tab")
        await settle(pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, LineDialog))
        app.screen.query_one(Input).value = "nowhere"
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, LineDialog))
        app.screen.query_one(Input).value = "production_ready"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, YesNoDialog))
        assert "at worst $" in str(app.screen.query("Static").first().render())
        assert len(agent.client.calls) == asked  # type: ignore[attr-defined]
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, AgainScreen) and app.screen._turn.ended)
        await until(pilot, lambda: "the first time" in app.screen.query_one("#second", LineView).text)
        assert QUESTION in app.screen.query_one("#first", LineView).text
        sent = [message["content"] for message in agent.client.calls[-1].messages]  # type: ignore[attr-defined]
        assert sent == ["Name a city in France.", "17 * 23 = 391", QUESTION]
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        archive.close()
        assert archive.count() == 4
