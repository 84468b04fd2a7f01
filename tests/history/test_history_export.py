"""Runs as a document, as data, and as rows to evaluate a gate with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from history_samples import run_events

from cascadeflow.history import RunArchive, StoredRun, to_evaluation, to_json, to_markdown


def recorded(tmp_path: Path, *ends: str) -> RunArchive:
    """An archive with runs that ended that way."""
    archive = RunArchive(tmp_path / "history.db")
    for number, end in enumerate(ends):
        for event in run_events(f"run-{number}", end=end, query=f"What is\n17 * {number}?"):
            archive.observe(event)
    return archive


def test_a_conversation_as_markdown(tmp_path: Path) -> None:
    """Questions quoted, answers as they are, and who gave them at what cost."""
    archive = recorded(tmp_path, "finished", "failed")
    text = to_markdown(archive.whole_runs(), title="Sums\nand more")
    archive.close()
    assert text.startswith("# Sums and more\n\n> What is\n> 17 * 0?\n\n391 xyzzy-secret\n\n*20")
    assert "large · $0.000005 · before it: small, large" in text
    assert text.count("\n---\n") == 1
    assert text.endswith("UTC · failed · $0.000003 · before it: small, large*\n")
    assert "*(no answer)*" in text


def test_marks_of_markdown_in_a_name_are_data(tmp_path: Path) -> None:
    """A model's name does not change how the document reads."""
    archive = recorded(tmp_path, "finished")
    run = replace(next(archive.whole_runs()), model_used="a*b_c")
    archive.close()
    assert r"a\*b\_c" in to_markdown([run])


def test_runs_as_data_have_everything(tmp_path: Path) -> None:
    """It goes through JSON, and has the user's marks."""
    archive = recorded(tmp_path, "finished", "failed")
    archive.label("run-0", correct=True)
    archive.tag_run("run-0", "x")
    data = json.loads(json.dumps(to_json(archive.whole_runs(), archive.marks())))
    archive.close()
    assert (data[0]["label"], data[0]["labels"], data[0]["tags"]) == (True, {"2": True}, ["x"])
    assert (data[1]["label"], data[1]["labels"], data[1]["tags"]) == (None, {}, [])
    assert data[0]["plan"]["domain"] == "math"
    assert "escalated" in [event["event"] for event in data[0]["events"]]


def test_marked_answers_become_rows_to_evaluate_with(tmp_path: Path) -> None:
    """In the shape of recorded answers with labels; unmarked answers and runs are left out."""
    archive = recorded(tmp_path, "finished", "finished", "failed")
    archive.label("run-0", correct=True)
    archive.label("run-0", correct=False, position=0)
    [row] = to_evaluation(archive.whole_runs(), archive.marks())
    archive.close()
    assert row == {
        "id": "run-0",
        "source": "cascadeflow history",
        "domain": "math",
        "prompt": "What is\n17 * 0?",
        "answers": {
            "small": {"text": "381 xyzzy-secret", "correct": 0, "prompt_tokens": 12, "completion_tokens": 5},
            "large": {"text": "391 xyzzy-secret", "correct": 1, "prompt_tokens": 12, "completion_tokens": 5},
        },
    }


def test_runs_without_texts_make_no_rows(tmp_path: Path) -> None:
    """There is nothing to evaluate."""
    archive = RunArchive(tmp_path / "history.db", mode="no_text")
    for event in run_events("a"):
        archive.observe(event)
    archive.label("a", correct=True)
    runs: list[StoredRun] = list(archive.whole_runs())
    assert list(to_evaluation(runs, archive.marks())) == []
    assert "(the question was not kept)" in to_markdown(runs)
    archive.close()
