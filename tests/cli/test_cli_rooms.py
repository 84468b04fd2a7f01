"""`plan`, `export`, `presets`, `models`, `doctor` and `history`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from cascadeflow import PRESETS, CascadeAgent
from cascadeflow.catalog import EMBEDDED, ENCODER
from cascadeflow.config import Configuration, load, loads
from cascadeflow.config.python_source import python_source
from cascadeflow.errors import ModelDownloadError
from cascadeflow.integrations.model_store import ModelStore, PullProgress
from cascadeflow.paths import history_path
from cascadeflow.testing import ScriptedClient

Command = Callable[..., Result]
Script = Callable[[dict[str, list[Any]]], ScriptedClient]
QUESTION = "What is 17 * 23?"


# -- plan


def test_plan_asks_nobody_and_shows_steps_ways_and_prices(cascadeflow: Command, scripted: Script, two: str) -> None:
    """The whole plan is on standard output."""
    client = scripted({})
    result = cascadeflow("plan", "--config", two, "--no-rehearse", QUESTION)
    assert (result.exit_code, result.stderr) == (0, "")
    for part in ("small", "large", "1 → 2", "expected $", "at worst $"):
        assert part in result.stdout
    assert client.calls == []


def test_plan_as_json_is_the_plan_with_its_totals(cascadeflow: Command, scripted: Script, two: str) -> None:
    """One object; the ways' probabilities sum to 1."""
    scripted({})
    plan = json.loads(cascadeflow("plan", "--config", two, "--no-rehearse", "--json", stdin=QUESTION).stdout)
    assert [step["model"] for step in plan["steps"]] == ["small", "large"]
    assert sum(way["probability"] for way in plan["paths"]) == pytest.approx(1)
    assert 0 < plan["cost_expected"] < plan["cost_worst"]


def test_a_plan_counts_with_what_is_left_of_the_budget(
    cascadeflow: Command, scripted: Script, two: str, tmp_path: Path
) -> None:
    """With nothing left it has no steps, says so, and exits with 3."""
    scripted({})
    path = tmp_path / "poor.toml"
    path.write_text(Path(two).read_text() + "\n[budget.user]\ndaily = 0.0\n")
    result = cascadeflow("plan", "--config", str(path), "--no-rehearse", QUESTION)
    assert result.exit_code == 3
    assert "No model can be asked" in result.stdout
    assert "does not fit" in result.stdout


def test_a_plan_without_models_exits_with_4_and_names_what_each_lacks(cascadeflow: Command) -> None:
    """Keys by their variable, embedded models by the command that fetches them."""
    result = cascadeflow("plan", "--preset", "production_ready", "--no-rehearse", QUESTION)
    assert result.exit_code == 4
    assert "gpt-4o: OPENAI_API_KEY is not set" in result.stdout
    result = cascadeflow("plan", "--preset", "local", QUESTION)
    assert result.exit_code == 4
    assert "cascadeflow models pull" in result.stdout


# -- export


@pytest.mark.parametrize("name", PRESETS)
def test_an_exported_preset_is_that_preset(cascadeflow: Command, name: str, tmp_path: Path) -> None:
    """TOML and Python build agents with the same configuration."""
    path = tmp_path / "out.toml"
    assert cascadeflow("export", "--preset", name, "-o", str(path)).exit_code == 0
    assert load(path) == Configuration.of_preset(PRESETS[name])
    printed = cascadeflow("export", "--preset", name)
    assert printed.stdout == path.read_text()
    source = cascadeflow("export", "--config", str(path), "--format", "python").stdout
    assert agent_of(source).to_toml() == CascadeAgent.from_toml(path).to_toml()


EVERYTHING = """
version = 1
name = "every"
based_on = "local"
[[models]]
name = "a \\"quoted\\" name"
provider = "openai"
max_tokens = 9
temperature = 0.5
base_url = "http://127.0.0.1:9"
[quality]
mode = "strict"
threshold = 0.9
hedging = false
[gate]
threshold = 0.91
model = "one"
target = 0.9
delta = 0.1
n = 640
accepted = 400
wrong_bound = 0.08
date = "2026-11-24"
gate = "abc"
audit_rate = 0.02
[gate.domains.math]
threshold = 0.8
n = 300
accepted = 200
wrong_bound = 0.09
[budget]
enforcement = "block"
warn_threshold = 0.5
on_store_error = "allow"
[budget.user]
daily = 1.0
timezone = "Europe/Berlin"
[budget.users.ann]
monthly = 2.0
[budget.global]
total = 3.0
[tiers.gold]
allowed_models = ["x", "y"]
max_cost_per_query = 0.5
prefer_cheap_first = false
[[strategies.math.steps]]
model = "one"
provider = "openai"
validation = "quality_validator"
max_retries = 3
fallback_model = "spare"
[[strategies.math.steps]]
model = "two"
provider = "groq"
role = "verify"
run = "always"
[routing]
by_domain = true
multi_step = true
expect_tier = true
max_steps = 2
[generation]
system = "Line one.\\nLine two."
temperature = 0.1
max_tokens = 7
[calls]
first_token_timeout = 0.0
total_timeout = 5.0
max_retries = 0
[ledger]
kind = "sqlite"
path = "/tmp/none/ledger.db"
patience = 2.5
[history]
mode = "no_text"
path = "/tmp/none/history.db"
retention_days = 30
"""


