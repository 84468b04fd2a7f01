"""The steps of a plan, as a replay needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cascadeflow.catalog import lookup
from cascadeflow.catalog.pricing import price_for
from cascadeflow.money import Price
from cascadeflow.schema import ModelConfig

_SHORTEST = 16
"""Completion tokens of a planned call at its cheapest."""


class Step(NamedTuple):
    """A call that a plan provides for.

    Attributes:
        model: configured name.
        role: ``answer`` or ``verify``.
        run: ``if_needed`` or ``always``.
        validation: what decides on its answer; None: the gate.
        fallback: whether it stands in for the step before it.
        price: of the model; None: unknown.
        p_accept: the plan's guess that its answer passes.
        strength: rank of the model among those of the plan.
        latency_ms: the plan's guess.
        threshold: score that its answer needs.
    """

    model: str
    role: str
    run: str
    validation: str | None
    fallback: bool
    price: Price | None
    p_accept: float
    strength: float
    latency_ms: float
    threshold: float

    @property
    def what(self) -> tuple[Any, ...]:
        """What makes it another step: not its guesses."""
        return self[:5]


def recorded_steps(plan: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps of a recorded plan, fallbacks among them."""
    found: list[Step] = []
    for step in plan["steps"]:
        one = Step(
            model=step["model"],
            role=step["role"],
            run=step["run"],
            validation=step["validation"],
            fallback=False,
            price=_planned_price(step),
            p_accept=step["p_accept"],
            strength=step["p_accept"],
            latency_ms=step["latency_expected_ms"],
            threshold=step["threshold"],
        )
        found.append(one)
        if step["fallback_model"] is not None:
            entry = lookup(step["fallback_model"])
            provider = step["provider"] if entry is None else entry.provider
            price = price_for(ModelConfig(step["fallback_model"], provider))
            found.append(one._replace(model=step["fallback_model"], fallback=True, price=price, strength=-1.0))
    return tuple(found)


def _planned_price(step: Mapping[str, Any]) -> Price | None:
    """The price that the costs of a planned call come from, as far as they tell."""
    low, worst, most = step["cost_low"], step["cost_worst"], step["max_tokens"]
    short = min(most, _SHORTEST)
    if low is None or worst is None or most <= short:
        return price_for(ModelConfig(step["model"], step["provider"]), step["prompt_tokens"])
    output = (worst - low) * 1_000_000 // (most - short)
    return Price(max(0, low * 1_000_000 - output * short) // max(1, step["prompt_tokens"]), output)
