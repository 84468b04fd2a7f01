"""For each field of each public configuration class: what changes when it changes.

`FIELDS` has a line a field; a field without a line fails the last test.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from cascadeflow import CascadeAgent, CascadePreset, ModelConfig
from cascadeflow.config import Configuration, loads
from cascadeflow.config import schema as sections
from cascadeflow.errors import BudgetExceededError, CascadeFlowError, ConfigError, ServerError
from cascadeflow.events import BudgetWarning, Degraded, Event, Planned, Retrying, StepStarted, Validated
from cascadeflow.quality.certificate import DomainCertificate
from cascadeflow.routing import CascadeStep, DomainCascadeStrategy, TierModelPolicy
from cascadeflow.telemetry import BudgetConfig
from cascadeflow.testing import Answer, ScriptedClient

QUESTION = "What is 17 * 23?"
SMALL = {"name": "small", "provider": "openai", "cost": 0.001, "quality_score": 0.5}
BIG = {"name": "big", "provider": "openai", "cost": 0.01, "quality_score": 0.9}
VERIFIED = json.dumps({"verdict": "correct", "problems": [], "corrected_answer": ""})


def told(
    config: dict[str, Any] | None = None,
    *,
    query: Any = QUESTION,
    answers: dict[str, list[Any]] | None = None,
    times: int = 1,
    **options: Any,
) -> tuple[list[Event], CascadeAgent]:
    """Events of runs of an agent with that configuration; errors end them."""
    data = {"version": 1, "models": [SMALL, BIG], **(config or {})}
    client = ScriptedClient(answers or {"small": ["391"], "big": ["391"], "other": ["391"]})
    agent = CascadeAgent(**Configuration.model_validate(data).to_agent_config() | {"client": client})
    events: list[Event] = []

    async def runs() -> None:
        for _ in range(times):
            try:
                await agent.run(query, observers=[events.append], **options)
            except CascadeFlowError:
                continue
        await agent.aclose()

    asyncio.run(runs())
    return events, agent


def asked(result: tuple[list[Event], CascadeAgent]) -> list[str]:
    """Who was called."""
    return [call.model for call in result[1].client.calls]  # type: ignore[attr-defined]


def request(result: tuple[list[Event], CascadeAgent]) -> Any:
    """The first call."""
    return result[1].client.calls[0]  # type: ignore[attr-defined]


def kinds(result: tuple[list[Event], CascadeAgent]) -> list[str]:
    """Which events came."""
    return [type(event).__name__ for event in result[0]]


def first(result: tuple[list[Event], CascadeAgent], kind: type[Any]) -> Any:
    """The first event of a kind."""
    return next(event for event in result[0] if isinstance(event, kind))


def checks(result: tuple[list[Event], CascadeAgent]) -> list[str]:
    """Names of the checks of the first answer."""
    return [check.name for check in first(result, Validated).verdict.checks]


def model(**changes: Any) -> dict[str, Any]:
    """A configuration whose small model differs."""
    return {"models": [{**SMALL, **changes}, BIG]}


def strategy(
    first_step: dict[str, Any] | None = None, second: dict[str, Any] | None = None, **rest: Any
) -> dict[str, Any]:
    """A configuration with a strategy for math."""
    steps = [
        {"model": "small", "provider": "openai", **(first_step or {})},
        {"model": "big", "provider": "openai", **(second or {})},
    ]
    return {"strategies": {"math": {"steps": steps, **rest}}, "routing": {"multi_step": True}}


def own_gate() -> str:
    """A gate to which every working of a sum is wrong."""
    from importlib.resources import files
    from tempfile import mkdtemp

    data = json.loads(files("cascadeflow.quality").joinpath("learned_gate.json").read_text("utf-8"))
    data["calibration"]["sums"] |= {"intercept": -9, "families": {}}
    path = Path(mkdtemp()) / "gate.json"
    path.write_text(json.dumps(data))
    return str(path)


WORKED = (
    "He buys 3 apples and 4 pears.\nThat makes 3 + 4 = 7 pieces of fruit in his basket.\nHe gives away 2 of the pieces of "
    "fruit, so that he has 7 - 2 = 5 pieces of fruit left in the basket in the end.\nThe answer is 5."
)
FRUIT = "He buys 3 apples and 4 pears and gives away 2 of the fruits. How many fruits does he have?"
LONG = Answer("391", prompt_tokens=10, completion_tokens=500)
DOWN = {"small": [ServerError("down", status=500, retry_after=0.001)], "big": ["391"]}


def spend(config: dict[str, Any], **options: Any) -> tuple[list[Event], CascadeAgent]:
    """Five runs that cost 0.00051 USD each."""
    return told(config, answers={"small": [LONG], "big": [LONG]}, times=5, **options)


def per_call(**budget: Any) -> int:
    """How many of the five are served by the small model."""
    return asked(spend({"budget": {**budget, "enforcement": "block"}})).count("small")


FIELDS: dict[str, Callable[[], bool]] = {
    "ModelConfig.name": lambda: asked(told(model(name="other")))[0] == "other",
    "ModelConfig.provider": lambda: request(told(model(provider="groq"))).provider == "groq",
    "ModelConfig.cost": lambda: asked(told(model(cost=1.0))) == ["big"],
    "ModelConfig.quality_score": lambda: asked(
        told(model(quality_score=1.0), answers={"small": ["381"], "big": ["391"]})
    ) == ["small"],
    "ModelConfig.domains": lambda: asked(told({**model(domains=["legal"]), "routing": {"by_domain": True}})) == ["big"],
    "ModelConfig.max_tokens": lambda: request(told(model(max_tokens=7))).max_tokens == 7,
    "ModelConfig.temperature": lambda: request(told(model(temperature=0.3))).temperature == 0.3,
    "ModelConfig.base_url": lambda: request(told(model(base_url="http://127.0.0.1:9"))).base_url == "http://127.0.0.1:9",
    "ModelConfig.path": lambda: request(told(model(provider="local", path="/x.gguf"))).path == "/x.gguf",
    "QualitySection.mode": lambda: first(told({"quality": {"mode": "strict"}}), Validated).verdict.threshold == 0.8,
    "QualitySection.threshold": lambda: asked(told({"quality": {"threshold": 1.0}})) == ["small", "big"],
    "QualitySection.hedging": lambda: "hedging" not in checks(told({"quality": {"hedging": False}})),
    "QualitySection.coherence": lambda: "repetition" not in checks(told({"quality": {"coherence": False}})),
    "QualitySection.semantic_similarity": lambda: "semantic_similarity"
    in checks(told({"quality": {"semantic_similarity": True}})),
    "GateSection.file": lambda: [
        asked(told({"gate": {"file": file}}, query=FRUIT, answers={"small": [WORKED], "big": [WORKED]}, domain="math"))
        for file in (own_gate(), None)
    ]
    == [["small", "big"], ["small"]],
    "QualitySection.toxicity": lambda: "toxicity" in checks(told({"quality": {"toxicity": True}})),
    "GateSection.threshold": lambda: asked(told({"gate": {"threshold": 1.0}})) == ["small", "big"],
    "GateSection.model": lambda: asked(told({"gate": {"threshold": 1.0, "model": "other"}})) == ["small"],
    "GateSection.target": lambda: "at most 10 % of accepted answers wrong" in certified(target=0.9),
    "GateSection.delta": lambda: "80 % sure" in certified(delta=0.2),
    "GateSection.n": lambda: "calibrated on 77 answers" in certified(n=77, accepted=70),
    "GateSection.accepted": lambda: first(told({"gate": {**GATE, "accepted": 33}}), Planned).plan.steps[0].p_accept == 0.33,
    "GateSection.wrong_bound": lambda: certified(wrong_bound=None) == "" and _refused({"gate": {**GATE, "wrong_bound": 0.051}}),
    "GateSection.date": lambda: certified(date="2026-11-24").endswith("of 2026-11-24"),
    "GateSection.gate": lambda: certified(gate="of another gate") == ""
    and "Degraded" in kinds(told({"gate": {**GATE, "gate": "of another gate"}})),
    "GateSection.domains": lambda: asked(told({"gate": {"domains": {"math": {"threshold": 1.0}}}}, domain="math"))
    == ["small", "big"] != asked(told({"gate": {"domains": {"math": {"threshold": 1.0}}}}, domain="code")),
    "GateSection.audit_rate": lambda: asked(told({"gate": {"audit_rate": 1.0}})) == ["small", "big"],
    "DomainCertificate.threshold": lambda: bool(FIELDS["GateSection.domains"]()),
    "DomainCertificate.n": lambda: "math answers wrong, 95 % sure, calibrated on 90 answers" in in_math(n=90),
    "DomainCertificate.accepted": lambda: first(
        told({"gate": {**GATE, "domains": {"math": {"threshold": 0.5, "n": 90, "accepted": 60}}}}, domain="math"), Planned
    ).plan.steps[0].p_accept == 60 / 90,
    "DomainCertificate.wrong_bound": lambda: in_math(wrong_bound=None) == ""
    and _refused({"gate": {**GATE, "domains": {"math": {"threshold": 0.5, "wrong_bound": 0.06}}}}),
    "BudgetSection.tracking": lambda: told({"budget": {"tracking": False}})[1].cost_tracker is None,
    "BudgetSection.enforcement": lambda: asked(
        spend({"budget": {"enforcement": "warn", "user": {"daily": 0.0001}}})
    ).count("small") == 5,
    "BudgetSection.warn_threshold": lambda: "BudgetWarning"
    in kinds(told({"budget": {"warn_threshold": 0.01, "user": {"daily": 0.03}}}, answers={"small": [LONG]})),
    "BudgetSection.forecast": lambda: told({"budget": {"forecast": True}})[1].cost_tracker.enable_forecasting,  # type: ignore[union-attr]
    "BudgetSection.on_store_error": lambda: told({"budget": {"on_store_error": "allow"}})[1].cost_tracker.on_store_error  # type: ignore[union-attr]
    == "allow",
    "BudgetSection.user": lambda: per_call(user={"daily": 0.0012}) < 5 == per_call(user={"daily": 1}),
    "BudgetSection.users": lambda: per_call(users={"anonymous": {"daily": 0.0012}}) < 5,
    "BudgetSection.pool": lambda: per_call(**{"global": {"daily": 0.0012}}) < 5,
    "BudgetConfig.daily": lambda: per_call(user={"daily": 0.0012}) < 5,
    "BudgetConfig.weekly": lambda: per_call(user={"weekly": 0.0012}) < 5,
    "BudgetConfig.monthly": lambda: per_call(user={"monthly": 0.0012}) < 5,
    "BudgetConfig.total": lambda: per_call(user={"total": 0.0012}) < 5,
    "BudgetConfig.timezone": lambda: _resets("Pacific/Kiritimati") != _resets("UTC"),
    "TierSection.allowed_models": lambda: asked(told({"tiers": {"pro": {"allowed_models": ["big"]}}}, user_tier="pro")) == ["big"],
    "TierSection.max_cost_per_query": lambda: asked(
        told({"tiers": {"x": {"allowed_models": ["small", "big"], "max_cost_per_query": 0.0}}}, user_tier="x")
    ) == [],
    "TierSection.prefer_cheap_first": lambda: TierModelPolicy("x", ["a"], prefer_cheap_first=False)
    == loads('version = 1\n[[models]]\nname="a"\nprovider="openai"\n[tiers.x]\nallowed_models=["a"]\nprefer_cheap_first=false')
    .to_agent_config()["tier_router"].tier_policies["x"]
    and _dear_first(),
    "TierSection.budget": lambda: asked(
        spend({"tiers": {"pro": {"budget": {"daily": 0.0012}}}, "budget": {"enforcement": "block"}}, user_tier="pro")
    ).count("small") < 5,
    "TierModelPolicy.tier_name": lambda: TierModelPolicy("x", []).tier_name == "x",
    "TierModelPolicy.allowed_models": lambda: bool(FIELDS["TierSection.allowed_models"]()),
    "TierModelPolicy.max_cost_per_query": lambda: bool(FIELDS["TierSection.max_cost_per_query"]()),
    "TierModelPolicy.prefer_cheap_first": lambda: bool(_dear_first()),
    "StrategySection.description": lambda: told(strategy(description="mine"))[1].domain_strategies["math"].description == "mine",
    "StrategySection.steps": lambda: first(told(strategy(), domain="math"), Planned).plan.strategy == "math",
    "StepSection.model": lambda: asked(told(strategy({"model": "other"}), domain="math")) == ["other"],
    "StepSection.provider": lambda: request(told(strategy({"model": "other", "provider": "groq"}), domain="math")).provider == "groq",
    "StepSection.validation": lambda: "confidence_validator" in checks(told(strategy({"validation": "confidence_validator"}), domain="math")),
    "StepSection.max_retries": lambda: kinds(told(strategy({"max_retries": 3}), domain="math", answers=DOWN)).count("Retrying") == 3,
    "StepSection.fallback_model": lambda: asked(
        told(strategy({"fallback_model": "other"}), domain="math", answers={"small": ["381"], "other": ["391"]})
    ) == ["small", "other"],
    "StepSection.role": lambda: [
        event.role for event in told(
            strategy(second={"role": "verify", "run": "always"}), domain="math", answers={"small": ["391"], "big": [VERIFIED]}
        )[0] if isinstance(event, StepStarted)
    ] == ["answer", "verify"],
    "StepSection.run": lambda: asked(told(strategy(second={"run": "always"}), domain="math")) == ["small", "big"],
    "RoutingSection.by_domain": lambda: bool(FIELDS["ModelConfig.domains"]()),
    "RoutingSection.multi_step": lambda: first(told({**strategy(), "routing": {}}, domain="math"), Planned).plan.strategy
    == "standard",
    "RoutingSection.expect_tier": lambda: any(
        isinstance(event, Degraded) for event in told({"routing": {"expect_tier": True}})[0]
    ),
    "RoutingSection.max_steps": lambda: asked(told({"routing": {"max_steps": 1}})) == ["big"],
    "GenerationSection.system": lambda: request(told({"generation": {"system": "Be brief."}})).messages[0]["content"] == "Be brief.",
    "GenerationSection.temperature": lambda: request(told({"generation": {"temperature": 0.4}})).temperature == 0.4,
    "GenerationSection.max_tokens": lambda: request(told({"generation": {"max_tokens": 99}})).max_tokens == 99,
    "CallsSection.first_token_timeout": lambda: request(told({"calls": {"first_token_timeout": 3}})).first_token_timeout == 3,
    "CallsSection.total_timeout": lambda: request(told({"calls": {"total_timeout": 9}})).total_timeout == 9,
    "CallsSection.max_retries": lambda: kinds(told({"calls": {"max_retries": 4}}, answers=DOWN)).count("Retrying") == 4,
    "LedgerSection.kind": lambda: type(told({"ledger": {"kind": "sqlite"}})[1].cost_tracker.store).__name__ == "SQLiteLedger",  # type: ignore[union-attr]
    "LedgerSection.path": lambda: _file("ledger", "kind"),
    "LedgerSection.url_env": lambda: _names_variable("MY_REDIS"),
    "LedgerSection.prefix": lambda: _keys(prefix="mine") == {"mine"} and _keys() == {"mine", "cascadeflow"},
    "LedgerSection.cluster": lambda: asked(on_redis()) == ["small"] and "Cluster" in _trouble(on_redis(cluster=True)),
    "LedgerSection.patience": lambda: "locked for 0.05 s" in _locked(patience=0.05),
    "LedgerSection.keep_rows": lambda: _rows(on_redis(times=3, keep_rows=1)) == 1,
    "HistorySection.mode": lambda: told({"history": {"mode": "full"}})[1].archive is not None,
    "HistorySection.path": lambda: _file("history", "mode"),
    "HistorySection.retention_days": lambda: _forgets(days=7),
    "Configuration.version": lambda: _refused({"version": 2}),
    "Configuration.name": lambda: told({"name": "mine"})[0][0].preset == "mine",  # type: ignore[attr-defined]
    "Configuration.description": lambda: _kept("description"),
    "Configuration.based_on": lambda: _kept("based_on"),
}  # fmt: skip


GATE = {"threshold": 0.5, "target": 0.95, "delta": 0.05, "n": 100, "accepted": 80, "wrong_bound": 0.04}


def certified(**changes: Any) -> str:
    """What a verdict promises under a certificate."""
    return str(first(told({"gate": {**GATE, **changes}}), Validated).verdict.guarantee)


def in_math(**changes: Any) -> str:
    """The same where it is certified for a domain."""
    part = {"threshold": 0.5, "n": 90, "accepted": 60, "wrong_bound": 0.04, **changes}
    return str(first(told({"gate": {**GATE, "domains": {"math": part}}}, domain="math"), Validated).verdict.guarantee)


def _resets(zone: str) -> Any:
    result = told(
        {"budget": {"user": {"daily": 0.001, "timezone": zone}, "warn_threshold": 0.01}}, answers={"small": [LONG]}
    )
    return first(result, BudgetWarning).resets_at


def _dear_first() -> bool:
    from cascadeflow.routing import TierAwareRouter

    models = [ModelConfig(**SMALL), ModelConfig(**BIG)]
    router = TierAwareRouter({"x": TierModelPolicy("x", ["small", "big"], prefer_cheap_first=False)}, models)
    return [item.name for item in router.get_models_for_tier("x", 10.0)] == ["big", "small"]


def _forgets(days: int) -> bool:
    """Whether a run that is older than the retention is gone once another one is recorded."""
    import time

    from cascadeflow.history import RunArchive
    from cascadeflow.paths import history_path

    told({"history": {"mode": "full"}})
    archive = RunArchive(history_path())
    old = time.time() - (days + 1) * 86_400
    archive._write("age", lambda connection: connection.execute("UPDATE runs SET started = ?", (old,)).rowcount)
    archive.close()
    told({"history": {"mode": "full", "retention_days": days}})
    return archive.count() == 1


def _file(section: str, key: str) -> bool:
    import os
    from pathlib import Path

    path = Path(os.environ["CASCADEFLOW_HOME"]) / "elsewhere" / "file.db"
    told({section: {key: "sqlite" if section == "ledger" else "full", "path": str(path)}}, answers={"small": [LONG]})
    return path.exists()


def on_redis(*, times: int = 1, **section: Any) -> tuple[list[Event], CascadeAgent]:
    """Runs whose counters are in Redis."""
    data = {"ledger": {"kind": "redis", **section}, "budget": {"user": {"daily": 1.0}}}
    return told(data, answers={"small": [LONG]}, times=times)


def _keys(**section: str) -> set[str]:
    import os

    import redis

    on_redis(**section)
    with redis.Redis.from_url(os.environ["CASCADEFLOW_REDIS_URL"], decode_responses=True) as server:
        return {name[1 : name.index("}")] for name in server.scan_iter()}


def _rows(result: tuple[list[Event], CascadeAgent]) -> int:
    tracker = result[1].cost_tracker
    assert tracker is not None
    return len(asyncio.run(tracker.store.rows()))


def _trouble(result: tuple[list[Event], CascadeAgent]) -> str:
    assert asked(result) == []
    return " ".join(event.reason for event in result[0] if isinstance(event, Degraded))


def _locked(**section: float) -> str:
    import os
    import sqlite3
    from pathlib import Path

    data = {"ledger": {"kind": "sqlite", **section}, "budget": {"user": {"daily": 1.0}}}
    told(data)
    other = sqlite3.connect(Path(os.environ["CASCADEFLOW_HOME"]) / "ledger.db")
    try:
        other.execute("BEGIN EXCLUSIVE")
        return _trouble(told(data))
    finally:
        other.close()


def _names_variable(name: str) -> bool:
    data = {"version": 1, "models": [SMALL], "ledger": {"kind": "redis", "url_env": name}}
    with pytest.raises(ConfigError, match=f"{name} is not set"):
        Configuration.model_validate(data).to_agent_config()
    return True


def _refused(change: dict[str, Any]) -> bool:
    try:
        Configuration.model_validate({"models": [SMALL], **change})
    except ValueError:
        return True
    return False


def _kept(key: str) -> bool:
    from cascadeflow.config import dumps

    changed = Configuration.model_validate({"models": [SMALL], key: "mine"})
    return getattr(loads(dumps(changed)), key) == "mine"


ON_REDIS = {"LedgerSection.prefix", "LedgerSection.cluster", "LedgerSection.keep_rows"}


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_acts(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the field promises happens."""
    if name in ON_REDIS:
        monkeypatch.setenv("CASCADEFLOW_REDIS_URL", request.getfixturevalue("redis_url"))
    assert FIELDS[name]()


