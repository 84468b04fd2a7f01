"""The budget in words and as a bar: what is spent, what is held, and where it warns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line
from tui.words import Line, wrapped

if TYPE_CHECKING:
    from cascadeflow.telemetry.budgets import BudgetStatus


def tightest(statuses: Sequence[BudgetStatus]) -> BudgetStatus | None:
    """The budget nearest to its limit."""
    return max(statuses, key=_used, default=None)


def _used(status: BudgetStatus) -> float:
    """What part is spent or held."""
    return (status.spent + status.held) / status.limit if status.limit else 1.0


def gauge(
    statuses: Sequence[BudgetStatus], warn_at: float, width: int, now: datetime, runs_out: datetime | None = None
) -> list[Line]:
    """The budget pane: what is spent and held, the mark at which it warns, and the state in a word.

    The tightest budget comes first and whole, each other one as a name and a bar.

    Args:
        statuses: every budget that applies.
        warn_at: share of the limit from which it warns.
        width: cells of a line.
        now: for how instants are told.
        runs_out: when the first of them runs out at the pace of the last days; None: none does.
    """
    status = tightest(statuses)
    if status is None:
        return [[("no budget", "dim")]]
    used, spent = _used(status), status.fraction
    word, style = "ok", "good"
    if spent >= 1:
        word, style = "used up", "bad"
    elif used >= warn_at:
        word, style = "nearly used up", "warn"
    lines: list[Line] = [
        [(f"{format_usd(status.spent)} of {format_usd(status.limit)}", "")],
        bar(spent, used, warn_at, width, style),
        [(f"{100 * spent:.0f} % spent, {word}", style)],
    ]
    if status.held:
        lines.append([(f"held {format_usd(status.held)}", "dim")])
    lines += wrapped(one_line(status.label), "dim", width)
    if status.resets_at is not None:
        lines.append([(f"resets {_instant(status.resets_at, now)}", "dim")])
    if runs_out is not None:
        lines += wrapped(f"lasts until {_instant(runs_out, now)} (est.)", "warn", width)
    for other in sorted((other for other in statuses if other is not status), key=_used, reverse=True):
        lines += wrapped(f"{one_line(other.label)}: {100 * other.fraction:.0f} %", "dim", width)
        lines.append(bar(other.fraction, _used(other), warn_at, width, "bad" if other.fraction >= 1 else "good"))
    return lines


def _instant(when: datetime, now: datetime) -> str:
    local = when.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if (local - now).total_seconds() < 86_400 else f"{local:%d %b %H:%M}"


def bar(spent: float, used: float, mark: float, width: int, style: str) -> Line:
    """A gauge: full cells are spent, half cells are held, and the mark is where it warns."""
    label = f"{100 * mark:.0f}%"
    cells = max(5, width - len(label) - 2)
    at = min(cells - 1, round(cells * mark))
    full, held = round(cells * min(1.0, spent)), round(cells * min(1.0, used))
    text = "".join("█" if i < full else "▒" if i < held else "│" if i == at else "░" for i in range(cells))
    return [(text, style), (f" {label}", "dim")]
