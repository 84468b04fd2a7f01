"""`cascadeflow ask`: what a user, a pipe and a program get to read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from cascadeflow.errors import AuthenticationError, ServerError
from cascadeflow.events import TERMINAL, TokenDelta, event_from_dict
from cascadeflow.testing import Answer, ScriptedClient

Command = Callable[..., Result]
Script = Callable[[dict[str, list[Any]]], ScriptedClient]
QUESTION = "What is 17 * 23?"
WRONG_THEN_RIGHT: dict[str, list[Any]] = {"small": ["The answer is 381."], "large": ["17 * 23 = 391"]}


@pytest.fixture
def ask(cascadeflow: Command, two: str) -> Command:
    """`ask` with the two models, asked as themselves."""

    def run(*arguments: str, **options: Any) -> Result:
        return cascadeflow("ask", "--config", two, "--no-rehearse", *arguments, **options)

    return run


def events_of(output: str) -> list[Any]:
    """The events of JSON lines."""
    return [event_from_dict(json.loads(line)) for line in output.splitlines()]


def test_json_is_the_stream_of_events_and_ends_in_one_terminal_event(ask: Command, scripted: Script) -> None:
    """A program reads the whole story, line by line."""
    scripted(WRONG_THEN_RIGHT)
    result = ask("--json", QUESTION)
    assert (result.exit_code, result.stderr) == (0, "")
    events = events_of(result.stdout)
    assert [event.seq for event in events] == list(range(len(events)))
    assert [isinstance(event, TERMINAL) for event in events] == [False] * (len(events) - 1) + [True]
    assert events[-1].result.text == "17 * 23 = 391"
    assert any(json.loads(line)["event"] == "retracted" for line in result.stdout.splitlines())


def test_json_lines_are_ascii_so_that_no_reader_of_lines_breaks_one(ask: Command, scripted: Script) -> None:
    """Line separators, escapes and bidi marks of an answer stay inside their line."""
    nasty = "Paris\u2028is\x1b[31m\u202e the\x85capital\ud800."
    scripted({"small": [Answer(nasty)], "large": [Answer(nasty)]})
    result = ask("--json", "What is the capital of France?")
    assert result.stdout.isascii()
    texts = [event.text for event in events_of(result.stdout) if isinstance(event, TokenDelta)]
    assert nasty in "".join(texts)


def test_a_failing_run_ends_in_run_failed_and_exits_with_1(ask: Command, scripted: Script) -> None:
    """The terminal event is there, the message is on stderr, and there is no traceback."""
    scripted({"small": [ServerError("down", status=501)], "large": [ServerError("out of order", status=501)]})
    result = ask("--json", QUESTION)
    assert result.exit_code == 1
    assert json.loads(result.stdout.splitlines()[-1])["event"] == "run_failed"
    assert "No model answered" in result.stderr
    assert "out of order" in result.stderr
    assert "Traceback" not in result.output


def test_in_a_pipe_only_the_answer_that_stands_is_written(ask: Command, scripted: Script) -> None:
    """The withdrawn draft, the verdict and the cost are told on stderr."""
    scripted(WRONG_THEN_RIGHT)
    result = ask(QUESTION)
    assert result.stdout == "17 * 23 = 391\n"
    assert "small rejected: arithmetic" in result.stderr
    assert "large · 2 steps" in result.stderr
    assert "$" in result.stderr
    assert "\x1b" not in result.output


def test_an_answer_that_no_check_accepted_is_marked(ask: Command, scripted: Script) -> None:
    """It is an answer, so the exit code is 0, and it is said that it did not pass."""
    scripted({"small": ["381"], "large": ["411"]})
    result = ask(QUESTION)
    assert result.exit_code == 0
    assert result.stdout.strip() in ("381", "411")
    assert "Not validated" in result.stderr


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_the_question_may_come_on_stdin(ask: Command, scripted: Script, arguments: tuple[str, ...]) -> None:
    """Whole, with its lines, without a byte order mark."""
    client = scripted({"small": ["A fine poem about the sea."], "large": ["A fine poem about the sea."]})
    result = ask(*arguments, stdin="\ufeffWrite a poem\nabout the sea.\n")
    assert result.exit_code == 0
    assert client.calls[0].messages == ({"role": "user", "content": "Write a poem\nabout the sea."},)


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        ((), "", "empty"),
        (("  ",), "", "empty"),
        ((), b"\xff\xfe", "not UTF-8"),
        (("--json", "--plain", "x"), "", "contradict"),
        (("--preset", "local", "x"), "", "contradict"),
        (("--tier", "gold", "x"), "", "Unknown tier"),
        (("--max-tokens", "0", "x"), "", "max-tokens"),
        (("--timeout", "0", "x"), "", "timeout"),
        (("--no-such", "x"), "", "No such option"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(
    ask: Command, scripted: Script, arguments: tuple[str, ...], stdin: str | bytes, says: str
) -> None:
    """Nobody is asked."""
    client = scripted(WRONG_THEN_RIGHT)
    result = ask(*arguments, stdin=stdin)
    assert result.exit_code == 2
    assert says in result.stderr
    assert client.calls == []


def test_options_reach_the_call(ask: Command, scripted: Script) -> None:
    """System message, length and time-out are part of the request."""
    client = scripted({"small": ["Paris."], "large": ["Paris."]})
    ask("--system", "Be brief.", "--max-tokens", "77", "--timeout", "9", "What is the capital of France?")
    request = client.calls[0]
    assert request.messages[0] == {"role": "system", "content": "Be brief."}
    assert request.max_tokens == 77
    assert request.total_timeout is not None
    assert request.total_timeout <= 9


def test_options_before_the_command_hold_for_it(cascadeflow: Command, scripted: Script, two: str) -> None:
    """As people write them."""
    scripted(WRONG_THEN_RIGHT)
    result = cascadeflow("--config", two, "--no-rehearse", "--user", "ann", "ask", "--json", QUESTION)
    assert events_of(result.stdout)[0].user_id == "ann"
    assert events_of(result.stdout)[0].preset == "two"


def test_a_budget_that_refuses_exits_with_3(cascadeflow: Command, scripted: Script, tmp_path: Path, two: str) -> None:
    """Which budget, spent, limit and reset are told."""
    path = tmp_path / "poor.toml"
    path.write_text(Path(two).read_text() + '\n[budget]\nenforcement = "block"\n[budget.user]\ndaily = 0.0\n')
    client = scripted(WRONG_THEN_RIGHT)
    result = cascadeflow("ask", "--config", str(path), "--no-rehearse", "--user", "ann", QUESTION)
    assert result.exit_code == 3
    assert "user ann, daily" in result.stderr
    assert "resets" in result.stderr
    assert client.calls == []


@pytest.mark.parametrize("arguments", [("--preset", "local"), ("--preset", "production_ready")])
def test_without_models_it_says_how_to_get_them(cascadeflow: Command, arguments: tuple[str, ...]) -> None:
    """Exit code 4; nobody can answer a prompt in a pipe, so none is shown."""
    result = cascadeflow("ask", *arguments, QUESTION)
    assert result.exit_code == 4
    assert "cascadeflow models pull" in result.stderr
    assert "Fetch them now" not in result.output


def test_plain_is_a_conversation_in_words(ask: Command, scripted: Script) -> None:
    """Each line is a question; the next one has the conversation, without the withdrawn draft."""
    client = scripted({"small": ["The answer is 381.", "Paris."], "large": ["391"]})
    result = ask("--plain", stdin=f"{QUESTION}\n\nWhat is the capital of France?\n")
    assert result.exit_code == 0
    assert client.calls[-1].messages == (
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "391"},
        {"role": "user", "content": "What is the capital of France?"},
    )
    lines = result.stdout.splitlines()
    assert lines[0] == "Asking small."
    assert lines[1].startswith("small rejected: arithmetic")
    assert "Answer by large:" in lines
    assert lines[lines.index("Answer by large:") + 1] == "391"
    assert any(line.startswith("Took: large · 2 steps") for line in lines)
    assert "381" not in "".join(line for line in lines if "rejected" not in line)


def test_a_plain_conversation_is_one_session_of_the_history(
    ask: Command, cascadeflow: Command, scripted: Script
) -> None:
    """Its runs are found together, apart from those of the next conversation."""
    scripted({"small": ["Paris."], "large": ["Paris."]})
    for _ in range(2):
        ask("--plain", stdin="What is the capital of France?\nReally the capital of France?\n")
    runs = json.loads(cascadeflow("history", "list", "--json").stdout)
    sessions = [run["session"] for run in runs]
    assert len(sessions) == 4
    assert sessions[0] == sessions[1] != sessions[2] == sessions[3]


def test_lines_that_are_no_text_are_asked_all_the_same(ask: Command, scripted: Script) -> None:
    """A stray byte in a pipe is replaced, not a crash."""
    client = scripted({"small": ["Paris."], "large": ["Paris."]})
    result = ask("--plain", stdin=b"What is the capital of \xff France?\n")
    assert result.exit_code == 0
    assert client.calls[0].messages[-1]["content"] == "What is the capital of \ufffd France?"


def test_a_failed_question_does_not_end_a_plain_conversation(ask: Command, scripted: Script) -> None:
    """It is reported, left out of what follows, and remembered in the exit code."""
    broken = AuthenticationError("bad key", status=401)
    client = scripted({"small": [broken, "Paris."], "large": [broken]})
    result = ask("--plain", stdin=f"{QUESTION}\nWhat is the capital of France?\n")
    assert result.exit_code == 1
    assert "Answer by small:\nParis." in result.stdout
    assert len(client.calls[-1].messages) == 1


def test_a_session_goes_on_with_what_was_said(ask: Command, scripted: Script) -> None:
    """Questions and the answers that stood; other conversations are not mixed in."""
    client = scripted({"small": ["Lyon.", "Rome.", "About 500,000 people."], "large": ["x"]})
    ask("--session", "trip", "Name a city in France.")
    ask("--session", "other", "Name a city in Italy.")
    ask("--session", "trip", "How many people live there?")
    assert [message["content"] for message in client.calls[-1].messages] == [
        "Name a city in France.", "Lyon.", "How many people live there?",
    ]  # fmt: skip
