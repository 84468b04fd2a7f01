"""What recorded runs tell about calls that were not made: how often a model passes, how long it answers, how fast.

Each estimate has an interval of 95 %: Wilson's for shares, the mean's normal one for lengths and times
(Wilson, 1927; any textbook). Where a model has too few recorded calls, a rule of thumb stands in, with an
interval so wide that nobody takes it for knowledge. A model that was asked only after a draft was rejected
is known from harder questions than the average; no formula mends that.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import compress
from math import exp, log, sqrt
from typing import Any, NamedTuple

from cascadeflow.quality.gate import WEIGHTS
from cascadeflow.routing.selection import EXPECTED_OUTPUT_TOKENS
from cascadeflow.whatif.records import Call, Recorded
from cascadeflow.whatif.steps import Step

Z = 1.959964
"""Quantile of the normal distribution for 95 %."""
ENOUGH = 5
"""Recorded calls from which a mean is worth more than a rule of thumb."""
ENOUGH_OF_A_DOMAIN = 10
"""Recorded answers in one domain from which that domain speaks for itself."""
KEEPS = 0.8
"""How often an answer stays on its side of the threshold when further checks have a say."""
CONFIRMS, CORRECTS = 0.8, 0.5
"""How often a verify step confirms, and corrects what it does not confirm, where none was recorded."""
SPREAD = 3.0
"""By what factor a model's typical length or time may differ from a rule of thumb."""
_LEAST = 1e-12
"""Scores nearer to 0 or 1 than this have no log-odds of their own."""
LENGTH_RATIO = (0.67, 1.5)
"""Length of the strongest model's answers against a draft's, where no run shows both."""


class Estimate(NamedTuple):
    """A number that was not recorded.

    Attributes:
        value: the best guess.
        low, high: the interval.
        deviation: how much single values scatter around it.
    """

    value: float
    low: float
    high: float
    deviation: float = 0.0


