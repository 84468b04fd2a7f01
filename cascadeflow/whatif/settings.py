"""`ReplaySettings`: what is changed when history is replayed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from cascadeflow.errors import ConfigError
from cascadeflow.money import Price, parse_usd

if TYPE_CHECKING:
    from cascadeflow.config import Configuration
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.presets import CascadePreset

    Candidate = str | CascadePreset | Configuration | CascadeAgent

NO_TIER = ""
"""The tier of runs that are replayed without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """What is changed; what is None stays as it was recorded.

    Attributes:
        preset: name of a preset, a preset, a configuration, or a live agent, by which every run is planned anew.
        tier: name of a tier for every run; empty: none. Without `preset` each run is planned anew by the
            preset it was made with.
        mode: ``fast``, ``balanced``, ``strict`` or ``cost-optimized``: which checks count, and the threshold.
        threshold: score from 0 to 1 that an answer needs; it replaces the mode's.
        prices: model → USD per 1,000,000 prompt tokens, and per 1,000,000 completion tokens.
        budget: USD a day (UTC) for each user; a call that no longer fits is taken as refused.

    Raises:
        ConfigError: a value cannot be used.

    Example:
        >>> ReplaySettings(preset="cost_optimized_saas", threshold=0.8).words
        'preset cost_optimized_saas, threshold 0.80'
        >>> ReplaySettings().words
        'as recorded'
    """

    preset: Candidate | None = None
    tier: str | None = None
    mode: str | None = None
    threshold: float | None = None
    prices: Mapping[str, tuple[float, float]] = field(default_factory=lambda: MappingProxyType({}))
    budget: float | None = None

    def __post_init__(self) -> None:
        if self.mode is not None:
            from cascadeflow.quality.modes import find_mode

            find_mode(self.mode)
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ConfigError(f"a threshold is a number from 0 to 1, not {self.threshold!r}", key="threshold")
        if self.budget is not None and not 0 <= self.budget < math.inf:
            raise ConfigError(f"a budget is an amount of USD from 0, not {self.budget!r}", key="budget")
        for model, pair in self.prices.items():
            if len(pair) != 2 or any(not 0 <= price < math.inf for price in pair):
                raise ConfigError(f"the price of {model} is two amounts of USD from 0, not {pair!r}", key="prices")

    @property
    def words(self) -> str:
        """What is changed, for people."""
        parts = []
        if self.preset is not None:
            parts.append(f"preset {self.preset if isinstance(self.preset, str) else name_of(self.preset)}")
        if self.tier is not None:
            parts.append(f"tier {self.tier}" if self.tier else "no tier")
        if self.mode is not None:
            parts.append(f"mode {self.mode}")
        if self.threshold is not None:
            parts.append(f"threshold {self.threshold:.2f}")
        parts += [f"{model} at ${price[0]:g} and ${price[1]:g} per 1M" for model, price in self.prices.items()]
        if self.budget is not None:
            parts.append(f"${self.budget:g} a day for each user")
        return ", ".join(parts) or "as recorded"

    def nano_prices(self) -> dict[str, Price]:
        """The changed prices in nano-USD per 1,000,000 tokens."""
        return {model: Price(parse_usd(pair[0]), parse_usd(pair[1])) for model, pair in self.prices.items()}


def name_of(candidate: CascadePreset | Configuration | CascadeAgent) -> str:
    """What a preset, a configuration or an agent is called."""
    name = getattr(candidate, "name", None) or getattr(candidate, "preset", None)
    return name or "of your own"
