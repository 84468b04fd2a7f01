"""`PresetBuilder`: a preset put together step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cascadeflow.errors import ConfigError
from cascadeflow.presets.preset import CascadePreset
from cascadeflow.routing.domain_cascade import DomainCascadeStrategy
from cascadeflow.routing.tier_routing import TierModelPolicy
from cascadeflow.schema import ModelConfig, QualityMode
from cascadeflow.telemetry.budgets import BudgetConfig


@dataclass(frozen=True, slots=True)
class PresetBuilder:
    """Builds a preset; every call returns a new builder and leaves the old one as it was.

    Args:
        name: of the preset.
        description: for people.

    Example:
        >>> preset = (
        ...     PresetBuilder("mine")
        ...     .model("gpt-4o-mini", "openai", quality_score=0.8)
        ...     .model("gpt-4o", "openai", quality_score=0.95)
        ...     .budget(daily=2.0)
        ...     .quality("strict")
        ...     .build()
        ... )
        >>> [model.name for model in preset.models], preset.default_budget_daily
        (['gpt-4o-mini', 'gpt-4o'], 2.0)
    """

    name: str
    description: str = ""
    _preset: CascadePreset | None = None

    @classmethod
    def based_on(cls, preset: CascadePreset, name: str) -> PresetBuilder:
        """Begin with all that another preset says.

        Args:
            preset: where to begin.
            name: of the new preset.
        """
        return cls(name, preset.description, preset.with_name(name))

    def _so_far(self) -> CascadePreset:
        return self._preset or CascadePreset(self.name, self.description, [], quality_validation_mode="balanced")

    def _with(self, preset: CascadePreset) -> PresetBuilder:
        return PresetBuilder(self.name, self.description, preset)

    def model(self, name: str, provider: str, **options: Any) -> PresetBuilder:
        """Add a model.

        Args:
            name: of the model.
            provider: of the model.
            **options: other fields of `ModelConfig`.
        """
        preset = self._so_far()
        return self._with(preset.with_models(*preset.models, ModelConfig(name, provider, **options)))

    def budget(self, daily: float | None, *, forecast: bool | None = None) -> PresetBuilder:
        """USD a day for each user; see `CascadePreset.with_budget`."""
        return self._with(self._so_far().with_budget(daily, forecast=forecast))

    def quality(self, mode: QualityMode, *, ml: bool | None = None) -> PresetBuilder:
        """Mode of the quality checks; see `CascadePreset.with_quality`."""
        return self._with(self._so_far().with_quality(mode, ml=ml))

    def domain_routing(self, on: bool = True) -> PresetBuilder:
        """Whether the detected domain decides who is asked."""
        return self._with(self._so_far().with_domain_routing(on))

    def strategy(self, strategy: DomainCascadeStrategy) -> PresetBuilder:
        """Use a cascade of its own for a domain."""
        return self._with(self._so_far().with_strategy(strategy))

    def tier(self, policy: TierModelPolicy, budget: BudgetConfig | None = None) -> PresetBuilder:
        """Add a tier: what it may use, and what each of its users may spend."""
        return self._with(self._so_far().with_tier(policy, budget))

    def build(self) -> CascadePreset:
        """The preset.

        Raises:
            ConfigError: it has no model.
        """
        preset = self._so_far()
        if not preset.models:
            raise ConfigError("a preset needs at least one model; add one with .model(name, provider)", key="models")
        return preset