def test_python_holds_everything_a_file_can(cascadeflow: Command, tmp_path: Path) -> None:
    """The agent it builds has the same configuration, which is not the default anywhere."""
    path = tmp_path / "every.toml"
    path.write_text(EVERYTHING)
    agent = agent_of(python_source(load(path)))
    assert agent.to_toml() == CascadeAgent.from_toml(path).to_toml()


def agent_of(source: str) -> CascadeAgent:
    """The agent that exported Python builds."""
    names: dict[str, Any] = {}
    exec(compile(source, "exported.py", "exec"), names)
    agent = names["agent"]
    assert isinstance(agent, CascadeAgent)
    return agent


def test_export_keeps_the_comments_of_the_file_it_replaces(cascadeflow: Command, tmp_path: Path) -> None:
    """And the old text beside it."""
    path = tmp_path / "mine.toml"
    path.write_text('version = 1\n# my models\n[[models]]\nname = "a"\nprovider = "openai"\n')
    cascadeflow("export", "--preset", "local", "-o", str(path))
    assert "# my models" in path.read_text() or "# my models" in path.with_name("mine.toml.bak").read_text()
    assert load(path).name == "local"


@pytest.mark.parametrize("form", ["toml", "python"])
def test_export_to_nowhere_is_a_clear_error(cascadeflow: Command, tmp_path: Path, form: str) -> None:
    """Exit code 2 and the file's name."""
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "x"
    result = cascadeflow("export", "--format", form, "-o", str(target))
    assert result.exit_code == 2
    assert str(target) in result.stderr


# -- presets


def test_presets_are_listed_and_described(cascadeflow: Command) -> None:
    """Each with its models, what they cost, what they lack, and its steps."""
    listed = cascadeflow("presets").stdout
    assert all(name in listed for name in PRESETS)
    described = cascadeflow("presets", "medical-ai").stdout
    assert "med-palm-2" in described
    assert "OPENAI_API_KEY" in described
    assert "claude-opus (medical_safety_checker)" in described
    data = json.loads(cascadeflow("presets", "--json").stdout)
    assert [preset["name"] for preset in data] == list(PRESETS)
    assert json.loads(cascadeflow("presets", "local", "--json").stdout)["models"][0]["provider"] == "local"


def test_an_unknown_preset_exits_with_2_and_lists_them(cascadeflow: Command) -> None:
    """On stderr, as every error."""
    result = cascadeflow("presets", "nope")
    assert result.exit_code == 2
    assert all(name in result.stderr for name in PRESETS)
    assert result.stdout == ""


# -- models


def test_models_are_listed_with_prices_retirement_and_state(cascadeflow: Command, own_home: Path) -> None:
    """Embedded ones with what is on this machine, hosted ones from the catalogue."""
    (own_home / "models").mkdir()
    (own_home / "models" / "smollm2-135m-instruct.part").write_bytes(b"GGUF")
    out = cascadeflow("models").stdout
    assert "half fetched" in out
    assert "not fetched" in out
    haiku = next(line for line in out.splitlines() if line.startswith("claude-3-5-haiku "))
    assert "$0.80" in haiku
    assert "2026-02-19 → claude-haiku-4-5" in haiku
    data = json.loads(cascadeflow("models", "list", "--provider", "groq", "--json").stdout)
    assert {entry["provider"] for entry in data["catalog"]} == {"groq"}
    assert data["embedded"] == data["encoders"] == []


def test_the_sentence_encoder_is_listed_apart_and_told_of(cascadeflow: Command) -> None:
    """It answers no questions, so it is no row among the embedded models."""
    out = cascadeflow("models", "list", "--provider", "local").stdout
    assert "embedded model" in out
    assert "sentence encoder" in out.split("\n\n")[1]
    data = json.loads(cascadeflow("models", "list", "--json").stdout)
    assert [item["name"] for item in data["embedded"]] == [model.name for model in EMBEDDED]
    assert [item["name"] for item in data["encoders"]] == [ENCODER.name]
    info = cascadeflow("models", "info", ENCODER.name).stdout
    assert ENCODER.sha256 in info
    assert "tokens a second" not in info
    assert json.loads(cascadeflow("models", "info", ENCODER.name, "--json").stdout)["state"] == "absent"


