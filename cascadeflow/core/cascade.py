"""Carries a plan out, step by step: ask, check, retry, fall back, escalate, and always settle."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cascadeflow.catalog.pricing import price_for
from cascadeflow.client import Delta, ModelClient, ModelRequest
from cascadeflow.core.call import CallOutcome, make_call
from cascadeflow.core.hold import Purse, hold
from cascadeflow.core.result import RunSettings, result_of
from cascadeflow.core.retry import retry_wait
from cascadeflow.errors import (
    AllModelsFailedError,
    BudgetExceededError,
    CallTimeoutError,
    CascadeFlowError,
    LedgerError,
    ModelCallError,
)
from cascadeflow.events import (
    BudgetWarning,
    ContextCut,
    Degraded,
    Escalated,
    Event,
    FallbackStarted,
    Retracted,
    Retrying,
    StepFinished,
    StepStarted,
    TokenDelta,
    Validated,
)
from cascadeflow.money import format_usd
from cascadeflow.routing.context import context_window, fit_messages
from cascadeflow.schema import CascadePlan, CascadeResult, Message, ModelConfig, PlannedStep, StepRecord, Verdict

if TYPE_CHECKING:
    from cascadeflow.quality.context import CheckContext
    from cascadeflow.telemetry import CostTracker


@dataclass(slots=True)
class Cascade:
    """One run of one plan.

    Args:
        plan: what to do.
        models: configured name → model, free stand-bys included.
        stand_by: models that cost nothing, asked where a budget refuses every paid call.
        client: who answers.
        tracker: whose budgets hold; None: nothing is counted.
        check: tells whether an answer stands.
        emit: sends an event.
        messages: the conversation.
        settings: of this run.
    """

    plan: CascadePlan
    models: dict[str, ModelConfig]
    stand_by: Sequence[ModelConfig]
    client: ModelClient
    tracker: CostTracker | None
    check: Callable[[CheckContext], Verdict]
    emit: Callable[..., Event]
    messages: Sequence[Message]
    settings: RunSettings
    trace: list[StepRecord] = field(default_factory=list)
    errors: list[CascadeFlowError] = field(default_factory=list)
    shown: StepRecord | None = None
    """The answer a reader sees at this moment."""
    visible: int = 0
    """Characters of the call under way that a reader has seen."""
    tool_calls: dict[int, tuple[dict[str, Any], ...]] = field(default_factory=dict)

    async def run(self, refusal: BudgetExceededError | LedgerError | None = None) -> CascadeResult:
        """Carry the plan out.

        Args:
            refusal: the budget that left the plan without steps; None: it has steps.

        Returns:
            The accepted answer, or the best one where none passed.

        Raises:
            AllModelsFailedError: nothing answered.
            BudgetExceededError: a budget refused every paid call, and no free model answered.
            asyncio.CancelledError: the run was stopped; what was used is settled.
        """
        previous: PlannedStep | None = None
        for step in self.plan.steps:
            if previous is not None:
                self._announce(previous, step)
            try:
                accepted = await self._step(step)
            except (BudgetExceededError, LedgerError) as error:
                refusal = error
                self.emit(Degraded, reason=str(error), model=step.model)
                if self._enforcement() == "block":
                    break
                continue
            previous = step
            if accepted is not None:
                return self._result(accepted)
        if refusal is not None and self._enforcement() != "block":
            accepted = await self._free_answer(str(refusal))
            if accepted is not None:
                return self._result(accepted)
        best = self._best()
        if best is not None:
            return self._result(best)
        if refusal is not None:
            refusal.spent = self.spent
            raise refusal
        attempts = [f"{record.error} ({format_usd(record.cost_nanousd)})" for record in self.trace]
        called = {record.error for record in self.trace}
        attempts += [str(error) for error in self.errors if str(error) not in called]
        raise AllModelsFailedError(tuple(attempts), spent=self.spent, causes=tuple(self.errors))

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

    def _enforcement(self) -> str:
        return self.tracker.enforcement if self.tracker is not None else "block"

    def _announce(self, previous: PlannedStep, step: PlannedStep) -> None:
        if not self.trace:
            return
        last = self.trace[-1]
        if last.outcome == "failed":
            self.emit(
                FallbackStarted, step=previous.index, model=previous.model, fallback_model=step.model, reason=last.error
            )
        else:
            self.emit(
                Escalated,
                from_step=previous.index,
                to_step=step.index,
                from_model=previous.model,
                to_model=step.model,
                reason=last.verdict.reason if last.verdict is not None else "",
            )

    async def _free_answer(self, reason: str) -> StepRecord | None:
        """Ask the models that cost nothing, marked as themselves, because a budget refused the others."""
        asked = {record.model for record in self.trace}
        index = len(self.plan.steps)
        for model in self.stand_by:
            if model.name in asked:
                continue
            self.emit(Degraded, reason=f"{model.name} answers instead: it costs nothing", replacement=model.name)
            step = PlannedStep(
                index=index, model=model.name, provider=model.provider, resolved_model=model.name,
                resolved_reason=reason, prompt_tokens=self.plan.prompt_tokens,
                max_tokens=model.max_tokens or self.settings.max_tokens, cost_low=0, cost_expected=0, cost_worst=0,
                latency_expected_ms=0, latency_p95_ms=0, p_accept=model.quality_score, threshold=0, max_retries=0,
            )  # fmt: skip
            accepted = await self._step(step)
            if accepted is not None:
                return accepted
            index += 1
        return None

    async def _step(self, step: PlannedStep) -> StepRecord | None:
        """Ask one model, with repetitions.

        Returns:
            The record if its answer was accepted.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                record = await self._attempt(step, attempt)
            except ModelCallError as error:
                self.errors.append(error)
                wait = retry_wait(error, attempt, step.max_retries)
                deadline = self.settings.deadline
                if wait is None or (deadline is not None and time.monotonic() + wait >= deadline):
                    return None
                self.emit(
                    Retrying, step=step.index, model=step.model, attempt=attempt + 1, reason=str(error), wait=wait
                )
                await asyncio.sleep(wait)
                continue
            return record if record.outcome == "accepted" else None

    async def _attempt(self, step: PlannedStep, attempt: int) -> StepRecord:
        model = self.models[step.model]
        request = self._request(step, model)
        prompt_tokens = self.client.count_prompt_tokens(request)
        price = price_for(model, prompt_tokens)
        if self.settings.deadline is not None and time.monotonic() >= self.settings.deadline:
            raise CallTimeoutError("the time for this run is over", model=request.model)
        request, held, booking = await hold(
            request,
            tracker=self.tracker,
            price=price,
            prompt_tokens=prompt_tokens,
            purse=Purse(
                run_id=self.settings.run_id,
                user_id=self.settings.user_id,
                tier=self.settings.user_tier,
                run_limit=self.settings.run_limit,
                run_spent=self.spent,
                domain=self.plan.domain,
                preset=self.settings.preset,
            ),
        )
        outcome = CallOutcome()
        record = StepRecord(
            step=step.index, attempt=attempt, model=step.model, provider=step.provider,
            resolved_model=step.resolved_model, role=step.role, outcome="cancelled",
        )  # fmt: skip
        if booking.reservation is not None and booking.reservation.unguarded:
            self.emit(Degraded, reason=f"the budget is not guarded for this call: {booking.reservation.unguarded}")
        self.visible = 0
        self.emit(
            StepStarted, step=step.index, attempt=attempt, model=step.model, provider=step.provider,
            resolved_model=step.resolved_model, resolved_reason=step.resolved_reason, role=step.role,
            max_tokens=request.max_tokens, held=held,
        )  # fmt: skip
        prompt_cost = price.cost(prompt_tokens, 0) if price else None

        def on_delta(delta: Delta, so_far: CallOutcome) -> None:
            if self.settings.hold_drafts:
                return
            self.visible += len(delta.text)
            cost = None if price is None or prompt_cost is None else prompt_cost + price.cost(0, so_far.tokens)
            self.emit(TokenDelta, step=step.index, text=delta.text, tokens=so_far.tokens, cost=cost)

        error_text = "cancelled"
        try:
            await make_call(
                self.client, request, price_at=lambda tokens: price_for(model, tokens), prompt_tokens=prompt_tokens, booking=booking,
                on_delta=on_delta, outcome=outcome,
            )  # fmt: skip
            error_text = ""
        except ModelCallError as error:
            error_text = str(error)
            record = replace(record, outcome="failed")
            raise
        finally:
            record = replace(
                record, text=outcome.text, usage=outcome.usage, cost_nanousd=outcome.cost, error=error_text,
                first_token_ms=outcome.first_token_ms, latency_ms=outcome.latency_ms,
                finish_reason=outcome.finish_reason,
            )  # fmt: skip
            self.trace.append(record)
            self._finished(record, outcome)
            if record.outcome == "failed":
                self._retract(record, record.error)
        return self._validate(step, record, outcome)

    def _finished(self, record: StepRecord, outcome: CallOutcome) -> None:
        self.emit(
            StepFinished, step=record.step, attempt=record.attempt, model=record.model, usage=record.usage,
            cost=record.cost_nanousd, first_token_ms=record.first_token_ms, latency_ms=record.latency_ms,
            finish_reason=record.finish_reason, error=record.error,
        )  # fmt: skip
        for status in outcome.warnings:
            self.emit(
                BudgetWarning, budget=status.label, spent=status.spent, limit=status.limit, held=status.held,
                resets_at=status.resets_at.isoformat() if status.resets_at else None,
            )  # fmt: skip
        if outcome.booking_error:
            self.emit(Degraded, reason=f"the cost of this call could not be booked: {outcome.booking_error}")

    def _validate(self, step: PlannedStep, record: StepRecord, outcome: CallOutcome) -> StepRecord:
        from cascadeflow.quality.context import CheckContext

        question = next((m for m in reversed(self.messages) if m.get("role") == "user"), self.messages[-1])
        verdict = self.check(
            CheckContext(
                prompt=str(question.get("content") or ""),
                text=record.text,
                domain=self.plan.domain,
                messages=tuple(self.messages),
                finish_reason=record.finish_reason,
                logprobs=tuple(outcome.logprobs),
                response_format=self.settings.request.get("response_format"),
                tool_calls=outcome.tool_calls,
                max_tokens=step.max_tokens,
            )
        )
        self.emit(Validated, step=step.index, model=step.model, verdict=verdict)
        record = replace(record, verdict=verdict, outcome="accepted" if verdict.is_valid else "rejected")
        self.trace[-1] = record
        self.tool_calls[len(self.trace) - 1] = outcome.tool_calls
        if verdict.is_valid:
            self._show(record)
        else:
            self._retract(record, verdict.reason)
        return record

    def _show(self, record: StepRecord) -> None:
        """Make the record's text what a reader sees."""
        if not self.visible and record.text:
            self.emit(
                TokenDelta, step=record.step, text=record.text, tokens=record.usage.completion_tokens,
                cost=record.cost_nanousd,
            )  # fmt: skip
        self.shown, self.visible = record, 0

    def _retract(self, record: StepRecord, reason: str) -> None:
        if self.visible:
            self.emit(Retracted, step=record.step, model=record.model, characters=self.visible, reason=reason)
        self.visible = 0

    def _best(self) -> StepRecord | None:
        """The best-scoring answer where none passed, shown again."""
        scores = {
            position: record.verdict.score or 0.0
            for position, record in enumerate(self.trace)
            if record.verdict is not None
        }
        if not scores:
            return None
        position = max(scores, key=scores.__getitem__)
        best = replace(self.trace[position], outcome="best")
        self.trace[position] = best
        self._show(best)
        return best

    def _request(self, step: PlannedStep, model: ModelConfig) -> ModelRequest:
        fields = dict(self.settings.request)
        if model.temperature is not None:
            fields["temperature"] = model.temperature
        if model.provider == "local" or self.plan.rehearsal:
            fields["first_token_timeout"] = None  # it is reading the prompt, which takes what it takes
        window = context_window(model)
        messages = fit_messages(self.messages, window)
        if len(messages) < len(self.messages):
            self.emit(ContextCut, messages=len(self.messages) - len(messages), context_window=window, model=step.model)
        if self.settings.deadline is not None:
            left = max(0.001, self.settings.deadline - time.monotonic())
            total = fields.get("total_timeout")
            fields["total_timeout"] = left if total is None else min(left, total)
        return ModelRequest(
            model=step.model, provider=step.provider, resolved_model=step.resolved_model, messages=tuple(messages),
            max_tokens=model.max_tokens or self.settings.max_tokens, base_url=model.base_url, path=model.path, **fields,
        )  # fmt: skip

    def _result(self, record: StepRecord) -> CascadeResult:
        position = next(index for index, item in enumerate(self.trace) if item is record)
        return result_of(
            record,
            trace=self.trace,
            plan=self.plan,
            models=self.models,
            settings=self.settings,
            tool_calls=self.tool_calls.get(position, ()),
        )
