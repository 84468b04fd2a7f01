"""Search finds words in questions and answers, with FTS5 and without it, and forgets what is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from history_samples import run_events

from cascadeflow.history import RunArchive, RunFilter, search
from cascadeflow.history.search import Query


@pytest.fixture(params=["fts5", "without"])
def archive(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunArchive]:
    """An archive whose SQLite can, or cannot, search full text."""
    if request.param == "without":
        monkeypatch.setattr(search, "has_fts5", lambda connection: False)
    archive = RunArchive(tmp_path / "history.db")
    yield archive
    archive.close()


def ask(archive: RunArchive, run_id: str, query: str, answer: str = "", session: str | None = None) -> None:
    """Record a run with that question and answer."""
    events = run_events(run_id, query=query, session=session)
    events[-1] = replace(events[-1], result=replace(events[-1].result, text=answer))
    for event in events:
        archive.observe(event)


def found(archive: RunArchive, text: str, **options: object) -> list[str]:
    """Identifiers of what a search finds."""
    return [hit.run.run_id for hit in archive.search(text, **options)]


def test_all_words_must_occur_each_with_any_ending(archive: RunArchive) -> None:
    """In the question or in the answer; the latest run comes first, and later runs are found too."""
    ask(archive, "one", "When does the train leave?", "It departs at 9:40.")
    ask(archive, "two", "Trains and planes", "Both travel.")
    assert found(archive, "train") == ["two", "one"]
    ask(archive, "three", "A training plan", "Run.")
    assert found(archive, "train") == ["three", "two", "one"]
    assert found(archive, "train depart") == ["one"]
    assert found(archive, "train depart plane") == []
    assert found(archive, "TRAIN", limit=1) == ["three"]


def test_words_in_quotation_marks_stand_together(archive: RunArchive) -> None:
    """And nothing a user types is an error."""
    ask(archive, "one", "the capital of France", "Paris")
    ask(archive, "two", "France, of the capital", "Paris")
    assert found(archive, '"capital of France"') == ["one"]
    for typed in ('"', 'a" OR "b', "NEAR(", "*", "-", "^x", "col:x", "100%", "_", ""):
        assert found(archive, typed) == []


def test_signs_and_scripts_without_spaces_are_found(archive: RunArchive) -> None:
    """They are no words to FTS5."""
    ask(archive, "one", "What is 17 % of 50?", "8.5 %")
    ask(archive, "two", "東京の天気は", "晴れです")
    assert found(archive, "天気") == ["two"]
    assert found(archive, "%") == ["one"]


def test_what_is_known_of_a_run_is_found_too(archive: RunArchive) -> None:
    """Model, preset, domain, tags, and the title of the conversation."""
    ask(archive, "one", "Hello", "Hi", session="trip")
    archive.rename_session("trip", "Holidays in Greece")
    archive.tag_run("one", "Draft")
    for text in ("LARGE", "local", "math", "draft", "greece"):
        assert found(archive, text) == ["one"], text
    assert found(archive, "larg") == []
    assert found(archive, "large", matching=RunFilter(session="other")) == []


def test_the_excerpt_shows_where_the_words_stand(archive: RunArchive) -> None:
    """In the question, else in the answer; none where only the model's name matches."""
    ask(archive, "one", "Question", f"{'before ' * 20}needle{' after' * 20}")
    [hit] = archive.search("needle")
    assert hit.excerpt.startswith("…")
    assert hit.excerpt.endswith("…")
    assert "before needle after" in hit.excerpt
    assert archive.search("large")[0].excerpt == ""


def test_where_texts_are_not_kept_only_the_rest_is_found(archive: RunArchive) -> None:
    """Not even after texts were kept before."""
    ask(archive, "one", "needle", "needle")
    archive.mode = "no_text"
    ask(archive, "two", "needle", "needle")
    assert found(archive, "needle") == ["one"]
    assert found(archive, "math") == ["two", "one"]


def test_what_is_deleted_leaves_the_index_and_the_disk(archive: RunArchive, tmp_path: Path) -> None:
    """The words of a run are in the index; they go with it."""
    ask(archive, "one", "needle plover", "x")
    ask(archive, "two", "needle", "y")
    assert found(archive, "plover") == ["one"]
    archive.delete("one")
    assert found(archive, "plover") == []
    assert found(archive, "needle") == ["two"]
    archive.close()
    assert all(b"plover" not in file.read_bytes() for file in tmp_path.iterdir())


def test_an_index_that_another_program_left_behind_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program without FTS5 writes and deletes beside one that has it."""
    archive = RunArchive(tmp_path / "history.db")
    ask(archive, "one", "needle", "")
    ask(archive, "two", "needle", "")
    assert found(archive, "needle") == ["two", "one"]
    with monkeypatch.context() as without:
        without.setattr(search, "has_fts5", lambda connection: False)
        ask(archive, "three", "needle", "")
        archive.delete("one")
        ask(archive, "four", "needle", "")
    assert found(archive, "needle") == ["four", "three", "two"]
    with monkeypatch.context() as without:
        without.setattr(search, "has_fts5", lambda connection: False)
        ask(archive, "five", "needle", "")
    archive.delete("four")
    assert found(archive, "needle") == ["five", "three", "two"]
    archive.close()


def test_a_query_is_read_as_words_and_phrases() -> None:
    """As FTS5 takes it."""
    assert Query('train "9:40 sharp" depart').match == '"train"* "9:40 sharp" "depart"*'
    assert Query("say “hello”").match == '"say"* "“hello”"*'
    assert Query("+ +").match == ""
