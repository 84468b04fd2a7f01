"""From a query to a stream: plan it, carry the plan out, end with exactly one terminal event."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

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
from cascadeflow.routing.plan import explain_no_models, make_plan
from cascadeflow.schema import CascadePlan, Message

if TYPE_CHECKING:
    from cascadeflow.core.agent import CascadeAgent

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
        question = next(message for message in reversed(messages) if message["role"] == "user")
        emit(
            RunStarted, query=str(question.get("content") or ""), user_id=options.user_id, tier=options.user_tier,
            session=options.session, preset=agent.preset, rehearsal=agent.rehearsal,
        )  # fmt: skip
        plan = await _plan(agent, messages, options, emit)
        emit(
            Understood, domain=plan.domain, domain_confidence=plan.domain_confidence, complexity=plan.complexity,
            complexity_score=plan.complexity_score,
        )  # fmt: skip
        emit(Planned, plan=plan)
        cascade = _cascade(agent, plan, messages, options, emit, run_id, started)
        for item in plan.left_out:
            if item.kind == "budget":
                emit(Degraded, reason=item.reason, model=item.model)
        refusal = None if plan.steps else await _refusal(agent, plan, options)
        emit(RunFinished, result=await cascade.run(refusal))
    except asyncio.CancelledError:
        text, spent, trace = (
            (cascade.visible_text, cascade.spent, tuple(cascade.trace)) if cascade is not None else ("", 0, ())
        )
        emit(RunCancelled, text=text, spent=spent, trace=trace)
    except CascadeFlowError as error:
        stream.error = error
        trace = tuple(cascade.trace) if cascade is not None else ()
        emit(RunFailed, error=type(error).__name__, message=str(error), spent=error.spent, trace=trace)
    except Exception as error:
        logger.error("a run failed by a bug: %s", type(error).__name__)  # noqa: TRY400  # a traceback may hold text
        stream.error = CascadeFlowError(f"a bug in the engine: {type(error).__name__}: {error}")
        stream.error.__cause__ = error
        trace = tuple(cascade.trace) if cascade is not None else ()
        spent = cascade.spent if cascade is not None else 0
        emit(RunFailed, error="CascadeFlowError", message=str(stream.error), spent=spent, trace=trace)


async def _plan(agent: CascadeAgent, messages: list[Message], options: RunOptions, emit: Emitter) -> CascadePlan:
    remaining: int | None = None
    tracker = agent.cost_tracker
    if tracker is not None and tracker.enforcement != "warn":
        try:
            remaining = await tracker.remaining(options.user_id, options.user_tier)
        except LedgerError as error:
            emit(Degraded, reason=str(error))
            remaining = 0
    rules = agent.plan_rules()
    if options.max_tokens is not None:
        rules = replace(rules, max_tokens=options.max_tokens)
    return make_plan(
        messages,
        models=agent.models,
        detector=agent.domain_detector,
        analyzer=agent.complexity_analyzer,
        rules=rules,
        router=agent.tier_router if options.user_tier is not None else None,
        user_tier=options.user_tier,
        domain=options.domain,
        budget_remaining=remaining,
    )


async def _refusal(agent: CascadeAgent, plan: CascadePlan, options: RunOptions) -> BudgetExceededError | LedgerError:
    """The budget, or the store that does not answer, that leaves a plan without steps.

    Raises:
        NoModelsError: it is not a budget that does.
    """
    tracker = agent.cost_tracker
    if tracker is None or not any(item.kind == "budget" for item in plan.left_out):
        raise explain_no_models(plan)
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
    emit: Emitter,
    run_id: str,
    started: float,
) -> Cascade:
    run_limit: int | None = None
    if options.user_tier is not None:
        limit = agent.tier_router.policy(options.user_tier).max_cost_per_query
        run_limit = None if limit is None else parse_usd(limit)
    request = {
        "temperature": agent.temperature if options.temperature is None else options.temperature,
        "stop": options.stop,
        "seed": options.seed,
        "response_format": options.response_format,
        "tools": options.tools,
        "tool_choice": options.tool_choice,
        "first_token_timeout": agent.first_token_timeout,
        "total_timeout": agent.total_timeout,
    }
    unavailable = agent.plan_rules().unavailable
    free = [model for model in [*agent.models, *agent.stand_by] if _costs_nothing(model) and unavailable(model) is None]
    return Cascade(
        plan=plan,
        models={model.name: model for model in [*agent.stand_by, *agent.models]},
        stand_by=free,
        client=agent.client,
        tracker=agent.cost_tracker,
        check=agent.quality_validator.validate,
        emit=emit,
        messages=messages,
        settings=RunSettings(
            run_id=run_id,
            user_id=options.user_id,
            user_tier=options.user_tier,
            preset=agent.preset or "",
            max_tokens=options.max_tokens or agent.max_tokens,
            run_limit=run_limit,
            deadline=None if options.timeout is None else started + options.timeout,
            request=request,
            hold_drafts=options.hold_drafts,
            started=started,
        ),
    )


def _costs_nothing(model: Any) -> bool:
    from cascadeflow.catalog.pricing import price_for

    price = price_for(model)
    return price is not None and price.is_free
