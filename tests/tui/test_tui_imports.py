"""What the console must not load: providers, runtimes, and before its first frame the engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("litellm", "numpy", "httpx", "xllamacpp", "openai")
SESSION = """
import asyncio, sys
sys.path.insert(0, "tests/tui")
from console_support import agent_of, ask, console
async def main():
    async with console(agent_of({"gpt-4o-mini": ["17 * 23 = 381"], "gpt-4o": ["17 * 23 = 391"]})) as (app, pilot):
        await ask(pilot)
asyncio.run(main())
"""


def loaded(code: str) -> set[str]:
    """Modules that a fresh process has after running some code."""
    command = [sys.executable, "-c", code + "\nimport sys; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code", ["import tui.app, tui.screens.painter, tui.markdown", SESSION], ids=["import", "session"]
)
def test_no_provider_and_no_runtime(code: str) -> None:
    assert not set(HEAVY) & loaded(code)


def test_the_first_frame_does_not_wait_for_the_engine() -> None:
    modules = loaded("import tui.app")
    assert not {"pydantic", "cascadeflow.schema", "rich.markdown", "pygments"} & modules
    assert "textual" not in loaded("import tui")
