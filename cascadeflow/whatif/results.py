"""What a replay comes to: sums over the runs, each with its interval, and the runs behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cascadeflow.schema import LeftOut
from cascadeflow.whatif.figures import Figure
from cascadeflow.whatif.outcome import Outcome, Outcomes
from cascadeflow.whatif.settings import ReplaySettings

Field = Literal[
    "cost", "saved", "latency_ms", "calls", "escalated", "validated", "changed", "refused", "quality", "right"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """What runs come to under other settings.

    Attributes:
        settings: what was changed.
        threshold: the gate's threshold under them; where it stays as recorded, the most frequent one.
        outcomes: of each run, in the order in which they were made.
        cost: nano-USD of all runs.
        saved: nano-USD against the strongest model of each plan answering directly, at the same length; an
            estimate by its nature.
        latency_ms: milliseconds of a run, on average.
        calls: how many calls to models.
        escalated: how many runs in which a later step had to run because an answer did not pass.
        validated: how many runs whose answer passed.
        changed: how many runs in which another answer stands than the recorded one.
        refused: how many runs with a call that did not fit the budget.
        quality: mean estimated probability that an answer is right, as the gate's verdicts say.
        right: share of right answers among the runs with marks; None: no run has any.
        labelled: how many runs have marks.
        unpriced: how many runs with a call of unknown price; the cost is then a lower bound.
        rehearsal: how many runs in which embedded models stood in.
        skipped: why runs were left out → how many.
        lacking: what models of these settings lack to be called on this machine.
    """

    settings: ReplaySettings
    threshold: float
    outcomes: Outcomes
    cost: Figure
    saved: Figure
    latency_ms: Figure
    calls: Figure
    escalated: Figure
    validated: Figure
    changed: Figure
    refused: Figure
    quality: Figure
    right: Figure | None
    labelled: int
    unpriced: int
    rehearsal: int
    skipped: Mapping[str, int]
    lacking: tuple[LeftOut, ...]

    @property
    def runs(self) -> int:
        """How many runs were replayed."""
        return len(self.outcomes)

    @property
    def estimated(self) -> int:
        """How many of them are not wholly recorded."""
        return self.cost.estimated_runs

    def behind(self, field: Field) -> list[Outcome]:
        """The runs behind a number: those that add to it, the largest share first.

        Args:
            field: name of the number.
        """
        column = self.outcomes.column(field)
        found = sorted(
            (number for number, value in enumerate(column) if value), key=lambda number: -abs(column[number])
        )
        return [self.outcomes[number] for number in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """The same runs under two settings.

    Attributes:
        one, other: what they come to.
        differing: pairs of outcomes of the runs that come to something else, in the order of the runs.
    """

    one: ReplayResult
    other: ReplayResult
    differing: tuple[tuple[Outcome, Outcome], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """What runs come to at one threshold.

    Attributes:
        threshold: the gate's.
        cost: nano-USD of all runs.
        quality: mean estimated probability that an answer is right.
        right: share of right answers among the runs with marks; None: no run has any.
        escalated: how many runs.
    """

    threshold: float
    cost: Figure
    quality: Figure
    right: Figure | None
    escalated: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Cost against quality over thresholds.

    Attributes:
        points: by rising threshold.
        here: where the settings themselves are.
    """

    points: tuple[CurvePoint, ...]
    here: CurvePoint

    @property
    def measure(self) -> Literal["right", "quality"]:
        """What stands for quality: ``right`` where answers are marked, else the gate's own ``quality``."""
        return "quality" if self.here.right is None else "right"


def point_of(threshold: float, outcomes: Outcomes) -> CurvePoint:
    """The point of a curve that runs come to."""
    return CurvePoint(
        threshold=threshold,
        cost=outcomes.total("cost"),
        quality=outcomes.total("quality"),
        right=outcomes.total("right") if outcomes.labelled else None,
        escalated=outcomes.total("escalated"),
    )
