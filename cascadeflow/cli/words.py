"""Events, verdicts and results in words, made safe for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cascadeflow.events import BudgetWarning, ContextCut, Degraded, Event, FallbackStarted, Retrying
from cascadeflow.money import format_usd, parse_usd
from cascadeflow.sanitise import one_line

if TYPE_CHECKING:
    from cascadeflow.schema import CascadePlan, CascadeResult, Verdict


def model_words(model: str, resolved: str) -> str:
    """The configured name, and what is called where that differs."""
    return one_line(model if resolved in ("", model) else f"{model} → {resolved}")


def verdict_words(verdict: Verdict) -> str:
    """What decided, with its score against its threshold, and why.

    Example:
        >>> from cascadeflow.schema import Verdict
        >>> verdict_words(Verdict(is_valid=False, reason="no answer", score=0.2, threshold=0.7))
        'gate 0.20 < 0.70: no answer'
    """
    compared = verdict.comparison()
    words = f"{verdict.deciding} {compared}".rstrip()
    reason = one_line(verdict.reason).removeprefix(f"{verdict.deciding}: ")
    return words if reason in ("", f"score {compared}") else f"{words}: {reason}"


def usage_words(result: CascadeResult) -> str:
    """What an answer took, on one line."""
    cost = format_usd(result.total_cost_nanousd)
    saved = parse_usd(result.cost_saved)
    parts = [
        one_line(result.model_used),
        f"{result.steps} step{'' if result.steps == 1 else 's'}",
        f"{result.latency_ms / 1000:.1f} s",
        cost if result.cost_known else f"at least {cost} (a price is unknown)",
    ]
    if saved > 0:
        parts.append(f"saved {format_usd(saved)} (est.)")
    if result.p_correct is not None:
        parts.append(f"p {result.p_correct:.2f}{'' if result.calibrated else ' (uncalibrated)'}")
    if result.rehearsal:
        parts.append("rehearsal")
    return " · ".join([*parts, f"run {result.run_id[:8]}"])


def plan_notes(plan: CascadePlan) -> list[str]:
    """What a user should know of a plan before it runs: stand-ins, and models that cannot be asked."""
    notes = (
        ["Rehearsal: embedded models stand in for hosted ones, at the hosted models' prices."] if plan.rehearsal else []
    )
    lacking = [item for item in plan.left_out if item.kind in ("key", "file", "breaker", "tier")]
    return [*notes, *(f"{one_line(item.model)} left out: {one_line(item.reason)}" for item in lacking)]


def event_words(event: Event) -> str:
    """An event that only informs, as a line; empty for those that are told otherwise."""
    match event:
        case Retrying():
            again = f"again in {event.wait:.1f} s (attempt {event.attempt})"
            return f"{one_line(event.model)} {again}: {one_line(event.reason)}"
        case FallbackStarted():
            return f"{one_line(event.fallback_model)} stands in for {one_line(event.model)}: {one_line(event.reason)}"
        case Degraded():
            return one_line(f"{event.model}: {event.reason}" if event.model else event.reason)
        case ContextCut():
            return (
                f"the {event.messages} oldest messages are not sent: "
                f"{one_line(event.model)} takes {event.context_window:,} tokens"
            )
        case BudgetWarning():
            share = f"{100 * event.spent / event.limit:.0f} % spent, " if event.limit else ""
            return (
                f"budget “{one_line(event.budget)}”: {share}"
                f"{format_usd(event.spent)} of {format_usd(event.limit)}, resets {event.resets_at or 'never'}"
            )
    return ""
