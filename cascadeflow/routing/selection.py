"""Which models the standard cascade asks, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cascadeflow.catalog.pricing import price_for
from cascadeflow.quality.certificate import Certified
from cascadeflow.routing.domain_cascade import DomainCascadeStrategy
from cascadeflow.schema import LeftOut, ModelConfig

EXPECTED_OUTPUT_TOKENS: dict[str, int] = {"simple": 80, "medium": 300, "high": 700}
"""Length of an answer by complexity of its question; a rule of thumb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRules:
    """What of an agent's settings shapes a plan.

    Attributes:
        threshold: gate score an answer takes to be accepted.
        max_steps: calls to different models at most.
        max_tokens: completion tokens per answer.
        max_retries: repetitions of a failed call.
        domain_routing: whether a model's ``domains`` decide who is asked.
        rehearsal: whether embedded models stand in for hosted ones.
        strategies: domain → the cascade of its own that replaces the standard one.
        stand_ins: configured name → the embedded model that answers for it in a rehearsal.
        unavailable: tells what a model lacks to be called; None if nothing.
        certified: domain and model → what is certified of such answers, its threshold included; None: nothing.
    """

    threshold: float = 0.70
    max_steps: int = 3
    max_tokens: int = 1024
    max_retries: int = 2
    domain_routing: bool = False
    rehearsal: bool = False
    strategies: Mapping[str, DomainCascadeStrategy] = field(default_factory=dict)
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    unavailable: Callable[[ModelConfig], LeftOut | None] = lambda _: None
    certified: Callable[[str, str], Certified | None] = lambda _domain, _model: None


def choose(
    models: Sequence[ModelConfig], domain: str, prompt_tokens: int, rules: PlanRules
) -> tuple[list[ModelConfig], list[LeftOut]]:
    """The standard cascade: cheapest first, at most ``max_steps``, the highest `quality_score` last.

    With domain routing, models for the domain come first and other domains' specialists are
    left out; models of domain ``expert`` are asked last only.

    Args:
        models: what may be asked.
        domain: of the query.
        prompt_tokens: of the query; prices depend on it.
        rules: settings of the agent.

    Returns:
        The models in order, and those left out.
    """
    left_out: list[LeftOut] = []
    candidates: list[ModelConfig] = []
    for model in models:
        if rules.domain_routing and not _suits(model, domain):
            reason = f"specialist for {', '.join(model.domains)}; the question is {domain}"
            left_out.append(LeftOut(model=model.name, kind="domain", reason=reason))
        else:
            candidates.append(model)
    if not candidates:
        return [], left_out
    prices = {model.name: _rank_price(model, prompt_tokens) for model in candidates}
    strongest = max(candidates, key=lambda model: (model.quality_score, prices[model.name]))
    drafters: list[ModelConfig] = []
    for model in candidates:
        if model is strongest:
            continue
        if "expert" in model.domains:
            reason = f"experts are asked last only, and {strongest.name} ranks higher"
            left_out.append(LeftOut(model=model.name, kind="rank", reason=reason))
        elif prices[model.name] > prices[strongest.name]:
            reason = f"costs more than {strongest.name}, which ranks higher"
            left_out.append(LeftOut(model=model.name, kind="rank", reason=reason))
        else:
            drafters.append(model)

    def order(model: ModelConfig) -> tuple[bool, float]:
        return (rules.domain_routing and domain not in model.domains, prices[model.name])

    drafters.sort(key=order)
    for model in drafters[rules.max_steps - 1 :]:
        reason = f"at most {rules.max_steps} steps; cheaper models come first"
        left_out.append(LeftOut(model=model.name, kind="rank", reason=reason))
    return [*drafters[: rules.max_steps - 1], strongest], left_out


def _suits(model: ModelConfig, domain: str) -> bool:
    return not model.domains or any(name in (domain, "general", "expert") for name in model.domains)


def _rank_price(model: ModelConfig, prompt_tokens: int) -> int:
    price = price_for(model, prompt_tokens)
    return price.cost(prompt_tokens, EXPECTED_OUTPUT_TOKENS["medium"]) if price else 0
