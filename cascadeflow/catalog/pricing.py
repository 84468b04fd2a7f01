"""What a configured model costs: the catalogue's price, else the configured one, else unknown."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from cascadeflow.catalog.models import CatalogEntry, day_number, resolve
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
    entry, otherwise = _sources(model.name, model.provider, model.cost, day_number())
    price = None if entry is None else entry.price_at(prompt_tokens)
    return otherwise if price is None else price


@lru_cache(maxsize=1024)
def _sources(name: str, provider: str, usd_per_thousand: float, day: int) -> tuple[CatalogEntry | None, Price | None]:
    """The catalogue's entry of that day, and the price that counts where it has none."""
    if normalize_provider(provider) in _FREE_PROVIDERS:
        return None, FREE
    entry = resolve(name, provider, today=date.fromordinal(day)).entry
    if usd_per_thousand <= 0:
        return entry, None
    per_million = parse_usd(usd_per_thousand) * 1000
    return entry, Price(per_million, per_million)
