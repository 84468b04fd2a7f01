"""`Walker`: recorded runs under one set of settings, each with what it costs and whose answer stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cascadeflow.money import Price
from cascadeflow.whatif.evidence import KEEPS, Evidence, score_between, score_of
from cascadeflow.whatif.pricing import PricedShape, cost_of_step
from cascadeflow.whatif.records import Call, Recorded, ranks_of
from cascadeflow.whatif.shape import Odds, Purse, shape_of
from cascadeflow.whatif.steps import Step


class Walker:
    """Recorded runs under one set of settings.

    Args:
        evidence: statistics over all runs.
        threshold: that every score has to reach; None: as recorded, or as planned.
        planned: whether the plan's own thresholds hold where none is given.
        checks: names of the checks that count; None: as recorded.
        prices: model → price that replaces the recorded one.
        before: a walker of which only the threshold differs; what it found is used again where it holds.

    Attributes:
        shapes: what was found so far, by all that it depends on.
    """

    def __init__(
        self,
        evidence: Evidence,
        *,
        threshold: float | None,
        planned: bool,
        checks: frozenset[str] | None,
        prices: Mapping[str, Price],
        before: Walker | None = None,
    ) -> None:
        self._evidence = evidence
        self._threshold, self._checks, self._prices = threshold, checks, prices
        self._planned = planned
        self._needed: dict[int, dict[str, float]] = {}
        self._seen: frozenset[str] | None = None
        self.shapes: dict[tuple[Any, ...], PricedShape] = {}
        self._before = {} if before is None else before.shapes

    def shape(self, run: Recorded, steps: Sequence[Step], left: float | None = None) -> PricedShape:
        """What becomes of a run.

        Args:
            run: as recorded.
            steps: of its plan under the settings; the same object for plans that are the same.
            left: nano-USD that may still be spent; None: no limit.
        """
        needed = self._thresholds(steps)
        passes, ranks = self._judge(run, needed)
        if left is not None:
            purse = Purse(left, lambda step, index: cost_of_step(step, run, index, self._evidence, self._prices))
            return self._priced(run, steps, passes, ranks, purse)
        key = (id(steps), run.kind, run.domain, passes, ranks)
        found = self.shapes.get(key)
        if found is None:
            found = self._priced(run, steps, passes, ranks, None)
            known = self._before.get(key)
            found = self.shapes[key] = found if known is None or known.shape != found.shape else known
        return found

    def holds_until(self, run: Recorded) -> float:
        """Up to which threshold an exact outcome of a run stays what it is, from the one that is given on."""
        found = (bound for call in run.calls if call.score is not None for bound in score_between(call, self._checks))
        return min((bound for bound in found if bound >= (self._threshold or 0.0)), default=1.0)

    def _thresholds(self, steps: Sequence[Step]) -> dict[str, float]:
        """Model → score that its answers need, where it is not the recorded one."""
        found = self._needed.get(id(steps))
        if found is None:
            found = {}
            if self._threshold is not None or self._planned:
                found = {step.model: step.threshold if self._threshold is None else self._threshold for step in steps}
            self._needed[id(steps)] = found
        return found

    def _priced(
        self,
        run: Recorded,
        steps: Sequence[Step],
        passes: Sequence[float],
        ranks: tuple[int, ...] | None,
        purse: Purse | None,
    ) -> PricedShape:
        evidence = self._evidence
        odds = Odds(
            accepts=lambda step: evidence.accepts(
                step, run, step.threshold if self._threshold is None else self._threshold, self._checks
            ),
            confirms=lambda step: evidence.confirms(step, run),
            corrects=lambda step: evidence.corrects(step, run),
        )
        shape = shape_of(run, steps, passes, ranks, odds, purse)
        return PricedShape(shape, run, steps, self._evidence, self._prices)

    def _judge(self, run: Recorded, needed: Mapping[str, float]) -> tuple[tuple[float, ...], tuple[int, ...] | None]:
        """Whether the gate lets each call pass, and the ranks of their scores; see `shape_of`."""
        checks, calls = self._checks, run.calls
        if checks is None or all(call.score is None or self._heard(call) for call in calls):
            return tuple(
                [
                    float(call.passes if call.score is None else call.score >= needed.get(call.model, call.threshold))
                    for call in calls
                ]
            ), None
        bounds = [score_between(call, checks) for call in calls]
        passes = []
        for call, (low, high) in zip(calls, bounds, strict=True):
            least = needed.get(call.model, call.threshold)
            if call.score is None:
                passes.append(float(call.passes))
            elif low >= least or high < least:
                passes.append(float(low >= least))
            else:
                passes.append(KEEPS if score_of(call, checks) >= least else 1 - KEEPS)
        known = all(low == high for low, high in bounds)
        return tuple(passes), ranks_of(low for low, _ in bounds) if known else ()

    def _heard(self, call: Call) -> bool:
        """Whether just those checks had a say on a call that count now."""
        if call.checks is not self._seen and self._checks == call.checks:
            self._seen = call.checks  # one object for all calls with those, so that sets are compared once
        return call.checks is self._seen
