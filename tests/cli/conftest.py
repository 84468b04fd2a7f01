"""Tools for the tests of the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cascadeflow.testing import ScriptedClient

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "tui"))  # the pseudo-terminal of the console's tests
CONFIGURATION = """
version = 1
name = "two"

[[models]]
name = "small"
provider = "openai"
cost = 0.001
quality_score = 0.5

[[models]]
name = "large"
provider = "openai"
cost = 0.01
quality_score = 0.9
"""


@pytest.fixture
def two(tmp_path: Path) -> str:
    """A configuration of two models whose prices are given."""
    path = tmp_path / "two.toml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    return str(path)


@pytest.fixture
def cascadeflow() -> Callable[..., Result]:
    """Run the command in this process."""
    from cascadeflow.cli import main

    def run(*arguments: str, stdin: str | bytes | None = "") -> Result:
        return CliRunner().invoke(main, list(arguments), input=stdin, prog_name="cascadeflow")

    return run


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ScriptedClient]:
    """Let every agent that a command opens be answered by a script."""
    from cascadeflow import workspace

    open_agent = workspace.open_agent

    def use(answers: dict[str, list[Any]]) -> ScriptedClient:
        client = ScriptedClient(answers)

        def opened(*given: Any, **options: Any) -> Any:
            return open_agent(*given, **{**options, "client": client})

        monkeypatch.setattr(workspace, "open_agent", opened)
        return client

    return use


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command in a process of its own, with scripted models."""
    started: list[subprocess.Popen[str]] = []

    def start(script: dict[str, Any], *arguments: str, **options: Any) -> subprocess.Popen[str]:
        path = tmp_path / "script.json"
        path.write_text(json.dumps(script), encoding="utf-8")
        command = [sys.executable, str(Path(__file__).with_name("scripted_command.py")), str(path), *arguments]
        streams: dict[str, Any] = {
            "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True,
            "encoding": "utf-8", "env": {**os.environ, "PYTHONPATH": str(ROOT)},
        }  # fmt: skip
        started.append(subprocess.Popen(command, **{**streams, **options}))
        return started[-1]

    yield start
    for one in started:
        if one.poll() is None:
            one.kill()
            one.wait()
