"""How well scores tell right answers from wrong ones, and whether one gate is better than another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cascadeflow.training.table import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cascadeflow.quality.learned import LearnedGate

DRAWS = 2_000
"""Resamples of the questions for an interval."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A gate beside another on the same answers.

    Attributes:
        answers, questions: how many were compared.
        auroc, auroc_before: mean AUROC over sources and models of the new gate and of the other.
        gain: log-likelihood per answer that the new gate adds.
        low, high: interval of ``gain`` at 95 %, by drawing questions anew.
    """

    answers: int
    questions: int
    auroc: float
    auroc_before: float
    gain: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        """Whether the gain is more than chance."""
        return self.low > 0


def auroc(scores: NDArray[Any], right: NDArray[Any]) -> float:
    """Probability that a right answer scores above a wrong one; ties count a half; NaN with only one sort.

    Args:
        scores: of each answer.
        right: 1 or 0 for each.
    """
    import numpy as np

    wrong = int((right == 0).sum())
    if not wrong or wrong == len(right):
        return float("nan")
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    ours = right == 1
    return float((ranks[ours].sum() - ours.sum() * (ours.sum() + 1) / 2) / (ours.sum() * wrong))


def mean_auroc(table: Table, scores: NDArray[Any]) -> float:
    """Mean over every pair of source and model with both sorts of answers; NaN without any."""
    import numpy as np

    groups = np.char.add(np.char.add(table.sources, "|"), table.families)
    found = [auroc(scores[groups == group], table.right[groups == group]) for group in np.unique(groups)]
    known = [value for value in found if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def held_out(table: Table, groups: NDArray[Any], fit: Callable[[Table], LearnedGate]) -> NDArray[Any]:
    """Scores of every answer from a gate fitted without the group the answer is in.

    Args:
        table: labelled answers.
        groups: what is left out together, of each answer.
        fit: makes a gate of the others.
    """
    import numpy as np

    scores = np.zeros(len(table))
    for group in np.unique(groups):
        mask = groups == group
        scores[mask] = score_all(fit(table.chosen(~mask)), table.chosen(mask))
    return scores


def score_all(gate: LearnedGate, table: Table) -> NDArray[Any]:
    """The gate's probability for each answer, checks included."""
    import numpy as np

    evidence = np.zeros(len(table))
    for index in range(len(table)):
        row = table.values[index]
        features = {name: float(value) for name, value in zip(table.names, row, strict=True) if not np.isnan(value)}
        kind, size, family = str(table.kinds[index]), int(table.sizes[index]), str(table.families[index])
        evidence[index] = gate.log_odds(kind, features, size, family) + table.checks[index]
    chance: NDArray[Any] = 1 / (1 + np.exp(-evidence))
    return chance


def compare(table: Table, scores: NDArray[Any], before: NDArray[Any]) -> Comparison:
    """Compare two gates' scores of the same answers by their log-likelihood."""
    import numpy as np

    gains = _likelihood(scores, table.right) - _likelihood(before, table.right)
    questions, place = np.unique(table.rows, return_inverse=True)
    sums = np.bincount(place, weights=gains)
    counts = np.bincount(place)
    draws = np.random.default_rng(0).multinomial(
        len(questions), np.full(len(questions), 1 / len(questions)), size=DRAWS
    )
    low, high = np.quantile(draws @ sums / (draws @ counts), [0.025, 0.975])
    return Comparison(
        answers=len(table),
        questions=len(questions),
        auroc=mean_auroc(table, scores),
        auroc_before=mean_auroc(table, before),
        gain=float(gains.mean()),
        low=float(low),
        high=float(high),
    )


def calibration_error(scores: NDArray[Any], right: NDArray[Any], bins: int = 10) -> float:
    """Mean distance between what is said and what comes, over bins of equally many answers."""
    import numpy as np

    order = np.argsort(scores, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(sum(abs(scores[part].mean() - right[part].mean()) * len(part) for part in parts) / len(scores))


def _likelihood(scores: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    scores = np.clip(scores, 1e-4, 1 - 1e-4)
    return np.log(np.where(right == 1, scores, 1 - scores))
