"""Carries a plan out, step by step: ask, check, retry, fall back, escalate, verify."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cascadeflow.core.call import CallOutcome
from cascadeflow.core.caller import Caller
from cascadeflow.core.result import result_of
from cascadeflow.core.retry import retry_wait
from cascadeflow.core.verify import read_reply
from cascadeflow.errors import (
    AllModelsFailedError,
    BudgetExceededError,
    CascadeFlowError,
    LedgerError,
    ModelCallError,
)
from cascadeflow.events import Degraded, Escalated, FallbackStarted, Retrying, Validated
from cascadeflow.money import format_usd
from cascadeflow.routing.verify_prompt import verify_messages
from cascadeflow.schema import CascadeResult, Message, ModelConfig, PlannedStep, StepRecord, Verdict

if TYPE_CHECKING:
    from cascadeflow.quality.context import CheckContext


@dataclass(slots=True)
class Cascade:
    """One run of one plan.

    Args:
        caller: makes the calls.
        stand_by: finds the models that cost nothing, asked where a budget refuses every paid call.
        fallbacks: name of a fallback model → its step, as far as it differs from the step it stands in for.
        judge: tells whether an answer stands, by the step's validation or the gate.
        audit: the call that audits an accepted answer; None where it is not audited.
        messages: the conversation.
    """

    caller: Caller
    stand_by: Callable[[], Sequence[ModelConfig]]
    fallbacks: dict[str, PlannedStep]
    judge: Callable[[PlannedStep, CheckContext], Awaitable[Verdict]]
    audit: Callable[[StepRecord], PlannedStep | None]
    messages: list[Message]
    errors: list[CascadeFlowError] = field(default_factory=list)
    accepted: StepRecord | None = None
    """The answer that stands."""
    objection: str = ""
    """Why a verify step rejected an answer that had been accepted."""
    candidates: dict[int, StepRecord] = field(default_factory=dict)
    """Position in the trace → an answer that may be returned where none passes."""

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
        caller = self.caller
        enforcement = caller.tracker.enforcement if caller.tracker is not None else "block"
        previous: PlannedStep | None = None
        for step in caller.plan.steps:
            if self.accepted is not None and step.run == "if_needed":
                continue
            if previous is not None and self.accepted is None:
                self._announce(previous, step)
            try:
                await self._step(step)
            except (BudgetExceededError, LedgerError) as error:
                refusal = error
                caller.emit(Degraded, reason=str(error), model=step.model)
                if enforcement == "block":
                    break
                continue
            previous = step
        short = str(refusal) if refusal is not None else self._too_dear()
        if self.accepted is None and short and enforcement == "degrade":
            await self._free_answer(short)
        if self.accepted is not None:
            await self._audit(self.accepted)
        answer = self.accepted or self._best()
        if answer is not None:
            return self._result(answer)
        if refusal is not None:
            refusal.spent = caller.spent
            raise refusal
        attempts = [f"{record.error} ({format_usd(record.cost_nanousd)})" for record in caller.trace]
        called = {record.error for record in caller.trace}
        attempts += [str(error) for error in self.errors if str(error) not in called]
        raise AllModelsFailedError(tuple(attempts), spent=caller.spent, causes=tuple(self.errors))

    def _too_dear(self) -> str:
        """The model that the budget kept out of the plan; empty: none."""
        items = (item for item in self.caller.plan.left_out if item.kind == "budget")
        return next((f"{item.model}: {item.reason}" for item in items), "")

    def _announce(self, previous: PlannedStep, step: PlannedStep) -> None:
        if not self.caller.trace:
            return
        last = self.caller.trace[-1]
        if last.outcome == "failed":
            self.caller.emit(
                FallbackStarted, step=previous.index, model=last.model, fallback_model=step.model, reason=last.error
            )
        else:
            self.caller.emit(
                Escalated, from_step=previous.index, to_step=step.index, from_model=last.model, to_model=step.model,
                reason=last.verdict.reason if last.verdict is not None else "",
            )  # fmt: skip

    async def _free_answer(self, reason: str) -> None:
        """Ask the models that cost nothing, marked as themselves, because a budget refused the others."""
        caller = self.caller
        asked = {record.model for record in caller.trace}
        index = len(caller.plan.steps)
        for model in self.stand_by():
            if model.name in asked or self.accepted is not None:
                continue
            caller.emit(Degraded, reason=f"{model.name} answers instead: it costs nothing", replacement=model.name)
            await self._step(
                PlannedStep(
                    index=index, model=model.name, provider=model.provider, resolved_model=model.name,
                    resolved_reason=reason, prompt_tokens=caller.plan.prompt_tokens,
                    max_tokens=model.max_tokens or caller.settings.max_tokens, cost_low=0, cost_expected=0,
                    cost_worst=0, latency_expected_ms=0, latency_p95_ms=0, p_accept=model.quality_score, threshold=0,
                    max_retries=0,
                )
            )  # fmt: skip
            index += 1

    async def _audit(self, accepted: StepRecord) -> None:
        """Where the lot falls on this answer, let the strongest model answer too; the accepted one stands."""
        step = self.audit(accepted)
        if step is None:
            return
        try:
            record, _ = await self.caller.ask(step, self.messages, attempt=1, fallback=False)
        except ModelCallError:
            return  # it is in the trace, with its error
        except (BudgetExceededError, LedgerError) as error:
            self.caller.emit(Degraded, reason=f"this answer is not audited: {error}", model=step.model)
            return
        self.caller.trace[-1] = replace(record, outcome="audit")

    async def _step(self, step: PlannedStep) -> None:
        """One step: its model, and where that fails or is rejected, once its fallback."""
        draft = self._draft() if step.role == "verify" else None
        if step.role == "verify" and draft is None:
            step = replace(step, role="answer")
            reason = f"there is no draft to verify, so {step.model} answers the question itself"
            self.caller.emit(Degraded, reason=reason, model=step.model)
        done = await self._ask(step, draft, fallback=False)
        if done or step.fallback_model is None:
            return
        last = self.caller.trace[-1] if self.caller.trace else None
        reason = "" if last is None else last.error or (last.verdict.reason if last.verdict is not None else "")
        self.caller.emit(
            FallbackStarted, step=step.index, model=step.model, fallback_model=step.fallback_model, reason=reason
        )
        stand_in = self.fallbacks[step.fallback_model]
        await self._ask(
            replace(
                step, model=stand_in.model, provider=stand_in.provider, resolved_model=stand_in.resolved_model,
                resolved_reason=stand_in.resolved_reason, fallback_model=None,
            ),
            draft,
            fallback=True,
        )  # fmt: skip

    def _draft(self) -> StepRecord | None:
        """What a verify step is shown: the answer that stands, else the last one given."""
        return self.accepted or next(reversed(self.candidates.values()), None)

    async def _ask(self, step: PlannedStep, draft: StepRecord | None, *, fallback: bool) -> bool:
        """Ask one model, with repetitions.

        Returns:
            Whether its work is done: an answer accepted, or a verdict given.
        """
        attempt = 0
        messages = self.messages if draft is None else verify_messages(self.messages, draft.text)
        while True:
            attempt += 1
            try:
                record, outcome = await self.caller.ask(
                    step, messages, attempt=attempt, fallback=fallback, context="" if draft is None else draft.text
                )
            except ModelCallError as error:
                self.errors.append(error)
                wait = retry_wait(error, attempt, step.max_retries)
                deadline = self.caller.settings.deadline
                if wait is None or (deadline is not None and time.monotonic() + wait >= deadline):
                    return False
                self.caller.emit(
                    Retrying, step=step.index, model=step.model, attempt=attempt + 1, reason=str(error), wait=wait
                )
                await asyncio.sleep(wait)
                continue
            if draft is not None:
                return await self._verified(step, record, draft)
            return await self._answered(step, record, outcome)

    async def _answered(self, step: PlannedStep, record: StepRecord, outcome: CallOutcome) -> bool:
        verdict = await self.judge(step, self._context(record.text, record.finish_reason, outcome, step))
        self.caller.emit(Validated, step=step.index, model=step.model, verdict=verdict)
        record = replace(record, verdict=verdict, outcome="accepted" if verdict.is_valid else "rejected")
        self._record(record)
        if verdict.is_valid:
            self.accepted = record
            self.caller.show(record)
        else:
            self.caller.retract(record, verdict.reason)
        return verdict.is_valid

    async def _verified(self, step: PlannedStep, record: StepRecord, draft: StepRecord) -> bool:
        """Read a verifier's reply: it confirms the draft, corrects it, or rejects it."""
        reply = read_reply(record.text, draft.text)
        check = reply.as_check()
        corrected = reply.correct is False and bool(reply.corrected)
        text = reply.corrected if corrected else draft.text
        verdict = await self.judge(step, self._context(text, "stop", CallOutcome(), step))
        stands = corrected or (check.passed and self.accepted is not None)
        verdict = replace(verdict, checks=(check, *verdict.checks), is_valid=stands and verdict.is_valid)
        if not check.passed and not verdict.is_valid:
            verdict = replace(verdict, reason=f"verify: {check.reason}", deciding="verify")
        self.caller.emit(Validated, step=step.index, model=step.model, verdict=verdict)
        record = replace(record, verdict=verdict, outcome="accepted" if verdict.is_valid else "rejected")
        if corrected:
            record = replace(record, text=reply.corrected)
            self._record(record)
        else:
            self.caller.trace[-1] = record
        if verdict.is_valid and not corrected:
            return True
        self.objection = f"verify: {check.reason}" if corrected else verdict.reason
        self.caller.withdraw(self.objection)
        self.accepted = None
        if verdict.is_valid:
            self.accepted = record
            self.caller.show(record)
        return reply.correct is not None

    def _context(self, text: str, finish_reason: str, outcome: CallOutcome, step: PlannedStep) -> CheckContext:
        from cascadeflow.quality.context import CheckContext

        return CheckContext(
            prompt=self.caller.question,
            text=text,
            domain=self.caller.plan.domain,
            messages=tuple(self.messages),
            finish_reason=finish_reason,
            logprobs=tuple(outcome.logprobs),
            response_format=self.caller.settings.request.get("response_format"),
            tools=self.caller.settings.request["tools"],
            tool_choice=self.caller.settings.request["tool_choice"],
            tool_calls=outcome.tool_calls,
            max_tokens=step.max_tokens,
            model=step.resolved_model if self.caller.plan.rehearsal else step.model,
        )

    def _record(self, record: StepRecord) -> None:
        self.caller.trace[-1] = record
        self.candidates[len(self.caller.trace) - 1] = record

    def _best(self) -> StepRecord | None:
        """The best-scoring answer where none passed, shown again."""
        if not self.candidates:
            return None

        def rank(position: int) -> float:
            verdict = self.candidates[position].verdict
            return 0.0 if verdict is None or verdict.score is None else verdict.score

        position = max(self.candidates, key=rank)
        best = replace(self.candidates[position], outcome="best")
        if best.verdict is not None and best.verdict.is_valid:
            best = replace(best, verdict=replace(best.verdict, is_valid=False, reason=self.objection))
        self.caller.trace[position] = best
        self.caller.show(best)
        return best

    def _result(self, record: StepRecord) -> CascadeResult:
        caller = self.caller
        position = next(index for index, item in enumerate(caller.trace) if item is record)
        return result_of(
            record,
            trace=caller.trace,
            plan=caller.plan,
            models=caller.models,
            settings=caller.settings,
            tool_calls=caller.tool_calls.get(position, ()),
        )
