"""Answers and errors are data: nothing in them is obeyed, and none of them stalls or breaks the console."""

from __future__ import annotations

import time
import unicodedata

import pytest
from console_support import QUESTION, agent_of, ask, console, settle, text_of, turns, until
from textual.pilot import Pilot

from cascadeflow.errors import ServerError
from cascadeflow.paths import data_dir
from tui import unsent
from tui.app import ConsoleApp
from tui.widgets.ask import Ask
from tui.widgets.conversation import Conversation

HOSTILE = (
    "[bold]bold[/bold] [/] [link=http://evil]click[/link] [@click=app.quit]x[/]\n\n"
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \x00 back\x08space \r over\n\n"
    "\u202eright to left\u202c zero\u200bwidth \ufeff joined\u200d \U000e0041 tag\n\n"
    "[text](http://evil) <script>alert(1)</script> &#27;[31m\n\n"
    "```[bold]\n\x1b[2J\n"
)


def drawn(app: ConsoleApp) -> str:
    """Every character on the screen."""
    return "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)


def assert_harmless(app: ConsoleApp) -> None:
    assert not {c for c in drawn(app) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    styles = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip if segment.style]
    assert not [style for style in styles if style.link]
    assert not [style for style in styles if "@click" in style.meta]


async def test_markup_controls_and_bidi_are_shown_as_text() -> None:
    async with console(agent_of({"gpt-4o-mini": [HOSTILE], "gpt-4o": [HOSTILE]})) as (app, pilot):
        await ask(pilot, HOSTILE)
        told = text_of(app, "conversation")
        assert "[bold]bold[/bold]" in told
        assert "[link=http://evil]click[/link]" in told
        assert "␛[31mred" in told
        assert "⟨U+202E⟩right to left" in told
        assert "<script>alert(1)</script>" in told
        assert_harmless(app)
        await pilot.press("f8")
        assert_harmless(app)


async def test_they_are_as_harmless_while_they_stream() -> None:
    async with console(agent_of({"gpt-4o-mini": [HOSTILE.replace("\n\n", " ")]}, pace=60)) as (app, pilot):
        await ask(pilot, "go", wait=False)
        while app.main.answering:
            assert_harmless(app)
            await pilot.pause(0.05)
        assert_harmless(app)


async def test_an_error_is_shown_as_text_too() -> None:
    agent = agent_of({"gpt-4o-mini": [ServerError("[bold]bad[/] \x1b[31m\u202e" + "long " * 5_000)]}, max_retries=0)
    async with console(agent) as (app, pilot):
        await ask(pilot, QUESTION)
        assert "[bold]bad[/] ␛[31m⟨U+202E⟩" in text_of(app, "conversation").replace("\n  ", " ")
        assert_harmless(app)


async def type_and_wait(app: ConsoleApp, pilot: Pilot[None], key: str) -> float:
    """Seconds until a key is in the input."""
    began = time.perf_counter()
    await pilot.press(key)
    await until(pilot, lambda: key in app.main.query_one(Ask).text)
    return time.perf_counter() - began


@pytest.mark.parametrize(
    "answer",
    [
        "x" * 10_000_000,
        "[bold]" * 1_000_000,
        "- " * 200_000,
        "`" * 300_000,
        "|a" * 300_000,
        "\u0301" * 500_000,
        "> " * 50_000,
    ],
    ids=["line", "markup", "lists", "ticks", "table", "combining", "quotes"],
)
async def test_a_monstrous_answer_is_cut_and_the_keyboard_lives(answer: str) -> None:
    """10 MB of one line, and what makes parsers slow, neither break nor stall it."""
    async with console(agent_of({"gpt-4o-mini": [answer], "gpt-4o": [answer]})) as (app, pilot):
        await ask(pilot, "go", wait=False)
        await type_and_wait(app, pilot, "q")
        await until(pilot, lambda: not app.main.answering, seconds=60)
        await settle(pilot)
        assert turns(app)[-1].answer == answer
        if len(answer) > 100_000:
            assert "more characters are not drawn" in text_of(app, "conversation")
        await type_and_wait(app, pilot, "w")
        assert_harmless(app)


async def session_with_a_bug() -> None:
    """Types a secret, and then the conversation cannot be drawn."""
    async with console(agent_of({"gpt-4o-mini": ["x"]})) as (app, pilot):
        app.main.query_one(Ask).insert("a secret")
        await pilot.pause(0.7)

        def broken(_: int) -> None:
            raise ZeroDivisionError("a secret")

        app.main.query_one(Conversation).render_line = broken  # type: ignore[method-assign, assignment]
        app.main.query_one(Conversation).refresh()
        await pilot.pause(0.3)


async def test_a_bug_while_drawing_ends_with_words_and_without_a_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    """The message names the place; neither screen nor log quotes a question."""
    with pytest.raises(ZeroDivisionError):
        await session_with_a_bug()
    said = capfd.readouterr().err
    assert "stopped because of a bug: ZeroDivisionError" in said
    assert "Traceback" not in said
    log = (data_dir() / "crash.log").read_text()
    assert "ZeroDivisionError" in log
    assert "secret" not in log + said
    assert unsent.load() == ("a secret", ())