def test_the_defaults_are_not_what_the_fields_change() -> None:
    """The tests above would pass for nothing if the defaults did the same."""
    plain = told()
    assert asked(plain) == ["small"]
    assert request(plain).max_tokens == 1024
    assert request(plain).temperature is None
    assert "hedging" in checks(plain)
    assert "repetition" in checks(plain)
    assert not any(isinstance(event, Degraded | BudgetWarning | Retrying) for event in plain[0])
    assert per_call() == 5
    assert plain[1].archive is None
    assert first(plain, Validated).verdict.guarantee == ""
    assert first(plain, Planned).plan.guarantee == ""


def test_every_field_has_its_line() -> None:
    """A new field needs a test that shows what it changes."""
    found: set[str] = set()
    for kind in vars(sections).values():
        if isinstance(kind, type) and issubclass(kind, sections._Section) and kind is not sections._Section:
            found |= {f"{kind.__name__}.{name}" for name in kind.model_fields}
    found |= {f"DomainCertificate.{name}" for name in DomainCertificate.model_fields}
    for plain in (ModelConfig, BudgetConfig, TierModelPolicy):
        found |= {f"{plain.__name__}.{item.name}" for item in fields(plain)}  # type: ignore[arg-type]
    holders = {"Configuration." + name for name in (
        "models", "quality", "gate", "budget", "tiers", "strategies", "routing", "generation", "calls", "ledger", "history",
    )}  # fmt: skip
    assert found - holders == set(FIELDS)


