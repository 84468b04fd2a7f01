"""What a configured model costs: the catalogue's price, else the configured one, else unknown."""

from __future__ import annotations

from functools import lru_cache

from cascadeflow.catalog.models import resolve
from cascadeflow.catalog.providers import normalize_provider
from cascadeflow.money import Price, parse_usd
from cascadeflow.schema import ModelConfig

FREE = Price(0, 0)
_FREE_PROVIDERS = ("local", "ollama")


def price_for(model: ModelConfig, prompt_tokens: int = 0) -> Price | None:
    """Price of the model that is called when `model` is configured.

    Args:
        model: as configured. Its ``cost`` (USD per 1,000 tokens, prompt and answer alike) counts
            only where the catalogue knows no price; models that run here cost nothing.
        prompt_tokens: of the call; some models are dearer for long prompts.

    Returns:
        The price; None if nobody knows it, which is not the same as free.

    Example:
        >>> price_for(ModelConfig("my-own", "openai", cost=0.002)).cost(1000, 0)
        2000000
    """
    if normalize_provider(model.provider) in _FREE_PROVIDERS:
        return FREE
    entry = resolve(model.name, model.provider).entry
    price = entry.price_at(prompt_tokens) if entry is not None else None
    if price is not None or model.cost <= 0:
        return price
    return _flat(model.cost)


@lru_cache(maxsize=256)
def _flat(usd_per_thousand: float) -> Price:
    per_million = parse_usd(usd_per_thousand) * 1000
    return Price(per_million, per_million)
