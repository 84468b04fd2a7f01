"""What a run would do, worked out without a call: the steps, each way through, cost and latency.

Probabilities are rules of thumb until a gate is calibrated on labelled answers: a model's
configured ``quality_score``, lowered for harder queries and stricter thresholds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple, Protocol

from cascadeflow.catalog import resolve, speed
from cascadeflow.catalog.pricing import price_for
from cascadeflow.errors import NoModelsError
from cascadeflow.money import Price, format_usd, parse_usd
from cascadeflow.routing.context import LEAST_ANSWER_TOKENS, context_window, estimate_prompt_tokens, fit_messages
from cascadeflow.routing.domain_cascade import CascadeStep, DomainCascadeStrategy
from cascadeflow.routing.selection import EXPECTED_OUTPUT_TOKENS, PlanRules, choose
from cascadeflow.routing.strategy_plan import models_of, strategy_steps, validation_name
from cascadeflow.routing.tier_routing import TierAwareRouter
from cascadeflow.schema import CascadePlan, Complexity, LeftOut, Message, ModelConfig, PlannedPath, PlannedStep

LEAST_USEFUL_TOKENS = 64
"""A call that may answer with fewer completion tokens than this is not worth its price."""
_SHORT_ANSWER_TOKENS = 16
_COMPLEXITY_FACTOR: dict[str, float] = {"simple": 1.0, "medium": 0.85, "high": 0.65}
_P95_OVER_MEAN = 2.5


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


class _Bound(NamedTuple):
    """Nano-USD that a run may cost, and the completion tokens below which a model is of no use."""

    kind: Literal["tier", "budget"]
    nanousd: int
    least_tokens: int


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
    )


class _Route(NamedTuple):
    """What decides on the steps of one plan."""

    models: list[ModelConfig]
    domain: str
    complexity: str
    prompt_tokens: int
    router: TierAwareRouter | None
    user_tier: str | None
    budget_remaining: int | None
    bounds: list[_Bound]
    rules: PlanRules


def _bounds(router: TierAwareRouter | None, user_tier: str | None, budget_remaining: int | None) -> list[_Bound]:
    bounds = []
    if user_tier is not None and router is not None:
        limit = router.policy(user_tier).max_cost_per_query
        if limit is not None:
            bounds.append(_Bound("tier", parse_usd(limit), LEAST_ANSWER_TOKENS))
    if budget_remaining is not None:
        bounds.append(_Bound("budget", budget_remaining, LEAST_USEFUL_TOKENS))
    return bounds


def _configured(name: str, provider: str, models: Sequence[ModelConfig]) -> ModelConfig:
    return next((model for model in models if model.name == name), None) or ModelConfig(name, provider)


def _standard(route: _Route) -> tuple[tuple[PlannedStep, ...], list[LeftOut]]:
    """The standard cascade: eligible models by price, the strongest last."""
    left_out: list[LeftOut] = []
    usable: list[ModelConfig] = []
    for model in route.models:
        lack = route.rules.unavailable(model)
        if lack is None:
            usable.append(model)
        else:
            left_out.append(lack)
    if route.user_tier is not None and route.router is not None:
        usable, refused = route.router.select(
            route.user_tier,
            budget_remaining=route.budget_remaining,
            complexity=route.complexity,
            prompt_tokens=route.prompt_tokens,
            models=usable,
        )
        left_out += refused
    chosen, ranked_out = choose(usable, route.domain, route.prompt_tokens, route.rules)
    policy = None if route.router is None or route.user_tier is None else route.router.policy(route.user_tier)
    if policy is not None and not policy.prefer_cheap_first:
        chosen.reverse()
    steps, refused = _affordable(((model, None, None) for model in chosen), route)
    return steps, [*left_out, *ranked_out, *refused]


def _strategy(strategy: DomainCascadeStrategy, route: _Route) -> tuple[tuple[PlannedStep, ...], list[LeftOut]]:
    """The cascade of the domain's own."""
    models = models_of(strategy, route.models)
    kept, left_out = strategy_steps(
        strategy, models, unavailable=route.rules.unavailable, router=route.router, user_tier=route.user_tier
    )
    wanted = ((models[step.model], step, validation_name(strategy.steps[at], at)) for at, step in kept)
    steps, refused = _affordable(wanted, route)
    return steps, [*left_out, *refused]


