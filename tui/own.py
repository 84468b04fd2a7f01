"""What the preset pane lists beside the presets, and what a preset says in the terms of the console."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cascadeflow.errors import CascadeFlowError
from cascadeflow.presets import preset_configuration

if TYPE_CHECKING:
    from cascadeflow.config import Configuration
    from cascadeflow.core.agent import CascadeAgent


@dataclass(frozen=True, slots=True)
class Own:
    """A configuration that is no preset.

    Attributes:
        label: under which it is listed.
        kind: whether it was read from a file, or changed in the settings.
        agent: of that configuration.
        configuration: as it was read, or applied.
        file: behind it; None: there is none.
    """

    label: str
    kind: Literal["file", "changed"]
    agent: CascadeAgent
    configuration: Configuration
    file: Path | None


def preset_or_none(name: str) -> Configuration | None:
    """The configuration of a preset, with the console's ledger and history, in the terms of a live agent.

    Args:
        name: of a preset, built in or own; None comes back where there is none that can be used.
    """
    from cascadeflow.workspace import with_defaults

    try:
        return comparable(with_defaults(preset_configuration(name)))
    except CascadeFlowError:
        return None


def comparable(configuration: Configuration) -> Configuration:
    """A configuration without the tier policies that every agent has, as `Configuration.of_agent` tells it."""
    from cascadeflow.config.live import policies_of, tier_sections

    budgets = {name: tier.budget for name, tier in configuration.tiers.items() if tier.budget is not None}
    tiers = tier_sections(policies_of(configuration), budgets, say_defaults=False)
    return configuration.model_copy(update={"tiers": tiers})
