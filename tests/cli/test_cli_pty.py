"""The command in a real pseudo-terminal."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pty_terminal import PtyTerminal

pytestmark = pytest.mark.pty

ROOT = Path(__file__).parents[2]
SCRIPTED = str(Path(__file__).with_name("scripted_command.py"))


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., PtyTerminal]]:
    """Start the command in a pseudo-terminal, with scripted models if a script is given."""
    opened: list[PtyTerminal] = []

    def start(*arguments: str, script: dict[str, Any] | None = None, **env: str) -> PtyTerminal:
        command = [sys.executable, "-m", "cascadeflow", *arguments]
        if script is not None:
            path = tmp_path / "script.json"
            path.write_text(json.dumps(script), encoding="utf-8")
            command = [sys.executable, SCRIPTED, str(path), *arguments]
        opened.append(PtyTerminal(command, env={"PYTHONPATH": str(ROOT), **env}))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def text_of(terminal: PtyTerminal) -> str:
    """What was written, styles included."""
    return terminal.output.decode("utf-8", "replace")


SCRIPT = {"small": ["The answer is 381."], "large": ["17 * 23 = \x1b[2J391"]}


def test_an_answer_streams_in_colour_and_its_escapes_are_harmless(terminal: Any, two: str) -> None:
    """Our colours are there, the answer's escape sequence is shown instead of obeyed."""
    asked = terminal("ask", "--config", two, "--no-rehearse", "What is 17 * 23?", script=SCRIPT)
    assert asked.wait_end() == 0
    assert "\x1b[33mThis draft is withdrawn: arithmetic" in text_of(asked)
    assert "17 * 23 = ␛[2J391" in text_of(asked)
    assert "\x1b[2J" not in text_of(asked)


def test_no_color_is_respected(terminal: Any, two: str) -> None:
    """Words alone tell everything."""
    asked = terminal("ask", "--config", two, "--no-rehearse", "What is 17 * 23?", script=SCRIPT, NO_COLOR="1")
    assert asked.wait_end() == 0
    assert "\x1b" not in text_of(asked)
    assert "This draft is withdrawn: arithmetic" in text_of(asked)


def test_ctrl_c_stops_the_answer_and_exits_with_130(terminal: Any, two: str) -> None:
    """What it cost is told, and there is no traceback."""
    script = {"small": [" ".join(["word"] * 5000)], "large": ["x"], "tokens_per_second": 50}
    asked = terminal("ask", "--config", two, "--no-rehearse", "Write a long text.", script=script)
    asked.wait_for("word word word")
    asked.write("\x03")
    assert asked.wait_end() == 130
    assert re.search(r"Stopped; \$0\.\d+ spent\.", text_of(asked))
    assert "Traceback" not in text_of(asked)


def test_without_models_it_offers_to_fetch_them(terminal: Any) -> None:
    """Who says no is told how to do it later; exit code 4."""
    asked = terminal("ask", "--preset", "local", "What is 17 * 23?")
    asked.wait_for("[Y/n]: ")
    assert "1.7 GB" in text_of(asked)
    asked.write("n\r")
    assert asked.wait_end() == 4
    assert "cascadeflow models pull" in text_of(asked)


def test_ctrl_c_at_a_prompt_is_no_crash(terminal: Any) -> None:
    """Nothing was under way."""
    asked = terminal("ask", "--preset", "local", "What is 17 * 23?")
    asked.wait_for("[Y/n]: ")
    time.sleep(0.3)  # a signal in the instant before Python waits for a line is only seen after that line
    asked.write("\x03")
    assert asked.wait_end() == 130
    assert "Traceback" not in text_of(asked)


def test_a_plain_conversation_is_typed_line_by_line(terminal: Any, two: str) -> None:
    """Ctrl+D ends it."""
    script = {"small": ["Paris.", "Rome."], "large": ["x"]}
    asked = terminal("ask", "--plain", "--config", two, "--no-rehearse", script=script)
    asked.wait_for("You: ")
    asked.write("What is the capital of France?\r")
    asked.wait_for("Took: small")
    asked.write("And of Italy?\r")
    asked.wait_for("Rome.")
    asked.write("\x04")
    assert asked.wait_end() == 0
    assert text_of(asked).count("You: ") == 3


def test_without_a_question_a_terminal_is_told_where_it_goes(terminal: Any) -> None:
    """It does not wait for input that nobody knows of."""
    asked = terminal("ask")
    assert asked.wait_end() == 2
    assert "What is the question?" in text_of(asked)
