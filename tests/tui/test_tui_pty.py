"""The real command in a real pseudo-terminal: start, size, keys, and a terminal left as it was found."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pty_terminal import PtyTerminal

from tui import unsent

pytestmark = pytest.mark.pty

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from console_support import agent_of, one
from tui.app import ConsoleApp
answer = "word " * 2000
app = ConsoleApp(agent_factory=one(agent_of({"gpt-4o-mini": [answer], "gpt-4o": [answer]}, pace=200)), pull_command=["false"])
if sys.argv[1:] == ["crash"]:
    app.action_help = lambda: 1 / 0
app.run()
sys.exit(app.return_code)
"""
RESTORED = ("\x1b[?1049l", "\x1b[?25h", "\x1b[?1000l", "\x1b[?1003l", "\x1b[?2004l")
"""Main screen, cursor, no mouse reports, no bracketed paste."""


@pytest.fixture
def terminal(request: pytest.FixtureRequest) -> Iterator[PtyTerminal]:
    """The console over a slow scripted client."""
    arguments = getattr(request, "param", [])
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    running = PtyTerminal([sys.executable, "-c", SCRIPT, *arguments], env={"PYTHONPATH": path})
    running.modes = termios.tcgetattr(running.fd)  # type: ignore[attr-defined]
    yield running
    running.close()


def assert_restored(terminal: PtyTerminal) -> None:
    written = terminal.output.decode("utf-8", "replace")
    for sequence in RESTORED:
        assert sequence in written, f"{sequence!r} is missing"
        turned_on = sequence[:-1] + ("h" if sequence.endswith("l") else "l")
        assert written.rindex(sequence) > written.rindex(turned_on)
    assert termios.tcgetattr(terminal.fd) == terminal.modes  # type: ignore[attr-defined]


def talk(terminal: PtyTerminal) -> None:
    terminal.wait_for("user anonymous")
    terminal.write("go\r")
    terminal.wait_for("word word")


def test_it_starts_streams_stops_and_quits(terminal: PtyTerminal) -> None:
    talk(terminal)
    terminal.write("\x1b")
    terminal.wait_for("stopped by you")
    terminal.write("\x11")
    assert terminal.wait_end() == 0
    assert_restored(terminal)


def test_ctrl_c_stops_and_twice_quits(terminal: PtyTerminal) -> None:
    talk(terminal)
    terminal.write("\x03")
    terminal.wait_for("stopped by you")
    terminal.write("\x03")
    assert terminal.wait_end() == 0
    assert_restored(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_in_mid_answer_leaves_the_terminal_clean(terminal: PtyTerminal, number: signal.Signals) -> None:
    talk(terminal)
    os.kill(terminal.pid, number)
    assert terminal.wait_end() == 128 + number
    assert_restored(terminal)


@pytest.mark.parametrize("terminal", [["crash"]], indirect=True)
def test_a_crash_leaves_the_terminal_clean_and_says_so_in_words(terminal: PtyTerminal) -> None:
    terminal.wait_for("user anonymous")
    terminal.write("\x1bOP")
    assert terminal.wait_end() == 1
    assert_restored(terminal)
    after = terminal.output.decode().rsplit("\x1b[?1049l", 1)[1]
    assert "stopped because of a bug: ZeroDivisionError" in after
    assert "Traceback" not in after


def test_a_smaller_terminal_is_drawn_for_its_size(terminal: PtyTerminal) -> None:
    terminal.wait_for("user anonymous")
    assert b"Budget" in terminal.output  # a pane that a narrow terminal hides
    position = len(terminal.output)
    terminal.resize(80, 24)
    terminal.wait_for("F5 F6 F7", since=position)
    position = len(terminal.output)
    terminal.write("typed")
    terminal.wait_for("if it escalates", since=position)
    rows = [int(row) for row, _ in re.findall(r"\x1b\[(\d+);(\d+)H", terminal.output[position:].decode())]
    assert rows
    assert max(rows) <= 24


def test_the_command_opens_it() -> None:
    """`cascadeflow` itself, with keys that are never used, so that nothing has to be fetched."""
    keys = {"OPENAI_API_KEY": "none", "ANTHROPIC_API_KEY": "none", "PYTHONPATH": str(ROOT)}
    running = PtyTerminal([sys.executable, "-m", "cascadeflow", "--user", "me"], env=keys, columns=80, lines=24)
    try:
        running.wait_for("user me")
        running.write("\x11")
        assert running.wait_end() == 0
    finally:
        running.close()


def test_unsent_text_survives_a_kill(terminal: PtyTerminal) -> None:
    terminal.wait_for("user anonymous")
    terminal.write("half a thought")
    terminal.wait_for("thought")
    deadline = time.monotonic() + 10
    while unsent.load() != ("half a thought", ()):
        assert time.monotonic() < deadline
        terminal.pump(0.05)
    os.kill(terminal.pid, signal.SIGKILL)
    assert terminal.wait_end() == -signal.SIGKILL
    assert unsent.load() == ("half a thought", ())
