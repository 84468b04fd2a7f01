"""What a run would do, worked out without a call: the steps, each way through, cost and latency.

Probabilities are rules of thumb until a gate is calibrated on labelled answers: a model's
configured ``quality_score``, lowered for harder queries and stricter thresholds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from cascadeflow.catalog import resolve, speed
from cascadeflow.catalog.pricing import price_for
from cascadeflow.errors import NoModelsError
from cascadeflow.money import Price, format_usd, parse_usd
from cascadeflow.routing.context import LEAST_ANSWER_TOKENS, context_window, estimate_prompt_tokens, fit_messages
from cascadeflow.routing.selection import EXPECTED_OUTPUT_TOKENS, PlanRules, choose
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
    """Work out the standard cascade for a conversation.

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

    left_out: list[LeftOut] = []
    usable: list[ModelConfig] = []
    for model in models:
        lack = rules.unavailable(model)
        if lack is None:
            usable.append(model)
        else:
            left_out.append(lack)
    limit: int | None = None
    if user_tier is not None and router is not None:
        policy = router.policy(user_tier)
        limit = None if policy.max_cost_per_query is None else parse_usd(policy.max_cost_per_query)
        usable, refused = router.select(
            user_tier,
            budget_remaining=budget_remaining,
            complexity=complexity,
            prompt_tokens=prompt_tokens,
            models=usable,
        )
        left_out += refused
    chosen, ranked_out = choose(usable, found, prompt_tokens, rules)
    left_out += ranked_out
    bounds = []
    if limit is not None:
        bounds.append(_Bound("tier", limit, LEAST_ANSWER_TOKENS))
    if budget_remaining is not None:
        bounds.append(_Bound("budget", budget_remaining, LEAST_USEFUL_TOKENS))
    steps, refused = _steps(chosen, prompt_tokens, complexity, rules, bounds)
    left_out += refused
    return CascadePlan(
        domain=found,
        domain_confidence=confidence,
        complexity=complexity,
        complexity_score=float(analysis["score"]),
        tier=user_tier,
        strategy="standard",
        steps=steps,
        paths=paths_of(steps),
        left_out=tuple(left_out),
        prompt_tokens=prompt_tokens,
        cut_messages=len(messages) - len(fit_messages(messages, context_window(chosen[0]))) if chosen else 0,
        rehearsal=rules.rehearsal,
    )


def _steps(
    models: Sequence[ModelConfig],
    prompt_tokens: int,
    complexity: str,
    rules: PlanRules,
    bounds: Sequence[_Bound],
) -> tuple[tuple[PlannedStep, ...], list[LeftOut]]:
    steps: list[PlannedStep] = []
    left_out: list[LeftOut] = []
    expected_before = 0
    for model in models:
        price = price_for(model, prompt_tokens)
        max_tokens = model.max_tokens or rules.max_tokens
        if price is not None and not price.is_free:
            refusal, max_tokens = _afford(model, price, prompt_tokens, max_tokens, expected_before, bounds)
            if refusal is not None:
                left_out.append(refusal)
                continue
        step = _step(len(steps), model, price, prompt_tokens, max_tokens, complexity, rules)
        expected_before += step.cost_expected or 0
        steps.append(step)
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


def paths_of(steps: Sequence[PlannedStep]) -> tuple[PlannedPath, ...]:
    """Each way through the steps: the first passes, or the first two run, and so on."""
    paths: list[PlannedPath] = []
    reached = 1.0
    for count in range(1, len(steps) + 1):
        run = steps[:count]
        last = count == len(steps)
        probability = reached if last else reached * run[-1].p_accept
        reached -= probability
        paths.append(
            PlannedPath(
                steps=tuple(step.index for step in run),
                probability=probability,
                cost_low=_total(step.cost_low for step in run),
                cost_expected=_total(step.cost_expected for step in run),
                cost_worst=_total(step.cost_worst for step in run),
                latency_expected_ms=sum(step.latency_expected_ms for step in run),
                latency_p95_ms=sum(step.latency_p95_ms for step in run),
            )
        )
    return tuple(paths)


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
