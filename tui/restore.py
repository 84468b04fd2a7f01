"""Recorded runs as turns of a conversation again: what is shown when an old one is gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cascadeflow.events import StepStarted
from tui.state import Call, CallStatus, Turn, note_of

if TYPE_CHECKING:
    from cascadeflow.history import StoredRun
    from cascadeflow.schema import StepRecord

_STATUS: dict[str, CallStatus] = {
    "accepted": "accepted", "rejected": "rejected", "failed": "failed", "cancelled": "stopped", "best": "best",
}  # fmt: skip


def turn_of(run: StoredRun) -> Turn:
    """A recorded run as the turn it was.

    Args:
        run: as it was recorded; where texts were not kept its answer is empty.
    """
    status = {"finished": "finished", "failed": "failed", "cancelled": "stopped"}[run.status]
    turn = Turn(
        run.query,
        status=status,  # type: ignore[arg-type]  # one of the three
        run_id=run.run_id,
        rehearsal=run.rehearsal,
        domain=run.domain,
        domain_confidence=run.plan.domain_confidence if run.plan is not None else 0.0,
        complexity=run.complexity,
        plan=run.plan,
        result=run.result,
        error=run.message,
        spent=run.cost_nanousd,
    )
    records = list(run.trace)
    standing = run.standing
    # Starts of calls, and the notes between them, are in the order in which they happened.
    for event in run.events:
        if isinstance(event, StepStarted):
            if records:
                position = len(run.trace) - len(records)
                turn.log.append(_call(records.pop(0), event, stands=position == standing))
        else:
            note = note_of(event)
            if note is not None:
                turn.log.append(note)
    for position, record in enumerate(records, len(run.trace) - len(records)):
        turn.log.append(_call(record, None, stands=position == standing))
    if run.status == "cancelled" and turn.calls and turn.standing is None:
        turn.calls[-1].pieces = [run.answer]
        turn.calls[-1].withdrawn = None
    return turn


def _call(record: StepRecord, started: StepStarted | None, *, stands: bool) -> Call:
    withdrawn = None if stands else (record.error or (record.verdict.reason if record.verdict else "") or "withdrawn")
    return Call(
        record.step,
        record.attempt,
        record.model,
        record.resolved_model,
        started.resolved_reason if started is not None else "",
        record.fallback,
        status=_STATUS[record.outcome],
        role=record.role,
        context=started.context if started is not None else "",
        first_token=None if record.first_token_ms is None else record.first_token_ms / 1000,
        tokens=record.usage.completion_tokens,
        cost=record.cost_nanousd,
        seconds=record.latency_ms / 1000,
        verdict=record.verdict,
        error=record.error,
        pieces=[record.text] if record.text and record.role == "answer" else [],
        withdrawn=withdrawn,
        withdrawn_at=float("-inf"),
    )
