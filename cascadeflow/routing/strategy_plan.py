"""Turns a domain's strategy into the steps of a plan: what each model lacks, what the tier forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from cascadeflow.catalog import lookup, normalize_provider
from cascadeflow.routing.domain_cascade import CascadeStep, DomainCascadeStrategy
from cascadeflow.schema import LeftOut, ModelConfig

_UNCUT: Final = "high"
"""The complexity of queries for which a tier may use all its models."""

ForTier = Callable[[Iterable[ModelConfig], str], tuple[list[ModelConfig], list[LeftOut]]]
"""From models and a complexity to those that the user's tier may use, and why it may not use the others."""


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
    for_tier: ForTier,
    complexity: str,
) -> tuple[list[tuple[int, CascadeStep]], list[LeftOut]]:
    """The steps of a strategy that can run.

    A fallback that lacks something, or that the tier forbids, is dropped from its step; where the
    step's own model does, the fallback takes its place. Of the models that answer if needed an easy
    query keeps the tier's cheapest few, as in the standard cascade.

    Args:
        strategy: the strategy.
        models: as `models_of` gives them.
        unavailable: tells what a model lacks.
        for_tier: what the user's tier may use.
        complexity: of the query.

    Returns:
        Position and step of those that run, and the models left out.
    """
    lacks = {name: lack for name, model in models.items() if (lack := unavailable(model)) is not None}
    lacks |= _refused(for_tier, [model for name, model in models.items() if name not in lacks], _UNCUT)
    counted = {name for step in strategy.steps if _counts(step) for name in (step.model, step.fallback_model)}
    answering = [model for name, model in models.items() if name in counted and name not in lacks]
    cut = _refused(for_tier, answering, complexity)
    left_out: dict[str, LeftOut] = {}

    def stays_out(name: str, step: CascadeStep) -> bool:
        reason = lacks.get(name) or (cut.get(name) if _counts(step) else None)
        if reason is not None:
            left_out[name] = reason
        return reason is not None

    kept: list[tuple[int, CascadeStep]] = []
    for position, step in enumerate(strategy.steps):
        fallback = step.fallback_model
        if fallback is not None and stays_out(fallback, step):
            fallback = None
        if not stays_out(step.model, step):
            kept.append((position, _changed(step, step.model, step.provider, fallback)))
        elif fallback is not None:
            kept.append((position, _changed(step, fallback, models[fallback].provider, None)))
    return kept, list(left_out.values())


def _counts(step: CascadeStep) -> bool:
    """Whether a step is one of the few that an easy query may escalate through; a check that is due is not saved."""
    return step.role == "answer" and step.run == "if_needed"


def _refused(for_tier: ForTier, models: Sequence[ModelConfig], complexity: str) -> dict[str, LeftOut]:
    return {item.model: item for item in for_tier(models, complexity)[1]}


def _changed(step: CascadeStep, model: str, provider: str, fallback: str | None) -> CascadeStep:
    return CascadeStep(
        model, normalize_provider(provider), step.validation, step.max_retries, fallback, role=step.role, run=step.run
    )
