"""The archive keeps what happened, whole or without texts, and never disturbs a run."""

from __future__ import annotations

import logging
import sqlite3
import stat
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from history_samples import SECRET, run_events, trace

from cascadeflow.errors import ConfigError, HistoryError
from cascadeflow.events import Event, RunFinished
from cascadeflow.history import RunArchive, RunSummary, StoredRun
from cascadeflow.history.tables import RUN_COLUMNS, STEP_COLUMNS
from cascadeflow.schema import StepRecord


@pytest.fixture
def archive(tmp_path: Path):
    archive = RunArchive(tmp_path / "history.db")
    yield archive
    archive.close()


def record(archive: RunArchive, *runs: list[Event]) -> None:
    for events in runs:
        for event in events:
            archive.observe(event)


def test_a_run_comes_back_as_it_was(archive: RunArchive) -> None:
    events = run_events()
    before = time.time()
    record(archive, events)
    run = archive.load("run-1")
    plan, result = events[2].plan, events[-1].result
    assert run.plan == plan
    assert run.result == result
    assert run.trace == result.trace == trace()
    assert run.events == (events[3], *events[7:11])
    assert (run.query, run.answer) == (events[0].query, result.text)
    assert (run.session, run.user_id, run.tier, run.preset, run.rehearsal) == ("s-1", "me", "pro", "local", False)
    assert (run.domain, run.complexity, run.strategy) == ("math", "medium", "standard")
    assert (run.status, run.model_used, run.validated, run.escalated) == ("finished", "large", True, True)
    assert (run.calls, run.cost_nanousd, run.cost_known, run.cost_saved) == (3, 5_000, True, 0.002)
    assert run.latency_ms == 1234.5
    assert before <= run.started <= time.time()
    assert (run.error, run.message) == ("", "")


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("failed", {"error": "AllModelsFailedError", "message": SECRET, "cost_nanousd": 3_000, "calls": 2, "answer": ""}),
        ("cancelled", {"answer": f"39 {SECRET}", "cost_nanousd": 1_000, "calls": 1, "error": "", "message": ""}),
    ],
)  # fmt: skip
def test_runs_that_did_not_finish_are_kept_too(archive: RunArchive, end: str, expected: dict[str, Any]) -> None:
    events = run_events(end=end)
    record(archive, events)
    run = archive.load("run-1")
    assert {name: getattr(run, name) for name in expected} == expected
    assert (run.status, run.result, run.validated, run.model_used) == (end, None, None, "")
    assert run.trace == events[-1].trace
    assert run.latency_ms == (events[-1].t - events[0].t) * 1000


def test_a_run_that_failed_before_it_was_planned(archive: RunArchive) -> None:
    events = run_events(end="failed", session=None, user_id=None, tier=None, preset=None)
    record(archive, [events[0], events[-1]])
    run = archive.load("run-1")
    assert (run.plan, run.domain, run.complexity, run.session, run.user_id) == (None, "", "", None, None)


def test_an_unknown_price_is_remembered(archive: RunArchive) -> None:
    events = run_events(end="cancelled")
    unknown = events[-1].trace[0].__class__
    end = events[-1].__class__(
        run_id="run-1", seq=11, t=1.0, text="", spent=0,
        trace=(unknown(step=0, attempt=1, model="m", provider="p", resolved_model="m", outcome="cancelled", cost_nanousd=None),),
    )  # fmt: skip
    record(archive, [*events[:-1], end])
    run = archive.load("run-1")
    assert not run.cost_known
    assert run.trace[0].cost_nanousd is None


def test_no_text_keeps_numbers_and_no_word(tmp_path: Path) -> None:
    """Neither prompt nor answer nor a reason that quotes them is in any file of the archive."""
    archive = RunArchive(tmp_path / "history.db", "no_text")
    for end in ("finished", "failed", "cancelled"):
        record(archive, run_events(f"run-{end}", end=end))
    run = archive.load("run-finished")
    assert (run.query, run.answer, run.result.text, run.result.reason) == ("", "", "", "")
    assert [call.text for call in run.trace] == ["", "", ""]
    assert [call.usage for call in run.trace] == [call.usage for call in trace()]
    assert [call.cost_nanousd for call in run.trace] == [1_000, 2_000, 2_000]
    check = run.trace[0].verdict.checks[0]
    assert (check.name, check.score, check.threshold, check.passed, check.reason) == (
        "arithmetic",
        0.41,
        0.7,
        False,
        "",
    )
    assert run.plan == run_events()[2].plan
    assert archive.load("run-failed").error == "AllModelsFailedError"
    assert archive.sessions()[0].title == ""
    for file in tmp_path.iterdir():
        assert SECRET.encode() not in file.read_bytes(), file.name
    archive.close()


