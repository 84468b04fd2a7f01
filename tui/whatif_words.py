"""How the what-if screen says its figures: exact ones plainly, estimates with ≈ and their interval."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len

from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line
from tui.words import Line, about, counted, wrapped
from tui.wrap import shorten

if TYPE_CHECKING:
    from cascadeflow.whatif import CompareRow, Curve, Figure, Outcome, ReplayResult

FIGURES = {
    "cost": "cost", "saved": "saved against the strongest", "latency_ms": "seconds a run", "calls": "calls",
    "escalated": "escalated", "validated": "passed", "changed": "other answers", "refused": "refused by the budget",
    "quality": "p of being right (gate)", "right": "right (your marks)",
}  # fmt: skip
"""What is compared → how it is called."""
_NAME, _WIDEST = 27, 38
_BAR, _BESIDE_BAR = 20, 40
"""Cells of the longest bar of the curve, and of what stands beside it."""


def compare_title(width: int) -> str:
    """The heads of the columns of `compare_row`."""
    return _columns("preset", "tier", "escalates", "expected", "worst", "models, or why none", width)


def compare_row(row: CompareRow, width: int) -> str:
    """One preset with one tier as a line."""
    if not row.fits:
        told = f"does not fit: {one_line(row.reason)}"
        return _columns(one_line(row.preset), row.tier or "none", "", "", "", told, width)
    models = " → ".join(one_line(name) for name in row.models)
    if not row.ready:
        models = f"not ready: {one_line(row.reason)}"
    return _columns(
        one_line(row.preset), one_line(row.tier or "none"), f"{100 * row.p_escalate:.0f} %", about(row.cost_expected),
        about(row.cost_worst), models, width,
    )  # fmt: skip


def _columns(preset: str, tier: str, escalates: str, expected: str, worst: str, models: str, width: int) -> str:
    head = f"{shorten(preset, 20):<20} {shorten(tier, 10):<10} {escalates:>9} {expected:>10} {worst:>10}  "
    return head + shorten(models, max(8, width - len(head) - 3))


def figure(field: str, value: Figure | None) -> str:
    """A figure; an estimate has its interval beside it."""
    if value is None:
        return "no marks"
    if value.exact:
        return _amount(field, value.value)
    return f"≈ {_amount(field, value.value)} ({_amount(field, value.low)} … {_amount(field, value.high)})"


def _amount(field: str, amount: float) -> str:
    if field in ("cost", "saved"):
        return format_usd(round(amount))
    if field == "latency_ms":
        return f"{amount / 1000:.1f} s"
    if field in ("quality", "right"):
        return f"{100 * amount:.1f} %"
    return f"{amount:.0f}" if amount == round(amount) else f"{amount:.1f}"


def results(before: ReplayResult, now: ReplayResult, pinned: ReplayResult | None, width: int) -> list[tuple[str, Line]]:
    """The figures as recorded, under the settings, and under pinned ones: (field, line)."""
    columns = [before, now, *([pinned] if pinned is not None else [])]
    column = _column(len(columns), width)
    rows: list[tuple[str, Line]] = []
    for field, name in FIGURES.items():
        told = [figure(field, getattr(one, field)) for one in columns]
        line: Line = [(f"{name:<{_NAME}}", "")]
        for number, text in enumerate(told):
            style = "" if number == 0 or text == told[0] else "strong"
            # Half an interval says less than none.
            fits = text if cell_len(text) <= column else text.partition(" (")[0]
            line.append((f" {shorten(fits, column):<{column}}", style))
        rows.append((field, line))
    return rows


def results_title(pinned: bool, width: int) -> str:
    """The heads of the columns of `results`."""
    names = ["as recorded", "with these settings", *(["pinned"] if pinned else [])]
    column = _column(len(names), width)
    return " " * _NAME + "".join(f" {name:<{column}}" for name in names)


def _column(columns: int, width: int) -> int:
    return max(12, min(_WIDEST, (width - _NAME - 3) // columns - 1))


def notes(result: ReplayResult, field: str, width: int) -> list[Line]:
    """What a reader must know of a figure: its interval, how much is estimated, and what is left out."""
    told = [
        figure(field, getattr(result, field)),
        f"{counted(result.runs, 'run')}, {result.estimated} of them estimated",
    ]
    if result.unpriced:
        told.append(f"{result.unpriced} with an unknown price: costs are at least that")
    if result.rehearsal:
        told.append(f"{result.rehearsal} made in rehearsal")
    told += [f"{count} left out: {one_line(why)}" for why, count in result.skipped.items()]
    return wrapped("; ".join(told), "dim", width)


def curve(found: Curve, width: int) -> list[Line]:
    """Cost against quality over thresholds, one line each, with the point one is at."""
    most = max((point.cost.value for point in found.points), default=0) or 1
    bar = max(4, min(_BAR, width - _BESIDE_BAR))
    head = "right (marks)" if found.measure == "right" else "p right (gate)"
    lines: list[Line] = [[(f"threshold  {'cost':<{bar + 12}} {head}", "dim")]]
    here = min(found.points, key=lambda point: abs(point.threshold - found.here.threshold), default=None)
    for point in found.points:
        quality = point.right if found.measure == "right" else point.quality
        cells = round(bar * point.cost.value / most)
        mark = "  ◂ here" if point is here else ""
        cost, right = figure("cost", point.cost).split(" (")[0], figure("quality", quality).split(" (")[0]
        text = f"  {point.threshold:.2f}     {'█' * cells:<{bar}} {cost:<11} {right}{mark}"
        lines.append([(shorten(text, width), "strong" if mark else "")])
    return lines


def outcome_row(field: str, outcome: Outcome, question: str, width: int) -> str:
    """A run behind a figure."""
    share = getattr(outcome.values, field)
    told = "" if outcome.exact else "≈ "
    change = (
        f"{outcome.before or 'nobody'} → {outcome.model or 'nobody'}"
        if outcome.model != outcome.before
        else outcome.model
    )
    tail = f" · {one_line(change)} · {told}{_amount(field, share)}"
    return shorten(one_line(question) or outcome.run_id[:8], max(10, width - len(tail) - 4)) + tail


def prices_of(text: str) -> dict[str, tuple[float, float]]:
    """Prices as they are typed: model → USD per 1,000,000 prompt and completion tokens.

    Raises:
        ValueError: it is written otherwise.

    Example:
        >>> prices_of("gpt-4o=2.5,10, gpt-4o-mini=0.15,0.6")
        {'gpt-4o': (2.5, 10.0), 'gpt-4o-mini': (0.15, 0.6)}
    """
    found: dict[str, tuple[float, float]] = {}
    for model, one, other in re.findall(r"([^\s,=]+)=([\d.]+),([\d.]+)", text):
        found[model] = (float(one), float(other))
    if text.strip() and not found:
        raise ValueError(f"{text!r} is not understood; write model=in,out, such as gpt-4o=2.5,10")
    return found
