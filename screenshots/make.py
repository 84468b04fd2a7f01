"""Makes the screenshots, each as SVG and PNG, from a recorded run.

    python screenshots/make.py            # play run.jsonl and take the pictures
    python screenshots/make.py --record   # first ask the embedded models again and write run.jsonl

`run.jsonl` holds real answers of the three embedded models at temperature 0, with their tokens and
the seconds they took; they are played at that pace, in rehearsal of ``production_ready``. A PNG is
its SVG drawn by resvg (``pip install resvg-py``) in DejaVu Sans Mono; without that package only
the SVGs are made, and the script says so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from cascadeflow.client import Chunk, Completed, Delta, ModelRequest  # noqa: E402  # found through the line above
from cascadeflow.integrations.recorded import RecordedClient  # noqa: E402

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui.app import ConsoleApp

RUN = HERE / "run.jsonl"
FONT = "DejaVu Sans Mono"
QUESTIONS = (
    "What is 17 * 23?",
    "What is the capital of France?",
    "List three prime numbers greater than 50 as a JSON array.",
)
MOST_TOKENS = 160
WIDE, NARROW, WIDER = (120, 40), (80, 24), (140, 42)


class Paced(RecordedClient):
    """Plays recorded answers at the pace at which they were given."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Play an answer, word by word."""
        answer = self._answer(request) or {}
        pause = float(answer.get("seconds", 0)) / max(1, int(answer.get("completion_tokens", 1)))
        async for chunk in super().stream(request):
            if isinstance(chunk, Delta):
                await asyncio.sleep(pause * chunk.tokens)
            yield chunk


async def record() -> None:
    """Ask the embedded models and write down what they say."""
    from cascadeflow.catalog import EMBEDDED
    from cascadeflow.integrations.local import LocalClient

    client = LocalClient()
    lines = []
    for question in QUESTIONS:
        answers = {}
        for model in EMBEDDED:
            request = ModelRequest(
                model=model.name, provider="local", resolved_model=model.name, max_tokens=MOST_TOKENS, temperature=0.0,
                messages=({"role": "user", "content": question},),
            )  # fmt: skip
            answers[model.name] = await _said(client, request)
        lines.append(json.dumps({"prompt": question, "answers": answers}, ensure_ascii=False))
    await client.aclose()
    RUN.write_text("\n".join(lines) + "\n", encoding="utf-8")


async def _said(client: Any, request: ModelRequest) -> dict[str, Any]:
    began, text, usage, finish = time.monotonic(), "", None, ""
    async for chunk in client.stream(request):
        if isinstance(chunk, Completed):
            usage, finish = chunk.usage, chunk.finish_reason
        else:
            text += chunk.text
    assert usage is not None  # noqa: S101  # the embedded models always say
    return {
        "text": text, "prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens,
        "finish_reason": finish, "seconds": round(time.monotonic() - began, 2),
    }  # fmt: skip


def opened() -> ConsoleApp:
    """The console in rehearsal over the recorded run."""
    from tui.app import ConsoleApp, Settings

    def open_one(preset: str | None, current: Any) -> Any:
        from cascadeflow.workspace import open_agent, with_preset

        if current is not None and preset is not None:
            return with_preset(current, preset)
        return open_agent(preset, rehearse=True, client=Paced(RUN))

    fetched = [sys.executable, "-c", 'print(\'{"stage": "done"}\')']
    return ConsoleApp(Settings(user="me"), agent_factory=open_one, pull_command=fetched)


async def until(pilot: Pilot[Any], what: Callable[[], bool]) -> None:
    """Let the console run until something is so."""
    while not what():
        await pilot.pause(0.05)


async def ask(app: ConsoleApp, pilot: Pilot[Any], question: str) -> None:
    """Ask and wait for the answer."""
    from tui.widgets.ask import Ask

    app.main.query_one(Ask).insert(question)
    await pilot.pause(0.3)
    await pilot.press("enter")
    await pilot.pause(0.1)
    await until(pilot, lambda: not app.main.answering)
    await pilot.pause(1.5)


async def whole_session(app: ConsoleApp, pilot: Pilot[Any]) -> None:
    """Three questions, one after the other."""
    for question in QUESTIONS:
        await ask(app, pilot, question)


