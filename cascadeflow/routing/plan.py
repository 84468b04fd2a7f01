"""What a run would do, worked out without a call: the steps, and each way through them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from cascadeflow.errors import NoModelsError
from cascadeflow.money import parse_usd
from cascadeflow.routing.context import LEAST_ANSWER_TOKENS, context_window, estimate_prompt_tokens, fit_messages
from cascadeflow.routing.domain_cascade import CascadeStep, DomainCascadeStrategy
from cascadeflow.routing.planned_call import Bound, Tokens, afford, answer_of, planned_step, prompt_of
from cascadeflow.routing.selection import PlanRules, choose
from cascadeflow.routing.strategy_plan import models_of, strategy_steps, validation_name
from cascadeflow.routing.tier_routing import TierAwareRouter
from cascadeflow.schema import CascadePlan, Complexity, LeftOut, Message, ModelConfig, PlannedPath, PlannedStep

LEAST_USEFUL_TOKENS = 64
"""A call that may answer with fewer completion tokens than this is not worth its price."""


class Detector(Protocol):
    """Tells the domain of a query."""

    def detect(self, query: str | list[Message]) -> tuple[str, float]:
        """Domain and confidence."""
        ...


class Analyzer(Protocol):
    """Tells how hard a query is."""

    def analyze(self, query: str | list[Message]) -> dict[str, Any]:
        """``{"complexity": …, "score": …}``."""
        ...


def make_plan(
    messages: Sequence[Message],
    *,
    models: Sequence[ModelConfig],
    detector: Detector,
    analyzer: Analyzer,
    rules: PlanRules,
    router: TierAwareRouter | None = None,
    user_tier: str | None = None,
    domain: str | None = None,
    budget_remaining: int | None = None,
) -> CascadePlan:
    """Work out what a run would do for a conversation: the domain's own cascade if it has one, else the standard one.

    Args:
        messages: the conversation, system message included.
        models: what may be asked.
        detector: tells the domain.
        analyzer: tells the complexity.
        rules: settings of the agent.
        router: policies of the tiers; needed with ``user_tier``.
        user_tier: tier of the user.
        domain: known domain; None: detected.
        budget_remaining: nano-USD that may still be spent; None: no budget.

    Returns:
        The plan; it has no steps where nothing can be asked, and says why in ``left_out``.

    Raises:
        UnknownTierError: no policy for ``user_tier``.
    """
    conversation = list(messages)
    found, confidence = (domain, 1.0) if domain else detector.detect(conversation)
    analysis = analyzer.analyze(conversation)
    complexity: Complexity = analysis["complexity"]
    prompt_tokens = estimate_prompt_tokens(messages)

    bounds = _bounds(router, user_tier, budget_remaining)
    route = _Route(list(models), found, complexity, prompt_tokens, router, user_tier, budget_remaining, bounds, rules)
    strategy = rules.strategies.get(found)
    steps, left_out = _strategy(strategy, route) if strategy is not None else ((), [])
    name = found
    if not steps:
        name = "standard"
        steps, others = _standard(route)
        left_out += [item for item in others if item not in left_out]
    window = context_window(_configured(steps[0].model, steps[0].provider, models)) if steps else None
    return CascadePlan(
        domain=found,
        domain_confidence=confidence,
        complexity=complexity,
        complexity_score=float(analysis["score"]),
        tier=user_tier,
        strategy=name,
        steps=steps,
        paths=paths_of(steps, min((bound.nanousd for bound in bounds), default=None)),
        left_out=tuple(left_out),
        prompt_tokens=prompt_tokens,
        cut_messages=len(messages) - len(fit_messages(messages, window)) if window is not None else 0,
        rehearsal=rules.rehearsal,
        guarantee=_guarantee(steps, found, rules),
    )


def _guarantee(steps: Sequence[PlannedStep], domain: str, rules: PlanRules) -> str:
    """What is certified of the first step's answers, where the gate decides on them."""
    if not steps or steps[0].validation is not None:
        return ""
    model = steps[0].model
    certified = rules.certified(domain, rules.stand_ins.get(model, model))
    return "" if certified is None else certified.statement


class _Route(NamedTuple):
    """What decides on the steps of one plan."""

    models: list[ModelConfig]
    domain: str
    complexity: str
    prompt_tokens: int
    router: TierAwareRouter | None
    user_tier: str | None
    budget_remaining: int | None
    bounds: list[Bound]
    rules: PlanRules

    def available(self) -> tuple[list[ModelConfig], list[LeftOut]]:
        """The configured models that can be called, and what the others lack."""
        lacks = {model.name: self.rules.unavailable(model) for model in self.models}
        usable = [model for model in self.models if lacks[model.name] is None]
        return usable, [lack for lack in lacks.values() if lack is not None]

    def for_tier(self, models: Iterable[ModelConfig], complexity: str) -> tuple[list[ModelConfig], list[LeftOut]]:
        """What the tier's router returns of these models, and what it leaves out; all of them without a tier."""
        if self.user_tier is None or self.router is None:
            return list(models), []
        return self.router.select(
            self.user_tier,
            budget_remaining=self.budget_remaining,
            complexity=complexity,
            prompt_tokens=self.prompt_tokens,
            models=models,
        )


def _bounds(router: TierAwareRouter | None, user_tier: str | None, budget_remaining: int | None) -> list[Bound]:
    bounds = []
    if user_tier is not None and router is not None:
        limit = router.policy(user_tier).max_cost_per_query
        if limit is not None:
            bounds.append(Bound("tier", parse_usd(limit), LEAST_ANSWER_TOKENS))
    if budget_remaining is not None:
        bounds.append(Bound("budget", budget_remaining, LEAST_USEFUL_TOKENS))
    return bounds


