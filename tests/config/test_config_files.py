"""The configuration file: lossless, errors at the line, atomic, comments kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascadeflow import PRESETS, CascadeAgent, CascadePreset, ModelConfig
from cascadeflow.config import Configuration, dump, dumps, json_schema, load, loads
from cascadeflow.config.schema import (
    BudgetSection,
    CallsSection,
    GateSection,
    GenerationSection,
    HistorySection,
    LedgerSection,
    QualitySection,
    RoutingSection,
    TierSection,
)
from cascadeflow.errors import ConfigError
from cascadeflow.quality.certificate import DomainCertificate
from cascadeflow.telemetry import BudgetConfig
from cascadeflow.testing import ScriptedClient

usd = st.none() | st.floats(0, 1000).map(lambda value: round(value, 6))
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
budgets = st.builds(BudgetConfig, daily=usd, weekly=usd, monthly=usd, total=usd)
models = st.builds(
    ModelConfig,
    name=names,
    provider=st.sampled_from(["openai", "groq", "local"]),
    cost=st.floats(0, 1),
    quality_score=st.floats(0, 1),
    domains=st.lists(names, max_size=3),
    max_tokens=st.none() | st.integers(1, 9999),
    temperature=st.none() | st.floats(0, 2),
    base_url=st.none() | st.just("http://127.0.0.1:9"),
)
shares = st.floats(0, 1)
counted = {"n": st.integers(100, 999), "accepted": st.integers(0, 100), "wrong_bound": st.none() | st.floats(0, 0.05)}
gates = st.builds(
    GateSection,
    threshold=st.none() | shares,
    model=st.none() | names,
    target=st.none() | st.sampled_from([0.5, 0.9, 0.95]),
    delta=st.none() | st.floats(0.01, 0.5),
    date=st.none() | st.dates(),
    gate=st.none() | names,
    domains=st.dictionaries(names, st.builds(DomainCertificate, threshold=shares, **counted), max_size=2),
    audit_rate=shares,
    **counted,
)
configurations = st.builds(
    Configuration,
    name=names,
    description=names,
    based_on=st.none() | names,
    models=st.lists(models, min_size=1, max_size=4, unique_by=lambda model: model.name),
    quality=st.builds(
        QualitySection,
        mode=st.sampled_from(["fast", "balanced", "strict", "cost-optimized"]),
        threshold=st.none() | st.floats(0, 1),
        hedging=st.booleans(),
    ),
    gate=gates,
    budget=st.builds(
        BudgetSection,
        enforcement=st.sampled_from(["degrade", "block", "warn"]),
        user=st.none() | budgets,
        users=st.dictionaries(names, budgets, max_size=2),
        pool=st.none() | budgets,
        warn_threshold=st.floats(0.1, 1),
    ),
    tiers=st.dictionaries(
        names,
        st.builds(TierSection, allowed_models=st.lists(names, max_size=3), budget=st.none() | budgets),
        max_size=2,
    ),
    routing=st.builds(RoutingSection, by_domain=st.booleans(), max_steps=st.integers(1, 5)),
    generation=st.builds(GenerationSection, system=st.none() | names, max_tokens=st.integers(1, 9999)),
    calls=st.builds(CallsSection, total_timeout=st.floats(0, 999), max_retries=st.integers(0, 10)),
    ledger=st.builds(
        LedgerSection,
        kind=st.sampled_from(["memory", "sqlite", "redis"]),
        prefix=st.sampled_from(["cascadeflow", "shop:eu", "é.1-x_y"]),
        cluster=st.booleans(),
        patience=st.floats(0.1, 60),
        keep_rows=st.integers(1, 10**6),
    ),
    history=st.builds(
        HistorySection,
        mode=st.sampled_from(["full", "no_text", "off"]),
        retention_days=st.none() | st.integers(min_value=1, max_value=10_000),
    ),
)


@given(configurations)
@settings(deadline=None, max_examples=80)
def test_what_is_written_is_read_back(configuration: Configuration) -> None:
    """`load(dump(x)) == x` for generated configurations."""
    assert loads(dumps(configuration)) == configuration


@pytest.mark.parametrize("name", PRESETS)
def test_presets_survive_and_plan_the_same(name: str, tmp_path: Path) -> None:
    """A preset, its file, the preset from the file and the agents of both agree."""
    preset = PRESETS[name]
    path = dump(Configuration.of_preset(preset), tmp_path / "preset.toml")
    configuration = load(path)
    assert configuration == Configuration.of_preset(preset)
    client = ScriptedClient({})
    direct = CascadeAgent(**preset.to_agent_config() | {"client": client})
    loaded = CascadeAgent.from_toml(path, client=client)
    again = tmp_path / "again.toml"
    again.write_text(loaded.to_toml(), encoding="utf-8")
    for query in ("What is 17 * 23?", "Write a Python function that sorts a list.", "Is ibuprofen safe with warfarin?"):
        for tier in (None, "free", "enterprise"):
            plan = direct.plan(query, user_tier=tier)
            assert loaded.plan(query, user_tier=tier) == plan
            assert CascadeAgent.from_toml(again, client=client).plan(query, user_tier=tier) == plan


def test_a_preset_s_file_is_a_preset_again(tmp_path: Path) -> None:
    """`CascadePreset.from_toml` gives back what a preset has fields for."""
    preset = PRESETS["cost_optimized_saas"]
    path = tmp_path / "x.toml"
    path.write_text(preset.to_toml(), encoding="utf-8")
    again = CascadePreset.from_toml(path)
    assert again == preset


def test_a_file_that_a_preset_cannot_hold_says_so(tmp_path: Path) -> None:
    """Nothing is dropped silently."""
    path = tmp_path / "x.toml"
    path.write_text('version = 1\n[[models]]\nname = "a"\nprovider = "openai"\n[generation]\nsystem = "brief"\n')
    with pytest.raises(ConfigError, match="generation"):
        CascadePreset.from_toml(path)


GOOD = 'version = 1\nname = "x"\n\n[[models]]\nname = "a"\nprovider = "openai"\n'


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (GOOD + "quality_scor = 0.5\n", ["my.toml:7", "quality_scor", "not known here"]),
        (GOOD + "cost = -1\n", ["my.toml:7", "models[1].cost", "greater than or equal to 0", "-1"]),
        (GOOD + '[quality]\nmode = "careful"\n', ["my.toml:8", "quality.mode", "'fast'", "'careful'"]),
        (GOOD + "[budget.user]\ndayly = 1\n", ["my.toml:8", "dayly", "not known here"]),
        (GOOD + '[ledger]\nprefix = "a b"\n', ["my.toml:8", "ledger.prefix", "pattern", "'a b'"]),
        (GOOD + "[calls]\nmax_retries = 99\n", ["my.toml:8", "less than or equal to 10", "99"]),
        ("version = 2\n", ["version is 2", "version = 1"]),
        ('name = "x"\n', ["version is missing"]),
        ("version = 1\n", ["models", "Field required"]),
        ("version = = 1\n", ["not TOML", "line 1"]),
    ],
)
def test_errors_name_file_line_key_value_and_what_is_allowed(text: str, parts: list[str]) -> None:
    """A person can mend the file from the message alone."""
    with pytest.raises(ConfigError) as caught:
        loads(text, file="my.toml")
    for part in parts:
        assert part in str(caught.value)


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    """No traceback of the operating system."""
    with pytest.raises(ConfigError, match="cannot read it"):
        load(tmp_path / "none.toml")


def test_a_redis_ledger_needs_a_name_for_its_address() -> None:
    """A password must not come into a file by way of the address."""
    from cascadeflow.telemetry import CostTracker
    from cascadeflow.telemetry.ledger import RedisLedger

    model = ModelConfig("a", "openai")
    ledger = RedisLedger("redis://me:hush-hush@127.0.0.1:1/0")
    with pytest.raises(ConfigError, match="url_env=NAME") as caught:
        CascadeAgent([model], cost_tracker=CostTracker(store=ledger)).to_toml()
    assert "hush" not in str(caught.value)
    named = RedisLedger("redis://me:hush-hush@127.0.0.1:1/0", url_env="MY_REDIS", prefix="shop")
    text = CascadeAgent([model], cost_tracker=CostTracker(store=named)).to_toml()
    assert loads(text).ledger == LedgerSection(kind="redis", url_env="MY_REDIS", prefix="shop")
    assert "hush" not in text


def test_saving_keeps_the_user_s_comments_and_a_backup(tmp_path: Path) -> None:
    """A file edited by hand stays the user's."""
    path = tmp_path / "mine.toml"
    path.write_text("# my own words\n" + GOOD + "cost = 0.5 # dear\n", encoding="utf-8")
    configuration = load(path)
    configuration.models[0].cost = 0.25
    dump(configuration, path)
    text = path.read_text(encoding="utf-8")
    assert "# my own words" in text
    assert "cost = 0.25" in text
    assert load(path) == configuration
    assert "cost = 0.5 # dear" in (tmp_path / "mine.toml.bak").read_text(encoding="utf-8")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["mine.toml", "mine.toml.bak"]


def test_a_file_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    """And nothing is left behind."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot write it"):
        dump(loads(GOOD), tmp_path / "file" / "x.toml")


def test_nothing_secret_is_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys come from the environment and stay there."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert "sk-secret" not in PRESETS["production_ready"].to_toml()


def test_the_format_is_published_as_json_schema() -> None:
    """Editors can complete it."""
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert {"models", "quality", "budget", "tiers"} <= schema["properties"].keys()


def test_changing_a_live_config_changes_the_agent() -> None:
    """The document's customisation example works."""
    config = PRESETS["production_ready"].to_agent_config()
    config["cost_tracker"].budget_limit = 50.00
    agent = CascadeAgent(**config | {"client": ScriptedClient({})})
    assert agent.cost_tracker is not None
    assert agent.cost_tracker.budget_limit == 50.00
    assert PRESETS["production_ready"].default_budget_daily == 10.00
