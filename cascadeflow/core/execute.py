"""From a query to a stream: plan it, carry the plan out, end with exactly one terminal event."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cascadeflow.catalog.pricing import price_for
from cascadeflow.core.audit import audit_step
from cascadeflow.core.caller import Caller
from cascadeflow.core.cascade import Cascade
from cascadeflow.core.result import RunSettings
from cascadeflow.core.run_stream import RunStream
from cascadeflow.errors import BudgetExceededError, CascadeFlowError, LedgerError
from cascadeflow.events import (
    TERMINAL,
    Degraded,
    Event,
    Planned,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    Understood,
)
from cascadeflow.money import parse_usd
from cascadeflow.quality.certificate import VOID
from cascadeflow.routing.plan import explain_no_models
from cascadeflow.routing.planned_call import plan_call
from cascadeflow.routing.strategy_plan import models_of, validations_of
from cascadeflow.schema import CascadePlan, CheckResult, Message, ModelConfig, PlannedStep, StepRecord, Verdict

if TYPE_CHECKING:
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.quality import QualityValidator
    from cascadeflow.quality.context import CheckContext
    from cascadeflow.routing.selection import PlanRules

logger = logging.getLogger("cascadeflow")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The arguments of `CascadeAgent.stream`."""

    user_id: str | None
    user_tier: str | None
    domain: str | None
    session: str | None
    system: str | None
    temperature: float | None
    max_tokens: int | None
    stop: tuple[str, ...]
    seed: int | None
    response_format: dict[str, Any] | None
    tools: tuple[dict[str, Any], ...]
    tool_choice: str | dict[str, Any] | None
    timeout: float | None
    hold_drafts: bool
    observers: tuple[Callable[[Event], None], ...]


class Emitter:
    """Numbers and stamps the events of a run and hands them on.

    Args:
        run_id: of the run.
        stream: its reader.
        observers: called with every event; one that raises is reported to the log and left alone.
    """

    def __init__(self, run_id: str, stream: RunStream, observers: Sequence[Callable[[Event], None]]) -> None:
        self._run_id, self._stream, self._observers = run_id, stream, observers
        self._seq = 0
        self._closed = False

    def __call__(self, kind: type[Event], **fields: Any) -> Event:
        """Make an event, hand it on, and return it; nothing follows a terminal one."""
        event = kind(run_id=self._run_id, seq=self._seq, t=time.monotonic(), **fields)
        if self._closed:
            return event
        self._seq += 1
        self._closed = isinstance(event, TERMINAL)
        for observer in self._observers:
            try:
                observer(event)
            except Exception as error:
                logger.warning("an observer failed at %s: %s", kind.__name__, type(error).__name__)
        self._stream.push(event)
        return event


def run_stream(agent: CascadeAgent, query: str | Sequence[Message], options: RunOptions) -> RunStream:
    """The stream of one run; the arguments are those of `CascadeAgent.stream`."""
    messages = agent.conversation(query, options.system)

    async def body(stream: RunStream) -> None:
        await _run(agent, messages, options, stream)

    return RunStream(body)


