"""OpenTelemetry: a span for each run and for each call, and metrics, made of the events of runs."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cascadeflow
from cascadeflow.errors import MissingExtraError
from cascadeflow.events import (
    BudgetWarning,
    Degraded,
    Escalated,
    Event,
    FallbackStarted,
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
    Validated,
)
from cascadeflow.money import to_usd
from cascadeflow.schema import CascadeResult, Usage
from cascadeflow.telemetry import otel_names as names
from cascadeflow.telemetry.otel_metrics import Metrics
from cascadeflow.telemetry.otel_names import ours

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

_UNKNOWN_ERROR = "_OTHER"
"""The conventions' word for an error whose class is not known."""


@dataclass(slots=True)
class _Call:
    """A call whose span is open, and what its metrics are labelled with."""

    span: Span
    labels: dict[str, str | bool]
    text: list[str] = field(default_factory=list)
    ended: int | None = None
    """When it ended, in nanoseconds since the epoch. The span stays open a little longer, for the verdict."""


@dataclass(slots=True)
class _Run:
    span: Span
    started: float
    labels: dict[str, str | bool]
    call: _Call | None = None


class OTelObserver:
    """Turns the events of runs into spans and metrics, by the conventions for generative AI.

    Give it to an agent's ``observers``. A run is a span ``invoke_agent``, below the span that is current where
    the run was started; each call (repetitions and fallbacks too) is a span ``chat`` below it, with tokens,
    cost, verdict and error. Metrics: tokens, duration and time to the first chunk of calls, cost in USD,
    escalations, duration of runs. No user is named.

    Args:
        tracer_provider: makes the spans; None: the global one.
        meter_provider: makes the metrics; None: the global one.
        include_text: whether questions, answers and reasons (which may quote them) are told.

    Raises:
        MissingExtraError: OpenTelemetry is not installed.

    Example:
        >>> from cascadeflow import CascadeAgent, ModelConfig
        >>> agent = CascadeAgent([ModelConfig("gpt-4o-mini", "openai")], observers=[OTelObserver()])
    """

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        include_text: bool = False,
    ) -> None:
        try:
            from opentelemetry import metrics, trace
        except ImportError:
            raise MissingExtraError("OpenTelemetry", extra="otel") from None
        version = cascadeflow.__version__
        self.include_text = include_text
        self._tracer = trace.get_tracer("cascadeflow", version, tracer_provider)
        self._metrics = Metrics(metrics.get_meter("cascadeflow", version, meter_provider))
        self._runs: dict[str, _Run] = {}

    def __call__(self, event: Event) -> None:
        """Take the next event of a run."""
        if isinstance(event, RunStarted):
            self._runs[event.run_id] = self._start(event)
            return
        run = self._runs.get(event.run_id)
        if run is None:
            return
        if isinstance(event, (RunFinished, RunFailed, RunCancelled)):
            del self._runs[event.run_id]
            self._end_call(run)
            self._end(run, event)
        else:
            self._within(run, event)

    def _within(self, run: _Run, event: Event) -> None:
        match event:
            case Planned():
                plan = event.plan
                facts = {"domain": plan.domain, "complexity": plan.complexity, "strategy": plan.strategy}
                _set(run.span, {ours(name): value for name, value in facts.items()})
            case StepStarted():
                self._end_call(run)
                run.call = self._start_call(run, event)
            case TokenDelta():
                if self.include_text and run.call is not None and run.call.ended is None:
                    run.call.text.append(event.text)
            case StepFinished():
                if run.call is not None:
                    self._finish_call(run.call, event)
            case Validated():
                if run.call is not None:
                    self._judge(run.call.span, event)
                self._end_call(run)
            case Retrying():
                self._tell(run, "retry", event.reason, model=event.model, attempt=event.attempt, wait=event.wait)
            case FallbackStarted():
                self._tell(run, "fallback", event.reason, model=event.model, fallback_model=event.fallback_model)
            case Escalated():
                models = {"from_model": event.from_model, "to_model": event.to_model}
                self._tell(run, "escalation", event.reason, **models)
                self._metrics.escalation(run.labels | {ours(name): model for name, model in models.items()})
            case Retracted():
                self._tell(run, "retraction", event.reason, model=event.model, characters=event.characters)
            case Degraded():
                self._tell(run, "degraded", event.reason, model=event.model, replacement=event.replacement)
            case BudgetWarning():
                self._tell(run, "budget_warning", spent=to_usd(event.spent), limit=to_usd(event.limit))

    def _start(self, event: RunStarted) -> _Run:
        from opentelemetry.trace import SpanKind

        agent = event.preset or "cascadeflow"
        span = self._tracer.start_span(f"invoke_agent {agent}", kind=SpanKind.INTERNAL)
        facts = {
            names.OPERATION: "invoke_agent",
            names.PROVIDER: "cascadeflow",
            names.AGENT: agent,
            names.CONVERSATION: event.session,
            ours("run_id"): event.run_id,
            ours("tier"): event.tier,
            ours("rehearsal"): event.rehearsal,
        }
        if self.include_text:
            facts[names.INPUT_MESSAGES] = _message("user", event.query)
        _set(span, facts)
        labels: dict[str, str | bool] = {
            names.AGENT: agent, ours("tier"): event.tier or "", ours("rehearsal"): event.rehearsal,
        }  # fmt: skip
        return _Run(span, event.t, labels)

    def _start_call(self, run: _Run, event: StepStarted) -> _Call:
        from opentelemetry.trace import SpanKind, set_span_in_context

        labels: dict[str, str | bool] = {
            names.OPERATION: "chat",
            names.PROVIDER: names.provider_name(event.provider),
            names.REQUEST_MODEL: event.resolved_model,
        }
        span = self._tracer.start_span(
            f"chat {event.resolved_model}",
            context=set_span_in_context(run.span),
            kind=SpanKind.INTERNAL if event.provider == "local" else SpanKind.CLIENT,
        )
        facts = {
            names.REQUEST_MAX_TOKENS: event.max_tokens,
            names.REQUEST_STREAM: True,
            ours("model"): event.model,
            ours("step"): event.step,
            ours("attempt"): event.attempt,
            ours("role"): event.role,
            ours("fallback"): event.fallback,
            ours("held"): to_usd(event.held),
        }
        _set(span, labels | facts)
        return _Call(span, labels | run.labels)

    def _finish_call(self, call: _Call, event: StepFinished) -> None:
        call.ended = time.time_ns()
        usage, first = event.usage, event.first_token_ms
        facts = _usage(usage) | {
            names.FINISH_REASONS: [event.finish_reason] if event.finish_reason else None,
            names.FIRST_CHUNK: None if first is None else first / 1000,
            ours("usage_source"): usage.source,
            ours("cost"): None if event.cost is None else to_usd(event.cost),
        }
        if self.include_text and call.text:
            facts[names.OUTPUT_MESSAGES] = _message("assistant", "".join(call.text), event.finish_reason)
        cancelled = event.error == "cancelled" and not event.error_type
        if cancelled:
            facts[ours("outcome")] = "cancelled"
        elif event.error:
            self._fail(call.span, event.error_type or _UNKNOWN_ERROR, event.error)
            call.labels |= {names.ERROR_TYPE: event.error_type or _UNKNOWN_ERROR}
        _set(call.span, facts)
        self._metrics.call(event, call.labels)

    def _judge(self, span: Span, event: Validated) -> None:
        verdict = event.verdict
        facts = {
            "accepted": verdict.is_valid,
            "score": verdict.score,
            "threshold": verdict.threshold,
            "deciding": verdict.deciding,
            "p_correct": verdict.p_correct,
        }
        _set(span, {ours(f"verdict.{name}"): value for name, value in facts.items()})
        for check in verdict.checks:
            told = {
                names.EVALUATION_NAME: check.name,
                names.EVALUATION_SCORE: check.score,
                names.EVALUATION_LABEL: "pass" if check.passed else "fail",
                names.EVALUATION_REASON: check.reason if self.include_text and check.reason else None,
            }
            span.add_event(names.EVALUATION, _known(told))

    def _end_call(self, run: _Run) -> None:
        if run.call is not None:
            run.call.span.end(run.call.ended)
            run.call = None

    def _end(self, run: _Run, event: RunFinished | RunFailed | RunCancelled) -> None:
        outcome = {RunFinished: "finished", RunFailed: "failed", RunCancelled: "cancelled"}[type(event)]
        spent = event.result.total_cost_nanousd if isinstance(event, RunFinished) else event.spent
        _set(run.span, {ours("outcome"): outcome, ours("cost"): to_usd(spent)})
        if isinstance(event, RunFinished):
            _set(run.span, self._result(event.result))
        elif isinstance(event, RunFailed):
            self._fail(run.span, event.error, event.message)
        run.span.end()
        self._metrics.run(event.t - run.started, run.labels | {ours("outcome"): outcome})

    def _result(self, result: CascadeResult) -> dict[str, Any]:
        """What is known of a finished run. Not its tokens: a sum over spans would count them twice."""
        facts = {
            names.RESPONSE_MODEL: result.resolved_model,
            ours("model"): result.model_used,
            ours("cost_known"): result.cost_known,
            ours("cost_saved"): result.cost_saved,
            ours("steps"): result.steps,
            ours("validated"): result.validated,
        }
        if self.include_text:
            facts[names.OUTPUT_MESSAGES] = _message("assistant", result.text)
        return facts

    def _fail(self, span: Span, kind: str, text: str) -> None:
        from opentelemetry.trace import Status, StatusCode

        span.set_attribute(names.ERROR_TYPE, kind)
        span.set_status(Status(StatusCode.ERROR, text if self.include_text else None))

    def _tell(self, run: _Run, name: str, reason: str = "", **facts: Any) -> None:
        told = {ours(key): value for key, value in facts.items()}
        if self.include_text and reason:
            told[ours("reason")] = reason
        run.span.add_event(ours(name), _known(told))


def _usage(usage: Usage) -> dict[str, Any]:
    further = {
        names.CACHE_READ_TOKENS: usage.cached_tokens,
        names.CACHE_WRITE_TOKENS: usage.cache_write_tokens,
        names.REASONING_TOKENS: usage.reasoning_tokens,
    }
    return {
        names.INPUT_TOKENS: usage.prompt_tokens,
        names.OUTPUT_TOKENS: usage.completion_tokens,
        **{name: tokens for name, tokens in further.items() if tokens},
    }


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _set(span: Span, facts: dict[str, Any]) -> None:
    span.set_attributes(_known(facts))


def _message(role: str, text: str, finish_reason: str | None = None) -> str:
    """One message in the form of the conventions' JSON schema."""
    message: dict[str, Any] = {"role": role, "parts": [{"type": "text", "content": text}]}
    if role == "assistant":
        message["finish_reason"] = finish_reason or "stop"
    return json.dumps([message], ensure_ascii=False)
