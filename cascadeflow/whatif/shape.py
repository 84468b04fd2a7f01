"""Which calls a run makes under other settings, how likely each, and whose answer stands.

The rules are those of `core.cascade`. A call that was recorded says what it said and passes if its score reaches
the threshold; that is exact. Of a call that was not, `Evidence` tells how likely it passes, and whatever
follows happens with that probability. None of it depends on lengths and prices, so that runs of the same kind
share one shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cascadeflow.whatif.evidence import Estimate
from cascadeflow.whatif.records import Call, Recorded
from cascadeflow.whatif.steps import Step

Triple = tuple[float, float, float]
"""The best guess; what makes a run cheap; what makes it dear."""
MIDDLE, LOW, HIGH = 0, 1, 2


class Leg(NamedTuple):
    """A call that may be made.

    Attributes:
        step: what is asked.
        recorded: index of the recorded call; -1: it was not recorded.
        weights: probability that it is made.
        draft: position among the legs of the answer that a verify step is shown; -1: none.
    """

    step: Step
    recorded: int
    weights: Triple
    draft: int


class Shape(NamedTuple):
    """What runs of one kind do.

    Attributes:
        exact: whether all of it was recorded.
        on_record: whether it is what was recorded.
        legs: the calls, in order.
        stands: position among the legs → probability that its answer stands.
        escalated: probability that a later step has to run because an answer did not pass.
        validated: probability that the answer that stands passed.
        refused: probability that a call does not fit the budget.
    """

    exact: bool
    on_record: bool
    legs: tuple[Leg, ...]
    stands: tuple[tuple[int, Triple], ...]
    escalated: Triple
    validated: Triple
    refused: Triple


class Odds(NamedTuple):
    """How likely what was not recorded happens, from the step.

    Attributes:
        accepts: an answer passes.
        confirms: a verify step finds no fault.
        corrects: one that finds fault gives an answer that passes.
    """

    accepts: Callable[[Step], Estimate]
    confirms: Callable[[Step], Estimate]
    corrects: Callable[[Step], float]


class Purse(NamedTuple):
    """What limits a run.

    Attributes:
        left: nano-USD that may be spent.
        cost: nano-USD of a call, from its step and the index of the recorded call, or -1.
    """

    left: float
    cost: Callable[[Step, int], float]


def shape_of(
    run: Recorded,
    steps: Sequence[Step],
    passes: Sequence[float],
    ranks: tuple[int, ...] | None,
    odds: Odds,
    purse: Purse | None = None,
) -> Shape:
    """The shape of a run.

    Args:
        run: as recorded.
        steps: of its plan under the settings.
        passes: of each recorded call, whether the gate lets it pass, as 0 or 1; between them: a guess.
        ranks: of the recorded calls' scores, 0 for the highest; None: as recorded; empty: nobody can say.
        odds: of what is not known.
        purse: a call that does not fit it is taken as refused; None: no limit.
    """
    walks = [_Walk(run, steps, passes, ranks, odds, purse, MIDDLE)]
    if not walks[0].exact:
        walks += [_Walk(run, steps, passes, ranks, odds, purse, which) for which in (LOW, HIGH)]
    middle, low, high = walks if len(walks) > 1 else walks * 3
    places = sorted({*middle.weights, *low.weights, *high.weights})
    at = {place: position for position, place in enumerate(places)}
    legs = tuple(
        Leg(
            step=(one := next(walk for walk in walks if place in walk.weights)).steps[place],
            recorded=one.recorded.get(place, -1),
            weights=(middle.weights.get(place, 0.0), low.weights.get(place, 0.0), high.weights.get(place, 0.0)),
            draft=at.get(one.shown.get(place, -1), -1),
        )
        for place in places
    )
    standing = sorted({*middle.stands, *low.stands, *high.stands})
    return Shape(
        exact=middle.exact,
        on_record=middle.on_record,
        legs=legs,
        stands=tuple(
            (at[place], (middle.stands.get(place, 0.0), low.stands.get(place, 0.0), high.stands.get(place, 0.0)))
            for place in standing
        ),
        escalated=(middle.escalated, low.escalated, high.escalated),
        validated=(middle.validated, low.validated, high.validated),
        refused=(middle.refused, low.refused, high.refused),
    )


@dataclass(slots=True)
class _Walk:
    """One walk through a run, at one end of the estimates.

    Calls are named by their place among the steps; `open` is the probability that no answer stands yet. A
    verify step's own answer that failed its checks is not told from none, which makes a walk `unclear`.
    """

    run: Recorded
    planned: Sequence[Step]
    passes: Sequence[float]
    ranks: tuple[int, ...] | None
    odds: Odds
    purse: Purse | None
    which: int
    steps: list[Step] = field(init=False)
    open: float = 1.0
    stands: dict[int, float] = field(default_factory=dict)
    weights: dict[int, float] = field(default_factory=dict)
    recorded: dict[int, int] = field(default_factory=dict)
    shown: dict[int, int] = field(default_factory=dict)
    drafts: list[int] = field(default_factory=list)
    last_failed: bool = False
    escalated: float = 0.0
    validated: float = 0.0
    refused: float = 0.0
    spent: float = 0.0
    unclear: bool = False
    exact: bool = True
    on_record: bool = True

    def __post_init__(self) -> None:
        self.steps = list(self.planned)
        self.on_record = tuple(step.what for step in self.planned) == self.run.plan[0]
        following = self._go()
        self.validated = 1 - self.open
        if self.ranks is not None and self.open > 0 and (len(self.drafts) > 1 or self.unclear):
            self.on_record = False  # another draft may be the best now
        if self.on_record:
            self._end_as_recorded(following)
        elif self.open > 0 and self.drafts:
            self.exact = self.exact and not self.unclear
            best = self._best()
            self.stands[best] = self.stands.get(best, 0.0) + self.open

    def _go(self) -> int:
        """Walk the planned steps; gives how many recorded calls were met in their order."""
        following = 0
        undone = 0.0
        for place, step in enumerate(self.planned):
            weight = undone if step.fallback else 1.0 if step.run == "always" else self.open
            undone = 0.0
            if weight <= 0.0:
                continue
            index = self._find(step)
            if index is None and self.on_record:
                continue  # it was not asked then either: no money, no time, or the user had stopped the run
            if not self._afford(step, -1 if index is None else index, weight):
                self.refused = max(self.refused, weight)
                self.exact = self.on_record = False
                continue
            self._note(place, step, weight)
            if index is None:
                self.exact = self.on_record = False
                undone = self._estimate(place, step, weight)
                continue
            call = self.run.calls[index]
            passed, undone = self._recall(place, step, index, weight)
            self.on_record = self.on_record and index == following and passed == call.passes
            following = index + 1
            if call.stopped:
                break
        return following

    def _afford(self, step: Step, index: int, weight: float) -> bool:
        """Take the money for a call; False: it does not fit what is left."""
        if self.purse is None:
            return True
        cost = self.purse.cost(step, index)
        if cost > self.purse.left - self.spent:
            return False
        self.spent += weight * cost
        return True

    def _find(self, step: Step) -> int | None:
        """The recorded call of a step; where there is none, an audit, which tells what the model would have said."""
        answers = step.role == "answer" or not self.drafts
        used = self.recorded.values()
        audit = None
        for index, call in enumerate(self.run.calls):
            if call.model == step.model and index not in used:
                if call.audit:
                    audit = index
                elif call.answers == answers:
                    return index
        return None if self.on_record else audit

    def _note(self, place: int, step: Step, weight: float) -> None:
        """Take note of a call, and of the escalation that it may be."""
        if self.weights and not step.fallback and not self.last_failed:
            self.escalated = max(self.escalated, min(weight, self.open))
        self.weights[place] = weight
        self.last_failed = False

    def _recall(self, place: int, step: Step, index: int, weight: float) -> tuple[float, float]:
        """Take a recorded call: how likely its text passes, and how likely its fallback is asked."""
        call = self.run.calls[index]
        self.recorded[place] = index
        if call.failed or call.stopped:
            self.last_failed = call.failed
            return 0.0, weight
        passes = self._judged(call, step, index)
        if not call.answers and not call.audit:
            return passes, self._verify(place, call, step, weight, passes)
        return passes, self._answer(place, step, weight, passes)

    def _judged(self, call: Call, step: Step, index: int) -> float:
        """How likely a recorded text passes; 0 or 1 where that was recorded."""
        if call.audit:
            self.exact = False
            return self._end(self.odds.accepts(step))
        if step.validation is None:
            passes = self.passes[index]
            if passes in (0.0, 1.0):
                return passes
            self.exact = False
            return self._end(Estimate(passes, 0.0, 1.0))
        if step.validation == call.validation:
            return float(call.passes)
        self.exact = False
        return self._end(self.odds.accepts(step))

    def _estimate(self, place: int, step: Step, weight: float) -> float:
        """Guess a call that was not recorded; gives how likely its fallback is asked."""
        if step.role == "verify" and self.drafts:
            self.shown[place] = self.drafts[-1]
            return self._guess_verdict(place, step, weight)
        return self._answer(place, step, weight, self._end(self.odds.accepts(step)))

    def _end(self, odds: Estimate) -> float:
        """The end of an estimate that a walk takes: models pass often where the run is to be cheap."""
        return (odds.value, odds.high, odds.low)[self.which]

    def _answer(self, place: int, step: Step, weight: float, passes: float) -> float:
        self.drafts.append(place)
        self._accept(place, weight * passes, replaces=step.run == "always")
        return weight * (1 - passes)

    def _accept(self, place: int, weight: float, *, replaces: bool) -> None:
        """Let an answer stand with that probability, in place of what stood or of nothing."""
        if replaces:
            self._scale(1 - weight)
            self.open *= 1 - weight
        else:
            self.open = max(0.0, self.open - weight)
        if weight > 0:
            self.stands[place] = self.stands.get(place, 0.0) + weight

    def _scale(self, share: float) -> None:
        self.stands = {place: share * before for place, before in self.stands.items() if share * before > 0}

    def _verify(self, place: int, call: Call, step: Step, weight: float, passes: float) -> float:
        """What a recorded verdict does to the answer that stands; gives how likely the step's fallback is asked."""
        if call.shown is None or self._draft() != call.shown:
            self.exact = False  # it would see another draft
            return self._guess_verdict(place, step, weight)
        if call.corrects:
            self.drafts.append(place)
            if step.run == "always":
                self.stands, self.open = {}, 1.0
            self._accept(place, weight * passes, replaces=False)
            return 0.0
        if call.readable and not call.confirms:
            self.unclear = True
            self.exact = self.exact and passes == call.passes
        kept = passes if call.confirms else 0.0
        if step.run == "always":
            self._scale(kept)
            self.open = 1 - (1 - self.open) * kept
        return 0.0 if call.readable else weight * self.open

    def _guess_verdict(self, place: int, step: Step, weight: float) -> float:
        """What a verdict that was not recorded does: it confirms, corrects, or rejects without a correction."""
        confirms = self._end(self.odds.confirms(step))
        corrects = (1 - confirms) * self.odds.corrects(step)
        if step.run == "always":
            self._scale(confirms)
            self.open = 1 - (1 - self.open) * confirms
        self.drafts.append(place)
        self._accept(place, min(self.open, weight * corrects), replaces=False)
        return 0.0

    def _draft(self) -> int:
        """The recorded call whose answer a verify step would see; -1: that is not certain."""
        if self.open == 0.0 and len(self.stands) == 1:
            return self.recorded.get(next(iter(self.stands)), -1)
        return self.recorded.get(self.drafts[-1], -1) if self.open == 1.0 and self.drafts else -1

    def _best(self) -> int:
        """The draft that is returned where none passes."""
        if any(place not in self.recorded for place in self.drafts):
            return self.drafts[-1]
        ranks = self.ranks
        if ranks is None:
            return max(self.drafts, key=lambda place: self.run.calls[self.recorded[place]].score or 0.0)
        if not ranks and len(self.drafts) > 1:
            self.exact = False
            return self.drafts[-1]
        return min(self.drafts, key=lambda place: ranks[self.recorded[place]] if ranks else 0)

    def _end_as_recorded(self, following: int) -> None:
        """Everything went as it did, so it ends as it did; calls outside the plan, which cost nothing, included."""
        for index in range(following, len(self.run.calls)):
            place = len(self.steps)
            self.steps.append(_outside(self.run.calls[index]))
            self.weights[place], self.recorded[place] = 1.0, index
        place_of = {index: place for place, index in self.recorded.items()}
        standing = self.run.standing
        self.stands = {} if standing is None else {place_of[standing]: 1.0}
        self.validated = 0.0 if standing is None else self.validated
        self.escalated = float(self.run.escalated)


def _outside(call: Call) -> Step:
    return Step(
        model=call.model,
        role=call.role,
        run="if_needed",
        validation=call.validation,
        fallback=True,
        price=None,
        p_accept=0.0,
        strength=0.0,
        latency_ms=0.0,
        threshold=0.0,
    )
