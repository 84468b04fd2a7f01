"""A user's own gate: fitted to their labelled answers, and kept only where it beats the gate they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cascadeflow.quality.learned import LearnedGate, find_gate, row_hash
from cascadeflow.training.fit import FOLDS, fit_gate, live
from cascadeflow.training.rows import LabelledAnswer
from cascadeflow.training.skill import Comparison, compare, held_out, score_all
from cascadeflow.training.table import tabulate


@dataclass(frozen=True, slots=True)
class Trained:
    """A gate with what was found of it.

    Attributes:
        data: the gate as the data of its file.
        comparison: beside the shipped gate, on questions that neither was fitted on.
        known: answers left out of the comparison, since the shipped gate was fitted on them.
    """

    data: dict[str, Any]
    comparison: Comparison
    known: int


def train(answers: Sequence[LabelledAnswer], base: LearnedGate | None = None) -> Trained:
    """Fit a gate to labelled answers, starting from the shipped one.

    The new gate is scored in cross-validation: each answer by a gate fitted without its question.

    Args:
        answers: of the user's own traffic.
        base: the gate to start from and to compare with; None: the shipped one.

    Raises:
        ConfigError: numpy is missing, or there are too few answers.
    """
    import numpy as np

    base = base or find_gate()
    table = tabulate(answers)
    about = {"sources": sorted(set(map(str, table.sources))), "models": sorted(set(map(str, table.families)))}
    data = fit_gate(table, "own", about, base)
    scores = held_out(table, table.folds(FOLDS), lambda part: live(fit_gate(part, "fold", {}, base)))
    new = np.array([row_hash(str(row)) not in base.rows for row in table.rows])
    # Where the shipped gate knows every row there is nothing fairer to compare on.
    chosen = new if new.any() else ~new
    comparison = compare(table.chosen(chosen), scores[chosen], score_all(base, table.chosen(chosen)))
    data["about"]["cross-validated"] = {
        "auroc": round(comparison.auroc, 4),
        "auroc of the shipped gate": round(comparison.auroc_before, 4),
        "gain in log-likelihood": [round(value, 5) for value in (comparison.gain, comparison.low, comparison.high)],
        "answers": comparison.answers,
    }
    return Trained(data, comparison, int((~chosen).sum()))
