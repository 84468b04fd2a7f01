"""How a run is told on a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.cli.output import table
from cascadeflow.cli.story import LiveStory, sink_for
from cascadeflow.testing import Answer, ScriptedClient

SMALL, LARGE = ModelConfig("small", "openai", quality_score=0.5), ModelConfig("large", "openai", quality_score=0.9)


async def told(answers: dict[str, list[str | Answer]], question: str = "What is 17 * 23?") -> None:
    """Tell a run as on a terminal."""
    story = LiveStory()
    async with CascadeAgent([SMALL, LARGE], client=ScriptedClient(answers)).stream(question) as stream:
        async for event in stream:
            story(event)


async def test_a_withdrawn_draft_is_announced_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """The draft was seen already, so it is said that it does not hold, and why."""
    await told({"small": ["The answer is 381."], "large": ["17 * 23 = 391"]})
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[:2] == ["small:", "The answer is 381."]
    assert lines[2].startswith("This draft is withdrawn: arithmetic 0.")
    assert "391" in lines[2]
    assert lines[3:] == ["large:", "17 * 23 = 391"]
    assert "large · 2 steps" in err


async def test_the_best_of_the_rejected_is_shown_again(capsys: pytest.CaptureFixture[str]) -> None:
    """With its name, and marked as not validated."""
    await told({"small": ["381"], "large": ["The result is 411."]})
    out, err = capsys.readouterr()
    best = out.split("The best of the rejected answers, by ")[1]
    assert best in ("small:\n381\n", "large:\nThe result is 411.\n")
    assert "Not validated" in err


async def test_control_characters_of_an_answer_never_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Escapes, bidi and C1 controls are shown; a carriage return cut in two by the stream is a line's end."""
    answer = "Paris \x1b[2J\x1b]0;title\x07 is\r \nthe \x9b31m capital \u202egnorw of France."
    await told({"small": [answer], "large": [answer]}, "What is the capital of France?")
    out, err = capsys.readouterr()
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(out + err)
    assert "␛[2J" in out
    assert "⟨U+202E⟩" in out


def test_a_pipe_holds_drafts_back_and_a_terminal_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written into a pipe cannot be taken back."""
    monkeypatch.setattr("cascadeflow.cli.story.on_terminal", lambda: False)
    assert sink_for(as_json=False, plain=False)[1]
    monkeypatch.setattr("cascadeflow.cli.story.on_terminal", lambda: True)
    assert not sink_for(as_json=False, plain=False)[1]
    assert not sink_for(as_json=True, plain=False)[1]
    assert sink_for(as_json=False, plain=True)[1]


def test_tables_align_wide_characters() -> None:
    """A Chinese character takes two cells."""
    assert table([("a", "b"), ("中文", "1"), ("abc", "22")], right=(1,)) == "a      b\n中文   1\nabc   22"


def test_the_crash_log_quotes_nothing(own_home: Path) -> None:
    """It has the kinds and places of errors, and only the owner reads it."""
    from cascadeflow.crash import write_crash_log

    def fail() -> None:
        try:
            int("my secret question")
        except ValueError as error:
            raise KeyError("sk-key") from error

    with pytest.raises(KeyError) as caught:
        fail()
    path = write_crash_log(caught.value)
    assert path == own_home / "crash.log"
    text = path.read_text()
    assert "KeyError" in text
    assert "ValueError" in text
    assert "test_cli_story.py:" in text
    assert "secret" not in text
    assert "sk-key" not in text
    assert path.stat().st_mode & 0o777 == 0o600
