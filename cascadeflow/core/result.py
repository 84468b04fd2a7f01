"""What a run needs to know about itself, and the result it is folded into."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cascadeflow.catalog.pricing import price_for
from cascadeflow.money import to_usd
from cascadeflow.schema import CascadePlan, CascadeResult, ModelConfig, StepRecord, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What one run needs to know beside its plan.

    Attributes:
        run_id: identifier.
        user_id, user_tier: whose budgets apply.
        preset: label of ledger rows.
        max_tokens: completion tokens per answer, for models without a number of their own.
        run_limit: nano-USD for the whole run (the tier's limit per query); None: no limit.
        deadline: monotonic seconds at which the run must be over; None: no limit.
        request: fields of every `ModelRequest` that do not depend on the model.
        hold_drafts: show text only once it is accepted.
        started: monotonic seconds at which the run began.
    """

    run_id: str
    user_id: str | None
    user_tier: str | None
    preset: str
    max_tokens: int
    run_limit: int | None
    deadline: float | None
    request: dict[str, Any]
    hold_drafts: bool
    started: float


def result_of(
    record: StepRecord,
    *,
    trace: Sequence[StepRecord],
    plan: CascadePlan,
    models: Mapping[str, ModelConfig],
    settings: RunSettings,
    tool_calls: tuple[dict[str, Any], ...],
) -> CascadeResult:
    """Fold a run into its result.

    Args:
        record: the call whose answer stands.
        trace: every call, in order.
        plan: what was planned.
        models: configured name → model.
        settings: of the run.
        tool_calls: of the answer.
    """
    verdict = Verdict(is_valid=False) if record.verdict is None else record.verdict
    usage = trace[0].usage
    for other in trace[1:]:
        usage = usage + other.usage
    spent = sum(item.cost_nanousd or 0 for item in trace)
    return CascadeResult(
        text=record.text,
        model_used=record.model,
        provider=record.provider,
        resolved_model=record.resolved_model,
        total_cost=to_usd(spent),
        total_cost_nanousd=spent,
        cost_known=all(item.cost_nanousd is not None for item in trace),
        cost_saved=to_usd(_strongest_cost(record, plan, models, spent) - spent),
        steps=len({item.step for item in trace if item.role != "audit"}),
        strategy=plan.strategy,
        domain=plan.domain,
        complexity=plan.complexity,
        user_tier=settings.user_tier,
        validated=verdict.is_valid,
        reason=verdict.reason,
        p_correct=verdict.p_correct,
        calibrated=verdict.calibrated,
        guarantee=verdict.guarantee,
        usage=usage,
        latency_ms=(time.monotonic() - settings.started) * 1000,
        run_id=settings.run_id,
        trace=tuple(trace),
        tool_calls=tool_calls,
        rehearsal=plan.rehearsal,
    )


def _strongest_cost(record: StepRecord, plan: CascadePlan, models: Mapping[str, ModelConfig], spent: int) -> int:
    """Nano-USD of the plan's strongest model giving an answer of the same length; an estimate."""
    if not plan.steps:
        return spent
    # Of equals the later step is the stronger one: a cascade goes from cheap to strong.
    strongest = max(reversed(plan.steps), key=lambda step: models[step.model].quality_score)
    price = price_for(models[strongest.model], record.usage.prompt_tokens)
    return spent if price is None else price.cost(record.usage.prompt_tokens, record.usage.completion_tokens)
