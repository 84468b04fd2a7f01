"""What the archive hands out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from cascadeflow.events import Event
from cascadeflow.schema import CascadePlan, CascadeResult, StepRecord, Verdict

RunStatus = Literal["finished", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One run, for a list.

    Attributes:
        run_id: identifier.
        session: the conversation it belongs to; None: none.
        started: seconds since the epoch.
        status: how it ended.
        query: the last message of the user; empty where texts are not kept.
        user_id: whose budget it used; None: ``anonymous``.
        tier: the user's tier, if given.
        preset: name of the preset behind the agent, if any.
        rehearsal: whether embedded models stood in for hosted ones.
        domain: of the query; empty when the run ended before it was known.
        complexity: ``simple``, ``medium`` or ``high``; empty likewise.
        strategy: ``standard`` or a domain strategy; empty likewise.
        model_used: configured name of the model whose answer stands; empty when none does.
        validated: whether the answer passed its checks; None when there is none.
        calls: how many calls were made, retries and fallbacks included.
        escalated: whether a later step had to run.
        cost_nanousd: nano-USD of all calls.
        cost_known: False when some call had no known price; then the cost is a lower bound.
        cost_saved: USD, an estimate, against the strongest model answering directly.
        latency_ms: milliseconds of the whole run.
    """

    run_id: str
    session: str | None
    started: float
    status: RunStatus
    query: str
    user_id: str | None
    tier: str | None
    preset: str | None
    rehearsal: bool
    domain: str
    complexity: str
    strategy: str
    model_used: str
    validated: bool | None
    calls: int
    escalated: bool
    cost_nanousd: int
    cost_known: bool
    cost_saved: float
    latency_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun(RunSummary):
    """One run, whole.

    Attributes:
        answer: the text that stands, or what was visible when the run was stopped.
        error: class name of the error of a failed run; else empty.
        message: its text.
        plan: what was planned; None when the run ended before.
        trace: every call, in order, with usage, cost, latency and verdict.
        result: what a finished run came to; None for others.
        events: what else happened, in order: starts of calls, retries, fallbacks, escalations,
            retractions, degradations, budget warnings.
    """

    answer: str
    error: str
    message: str
    plan: CascadePlan | None
    trace: tuple[StepRecord, ...]
    result: CascadeResult | None
    events: tuple[Event, ...]

    @property
    def standing(self) -> int | None:
        """Position in the trace of the call whose answer stands; None where none does."""
        if self.status != "finished":
            return None
        return find_standing((call.outcome, gives_answer(call.role, call.verdict)) for call in self.trace)


def find_standing(calls: Iterable[tuple[str, bool]]) -> int | None:
    """Position of the call of a finished run whose answer stands; None where none does.

    Args:
        calls: outcome of each, in order, and whether it gave an answer of its own: a verify step that
            confirms a draft does not.
    """
    stands = None
    for position, (outcome, answers) in enumerate(calls):
        if outcome == "best":
            return position
        if outcome == "accepted" and answers:
            stands = position
    return stands


def gives_answer(role: str, verdict: Verdict | None) -> bool:
    """Whether a call that was judged gave an answer of its own, as all do but verify steps that confirm a draft."""
    confirms = verdict is not None and any(check.name == "verify" and check.passed for check in verdict.checks)
    return role == "answer" or not confirms


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """One conversation.

    Attributes:
        session: identifier.
        title: given by the user; at first the beginning of its first query.
        started: when its first run began, in seconds since the epoch.
        latest: when its latest run began.
        runs: how many runs it has.
        cost_nanousd: nano-USD of all of them.
        pinned: whether it stands first in the list and is kept whatever its age.
        tags: in alphabetical order.
    """

    session: str
    title: str
    started: float
    latest: float
    runs: int
    cost_nanousd: int
    pinned: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMarks:
    """What the user has noted on one run.

    Attributes:
        labels: position of a call in the trace → whether its answer is right.
        label: the label of the answer that stands; None: it has none.
        tags: of the run itself, in alphabetical order; those of its conversation are not among them.
    """

    labels: dict[int, bool] = field(default_factory=dict)
    label: bool | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """One run that a search found.

    Attributes:
        run: the run.
        excerpt: where the first of the words stands, with some text around it; empty where only what is
            known about the run matches, and where texts are not kept.
    """

    run: RunSummary
    excerpt: str
