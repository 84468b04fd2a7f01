"""Models on their way: a child process that tells how far it is, and a console that can be used meanwhile."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from console_support import QUESTION, SMALL, agent_of, ask, console, settle, text_of, turns, until

from cascadeflow.integrations.rehearsal import stand_ins
from cascadeflow.schema import LeftOut
from cascadeflow.testing import ScriptedClient
from tui.pulls import Pulls
from tui.widgets.ask import Ask

FETCH = """
import json, pathlib, sys, time
name, folder = sys.argv[2], pathlib.Path(sys.argv[1])
def tell(**fields): print(json.dumps({"name": name, "source": "hub", "total_bytes": 1000, **fields}), flush=True)
tell(stage="download", done_bytes=410)
while not (folder / "go").exists(): time.sleep(0.02)
if (folder / "fail").exists():
    tell(stage="error", message="no room on the disk; free 98 MB")
    sys.exit(1)
tell(stage="done", done_bytes=1000)
(folder / name).touch()
"""
FIRST = stand_ins([SMALL])["gpt-4o-mini"]


@pytest.fixture
def fetch(tmp_path: Path) -> list[str]:
    """A download that waits for a file called “go”."""
    script = tmp_path / "fetch.py"
    script.write_text(FETCH)
    return [sys.executable, str(script), str(tmp_path)]


class NeedsFile(ScriptedClient):
    """A scripted client whose models can be called once a file is there."""

    def __init__(self, file: Path) -> None:
        super().__init__({"gpt-4o-mini": ["17 * 23 = 391"]})
        self.file = file

    def unavailable(self, model: object) -> LeftOut | None:
        """What the model lacks."""
        return None if self.file.exists() else LeftOut(model="gpt-4o-mini", reason="not here yet", kind="file")


def waiting_agent(folder: Path) -> object:
    agent = agent_of({"gpt-4o-mini": []}, rehearsal=True)
    agent._client = NeedsFile(folder / FIRST)
    return agent


async def test_progress_and_end_are_told(tmp_path: Path, fetch: list[str]) -> None:
    (tmp_path / "go").touch()
    seen: list[str] = []
    pulls = Pulls(lambda: seen.append(pulls.items[0].stage), fetch)
    await pulls.fetch(["one", "two"])
    assert [(pull.name, pull.stage, pull.share) for pull in pulls.items] == [("one", "done", 1.0), ("two", "done", 1.0)]
    assert "download" in seen


async def test_what_cannot_be_started_or_ends_badly_is_an_error_in_words() -> None:
    pulls = Pulls(lambda: None, ["/no/such/program"])
    await pulls.fetch(["one"])
    assert "could not be started" in pulls.items[0].error
    pulls = Pulls(lambda: None, [sys.executable, "-c", "print('the disk is\\x1b[31m full'); raise SystemExit(3)"])
    await pulls.fetch(["one"])
    assert pulls.items[0].stage == "error"
    assert pulls.items[0].error == "the disk is␛[31m full"


async def test_a_question_waits_for_the_first_model_while_the_rest_can_be_used(
    tmp_path: Path, fetch: list[str]
) -> None:
    async with console(waiting_agent(tmp_path), pull_command=fetch) as (app, pilot):  # type: ignore[arg-type]
        await until(pilot, lambda: "41 %" in text_of(app, "downloads"))
        assert FIRST in text_of(app, "downloads")
        await pilot.press(*"hi")
        await settle_typing(app, pilot)
        assert "left out" in text_of(app, "timeline")
        await ask(pilot, QUESTION, wait=False)
        await until(pilot, lambda: f"waits for {FIRST}" in text_of(app, "conversation"))
        (tmp_path / "go").touch()
        await until(pilot, lambda: turns(app)[-1].status == "finished")
        await settle(pilot)
        assert "17 * 23 = 391" in text_of(app, "conversation")


async def settle_typing(app: object, pilot: object) -> None:
    await until(pilot, lambda: "left out" in text_of(app, "timeline"))  # type: ignore[arg-type]


async def test_a_waiting_question_can_be_taken_back(tmp_path: Path, fetch: list[str]) -> None:
    async with console(waiting_agent(tmp_path), pull_command=fetch) as (app, pilot):  # type: ignore[arg-type]
        await until(pilot, lambda: "41 %" in text_of(app, "downloads"))
        await ask(pilot, QUESTION, wait=False)
        await until(pilot, lambda: "waits for" in text_of(app, "conversation"))
        await pilot.press("escape")
        assert app.main.query_one(Ask).text == QUESTION
        assert turns(app) == []
        assert not app.main.answering


async def test_a_failed_download_says_what_to_do_and_can_be_tried_again(tmp_path: Path, fetch: list[str]) -> None:
    (tmp_path / "go").touch()
    (tmp_path / "fail").touch()
    async with console(waiting_agent(tmp_path), pull_command=fetch) as (app, pilot):  # type: ignore[arg-type]
        await until(pilot, lambda: "could not be fetched" in text_of(app, "downloads"))
        assert "free 98 MB Ctrl+R tries again" in text_of(app, "downloads").replace("\n", " ")
        await ask(pilot, QUESTION)
        assert turns(app)[-1].status == "failed"
        assert app.main.query_one(Ask).text == QUESTION
        (tmp_path / "fail").unlink()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: bool(app.main.pulls and not app.main.pulls.failed and not app.main.pulls.under_way))
        await pilot.press("enter")
        await until(pilot, lambda: turns(app)[-1].status == "finished")
