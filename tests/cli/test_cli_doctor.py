"""`doctor` and `history` look at what a configuration file names: its models, its ledger, its history."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from redis_server import RedisServer

from cascadeflow.paths import history_path, ledger_path
from cascadeflow.telemetry.ledger.redis_health import read_health
from cascadeflow.testing import ScriptedClient

Command = Callable[..., Result]
Script = Callable[[dict[str, list[Any]]], ScriptedClient]
QUESTION = "What is 17 * 23?"


@pytest.fixture
def configured(two: str) -> Callable[[str], str]:
    """The configuration of two models, with more below it."""

    def write(more: str) -> str:
        path = Path(two)
        path.write_text(f"{path.read_text()}\n{more}\n")
        return two

    return write


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that no provider is asked about for long."""
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/v1")


@pytest.fixture
def redis_of(configured: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A configuration whose ledger is in Redis at an address."""

    def write(url: str, more: str = "") -> str:
        monkeypatch.setenv("MY_REDIS", url)
        return configured(f'[ledger]\nkind = "redis"\nurl_env = "MY_REDIS"\n{more}')

    return write


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that logs every write, and that a test may change."""
    started = RedisServer(tmp_path)
    started.ask("CONFIG SET appendonly yes")
    yield started
    started.stop()


def findings(cascadeflow: Command, *arguments: str) -> dict[str, dict[str, str]]:
    """What the doctor found, by what it looked at."""
    return {finding["what"]: finding for finding in json.loads(cascadeflow("doctor", "--json", *arguments).stdout)}


# -- models


def test_the_models_of_the_file_are_looked_at(
    cascadeflow: Command, configured: Callable[[str], str], key: None
) -> None:
    """Each with who answers, what it lacks, or what keeps a budget from using it; a strategy's too."""
    path = configured(
        '[[models]]\nname = "claude-3-5-haiku"\nprovider = "anthropic"\n'
        '[[models]]\nname = "gpt-4"\nprovider = "openai"\n'
        '[[models]]\nname = "no-such"\nprovider = "openai"\n'
        '[routing]\nmulti_step = true\n[[strategies.math.steps]]\nmodel = "gpt-4o"\nprovider = "openai"\n'
        '[[strategies.math.steps]]\nmodel = "small"\nprovider = "openai"\n'
    )
    found = {what: item for what, item in findings(cascadeflow, "--config", path).items() if "configured" in what}
    assert {what.removeprefix("configured: "): item["state"] for what, item in found.items()} == {
        "small": "ok", "large": "ok", "claude-3-5-haiku": "note", "gpt-4": "ok", "no-such": "note", "gpt-4o": "ok",
    }  # fmt: skip
    assert "ANTHROPIC_API_KEY is not set" in found["configured: claude-3-5-haiku"]["found"]
    assert "retired" in found["configured: gpt-4"]["found"]
    assert "price" in found["configured: no-such"]["found"]
    assert cascadeflow("doctor", "--config", path).exit_code == 0


def test_a_key_for_another_provider_does_not_help_this_configuration(
    cascadeflow: Command, tmp_path: Path, key: None
) -> None:
    """Without one for its own, embedded models must stand in; where there are none, that is broken."""
    path = tmp_path / "groq.toml"
    path.write_text('version = 1\n[[models]]\nname = "llama-3.1-8b-instant"\nprovider = "groq"\n')
    assert cascadeflow("doctor").exit_code == 0
    result = cascadeflow("doctor", "--config", str(path))
    assert result.exit_code == 1
    assert "GROQ_API_KEY is not set" in result.stdout
    assert findings(cascadeflow, "--config", str(path))["configured: llama-3.1-8b-instant"]["state"] == "note"


def test_a_model_file_that_is_not_there_is_broken(cascadeflow: Command, tmp_path: Path, key: None) -> None:
    """Where nothing of a configuration can answer, and rehearsal would not help either."""
    path = tmp_path / "own.toml"
    path.write_text('version = 1\n[[models]]\nname = "mine"\nprovider = "local"\npath = "/none/mine.gguf"\n')
    found = findings(cascadeflow, "--config", str(path))["configured: mine"]
    assert (found["state"], "/none/mine.gguf" in found["found"] or "xllamacpp" in found["found"]) == ("broken", True)
    assert found["fix"]


def test_a_preset_is_looked_at_the_same_way(cascadeflow: Command) -> None:
    """But not both at once, as everywhere."""
    assert "configured: gpt-4o-mini" in findings(cascadeflow, "--preset", "production_ready")
    assert not any("configured" in what for what in findings(cascadeflow))
    result = cascadeflow("doctor", "--preset", "local", "--config", "x.toml")
    assert result.exit_code == 2


def test_a_file_that_cannot_be_used_is_that_error(cascadeflow: Command, configured: Callable[[str], str]) -> None:
    """With file, line and key."""
    result = cascadeflow("doctor", "--config", configured('[ledger]\nkind = "paper"'))
    assert result.exit_code == 2
    assert "two.toml:18: ledger.kind" in result.stderr


# -- ledger


def test_the_ledger_of_the_file_is_looked_at(
    cascadeflow: Command, configured: Callable[[str], str], tmp_path: Path
) -> None:
    """Not the one in the data folder."""
    ledger_path().write_bytes(b"this is no database, and long enough to be looked at as one" * 20)
    path = tmp_path / "mine.db"
    config = configured(f'[ledger]\nkind = "sqlite"\npath = "{path}"')
    assert findings(cascadeflow)["ledger"]["state"] == "broken"
    found = findings(cascadeflow, "--config", config)["ledger"]
    assert (found["state"], found["found"]) == ("ok", f"{path}, made at the first paid call")
    path.write_bytes(b"this is no database, and long enough to be looked at as one" * 20)
    found = findings(cascadeflow, "--config", config)["ledger"]
    assert (found["state"], str(path) in found["found"]) == ("broken", True)


def test_options_before_the_command_hold_for_it(cascadeflow: Command, configured: Callable[[str], str]) -> None:
    """As for ask and plan."""
    config = configured("[budget]\ntracking = false")
    found = {item["what"]: item for item in json.loads(cascadeflow("--config", config, "doctor", "--json").stdout)}
    assert "nothing is counted" in found["ledger"]["found"]


def test_a_ledger_in_memory_is_said_to_forget(cascadeflow: Command, two: str) -> None:
    """The command counts in a file all the same; a program that loads the configuration does not."""
    found = findings(cascadeflow, "--config", two)
    assert str(ledger_path()) in found["ledger"]["found"]
    assert (found["ledger in programs"]["state"], "redis" in found["ledger in programs"]["fix"]) == ("note", True)
    assert "ledger in programs" not in findings(cascadeflow)


def test_a_folder_that_cannot_be_written_is_told(
    cascadeflow: Command, configured: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first paid call fails there."""
    config = configured('[ledger]\nkind = "sqlite"\npath = "/none/x.db"\n[history]\nmode = "full"\npath = "/none/y.db"')
    monkeypatch.setattr("cascadeflow.cli.doctor_stores.writable", lambda path: not str(path).startswith("/none"))
    found = findings(cascadeflow, "--config", config)
    assert [found[what]["state"] for what in ("data folder", "ledger", "history")] == ["ok", "broken", "broken"]
    assert "/none/x.db cannot be written" in found["ledger"]["found"]


def test_a_redis_that_answers_is_told_with_version_and_holds(
    cascadeflow: Command, redis_of: Callable[..., str], server: RedisServer
) -> None:
    """Address and prefix, without user and password."""
    found = findings(cascadeflow, "--config", redis_of(server.url, 'prefix = "shop"'))["ledger"]
    assert found["state"] == "ok"
    assert found["found"].startswith(f"Redis at 127.0.0.1:{server.port}/0, prefix shop, version ")
    assert found["found"].endswith(", 0 open holds")


@pytest.mark.parametrize(
    ("setting", "state", "wrong", "fix"),
    [
        ("appendonly no", "note", "a crash loses", "appendonly yes"),
        ("maxmemory-policy allkeys-lru", "note", "throws keys away (allkeys-lru)", "noeviction"),
    ],
)
def test_a_redis_that_may_forget_is_told_what_to_set(
    cascadeflow: Command, redis_of: Callable[..., str], server: RedisServer, setting: str, state: str, wrong: str,
    fix: str,
) -> None:  # fmt: skip
    """Budgets that begin anew are no budgets."""
    server.ask("CONFIG SET maxmemory 100mb")
    server.ask(f"CONFIG SET {setting}")
    found = findings(cascadeflow, "--config", redis_of(server.url))["ledger"]
    assert (found["state"], wrong in found["found"], fix in found["fix"]) == (state, True, True)


def test_a_replica_is_broken(cascadeflow: Command, redis_of: Callable[..., str], server: RedisServer) -> None:
    """It answers, but takes no bookings."""
    server.ask("REPLICAOF 127.0.0.1 1")
    result = cascadeflow("doctor", "--json", "--config", redis_of(server.url))
    found = {item["what"]: item for item in json.loads(result.stdout)}["ledger"]
    assert (found["state"], found["fix"]) == ("broken", "give the address of the primary")
    assert result.exit_code == 1


def test_what_is_wrong_with_redis_is_said_without_the_password(
    cascadeflow: Command, redis_of: Callable[..., str], server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody there, a wrong password, a variable that is not set, a package that is missing."""
    config = redis_of("redis://me:hush-hush@127.0.0.1:1/0")
    found = findings(cascadeflow, "--config", config)["ledger"]
    assert (found["state"], "127.0.0.1:1/0" in found["found"], "server runs" in found["found"]) == (
        "broken",
        True,
        True,
    )
    server.ask("CONFIG SET requirepass right")
    monkeypatch.setenv("MY_REDIS", server.url.replace("//", "//:hush-hush@"))
    result = cascadeflow("doctor", "--config", config)
    assert "check user and password" in result.stdout
    assert "hush" not in result.output
    monkeypatch.delenv("MY_REDIS")
    assert "MY_REDIS is not set" in findings(cascadeflow, "--config", config)["ledger"]["found"]
    monkeypatch.setenv("MY_REDIS", server.url)
    monkeypatch.setitem(__import__("sys").modules, "redis", None)
    assert "cascadeflow-console[redis]" in findings(cascadeflow, "--config", config)["ledger"]["found"]


def test_a_user_who_may_not_ask_for_the_state_still_has_a_ledger(
    cascadeflow: Command, redis_of: Callable[..., str], server: RedisServer
) -> None:
    """INFO is forbidden to many users of shared servers."""
    server.ask("ACL SETUSER ann on >pass ~* +@all -info")
    config = redis_of(server.url.replace("//", "//ann:pass@"))
    found = findings(cascadeflow, "--config", config)["ledger"]
    assert (found["state"], found["fix"]) == ("note", "allow INFO to its user")


def test_the_nodes_of_a_cluster_are_taken_together() -> None:
    """One that evicts, or keeps no log, is enough."""
    good = {"redis_version": "7.2.4", "role": "master", "cluster_enabled": 1, "aof_enabled": 1}
    bad = good | {"role": "slave", "aof_enabled": 0, "maxmemory": 1, "maxmemory_policy": "volatile-ttl"}
    health = read_health({"127.0.0.1:1": good, "127.0.0.1:2": bad})
    assert (health.primary, health.clustered, health.evicts, health.appends) == (True, True, "volatile-ttl", False)
    assert read_health(bad | {"maxmemory": 0}).evicts == ""


# -- history


def test_history_is_read_where_the_file_puts_it(
    cascadeflow: Command, scripted: Script, configured: Callable[[str], str], tmp_path: Path
) -> None:
    """List, show and delete; the default history knows nothing of it."""
    path = tmp_path / "runs.db"
    config = configured(f'[history]\nmode = "full"\npath = "{path}"')
    assert findings(cascadeflow, "--config", config)["history"]["found"] == f"{path}, made at the first run"
    scripted({"small": ["391"]})
    cascadeflow("ask", "--config", config, "--no-rehearse", QUESTION)
    assert json.loads(cascadeflow("history", "list", "--json").stdout) == []
    [listed] = json.loads(cascadeflow("history", "list", "--json", "--config", config).stdout)
    run_id = listed["run_id"][:8]
    for arguments in (("history",), ("history", "list"), ("history", "show", run_id)):
        assert run_id in cascadeflow("--config", config, *arguments).stdout
    assert findings(cascadeflow, "--config", config)["history"] == {
        "what": "history", "state": "ok", "found": str(path), "fix": "",
    }  # fmt: skip
    assert cascadeflow("history", "show", run_id).exit_code == 1
    assert cascadeflow("history", "delete", run_id, "--config", config).exit_code == 0
    assert json.loads(cascadeflow("history", "list", "--json", "--config", config).stdout) == []


def test_a_history_that_is_off_is_said(cascadeflow: Command, configured: Callable[[str], str]) -> None:
    """Instead of a silent, empty list."""
    config = configured('[history]\nmode = "off"')
    assert "not recorded" in findings(cascadeflow, "--config", config)["history"]["found"]
    assert "not recorded" in cascadeflow("history", "list", "--config", config).stderr


def test_a_damaged_history_elsewhere_is_found(
    cascadeflow: Command, configured: Callable[[str], str], tmp_path: Path
) -> None:
    """And the one in the data folder is not blamed."""
    path = tmp_path / "runs.db"
    path.write_bytes(b"this is no database, and long enough to be looked at as one" * 20)
    config = configured(f'[history]\nmode = "full"\npath = "{path}"')
    found = findings(cascadeflow, "--config", config)["history"]
    assert (found["state"], str(path) in found["found"]) == ("broken", True)
    assert str(history_path()) in findings(cascadeflow)["history"]["found"]
