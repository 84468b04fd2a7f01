"""The command as a process: signals, pipes, bugs, and how light it starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Start = Callable[..., "subprocess.Popen[str]"]
ENDLESS = {"small": [" ".join(["word"] * 5000)], "large": ["x"], "tokens_per_second": 50}


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """`python -m cascadeflow …`."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "cascadeflow", *arguments],
        capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL, env=env, check=False, **options,
    )  # fmt: skip


def test_without_a_terminal_the_console_prints_help_and_exits_with_2() -> None:
    """A script that calls it by mistake does not hang."""
    result = run()
    assert result.returncode == 2
    assert "Commands:" in result.stdout
    assert "cascadeflow ask" in result.stderr


def test_help_brings_no_engine_along() -> None:
    """It must be there at once."""
    code = (
        "import sys\nfrom cascadeflow.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit as end: assert end.code == 0\n"
        "print([name for name in ('pydantic', 'textual', 'rich', 'litellm', 'sqlite3') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_stops_the_answer_settles_and_ends_the_stream(
    process: Start, two: str, own_home: Path, number: int, code: int
) -> None:
    """The last event is run_cancelled with what it cost, nothing stays held, and the run is in the history."""
    answering = process(ENDLESS, "ask", "--config", two, "--no-rehearse", "--json", "Write a long text.")
    assert answering.stdout is not None
    lines = []
    for line in answering.stdout:
        lines.append(line)
        if line.count("token_delta") and len(lines) > 8:
            break
    answering.send_signal(number)
    rest, err = answering.communicate(timeout=20)
    assert answering.returncode == code
    assert "Traceback" not in err
    last = json.loads(rest.splitlines()[-1])
    assert last["event"] == "run_cancelled"
    assert last["spent"] > 0
    assert [json.loads(line)["event"] for line in lines + rest.splitlines()].count("run_cancelled") == 1
    listed = json.loads(run("history", "list", "--json").stdout)
    assert [(stored["status"], stored["cost_nanousd"]) for stored in listed] == [("cancelled", last["spent"])]


def test_a_reader_that_leaves_is_no_crash(process: Start, two: str) -> None:
    """As with `| head -1`: it stops, settles, and shows no traceback."""
    answering = process(ENDLESS, "ask", "--config", two, "--no-rehearse", "--json", "Write a long text.")
    assert answering.stdout is not None
    assert answering.stderr is not None
    assert json.loads(answering.stdout.readline())["event"] == "run_started"
    answering.stdout.close()
    with answering.stderr:
        err = answering.stderr.read()
    assert answering.wait(timeout=20) == 1
    assert "Traceback" not in err
    assert json.loads(run("history", "list", "--json").stdout)[0]["status"] == "cancelled"


def test_a_bug_is_one_message_and_a_log_without_the_question(process: Start, two: str, own_home: Path) -> None:
    """No traceback on the terminal, and the log quotes nothing."""
    answering = process({"bug": "oops"}, "ask", "--config", two, "my secret question")
    _, err = answering.communicate(timeout=20)
    assert answering.returncode == 1
    assert "Traceback" not in err
    assert str(own_home / "crash.log") in err
    log = (own_home / "crash.log").read_text()
    assert "KeyError" in log
    assert "secret" not in log


def test_output_that_the_terminal_s_encoding_lacks_is_replaced(process: Start, two: str) -> None:
    """An old locale is no reason to lose an answer."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "latin-1"}
    script = {"small": ["Zürich is a city in Switzerland. ☃"], "large": ["x"]}
    answering = process(script, "ask", "--config", two, "--no-rehearse", "Name a city.", env=env, encoding="latin-1")
    out, _ = answering.communicate(timeout=20)
    assert answering.returncode == 0
    assert out == "Zürich is a city in Switzerland. ?\n"


@pytest.mark.models
def test_the_embedded_models_answer_for_real(embedded_models: Path, own_home: Path) -> None:
    """Without a key the default preset is rehearsed: wrong products are rejected, the right one stands."""
    (own_home / "models").symlink_to(embedded_models)
    result = run("ask", "--json", "What is 17 * 23?")
    assert result.returncode == 0, result.stderr
    events = [json.loads(line) for line in result.stdout.splitlines()]
    verdicts = [event["verdict"] for event in events if event["event"] == "validated"]
    assert [verdict["is_valid"] for verdict in verdicts] == [False] * (len(verdicts) - 1) + [True]
    assert {verdict["deciding"] for verdict in verdicts[:-1]} == {"arithmetic"}
    assert events[-1]["event"] == "run_finished"
    assert events[-1]["result"]["rehearsal"]
    assert "391" in events[-1]["result"]["text"]