def test_off_keeps_nothing_not_even_a_file(tmp_path: Path) -> None:
    archive = RunArchive(tmp_path / "history.db", "off")
    record(archive, run_events())
    archive.close()
    assert list(tmp_path.iterdir()) == []


def test_the_mode_may_change_while_a_run_is_under_way(archive: RunArchive) -> None:
    events = run_events()
    record(archive, events[:-1])
    archive.mode = "no_text"
    record(archive, events[-1:], run_events("run-2")[:-1])
    archive.mode = "off"
    record(archive, run_events("run-2")[-1:])
    assert [run.run_id for run in archive.runs()] == ["run-1"]
    assert archive.load("run-1").query == ""


def test_an_unknown_mode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'some' is not known; write 'full', 'no_text', 'off'"):
        RunArchive(tmp_path / "history.db", "some")  # type: ignore[arg-type]


def test_the_file_is_private(archive: RunArchive, tmp_path: Path) -> None:
    record(archive, run_events())
    files = list(tmp_path.iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_runs_are_listed_latest_first_page_by_page(archive: RunArchive) -> None:
    for number in range(5):
        record(archive, run_events(f"run-{number}", session="a" if number % 2 else "b"))
    listed = archive.runs()
    assert [run.run_id for run in listed] == ["run-4", "run-3", "run-2", "run-1", "run-0"]
    assert type(listed[0]) is RunSummary
    whole = archive.load("run-4")
    assert all(getattr(listed[0], item.name) == getattr(whole, item.name) for item in fields(RunSummary))
    page = archive.runs(2)
    assert [run.run_id for run in archive.runs(2, before=page[-1].started)] == ["run-2", "run-1"]
    assert [run.run_id for run in archive.runs(session="a")] == ["run-3", "run-1"]
    assert (archive.count(), archive.count("a"), archive.count("none")) == (5, 2, 0)


def test_runs_may_be_mixed(archive: RunArchive) -> None:
    for pair in zip(run_events("one"), run_events("two", end="failed"), strict=True):
        record(archive, list(pair))
    assert {run.run_id: run.status for run in archive.runs()} == {"one": "finished", "two": "failed"}


def test_events_of_a_run_that_was_not_seen_from_its_start_are_left_alone(archive: RunArchive) -> None:
    record(archive, run_events()[1:])
    assert archive.count() == 0


def test_sessions_have_a_title_a_sum_and_an_order(archive: RunArchive) -> None:
    record(archive, run_events("r1", session="a", query="  What is\n17 * 23?  "), run_events("r2", session="b"))
    record(archive, run_events("r3", session="a", query="And 18 * 23?"), run_events("r4", session=None))
    latest, older = archive.sessions()
    assert (latest.session, latest.title, latest.runs, latest.cost_nanousd) == ("a", "What is 17 * 23?", 2, 10_000)
    assert older.session == "b"
    assert latest.started < older.started < latest.latest
    assert archive.rename_session("a", "Sums")
    assert not archive.rename_session("none", "Sums")
    assert archive.sessions(1)[0].title == "Sums"


def test_what_is_deleted_is_gone_from_the_disk(archive: RunArchive, tmp_path: Path) -> None:
    record(archive, run_events("r1", session="a"), run_events("r2", session="a"), run_events("r3", session="b"))
    archive.close()
    assert SECRET.encode() in archive.path.read_bytes()
    assert archive.delete("r1")
    assert not archive.delete("r1")
    with pytest.raises(HistoryError, match="No run 'r1'"):
        archive.load("r1")
    assert [session.session for session in archive.sessions()] == ["b", "a"]
    assert archive.delete_session("a") == 1
    assert archive.delete("r3")
    assert (archive.sessions(), archive.count()) == ([], 0)
    for file in tmp_path.iterdir():
        assert SECRET.encode() not in file.read_bytes(), file.name


def test_a_broken_archive_never_disturbs_a_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The failure is reported without a word of the user or the model."""
    (tmp_path / "history.db").write_bytes(b"not a database at all" * 100)
    told: list[Exception] = []
    archive = RunArchive(tmp_path / "history.db", on_error=told.append)
    record(archive, run_events())
    assert isinstance(told[0], HistoryError)
    assert "failed at record" in str(told[0])
    archive.on_error = None
    with caplog.at_level(logging.WARNING):
        record(archive, run_events("run-2"))
    assert "run run-2 was not recorded" in caplog.text
    assert SECRET not in caplog.text + str(told)
    with pytest.raises(HistoryError, match="move it away"):
        archive.runs()


def test_what_json_cannot_hold_is_reported_not_raised(archive: RunArchive, caplog: pytest.LogCaptureFixture) -> None:
    events = run_events()
    object.__setattr__(events[-1].result, "tool_calls", ({"odd": object()},))
    archive.on_error = lambda error: 1 / 0
    with caplog.at_level(logging.WARNING):
        record(archive, events)
    assert "error callback of the history failed: ZeroDivisionError" in caplog.text
    assert archive.count() == 0


def test_half_a_character_is_stored_as_a_question_mark(archive: RunArchive) -> None:
    """As a stream cut within an emoji may leave it."""
    record(archive, run_events(query="broken \ud83d here"))
    assert archive.load("run-1").query == "broken ? here"


def test_the_same_run_twice_is_stored_once(archive: RunArchive) -> None:
    told: list[Exception] = []
    archive.on_error = told.append
    record(archive, run_events(), run_events())
    assert archive.count() == 1
    assert len(told) == 1


def test_a_run_does_not_wait_while_another_program_writes(archive: RunArchive, tmp_path: Path) -> None:
    """It is written as soon as the other program has finished."""
    archive.count()
    other = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    record(archive, run_events())
    assert archive.count() == 0
    other.execute("COMMIT")
    other.close()
    archive.close()
    assert archive.count() == 1


def test_two_processes_write_at_once(archive: RunArchive, tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[3])\n"
        "from history_samples import run_events\n"
        "from cascadeflow.history import RunArchive\n"
        "archive = RunArchive(sys.argv[1])\n"
        "for number in range(40):\n"
        "    for event in run_events(f'{sys.argv[2]}-{number}', session=sys.argv[2]):\n"
        "        archive.observe(event)\n"
        "archive.close()\n"
    )
    folder = str(Path(__file__).parent)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "history.db"), name, folder], cwd=Path(__file__).parents[2]
        )
        for name in ("one", "two")
    ]
    assert [process.wait(30) for process in processes] == [0, 0]
    assert (archive.count("one"), archive.count("two")) == (40, 40)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "history.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(HistoryError, match="written by a newer CascadeFlow"):
        RunArchive(tmp_path / "history.db").runs()


def test_a_record_that_cannot_be_read_says_which(archive: RunArchive, tmp_path: Path) -> None:
    record(archive, run_events())
    archive.close()
    with sqlite3.connect(tmp_path / "history.db") as other:
        other.execute("""UPDATE runs SET plan = '{"domain": "x"}'""")
    other.close()
    with pytest.raises(HistoryError, match="Run 'run-1' .* cannot be read: not a CascadePlan"):
        archive.load("run-1")


def test_the_tables_have_a_column_for_every_field(archive: RunArchive, tmp_path: Path) -> None:
    """A field added to a stored type needs a migration."""
    archive.count()
    with sqlite3.connect(tmp_path / "history.db") as connection:
        columns = {
            table: [line[1] for line in connection.execute(f"PRAGMA table_info({table})")]
            for table in ("runs", "steps")
        }
    connection.close()
    assert columns["runs"] == list(RUN_COLUMNS)
    assert columns["steps"] == list(STEP_COLUMNS)
    assert set(RUN_COLUMNS) == {item.name for item in fields(StoredRun)} - {"trace"}
    assert set(STEP_COLUMNS) == {item.name for item in fields(StepRecord)} | {"run_id", "position"}


def test_the_result_of_a_finished_run_is_the_event_s_own(archive: RunArchive) -> None:
    events = run_events()
    record(archive, events)
    assert RunFinished(run_id="run-1", seq=11, t=111.0, result=archive.load("run-1").result) == events[-1]
