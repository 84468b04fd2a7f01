"""`Figure`: a number over runs that says how much of it was recorded and how much is guessed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number over several runs.

    Attributes:
        value: recorded and estimated part together.
        low, high: the interval of 95 %; both are the value where all of it is exact.
        recorded: the part that comes from runs whose outcome was recorded.
        exact_runs: how many runs that are.
        estimated_runs: how many runs are estimated.
    """

    value: float
    low: float
    high: float
    recorded: float
    exact_runs: int
    estimated_runs: int

    @property
    def exact(self) -> bool:
        """Whether nothing in it is estimated."""
        return not self.estimated_runs and self.low == self.high == self.value

    @property
    def estimated(self) -> float:
        """The part that is estimated."""
        return self.value - self.recorded
