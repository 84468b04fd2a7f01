"""What-if in tables and as JSON data. ``~`` marks an estimate; its interval of 95 % stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from cascadeflow.cli.output import table
from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line

if TYPE_CHECKING:
    from cascadeflow.whatif import CompareRow, Comparison, Curve, CurvePoint, Figure, Outcome, ReplayResult

_COUNTS: Final = ("calls", "escalated", "validated", "changed", "refused")
_FIGURES: Final = ("cost", "saved", "latency_ms", *_COUNTS, "quality", "right")


def comparison_words(comparison: Comparison) -> str:
    """A question under presets and tiers as a table."""
    heading = ("preset", "tier", "models", "escalates", "expected", "worst", "time", "fits")
    rows = [heading, *(_row(row) for row in comparison.rows)]
    lines = [_understood(comparison), "", table(rows, right=(3, 4, 5, 6)), ""]
    lines.append("escalates, expected and time are estimates; costs at the catalogue's prices of today")
    if any(row.plan.rehearsal for row in comparison.rows):
        lines.append("rehearsal: embedded models stand in for hosted ones, at the hosted models' prices")
    lacking = dict.fromkeys(item.reason for row in comparison.rows for item in row.lacking)
    lines += [f"not now: {one_line(reason)}" for reason in lacking]
    lines += [f"{_name(row)} does not fit: {one_line(row.reason)}" for row in comparison.rows if not row.fits]
    return "\n".join(lines)


def _name(row: CompareRow) -> str:
    return one_line(row.preset if row.tier is None else f"{row.preset} with tier {row.tier}")


def _understood(comparison: Comparison) -> str:
    plan = comparison.rows[0].plan
    return f"{one_line(plan.domain)} (confidence {plan.domain_confidence:.2f}), {plan.complexity}, about {plan.prompt_tokens} prompt tokens"


def _row(row: CompareRow) -> tuple[str, ...]:
    fits = "yes" if row.fits and row.ready else "not now" if row.fits else "no"
    return (
        one_line(row.preset),
        one_line(row.tier or "none"),
        " → ".join(one_line(model) for model in row.models) or "nobody",
        f"{100 * row.p_escalate:.0f} %" if row.models else "",
        format_usd(row.cost_expected) if row.models else "",
        format_usd(row.cost_worst) if row.models else "",
        f"{row.latency_expected_ms / 1000:.1f} s" if row.models else "",
        fits,
    )


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """A question under presets and tiers as JSON data."""
    from cascadeflow.plain import to_plain

    return {
        "rows": [
            {
                "preset": row.preset,
                "tier": row.tier,
                "fits": row.fits,
                "ready": row.ready,
                "reason": row.reason,
                "models": list(row.models),
                "p_escalate": row.p_escalate,
                "cost_expected": row.cost_expected,
                "cost_worst": row.cost_worst,
                "latency_expected_ms": row.latency_expected_ms,
                "latency_p95_ms": row.latency_p95_ms,
                "lacking": to_plain(row.lacking),
                "kept_out": to_plain(row.kept_out),
                "plan": to_plain(row.plan),
            }
            for row in comparison.rows
        ]
    }


def replay_words(
    columns: Sequence[ReplayResult], shown: ReplayResult, curves: Sequence[Curve], questions: Mapping[str, str]
) -> str:
    """History under other settings as tables.

    Args:
        columns: results side by side.
        shown: the one whose changed answers are listed.
        curves: cost against quality, of that one.
        questions: run → its question.
    """
    lines = [
        f"{shown.runs} runs; {shown.estimated} of them are not wholly recorded under {one_line(shown.settings.words)}",
        "",
        table([("", *(one_line(column.settings.words, 60) for column in columns)), *_figures(columns)]),
    ]
    changed = shown.behind("changed")
    if changed:
        lines += ["", f"answers that would be others, the surest first ({len(changed)} in all):"]
        lines.append(
            table([("run", "was", "would be", "chance", "question"), *_changes(changed, questions)], right=(3,))
        )
    for curve in curves:
        lines += ["", *_curve_words(curve)]
    return "\n".join([*lines, *_notes(shown)])


def _figures(columns: Sequence[ReplayResult]) -> list[tuple[str, ...]]:
    def row(
        name: str, figure: Callable[[ReplayResult], Figure | None], form: Callable[[float], str]
    ) -> tuple[str, ...]:
        found = [figure(column) for column in columns]
        return (name, *("" if one is None else figure_words(one, form) for one in found))

    rows = [
        row("cost", lambda result: result.cost, _usd),
        ("  of it in wholly recorded runs", *(_usd(column.cost.recorded) for column in columns)),
        row("saved against the strongest", lambda result: result.saved, _usd),
        row("time of a run", lambda result: result.latency_ms, lambda value: f"{value / 1000:.1f} s"),
        row("calls", lambda result: result.calls, _count),
        row("runs that escalate", lambda result: result.escalated, _count),
        row("answers that pass", lambda result: result.validated, _count),
        row("answers that are others", lambda result: result.changed, _count),
        row("quality, as the gate sees it", lambda result: result.quality, "{:.3f}".format),
    ]
    if columns[0].right is not None:
        name = f"right, of {columns[0].labelled} marked"
        rows.append(row(name, lambda result: result.right, lambda value: f"{100 * value:.0f} %"))
    if any(column.settings.budget is not None for column in columns):
        rows.append(row("runs refused a call", lambda result: result.refused, _count))
    return rows


def figure_words(figure: Figure, form: Callable[[float], str]) -> str:
    """A number; an estimate is marked, and has its interval.

    Example:
        >>> from cascadeflow.whatif import Figure
        >>> figure_words(
        ...     Figure(value=2.0, low=1.0, high=4.0, recorded=0.0, exact_runs=0, estimated_runs=3), "{:.0f}".format
        ... )
        '~2 (1 to 4)'
    """
    if figure.exact:
        return form(figure.value)
    return f"~{form(figure.value)} ({form(figure.low)} to {form(figure.high)})"


def _usd(value: float) -> str:
    return format_usd(round(value))


def _count(value: float) -> str:
    return f"{value:.0f}"


def _changes(changed: Sequence[Outcome], questions: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (
            outcome.run_id[:8],
            one_line(outcome.before or "nobody"),
            one_line(outcome.model or "nobody"),
            "sure" if outcome.exact else f"~{100 * outcome.values.changed:.0f} %",
            one_line(questions[outcome.run_id], 50),
        )
        for outcome in changed
        if outcome.run_id in questions
    ]


def _curve_words(curve: Curve) -> list[str]:
    measured = "right" if curve.measure == "right" else "quality, as the gate sees it"
    points = sorted([*curve.points, curve.here], key=lambda point: point.threshold)
    rows = [("threshold", "cost", measured, "escalate", "")]
    for point in points:
        quality = point.right if curve.measure == "right" else point.quality
        rows.append(
            (
                f"{point.threshold:.2f}",
                figure_words(point.cost, _usd),
                "" if quality is None else figure_words(quality, "{:.3f}".format),
                figure_words(point.escalated, _count),
                "you are here" if point is curve.here else "",
            )
        )
    return [table(rows, right=(0,))]


def _notes(result: ReplayResult) -> list[str]:
    notes = [f"{count} run{'s' if count > 1 else ''} left out: {reason}" for reason, count in result.skipped.items()]
    if result.unpriced:
        notes.append(f"{result.unpriced} runs have a call of unknown price: the cost is a lower bound")
    if result.rehearsal:
        notes.append(f"{result.rehearsal} of the runs are rehearsals: embedded models answered for hosted ones")
    notes += [f"{one_line(item.model)} cannot be called now: {one_line(item.reason)}" for item in result.lacking]
    return ["", *notes] if notes else []


def replay_data(results: Sequence[ReplayResult], curves: Sequence[Curve]) -> dict[str, Any]:
    """History under other settings as JSON data."""
    data: dict[str, Any] = {"results": [_result_data(result) for result in results]}
    if curves:
        data["curve"] = {
            "measure": curves[0].measure,
            "here": _point_data(curves[0].here),
            "points": [_point_data(point) for point in curves[0].points],
        }
    return data


def _result_data(result: ReplayResult) -> dict[str, Any]:
    from cascadeflow.plain import to_plain

    numbers = {name: getattr(result, name) for name in _FIGURES}
    return {
        "settings": result.settings.words,
        "threshold": result.threshold,
        "runs": result.runs,
        "estimated_runs": result.estimated,
        "labelled_runs": result.labelled,
        "unpriced_runs": result.unpriced,
        "rehearsal_runs": result.rehearsal,
        "skipped": dict(result.skipped),
        "lacking": to_plain(result.lacking),
        **{name: None if figure is None else _figure_data(figure) for name, figure in numbers.items()},
        "outcomes": [_outcome_data(outcome) for outcome in result.outcomes],
    }


def _figure_data(figure: Figure) -> dict[str, Any]:
    from cascadeflow.plain import to_plain

    data: dict[str, Any] = to_plain(figure)
    return {**data, "exact": figure.exact}


def _point_data(point: CurvePoint) -> dict[str, Any]:
    numbers = {"cost": point.cost, "quality": point.quality, "right": point.right, "escalated": point.escalated}
    found = {name: None if figure is None else _figure_data(figure) for name, figure in numbers.items()}
    return {"threshold": point.threshold, **found}


def _outcome_data(outcome: Outcome) -> dict[str, Any]:
    data = {**outcome._asdict(), "values": outcome.values._asdict()}
    for end in ("low", "high"):
        values = getattr(outcome, end)
        data[end] = None if values == outcome.values else values._asdict()
    return data
