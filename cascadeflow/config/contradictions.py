"""What no single key of a configuration can tell: keys that contradict each other, and names that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cascadeflow.config.schema import Configuration
from cascadeflow.errors import ConfigError, UnsupportedProviderError


class Contradiction(NamedTuple):
    """What an agent would refuse.

    Attributes:
        keys: path to the key it is about; an int counts from 0.
        message: what is wrong, and what is allowed.
        kind: class of the error that tells it.
    """

    keys: tuple[str | int, ...]
    message: str
    kind: type[ConfigError] = ConfigError


def contradictions(configuration: Configuration) -> Iterator[Contradiction]:
    """Everything that the schema allows and an agent refuses, in the order of the file.

    Args:
        configuration: any that the schema allows.
    """
    from cascadeflow.catalog import validate_provider
    from cascadeflow.routing.tier_routing import TIER_POLICIES_DEFAULT

    seen: set[str] = set()
    for number, model in enumerate(configuration.models):
        if model.name in seen:
            yield Contradiction(("models", number, "name"), f"two models are called {model.name}; names must differ")
        seen.add(model.name)
        try:
            validate_provider(model.provider)
        except UnsupportedProviderError as error:
            yield Contradiction(("models", number, "provider"), str(error), UnsupportedProviderError)
    for name, tier in configuration.tiers.items():
        if tier.allowed_models is None and name not in TIER_POLICIES_DEFAULT:
            yield Contradiction(("tiers", name), "a tier of your own needs `allowed_models`")


def unknown_validators(configuration: Configuration) -> Iterator[Contradiction]:
    """Validations that nobody has registered by now, where strategies are used."""
    from cascadeflow.quality.validators import validator_names

    known = validator_names()
    for domain, strategy in configuration.strategies.items() if configuration.routing.multi_step else ():
        for number, step in enumerate(strategy.steps):
            if step.validation is not None and step.validation not in known:
                yield Contradiction(
                    ("strategies", domain, "steps", number, "validation"),
                    f"there is no validator {step.validation!r}; known are {', '.join(known)}",
                )
