"""From the events of one run to the `StoredRun` that is archived."""

from __future__ import annotations

from dataclasses import dataclass, field

from cascadeflow.events import (
    Escalated,
    Event,
    Planned,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFinished,
    TokenDelta,
    Understood,
    Validated,
)
from cascadeflow.history.records import RunStatus, StoredRun
from cascadeflow.schema import CascadePlan, StepRecord

_TOLD_ELSEWHERE = (RunStarted, Understood, Planned, TokenDelta, StepFinished, Validated)
"""Events whose whole content is in the plan, the trace or the run itself."""

Terminal = RunFinished | RunFailed | RunCancelled


@dataclass(slots=True)
class CollectedRun:
    """A run under way.

    Attributes:
        begin: its first event.
        started: seconds since the epoch.
        plan: once it is made.
        events: what is worth keeping.
    """

    begin: RunStarted
    started: float
    plan: CascadePlan | None = None
    events: list[Event] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Planned):
            self.plan = event.plan
        elif not isinstance(event, _TOLD_ELSEWHERE):
            self.events.append(event)

    def finish(self, end: Terminal) -> StoredRun:
        """The whole run, once it has ended."""
        result = end.result if isinstance(end, RunFinished) else None
        trace = result.trace if result is not None else _trace(end)
        plan, begin = self.plan, self.begin
        return StoredRun(
            run_id=begin.run_id,
            session=begin.session,
            started=self.started,
            status=_status(end),
            query=begin.query,
            user_id=begin.user_id,
            tier=begin.tier,
            preset=begin.preset,
            rehearsal=begin.rehearsal,
            domain=plan.domain if plan else "",
            complexity=plan.complexity if plan else "",
            strategy=plan.strategy if plan else "",
            model_used=result.model_used if result else "",
            validated=result.validated if result else None,
            calls=len(trace),
            escalated=any(isinstance(event, Escalated) for event in self.events),
            cost_nanousd=result.total_cost_nanousd if result else _spent(end),
            cost_known=all(call.cost_nanousd is not None for call in trace),
            cost_saved=result.cost_saved if result else 0.0,
            latency_ms=result.latency_ms if result else (end.t - begin.t) * 1000,
            answer=result.text if result else end.text if isinstance(end, RunCancelled) else "",
            error=end.error if isinstance(end, RunFailed) else "",
            message=end.message if isinstance(end, RunFailed) else "",
            plan=plan,
            trace=trace,
            result=result,
            events=tuple(self.events),
        )


def _status(end: Terminal) -> RunStatus:
    if isinstance(end, RunFinished):
        return "finished"
    return "failed" if isinstance(end, RunFailed) else "cancelled"


def _trace(end: Terminal) -> tuple[StepRecord, ...]:
    return () if isinstance(end, RunFinished) else end.trace


def _spent(end: Terminal) -> int:
    return 0 if isinstance(end, RunFinished) else end.spent
