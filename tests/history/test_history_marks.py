"""Filters, conversations, tags, pins, right and wrong, retention; and files of the first format."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from history_samples import call, run_events, verdict

from cascadeflow.database import Database
from cascadeflow.errors import ConfigError, HistoryError
from cascadeflow.events import RunFinished
from cascadeflow.history import RunArchive, RunFilter
from cascadeflow.history.lines import to_lines
from cascadeflow.history.tables import ADD_RUN, ADD_STEP, MIGRATIONS
from cascadeflow.schema import CheckResult, StepRecord, Verdict

DAY = 86_400


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[RunArchive]:
    archive = RunArchive(tmp_path / "history.db")
    yield archive
    archive.close()


def record(archive: RunArchive, run_id: str, *, trace: tuple[StepRecord, ...] | None = None, **options: Any) -> None:
    """Record a run, with another trace if one is given."""
    events = run_events(run_id, **options)
    if trace is not None and isinstance(events[-1], RunFinished):
        events[-1] = replace(events[-1], result=replace(events[-1].result, trace=trace))
    for event in events:
        archive.observe(event)


def age(archive: RunArchive, run_id: str, seconds: float) -> None:
    """Let a run have been made so long ago."""
    statement = "UPDATE runs SET started = ? WHERE run_id = ?"
    archive._write("age", lambda one: one.execute(statement, (time.time() - seconds, run_id)).rowcount)


def names(archive: RunArchive, **wanted: Any) -> list[str]:
    """Runs that match, the oldest first."""
    listed = [run.run_id for run in archive.runs(matching=RunFilter(**wanted))][::-1]
    assert archive.count(matching=RunFilter(**wanted)) == len(listed)
    assert [run.run_id for run in archive.whole_runs(RunFilter(**wanted))] == listed
    assert [run["run_id"] for run in archive.plain_runs(RunFilter(**wanted))] == listed
    return listed


def test_runs_are_filtered_by_all_that_is_known(archive: RunArchive) -> None:
    """Each filter alone, and several at once."""
    record(archive, "a", session="s", preset="local")
    record(archive, "b", session="t", end="failed", preset="mine")
    record(archive, "c", session=None, end="cancelled", rehearsal=True)
    age(archive, "a", 10 * DAY)
    age(archive, "b", 5 * DAY)
    archive.tag_run("b", "odd")
    archive.tag_session("s", "odd")
    archive.label("a", correct=True)
    now = time.time()
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["a", "b", "c"]),
        ({"session": "s"}, ["a"]),
        ({"since": now - 6 * DAY}, ["b", "c"]),
        ({"until": now - 6 * DAY}, ["a"]),
        ({"since": now - 6 * DAY, "until": now - DAY}, ["b"]),
        ({"domain": "math"}, ["a", "b", "c"]),
        ({"domain": "code"}, []),
        ({"model": "large"}, ["a", "b"]),
        ({"preset": "mine"}, ["b"]),
        ({"tag": "odd"}, ["a", "b"]),
        ({"status": "failed"}, ["b"]),
        ({"validated": True}, ["a"]),
        ({"validated": False}, []),
        ({"cost_from": 3_000}, ["a", "b"]),
        ({"cost_to": 3_000}, ["b", "c"]),
        ({"labelled": True}, ["a"]),
        ({"labelled": False}, ["b", "c"]),
        ({"rehearsal": True}, ["c"]),
        ({"model": "large", "tag": "odd", "cost_from": 4_000}, ["a"]),
    ]
    for wanted, runs in expected:
        assert names(archive, **wanted) == runs, wanted


def test_plain_runs_are_the_whole_runs_without_result_and_events(archive: RunArchive) -> None:
    """The same data, so that a replay reads either."""
    from cascadeflow.plain import to_plain

    record(archive, "a")
    [plain] = archive.plain_runs()
    whole = to_plain(archive.load("a"))
    assert {name: plain[name] for name in whole if name not in ("trace", "result", "events")} == {
        name: value for name, value in whole.items() if name not in ("trace", "result", "events")
    }
    for read, kept in zip(plain["trace"], whole["trace"], strict=True):
        assert {name: read[name] for name in kept} == kept


def test_a_conversation_is_resumed_with_what_stood(archive: RunArchive) -> None:
    """All of it, however long; runs that failed or were stopped are not sent to a model again."""
    for number in range(60):
        record(archive, f"r{number}", session="s", query=f"question {number}")
    record(archive, "failed", session="s", end="failed")
    record(archive, "stopped", session="s", end="cancelled")
    record(archive, "other", session="t", query="elsewhere")
    messages = archive.messages("s")
    assert len(messages) == 120
    assert messages[0] == {"role": "user", "content": "question 0"}
    assert messages[1]["role"] == "assistant"
    assert messages[-2]["content"] == "question 59"
    conversation = archive.conversation("s")
    assert [run.run_id for run in conversation] == [*(f"r{number}" for number in range(60)), "failed", "stopped"]
    assert conversation[0] == archive.load("r0")
    assert archive.messages("none") == []


def test_sessions_are_pinned_tagged_and_ordered(archive: RunArchive) -> None:
    """Pinned ones first; tags in alphabetical order."""
    for session in ("a", "b", "c"):
        record(archive, f"run-{session}", session=session)
    assert archive.pin_session("a")
    assert archive.tag_session("b", "work", " home ", "work")
    listed = archive.sessions()
    assert [(session.session, session.pinned, session.tags) for session in listed] == [
        ("a", True, ()), ("c", False, ()), ("b", False, ("home", "work")),
    ]  # fmt: skip
    assert [session.session for session in archive.sessions(tag="home")] == ["b"]
    archive.tag_run("run-c", "alone")
    assert archive.tags() == ["alone", "home", "work"]
    assert archive.untag_session("b", "home", "none")
    assert not archive.untag_session("b", "home")
    assert archive.untag_run("run-c", "alone")
    assert archive.tags() == ["work"]
    archive.pin_session("a", pinned=False)
    assert [session.session for session in archive.sessions()] == ["c", "b", "a"]
    archive.delete_session("b")
    assert archive.tags() == []


def test_what_is_not_there_cannot_be_pinned_or_tagged(archive: RunArchive) -> None:
    """The answer is no; an empty tag is an error."""
    assert not archive.pin_session("none")
    assert not archive.tag_session("none", "x")
    assert not archive.tag_run("none", "x")
    with pytest.raises(ConfigError, match="a tag is a word"):
        archive.tag_run("none", " ")


def test_answers_are_marked_right_or_wrong(archive: RunArchive) -> None:
    """One mark an answer: the one that stands, and drafts by their position; deleted with the run."""
    record(archive, "a")
    archive.label("a", correct=False)
    archive.label("a", correct=True)
    archive.label("a", correct=False, position=0)
    marks = archive.marks()["a"]
    assert (marks.label, marks.labels) == (True, {2: True, 0: False})
    archive.label("a", correct=None, position=0)
    assert archive.marks(["a"])["a"].labels == {2: True}
    archive.label("a", correct=None)
    assert archive.marks() == {}
    archive.label("a", correct=True)
    archive.tag_run("a", "x")
    archive.delete("a")
    assert archive.marks() == {}


def test_marks_of_many_runs_are_read_page_by_page(archive: RunArchive) -> None:
    """More identifiers than a statement takes; runs without marks are left out."""
    record(archive, "a")
    archive.tag_run("a", "b", "a")
    asked = [f"none-{number}" for number in range(1200)]
    assert archive.marks([*asked, "a"])["a"].tags == ("a", "b")
    assert list(archive.marks([*asked, "a"])) == ["a"]
    assert archive.marks([]) == {}


def test_a_mark_needs_an_answer(archive: RunArchive) -> None:
    """The text says what is there."""
    record(archive, "a", end="failed")
    with pytest.raises(HistoryError, match="No answer of run 'a' stands; say which of its 2 calls"):
        archive.label("a", correct=True)
    with pytest.raises(HistoryError, match="has 2 calls, from 0; there is no call 7"):
        archive.label("a", correct=True, position=7)
    with pytest.raises(HistoryError, match="No run 'none'"):
        archive.label("none", correct=True)
    archive.label("a", correct=False, position=0)
    assert archive.marks()["a"].label is None


def verified(*, passed: bool, valid: bool) -> Verdict:
    """What a verify step is judged by."""
    check = CheckResult(name="verify", score=float(passed), threshold=0.5, passed=passed)
    return replace(verdict("x", valid), checks=(check,))


@pytest.mark.parametrize(
    ("trace", "standing"),
    [
        ((call(0, "a", "x", outcome="accepted", verdict=verdict("", valid=True)),
          call(1, "b", "{}", role="verify", outcome="accepted", verdict=verified(passed=True, valid=True))), 0),
        ((call(0, "a", "x", outcome="accepted", verdict=verdict("", valid=True)),
          call(1, "b", "y", role="verify", outcome="accepted", verdict=verified(passed=False, valid=True))), 1),
        ((call(0, "a", "x", outcome="best"), call(1, "b", "y")), 0),
        ((call(0, "b", "y", role="verify", outcome="accepted", verdict=verdict("", valid=True)),), 0),
    ],
    ids=["confirmed", "corrected", "none passed", "nothing to verify"],
)  # fmt: skip
def test_the_answer_that_stands_is_the_one_that_is_marked(
    archive: RunArchive, trace: tuple[StepRecord, ...], standing: int
) -> None:
    """A verify step that confirms gives no answer of its own."""
    record(archive, "a", trace=trace)
    archive.label("a", correct=True)
    assert archive.marks()["a"].labels == {standing: True}
    assert archive.load("a").standing == standing


def test_old_runs_are_deleted_for_good_unless_pinned(tmp_path: Path) -> None:
    """Once a day while runs are recorded, or when asked."""
    archive = RunArchive(tmp_path / "history.db")
    for name, session in (("old", "s"), ("kept", "p"), ("alone", None), ("young", "s")):
        record(archive, name, session=session)
        age(archive, name, 8 * DAY if name != "young" else 6 * DAY)
    archive.pin_session("p")
    assert archive.expire() == 0
    archive.close()
    archive = RunArchive(tmp_path / "history.db", retention_days=7)
    record(archive, "new")
    archive.close()
    assert names(archive) == ["kept", "young", "new"]
    age(archive, "young", 9 * DAY)
    record(archive, "newer")
    archive.close()
    assert "young" in names(archive)
    assert archive.expire() == 1
    assert names(archive) == ["kept", "new", "newer"]
    archive.close()


def test_a_retention_of_no_days_is_refused(tmp_path: Path) -> None:
    """It would delete every run as it is made."""
    with pytest.raises(ConfigError, match=r"history\.retention_days"):
        RunArchive(tmp_path / "history.db", retention_days=0)


def test_runs_are_found_by_the_beginning_of_their_identifier(archive: RunArchive) -> None:
    """However old, and never by a wildcard."""
    for number in range(7):
        record(archive, f"abc{number}")
    assert archive.find("abc3") == "abc3"
    for beginning in ("zz", "%", "abc_"):
        with pytest.raises(HistoryError, match="No run begins with"):
            archive.find(beginning)
    with pytest.raises(HistoryError, match="Several runs begin with “abc”.*abc6, abc5"):
        archive.find("abc")


def test_a_file_of_the_first_format_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its runs can be read, searched, tagged and marked."""
    other = RunArchive(tmp_path / "other.db")
    record(other, "a", session="s")
    run = other.load("a")
    other.close()
    old = Database(tmp_path / "history.db", migrations=MIGRATIONS[:1], error=HistoryError, what="history")
    line, steps = to_lines(run, keep_text=True)

    def write(connection: Any) -> None:
        connection.execute("INSERT INTO sessions VALUES ('s', 'Title')")
        connection.execute(ADD_RUN, line)
        connection.executemany(ADD_STEP, steps)

    old.run_blocking("write", write)
    old.close()
    archive = RunArchive(tmp_path / "history.db")
    assert archive.load("a") == run
    assert archive.sessions()[0].title == "Title"
    assert not archive.sessions()[0].pinned
    archive.tag_session("s", "x")
    archive.label("a", correct=True)
    assert [hit.run.run_id for hit in archive.search("23")] == ["a"]
    archive.close()