async def _run(agent: CascadeAgent, messages: list[Message], options: RunOptions, stream: RunStream) -> None:
    run_id = uuid4().hex
    started = time.monotonic()
    archive = [agent.archive.observe] if agent.archive is not None else []
    emit = Emitter(run_id, stream, [*archive, *agent.observers, *options.observers])
    cascade: Cascade | None = None
    try:
        emit(
            RunStarted, query=_question(messages), user_id=options.user_id, tier=options.user_tier,
            session=options.session, preset=agent.preset, rehearsal=agent.rehearsal,
        )  # fmt: skip
        if stream.stopped:
            raise asyncio.CancelledError  # noqa: TRY301  # what a stop is to all that follows
        rules = agent.plan_rules()
        if options.max_tokens is not None:
            rules = replace(rules, max_tokens=options.max_tokens)
        plan, failure = await _plan(agent, messages, options, rules, emit)
        emit(
            Understood, domain=plan.domain, domain_confidence=plan.domain_confidence, complexity=plan.complexity,
            complexity_score=plan.complexity_score,
        )  # fmt: skip
        emit(Planned, plan=plan)
        cascade = _cascade(agent, plan, messages, options, rules, emit, run_id, started)
        wanted = _wanted(rules, plan)
        for item in plan.left_out:
            if item.kind == "budget" or (item.kind == "tier" and item.model in wanted):
                emit(Degraded, reason=item.reason, model=item.model)
        if agent.enable_tier_routing and options.user_tier is None:
            emit(Degraded, reason="this run names no tier, so no tier's models and limits apply to it")
        if getattr(agent.quality_validator, "certificate_is_void", False):
            emit(Degraded, reason=f"{VOID}; the mode's threshold holds")
        refusal = None if plan.steps else await _refusal(agent, plan, options, failure)
        emit(RunFinished, result=await cascade.run(refusal))
    except asyncio.CancelledError:
        text = "" if cascade is None else cascade.caller.visible_text
        emit(RunCancelled, text=text, spent=_spent(cascade), trace=_trace(cascade))
    except CascadeFlowError as error:
        stream.error = error
        emit(RunFailed, error=type(error).__name__, message=str(error), spent=error.spent, trace=_trace(cascade))
    except Exception as error:
        logger.error("a run failed by a bug: %s", type(error).__name__)  # noqa: TRY400  # a traceback may hold text
        stream.error = CascadeFlowError(f"a bug in the engine: {type(error).__name__}: {error}")
        stream.error.__cause__ = error
        emit(
            RunFailed, error="CascadeFlowError", message=str(stream.error), spent=_spent(cascade), trace=_trace(cascade)
        )


def _wanted(rules: PlanRules, plan: CascadePlan) -> set[str | None]:
    """The models that the domain's own cascade names; a tier that forbids one of them changes what was meant to run."""
    strategy = rules.strategies.get(plan.domain)
    return {name for step in strategy.steps for name in (step.model, step.fallback_model)} if strategy else set()


def _spent(cascade: Cascade | None) -> int:
    return 0 if cascade is None else cascade.caller.spent


def _trace(cascade: Cascade | None) -> tuple[StepRecord, ...]:
    return () if cascade is None else tuple(cascade.caller.trace)


def _question(messages: Sequence[Message]) -> str:
    """The user's last message."""
    return next(str(item.get("content") or "") for item in reversed(messages) if item["role"] == "user")


async def _plan(
    agent: CascadeAgent, messages: list[Message], options: RunOptions, rules: PlanRules, emit: Emitter
) -> tuple[CascadePlan, LedgerError | None]:
    """The plan, and why the budget was not known when it was made."""
    remaining: int | None = None
    failure: LedgerError | None = None
    tracker = agent.cost_tracker
    if tracker is not None and tracker.enforcement != "warn":
        try:
            remaining = await tracker.remaining(options.user_id, options.user_tier)
        except LedgerError as error:
            emit(Degraded, reason=str(error))
            remaining, failure = 0, error
    plan = agent.plan_conversation(
        messages, rules, user_tier=options.user_tier, domain=options.domain, budget_remaining=remaining
    )
    return plan, failure


async def _refusal(
    agent: CascadeAgent, plan: CascadePlan, options: RunOptions, failure: LedgerError | None
) -> BudgetExceededError | LedgerError:
    """The budget, or the store that does not answer, that leaves a plan without steps.

    Raises:
        NoModelsError: it is not a budget that does.
    """
    tracker = agent.cost_tracker
    if tracker is None or not any(item.kind == "budget" for item in plan.left_out):
        raise explain_no_models(plan)
    if failure is not None:
        return failure
    try:
        statuses = await tracker.status(options.user_id, options.user_tier)
    except LedgerError as error:
        return error
    if not statuses:
        raise explain_no_models(plan)
    tightest = min(statuses, key=lambda status: status.limit - status.spent - status.held)
    return BudgetExceededError(
        budget=tightest.label, spent=tightest.spent, limit=tightest.limit, held=tightest.held,
        resets_at=tightest.resets_at,
    )  # fmt: skip


