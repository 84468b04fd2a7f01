"""Makes the calls of one run, and keeps its record: what was called, and what a reader sees of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from cascadeflow.catalog.pricing import price_for
from cascadeflow.client import Delta, ModelClient, ModelRequest
from cascadeflow.core.breaker import Breakers, breaker_key
from cascadeflow.core.call import CallOutcome, make_call
from cascadeflow.core.hold import Purse, hold
from cascadeflow.core.loop_watch import LoopWatch
from cascadeflow.core.result import RunSettings
from cascadeflow.errors import CallTimeoutError, ModelCallError
from cascadeflow.events import (
    BudgetWarning,
    ContextCut,
    Degraded,
    Event,
    Retracted,
    StepFinished,
    StepStarted,
    TokenDelta,
)
from cascadeflow.routing.context import context_window, fit_messages
from cascadeflow.schema import CascadePlan, Message, ModelConfig, PlannedStep, StepRecord

if TYPE_CHECKING:
    from cascadeflow.telemetry import CostTracker


@dataclass(slots=True)
class Caller:
    """The calls of one run.

    Args:
        plan: what the run does.
        models: configured name → model.
        client: who answers.
        tracker: whose budgets hold; None: nothing is counted.
        emit: sends an event.
        settings: of the run.
        question: the user's last message.
        stop_loops: whether an answer that goes round in circles is stopped.
        breakers: told what became of each call.

    Attributes:
        trace: every call, in order.
        shown: the answer that stands before the reader.
        visible: characters of the call under way that the reader has seen.
        tool_calls: position in the trace → tool calls of that answer.
    """

    plan: CascadePlan
    models: dict[str, ModelConfig]
    client: ModelClient
    tracker: CostTracker | None
    emit: Callable[..., Event]
    settings: RunSettings
    question: str
    stop_loops: bool
    breakers: Breakers
    trace: list[StepRecord] = field(default_factory=list)
    shown: StepRecord | None = None
    visible: int = 0
    tool_calls: dict[int, tuple[dict[str, Any], ...]] = field(default_factory=dict)

    @property
    def spent(self) -> int:
        """Nano-USD of all calls so far, as far as prices are known."""
        return sum(record.cost_nanousd or 0 for record in self.trace)

    @property
    def visible_text(self) -> str:
        """What a reader sees."""
        if self.trace and self.visible:
            return self.trace[-1].text[: self.visible]
        return self.shown.text if self.shown else ""

    async def ask(
        self, step: PlannedStep, messages: Sequence[Message], *, attempt: int, fallback: bool, context: str = ""
    ) -> tuple[StepRecord, CallOutcome]:
        """Make one call and record it, whatever becomes of it.

        Args:
            step: whom to ask.
            messages: what to ask.
            attempt: from 1.
            fallback: whether it stands in for another model.
            context: what a verify step is shown of the steps before; its reply is not shown as an answer.

        Returns:
            The record, its text unchecked, and what the call came to.

        Raises:
            ModelCallError: the call failed; what had been shown of it is withdrawn.
            BudgetExceededError: not even a short answer fits.
            LedgerError: the store did not answer.
        """
        model = self.models[step.model]
        request = self._request(step, model, messages)
        prompt_tokens = self.client.count_prompt_tokens(request)
        price = price_for(model, prompt_tokens)
        if self.settings.deadline is not None and time.monotonic() >= self.settings.deadline:
            raise CallTimeoutError("the time for this run is over", model=request.model)
        request, held, booking = await hold(
            request, tracker=self.tracker, price=price, prompt_tokens=prompt_tokens, purse=self._purse()
        )
        if booking.reservation is not None and booking.reservation.unguarded:
            self.emit(Degraded, reason=f"the budget is not guarded for this call: {booking.reservation.unguarded}")
        outcome = CallOutcome()
        became: Literal["cancelled", "failed"] = "cancelled"
        self.visible = 0
        self.emit(
            StepStarted, step=step.index, attempt=attempt, model=step.model, provider=step.provider,
            resolved_model=step.resolved_model, resolved_reason=step.resolved_reason, role=step.role,
            max_tokens=request.max_tokens, held=held, fallback=fallback, context=context,
        )  # fmt: skip
        prompt_cost = price.cost(prompt_tokens, 0) if price else None
        hidden = self.settings.hold_drafts or bool(context) or step.role == "audit"
        watch = LoopWatch(self.question) if self.stop_loops else None

        def on_delta(delta: Delta, so_far: CallOutcome) -> bool:
            if not hidden:
                self.visible += len(delta.text)
                cost = None if price is None or prompt_cost is None else prompt_cost + price.cost(0, so_far.tokens)
                self.emit(TokenDelta, step=step.index, text=delta.text, tokens=so_far.tokens, cost=cost)
            return watch is not None and watch.stuck(so_far.pieces, so_far.tokens)

        error_text, error_type = "cancelled", ""
        endpoint = breaker_key(model)
        self.breakers.enter(endpoint)
        try:
            await make_call(
                self.client, request, price_at=lambda tokens: price_for(model, tokens),
                prompt_tokens=prompt_tokens, booking=booking, on_delta=on_delta, outcome=outcome,
            )  # fmt: skip
            error_text = ""
            self.breakers.succeeded(endpoint)
        except ModelCallError as error:
            self.breakers.failed(endpoint, error)
            error.name_model(step.model, step.provider)
            error_text, error_type = str(error), type(error).__name__
            became = "failed"
            raise
        finally:
            record = StepRecord(
                step=step.index, attempt=attempt, model=step.model, provider=step.provider,
                resolved_model=step.resolved_model, role=step.role, outcome=became, fallback=fallback,
                text=outcome.text, usage=outcome.usage, cost_nanousd=outcome.cost, error=error_text,
                first_token_ms=outcome.first_token_ms, latency_ms=outcome.latency_ms,
                finish_reason=outcome.finish_reason,
            )  # fmt: skip
            self.trace.append(record)
            self.tool_calls[len(self.trace) - 1] = outcome.tool_calls
            self._finished(record, outcome, error_type)
            if became == "failed":
                self.retract(record, record.error)
        return record, outcome

    def _finished(self, record: StepRecord, outcome: CallOutcome, error_type: str) -> None:
        self.emit(
            StepFinished, step=record.step, attempt=record.attempt, model=record.model, usage=record.usage,
            cost=record.cost_nanousd, first_token_ms=record.first_token_ms, latency_ms=record.latency_ms,
            finish_reason=record.finish_reason, error=record.error, error_type=error_type,
        )  # fmt: skip
        for status in outcome.warnings:
            self.emit(
                BudgetWarning, budget=status.label, spent=status.spent, limit=status.limit, held=status.held,
                resets_at=status.resets_at.isoformat() if status.resets_at else None,
            )  # fmt: skip
        if outcome.booking_error:
            self.emit(Degraded, reason=f"the cost of this call could not be booked: {outcome.booking_error}")

    def show(self, record: StepRecord) -> None:
        """Make the record's text what a reader sees."""
        if not self.visible and record.text:
            self.emit(
                TokenDelta, step=record.step, text=record.text, tokens=record.usage.completion_tokens,
                cost=record.cost_nanousd,
            )  # fmt: skip
        self.shown, self.visible = record, 0

    def retract(self, record: StepRecord, reason: str) -> None:
        """Withdraw what has been shown of the call that just ended."""
        if self.visible:
            self.emit(Retracted, step=record.step, model=record.model, characters=self.visible, reason=reason)
        self.visible = 0

    def withdraw(self, reason: str) -> None:
        """Withdraw the answer that stood before the reader."""
        record = self.shown
        if record is not None and record.text:
            self.emit(Retracted, step=record.step, model=record.model, characters=len(record.text), reason=reason)
        self.shown = None

    def _purse(self) -> Purse:
        return Purse(
            run_id=self.settings.run_id,
            user_id=self.settings.user_id,
            tier=self.settings.user_tier,
            run_limit=self.settings.run_limit,
            run_spent=self.spent,
            domain=self.plan.domain,
            preset=self.settings.preset,
        )

    def _request(self, step: PlannedStep, model: ModelConfig, messages: Sequence[Message]) -> ModelRequest:
        fields = dict(self.settings.request)
        if model.temperature is not None:
            fields["temperature"] = model.temperature
        if step.role == "verify":
            fields |= {"response_format": None, "tools": (), "tool_choice": None, "stop": ()}
        if model.provider == "local" or self.plan.rehearsal:
            fields["first_token_timeout"] = None  # it is reading the prompt, which takes what it takes
        window = context_window(model)
        fitting = fit_messages(messages, window)
        if len(fitting) < len(messages):
            self.emit(ContextCut, messages=len(messages) - len(fitting), context_window=window, model=step.model)
        if self.settings.deadline is not None:
            left = max(0.001, self.settings.deadline - time.monotonic())
            total = fields.get("total_timeout")
            fields["total_timeout"] = left if total is None else min(left, total)
        return ModelRequest(
            model=step.model, provider=step.provider, resolved_model=step.resolved_model, messages=tuple(fitting),
            max_tokens=model.max_tokens or self.settings.max_tokens, base_url=model.base_url, path=model.path, **fields,
        )  # fmt: skip
