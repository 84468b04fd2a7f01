"""What the console says: plans, calls, verdicts, budgets and sums as lines of styled words.

A line is a list of spans (text, style name); the widgets know what a style name looks like.
Every status is a word, so nothing depends on colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line, visible
from tui.state import Call, Note, Session, Turn
from tui.wrap import wrap

if TYPE_CHECKING:
    from cascadeflow.schema import CascadePlan, LeftOut, ModelConfig, PlannedStep, Verdict
    from cascadeflow.telemetry.budgets import BudgetStatus

Span = tuple[str, str]
Line = list[Span]

_STATUS_WORDS = {
    "asking": "asking…",
    "answering": "answering…",
    "checking": "checking…",
    "accepted": "accepted",
    "rejected": "rejected",
    "failed": "failed",
    "stopped": "stopped",
    "best": "best of rejected",
    "audited": "asked for comparison; the answer stands",
}
STATUS_STYLES = {"accepted": "good", "rejected": "bad", "failed": "bad", "best": "warn", "stopped": "warn"}
BARS = "▁▂▃▄▅▆▇█"


def about(amount: int | None) -> str:
    """An expected amount, which deserves two digits at most."""
    if not amount:
        return format_usd(amount)
    digits = len(str(amount))
    step = 10 ** max(0, digits - 2)
    return format_usd(-(-amount // step) * step)


def score(verdict: Verdict) -> str:
    """The deciding score against its threshold, such as ``0.41 < 0.70``."""
    return verdict.comparison() or verdict.deciding


def why(verdict: Verdict) -> str:
    """What decided, in words."""
    reason = one_line(verdict.reason)
    if not reason:
        return verdict.deciding
    return reason if reason.startswith(verdict.deciding) else f"{verdict.deciding}: {reason}"


def fold_reason(call: Call) -> str:
    """Why a draft was withdrawn, in a few words."""
    if call.verdict is not None and not call.verdict.is_valid:
        return f"{call.verdict.deciding}, {score(call.verdict)}"
    return one_line(call.withdrawn or "")


def draft_reason(call: Call) -> str:
    """Why a draft was withdrawn, with its score against the threshold."""
    if call.verdict is not None and not call.verdict.is_valid:
        return f"{score(call.verdict)} rejected, {why(call.verdict)}"
    return one_line(call.withdrawn or "")


def _resolved(model: str, resolved: str, reason: str, width: int) -> list[Line]:
    """What is called instead of the configured model, and why."""
    if resolved == model and not reason:
        return []
    told = one_line(f"→ {reason}" if resolved in reason else f"→ {resolved}: {reason}".rstrip(": "))
    return wrapped(told, "dim", width, indent="  ")


def plan_title(domain: str, confidence: float, complexity: str, plan: CascadePlan | None, width: int) -> list[Line]:
    """What the engine understood, and what it makes of it."""
    words = f"{one_line(domain)} {confidence:.2f} · {complexity}"
    if plan is not None:
        words += f" · plan {counted(len(plan.steps), 'step')}"
        if plan.strategy != "standard":
            words += f" of {one_line(plan.strategy)}'s own"
    return wrapped(words, "dim", width)


def counted(number: int, noun: str) -> str:
    """``1 step``, ``2 steps``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def projected(plan: CascadePlan) -> str:
    """What a plan may cost, for the border of the input."""
    if not plan.paths:
        return "no model can answer: see Cascade"
    first, rest = plan.paths[0], plan.paths[1:]
    draft = f"≈ {about(first.cost_expected)}"
    if not rest:
        return draft
    dearest = max(rest, key=lambda path: path.cost_expected or 0)
    if any(path.cost_expected is None for path in plan.paths):
        return f"{draft} draft, more if it escalates (a price is unknown)"
    if not dearest.cost_expected and not first.cost_expected:
        return "$0: embedded models answer"
    return f"{draft} draft, {about(dearest.cost_expected)} if it escalates"


def plan_lines(plan: CascadePlan, width: int, before: CascadePlan | None = None) -> list[Line]:
    """The plan of a question that was not sent yet.

    Args:
        plan: what would happen.
        width: cells of a line.
        before: the plan under the settings before; its difference is told.
    """
    lines = plan_title(plan.domain, plan.domain_confidence, plan.complexity, plan, width)
    if before is not None:
        lines += wrapped(f"before: {_short_plan(before)}", "dim", width)
        lines += wrapped(f"now: {_short_plan(plan)}", "strong", width)
    for step in plan.steps:
        lines += _planned_step(step, width)
    if plan.guarantee:
        lines += wrapped(one_line(plan.guarantee), "good", width)
    for item in plan.left_out:
        lines += _left_out(item, width)
    if plan.cut_messages:
        lines += wrapped(f"{counted(plan.cut_messages, 'oldest message')} will not be sent (too long)", "warn", width)
    return lines


def _short_plan(plan: CascadePlan) -> str:
    return f"{counted(len(plan.steps), 'step')}, ≈ {about(plan.cost_expected)}, worst {about(plan.cost_worst)}"


