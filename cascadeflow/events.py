"""The typed events of one run: the contract that ledger, history, command and console read.

In order: `RunStarted`, `Understood`, `Planned`; for each call `StepStarted`, `TokenDelta`…,
`StepFinished`, `Validated`; as they occur `Retrying`, `FallbackStarted`, `Escalated`,
`Retracted`, `Degraded`, `ContextCut`, `BudgetWarning`; and exactly one of `RunFinished`,
`RunFailed`, `RunCancelled` at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from cascadeflow.plain import from_plain, to_plain
from cascadeflow.schema import CallRole, CascadePlan, CascadeResult, Complexity, StepRecord, Usage, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event has.

    Attributes:
        run_id: identifier of the run.
        seq: number of the event in its run, from 0.
        t: monotonic clock, in seconds.
    """

    run_id: str
    seq: int
    t: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A run began.

    Attributes:
        query: the last message of the user.
        user_id: whose budget it uses; None: ``anonymous``.
        tier: the user's tier, if given.
        session: the conversation it belongs to, if any.
        preset: name of the preset behind the agent, if any.
        rehearsal: whether embedded models stand in for hosted ones.
    """

    query: str
    user_id: str | None = None
    tier: str | None = None
    session: str | None = None
    preset: str | None = None
    rehearsal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood(Event):
    """Domain and complexity of the query are known."""

    domain: str
    domain_confidence: float
    complexity: Complexity
    complexity_score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(Event):
    """The plan is made."""

    plan: CascadePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextCut(Event):
    """The oldest messages do not fit and are not sent.

    Attributes:
        messages: how many were cut.
        context_window: tokens that fit.
        model: the model whose window it is.
    """

    messages: int
    context_window: int
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(Event):
    """A call begins.

    Attributes:
        step: index in the plan.
        attempt: from 1; counts retries of the same model.
        model: configured name.
        provider: provider that is called.
        resolved_model: name that is called.
        resolved_reason: why it differs from ``model``.
        role: ``answer``, ``verify`` or ``audit``; the text of an audit is not shown.
        max_tokens: completion tokens at most, after the budget had its say.
        held: nano-USD reserved for it.
        fallback: whether it stands in for a model that failed or was rejected.
        context: what a verify step is shown of the steps before; empty otherwise.
    """

    step: int
    attempt: int
    model: str
    provider: str
    resolved_model: str
    resolved_reason: str = ""
    role: CallRole = "answer"
    max_tokens: int
    held: int = 0
    fallback: bool = False
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDelta(Event):
    """Text arrived.

    Attributes:
        step: index in the plan.
        text: the new characters.
        tokens: tokens of this answer so far.
        cost: nano-USD of this call so far, estimated; None: price unknown.
    """

    step: int
    text: str
    tokens: int
    cost: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished(Event):
    """A call ended, well or badly; what it cost is booked.

    Attributes:
        step: index in the plan.
        attempt: from 1.
        model: configured name.
        usage: tokens.
        cost: nano-USD; None: price unknown.
        first_token_ms: milliseconds; None: no token came.
        latency_ms: milliseconds.
        finish_reason: the provider's word; empty when the answer broke off.
        error: what went wrong; empty if nothing did.
        error_type: class name of the error, such as ``RateLimitError``; empty if there was none.
    """

    step: int
    attempt: int
    model: str
    usage: Usage
    cost: int | None
    first_token_ms: float | None
    latency_ms: float
    finish_reason: str = ""
    error: str = ""
    error_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated(Event):
    """The answer of a step was checked."""

    step: int
    model: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying(Event):
    """The same model will be asked again.

    Attributes:
        step: index in the plan.
        model: configured name.
        attempt: number of the attempt that follows.
        reason: what failed.
        wait: seconds until then.
    """

    step: int
    model: str
    attempt: int
    reason: str
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackStarted(Event):
    """Another model stands in within the same step."""

    step: int
    model: str
    fallback_model: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(Event):
    """The next step runs because the answers before did not pass."""

    from_step: int
    to_step: int
    from_model: str
    to_model: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retracted(Event):
    """The text of that step is withdrawn: a reader must drop it.

    Attributes:
        step: index in the plan.
        model: configured name.
        characters: how many characters had been shown.
        reason: why.
    """

    step: int
    model: str
    characters: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded(Event):
    """The run does less than planned, and says so.

    Attributes:
        reason: for people.
        model: the model that is skipped or replaced, if one is.
        replacement: what answers instead, if something does.
    """

    reason: str
    model: str | None = None
    replacement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetWarning(Event):
    """A budget is nearly used up, or was exceeded with enforcement ``warn``.

    Attributes:
        budget: which one, such as ``user me, daily``.
        spent: nano-USD booked in the period.
        limit: nano-USD of the period.
        held: nano-USD reserved by calls under way.
        resets_at: ISO time of the reset; None: never.
    """

    budget: str
    spent: int
    limit: int
    held: int
    resets_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Event):
    """The run has an answer."""

    result: CascadeResult


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed(Event):
    """The run has no answer.

    Attributes:
        error: class name of the error that `CascadeAgent.run` raises.
        message: its text.
        spent: nano-USD spent all the same.
        trace: every call, in order.
    """

    error: str
    message: str
    spent: int
    trace: tuple[StepRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCancelled(Event):
    """The run was stopped.

    Attributes:
        text: what was visible at that moment.
        spent: nano-USD.
        trace: every call, in order.
    """

    text: str
    spent: int
    trace: tuple[StepRecord, ...] = ()


TERMINAL = (RunFinished, RunFailed, RunCancelled)

EventName = Literal[
    "run_started", "understood", "planned", "context_cut", "step_started", "token_delta", "step_finished",
    "validated", "retrying", "fallback_started", "escalated", "retracted", "degraded", "budget_warning",
    "run_finished", "run_failed", "run_cancelled",
]  # fmt: skip

EVENTS: dict[str, type[Event]] = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower(): kind for kind in Event.__subclasses__()
}
_NAMES = {kind: name for name, kind in EVENTS.items()}


def event_to_dict(event: Event) -> dict[str, Any]:
    """An event as plain JSON data: ``{"event": "step_finished", "run_id": …, "seq": …, …}``."""
    return {"event": _NAMES[type(event)], **to_plain(event)}


def event_from_dict(data: dict[str, Any]) -> Event:
    """The reverse of `event_to_dict`, also after a trip through JSON.

    Raises:
        ValueError: no such event, or a field is missing.
    """
    kind = EVENTS.get(data.get("event", ""))
    if kind is None:
        raise ValueError(f"no event is called {data.get('event')!r}")
    return from_plain(kind, data)
