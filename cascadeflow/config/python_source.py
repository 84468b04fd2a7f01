"""A configuration as Python that builds the same agent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from cascadeflow.config.live import strategy_of
from cascadeflow.config.schema import Configuration, LedgerSection
from cascadeflow.schema import ModelConfig
from cascadeflow.telemetry.budgets import BudgetConfig

_HOMES = {
    "BudgetConfig": "cascadeflow.telemetry",
    "CascadeAgent": "cascadeflow",
    "CascadeStep": "cascadeflow.routing",
    "Certificate": "cascadeflow.quality",
    "CostTracker": "cascadeflow.telemetry",
    "DomainCascadeStrategy": "cascadeflow.routing",
    "DomainDetector": "cascadeflow.routing",
    "ModelConfig": "cascadeflow",
    "QualityValidator": "cascadeflow.quality",
    "RedisLedger": "cascadeflow.telemetry.ledger",
    "RunArchive": "cascadeflow.history",
    "SQLiteLedger": "cascadeflow.telemetry.ledger",
    "TIER_POLICIES_DEFAULT": "cascadeflow.routing.tier_routing",
    "TierAwareRouter": "cascadeflow.routing.tier_routing",
    "TierModelPolicy": "cascadeflow.routing.tier_routing",
    "history_path": "cascadeflow.paths",
    "ledger_path": "cascadeflow.paths",
}
_WIDTH = 120


def python_source(configuration: Configuration) -> str:
    """Write a module that builds the agent of a configuration; what is at its default is left out.

    Args:
        configuration: what the agent is built from.

    Returns:
        The module's text. It defines ``models`` and ``agent``.
    """
    models = f"models = {_list(_model(model) for model in configuration.models)}"
    agent = f"agent = {_call('CascadeAgent', ['models', *_agent_arguments(configuration)])}"
    body = f"{models}\n\n{agent}\n"
    doc = f"{configuration.name}: {configuration.description}" if configuration.description else configuration.name
    doc = doc.replace("\\", "\\\\").replace('"', "'")
    return f'"""{doc}\n\nKeys come from the environment.\n"""\n\n{_imports(body)}\n\n{body}'


def _imports(body: str) -> str:
    import re

    used: dict[str, list[str]] = {}
    for name, home in _HOMES.items():
        if re.search(rf"\b{name}\b", body):
            used.setdefault(home, []).append(name)
    lines = [f"from {home} import {', '.join(sorted(names))}" for home, names in sorted(used.items())]
    standard = [
        line
        for line, pattern in (("import os", r"\bos\.environ\["), ("from pathlib import Path", r"\bPath\("))
        if re.search(pattern, body)
    ]
    return "\n".join([*standard, *([""] if standard else []), *lines])


def _agent_arguments(configuration: Configuration) -> list[str]:
    quality, generation, calls = configuration.quality, configuration.generation, configuration.calls
    validator = _call(
        "QualityValidator",
        _keywords(
            {
                "mode": (quality.mode, None),
                "threshold": (quality.threshold, None),
                "enable_hedging_check": (quality.hedging, True),
                "enable_coherence_check": (quality.coherence, True),
                "enable_semantic_similarity": (quality.semantic_similarity, False),
                "enable_toxicity_detection": (quality.toxicity, False),
                "gate_file": (configuration.gate.file, None),
            }
        )
        + _certificate(configuration),
    )
    arguments = [f"quality_validator={validator}"]
    if configuration.budget.tracking:
        arguments.append(f"cost_tracker={_tracker(configuration)}")
    if configuration.routing.by_domain:
        arguments.append("domain_detector=DomainDetector()")
    arguments += _strategies(configuration)
    arguments += _router(configuration)
    arguments += _keywords(
        {
            "system": (generation.system, None),
            "temperature": (generation.temperature, None),
            "max_tokens": (generation.max_tokens, 1024),
            "enable_tier_routing": (configuration.routing.expect_tier, False),
            "max_steps": (configuration.routing.max_steps, 3),
            "max_retries": (calls.max_retries, 2),
            "first_token_timeout": (calls.first_token_timeout or None, 60.0),
            "total_timeout": (calls.total_timeout or None, 300.0),
            "audit_rate": (configuration.gate.audit_rate, 0.0),
        }
    )
    history = configuration.history
    if history.mode != "off":
        options = _keywords({"mode": (history.mode, "full"), "retention_days": (history.retention_days, None)})
        arguments.append(f"archive={_call('RunArchive', [_path(history.path, 'history_path()'), *options])}")
    return [*arguments, f"preset={_literal(configuration.name)}"]


def _certificate(configuration: Configuration) -> list[str]:
    certified = configuration.gate.certificate.model_dump(mode="json", exclude_defaults=True)
    if not certified:
        return []
    return [f"certificate={_call('Certificate', [f'{name}={_literal(value)}' for name, value in certified.items()])}"]


def _tracker(configuration: Configuration) -> str:
    budget = configuration.budget
    arguments = []
    if budget.user is not None:
        plain = budget.user == BudgetConfig(daily=budget.user.daily)
        arguments.append(f"budget_limit={budget.user.daily!r}" if plain else f"budget_limit={_budget(budget.user)}")
    if budget.users:
        arguments.append(f"user_budgets={_dict({name: _budget(item) for name, item in budget.users.items()})}")
    tiers = {name: _budget(tier.budget) for name, tier in configuration.tiers.items() if tier.budget is not None}
    if tiers:
        arguments.append(f"tier_budgets={_dict(tiers)}")
    if budget.pool is not None:
        arguments.append(f"global_budget={_budget(budget.pool)}")
    arguments += _keywords(
        {
            "warn_threshold": (budget.warn_threshold, 0.8),
            "enforcement": (budget.enforcement, "degrade"),
            "enable_forecasting": (budget.forecast, False),
            "on_store_error": (budget.on_store_error, "refuse"),
        }
    )
    arguments += _store(configuration.ledger)
    return _call("CostTracker", arguments)


def _store(ledger: LedgerSection) -> list[str]:
    patience = _keywords({"patience": (ledger.patience, 5.0)})
    if ledger.kind == "sqlite":
        return [f"store={_call('SQLiteLedger', [_path(ledger.path, 'ledger_path()'), *patience])}"]
    if ledger.kind == "redis":
        name = _literal(ledger.url_env)
        options = _keywords(
            {
                "prefix": (ledger.prefix, "cascadeflow"),
                "cluster": (ledger.cluster, False),
                "keep_rows": (ledger.keep_rows, 100_000),
            }
        )
        place = [f"os.environ[{name}]", f"url_env={name}"]
        return [f"store={_call('RedisLedger', [*place, *options, *patience])}"]
    return []


def _strategies(configuration: Configuration) -> list[str]:
    arguments = []
    if configuration.strategies:
        found = {}
        for domain, section in configuration.strategies.items():
            strategy = strategy_of(domain, section)
            steps = _list(
                _call(
                    "CascadeStep",
                    [_literal(step.model), _literal(step.provider), *_changed(step, ("model", "provider"))],
                )
                for step in strategy.steps
            )
            words = [_literal(strategy.description)] if strategy.description else []
            found[domain] = _call("DomainCascadeStrategy", [_literal(domain), steps, *words])
        arguments.append(f"domain_strategies={_dict(found)}")
    return [*arguments, *_keywords({"enable_multi_step_cascade": (configuration.routing.multi_step, False)})]


def _router(configuration: Configuration) -> list[str]:
    policies = {}
    for name, tier in configuration.tiers.items():
        if tier.allowed_models is not None:
            arguments = [_literal(name), _list(_literal(model) for model in tier.allowed_models)]
            arguments += _keywords(
                {
                    "max_cost_per_query": (tier.max_cost_per_query, None),
                    "prefer_cheap_first": (tier.prefer_cheap_first, True),
                }
            )
            policies[name] = _call("TierModelPolicy", arguments)
    if not policies:
        return []
    router = _call("TierAwareRouter", [f"TIER_POLICIES_DEFAULT | {_dict(policies)}", "models"])
    return [f"tier_router={router}"]


def _path(path: str | None, default: str) -> str:
    return default if path is None else f"Path({_literal(path)}).expanduser()"


def _model(model: ModelConfig) -> str:
    return _call(
        "ModelConfig", [_literal(model.name), _literal(model.provider), *_changed(model, skip=("name", "provider"))]
    )


def _budget(budget: BudgetConfig) -> str:
    return _call("BudgetConfig", _changed(budget))


def _changed(value: Any, skip: tuple[str, ...] = ()) -> list[str]:
    """Fields of a pydantic dataclass that differ from their defaults, as arguments."""
    from pydantic.fields import FieldInfo

    arguments = []
    for item in fields(value):
        default = item.default
        if isinstance(default, FieldInfo):
            default = default.get_default(call_default_factory=True, validated_data={})
        elif item.default_factory is not MISSING:
            default = item.default_factory()
        given = getattr(value, item.name)
        if item.name not in skip and given != default:
            arguments.append(f"{item.name}={_literal(given)}")
    return arguments


def _keywords(values: Mapping[str, tuple[Any, Any]]) -> list[str]:
    """Arguments from name → (value, default)."""
    return [f"{name}={_literal(value)}" for name, (value, default) in values.items() if value != default]


def _literal(value: Any) -> str:
    """A value as Python, with the quotes that formatters like."""
    if isinstance(value, str):
        import json

        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return _dict({name: _literal(item) for name, item in value.items()})
    if isinstance(value, list):
        return _list(_literal(item) for item in value)
    return repr(value)


def _call(name: str, arguments: Iterable[str]) -> str:
    return _laid_out(f"{name}(", list(arguments), ")")


def _list(items: Iterable[str]) -> str:
    return _laid_out("[", list(items), "]")


def _dict(items: Mapping[str, str]) -> str:
    return _laid_out("{", [f"{_literal(name)}: {value}" for name, value in items.items()], "}")


def _laid_out(opening: str, items: list[str], closing: str) -> str:
    line = f"{opening}{', '.join(items)}{closing}"
    if len(line) <= _WIDTH - 20 and "\n" not in line:
        return line
    inner = "".join(f"    {item}\n".replace("\n", "\n    ").rstrip(" ").rstrip("\n") + ",\n" for item in items)
    return f"{opening}\n{inner}{closing}"
