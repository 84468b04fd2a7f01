"""What recorded runs come to under other settings: a row a run, and sums over them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import compress
from math import hypot, sqrt
from operator import and_, eq, mul
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, overload

from cascadeflow.whatif.evidence import Z
from cascadeflow.whatif.figures import Figure

if TYPE_CHECKING:
    from cascadeflow.whatif.records import Recorded
from cascadeflow.whatif.steps import Step


class Values(NamedTuple):
    """What a run comes to; shares of it where it is not certain what happens.

    Attributes:
        cost: nano-USD.
        saved: nano-USD against the strongest model answering at the same length.
        latency_ms: milliseconds.
        calls: to models.
        escalated: whether a later step had to run because an answer did not pass.
        validated: whether the answer that stands passed.
        changed: whether another answer stands than the recorded one.
        refused: whether a call did not fit the budget.
        quality: estimated probability that the answer is right; 0 where there is none.
        right: whether the answer is right by the user's marks; 0 for runs without any.
    """

    cost: float
    saved: float
    latency_ms: float
    calls: float
    escalated: float
    validated: float
    changed: float
    refused: float
    quality: float
    right: float


class Outcome(NamedTuple):
    """What becomes of one run under other settings.

    Attributes:
        run_id: identifier of the run.
        exact: whether all of it was recorded; else it is estimated.
        values: the best guess.
        low: what the run comes to where models pass often and answer briefly.
        high: what it comes to where they pass rarely and answer at length.
        model: whose answer most likely stands; empty: nobody's.
        before: whose answer stood; empty: nobody's.
        cost_known: False where a call has no known price; the cost is then a lower bound.
        labelled: whether the user marked an answer of the run.
    """

    run_id: str
    exact: bool
    values: Values
    low: Values
    high: Values
    model: str
    before: str
    cost_known: bool
    labelled: bool


FIELDS: Final = Values._fields
_WIDTH: Final = len(FIELDS)
_SHARES: Final = frozenset({"escalated", "validated", "changed", "refused", "quality", "right"})
_ALIKE: Final = frozenset({"cost", "latency_ms", "calls", "escalated", "validated"})
"""Numbers whose ends lie the same way for every run, so that sums can be compared instead of runs."""
_MEANS: Final = frozenset({"latency_ms", "quality", "right"})


class Filled(NamedTuple):
    """A row of the table.

    Attributes:
        values: in the order of `Values`: the best guess; if anything is estimated, then both ends.
        scatter: by how much the cost and the latency of such runs scatter, squared.
        compared: nano-USD of what was saved that rest on another model's length.
    """

    values: tuple[float, ...]
    scatter: tuple[float, float]
    compared: float


class Row(Protocol):
    """What fills a row of the table."""

    exact: bool
    model: str

    def fill(self, run: Recorded) -> Filled:
        """The row of a run."""
        ...

    def cost_known(self, run: Recorded) -> bool:
        """Whether every call has a price."""
        ...


class Outcomes(Sequence[Outcome]):
    """Outcomes of many runs, kept as columns of numbers, which is what sums over ten thousand runs take.

    Args:
        planned: runs with the steps they have.
    """

    def __init__(self, planned: Sequence[tuple[Recorded, tuple[Step, ...]]]) -> None:
        self.planned = planned
        self._rows: list[Row | None] = [None] * len(planned)
        self._numbers = array("d", bytes(8 * 3 * _WIDTH * len(planned)))
        self._scatter = [array("d", bytes(8 * len(planned))) for _ in range(2)]
        self._compared = array("d", bytes(8 * len(planned)))
        self._exact = bytearray(len(planned))
        self._labelled = bytearray(run.labelled for run, _ in planned)

    def put(self, number: int, row: Row) -> None:
        """Fill a row, unless it is filled with the same already.

        Args:
            number: of the run.
            row: what becomes of it.
        """
        if self._rows[number] is row:
            return
        run = self.planned[number][0]
        self._rows[number] = row
        filled = row.fill(run)
        values = filled.values * 3 if len(filled.values) == _WIDTH else filled.values
        self._numbers[3 * _WIDTH * number : 3 * _WIDTH * (number + 1)] = array("d", values)
        self._exact[number] = row.exact
        self._scatter[0][number], self._scatter[1][number] = filled.scatter
        self._compared[number] = filled.compared

    def cost(self, number: int) -> float:
        """Nano-USD of a run."""
        return self._numbers[3 * _WIDTH * number]

    def exact(self, number: int) -> bool:
        """Whether a run's outcome was recorded."""
        return bool(self._exact[number])

    def column(self, field: str, which: int = 0) -> array[float]:
        """One number of all runs."""
        return self._numbers[which * _WIDTH + FIELDS.index(field) :: 3 * _WIDTH]

    def total(self, field: str) -> Figure:
        """The sum of a number; the mean for ``latency_ms``, ``quality`` and ``right``, for the last of marked runs.

        What is not known about models is not known for all runs alike, so those differences add up; the scatter
        of single runs is independent of it and of each other.

        Args:
            field: name of the number.
        """
        middle, low, high = (self.column(field, which) for which in range(3))
        sure, counted = self._exact, len(self)
        if field == "right":  # of a run that is exact, the answer that stands may have no mark
            marked = bytearray(map(and_, self._labelled, map(eq, low, high)))
            sure, counted = bytearray(map(and_, sure, marked)), self.labelled
        exact_runs = sum(sure)
        value, recorded = sum(middle), sum(compress(middle, sure))
        least = most = value
        if exact_runs < counted:
            spread = Z * sqrt(self._variance(field, middle))
            if field in _ALIKE:
                one, other = sum(low), sum(high)
                least, most = min(value, one, other), max(value, one, other)
            else:
                least, most = sum(map(min, middle, low, high)), sum(map(max, middle, low, high))
            least, most = value - hypot(value - least, spread), value + hypot(most - value, spread)
            least = least if field == "saved" else max(recorded, least)
            most = min(counted, most) if field in _SHARES else most
        runs = max(1, counted) if field in _MEANS else 1
        return Figure(
            value=value / runs,
            low=least / runs,
            high=most / runs,
            recorded=recorded / runs,
            exact_runs=exact_runs,
            estimated_runs=counted - exact_runs,
        )

    def total_saved(self, ratio: tuple[float, float]) -> Figure:
        """What was saved, with the interval that comes from not knowing how long the strongest model's answers are.

        Args:
            ratio: between what its length may be, as a multiple of the length it is taken to have.
        """
        found, compared = self.total("saved"), sum(self._compared)
        return Figure(
            value=found.value,
            low=found.low - compared * (1 - ratio[0]),
            high=found.high + compared * (ratio[1] - 1),
            recorded=found.recorded,
            exact_runs=found.exact_runs,
            estimated_runs=found.estimated_runs,
        )

    @property
    def labelled(self) -> int:
        """How many runs have marks."""
        return sum(self._labelled)

    @property
    def unpriced(self) -> int:
        """How many runs have a call without a known price."""
        filled = zip(self.planned, self._rows, strict=True)
        return sum(row is not None and not row.cost_known(run) for (run, _), row in filled)

    def _variance(self, field: str, middle: array[float]) -> float:
        """By how much the sum of a number scatters around its expectation, squared."""
        if field in ("calls", "quality"):
            return 0.0
        if field in _SHARES:
            return max(0.0, float(sum(middle) - sum(map(mul, middle, middle))))
        return float(sum(self._scatter[1 if field == "latency_ms" else 0]))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Outcome]:
        return map(self._outcome, range(len(self)))

    @overload
    def __getitem__(self, number: int) -> Outcome: ...
    @overload
    def __getitem__(self, number: slice) -> list[Outcome]: ...
    def __getitem__(self, number: int | slice) -> Outcome | list[Outcome]:
        places = range(len(self))[number]
        return [self._outcome(place) for place in places] if isinstance(places, range) else self._outcome(places)

    def _outcome(self, number: int) -> Outcome:
        run, row = self.planned[number][0], self._rows[number]
        assert row is not None  # noqa: S101  # a table is handed out when it is full
        starts = (_WIDTH * (3 * number + which) for which in range(3))
        middle, low, high = (Values(*self._numbers[start : start + _WIDTH]) for start in starts)
        return Outcome(
            run_id=run.run_id,
            exact=row.exact,
            values=middle,
            low=low,
            high=high,
            model=row.model,
            before="" if run.standing is None else run.calls[run.standing].model,
            cost_known=row.cost_known(run),
            labelled=run.labelled,
        )
