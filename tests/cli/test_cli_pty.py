"""The command in a real pseudo-terminal."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pty = pytest.importorskip("pty")
pytestmark = pytest.mark.pty

ROOT = Path(__file__).parents[2]
SCRIPTED = str(Path(__file__).with_name("scripted_command.py"))


class Terminal:
    """A process in a pseudo-terminal of its own."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]), **env},
            start_new_session=True, preexec_fn=self._control,
        )  # fmt: skip
        os.close(slave)
        self.text = ""

    @staticmethod
    def _control() -> None:
        import fcntl
        import termios

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def read_until(self, part: str, seconds: float = 30) -> str:
        """Read until a text is there."""
        give_up = time.monotonic() + seconds
        while part not in self.text:
            assert time.monotonic() < give_up, f"{part!r} did not come; there is: {self.text!r}"
            if not self._read():
                assert part in self.text, f"the end came without {part!r}: {self.text!r}"
        return self.text

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], 0.2)
        if not ready:
            return self.process.poll() is None
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.text += data.decode("utf-8", "replace")
        return bool(data)

    def send(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def end(self) -> int:
        """Read to the end and give the exit code."""
        while self._read():
            pass
        return self.process.wait(timeout=20)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Start the command in a pseudo-terminal, with scripted models if a script is given."""
    opened: list[Terminal] = []

    def start(*arguments: str, script: dict[str, Any] | None = None, **env: str) -> Terminal:
        command = [sys.executable, "-m", "cascadeflow", *arguments]
        if script is not None:
            path = tmp_path / "script.json"
            path.write_text(json.dumps(script), encoding="utf-8")
            command = [sys.executable, SCRIPTED, str(path), *arguments]
        opened.append(Terminal(command, {"TERM": "xterm-256color", **env}))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


SCRIPT = {"small": ["The answer is 381."], "large": ["17 * 23 = \x1b[2J391"]}


def test_an_answer_streams_in_colour_and_its_escapes_are_harmless(terminal: Any, two: str) -> None:
    """Our colours are there, the answer's escape sequence is shown instead of obeyed."""
    asked = terminal("ask", "--config", two, "--no-rehearse", "What is 17 * 23?", script=SCRIPT)
    assert asked.end() == 0
    assert "\x1b[33mThis draft is withdrawn: arithmetic" in asked.text
    assert "17 * 23 = ␛[2J391" in asked.text
    assert "\x1b[2J" not in asked.text


def test_no_color_is_respected(terminal: Any, two: str) -> None:
    """Words alone tell everything."""
    asked = terminal("ask", "--config", two, "--no-rehearse", "What is 17 * 23?", script=SCRIPT, NO_COLOR="1")
    assert asked.end() == 0
    assert "\x1b" not in asked.text
    assert "This draft is withdrawn: arithmetic" in asked.text


def test_ctrl_c_stops_the_answer_and_exits_with_130(terminal: Any, two: str) -> None:
    """What it cost is told, and there is no traceback."""
    script = {"small": [" ".join(["word"] * 5000)], "large": ["x"], "tokens_per_second": 50}
    asked = terminal("ask", "--config", two, "--no-rehearse", "Write a long text.", script=script)
    asked.read_until("word word word")
    asked.send("\x03")
    assert asked.end() == 130
    assert re.search(r"Stopped; \$0\.\d+ spent\.", asked.text)
    assert "Traceback" not in asked.text


def test_without_models_it_offers_to_fetch_them(terminal: Any) -> None:
    """Who says no is told how to do it later; exit code 4."""
    asked = terminal("ask", "--preset", "local", "What is 17 * 23?")
    asked.read_until("Fetch them now?")
    assert "1.7 GB" in asked.text
    asked.send("n\r")
    assert asked.end() == 4
    assert "cascadeflow models pull" in asked.text


def test_ctrl_c_at_a_prompt_is_no_crash(terminal: Any) -> None:
    """Nothing was under way."""
    asked = terminal("ask", "--preset", "local", "What is 17 * 23?")
    asked.read_until("Fetch them now?")
    asked.send("\x03")
    assert asked.end() == 130
    assert "Traceback" not in asked.text


def test_a_plain_conversation_is_typed_line_by_line(terminal: Any, two: str) -> None:
    """Ctrl+D ends it."""
    script = {"small": ["Paris.", "Rome."], "large": ["x"]}
    asked = terminal("ask", "--plain", "--config", two, "--no-rehearse", script=script)
    asked.read_until("You: ")
    asked.send("What is the capital of France?\r")
    asked.read_until("Took: small")
    asked.send("And of Italy?\r")
    asked.read_until("Rome.")
    asked.send("\x04")
    assert asked.end() == 0
    assert asked.text.count("You: ") == 3


def test_without_a_question_a_terminal_is_told_where_it_goes(terminal: Any) -> None:
    """It does not wait for input that nobody knows of."""
    asked = terminal("ask")
    assert asked.end() == 2
    assert "What is the question?" in asked.text
