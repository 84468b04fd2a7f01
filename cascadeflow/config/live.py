"""From a configuration to the arguments of an agent, and from a live agent back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cascadeflow.config.schema import (
    BudgetSection,
    CallsSection,
    Configuration,
    GateSection,
    GenerationSection,
    HistorySection,
    LedgerSection,
    QualitySection,
    RoutingSection,
    StepSection,
    StrategySection,
    TierSection,
)
from cascadeflow.errors import ConfigError
from cascadeflow.telemetry.budgets import BudgetConfig

if TYPE_CHECKING:
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.quality import QualityValidator
    from cascadeflow.routing.domain_cascade import DomainCascadeStrategy
    from cascadeflow.routing.tier_routing import TierModelPolicy
    from cascadeflow.telemetry import CostTracker
    from cascadeflow.telemetry.ledger import Ledger


def agent_arguments(configuration: Configuration) -> dict[str, Any]:
    """Arguments for `CascadeAgent`, made of live objects."""
    from cascadeflow.routing.tier_routing import TIER_POLICIES_DEFAULT, TierAwareRouter

    calls, generation = configuration.calls, configuration.generation
    models = [replace(model, domains=list(model.domains)) for model in configuration.models]
    arguments: dict[str, Any] = {
        "models": models,
        "quality_validator": validator_of(configuration),
        "domain_strategies": {name: strategy_of(name, item) for name, item in configuration.strategies.items()} or None,
        "enable_multi_step_cascade": configuration.routing.multi_step,
        "tier_router": TierAwareRouter(TIER_POLICIES_DEFAULT | policies_of(configuration), models),
        "enable_tier_routing": configuration.routing.expect_tier,
        "system": generation.system,
        "temperature": generation.temperature,
        "max_tokens": generation.max_tokens,
        "max_steps": configuration.routing.max_steps,
        "max_retries": calls.max_retries,
        "first_token_timeout": calls.first_token_timeout or None,
        "total_timeout": calls.total_timeout or None,
        "preset": configuration.name,
        "audit_rate": configuration.gate.audit_rate,
    }
    if configuration.budget.tracking:
        arguments["cost_tracker"] = _tracker(configuration)
    budgets = {name: tier.budget for name, tier in configuration.tiers.items() if tier.budget is not None}
    if budgets:
        arguments["enable_user_tiers"] = True
        arguments["tier_budgets"] = budgets
    if configuration.routing.by_domain:
        from cascadeflow.routing import DomainDetector

        arguments["domain_detector"] = DomainDetector()
    if configuration.history.mode != "off":
        from cascadeflow.history import RunArchive
        from cascadeflow.paths import history_path

        history = configuration.history
        path = Path(history.path or history_path()).expanduser()
        arguments["archive"] = RunArchive(path, mode=history.mode, retention_days=history.retention_days)
    return arguments


def validator_of(configuration: Configuration) -> QualityValidator:
    """The gate that a configuration describes."""
    from cascadeflow.quality import QualityValidator

    quality = configuration.quality
    return QualityValidator(
        mode=quality.mode,
        threshold=quality.threshold,
        enable_hedging_check=quality.hedging,
        enable_coherence_check=quality.coherence,
        enable_semantic_similarity=quality.semantic_similarity,
        enable_toxicity_detection=quality.toxicity,
        certificate=configuration.gate.certificate,
        gate_file=configuration.gate.file,
    )


def policies_of(configuration: Configuration) -> dict[str, TierModelPolicy]:
    """The tier policies a configuration names.

    Raises:
        ConfigError: a tier of the user's own has a budget, and no list of models.
    """
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


def tier_sections(
    policies: Mapping[str, TierModelPolicy], budgets: Mapping[str, BudgetConfig], *, say_defaults: bool
) -> dict[str, TierSection]:
    """Policies and budgets of tiers as a configuration names them.

    Args:
        policies: tier name → policy.
        budgets: tier name → budget for each user of the tier.
        say_defaults: whether policies are written down that are as in `TIER_POLICIES_DEFAULT`.
    """
    from cascadeflow.routing.tier_routing import TIER_POLICIES_DEFAULT

    tiers: dict[str, TierSection] = {}
    for name, policy in policies.items():
        if say_defaults or TIER_POLICIES_DEFAULT.get(name) != policy:
            tiers[name] = TierSection(
                allowed_models=list(policy.allowed_models),
                max_cost_per_query=policy.max_cost_per_query,
                prefer_cheap_first=policy.prefer_cheap_first,
            )
    for name, budget in budgets.items():
        tiers.setdefault(name, TierSection()).budget = budget
    return tiers


def strategy_of(domain: str, section: StrategySection) -> DomainCascadeStrategy:
    """A strategy from its section."""
    from cascadeflow.routing.domain_cascade import CascadeStep, DomainCascadeStrategy

    steps = [CascadeStep(**step.model_dump()) for step in section.steps]
    return DomainCascadeStrategy(domain, steps, section.description)


def strategy_section(strategy: DomainCascadeStrategy) -> StrategySection:
    """A strategy as a section.

    Raises:
        ConfigError: a validation is a function that nobody registered under a name.
    """
    steps = []
    for number, step in enumerate(strategy.steps, 1):
        validation = step.validation
        if validation is not None and not isinstance(validation, str):
            from cascadeflow.quality.validators import name_of

            validation = name_of(validation)
            if validation is None:
                raise ConfigError(
                    "a function has no name in a file; give it one with register_validator",
                    key=f"strategies.{strategy.domain}.steps[{number}].validation",
                )
        steps.append(
            StepSection(
                model=step.model,
                provider=step.provider,
                validation=validation,
                max_retries=step.max_retries,
                fallback_model=step.fallback_model,
                role=step.role,
                run=step.run,
            )
        )
    return StrategySection(description=strategy.description, steps=steps)


def _tracker(configuration: Configuration) -> CostTracker:
    from cascadeflow.telemetry import CostTracker

    budget = configuration.budget
    return CostTracker(
        store=ledger_of(configuration.ledger),
        budget_limit=_per_user(budget.user),
        user_budgets=dict(budget.users),
        global_budget=budget.pool,
        warn_threshold=budget.warn_threshold,
        enforcement=budget.enforcement,
        enable_forecasting=budget.forecast,
        on_store_error=budget.on_store_error,
    )


def ledger_of(section: LedgerSection) -> Ledger:
    """The ledger that a section describes; nothing is opened yet.

    Raises:
        ConfigError: the environment variable with the address of Redis is not set.
        MissingExtraError: the package ``redis`` is not installed.
    """
    from cascadeflow.paths import ledger_path
    from cascadeflow.telemetry.ledger import MemoryLedger, RedisLedger, SQLiteLedger

    if section.kind == "memory":
        return MemoryLedger()
    if section.kind == "sqlite":
        return SQLiteLedger(Path(section.path or ledger_path()).expanduser(), patience=section.patience)
    address = os.environ.get(section.url_env)
    if not address:
        raise ConfigError(
            f"{section.url_env} is not set; it holds the address of Redis, such as redis://127.0.0.1:6379/0",
            key="ledger.url_env",
        )
    return RedisLedger(
        address,
        prefix=section.prefix,
        cluster=section.cluster,
        patience=section.patience,
        url_env=section.url_env,
        keep_rows=section.keep_rows,
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
    from cascadeflow.routing.domain_cascade import DEFAULT_STRATEGIES

    validator = agent.quality_validator
    tracker = agent.cost_tracker
    named = agent.domain_strategies != DEFAULT_STRATEGIES
    from cascadeflow.presets import PRESETS

    preset = PRESETS.get(agent.preset or "")
    kept: dict[str, Any] = {"ledger": _ledger_section(tracker), "history": _history_section(agent)}
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
        gate=GateSection.model_validate(
            {**validator.certificate.model_dump(), "audit_rate": agent.audit_rate, "file": validator.gate_file}
        ),
        budget=_budget_section(tracker),
        tiers=tier_sections(
            agent.tier_router.tier_policies, tracker.tier_budgets if tracker is not None else {}, say_defaults=False
        ),
        strategies={name: strategy_section(item) for name, item in agent.domain_strategies.items()} if named else {},
        routing=RoutingSection(
            by_domain=agent.domain_routing,
            multi_step=agent.enable_multi_step_cascade,
            expect_tier=agent.enable_tier_routing,
            max_steps=agent.max_steps,
        ),
        generation=GenerationSection(system=agent.system, temperature=agent.temperature, max_tokens=agent.max_tokens),
        calls=CallsSection(
            first_token_timeout=agent.first_token_timeout or 0,
            total_timeout=agent.total_timeout or 0,
            max_retries=agent.max_retries,
        ),
        **{name: section for name, section in kept.items() if section is not None},
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


def _ledger_section(tracker: CostTracker | None) -> LedgerSection | None:
    from cascadeflow.paths import ledger_path
    from cascadeflow.telemetry.ledger import MemoryLedger, RedisLedger, SQLiteLedger

    store = tracker.store if tracker else None
    if store is None or isinstance(store, MemoryLedger):
        return None
    if isinstance(store, SQLiteLedger):
        path = None if store.path == ledger_path() else str(store.path)
        return LedgerSection(kind="sqlite", path=path, patience=store.patience)
    if isinstance(store, RedisLedger):
        if store.url_env is None:
            raise ConfigError(
                "the address may hold a password, so a file names the environment variable it is in: "
                "RedisLedger(…, url_env=NAME)",
                key="ledger.url_env",
            )
        return LedgerSection(
            kind="redis",
            url_env=store.url_env,
            prefix=store.prefix,
            cluster=store.cluster,
            patience=store.patience,
            keep_rows=store.keep_rows,
        )
    raise ConfigError(f"a {type(store).__name__} of your own has no name in a file", key="ledger")


def _history_section(agent: CascadeAgent) -> HistorySection | None:
    from cascadeflow.paths import history_path

    if agent.archive is None:
        return None
    archive = agent.archive
    return HistorySection(
        mode=archive.mode,
        path=None if archive.path == history_path() else str(archive.path),
        retention_days=archive.retention_days,
    )
