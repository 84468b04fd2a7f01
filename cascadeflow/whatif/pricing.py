"""What runs of one shape cost, take and are worth.

What was not recorded grows with the length of the question at most: it is summed up once per shape, as a
constant and a part per prompt token, so that a run of that shape only adds what it recorded itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from cascadeflow.money import Price
from cascadeflow.whatif.evidence import Estimate, Evidence
from cascadeflow.whatif.outcome import Filled
from cascadeflow.whatif.records import Call, Recorded
from cascadeflow.whatif.shape import HIGH, LOW, MIDDLE, Leg, Shape, Triple
from cascadeflow.whatif.steps import Step

VERIFY_TOKENS: Final = 90
"""Tokens of the instruction that a verify step is given beside the draft."""
_PER_MILLION: Final = 1_000_000
_NOTHING: Final[Triple] = (0.0, 0.0, 0.0)


class _Line(NamedTuple):
    """A number that grows with the prompt, at each end of the estimates."""

    fixed: Triple = _NOTHING
    per_token: Triple = _NOTHING

    def at(self, tokens: float, which: int) -> float:
        """The number for a prompt of that length."""
        return self.fixed[which] + self.per_token[which] * tokens

    def plus(self, other: _Line, weights: Triple) -> _Line:
        """This, and the other as often as the weights say."""
        return _Line(_add(self.fixed, other.fixed, weights), _add(self.per_token, other.per_token, weights))


class _Guess(NamedTuple):
    """A call that was not recorded.

    Attributes:
        leg: the call.
        cost: nano-USD if it is made.
        cost_known: whether its price is known.
        tokens: of its answer.
        prompt: tokens beside those of the question.
        latency: milliseconds.
        deviation: by how much cost and latency of such calls scatter.
    """

    leg: Leg
    cost: _Line
    cost_known: bool
    tokens: Triple
    prompt: float
    latency: Triple
    deviation: tuple[float, float]


class _Answer(NamedTuple):
    """A recorded answer that may stand.

    Attributes:
        shares: how likely it does.
        quality: estimated probability that it is right.
        right: the same by the user's marks.
        unmarked: whether it has none itself.
        direct: nano-USD of the strongest model answering at that length.
        compared: the same where it is not the strongest model's own.
        same: whether it says what the recorded answer says.
    """

    shares: Triple
    quality: float
    right: Triple
    unmarked: bool
    direct: float
    compared: float
    same: bool


class PricedShape:
    """A shape, and all that its runs have in common.

    Args:
        shape: what they do.
        run: one of them.
        steps: of their plan.
        evidence: statistics over all runs.
        prices: model → price that replaces the recorded one.

    Attributes:
        exact: whether all of it was recorded.
        model: whose answer most likely stands; empty: nobody's.
    """

    def __init__(
        self, shape: Shape, run: Recorded, steps: Sequence[Step], evidence: Evidence, prices: Mapping[str, Price]
    ) -> None:
        self.shape, self._prices, self.exact = shape, prices, shape.exact
        self._recalled = [leg for leg in shape.legs if leg.recorded >= 0]
        self._guesses: dict[int, _Guess] = {}
        for position, leg in enumerate(shape.legs):
            if leg.recorded < 0:
                self._guesses[position] = self._guess(leg, run, evidence)
        self._cost, self._latency, self._calls = _Line(), _NOTHING, _NOTHING
        for guess in self._guesses.values():
            self._cost = self._cost.plus(guess.cost, guess.leg.weights)
            self._latency = _add(self._latency, guess.latency, guess.leg.weights)
            self._calls = _add(self._calls, (1.0, 1.0, 1.0), guess.leg.weights)
        self._stand(steps, run, evidence)

    def _guess(self, leg: Leg, run: Recorded, evidence: Evidence) -> _Guess:
        length, latency = evidence.length(leg.step, run), evidence.latency(leg.step, run)
        tokens, prompt = _ends(length), 0.0
        if leg.draft >= 0:
            prompt = VERIFY_TOKENS + evidence.length(self.shape.legs[leg.draft].step, run).value
        price = self._prices.get(leg.step.model, leg.step.price)
        known = price is not None
        price = price or Price(0, 0)
        return _Guess(
            leg=leg,
            cost=_price_line(price, tokens, prompt),
            cost_known=known,
            tokens=tokens,
            prompt=prompt,
            latency=_ends(latency),
            deviation=(price.output * length.deviation / _PER_MILLION, latency.deviation),
        )

    def _stand(self, steps: Sequence[Step], run: Recorded, evidence: Evidence) -> None:
        """Take note of whose answers stand, and what the strongest model would have cost in their place."""
        own = [step for step in reversed(steps) if not step.fallback]  # of equals the later one is the stronger
        strongest = max(own, key=lambda step: step.strength, default=None)
        self._strongest = "" if strongest is None else strongest.model
        self._strongest_price = None if strongest is None else self._prices.get(strongest.model, strongest.price)
        self._standing: list[tuple[Leg, Triple, Estimate, Estimate]] = []
        self._quality, self._right, self._direct, self._compared = _NOTHING, _NOTHING, _Line(), _Line()
        for position, shares in self.shape.stands:
            leg = self.shape.legs[position]
            quality, right = evidence.quality(leg.step, run), evidence.right(leg.step, run)
            if leg.recorded >= 0:
                self._standing.append((leg, shares, quality, right))
                continue
            self._quality = _add(self._quality, _ends(quality, reverse=True), shares)
            self._right = _add(self._right, _ends(right, reverse=True), shares)
            if self._strongest_price is not None:
                guess = self._guesses[position]
                line = _price_line(self._strongest_price, guess.tokens, guess.prompt)
                self._direct = self._direct.plus(line, shares)
                if leg.step.model != self._strongest:
                    self._compared = self._compared.plus(line, shares)
        self._answered = _NOTHING
        for _, shares in self.shape.stands:
            self._answered = _add(self._answered, (1.0, 1.0, 1.0), shares)
        likely = max(self.shape.stands, key=lambda item: item[1][MIDDLE], default=None)
        self.model = "" if likely is None else self.shape.legs[likely[0]].step.model

    def fill(self, run: Recorded) -> Filled:
        """What a run of this shape comes to."""
        prices = self._prices
        bills = [
            (leg.weights, recorded_cost(call := run.calls[leg.recorded], leg.step, prices), call)
            for leg in self._recalled
        ]
        answers = [self._answer(run, *standing) for standing in self._standing]
        compared = self._compared.at(run.prompt_tokens, MIDDLE)
        for answer in answers:
            compared += answer.shares[MIDDLE] * answer.compared
        sure = self.exact and not (run.labelled and any(answer.unmarked for answer in answers))
        values = self._values(run, bills, answers, MIDDLE)
        if not sure:
            values += self._values(run, bills, answers, LOW) + self._values(run, bills, answers, HIGH)
        return Filled(
            values,
            (0.0, 0.0) if self.exact else self._scatter(run, [bill[1] for bill in bills]),
            compared,
        )

    def cost_known(self, run: Recorded) -> bool:
        """Whether every call of a run has a price."""
        guessed = all(guess.cost_known for guess in self._guesses.values())
        return guessed and all(self._priced(leg, run) for leg in self._recalled)

    def _answer(self, run: Recorded, leg: Leg, shares: Triple, quality: Estimate, right: Estimate) -> _Answer:
        call, price = run.calls[leg.recorded], self._strongest_price
        direct = 0.0 if price is None else _plain_cost(call, price)
        return _Answer(
            shares,
            quality.value if call.p_correct is None else call.p_correct,
            _ends(right, reverse=True) if call.right is None else (float(call.right),) * 3,
            call.right is None,
            direct,
            0.0 if leg.step.model == self._strongest else direct,
            _is_standing(run, leg.recorded),
        )

    def _values(
        self, run: Recorded, bills: list[tuple[Triple, int, Call]], answers: list[_Answer], which: int
    ) -> tuple[float, ...]:
        shape = self.shape
        prompt = run.prompt_tokens
        cost = self._cost.fixed[which] + self._cost.per_token[which] * prompt
        latency, calls = self._latency[which], self._calls[which]
        for weights, one, call in bills:
            weight = weights[which]
            cost += weight * one
            latency += weight * call.latency_ms
            calls += weight * len(call.usages)
        quality, right = self._quality[which], self._right[which]
        direct, same = self._direct.fixed[which] + self._direct.per_token[which] * prompt, 0.0
        for answer in answers:
            share = answer.shares[which]
            quality += share * answer.quality
            right += share * answer.right[which]
            direct += share * answer.direct
            same += share if answer.same else 0.0
        if shape.on_record and not self._prices:
            saved: float = run.saved
        else:
            saved = direct - cost if shape.stands and self._strongest_price is not None else 0.0
        return (
            cost,
            saved,
            run.latency_ms + (latency - run.called_ms),
            calls,
            shape.escalated[which],
            shape.validated[which],
            self._answered[which] if run.standing is None else max(0.0, 1 - same),
            shape.refused[which],
            quality,
            right if run.labelled else 0.0,
        )

    def _scatter(self, run: Recorded, costs: Sequence[int]) -> tuple[float, float]:
        """By how much cost and latency scatter, squared: a call that is not made takes those after it along."""
        cost_variance = latency_variance = cost_doubt = latency_doubt = 0.0
        recorded = iter(costs)
        for position, leg in enumerate(self.shape.legs):
            weight = leg.weights[MIDDLE]
            guess = self._guesses.get(position)
            if guess is None:
                cost, latency = float(next(recorded)), run.calls[leg.recorded].latency_ms
            else:
                cost, latency = guess.cost.at(run.prompt_tokens, MIDDLE), guess.latency[MIDDLE]
                cost_variance += weight * guess.deviation[0] ** 2
                latency_variance += weight * guess.deviation[1] ** 2
            if weight < 1:
                cost_variance += weight * cost * ((1 - weight) * cost + 2 * cost_doubt)
                latency_variance += weight * latency * ((1 - weight) * latency + 2 * latency_doubt)
                cost_doubt += (1 - weight) * cost
                latency_doubt += (1 - weight) * latency
        return cost_variance, latency_variance

    def _priced(self, leg: Leg, run: Recorded) -> bool:
        call = run.calls[leg.recorded]
        return call.cost_known or call.model in self._prices or leg.step.price is not None


def recorded_cost(call: Call, step: Step, prices: Mapping[str, Price]) -> int:
    """Nano-USD of a recorded call: at a changed price, else what it cost, else what the plan knows of its price.

    Args:
        call: as recorded.
        step: of the plan that it is made for.
        prices: model → price that replaces the recorded one.
    """
    if call.model in prices:
        return call.price_at(prices[call.model])
    return call.cost if call.cost_known or step.price is None else call.price_at(step.price)


def cost_of_step(step: Step, run: Recorded, index: int, evidence: Evidence, prices: Mapping[str, Price]) -> float:
    """Nano-USD of one call of a run; 0 where its price is unknown.

    Args:
        step: of the plan.
        run: as recorded.
        index: of the recorded call; -1: it was not recorded.
        evidence: statistics over all runs.
        prices: model → price that replaces the recorded one.
    """
    if index >= 0:
        return recorded_cost(run.calls[index], step, prices)
    price = prices.get(step.model, step.price)
    if price is None:
        return 0.0
    return _price_line(price, _ends(evidence.length(step, run)), 0.0).at(run.prompt_tokens, MIDDLE)


def _is_standing(run: Recorded, index: int) -> bool:
    """Whether a recorded call says what the recorded answer says."""
    if run.standing is None or index == run.standing:
        return index == run.standing
    text = run.calls[run.standing].text
    return text is not None and text == run.calls[index].text


def _plain_cost(call: Call, price: Price) -> float:
    """Nano-USD of a call of that length, read from no cache."""
    prompt, completion, _, _ = call.usages[-1]
    return (price.input * prompt + price.output * completion) / _PER_MILLION


def _price_line(price: Price, tokens: Triple, prompt: float) -> _Line:
    per_token = price.input / _PER_MILLION
    fixed = [price.output * length / _PER_MILLION + per_token * prompt for length in tokens]
    return _Line((fixed[0], fixed[1], fixed[2]), (per_token, per_token, per_token))


def _add(one: Triple, other: Triple, weights: Triple) -> Triple:
    return (one[0] + weights[0] * other[0], one[1] + weights[1] * other[1], one[2] + weights[2] * other[2])


def _ends(estimate: Estimate, *, reverse: bool = False) -> Triple:
    """An estimate at each end; reversed where more of it makes a run cheap."""
    if reverse:
        return estimate.value, estimate.high, estimate.low
    return estimate.value, estimate.low, estimate.high
