"""From a configuration to the arguments of an agent, and from a live agent back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cascadeflow.config.schema import (
    BudgetSection,
    CallsSection,
    Configuration,
    GenerationSection,
    HistorySection,
    LedgerSection,
    QualitySection,
    RoutingSection,
    TierSection,
)
from cascadeflow.errors import ConfigError
from cascadeflow.telemetry.budgets import BudgetConfig

if TYPE_CHECKING:
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.routing.tier_routing import TierModelPolicy
    from cascadeflow.telemetry import CostTracker


def agent_arguments(configuration: Configuration) -> dict[str, Any]:
    """Arguments for `CascadeAgent`, made of live objects."""
    from cascadeflow.quality import QualityValidator
    from cascadeflow.routing.tier_routing import TIER_POLICIES_DEFAULT, TierAwareRouter

    quality, calls, generation = configuration.quality, configuration.calls, configuration.generation
    models = [replace(model, domains=list(model.domains)) for model in configuration.models]
    arguments: dict[str, Any] = {
        "models": models,
        "quality_validator": QualityValidator(
            mode=quality.mode,
            threshold=quality.threshold,
            enable_hedging_check=quality.hedging,
            enable_coherence_check=quality.coherence,
            enable_semantic_similarity=quality.semantic_similarity,
            enable_toxicity_detection=quality.toxicity,
        ),
        "tier_router": TierAwareRouter(TIER_POLICIES_DEFAULT | _policies(configuration), models),
        "system": generation.system,
        "temperature": generation.temperature,
        "max_tokens": generation.max_tokens,
        "max_steps": configuration.routing.max_steps,
        "max_retries": calls.max_retries,
        "first_token_timeout": calls.first_token_timeout or None,
        "total_timeout": calls.total_timeout or None,
        "preset": configuration.name,
    }
    if configuration.budget.tracking:
        arguments["cost_tracker"] = _tracker(configuration)
    if configuration.routing.by_domain:
        from cascadeflow.routing import DomainDetector

        arguments["domain_detector"] = DomainDetector()
    if configuration.history.mode != "off":
        from cascadeflow.history import RunArchive
        from cascadeflow.paths import history_path

        path = Path(configuration.history.path or history_path()).expanduser()
        arguments["archive"] = RunArchive(path, mode=configuration.history.mode)
    return arguments


def _policies(configuration: Configuration) -> dict[str, TierModelPolicy]:
    from cascadeflow.routing.tier_routing import TIER_POLICIES_DEFAULT, TierModelPolicy

    policies = {}
    for name, tier in configuration.tiers.items():
        if tier.allowed_models is not None:
            policies[name] = TierModelPolicy(
                name, list(tier.allowed_models), tier.max_cost_per_query, tier.prefer_cheap_first
            )
        elif name not in TIER_POLICIES_DEFAULT:
            raise ConfigError("a tier of your own needs `allowed_models`", key=f"tiers.{name}")
    return policies


def _tracker(configuration: Configuration) -> CostTracker:
    from cascadeflow.paths import ledger_path
    from cascadeflow.telemetry import CostTracker
    from cascadeflow.telemetry.ledger import Ledger, MemoryLedger, SQLiteLedger

    budget = configuration.budget
    store: Ledger
    if configuration.ledger.kind == "sqlite":
        store = SQLiteLedger(Path(configuration.ledger.path or ledger_path()).expanduser())
    else:
        store = MemoryLedger()
    return CostTracker(
        budget_limit=_per_user(budget.user),
        user_budgets=dict(budget.users),
        tier_budgets={name: tier.budget for name, tier in configuration.tiers.items() if tier.budget is not None},
        global_budget=budget.pool,
        warn_threshold=budget.warn_threshold,
        enforcement=budget.enforcement,
        enable_forecasting=budget.forecast,
        on_store_error=budget.on_store_error,
        store=store,
    )


def _per_user(budget: BudgetConfig | None) -> float | BudgetConfig | None:
    """A plain daily amount where that says it all, because that is what users change by hand."""
    if budget is None or budget != BudgetConfig(daily=budget.daily, timezone=budget.timezone) or budget.daily is None:
        return budget
    return budget.daily if budget.timezone == "UTC" else budget


def configuration_of(agent: CascadeAgent) -> Configuration:
    """The configuration of a live agent.

    Raises:
        ConfigError: something in it has no name in a file.
    """
    from cascadeflow.routing.tier_routing import TIER_POLICIES_DEFAULT

    validator = agent.quality_validator
    tracker = agent.cost_tracker
    tiers: dict[str, TierSection] = {}
    for name, policy in agent.tier_router.tier_policies.items():
        if TIER_POLICIES_DEFAULT.get(name) != policy:
            tiers[name] = TierSection(
                allowed_models=list(policy.allowed_models),
                max_cost_per_query=policy.max_cost_per_query,
                prefer_cheap_first=policy.prefer_cheap_first,
            )
    for name, budget in (tracker.tier_budgets or {}).items() if tracker else ():
        tiers.setdefault(name, TierSection()).budget = budget
    from cascadeflow.presets import PRESETS

    preset = PRESETS.get(agent.preset or "")
    return Configuration(
        name=agent.preset or "custom",
        description=preset.description if preset else "",
        based_on=preset.name if preset else None,
        models=[replace(model, domains=list(model.domains)) for model in agent.models],
        quality=QualitySection(
            mode=validator.mode,  # type: ignore[arg-type]  # validated by the section
            threshold=validator.threshold,
            hedging=validator.enable_hedging_check,
            coherence=validator.enable_coherence_check,
            semantic_similarity=validator.enable_semantic_similarity,
            toxicity=validator.enable_toxicity_detection,
        ),
        budget=_budget_section(tracker),
        tiers=tiers,
        routing=RoutingSection(by_domain=agent.domain_routing, max_steps=agent.max_steps),
        generation=GenerationSection(system=agent.system, temperature=agent.temperature, max_tokens=agent.max_tokens),
        calls=CallsSection(
            first_token_timeout=agent.first_token_timeout or 0,
            total_timeout=agent.total_timeout or 0,
            max_retries=agent.max_retries,
        ),
        ledger=_ledger_section(tracker),
        history=_history_section(agent),
    )


def _budget_section(tracker: CostTracker | None) -> BudgetSection:
    if tracker is None:
        return BudgetSection(tracking=False)
    user = tracker.budget_limit
    return BudgetSection(
        enforcement=tracker.enforcement,
        warn_threshold=tracker.warn_threshold,
        forecast=tracker.enable_forecasting,
        on_store_error=tracker.on_store_error,
        user=BudgetConfig(daily=user) if isinstance(user, (int, float)) else user,
        users=dict(tracker.user_budgets or {}),
        pool=tracker.global_budget,
    )


def _ledger_section(tracker: CostTracker | None) -> LedgerSection:
    from cascadeflow.paths import ledger_path
    from cascadeflow.telemetry.ledger import MemoryLedger, SQLiteLedger

    store = tracker.store if tracker else None
    if store is None or isinstance(store, MemoryLedger):
        return LedgerSection()
    if isinstance(store, SQLiteLedger):
        return LedgerSection(kind="sqlite", path=None if store.path == ledger_path() else str(store.path))
    raise ConfigError(f"a {type(store).__name__} of your own has no name in a file", key="ledger")


def _history_section(agent: CascadeAgent) -> HistorySection:
    from cascadeflow.paths import history_path

    if agent.archive is None:
        return HistorySection()
    path = agent.archive.path
    return HistorySection(mode=agent.archive.mode, path=None if path == history_path() else str(path))
