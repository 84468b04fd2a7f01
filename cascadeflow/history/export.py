"""Recorded runs for elsewhere: to read (Markdown), for programs (JSON), to evaluate a gate with (JSON lines)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from cascadeflow.events import event_to_dict
from cascadeflow.history.records import RunMarks, StoredRun
from cascadeflow.money import format_usd
from cascadeflow.plain import to_plain

SOURCE = "cascadeflow history"
"""What an exported row gives as its source."""
ExportForm: TypeAlias = Literal["markdown", "json", "jsonl"]
_NONE = RunMarks()


def export_runs(
    runs: Sequence[StoredRun], marks: Mapping[str, RunMarks], form: ExportForm, *, title: str = ""
) -> tuple[str, int]:
    """Runs as the text of a file.

    Args:
        runs: in the order of the file.
        marks: run → its marks.
        form: ``"markdown"`` to read, ``"json"`` whole, ``"jsonl"`` a marked question a line, to evaluate with.
        title: of the document; only ``"markdown"`` has one.

    Returns:
        The text, and how many runs are in it.
    """
    if form == "markdown":
        return to_markdown(runs, title=title), len(runs)
    if form == "json":
        return json.dumps(to_json(runs, marks), indent=2) + "\n", len(runs)
    rows = [json.dumps(row, ensure_ascii=False) + "\n" for row in to_evaluation(runs, marks)]
    return "".join(rows), len(rows)


def to_markdown(runs: Iterable[StoredRun], *, title: str = "") -> str:
    """A conversation, or any runs, as a document.

    Args:
        runs: in the order of the document.
        title: of the document; empty: none.

    Returns:
        Markdown: each question as a quotation, the answer that stands as it is, and a line on who gave it, what
        it cost, and which drafts were withdrawn.
    """
    sections = ["\n\n".join((_quoted(run.query), run.answer or "*(no answer)*", f"*{_about(run)}*")) for run in runs]
    heading = f"# {' '.join(title.split())}\n\n" if title else ""
    return heading + "\n\n---\n\n".join(sections) + "\n"


def to_json(runs: Iterable[StoredRun], marks: Mapping[str, RunMarks] | None = None) -> list[dict[str, Any]]:
    """Runs as JSON data, whole, with what the user noted on them.

    Args:
        runs: the runs.
        marks: run → its marks.

    Returns:
        An object a run: the fields of `StoredRun`, and its ``label``, ``labels`` and ``tags``.
    """
    marks = marks or {}
    return [
        {
            **to_plain(run),
            "events": [event_to_dict(event) for event in run.events],
            "label": (noted := marks.get(run.run_id, _NONE)).label,
            "labels": {str(position): correct for position, correct in noted.labels.items()},
            "tags": list(noted.tags),
        }
        for run in runs
    ]


def to_evaluation(runs: Iterable[StoredRun], marks: Mapping[str, RunMarks]) -> Iterator[dict[str, Any]]:
    """Labelled runs as rows that a gate can be evaluated and calibrated with.

    Args:
        runs: those without a label or without texts are left out.
        marks: run → its marks.

    Yields:
        ``{id, source, domain, prompt, answers: {model: {text, correct, prompt_tokens, completion_tokens}}}``, the
        labelled answers only. The prompt is the last message of the user.
    """
    for run in runs:
        labels = marks.get(run.run_id, _NONE).labels
        answers = {
            call.model: {
                "text": call.text,
                "correct": int(labels[position]),
                "prompt_tokens": call.usage.prompt_tokens,
                "completion_tokens": call.usage.completion_tokens,
            }
            for position, call in enumerate(run.trace)
            if position in labels and call.text
        }
        if answers and run.query:
            yield {"id": run.run_id, "source": SOURCE, "domain": run.domain, "prompt": run.query, "answers": answers}


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in (text or "(the question was not kept)").splitlines())


def _about(run: StoredRun) -> str:
    when = datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M UTC")
    told = [
        when,
        run.model_used or run.status,
        f"{'' if run.cost_known else 'at least '}{format_usd(run.cost_nanousd)}",
    ]
    if run.status == "finished" and not run.validated:
        told.append("not validated")
    withdrawn = [
        call.model for position, call in enumerate(run.trace) if position != run.standing and call.role == "answer"
    ]
    if withdrawn:
        told.append(f"before it: {', '.join(withdrawn)}")
    if run.rehearsal:
        told.append("rehearsal")
    return re.sub(r"([*_`])", r"\\\1", " · ".join(told))