class Evidence:
    """Statistics over recorded runs, each worked out when it is first asked for.

    Args:
        runs: all that are known.
    """

    def __init__(self, runs: Iterable[Recorded]) -> None:
        self._answers: dict[tuple[str, bool], list[tuple[str, Call]]] = {}
        self._said: dict[tuple[Any, ...], list[Call]] = {}
        self._pairs: list[tuple[int, int]] = []
        self._known: dict[tuple[Any, ...], Any] = {}
        for run in runs:
            for call in run.calls:
                if call.stopped:
                    continue
                if call.answers and not call.audit:
                    self._answers.setdefault((call.model, run.rehearsal), []).append((run.domain, call))
                if call.failed:
                    continue
                for model in (call.model, ""):
                    for complexity in (run.complexity, ""):
                        key = (model, "answer" if call.audit else call.role, complexity, run.rehearsal)
                        self._said.setdefault(key, []).append(call)
            lengths = [call.usages[-1][1] for call in run.calls if call.answers and not call.failed]
            if len(lengths) > 1:
                self._pairs.append((lengths[0], lengths[-1]))

    def accepts(self, step: Step, run: Recorded, threshold: float, checks: frozenset[str] | None) -> Estimate:
        """How likely the step's model passes in a run in which it was not asked.

        Args:
            step: the call.
            run: for its domain.
            threshold: the gate's.
            checks: names of the checks that count; None: as recorded.
        """
        key = ("accepts", step.model, step.validation, run.domain, run.rehearsal, threshold, checks, step.p_accept)
        return self._once(key, lambda: self._accepts(step, run, threshold, checks))

    def confirms(self, step: Step, run: Recorded) -> Estimate:
        """How likely a verify step of the model finds no fault in a draft that it did not see."""
        said = self._said.get((step.model, "verify", "", run.rehearsal), ())
        verdicts = [call.confirms for call in said if not call.answers]
        return self._once(
            ("confirms", step.model, run.rehearsal), lambda: share_of(sum(verdicts), len(verdicts), guess=CONFIRMS)
        )

    def corrects(self, step: Step, run: Recorded) -> float:
        """How likely one that finds fault gives an answer of its own that passes."""
        said = self._said.get((step.model, "verify", "", run.rehearsal), ())
        faults = [call.corrects for call in said if not call.answers and not call.confirms]
        return share_of(sum(faults), len(faults), guess=CORRECTS).value

    def length(self, step: Step, run: Recorded) -> Estimate:
        """How many tokens the step's model answers with."""
        typical = EXPECTED_OUTPUT_TOKENS["simple" if step.role == "verify" else run.complexity]
        return self._once(
            ("length", step.model, step.role, run.complexity, run.rehearsal),
            lambda: self._mean(step, run, lambda call: call.usages[-1][1], typical),
        )

    def latency(self, step: Step, run: Recorded) -> Estimate:
        """How many milliseconds the step's model takes."""
        return self._once(
            ("latency", step.model, step.role, run.complexity, run.rehearsal, step.latency_ms),
            lambda: self._mean(step, run, lambda call: call.latency_ms, step.latency_ms, of_others=False),
        )

    def quality(self, step: Step, run: Recorded) -> Estimate:
        """The mean estimated probability that an answer of the step's model is right."""
        key = ("quality", step.model, run.rehearsal, step.strength)
        return self._once(key, lambda: self._quality(step, run))

    def right(self, step: Step, run: Recorded) -> Estimate:
        """The share of the step's model's marked answers that are right."""
        key = ("right", step.model, run.rehearsal, step.strength)
        return self._once(key, lambda: self._right(step, run))

    def length_ratio(self) -> tuple[float, float]:
        """Between what the last answer of a run may be, as a multiple of the first one's length."""
        if len(self._pairs) < ENOUGH:
            return LENGTH_RATIO
        first, last = (sum(pair[at] for pair in self._pairs) for at in (0, 1))
        if not first:
            return LENGTH_RATIO
        ratio, count = last / first, len(self._pairs)
        rest = sum((last - ratio * first) ** 2 for first, last in self._pairs) / (count - 1)
        half = Z * sqrt(rest / count) / (first / count)
        return max(0.0, min(1.0, ratio - half)), max(1.0, ratio + half)

    def _once(self, key: tuple[Any, ...], work: Callable[[], Estimate]) -> Estimate:
        found: Estimate | None = self._known.get(key)
        if found is None:
            found = self._known[key] = work()
        return found

    def _accepts(self, step: Step, run: Recorded, threshold: float, checks: frozenset[str] | None) -> Estimate:
        passed, count = (0, 0, 0), 0
        for domain, enough in ((run.domain, ENOUGH_OF_A_DOMAIN), ("", 0)):
            passed, count = self._passed(step, run.rehearsal, domain, threshold, checks)
            if count >= enough:
                break
        low, middle, high = (share_of(one, count, guess=step.p_accept) for one in passed)
        return Estimate(middle.value, low.low, high.high)

    def _passed(
        self, step: Step, rehearsal: bool, domain: str, threshold: float, checks: frozenset[str] | None
    ) -> tuple[tuple[int, int, int], int]:
        """How many answers passed at least, as far as is known, and at most; and of how many."""
        answers = self._answers.get((step.model, rehearsal), ())
        of_domain = (call for name, call in answers if not domain or name == domain)
        if step.validation is not None:
            decided = [call.passes for call in of_domain if call.validation == step.validation]
            return (sum(decided),) * 3, len(decided)
        key = ("scores", step.model, rehearsal, domain, checks)
        columns: list[list[float]] | None = self._known.get(key)
        if columns is None:
            calls = list(of_domain)
            columns = self._known[key] = [
                sorted(score_between(call, checks)[0] for call in calls),
                sorted(score_of(call, checks) for call in calls),
                sorted(score_between(call, checks)[1] for call in calls),
            ]
        low, middle, high = (len(scores) - bisect_left(scores, threshold) for scores in columns)
        return (low, middle, high), len(columns[0])

    def _mean(
        self, step: Step, run: Recorded, of: Callable[[Call], float], typical: float, *, of_others: bool = True
    ) -> Estimate:
        for model in (step.model, "") if of_others else (step.model,):
            for complexity in (run.complexity, ""):
                values = [of(call) for call in self._said.get((model, step.role, complexity, run.rehearsal), ())]
                if len(values) >= ENOUGH:
                    own = mean_of(values)
                    return own if model else _wide(own.value, own.deviation)
        return _wide(typical, typical / 2)

    def _quality(self, step: Step, run: Recorded) -> Estimate:
        answers = self._answers.get((step.model, run.rehearsal), ())
        values = [call.p_correct for _, call in answers if call.p_correct is not None]
        if len(values) < ENOUGH:
            return Estimate(max(0.0, step.strength), 0.0, 1.0)
        mean = mean_of(values)
        return Estimate(mean.value, max(0.0, mean.low), min(1.0, mean.high))

    def _right(self, step: Step, run: Recorded) -> Estimate:
        marks = [call.right for _, call in self._answers.get((step.model, run.rehearsal), ()) if call.right is not None]
        return share_of(sum(marks), len(marks), guess=self.quality(step, run).value)


