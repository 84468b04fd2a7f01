"""Presets of the user's own, contradictions with their line, and agents that take another configuration over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cascadeflow import PRESETS
from cascadeflow.cli import main
from cascadeflow.config import Configuration, dumps, json_schema, load, loads
from cascadeflow.config.schema import HistorySection, LedgerSection
from cascadeflow.errors import ConfigError, UnknownPresetError, UnsupportedProviderError
from cascadeflow.presets import own_presets, preset_configuration, preset_names, save_own
from cascadeflow.telemetry.ledger import MemoryLedger, SQLiteLedger
from cascadeflow.testing import ScriptedClient
from cascadeflow.workspace import open_agent, with_configuration, with_defaults, with_preset

MODEL = '[[models]]\nname = "gpt-4o"\nprovider = "openai"\n'


def mine(**changes: object) -> Configuration:
    return preset_configuration("production_ready").model_copy(update={"description": "for me", **changes})


def test_a_saved_preset_is_listed_found_and_opened(own_home: Path) -> None:
    path = save_own(mine(), "My-Own")
    assert path == own_home / "presets" / "My-Own.toml"
    assert own_presets() == {"My-Own": path}
    assert preset_names() == [*PRESETS, "My-Own"]
    for name in ("My-Own", "my_own", "MY-OWN"):
        assert preset_configuration(name).name == "My-Own"
    agent = open_agent("my-own", client=ScriptedClient({}), rehearse=False)
    assert agent.preset == "My-Own"
    assert agent.plan("What is 17 * 23?") == open_agent(client=ScriptedClient({}), rehearse=False).plan(
        "What is 17 * 23?"
    )


def test_saving_again_keeps_comments_and_a_backup() -> None:
    path = save_own(mine(), "careful")
    path.write_text("# mine\n" + path.read_text())
    again = save_own(mine(description="second"), "careful")
    assert again == path
    assert "# mine" in path.read_text()
    assert load(path).description == "second"
    assert path.with_name("careful.toml.bak").exists()
    assert list(own_presets()) == ["careful"]


@pytest.mark.parametrize("name", ["", "a b", "../x", ".x", "-x", "x" * 61, "ü", "a/b", "x.toml"])
def test_a_name_that_is_no_file_name_everywhere_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot name a preset"):
        save_own(mine(), name)


@pytest.mark.parametrize("name", ["local", "Local", "production-ready"])
def test_built_in_presets_are_not_replaced(name: str) -> None:
    with pytest.raises(ConfigError, match="built in"):
        save_own(mine(), name)


def test_an_unknown_preset_lists_one_s_own_too() -> None:
    save_own(mine(), "careful")
    with pytest.raises(UnknownPresetError, match="local, careful"):
        preset_configuration("nope")


def test_the_command_knows_them_and_says_which_are_broken(own_home: Path) -> None:
    save_own(mine(), "careful")
    (own_home / "presets" / "broken.toml").write_text("version = 1\n" + MODEL + "cost = -1\n")
    run = CliRunner()
    listed = run.invoke(main, ["presets"])
    assert listed.exit_code == 0
    assert "your own: for me" in listed.stdout
    assert "broken cannot be used" in listed.stderr
    assert "broken.toml:5" in listed.stderr
    assert "careful: for me" in run.invoke(main, ["presets", "careful"]).stdout
    data = json.loads(run.invoke(main, ["presets", "--json"]).stdout)
    assert [item["name"] for item in data] == [*PRESETS, "careful"]
    exported = run.invoke(main, ["export", "--preset", "careful"]).stdout
    assert loads(exported) == preset_configuration("careful")


def test_foreign_text_of_a_preset_is_harmless_on_a_terminal() -> None:
    save_own(mine(description="\x1b[31mred\x1b]0;x"), "careful")
    for arguments in (["presets"], ["presets", "careful"]):
        assert "\x1b" not in CliRunner().invoke(main, arguments).stdout


# -- contradictions


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (MODEL + MODEL, ["my.toml:6", "models[2].name", "two models are called gpt-4o"]),
        (MODEL.replace("openai", "azure"), ["my.toml:4", "models[1].provider", "not supported"]),
        (MODEL + "[tiers.gold]\nmax_cost_per_query = 1.0\n", ["my.toml:5", "tiers.gold", "allowed_models"]),
    ],
)
def test_what_an_agent_would_refuse_is_told_at_its_line(text: str, parts: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        loads("version = 1\n" + text, file="my.toml")
    for part in parts:
        assert part in str(caught.value)


def test_an_unsupported_provider_keeps_its_class() -> None:
    with pytest.raises(UnsupportedProviderError):
        loads("version = 1\n" + MODEL.replace("openai", "bedrock"))


# -- what a file says of ledger and history


def test_off_and_memory_are_written_where_they_were_said() -> None:
    """Else a console that reads the file would record, or count in its own ledger."""
    said = mine(history=HistorySection(mode="off"), ledger=LedgerSection(kind="memory"))
    assert 'mode = "off"' in dumps(said)
    again = with_defaults(loads(dumps(said)))
    assert (again.history.mode, again.ledger.kind) == ("off", "memory")
    silent = with_defaults(loads(dumps(mine())))
    assert (silent.history.mode, silent.ledger.kind) == ("full", "sqlite")


def test_an_agent_without_archive_and_ledger_is_silent_on_them() -> None:
    agent = open_agent(client=ScriptedClient({}), history=False, ledger=False, rehearse=False)
    assert "history" not in agent.to_toml()
    assert "ledger" not in agent.to_toml()


def test_another_configuration_shares_what_it_does_not_say_otherwise() -> None:
    agent = open_agent(client=ScriptedClient({}), rehearse=False)
    other = with_configuration(agent, mine(), rehearse=False)
    assert other.client is agent.client
    assert other.archive is agent.archive
    assert other.cost_tracker.store is agent.cost_tracker.store  # type: ignore[union-attr]
    same = with_configuration(agent, mine(history=HistorySection(mode="full")), rehearse=False)
    assert same.archive is agent.archive
    off = with_configuration(agent, mine(history=HistorySection(mode="off")), rehearse=False)
    assert off.archive is None
    assert with_preset(off, "local").archive is None
    memory = with_configuration(agent, mine(ledger=LedgerSection(kind="memory")), rehearse=False)
    assert isinstance(memory.cost_tracker.store, MemoryLedger)  # type: ignore[union-attr]
    untracked = mine()
    untracked.budget.tracking = False
    none = with_configuration(agent, untracked, rehearse=False)
    assert none.cost_tracker is None
    again = with_preset(none, "production_ready", rehearse=False)
    assert isinstance(again.cost_tracker.store, SQLiteLedger)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("field", "value"),
    [("url_env", "OTHER_URL"), ("prefix", "two"), ("cluster", True), ("patience", 1.0), ("keep_rows", 5)],
)
def test_another_place_or_way_of_the_ledger_is_taken(
    monkeypatch: pytest.MonkeyPatch, field: str, value: object
) -> None:
    """So that applying a change in the console acts at once."""
    for name in ("CASCADEFLOW_REDIS_URL", "OTHER_URL"):
        monkeypatch.setenv(name, "redis://127.0.0.1:1/0")
    agent = open_agent(config=mine(ledger=LedgerSection(kind="redis")), client=ScriptedClient({}), rehearse=False)
    same = with_configuration(agent, mine(ledger=LedgerSection(kind="redis")), rehearse=False)
    changed = LedgerSection.model_validate({"kind": "redis", field: value})
    other = with_configuration(agent, mine(ledger=changed), rehearse=False)
    assert agent.cost_tracker is not None
    assert same.cost_tracker is not None
    assert same.cost_tracker.store is agent.cost_tracker.store
    assert other.cost_tracker is not None
    assert getattr(other.cost_tracker.store, field) == value


def test_another_retention_of_the_history_is_taken() -> None:
    agent = open_agent(client=ScriptedClient({}), rehearse=False)
    other = with_configuration(agent, mine(history=HistorySection(mode="full", retention_days=7)), rehearse=False)
    assert other.archive is not None
    assert other.archive.retention_days == 7


def test_another_configuration_stays_in_rehearsal_where_the_agent_is() -> None:
    agent = open_agent(client=ScriptedClient({}), rehearse=True)
    other = with_configuration(agent, mine())
    assert other.rehearsal
    assert other.client is not agent.client
    assert other.client.inner is agent.client.inner  # type: ignore[attr-defined]
    assert other.cost_tracker.namespace == "rehearsal"  # type: ignore[union-attr]


def test_the_json_schema_describes_every_key() -> None:
    schema = json_schema()
    for definition in (schema, *schema["$defs"].values()):
        assert "Attributes" not in definition["description"]
        for key, place in definition["properties"].items():
            assert place.get("description"), key