def _cascade(
    agent: CascadeAgent,
    plan: CascadePlan,
    messages: list[Message],
    options: RunOptions,
    rules: PlanRules,
    emit: Emitter,
    run_id: str,
    started: float,
) -> Cascade:
    strategy = rules.strategies.get(plan.strategy)
    models = {model.name: model for model in [*agent.stand_by, *agent.models]}
    fallbacks: dict[str, PlannedStep] = {}
    if strategy is not None:
        models = models_of(strategy, agent.models) | models
        names = {step.fallback_model for step in plan.steps if step.fallback_model is not None}
        fallbacks = {name: plan_call(models[name], plan, rules) for name in names}
    caller = Caller(
        plan=plan,
        models=models,
        client=agent.client,
        tracker=agent.cost_tracker,
        emit=emit,
        settings=_settings(agent, options, run_id, started),
        question=_question(messages),
        stop_loops="repetition" in getattr(agent.quality_validator, "checks", ()),
        breakers=agent.breakers,
    )
    return Cascade(
        caller=caller,
        stand_by=lambda: [model for model in [*agent.models, *agent.stand_by] if _can_stand_by(model, rules)],
        fallbacks=fallbacks,
        judge=_judge(agent.quality_validator, {} if strategy is None else validations_of(strategy)),
        audit=lambda record: audit_step(record, plan=plan, models=models, run_id=run_id, rate=agent.audit_rate),
        messages=messages,
    )


def _settings(agent: CascadeAgent, options: RunOptions, run_id: str, started: float) -> RunSettings:
    run_limit: int | None = None
    if options.user_tier is not None:
        limit = agent.tier_router.policy(options.user_tier).max_cost_per_query
        run_limit = None if limit is None else parse_usd(limit)
    return RunSettings(
        run_id=run_id,
        user_id=options.user_id,
        user_tier=options.user_tier,
        preset=agent.preset or "",
        max_tokens=options.max_tokens or agent.max_tokens,
        run_limit=run_limit,
        deadline=None if options.timeout is None else started + options.timeout,
        request={
            "temperature": agent.temperature if options.temperature is None else options.temperature,
            "stop": options.stop,
            "seed": options.seed,
            "response_format": options.response_format,
            "tools": options.tools,
            "tool_choice": options.tool_choice,
            "first_token_timeout": agent.first_token_timeout,
            "total_timeout": agent.total_timeout,
        },
        hold_drafts=options.hold_drafts,
        started=started,
    )


def _can_stand_by(model: ModelConfig, rules: PlanRules) -> bool:
    price = price_for(model)
    return price is not None and price.is_free and rules.unavailable(model) is None


def _judge(
    validator: QualityValidator, validations: Mapping[str, str | Callable[..., Any]]
) -> Callable[[PlannedStep, CheckContext], Awaitable[Verdict]]:
    """The gate; where a step names a validation, that decides, together with the structural checks."""

    async def judge(step: PlannedStep, context: CheckContext) -> Verdict:
        slow = getattr(validator, "slow", False)
        gate = await asyncio.to_thread(validator.validate, context) if slow else validator.validate(context)
        if step.validation is None:
            return gate
        from cascadeflow.quality.modes import STRUCTURE
        from cascadeflow.quality.validators import run_validator

        decided = await run_validator(validations.get(step.validation, step.validation), context)
        broken = next((check for check in gate.checks if check.name in STRUCTURE and not check.passed), None)
        own = CheckResult(
            name=step.validation,
            score=float(decided.is_valid) if decided.score is None else decided.score,
            threshold=0.5 if decided.score is None else decided.threshold,
            passed=decided.is_valid,
            reason=decided.reason,
        )
        if broken is not None:
            reason, deciding = f"{broken.name}: {broken.reason}", broken.name
        else:
            reason, deciding = decided.reason, step.validation
        return replace(
            gate,
            is_valid=decided.is_valid and broken is None,
            reason=reason,
            deciding=deciding,
            checks=(own, *decided.checks, *gate.checks),
            guarantee="",
        )

    return judge