_ROLES = {"verify": " · verifies", "audit": " · audit"}
_SHOWN_CONTEXT = 600
"""Characters of the draft that a verify step saw."""


def _planned_step(step: PlannedStep, width: int) -> list[Line]:
    name = f"{step.index + 1} {one_line(step.model)}{_ROLES.get(step.role, '')}"
    lines = wrapped(f"{name} · always" if step.run == "always" else name, "strong", width)
    cost = f"≈ {about(step.cost_expected)}, worst {about(step.cost_worst)}"
    lines += wrapped(f"{cost} · passes {100 * step.p_accept:.0f} % (est.)", "dim", width, indent="  ")
    return lines + _resolved(step.model, step.resolved_model, step.resolved_reason, width)


def _left_out(item: LeftOut, width: int) -> list[Line]:
    style = "dim" if item.kind in ("rank", "domain") else "warn"
    return wrapped(f"{one_line(item.model)} left out: {one_line(item.reason)}", style, width, indent="- ")


def timeline(turn: Turn, width: int, now: float = 0.0, *, whole: bool = False) -> list[Line]:
    """The calls of a turn, one block each, with what happened between them.

    Args:
        turn: as far as it got.
        width: cells of a line.
        now: clock, for how long the call under way takes.
        whole: every check with its score, the time to the first token, and what a verify step saw.
    """
    lines: list[Line] = []
    if turn.domain:
        lines += plan_title(turn.domain, turn.domain_confidence, turn.complexity, turn.plan, width)
    if turn.status == "waiting":
        lines += wrapped(f"waits for {turn.waits_for}", "warn", width)
    for entry in turn.log:
        lines += _call(entry, width, now, whole=whole) if isinstance(entry, Call) else _note(entry, width)
    if turn.status == "failed":
        lines += wrapped(f"failed: {one_line(turn.error)}", "bad", width)
    if turn.status == "stopped":
        lines += wrapped(f"stopped · {format_usd(turn.spent)} spent", "warn", width)
    return lines


def _note(note: Note, width: int) -> list[Line]:
    text = one_line(note.text)
    if note.kind != "budget":
        text = f"{note.kind}: {text}"
    return wrapped(text, "warn", width, indent="  ")


def _call(call: Call, width: int, now: float, *, whole: bool) -> list[Line]:
    name = f"{call.step + 1} {one_line(call.model)}{_ROLES.get(call.role, '')}"
    if call.fallback:
        name += " (fallback)"
    if call.attempt > 1:
        name += f" · attempt {call.attempt}"
    tokens = f"{call.tokens} tok"
    gap = width - len(name) - len(tokens)
    lines: list[Line]
    if gap >= 1:
        lines = [[(name, "strong"), (" " * gap, ""), (tokens, "dim")]]
    else:
        lines = [*wrapped(name, "strong", width), [("  " + tokens, "dim")]]
    word, style = _STATUS_WORDS[call.status], STATUS_STYLES.get(call.status, "dim")
    if call.verdict is not None:
        lines.append([("  ", ""), (f"{score(call.verdict)} {word}", style)])
        if not call.verdict.is_valid or call.verdict.deciding != "gate":
            lines += wrapped(why(call.verdict), style if style != "good" else "dim", width, indent="  ")
    elif call.error and call.status == "failed":
        lines += wrapped(f"failed: {one_line(call.error)}", style, width, indent="  ")
    else:
        lines.append([("  ", ""), (word, style)])
    seconds = now - call.started_at if call.seconds is None else call.seconds
    lines.append([(f"  {format_usd(call.cost)}  {max(0.0, seconds):.1f} s", "money")])
    if whole:
        lines += _details(call, width)
    return lines + _resolved(call.model, call.resolved_model, call.resolved_reason, width)


def _details(call: Call, width: int) -> list[Line]:
    """What a call shows when its turn is chosen: first token, every check, and what a verify step saw."""
    lines: list[Line] = []
    if call.first_token is not None:
        lines += wrapped(f"first token after {call.first_token:.2f} s", "dim", width, indent="  ")
    for check in call.verdict.checks if call.verdict is not None else ():
        if check.score is None:
            lines += wrapped(f"{check.name}: {check.reason or 'nothing to say'}", "dim", width, indent="  ")
            continue
        style = "dim" if check.passed else "bad"
        told = f"{check.name} {check.score:.2f}"
        if check.threshold is not None:
            told += f" {'≥' if check.passed else '<'} {check.threshold:.2f}"
        lines += wrapped(f"{told} {one_line(check.reason)}".rstrip(), style, width, indent="  ")
    if call.context:
        lines += wrapped(f"saw the draft: {one_line(call.context[:_SHOWN_CONTEXT])}", "dim", width, indent="  ")
    return lines


