"""One call of a plan: how long its prompt and its answer are, what it costs and how long it takes.

Probabilities are rules of thumb until a gate is calibrated on labelled answers: a model's
configured ``quality_score``, lowered for harder queries and stricter thresholds. After that it is the
share of its answers that were accepted there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from cascadeflow.catalog import resolve, speed
from cascadeflow.catalog.pricing import price_for
from cascadeflow.money import format_usd
from cascadeflow.routing.selection import EXPECTED_OUTPUT_TOKENS, PlanRules
from cascadeflow.routing.verify_prompt import verify_overhead
from cascadeflow.schema import CascadePlan, LeftOut, ModelConfig, PlannedStep

_SHORT_ANSWER_TOKENS = 16
_COMPLEXITY_FACTOR: dict[str, float] = {"simple": 1.0, "medium": 0.85, "high": 0.65}
_P95_OVER_MEAN = 2.5


class Bound(NamedTuple):
    """Nano-USD that a run may cost, and the completion tokens below which a model is of no use."""

    kind: Literal["tier", "budget"]
    nanousd: int
    least_tokens: int


class Tokens(NamedTuple):
    """Tokens of a text that is not written yet, or of a prompt that may hold one."""

    low: int
    expected: int
    worst: int


def prompt_of(conversation: int, draft: Tokens | None) -> Tokens:
    """Prompt tokens of a call.

    Args:
        conversation: tokens of the conversation.
        draft: the answer that a verify step is shown; None: the call answers the question itself.
    """
    if draft is None:
        return Tokens(conversation, conversation, conversation)
    shared = conversation + verify_overhead()
    return Tokens(*(shared + tokens for tokens in draft))


def answer_of(max_tokens: int, complexity: str) -> Tokens:
    """Completion tokens of a call.

    Args:
        max_tokens: how many it is allowed.
        complexity: of the query.
    """
    expected = min(max_tokens, EXPECTED_OUTPUT_TOKENS[complexity])
    return Tokens(min(max_tokens, _SHORT_ANSWER_TOKENS), expected, max_tokens)


def afford(
    model: ModelConfig, prompt_tokens: int, max_tokens: int, expected_before: int, bounds: Sequence[Bound]
) -> tuple[LeftOut | None, int]:
    """Cut the answer's length to what every bound affords, or say which one refuses.

    Args:
        model: whom to call.
        prompt_tokens: of the call.
        max_tokens: completion tokens wanted.
        expected_before: nano-USD that the calls before are expected to cost.
        bounds: what the run may cost.

    Returns:
        The refusal, if there is one, and the completion tokens.
    """
    price = price_for(model, prompt_tokens)
    if price is None or price.is_free:
        return None, max_tokens
    for bound in bounds:
        left = max(0, bound.nanousd - expected_before)
        need = price.cost(prompt_tokens, min(bound.least_tokens, max_tokens))
        if need > left:
            reason = f"{format_usd(need)} does not fit the {format_usd(left)} left for this query"
            return LeftOut(model=model.name, kind=bound.kind, reason=reason), max_tokens
        max_tokens = min(max_tokens, price.affordable_output(prompt_tokens, left))
    return None, max_tokens


def planned_step(
    index: int, model: ModelConfig, prompt: Tokens, max_tokens: int, complexity: str, domain: str, rules: PlanRules
) -> PlannedStep:
    """A call as the plan shows it.

    Args:
        index: position in the plan.
        model: whom to call.
        prompt: tokens of its prompt.
        max_tokens: completion tokens at most.
        complexity: of the query.
        domain: of the query.
        rules: settings of the agent.
    """
    resolved = resolve(model.name, model.provider)
    called = resolved.entry.name if resolved.entry else model.name
    stand_in = rules.stand_ins.get(model.name)
    answer = answer_of(max_tokens, complexity)
    first_token_ms, tokens_per_second = speed("local", stand_in) if stand_in else speed(model.provider, model.name)
    latency = first_token_ms + 1000 * answer.expected / tokens_per_second

    def cost(prompt_tokens: int, output_tokens: int) -> int | None:
        price = price_for(model, prompt_tokens)
        return None if price is None else price.cost(prompt_tokens, output_tokens)

    certified = rules.certified(domain, stand_in or model.name)
    threshold = rules.threshold if certified is None else certified.threshold
    strictness = 1 - (threshold - 0.60) / 2
    p_accept = model.quality_score * _COMPLEXITY_FACTOR[complexity] * strictness
    if certified is not None and certified.acceptance is not None:
        p_accept = certified.acceptance
    return PlannedStep(
        index=index,
        model=model.name,
        provider=resolved.entry.provider if resolved.entry else model.provider,
        resolved_model=stand_in or called,
        resolved_reason=f"rehearsal: {stand_in} stands in for {called}" if stand_in else resolved.reason,
        prompt_tokens=prompt.expected,
        max_tokens=max_tokens,
        cost_low=cost(prompt.low, answer.low),
        cost_expected=cost(prompt.expected, answer.expected),
        cost_worst=cost(prompt.worst, answer.worst),
        latency_expected_ms=latency,
        latency_p95_ms=_P95_OVER_MEAN * latency,
        p_accept=max(0.05, min(0.95, p_accept)),
        threshold=threshold,
        max_retries=rules.max_retries,
    )


def plan_call(model: ModelConfig, plan: CascadePlan, rules: PlanRules) -> PlannedStep:
    """A call to a model outside the steps of a plan, such as a fallback.

    Args:
        model: whom to call.
        plan: what the run does.
        rules: settings of the agent.
    """
    prompt, max_tokens = prompt_of(plan.prompt_tokens, None), model.max_tokens or rules.max_tokens
    return planned_step(len(plan.steps), model, prompt, max_tokens, plan.complexity, plan.domain, rules)
