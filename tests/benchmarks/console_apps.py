"""What `console.py` measures, each run in a process of its own: a hello-world app and the console."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator

WORDS = "the cheap model answers first and its answer is checked before a stronger one is asked about it "
CONTENTS = {
    "prose": (
        "## Part\n\n"
        + WORDS * 4
        + "\n\n- "
        + WORDS
        + "\n- "
        + WORDS
        + "\n\n```python\nx = [n for n in range(9)]\n```\n\n"
    )
    * 60,
    "fence": "```python\n" + "def area(width, height):\n    return width * height  # in cells\n\n" * 700,
    "table": "| name | width | height | what it is |\n|---|---|---|---|\n"
    + "| pane | 12 | 34 | a part of it |\n" * 1200,
    "paragraph": WORDS * 500,
}


def hello() -> None:
    """The smallest Textual app there is."""
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Hello(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("hello world")

    Hello().run()


def console() -> None:
    """The real console as the command opens it."""
    from tui.app import run

    run()


def stream(kind: str, rate: float) -> None:
    """The console before a client that says one long answer, four characters a token."""
    from tui.app import ConsoleApp

    class Firehose:
        def __init__(self) -> None:
            self.text = CONTENTS[kind]

        async def stream(self, request: object) -> AsyncGenerator[object, None]:
            from cascadeflow.client import Completed, Delta

            began, sent = time.monotonic(), 0
            while 4 * sent < len(self.text):
                due = min(int((time.monotonic() - began) * rate), len(self.text) // 4 + 1)
                for number in range(sent, due):
                    yield Delta(text=self.text[4 * number : 4 * number + 4])
                sent = max(sent, due)
                await asyncio.sleep(0.004)
            yield Completed()

        def count_prompt_tokens(self, request: object) -> int:
            return 100

        async def aclose(self) -> None:
            pass

    def open_one(preset: str | None, current: object) -> object:
        from cascadeflow.core.agent import CascadeAgent
        from cascadeflow.presets import PRESETS
        from cascadeflow.telemetry import CostTracker

        models = PRESETS[preset or "production_ready"].models
        return CascadeAgent(models, client=Firehose(), cost_tracker=CostTracker(budget_limit=10.0), preset=preset)

    ConsoleApp(agent_factory=open_one).run()


if __name__ == "__main__":
    if sys.argv[1] == "stream":
        stream(sys.argv[2], float(sys.argv[3]))
    else:
        {"hello": hello, "console": console}[sys.argv[1]]()