async def struck_out(app: ConsoleApp, pilot: Pilot[Any]) -> None:
    """Two drafts were rejected, the third answer is on its way."""
    from tui.widgets.ask import Ask
    from tui.widgets.conversation import Conversation

    app.main.query_one(Conversation).linger = 60.0
    app.main.query_one(Ask).insert(QUESTIONS[0])
    await pilot.press("enter")
    await until(pilot, lambda: "product" in app.main.query_one(Conversation).text)
    await pilot.pause(0.3)


async def planned(app: ConsoleApp, pilot: Pilot[Any]) -> None:
    """A question is typed and another preset was chosen."""
    from tui.widgets.ask import Ask

    app.main.query_one(Ask).insert("Explain why the sum of two odd numbers is even.")
    await pilot.pause(0.5)
    await pilot.press("f5", "down", "enter")
    await pilot.pause(0.5)


async def exported(_app: ConsoleApp, pilot: Pilot[Any]) -> None:
    """The configuration in use as TOML."""
    await pilot.press("ctrl+o")
    await pilot.pause(0.5)


async def what_if(app: ConsoleApp, pilot: Pilot[Any]) -> None:
    """A question under every preset and tier."""
    from tui.widgets.ask import Ask

    app.main.query_one(Ask).insert("Prove that the square root of 2 is irrational.")
    await pilot.press("f2")
    await pilot.pause(3)


async def replayed(app: ConsoleApp, pilot: Pilot[Any]) -> None:
    """What was just asked, under another preset."""
    await whole_session(app, pilot)
    await pilot.press("f2")
    await pilot.pause(2)
    await pilot.press("ctrl+r")
    await pilot.pause(2)
    await pilot.press("right", "right")
    await pilot.pause(2)


async def looked_back(app: ConsoleApp, pilot: Pilot[Any]) -> None:
    """What was just asked, in the history, with a mark."""
    await whole_session(app, pilot)
    await pilot.press("f3")
    await pilot.pause(1.5)
    await pilot.press("tab", "down", "+")
    await pilot.pause(1.5)


async def set_up(_app: ConsoleApp, pilot: Pilot[Any]) -> None:
    """The settings of a preset."""
    await pilot.press("f4")
    await pilot.pause(2)


SHOTS: dict[str, tuple[tuple[int, int], Callable[[ConsoleApp, Pilot[Any]], Awaitable[None]]]] = {
    "console-120x40": (WIDE, whole_session),
    "console-80x24": (NARROW, whole_session),
    "draft-withdrawn": (WIDE, struck_out),
    "another-preset": (WIDE, planned),
    "export": (WIDE, exported),
    "what-if": (WIDER, what_if),
    "replay": (WIDER, replayed),
    "history": (WIDE, looked_back),
    "settings": (WIDE, set_up),
}


async def shoot(name: str) -> str:
    """Play one shot and draw its last frame as SVG."""
    size, play = SHOTS[name]
    app = opened()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.main.engine is not None)
        await app.workers.wait_for_complete()
        await pilot.pause(0.5)
        await play(app, pilot)
        svg = app.export_screenshot(title="cascadeflow")
        await app.main.aclose()
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # the fonts of this machine are enough
    return svg.replace("Fira Code", FONT)


def main() -> None:
    """Take every picture."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--record", action="store_true", help="ask the embedded models again first")
    options.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(SHOTS)}")
    chosen = options.parse_args()
    if chosen.record:
        asyncio.run(record())
    try:
        import resvg_py
    except ImportError:
        resvg_py = None
        print("PNGs need resvg: pip install resvg-py. Only SVGs are made.")
    for name in chosen.names or SHOTS:
        with tempfile.TemporaryDirectory() as home:
            os.environ["CASCADEFLOW_HOME"] = home
            svg = asyncio.run(shoot(name))
        (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")
        if resvg_py is not None:
            png = resvg_py.svg_to_bytes(svg_string=svg, font_family=FONT, monospace_family=FONT)
            (HERE / f"{name}.png").write_bytes(bytes(png))
        print(name)


if __name__ == "__main__":
    main()
