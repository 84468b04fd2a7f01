"""Turns a domain's strategy into the steps of a plan: what each model lacks, what the tier forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cascadeflow.catalog import lookup, normalize_provider
from cascadeflow.catalog.pricing import price_for
from cascadeflow.routing.domain_cascade import CascadeStep, DomainCascadeStrategy
from cascadeflow.routing.tier_routing import TierAwareRouter
from cascadeflow.schema import LeftOut, ModelConfig


def validation_name(step: CascadeStep, position: int) -> str | None:
    """What plan and events call a step's validation.

    Args:
        step: the step.
        position: of the step, from 0; tells functions apart that share a name.
    """
    if step.validation is None or isinstance(step.validation, str):
        return step.validation
    name = getattr(step.validation, "__name__", type(step.validation).__name__)
    return f"{name} (step {position + 1})"


def validations_of(strategy: DomainCascadeStrategy) -> dict[str, str | Callable[..., Any]]:
    """Each validation of a strategy by the name that `validation_name` gives it."""
    found: dict[str, str | Callable[..., Any]] = {}
    for position, step in enumerate(strategy.steps):
        name = validation_name(step, position)
        if name is not None and step.validation is not None:
            found[name] = step.validation
    return found


def models_of(strategy: DomainCascadeStrategy, models: Iterable[ModelConfig]) -> dict[str, ModelConfig]:
    """The models a strategy names, fallbacks included.

    Args:
        strategy: its steps may name models outside `models`; the catalogue then supplies the provider.
        models: those that are configured.

    Returns:
        Configured name → model.
    """
    known = {model.name: model for model in models}
    found: dict[str, ModelConfig] = {}
    for step in strategy.steps:
        found[step.model] = known.get(step.model) or ModelConfig(step.model, step.provider)
        if step.fallback_model is not None:
            found[step.fallback_model] = known.get(step.fallback_model) or _from_catalogue(step.fallback_model, step)
    return found


def _from_catalogue(name: str, step: CascadeStep) -> ModelConfig:
    entry = lookup(name)
    return ModelConfig(name, entry.provider if entry is not None else step.provider)


def strategy_steps(
    strategy: DomainCascadeStrategy,
    models: Mapping[str, ModelConfig],
    *,
    unavailable: Callable[[ModelConfig], LeftOut | None],
    router: TierAwareRouter | None,
    user_tier: str | None,
) -> tuple[list[tuple[int, CascadeStep]], list[LeftOut]]:
    """The steps of a strategy that can run.

    A fallback that lacks something, or that the tier forbids, is dropped from its step; where the
    step's own model does, the fallback takes its place.

    Args:
        strategy: the strategy.
        models: as `models_of` gives them.
        unavailable: tells what a model lacks.
        router: policies of the tiers; None: no tier applies.
        user_tier: tier of the user.

    Returns:
        Position and step of those that run, and the models left out.
    """
    left_out: dict[str, LeftOut] = {}

    def lacks(name: str) -> bool:
        lack = unavailable(models[name]) or _forbidden(models[name], router, user_tier)
        if lack is not None:
            left_out[name] = lack
        return lack is not None

    kept: list[tuple[int, CascadeStep]] = []
    for position, step in enumerate(strategy.steps):
        fallback = step.fallback_model
        if fallback is not None and lacks(fallback):
            fallback = None
        if not lacks(step.model):
            kept.append((position, _changed(step, step.model, step.provider, fallback)))
        elif fallback is not None:
            kept.append((position, _changed(step, fallback, models[fallback].provider, None)))
    return kept, list(left_out.values())


def _changed(step: CascadeStep, model: str, provider: str, fallback: str | None) -> CascadeStep:
    return CascadeStep(
        model, normalize_provider(provider), step.validation, step.max_retries, fallback, role=step.role, run=step.run
    )


def _forbidden(model: ModelConfig, router: TierAwareRouter | None, tier: str | None) -> LeftOut | None:
    if router is None or tier is None:
        return None
    allowed: Sequence[str] = router.policy(tier).allowed_models
    if model.name in allowed or not router.shares_models(tier):
        return None
    price = price_for(model)
    if price is not None and price.is_free:
        return None
    return LeftOut(model=model.name, kind="tier", reason=f"tier {tier} does not include it")
