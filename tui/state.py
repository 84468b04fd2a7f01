"""What the console knows: events folded into turns, calls and sums. Pure Python, no drawing.

A turn is one question and what became of it. Its `log` holds, in order, one `Call` per call to a
model and a `Note` for everything worth a line between them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from cascadeflow.events import (
    BudgetWarning,
    ContextCut,
    Degraded,
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
    Understood,
    Validated,
)
from cascadeflow.money import format_usd, parse_usd
from cascadeflow.schema import CallRole, CascadePlan, CascadeResult, Message, Verdict
from tui.attachments import Attachment, joined

CallStatus = Literal["asking", "answering", "checking", "accepted", "rejected", "failed", "stopped", "best", "audited"]
TurnStatus = Literal["waiting", "running", "finished", "failed", "stopped"]


@dataclass(slots=True, eq=False)
class Call:
    """One call to one model, as far as it got.

    Attributes:
        step: index in the plan.
        attempt: from 1.
        model: configured name.
        resolved_model, resolved_reason: what is called instead, and why.
        fallback: whether it stands in for another model.
        role: whether it answers, verifies the answer before it, or is asked for comparison only.
        context: the draft that a verify step saw.
        first_token: seconds until the first token; None: none came.
        status: where it is.
        tokens: completion tokens so far.
        cost: nano-USD so far; None: price unknown.
        started_at: clock when it began.
        seconds: it took; None: under way.
        verdict: of the checks.
        error: what went wrong.
        pieces: its text.
        withdrawn: why its text is taken back; None: it stands.
        withdrawn_at: clock at that moment.
    """

    step: int
    attempt: int
    model: str
    resolved_model: str
    resolved_reason: str = ""
    fallback: bool = False
    started_at: float = 0.0
    role: CallRole = "answer"
    context: str = ""
    first_token: float | None = None
    status: CallStatus = "asking"
    tokens: int = 0
    cost: int | None = 0
    seconds: float | None = None
    verdict: Verdict | None = None
    error: str = ""
    pieces: list[str] = field(default_factory=list)
    withdrawn: str | None = None
    withdrawn_at: float = 0.0

    @property
    def text(self) -> str:
        """The answer as far as it came."""
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Note:
    """A line between calls.

    Attributes:
        kind: what it tells.
        text: for people.
    """

    kind: Literal["retry", "fallback", "degraded", "budget", "context"]
    text: str


@dataclass(slots=True, eq=False)
class Turn:
    """One question and what became of it.

    Attributes:
        question: as typed.
        attached: texts that go along.
        status: where it is.
        run_id: of the engine; empty while it waits.
        rehearsal: whether embedded models stood in for hosted ones.
        plan: what was planned.
        log: calls and notes, in order.
        result: once it has finished.
        error: why it failed.
        spent: nano-USD, final once it has ended.
        waits_for: what it waits for, before it is sent.
        copied_block: number of the code block that is copied next.
        right: how the user marked the answer; None: not at all.
    """

    question: str
    attached: tuple[Attachment, ...] = ()
    status: TurnStatus = "running"
    run_id: str = ""
    rehearsal: bool = False
    domain: str = ""
    domain_confidence: float = 0.0
    complexity: str = ""
    plan: CascadePlan | None = None
    log: list[Call | Note] = field(default_factory=list)
    result: CascadeResult | None = None
    error: str = ""
    spent: int = 0
    waits_for: str = ""
    copied_block: int = 0
    right: bool | None = None

    @property
    def prompt(self) -> str:
        """The question as it is sent."""
        return joined(self.question, self.attached)

    @property
    def calls(self) -> list[Call]:
        """The calls, in order."""
        return [entry for entry in self.log if isinstance(entry, Call)]

    @property
    def standing(self) -> Call | None:
        """The call whose text a reader sees now."""
        return next((call for call in reversed(self.calls) if call.withdrawn is None and call.pieces), None)

    @property
    def drafts(self) -> list[Call]:
        """Calls whose text was withdrawn."""
        return [call for call in self.calls if call.withdrawn is not None and call.pieces]

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.status in ("finished", "failed", "stopped")

    @property
    def cost(self) -> int:
        """Nano-USD so far."""
        return self.spent if self.ended else sum(call.cost or 0 for call in self.calls)

    @property
    def answer(self) -> str:
        """The whole text that stands."""
        return self.standing.text if self.standing else ""

    def fold(self, event: Event, now: float = 0.0) -> None:
        """Take one event of the run.

        Args:
            event: the next one.
            now: clock, for when a call began and a draft was withdrawn.
        """
        match event:
            case TokenDelta():
                self._delta(event)
            case RunStarted():
                self.run_id, self.rehearsal, self.status = event.run_id, event.rehearsal, "running"
            case Understood():
                self.domain, self.domain_confidence = event.domain, event.domain_confidence
                self.complexity = event.complexity
            case Planned():
                self.plan = event.plan
            case StepStarted():
                self.log.append(
                    Call(
                        event.step, event.attempt, event.model, event.resolved_model, event.resolved_reason, event.fallback,
                        now, role=event.role, context=event.context,
                    )
                )  # fmt: skip
            case StepFinished():
                call = self._call(event.step)
                call.tokens, call.cost = event.usage.completion_tokens, event.cost
                call.seconds, call.error = event.latency_ms / 1000, event.error
                call.first_token = None if event.first_token_ms is None else event.first_token_ms / 1000
                call.status = "failed" if event.error else "audited" if call.role == "audit" else "checking"
            case Validated():
                call = self._call(event.step)
                call.verdict = event.verdict
                call.status = "accepted" if event.verdict.is_valid else "rejected"
            case Retracted():
                call = self._call(event.step)
                call.withdrawn, call.withdrawn_at = event.reason or "withdrawn", now
            case RunFinished():
                self._finish(event.result)
            case RunFailed():
                self.status, self.error, self.spent = "failed", event.message, event.spent
            case RunCancelled():
                self.status, self.spent = "stopped", event.spent
                for call in self.calls:
                    if call.status in ("asking", "answering", "checking") or call.error == "cancelled":
                        call.status = "stopped"
            case _:
                note = note_of(event)
                if note is not None:
                    self.log.append(note)

    def _call(self, step: int) -> Call:
        return next(call for call in reversed(self.calls) if call.step == step)

    def _delta(self, event: TokenDelta) -> None:
        call = self._call(event.step)
        if call.seconds is not None:  # shown as a whole: held back until accepted, or the best of the rejected
            call.pieces, call.withdrawn = [event.text], None
            return
        call.pieces.append(event.text)
        call.tokens, call.cost, call.status = event.tokens, event.cost, "answering"

    def _finish(self, result: CascadeResult) -> None:
        self.status, self.result, self.spent = "finished", result, result.total_cost_nanousd
        standing = self.standing
        if standing is not None and not result.validated:
            standing.status = "best"


def note_of(event: Event) -> Note | None:
    """The line that an event is worth between the calls; None: none."""
    match event:
        case Retrying():
            return Note("retry", f"{event.model} again in {event.wait:.1f} s (attempt {event.attempt}): {event.reason}")
        case FallbackStarted():
            return Note("fallback", f"{event.fallback_model} stands in for {event.model}: {event.reason}")
        case Degraded():
            return Note("degraded", f"{event.model}: {event.reason}" if event.model else event.reason)
        case BudgetWarning():
            share = f"{100 * event.spent / event.limit:.0f} %" if event.limit else "all"
            spent = f"{format_usd(event.spent)} of {format_usd(event.limit)}"
            return Note("budget", f"budget “{event.budget}”: {share} spent, {spent}")
        case ContextCut():
            return Note(
                "context",
                f"{event.messages} oldest messages are not sent: {event.model} takes {event.context_window} tokens",
            )
        case _:
            return None


@dataclass(slots=True)
class Session:
    """A conversation and what it cost.

    Attributes:
        turns: in order.
        clock: monotonic seconds.
    """

    turns: list[Turn] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic

    def messages(self, question: str) -> list[Message]:
        """The conversation as it is sent: what was asked and the answers that stand, then the question.

        Withdrawn drafts, and turns that failed or were stopped, are left out.
        """
        sent: list[Message] = []
        for turn in self.turns:
            if turn.result is not None:
                sent.append({"role": "user", "content": turn.prompt})
                sent.append({"role": "assistant", "content": turn.result.text})
        sent.append({"role": "user", "content": question})
        return sent

    @property
    def spent(self) -> int:
        """Nano-USD of everything, the run under way included."""
        return sum(turn.cost for turn in self.turns)

    @property
    def rows(self) -> list[int]:
        """Nano-USD per turn."""
        return [turn.cost for turn in self.turns]

    @property
    def always_strongest(self) -> int:
        """Nano-USD, estimated: every finished turn answered by its plan's strongest model alone."""
        return sum(turn.spent + parse_usd(turn.result.cost_saved) for turn in self.turns if turn.result is not None)

    @property
    def always_cheapest(self) -> int:
        """Nano-USD: every finished turn answered by its first model alone."""
        return sum(
            sum(record.cost_nanousd or 0 for record in turn.result.trace if record.step == turn.result.trace[0].step)
            for turn in self.turns
            if turn.result is not None and turn.result.trace
        )

    @property
    def saved(self) -> float | None:
        """Share of the strongest model's cost that was saved, estimated; None: nothing to compare."""
        strongest = self.always_strongest
        spent = sum(turn.spent for turn in self.turns if turn.result is not None)
        return None if strongest <= 0 else 1 - spent / strongest

    @property
    def strongest(self) -> str | None:
        """Name of the strongest model, where all turns agree on it."""
        names = {turn.plan.steps[-1].model for turn in self.turns if turn.plan is not None and turn.plan.steps}
        return names.pop() if len(names) == 1 else None