def test_every_field_of_a_preset_reaches_the_configuration() -> None:
    """A preset's fields are those of a configuration; none is lost on the way."""
    one = DomainCascadeStrategy("math", [CascadeStep("small", "openai"), CascadeStep("big", "openai")], "mine")
    base = CascadePreset("mine", "words", [ModelConfig(**SMALL)])
    changes: dict[str, Any] = {
        "name": "other", "description": "other", "models": [ModelConfig(**BIG)], "enable_cost_tracking": False,
        "default_budget_daily": 2.0, "enable_cost_forecasting": True, "quality_validation_mode": "strict",
        "enable_ml_quality": True, "enable_domain_routing": True, "domain_strategies": {"math": one},
        "enable_multi_step_cascade": True, "tier_policies": {"x": TierModelPolicy("x", ["small"])},
    }  # fmt: skip
    from dataclasses import replace

    plain = Configuration.of_preset(base)
    for key, value in changes.items():
        assert Configuration.of_preset(replace(base, **{key: value})) != plain, key
    budgets = {"pro": BudgetConfig(daily=1)}
    assert Configuration.of_preset(replace(base, enable_user_tiers=True, tier_budgets=budgets)) != plain
    assert set(changes) | {"enable_user_tiers", "tier_budgets"} == {item.name for item in fields(CascadePreset)}  # type: ignore[arg-type]


def test_block_and_degrade_differ() -> None:
    """`block` ends with the error, `degrade` goes on with what is free."""
    with pytest.raises(BudgetExceededError):
        told_error("block")
    assert told_error("degrade") == "free"


def told_error(enforcement: str) -> str:
    """Who answers under a budget of nothing."""
    free = {"name": "free", "provider": "local", "quality_score": 0.3}
    data = {"version": 1, "models": [SMALL], "budget": {"enforcement": enforcement, "user": {"daily": 0}}}
    arguments = Configuration.model_validate(data).to_agent_config()
    client = ScriptedClient({"small": ["391"], "free": ["391"]})
    agent = CascadeAgent(**arguments | {"client": client, "stand_by": [ModelConfig(**free)]})
    return agent.run_sync(QUESTION).model_used