def test_model_info_tells_who_answers_for_a_retired_one(cascadeflow: Command) -> None:
    """Also as JSON; an unknown name exits with 2."""
    assert "claude-haiku-4-5 answers" in cascadeflow("models", "info", "claude-3-5-haiku").stdout
    data = json.loads(cascadeflow("models", "info", "claude-3-5-haiku", "--json").stdout)
    assert (data["name"], data["answers"]) == ("claude-3-5-haiku", "claude-haiku-4-5")
    assert EMBEDDED[0].sha256 in cascadeflow("models", "info", EMBEDDED[0].name).stdout
    assert cascadeflow("models", "info", "nope").exit_code == 2


@pytest.fixture
def pulls(monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception | None]:
    """Downloads that take no network: a name maps to what goes wrong."""
    trouble: dict[str, Exception | None] = {}

    def pull(self: ModelStore, name: str, progress: Callable[[PullProgress], None]) -> None:
        total = self.status(name).total_bytes
        progress(PullProgress(name, "hub", total // 2, total, "download"))
        error = trouble.get(name)
        if error is not None:
            raise error
        progress(PullProgress(name, "hub", total, total, "verify"))
        progress(PullProgress(name, "", total, total, "done"))

    monkeypatch.setattr(ModelStore, "pull", pull)
    return trouble


def test_pull_without_names_fetches_all_and_tells_json_lines(cascadeflow: Command, pulls: dict[str, Any]) -> None:
    """The console reads these lines: each model ends with done."""
    result = cascadeflow("models", "pull", "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [line["name"] for line in lines if line["stage"] == "done"] == [model.name for model in EMBEDDED]
    assert set(lines[0]) == {"name", "stage", "source", "done_bytes", "total_bytes"}


def test_a_model_that_cannot_be_fetched_does_not_stop_the_others(cascadeflow: Command, pulls: dict[str, Any]) -> None:
    """Its line says error with the message, and the exit code is 1."""
    pulls[EMBEDDED[0].name] = ModelDownloadError("Not enough room. Free some space.")
    result = cascadeflow("models", "pull", "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    ends = {line["name"]: line for line in lines if line["stage"] in ("done", "error")}
    assert ends[EMBEDDED[0].name] == {
        "name": EMBEDDED[0].name, "stage": "error", "message": "Not enough room. Free some space.",
    }  # fmt: skip
    assert [ends[model.name]["stage"] for model in EMBEDDED[1:]] == ["done", "done"]
    assert "Not enough room" in result.stderr


def test_pull_in_a_pipe_tells_whole_lines(cascadeflow: Command, pulls: dict[str, Any]) -> None:
    """No bar, no control characters."""
    result = cascadeflow("models", "pull", EMBEDDED[0].name)
    assert result.stdout.splitlines()[0] == f"{EMBEDDED[0].name}: 49 MB of 98 MB from the hub"
    assert result.stdout.splitlines()[-1] == f"{EMBEDDED[0].name}: done"


def test_pull_on_a_terminal_shows_a_bar(
    cascadeflow: Command, pulls: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the model and ends complete."""
    monkeypatch.setattr("cascadeflow.cli.pulling.on_terminal", lambda: True)
    result = cascadeflow("models", "pull", EMBEDDED[0].name)
    assert result.exit_code == 0
    assert EMBEDDED[0].name in result.stdout


def test_pull_of_an_unknown_model_fetches_nothing(cascadeflow: Command, pulls: dict[str, Any]) -> None:
    """It is told before anything is fetched."""
    result = cascadeflow("models", "pull", EMBEDDED[0].name, "nope")
    assert result.exit_code == 2
    assert result.stdout == ""


# -- doctor


def findings(cascadeflow: Command) -> dict[str, dict[str, str]]:
    """What the doctor found."""
    return {finding["what"]: finding for finding in json.loads(cascadeflow("doctor", "--json").stdout)}


def test_without_key_and_models_the_doctor_says_what_to_do(cascadeflow: Command) -> None:
    """Nothing can answer, so it exits with 1; each broken thing has its fix."""
    result = cascadeflow("doctor")
    assert result.exit_code == 1
    assert "export OPENAI_API_KEY=" in result.stdout
    assert f"cascadeflow models pull {EMBEDDED[0].name}" in result.stdout
    assert all(finding["fix"] for finding in findings(cascadeflow).values() if finding["state"] == "broken")


def test_with_a_key_nothing_is_broken_and_the_key_is_not_shown(
    cascadeflow: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Embedded models are then no more than an offer, and a provider that does not answer breaks nothing."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/v1")
    result = cascadeflow("doctor")
    assert result.exit_code == 0
    assert "OPENAI_API_KEY is set" in result.stdout
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("check", "package", "fix"),
    [
        (
            "semantic_similarity", "numpy",
            "pip install 'cascadeflow-console[semantic]' && cascadeflow models pull all-minilm-l6-v2",
        ),
        ("toxicity", "profanity_check", "pip install 'cascadeflow-console[toxicity]'"),
    ],
)  # fmt: skip
def test_the_doctor_says_what_a_check_needs(
    cascadeflow: Command, monkeypatch: pytest.MonkeyPatch, check: str, package: str, fix: str
) -> None:
    """An extra that is not there breaks nothing."""
    monkeypatch.setitem(sys.modules, package, None)
    found = findings(cascadeflow)[f"check: {check}"]
    assert found == {"what": f"check: {check}", "state": "note", "found": "not installed", "fix": fix}


@pytest.mark.models
@pytest.mark.usefixtures("sentence_encoder")
def test_the_doctor_finds_checks_that_can_run(cascadeflow: Command) -> None:
    """With both extras and the encoder's file."""
    found = findings(cascadeflow)
    assert [found[f"check: {name}"]["state"] for name in ("semantic_similarity", "toxicity")] == ["ok", "ok"]


def test_the_doctor_finds_damaged_stores_and_models(
    cascadeflow: Command, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is named with what to do; the others are still looked at."""
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/v1")
    (own_home / "models").mkdir()
    (own_home / "models" / f"{EMBEDDED[0].name}.gguf").write_bytes(b"half")
    for name in ("history.db", "ledger.db"):
        (own_home / name).write_bytes(b"this is no database, and long enough to be looked at as one" * 20)
    found = findings(cascadeflow)
    assert {what for what, finding in found.items() if finding["state"] == "broken"} == {
        f"model: {EMBEDDED[0].name}", "history", "ledger",
    }  # fmt: skip
    assert "move it away" in found["history"]["found"]
    assert cascadeflow("doctor").exit_code == 1


# -- history


def test_history_lists_shows_and_deletes(cascadeflow: Command, scripted: Script, two: str) -> None:
    """A run is found by the beginning of its identifier, and is gone for good afterwards."""
    scripted({"small": ["381"], "large": ["17 * 23 = 391"]})
    cascadeflow("ask", "--config", two, "--no-rehearse", QUESTION)
    [listed] = json.loads(cascadeflow("history", "list", "--json").stdout)
    assert (listed["query"], listed["model_used"], listed["calls"]) == (QUESTION, "large", 2)
    beginning = listed["run_id"][:8]
    assert beginning in cascadeflow("history").stdout
    shown = cascadeflow("history", "show", beginning).stdout
    for part in (QUESTION, "1. small: rejected", "arithmetic", "2. large: accepted", "17 * 23 = 391"):
        assert part in shown
    data = json.loads(cascadeflow("history", "show", beginning, "--json").stdout)
    assert [call["outcome"] for call in data["trace"]] == ["rejected", "accepted"]
    assert data["plan"]["steps"][0]["model"] == "small"
    assert "escalated" in [event["event"] for event in data["events"]]
    assert cascadeflow("history", "delete", beginning).exit_code == 0
    assert json.loads(cascadeflow("history", "list", "--json").stdout) == []
    assert b"17 * 23" not in history_path().read_bytes()


def test_a_run_that_is_not_there_is_a_clear_error(cascadeflow: Command) -> None:
    """For show and delete."""
    for command in ("show", "delete"):
        result = cascadeflow("history", command, "abc")
        assert result.exit_code == 1
        assert "cascadeflow history" in result.stderr


def test_python_names_the_variable_of_a_redis_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The address itself, which may hold a password, stands nowhere; the other options do."""
    monkeypatch.setenv("MY_REDIS", "redis://user:secret@127.0.0.1:1/0")
    path = tmp_path / "redis.toml"
    path.write_text(
        'version = 1\n[[models]]\nname = "a"\nprovider = "openai"\n[ledger]\nkind = "redis"\nurl_env = "MY_REDIS"\n'
        'prefix = "shop"\ncluster = true\npatience = 0.5\nkeep_rows = 10\n'
    )
    source = python_source(load(path))
    exported = agent_of(source).to_toml()
    assert exported == CascadeAgent.from_toml(path).to_toml()
    assert loads(exported).ledger == load(path).ledger
    assert "secret" not in source + exported
