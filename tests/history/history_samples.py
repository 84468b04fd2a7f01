"""Instances of any value type with every field set, and the events of whole runs."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import count
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cascadeflow.events import (
    Degraded,
    Escalated,
    Event,
    Planned,
    Retracted,
    Retrying,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    TokenDelta,
    Understood,
    Validated,
)
from cascadeflow.schema import CascadePlan, CascadeResult, CheckResult, StepRecord, Usage, Verdict

SECRET = "xyzzy-secret"


def sample(kind: Any, numbers: Iterator[int] | None = None, *, full: bool = True) -> Any:
    """A value of a type: every field different; with `full=False` the optional parts empty."""
    numbers = numbers or count(1)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{item.name: sample(hints[item.name], numbers, full=full) for item in fields(kind)})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return arguments[-1]
    if origin in (Union, types.UnionType):
        return sample(arguments[0], numbers, full=full) if full else None
    if origin is tuple:
        return tuple(sample(arguments[0], numbers, full=full) for _ in range(2 if full else 0))
    if origin is dict:
        return {"key": [next(numbers), {"deep": None}]}
    return {str: f"text {next(numbers)} é", int: next(numbers), float: next(numbers) + 0.25, bool: full}[kind]


def verdict(reason: str, valid: bool) -> Verdict:
    check = CheckResult(name="arithmetic", score=0.41, threshold=0.7, passed=valid, reason=reason)
    return Verdict(
        is_valid=valid, reason=reason, score=0.41, threshold=0.7, deciding="arithmetic", checks=(check,), p_correct=0.4
    )


def call(step: int, model: str, text: str, **changes: Any) -> StepRecord:
    record = StepRecord(
        step=step, attempt=1, model=model, provider="openai", resolved_model=model, outcome="rejected", text=text,
        usage=Usage(prompt_tokens=12, completion_tokens=5, cached_tokens=3), cost_nanousd=1_000 * (step + 1),
        first_token_ms=80.5, latency_ms=400.25, finish_reason="stop", verdict=verdict(f"it says {text}", valid=False),
    )  # fmt: skip
    return replace(record, **changes)


def trace() -> tuple[StepRecord, ...]:
    return (
        call(0, "small", f"381 {SECRET}"),
        call(1, "large", "", outcome="failed", error=f"500: {SECRET}", verdict=None, first_token_ms=None),
        call(1, "large", f"391 {SECRET}", outcome="accepted", attempt=2, verdict=verdict(SECRET, valid=True)),
    )


def run_events(
    run_id: str = "run-1", *, end: str = "finished", session: str | None = "s-1", query: str = f"17 * 23? {SECRET}",
    **started: Any,
) -> list[Event]:  # fmt: skip
    """A run that retried, escalated and withdrew, with each event the archive has to deal with."""
    calls = trace()
    plan = replace(sample(CascadePlan), domain="math", complexity="medium", strategy="standard")
    result = replace(
        sample(CascadeResult), text=f"391 {SECRET}", model_used="large", total_cost_nanousd=5_000, cost_known=True,
        validated=True, reason=SECRET, run_id=run_id, trace=calls, latency_ms=1234.5, cost_saved=0.002,
        tool_calls=({"function": {"arguments": SECRET}},),
    )  # fmt: skip
    ends: dict[str, tuple[type[Event], dict[str, Any]]] = {
        "finished": (RunFinished, {"result": result}),
        "failed": (RunFailed, {"error": "AllModelsFailedError", "message": SECRET, "spent": 3_000, "trace": calls[:2]}),
        "cancelled": (RunCancelled, {"text": f"39 {SECRET}", "spent": 1_000, "trace": calls[:1]}),
    }
    parts: list[tuple[type[Event], dict[str, Any]]] = [
        (RunStarted, {"query": query, "user_id": "me", "tier": "pro", "session": session, "preset": "local"} | started),
        (Understood, {"domain": "math", "domain_confidence": 0.9, "complexity": "medium", "complexity_score": 0.5}),
        (Planned, {"plan": plan}),
        (StepStarted, {"step": 0, "attempt": 1, "model": "small", "provider": "openai", "resolved_model": "small",
                       "max_tokens": 99, "held": 7, "context": SECRET}),
        (TokenDelta, {"step": 0, "text": SECRET, "tokens": 1, "cost": 3}),
        (StepFinished, {"step": 0, "attempt": 1, "model": "small", "usage": Usage(), "cost": 3, "first_token_ms": 1.0,
                        "latency_ms": 2.0}),
        (Validated, {"step": 0, "model": "small", "verdict": verdict(SECRET, valid=False)}),
        (Retracted, {"step": 0, "model": "small", "characters": 12, "reason": SECRET}),
        (Escalated, {"from_step": 0, "to_step": 1, "from_model": "small", "to_model": "large", "reason": SECRET}),
        (Retrying, {"step": 1, "model": "large", "attempt": 2, "reason": SECRET, "wait": 0.5}),
        (Degraded, {"reason": SECRET, "model": "large", "replacement": "small"}),
        ends[end],
    ]  # fmt: skip
    return [kind(run_id=run_id, seq=seq, t=100.0 + seq, **data) for seq, (kind, data) in enumerate(parts)]
