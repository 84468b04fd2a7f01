"""Which models a user's tier may use, and what one query of that tier may cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from pydantic import Field

from cascadeflow.catalog.pricing import price_for
from cascadeflow.errors import UnknownTierError
from cascadeflow.money import Price, format_usd, parse_usd
from cascadeflow.routing.context import LEAST_ANSWER_TOKENS
from cascadeflow.schema import LeftOut, ModelConfig
from cascadeflow.validated import value_type

TYPICAL_PROMPT_TOKENS = 100
TYPICAL_OUTPUT_TOKENS = 300
_SHORTEST = {"simple": 2, "medium": 3}


@value_type()
class TierModelPolicy:
    """What a tier may use.

    Attributes:
        tier_name: name of the tier.
        allowed_models: names of models; models that cost nothing are allowed to every tier.
        max_cost_per_query: USD for a whole run (drafts included); None: no limit.
        prefer_cheap_first: order by price, cheapest first; else dearest first.

    Raises:
        ConfigError: a value is not allowed, or a name is not known.

    Example:
        >>> TierModelPolicy("free", ["gpt-4o-mini"], max_cost_per_query=0.001).prefer_cheap_first
        True
    """

    tier_name: str
    allowed_models: list[str]
    max_cost_per_query: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    prefer_cheap_first: bool = True


class TierAwareRouter:
    """Chooses models for a tier, a budget and a query.

    Args:
        tier_policies: tier name → policy.
        all_models: the models to choose from.
    """

    def __init__(self, tier_policies: Mapping[str, TierModelPolicy], all_models: Iterable[ModelConfig]) -> None:
        self.tier_policies = dict(tier_policies)
        self.all_models = {model.name: model for model in all_models}

    def policy(self, tier: str) -> TierModelPolicy:
        """The policy of a tier.

        Raises:
            UnknownTierError: there is none; the text lists those there are.
        """
        if tier not in self.tier_policies:
            raise UnknownTierError(f"Unknown tier: {tier!r}. Tiers with a policy: {', '.join(self.tier_policies)}")
        return self.tier_policies[tier]

    def shares_models(self, tier: str) -> bool:
        """Whether the tier's list names any of the models; if not, only its cost limit applies."""
        return any(name in self.all_models for name in self.policy(tier).allowed_models)

    def get_models_for_tier(self, tier: str, budget_remaining: float, complexity: str = "medium") -> list[ModelConfig]:
        """Models for a query of typical length (100 prompt tokens, 300 output tokens).

        Args:
            tier: name of the tier.
            budget_remaining: USD left; ``math.inf`` for no budget. With 0 left only models
                that cost nothing remain.
            complexity: ``simple`` keeps the cheapest two, ``medium`` the cheapest three, ``high`` all.

        Returns:
            Models in the order of the policy.

        Raises:
            UnknownTierError: no policy for the tier.
        """
        remaining = None if math.isinf(budget_remaining) else parse_usd(max(0.0, budget_remaining))
        kept, _ = self.select(
            tier,
            budget_remaining=remaining,
            complexity=complexity,
            prompt_tokens=TYPICAL_PROMPT_TOKENS,
            output_tokens=TYPICAL_OUTPUT_TOKENS,
        )
        return kept

    def select(
        self,
        tier: str,
        *,
        budget_remaining: int | None,
        complexity: str,
        prompt_tokens: int,
        output_tokens: int = LEAST_ANSWER_TOKENS,
        models: Iterable[ModelConfig] | None = None,
    ) -> tuple[list[ModelConfig], list[LeftOut]]:
        """As `get_models_for_tier`, for a query whose length is known.

        Args:
            tier: name of the tier.
            budget_remaining: nano-USD; None: no budget.
            complexity: ``simple``, ``medium`` or ``high``.
            prompt_tokens: tokens of the prompt.
            output_tokens: tokens that must be affordable for a model to be of use.
            models: those that can be called now; None: all.

        Returns:
            The models kept, and those left out with the sum that did it.
        """
        policy = self.policy(tier)
        limit = None if policy.max_cost_per_query is None else parse_usd(policy.max_cost_per_query)
        shares_models = self.shares_models(tier)
        kept: list[tuple[int, ModelConfig]] = []
        left_out: list[LeftOut] = []
        for model in self.all_models.values() if models is None else models:
            price = price_for(model, prompt_tokens)
            if shares_models and model.name not in policy.allowed_models and not (price and price.is_free):
                left_out.append(LeftOut(model=model.name, kind="tier", reason=f"tier {tier} does not include it"))
                continue
            cost = _typical(price, prompt_tokens, output_tokens)
            refusal = _too_dear(model.name, tier, cost, limit, budget_remaining)
            if refusal:
                left_out.append(refusal)
            else:
                kept.append((cost or 0, model))
        kept.sort(key=lambda pair: pair[0])
        count = _SHORTEST.get(complexity, len(kept))
        left_out += [
            LeftOut(
                model=model.name, kind="tier", reason=f"a {complexity} query uses the cheapest {count} of tier {tier}"
            )
            for _, model in kept[count:]
        ]
        models = [model for _, model in kept[:count]]
        return (models if policy.prefer_cheap_first else models[::-1]), left_out


def _typical(price: Price | None, prompt_tokens: int, output_tokens: int) -> int | None:
    return None if price is None else price.cost(prompt_tokens, output_tokens)


def _too_dear(name: str, tier: str, cost: int | None, limit: int | None, remaining: int | None) -> LeftOut | None:
    if cost == 0:
        return None
    if cost is None:
        if limit is None and remaining is None:
            return None
        return LeftOut(model=name, kind="tier", reason="its price is unknown, and a limit applies; set `cost`")
    if limit is not None and cost > limit:
        reason = f"{format_usd(cost)} for this query is above tier {tier}'s {format_usd(limit)}"
        return LeftOut(model=name, kind="tier", reason=reason)
    if remaining is not None and cost > remaining:
        reason = f"{format_usd(cost)} for this query is above the {format_usd(max(0, remaining))} left"
        return LeftOut(model=name, kind="budget", reason=reason)
    return None


_FREE_MODELS = ["llama-3.1-8b-instant", "llama-3.3-70b-versatile", "gpt-4o-mini"]

TIER_POLICIES_DEFAULT: dict[str, TierModelPolicy] = {
    "free": TierModelPolicy("free", [*_FREE_MODELS], max_cost_per_query=0.001),
    "starter": TierModelPolicy("starter", [*_FREE_MODELS, "claude-3-5-haiku"], max_cost_per_query=0.002),
    "pro": TierModelPolicy(
        "pro",
        ["llama-3.3-70b-versatile", "claude-3-5-haiku", "gpt-4o-mini", "gpt-4o"],
        max_cost_per_query=0.005,
    ),
    "enterprise": TierModelPolicy(
        "enterprise",
        ["llama-3.3-70b-versatile", "claude-3-5-haiku", "gpt-4o-mini", "gpt-4o", "claude-sonnet-4"],
        max_cost_per_query=0.01,
    ),
}