def _configured(name: str, provider: str, models: Sequence[ModelConfig]) -> ModelConfig:
    return next((model for model in models if model.name == name), None) or ModelConfig(name, provider)


def _standard(route: _Route) -> tuple[tuple[PlannedStep, ...], list[LeftOut]]:
    """The standard cascade: eligible models by price, the strongest last."""
    usable, left_out = route.available()
    usable, refused = route.for_tier(usable, route.complexity)
    chosen, ranked_out = choose(usable, route.domain, route.prompt_tokens, route.rules)
    policy = None if route.router is None or route.user_tier is None else route.router.policy(route.user_tier)
    if policy is not None and not policy.prefer_cheap_first:
        chosen.reverse()
    steps, too_dear = _affordable((_Wanted(model) for model in chosen), route)
    return steps, [*left_out, *refused, *ranked_out, *too_dear]


def _strategy(strategy: DomainCascadeStrategy, route: _Route) -> tuple[tuple[PlannedStep, ...], list[LeftOut]]:
    """The cascade of the domain's own."""
    models = models_of(strategy, route.models)
    kept, left_out = strategy_steps(
        strategy,
        models,
        unavailable=route.rules.unavailable,
        for_tier=route.for_tier,
        complexity=route.complexity,
    )
    wanted = (
        _Wanted(
            models[step.model], step, validation_name(strategy.steps[at], at), models.get(step.fallback_model or "")
        )
        for at, step in kept
    )
    steps, too_dear = _affordable(wanted, route)
    return steps, [*left_out, *too_dear]


class _Wanted(NamedTuple):
    """A call that a cascade wants to make, with its fallback."""

    model: ModelConfig
    step: CascadeStep | None = None
    validation: str | None = None
    fallback: ModelConfig | None = None


def _affordable(wanted: Iterable[_Wanted], route: _Route) -> tuple[tuple[PlannedStep, ...], list[LeftOut]]:
    """Plan each call, cutting its length to what tier and budget afford, or leave it out."""
    steps: list[PlannedStep] = []
    left_out: list[LeftOut] = []
    expected_before = 0
    draft: Tokens | None = None
    for model, step, validation, fallback in wanted:
        verifies = step is not None and step.role == "verify" and draft is not None
        prompt = prompt_of(route.prompt_tokens, draft if verifies else None)
        refusal, max_tokens = afford(
            model, prompt.expected, _longest(model, route.rules), expected_before, route.bounds
        )
        if refusal is not None:
            left_out.append(refusal)
            continue
        planned = planned_step(len(steps), model, prompt, max_tokens, route.complexity, route.domain, route.rules)
        if step is not None:
            planned = replace(
                planned,
                role="verify" if verifies else "answer",
                run=step.run,
                max_retries=step.max_retries,
                fallback_model=step.fallback_model,
                validation=validation,
            )
        expected_before += planned.cost_expected or 0
        steps.append(planned)
        longest = max(_longest(item, route.rules) for item in (model, fallback) if item is not None)
        draft = answer_of(max_tokens, route.complexity)._replace(
            worst=max(longest, 0 if draft is None else draft.worst)
        )
    return tuple(steps), left_out


def _longest(model: ModelConfig, rules: PlanRules) -> int:
    return model.max_tokens or rules.max_tokens


def paths_of(steps: Sequence[PlannedStep], cap: int | None = None) -> tuple[PlannedPath, ...]:
    """Each way through the steps, with the outcome that ends it first.

    Args:
        steps: of the plan.
        cap: nano-USD that a run may cost, whatever its steps could; None: no limit.
    """
    found: dict[tuple[int, ...], float] = {}

    def walk(position: int, run: tuple[int, ...], accepted: bool, probability: float) -> None:
        if position == len(steps):
            found[run] = found.get(run, 0.0) + probability
            return
        step = steps[position]
        if accepted and step.run == "if_needed":
            walk(position + 1, run, accepted, probability)
            return
        here = (*run, position)
        walk(position + 1, here, True, probability * step.p_accept)
        walk(position + 1, here, False, probability * (1 - step.p_accept))

    if steps:
        walk(0, (), False, 1.0)
    return tuple(_path([steps[position] for position in run], probability, cap) for run, probability in found.items())


def _path(run: Sequence[PlannedStep], probability: float, cap: int | None) -> PlannedPath:
    worst = _total(step.cost_worst for step in run)
    return PlannedPath(
        steps=tuple(step.index for step in run),
        probability=probability,
        cost_low=_total(step.cost_low for step in run),
        cost_expected=_total(step.cost_expected for step in run),
        cost_worst=worst if worst is None or cap is None else min(worst, cap),
        latency_expected_ms=sum(step.latency_expected_ms for step in run),
        latency_p95_ms=sum(step.latency_p95_ms for step in run),
    )


def _total(costs: Iterable[int | None]) -> int | None:
    total = 0
    for cost in costs:
        if cost is None:
            return None
        total += cost
    return total


def explain_no_models(plan: CascadePlan) -> NoModelsError:
    """The error for a plan without steps: what each model lacks, and what to do."""
    lacks = "".join(f"\n  {item.model}: {item.reason}" for item in plan.left_out)
    return NoModelsError(
        f"No model can be asked.{lacks}\nSet one of the keys named above, fetch the embedded models "
        "(`cascadeflow models pull`), or rehearse on them (`--rehearse`)."
    )