def _affordable(
    wanted: Iterable[tuple[ModelConfig, CascadeStep | None, str | None]], route: _Route
) -> tuple[tuple[PlannedStep, ...], list[LeftOut]]:
    """Plan each call, cutting its length to what tier and budget afford, or leave it out."""
    steps: list[PlannedStep] = []
    left_out: list[LeftOut] = []
    expected_before = 0
    for model, step, validation in wanted:
        price = price_for(model, route.prompt_tokens)
        max_tokens = model.max_tokens or route.rules.max_tokens
        if price is not None and not price.is_free:
            refusal, max_tokens = _afford(model, price, route.prompt_tokens, max_tokens, expected_before, route.bounds)
            if refusal is not None:
                left_out.append(refusal)
                continue
        planned = _step(len(steps), model, price, route.prompt_tokens, max_tokens, route.complexity, route.rules)
        if step is not None:
            planned = replace(
                planned,
                role=step.role,
                run=step.run,
                max_retries=step.max_retries,
                fallback_model=step.fallback_model,
                validation=validation,
            )
        expected_before += planned.cost_expected or 0
        steps.append(planned)
    return tuple(steps), left_out


def _afford(
    model: ModelConfig,
    price: Price,
    prompt_tokens: int,
    max_tokens: int,
    expected_before: int,
    bounds: Sequence[_Bound],
) -> tuple[LeftOut | None, int]:
    """Cut the answer's length to what every bound affords, or say which one refuses."""
    for bound in bounds:
        left = max(0, bound.nanousd - expected_before)
        need = price.cost(prompt_tokens, min(bound.least_tokens, max_tokens))
        if need > left:
            reason = f"{format_usd(need)} does not fit the {format_usd(left)} left for this query"
            return LeftOut(model=model.name, kind=bound.kind, reason=reason), max_tokens
        max_tokens = min(max_tokens, price.affordable_output(prompt_tokens, left))
    return None, max_tokens


def _step(
    index: int,
    model: ModelConfig,
    price: Price | None,
    prompt_tokens: int,
    max_tokens: int,
    complexity: str,
    rules: PlanRules,
) -> PlannedStep:
    resolved = resolve(model.name, model.provider)
    called = resolved.entry.name if resolved.entry else model.name
    stand_in = rules.stand_ins.get(model.name)
    expected_output = min(max_tokens, EXPECTED_OUTPUT_TOKENS[complexity])
    first_token_ms, tokens_per_second = speed("local", stand_in) if stand_in else speed(model.provider, model.name)
    latency = first_token_ms + 1000 * expected_output / tokens_per_second

    def cost(output_tokens: int) -> int | None:
        return None if price is None else price.cost(prompt_tokens, output_tokens)

    strictness = 1 - (rules.threshold - 0.60) / 2
    return PlannedStep(
        index=index,
        model=model.name,
        provider=resolved.entry.provider if resolved.entry else model.provider,
        resolved_model=stand_in or called,
        resolved_reason=f"rehearsal: {stand_in} stands in for {called}" if stand_in else resolved.reason,
        prompt_tokens=prompt_tokens,
        max_tokens=max_tokens,
        cost_low=cost(min(max_tokens, _SHORT_ANSWER_TOKENS)),
        cost_expected=cost(expected_output),
        cost_worst=cost(max_tokens),
        latency_expected_ms=latency,
        latency_p95_ms=_P95_OVER_MEAN * latency,
        p_accept=max(0.05, min(0.95, model.quality_score * _COMPLEXITY_FACTOR[complexity] * strictness)),
        threshold=rules.threshold,
        max_retries=rules.max_retries,
    )


def plan_call(model: ModelConfig, plan: CascadePlan, rules: PlanRules) -> PlannedStep:
    """A call to a model outside the steps of a plan, such as a fallback.

    Args:
        model: whom to call.
        plan: what the run does.
        rules: settings of the agent.
    """
    max_tokens = model.max_tokens or rules.max_tokens
    price = price_for(model, plan.prompt_tokens)
    return _step(len(plan.steps), model, price, plan.prompt_tokens, max_tokens, plan.complexity, rules)


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
