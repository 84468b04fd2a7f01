"""The peers' side of `engine.py --peers`: where they run, how they are asked, and what they do in a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from measure import Figures

HERE = Path(__file__).parent
UPSTREAM = "cascadeflow==1.2.0"
WHAT_THEY_DO = {
    "upstream": (
        "complexity, draft or direct, its text checks on the draft; no domain, and budgets are not part of a run"
    ),
    "upstream, with detection": "the same, and its rule-based domain detection",
    "LiteLLM Router": (
        "picks a deployment, retries, cool-downs, price of the call, logging; no check of the answer, no domain"
    ),
    "LiteLLM Router, with budget": (
        "the same, and a provider's budget: looked up before a call, charged after it, nothing is reserved; in memory"
    ),
}


class Peer:
    """A peer in a process of its own.

    Args:
        python: interpreter that has the peer.
        script: beside this file; calls `measure.serve`.
    """

    def __init__(self, python: str, script: str) -> None:
        hidden = ("_API_KEY", "PYTHONPATH")  # this project must not be found in place of the release of its name
        environment = {name: value for name, value in os.environ.items() if not name.endswith(hidden)}
        self._process = subprocess.Popen(
            [python, str(HERE / script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        hello = self._read()
        self.version: str = hello["version"]
        self.engines: list[str] = hello["engines"]

    def ask(self, engine: str, size: str, *, at_once: bool) -> Figures:
        """Time an engine of this peer now."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps({"engine": engine, "size": size, "at_once": at_once}) + "\n")
        stdin.flush()
        return Figures(**self._read())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _read(self) -> dict[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None
        for line in stdout:
            if line.startswith("{"):  # a library may greet
                return json.loads(line)
        raise SystemExit(f"{self._process.args} ended with {self._process.wait()}")


def upstream_python(folder: Path) -> str:
    """Make an environment with the upstream release, and tell its interpreter.

    Args:
        folder: where; an environment that is there already is used as it is.
    """
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UPSTREAM]
        subprocess.run([str(part) for part in install], check=True, stderr=subprocess.DEVNULL)
    return str(python)


def start(upstream: str) -> list[Peer]:
    """Both peers, ready.

    Args:
        upstream: interpreter that has the upstream release.
    """
    return [Peer(upstream, "peer_upstream.py"), Peer(sys.executable, "peer_router.py")]