def score_between(call: Call, checks: frozenset[str] | None) -> tuple[float, float]:
    """The least and the most that the gate's score of an answer could be if other checks had a say.

    Args:
        call: a call.
        checks: names of those that count; None: as recorded.

    Returns:
        Twice the same where every check that counts was recorded; a check that was not may say anything.
    """
    if checks is None or checks == call.checks or call.score is None:
        return score_of(call, checks), score_of(call, checks)
    loss, gain = _missing(call.names, checks)
    low, high = _log_odds(call, checks)
    if not loss and not gain and low == high:
        return (known := logistic(low)), known
    return logistic(low - loss), logistic(high + gain)


def score_of(call: Call, checks: frozenset[str] | None) -> float:
    """The score as far as it is known: a check that did not run says nothing, a call that failed has 0."""
    if checks is None or checks == call.checks or call.score is None:
        return call.score or 0.0
    low, high = _log_odds(call, checks)
    return logistic((low + high) / 2)


def _log_odds(call: Call, checks: frozenset[str]) -> tuple[float, float]:
    """What the recorded log-odds are, at least and at most, without the checks that do not count.

    Where the score has another part beside its checks, a check in favour may not have counted.
    """
    score = min(max(call.score or 0.0, _LEAST), 1 - _LEAST)
    log_odds = log(score / (1 - score))
    gone = list(compress(call.moved, _dropped(call.names, checks)))
    against = log_odds - sum(moved for moved in gone if moved < 0)
    in_favour = sum(moved for moved in gone if moved > 0)
    return against - in_favour, against - in_favour if call.additive else against


@lru_cache(maxsize=64)
def _dropped(names: tuple[str, ...], checks: frozenset[str]) -> tuple[bool, ...]:
    return tuple(name not in checks for name in names)


@lru_cache(maxsize=64)
def _missing(names: tuple[str, ...], checks: frozenset[str]) -> tuple[float, float]:
    """The most that checks without a say could have taken away, and added."""
    missing = [WEIGHTS[name] for name in sorted(checks.difference(names)) if name in WEIGHTS]
    return sum(weight.loss for weight in missing), sum(weight.gain for weight in missing)


def logistic(log_odds: float) -> float:
    """Log-odds as a probability."""
    return 1 / (1 + exp(-log_odds))


def share_of(successes: int, count: int, *, guess: float) -> Estimate:
    """A share with Wilson's interval; the guess counts as one more observation.

    Example:
        >>> share = share_of(9, 10, guess=0.8)
        >>> round(share.value, 3), round(share.low, 3), round(share.high, 3)
        (0.891, 0.596, 0.982)
        >>> share_of(0, 0, guess=0.8)
        Estimate(value=0.8, low=0.0, high=1.0, deviation=0.0)
    """
    value = (successes + guess) / (count + 1)
    if not count:
        return Estimate(value, 0.0, 1.0)
    share, square = successes / count, Z * Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z / (1 + square / count) * sqrt(share * (1 - share) / count + square / (4 * count * count))
    return Estimate(value, max(0.0, min(value, middle - half)), min(1.0, max(value, middle + half)))


def mean_of(values: list[float]) -> Estimate:
    """A mean with its interval and the scatter of single values."""
    mean = sum(values) / len(values)
    deviation = sqrt(sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1))
    half = Z * deviation / sqrt(len(values))
    return Estimate(mean, max(0.0, mean - half), mean + half, deviation)


def _wide(value: float, deviation: float) -> Estimate:
    return Estimate(value, value / SPREAD, value * SPREAD, deviation)
