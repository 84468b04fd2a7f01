"""An evaluation in words and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cascadeflow.cli.output import table
from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line

if TYPE_CHECKING:
    from cascadeflow.evaluation.bootstrap import Interval
    from cascadeflow.evaluation.report import Evaluation, PartFigures


def evaluation_words(facts: dict[str, Any], evaluation: Evaluation) -> str:
    """Everything found, as text.

    Args:
        facts: what was evaluated.
        evaluation: what was found.
    """
    gate = facts["gate"]
    lines = [
        f"{facts['questions']} questions of {one_line(facts['data'])}, gate {gate['mode']}, threshold {gate['threshold']:.2f}",
        *(
            f"{one_line(pair['draft'])} → {one_line(pair['strong'])}: {pair['questions']} questions"
            for pair in facts["pairs"]
        ),
        "",
        _skill(evaluation),
        "",
        _risks(evaluation),
        "",
        _policies(evaluation),
        "",
        _gain(evaluation.total),
        "",
        "Cheapest cascade that keeps a share of always-strong's quality (threshold chosen on one half, applied to the other):",
        _targets(evaluation),
    ]
    for what, parts in (("domain", evaluation.domains), ("source", evaluation.sources)):
        if parts:
            lines += ["", _parts(what, parts)]
    return "\n".join([*lines, "", "[ ]: 95 % intervals, bootstrap over the questions."])


def remarks(facts: dict[str, Any]) -> list[str]:
    """What was left out or assumed."""
    said = []
    if facts["gate_learned_from"]:
        said.append(
            f"The gate has learned from {facts['gate_learned_from']} of these questions, so its figures flatter it."
        )
    if facts["unlabelled"]:
        said.append(f"{facts['unlabelled']} answers have no label and are left out.")
    if facts["repeated"]:
        said.append(f"{facts['repeated']} answers repeat a question of the same model and are left out.")
    if facts["drafts_alone"]:
        said.append(
            f"{facts['drafts_alone']} drafts are left out because the strong model has no labelled answer there. In a "
            "history those are mostly accepted drafts, so the figures speak of the others."
        )
    if facts["tokens_estimated"]:
        said.append("Tokens that were not recorded are estimated from the texts.")
    return said


def _skill(evaluation: Evaluation) -> str:
    total = evaluation.total
    shorter = "unknown" if evaluation.shorter_auroc is None else f"{evaluation.shorter_auroc:.3f}"
    auroc = "unknown (all drafts right, or all wrong)" if total.auroc is None else _number(total.auroc)
    wrong = "no draft is accepted" if total.accepted_wrong is None else f"{100 * total.accepted_wrong:.1f} %"
    rows = [
        ("right drafts", f"{100 * total.right:.1f} %"),
        ("AUROC of the gate", auroc),
        ("AUROC of “shorter is right”", shorter),
        ("calibration error", _number(total.calibration_error)),
        ("wrong among the accepted", wrong),
    ]
    return table(rows)


def _risks(evaluation: Evaluation) -> str:
    """Thresholds that accept more and more; those that accept the same stand once."""
    count = evaluation.total.questions
    rows = [
        (f"{risk.threshold:.3f}", f"{100 * risk.accepted / count:.0f} %", f"{100 * risk.wrong / risk.accepted:.1f} %")
        for risk in dict.fromkeys(evaluation.risks)
    ]
    return table([("threshold", "accepts", "wrong of those"), *rows], right=(0, 1, 2))


def _policies(evaluation: Evaluation) -> str:
    heading = ("", "escalated", "per 1,000", "saved", "", "quality kept", "")
    rows = [
        (
            policy.name,
            f"{100 * policy.escalated:.1f} %",
            format_usd(round(1000 * policy.cost)),
            *_per_cent(policy.saved),
            *_per_cent(policy.kept),
        )
        for policy in evaluation.policies
    ]
    return table([heading, *rows], right=(1, 2, 3, 5))


def _gain(total: PartFigures) -> str:
    gain = total.gain
    words = f"The gate is {_points(gain)} points above the random mix at equal cost"
    if gain.low > 0:
        return f"{words}: better than a coin flip."
    if gain.high < 0:
        return f"{words}: worse than a coin flip."
    return f"{words}: not told apart from a coin flip."


def _targets(evaluation: Evaluation) -> str:
    heading = ("asked for", "threshold", "saved", "kept", "mix keeps", "gain", "mix at that quality saves")
    rows = [
        (
            f"{100 * item.target:.0f} %",
            "none" if item.threshold is None else f"{item.threshold:.3f}",
            f"{100 * item.saved:.1f} %",
            f"{100 * item.kept:.1f} %",
            f"{100 * item.mix_kept:.1f} %",
            f"{100 * item.gain:+.1f}",
            f"{100 * item.mix_saved:.1f} %",
        )
        for item in evaluation.targets
    ]
    return table([heading, *rows], right=(0, 1, 2, 3, 4, 5, 6))


def _parts(what: str, parts: Sequence[PartFigures]) -> str:
    heading = (what, "questions", "right", "AUROC", "", "escalated", "saved", "kept", "mix keeps", "gain", "")
    rows = [
        (
            one_line(part.name),
            str(part.questions),
            f"{100 * part.right:.0f} %",
            "-" if part.auroc is None else f"{part.auroc.value:.3f}",
            "" if part.auroc is None else f"[{part.auroc.low:.3f} {part.auroc.high:.3f}]",
            f"{100 * part.escalated:.0f} %",
            f"{100 * part.saved.value:.1f} %",
            f"{100 * part.kept.value:.1f} %",
            f"{100 * part.mix_kept.value:.1f} %",
            f"{100 * part.gain.value:+.1f}",
            f"[{100 * part.gain.low:+.1f} {100 * part.gain.high:+.1f}]",
        )
        for part in parts
    ]
    return table([heading, *rows], right=(1, 2, 3, 5, 6, 7, 8, 9))


def _number(interval: Interval) -> str:
    return f"{interval.value:.3f} [{interval.low:.3f} {interval.high:.3f}]"


def _points(interval: Interval) -> str:
    return f"{100 * interval.value:+.1f} [{100 * interval.low:+.1f} {100 * interval.high:+.1f}]"


def _per_cent(interval: Interval) -> tuple[str, str]:
    ends = f"[{100 * interval.low:.1f} {100 * interval.high:.1f}]"
    return f"{100 * interval.value:.1f} %", "" if interval.low == interval.high else ends
