"""A `StoredRun` as lines of tables, and back; and how texts are left out of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from cascadeflow.events import event_from_dict, event_to_dict
from cascadeflow.history.records import RunSummary, StoredRun
from cascadeflow.history.tables import RUN_COLUMNS
from cascadeflow.plain import from_plain, to_plain
from cascadeflow.schema import CascadePlan, CascadeResult, StepRecord

_STEP_JSON: Final = ("usage", "verdict")
_BOOLEANS: Final = ("rehearsal", "validated", "escalated", "cost_known", "fallback")
_QUOTES: Final = frozenset({"query", "answer", "text", "context", "reason", "message", "tool_calls"})
"""Fields that hold words of the user or of a model, or may quote them."""

Line = dict[str, Any]


def to_lines(run: StoredRun, *, keep_text: bool) -> tuple[Line, list[Line]]:
    """The line of a run, and those of its calls.

    Args:
        run: the run.
        keep_text: whether prompts, answers, and reasons that may quote them, are kept.
    """
    line: Line = {name: getattr(run, name) for name in RUN_COLUMNS}
    calls = [to_plain(call) for call in run.trace]
    result = _without(to_plain(run.result), "text", "trace")
    events = [event_to_dict(event) for event in run.events]
    if not keep_text:
        line = _without_text(line)
        calls = [_without_text(call) | {"error": ""} for call in calls]
        result, events = _without_text(result), _without_text(events)
    line |= {"plan": _json(to_plain(run.plan)), "result": _json(result), "events": _json(events)}
    steps = [
        call | {name: _json(call[name]) for name in _STEP_JSON} | {"run_id": run.run_id, "position": position}
        for position, call in enumerate(calls)
    ]
    return _storable(line), [_storable(step) for step in steps]


def from_lines(line: Line, steps: list[Line]) -> StoredRun:
    """The reverse of `to_lines`.

    Raises:
        ValueError: something in them is not what it should be.
    """
    trace = tuple(_call(step) for step in steps)
    plan, result, events = (_parsed(line[name]) for name in ("plan", "result", "events"))
    texts = {"text": line["answer"], "trace": ()}
    whole = _with_booleans(line) | {
        "plan": plan and from_plain(CascadePlan, plan),
        "result": result and replace(from_plain(CascadeResult, result | texts), trace=trace),
        "events": tuple(event_from_dict(event) for event in events),
        "trace": trace,
    }
    return StoredRun(**whole)


def plain(line: Line, steps: list[Line]) -> dict[str, Any]:
    """The lines of a run as JSON data, in the shape of a `StoredRun`.

    Args:
        line: of the run, without ``result`` and ``events``.
        steps: of its calls.
    """
    return _with_booleans(line) | {
        "plan": _parsed(line["plan"]),
        "trace": [_with_booleans(step) | {name: _parsed(step[name]) for name in _STEP_JSON} for step in steps],
    }


def summary(line: Line) -> RunSummary:
    """The line of a run, without what only the whole run has."""
    return RunSummary(**_with_booleans(line))


def _call(step: Line) -> StepRecord:
    parsed = {name: _parsed(step[name]) for name in _STEP_JSON}
    return from_plain(StepRecord, _with_booleans(step) | parsed)


def _with_booleans(line: Line) -> Line:
    return line | {name: bool(line[name]) for name in _BOOLEANS if line.get(name) is not None}


def _without_text(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: type(value)() if name in _QUOTES else _without_text(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_without_text(item) for item in data]
    return data


def _without(data: Line | None, *names: str) -> Line | None:
    return data and {name: value for name, value in data.items() if name not in names}


def _storable(line: Line) -> Line:
    """Half of a character, as a broken stream may leave it, has no place in UTF-8."""
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in line.items()
    }


def _json(data: Any) -> str | None:
    return None if data is None else json.dumps(data, separators=(",", ":"))


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)