def footer(turn: Turn, width: int) -> list[Line]:
    """What stands under an answer: what it took, and whether it passed."""
    result = turn.result
    if result is None:
        return []
    parts = [counted(result.steps, "step"), f"{result.latency_ms / 1000:.1f} s"]
    parts.append(format_usd(result.total_cost_nanousd) + ("" if result.cost_known else " at least"))
    if result.p_correct is not None:
        parts.append(f"p {result.p_correct:.2f}" + ("" if result.calibrated else " (est.)"))
    if turn.right is not None:
        parts.append("marked right" if turn.right else "marked wrong")
    lines = wrapped(" · ".join(parts), "dim", width)
    if result.guarantee:
        lines += wrapped(one_line(result.guarantee), "dim", width)
    if not result.validated:
        lines += wrapped(f"not validated: {one_line(result.reason)}", "warn", width)
        absent = [item.model for item in turn.plan.left_out if item.kind == "file"] if turn.plan is not None else []
        if absent:
            names = one_line(", ".join(absent))
            lines += wrapped(f"not asked: {names}. Ask again when their models are here.", "warn", width)
    return lines


def about_models(models: Sequence[ModelConfig], lacking: Mapping[str, str], width: int) -> list[Line]:
    """The models of a preset; what cannot be called is greyed and says what it lacks.

    Args:
        models: as configured.
        lacking: name → what the model lacks.
        width: cells of a line.
    """
    lines: list[Line] = []
    for model in models:
        lack = lacking.get(model.name)
        lines.append([(one_line(model.name), "dim" if lack else "strong")])
        lines.append([(f"  {one_line(model.provider)} · quality {model.quality_score:.2f}", "dim")])
        if lack:
            lines += wrapped(one_line(lack), "warn", width, indent="  ")
    return lines


def header(preset: str, tier: str, user: str, *, rehearsal: bool, narrow: bool) -> Line:
    """What is set. A narrow terminal has preset and tier in its strip."""
    mark: Line = [(" · REHEARSAL", "warn")] if rehearsal else []
    if narrow:
        return [(" CascadeFlow", "strong"), *mark, (f" · user {one_line(user)}", "")]
    told = f"preset {one_line(preset)} · tier {one_line(tier)} · user {one_line(user)}"
    return [(" CascadeFlow   ", "strong"), (told, ""), *mark]


def own_steps(by_itself: str, in_use: str | None) -> str:
    """Which domains have a cascade of their own under a preset.

    Args:
        by_itself: the domains for which the preset says so.
        in_use: those of the agent in use; None: another preset is in use.
    """
    domains = by_itself if in_use is None else one_line(in_use)
    told = f"steps of its own: {domains}" if domains else ""
    return f"{told}; F9: standard steps" if told and in_use is not None else told


def saving(session: Session) -> str:
    """How the session compares with its strongest model answering everything, for the header."""
    saved = session.saved
    if saved is None:
        return ""
    return f"saved {100 * saved:.0f}% (est.)" if saved >= 0 else f"{-100 * saved:.0f}% dearer (est.)"


def sums(session: Session, width: int) -> list[Line]:
    """The cost pane."""
    rows = [
        ("this session", session.spent),
        (f"always {one_line(session.strongest or 'strongest')}", session.always_strongest),
        ("always cheapest", session.always_cheapest),
    ]
    lines = [_row(name, format_usd(amount), width) for name, amount in rows]
    if session.rows:
        lines.append([(sparkline(session.rows, max(4, width - 9)), "money"), (" per turn", "dim")])
    return lines


def _row(name: str, value: str, width: int) -> Line:
    room = max(1, width - len(value) - 1)
    name = name if len(name) <= room else name[: max(0, room - 1)] + "…"
    return [(name, "dim"), (" " * max(1, width - len(name) - len(value)), ""), (value, "money")]


def sparkline(amounts: Sequence[int], width: int) -> str:
    """The last amounts as bars; the highest is full.

    Example:
        >>> sparkline([0, 1, 4], 10)
        '▁▂█'
    """
    shown = amounts[-width:]
    top = max(shown, default=0)
    return "".join(BARS[round((len(BARS) - 1) * amount / top)] if top else BARS[0] for amount in shown)


def strip(session: Session, preset: str, tier: str | None, status: BudgetStatus | None, width: int) -> Line:
    """The side panes as one line, for narrow terminals."""
    parts = [one_line(preset)] if tier is None else [one_line(preset), f"tier {one_line(tier)}"]
    if status is not None:
        spent = f"{format_usd(status.spent)}/{format_usd(status.limit)}"
        parts.append(f"{status.period} {spent} {100 * status.fraction:.0f}%")
    last = next((turn for turn in reversed(session.turns) if turn.calls), None)
    if last is not None:
        call = last.calls[-1]
        told = f" {score(call.verdict)}" if call.verdict is not None else ""
        parts.append(f"{call.step + 1} {one_line(call.model)} {_STATUS_WORDS[call.status]}{told}")
    return [(" · ".join(parts)[:width], "dim")]


def wrapped(text: str, style: str, width: int, indent: str = "") -> list[Line]:
    """A text as lines of one style that fit.

    Args:
        text: anything.
        style: style name.
        width: cells of a line.
        indent: before the first line; the others hang as far.
    """
    room = max(8, width - len(indent))
    hanging = " " * len(indent)
    return [
        [((indent if number == 0 else hanging) + row, style)] for number, row in enumerate(wrap(visible(text), room))
    ]
