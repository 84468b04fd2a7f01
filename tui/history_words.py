"""How the history says what it holds: one line a conversation, one a run, and a run in full."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line, visible
from tui.words import Line, counted, wrapped
from tui.wrap import shorten, wrap

if TYPE_CHECKING:
    from cascadeflow.history import RunMarks, RunSummary, SessionSummary, StoredRun

_TITLE = 26
_MARK = 10
"""Cells for how an answer is marked."""
_QUESTION_ROWS = 6
_SHOWN = 3_000
"""Characters of a question and of an answer in the preview."""


def day(started: float) -> str:
    """When, in the time of this machine."""
    return f"{datetime.fromtimestamp(started).astimezone():%d %b %H:%M}"


def session_title(session: SessionSummary) -> str:
    """A conversation in a line."""
    pin = "pinned · " if session.pinned else ""
    return shorten(f"{pin}{one_line(session.title) or 'untitled'}", _TITLE)


def session_note(session: SessionSummary) -> str:
    """What stands behind its title."""
    tags = "".join(f" #{one_line(tag)}" for tag in session.tags)
    return f"{session.runs} · {format_usd(session.cost_nanousd)}{tags}"


def run_title(run: RunSummary, width: int) -> str:
    """A run in a line."""
    verdict = {True: "", False: " · not passed", None: f" · {run.status}"}[run.validated]
    tail = f" · {one_line(run.model_used) or 'no answer'}{verdict} · {format_usd(run.cost_nanousd)}"
    head = f"{day(run.started)} "
    question = one_line(run.query) or "(question not kept)"
    return head + shorten(question, max(10, width - len(head) - len(tail) - _MARK)) + tail


def mark_word(marks: RunMarks | None) -> str:
    """How the answer of a run is marked."""
    if marks is None or marks.label is None:
        return ""
    return "✓ right" if marks.label else "✗ wrong"


def run_text(run: StoredRun, marks: RunMarks | None, width: int) -> list[Line]:
    """A run in full: question, answer, and what it took."""
    lines: list[Line] = [[("you", "you")]]
    rows = wrap(visible(run.query[:_SHOWN]) or "(not kept)", width - 2)
    lines += [[(f"  {row}", "")] for row in rows[:_QUESTION_ROWS]]
    if len(rows) > _QUESTION_ROWS:
        lines.append([(f"  … {counted(len(rows) - _QUESTION_ROWS, 'more row')}", "dim")])
    lines.append([(one_line(run.model_used) or run.status, "model")])
    told = run.answer or run.message or "(not kept)"
    lines += [[(f"  {row}", "")] for row in wrap(visible(told[:_SHOWN]), width - 2)]
    parts = [
        counted(run.calls, "call"),
        f"{run.latency_ms / 1000:.1f} s",
        format_usd(run.cost_nanousd),
        run.preset or "",
    ]
    parts += [f"tier {run.tier}" if run.tier else "", "rehearsal" if run.rehearsal else "", mark_word(marks)]
    lines += wrapped(one_line(" · ".join(part for part in parts if part)), "dim", width)
    return [*lines, []]
