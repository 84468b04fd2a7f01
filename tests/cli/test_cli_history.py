"""`history`: list, search, conversations, titles, tags, pins, marks, export and deletion."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from cascadeflow.history import RunArchive
from cascadeflow.paths import history_path
from cascadeflow.testing import ScriptedClient

Command = Callable[..., Result]
Script = Callable[[dict[str, list[Any]]], ScriptedClient]


@pytest.fixture
def runs(cascadeflow: Command, scripted: Script, two: str) -> list[str]:
    """Identifiers of three recorded runs: a sum that escalated, one of a conversation, and another of it."""
    scripted({"small": ["381", "Lyon.", "About 500,000."], "large": ["17 * 23 = 391"]})
    for words in (
        ["What is 17 * 23?"],
        ["--session", "trip", "Name a city."],
        ["--session", "trip", "How many people?"],
    ):
        cascadeflow("ask", "--config", two, "--no-rehearse", *words)
    listed = json.loads(cascadeflow("history", "list", "--json").stdout)
    return [run["run_id"] for run in listed][::-1]


def listed(cascadeflow: Command, *arguments: str) -> list[str]:
    """Questions of the runs that are listed."""
    result = cascadeflow("history", "list", "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    return [run["query"] for run in json.loads(result.stdout)]


def test_runs_are_listed_by_all_filters(cascadeflow: Command, runs: list[str]) -> None:
    """Each option narrows the list; together they narrow it more."""
    sum_, city, people = "What is 17 * 23?", "Name a city.", "How many people?"
    cascadeflow("history", "label", runs[0], "right")
    cascadeflow("history", "tag", runs[1], "geo")
    for arguments, expected in (
        (["--session", "trip"], [people, city]),
        (["--model", "large"], [sum_]),
        (["--tag", "geo"], [city]),
        (["--domain", "math"], [sum_]),
        (["--verdict", "accepted", "--limit", "2"], [people, city]),
        (["--verdict", "failed"], []),
        (["--cost-from", "0.0001"], [sum_]),
        (["--cost-to", "$0.0001"], [people, city]),
        (["--labelled"], [sum_]),
        (["--unlabelled", "--session", "trip"], [people, city]),
        (["--made-with", "two"], [people, city, sum_]),
        (["--since", "2020-01-01"], [people, city, sum_]),
        (["--until", "2020-01-01"], []),
        (["--rehearsed"], []),
    ):
        assert listed(cascadeflow, *arguments) == expected, arguments
    table = cascadeflow("history", "list").stdout
    assert "marked" in table.splitlines()[0]
    assert "right" in table


def test_wrong_filters_say_what_is_right(cascadeflow: Command) -> None:
    """Exit code 2 and an example."""
    for arguments, said in (
        (["--since", "yesterday"], "neither a day such as 2026-11-24"),
        (["--cost-from", "much"], "write a number such as 0.25"),
        (["--verdict", "good"], "not-validated"),
    ):
        result = cascadeflow("history", "list", *arguments)
        assert result.exit_code == 2
        assert said in result.stderr.replace("\n", " ")


def test_a_day_is_meant_with_all_of_it(cascadeflow: Command, runs: list[str]) -> None:
    """`--until` a day holds what was asked on it; a minute is that minute."""
    archive = RunArchive(history_path())
    from datetime import datetime

    noon = datetime(2026, 3, 4, 12, 0).astimezone().timestamp()
    archive._write("age", lambda connection: connection.execute("UPDATE runs SET started = ?", (noon,)).rowcount)
    archive.close()
    assert len(listed(cascadeflow, "--since", "2026-03-04", "--until", "2026-03-04")) == 3
    assert listed(cascadeflow, "--until", "2026-03-03") == []
    assert listed(cascadeflow, "--until", "2026-03-04T12:00") == []
    assert len(listed(cascadeflow, "--until", "2026-03-04T12:01")) == 3


def test_search_finds_words_and_shows_where(cascadeflow: Command, runs: list[str]) -> None:
    """A word of a shell in quotation marks is a phrase."""
    assert "17 * 23 = 391" in cascadeflow("history", "search", "391").stdout
    [hit] = json.loads(cascadeflow("history", "search", "a city", "--json").stdout)
    assert (hit["query"], hit["excerpt"]) == ("Name a city.", "Name a city.")
    assert json.loads(cascadeflow("history", "search", "city a", "--json").stdout) == []
    nothing = cascadeflow("history", "search", "elephant")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "Nothing was found" in nothing.stderr


def test_conversations_are_renamed_tagged_pinned_and_deleted(cascadeflow: Command, runs: list[str]) -> None:
    """As the list of conversations shows."""
    assert cascadeflow("history", "rename", "trip", "Holidays", "in", "France").exit_code == 0
    assert cascadeflow("history", "tag", "trip", "fun", "geo").exit_code == 0
    assert cascadeflow("history", "pin", "trip").exit_code == 0
    [session] = json.loads(cascadeflow("history", "sessions", "--json").stdout)
    assert (session["title"], session["tags"], session["pinned"]) == ("Holidays in France", ["fun", "geo"], True)
    line = cascadeflow("history", "sessions", "--tag", "fun").stdout.splitlines()[1]
    assert "pinned" in line
    assert "fun, geo" in line
    cascadeflow("history", "tag", "trip", "fun", "--remove")
    assert "none of these" in cascadeflow("history", "tag", "trip", "fun", "--remove").stderr
    cascadeflow("history", "pin", "trip", "--off")
    [session] = json.loads(cascadeflow("history", "sessions", "--json").stdout)
    assert (session["tags"], session["pinned"]) == (["geo"], False)
    assert "trip, 2 runs" in cascadeflow("history", "delete", "--session", "trip").stderr
    assert len(listed(cascadeflow)) == 1
    assert "No conversation" in cascadeflow("history", "sessions").stderr


def test_what_is_not_there_is_an_error(cascadeflow: Command, runs: list[str]) -> None:
    """Exit code 1 with where to look; nothing to delete is wrong usage."""
    for arguments in (["rename", "nope", "x"], ["pin", "nope"], ["delete", "--session", "nope"], ["tag", "nope", "x"]):
        result = cascadeflow("history", *arguments)
        assert result.exit_code == 1
        assert "cascadeflow history" in result.stderr
    assert cascadeflow("history", "delete").exit_code == 2
    assert cascadeflow("history", "delete", runs[0], "--session", "trip").exit_code == 2
    result = cascadeflow("history", "label", runs[1], "right", "--model", "large")
    assert result.exit_code == 1
    assert "those that did: small" in result.stderr


def test_answers_are_marked_and_exported_as_rows(cascadeflow: Command, runs: list[str], tmp_path: Path) -> None:
    """The answer that stands, and the draft before it; as the evaluation reads them."""
    assert "No answer is marked" in cascadeflow("history", "export", "--format", "jsonl").stderr
    cascadeflow("history", "label", runs[0][:8], "right")
    cascadeflow("history", "label", runs[0][:8], "wrong", "--model", "small")
    shown = cascadeflow("history", "show", runs[0][:8]).stdout
    marked = [line.rpartition(", ")[2] for line in shown.splitlines() if line.startswith(("1. small", "2. large"))]
    assert marked == ["marked wrong", "marked right"]
    output = tmp_path / "rows.jsonl"
    result = cascadeflow("history", "export", "--format", "jsonl", "-o", str(output))
    assert "1 question" in result.stderr
    [row] = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert {name: answer["correct"] for name, answer in row["answers"].items()} == {"small": 0, "large": 1}
    cascadeflow("history", "label", runs[0][:8], "none")
    cascadeflow("history", "label", runs[0][:8], "none", "--model", "small")
    assert cascadeflow("history", "export", "--format", "jsonl").stdout == ""


def test_conversations_and_runs_are_exported(cascadeflow: Command, runs: list[str], tmp_path: Path) -> None:
    """To read, and whole; by the ID of a conversation, the beginning of a run's, or a filter."""
    cascadeflow("history", "rename", "trip", "Holidays")
    text = cascadeflow("history", "export", "trip").stdout
    assert text.startswith("# Holidays\n\n> Name a city.\n\nLyon.")
    assert "How many people?" in text
    assert "17 * 23" not in text
    [run] = json.loads(cascadeflow("history", "export", runs[0][:8], "--format", "json").stdout)
    assert run["run_id"] == runs[0]
    assert len(json.loads(cascadeflow("history", "export", "--format", "json", "--model", "small").stdout)) == 3
    (tmp_path / "file").write_text("")
    nowhere = cascadeflow("history", "export", "-o", str(tmp_path / "file" / "x"))
    assert nowhere.exit_code == 2
    assert "cannot write it" in nowhere.stderr


def test_the_history_of_a_configuration_is_its_own(
    cascadeflow: Command, runs: list[str], tmp_path: Path, two: str
) -> None:
    """Each subcommand follows `--config`, also where it stands before the command."""
    path = tmp_path / "other.toml"
    path.write_text(f"{Path(two).read_text()}\n[history]\nmode = 'full'\npath = '{tmp_path / 'other.db'}'\n")
    for arguments in (["list"], ["search", "city"], ["sessions"], ["export", "--format", "json"]):
        result = cascadeflow("history", *arguments, "--config", str(path))
        assert result.exit_code == 0
        assert result.stdout.strip() in ("", "[]")
    assert cascadeflow("--config", str(path), "history", "sessions").stdout == ""


def test_a_long_conversation_is_resumed_whole(cascadeflow: Command, scripted: Script, two: str) -> None:
    """A model is sent all of it, not the last page."""
    client = scripted({"small": ["17 * 23 = 391"]})
    for number in range(53):
        cascadeflow("ask", "--config", two, "--no-rehearse", "--session", "s", f"What is 17 * 23? ({number})")
    assert len(client.calls[-1].messages) == 105
