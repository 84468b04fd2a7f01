"""Recorded runs and conversations in words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cascadeflow.cli.output import table
from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line, visible

if TYPE_CHECKING:
    from cascadeflow.history import RunMarks, RunSummary, SessionSummary, StoredRun


def run_data(run: StoredRun) -> dict[str, Any]:
    """A stored run as JSON data; its further events in the form of ``ask --json``."""
    from cascadeflow.events import event_to_dict
    from cascadeflow.plain import to_plain

    return {**to_plain(run), "events": [event_to_dict(event) for event in run.events]}


def runs_table(
    runs: Sequence[RunSummary], marks: Mapping[str, RunMarks], excerpts: Mapping[str, str] | None = None
) -> str:
    """Runs as a table.

    Args:
        runs: the runs.
        marks: run → what the user noted on it.
        excerpts: run → what stands in place of its question.
    """
    labelled = any(marks[run.run_id].label is not None for run in runs if run.run_id in marks)
    heading = ("run", "when", "preset", "model", "calls", "cost", "outcome", *(["marked"] * labelled), "question")
    rows = [heading]
    for run in runs:
        noted = marks.get(run.run_id)
        rows.append(
            (
                run.run_id[:8],
                when(run.started),
                one_line(run.preset or ""),
                one_line(run.model_used),
                str(run.calls),
                cost_words(run),
                outcome_words(run) + (" (rehearsal)" if run.rehearsal else ""),
                *([label_words(noted.label if noted else None)] * labelled),
                one_line((excerpts or {}).get(run.run_id) or run.query, 50),
            )
        )
    return table(rows, right=(4, 5))


def sessions_table(sessions: Sequence[SessionSummary]) -> str:
    """Conversations as a table."""
    rows = [("session", "latest", "runs", "cost", "pinned", "tags", "title")]
    rows += [
        (
            one_line(session.session, 36),
            when(session.latest),
            str(session.runs),
            format_usd(session.cost_nanousd),
            "pinned" if session.pinned else "",
            one_line(", ".join(session.tags)),
            one_line(session.title, 60),
        )
        for session in sessions
    ]
    return table(rows, right=(2, 3))


def outcome_words(run: RunSummary) -> str:
    """What came of a run."""
    if run.status == "finished":
        return "accepted" if run.validated else "not validated"
    return run.status


def label_words(label: bool | None) -> str:
    """A user's mark."""
    return "" if label is None else "right" if label else "wrong"


def when(seconds: float) -> str:
    """An instant in the local time zone."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def cost_words(run: RunSummary) -> str:
    """What a run cost."""
    return format_usd(run.cost_nanousd) + ("" if run.cost_known else " at least")


def run_words(run: StoredRun, marks: RunMarks | None = None) -> str:
    """A stored run for people."""
    from cascadeflow.cli.words import event_words, model_words, verdict_words

    labels = {} if marks is None else marks.labels
    head = [
        ("run", run.run_id),
        ("when", when(run.started)),
        ("preset", one_line(run.preset or "none") + (", rehearsal" if run.rehearsal else "")),
        ("understood", f"{one_line(run.domain)}, {run.complexity}" if run.domain else "not that far"),
        ("outcome", run.status),
        ("cost", f"{cost_words(run)}, {run.latency_ms / 1000:.1f} s"),
    ]
    if run.session:
        head.insert(1, ("session", one_line(run.session)))
    if marks is not None and marks.tags:
        head.append(("tags", one_line(", ".join(marks.tags))))
    lines = [table(head), "", visible(run.query), ""]
    for position, call in enumerate(run.trace):
        name = model_words(call.model, call.resolved_model)
        tokens = call.usage.completion_tokens
        marked = f", marked {label_words(labels[position])}" if position in labels else ""
        lines.append(
            f"{call.step + 1}. {name}: {call.outcome}, {tokens} tokens, {format_usd(call.cost_nanousd)}{marked}"
        )
        if call.verdict is not None:
            lines.append(f"   {verdict_words(call.verdict)}")
        if call.error:
            lines.append(f"   {one_line(call.error)}")
    lines += [f"   {words}" for event in run.events if (words := event_words(event))]
    if run.answer:
        lines += ["", visible(run.answer)]
    if run.message:
        lines += ["", f"{run.error}: {visible(run.message)}"]
    return "\n".join(lines)
