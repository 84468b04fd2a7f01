"""`CascadePreset`: a complete configuration under a name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from cascadeflow.routing.domain_cascade import DomainCascadeStrategy
from cascadeflow.routing.tier_routing import TierModelPolicy
from cascadeflow.schema import ModelConfig, QualityMode
from cascadeflow.telemetry.budgets import BudgetConfig
from cascadeflow.validated import value_type

if TYPE_CHECKING:
    from pathlib import Path


@value_type()
class CascadePreset:
    """A complete configuration under a name.

    Attributes:
        name: of the preset.
        description: for people.
        models: what may be asked.
        enable_cost_tracking: whether spend is booked and limited.
        default_budget_daily: USD a day for each user; None: no limit.
        enable_cost_forecasting: whether spend is forecast.
        quality_validation_mode: ``fast``, ``balanced``, ``strict`` or ``cost-optimized``.
        enable_ml_quality: semantic similarity and toxicity checks (need extras).
        enable_domain_routing: whether the detected domain decides who is asked.
        domain_strategies: cascades of their own for single domains.
        enable_user_tiers: whether each tier has a budget of its own.
        tier_budgets: tier name → budget for each user of that tier.
        enable_multi_step_cascade: whether `domain_strategies` are used.
        tier_policies: tier name → which models it may use; None: `TIER_POLICIES_DEFAULT`.

    Raises:
        ConfigError: a value is not allowed, or a name is not known.

    Example:
        >>> from cascadeflow import PRESET_PRODUCTION_READY
        >>> PRESET_PRODUCTION_READY.with_budget(2.5).default_budget_daily
        2.5
    """

    name: str
    description: str
    models: list[ModelConfig]
    enable_cost_tracking: bool = True
    default_budget_daily: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    enable_cost_forecasting: bool = False
    quality_validation_mode: QualityMode = "fast"
    enable_ml_quality: bool = False
    enable_domain_routing: bool = False
    domain_strategies: dict[str, DomainCascadeStrategy] | None = None
    enable_user_tiers: bool = False
    tier_budgets: dict[str, BudgetConfig] | None = None
    enable_multi_step_cascade: bool = False
    tier_policies: dict[str, TierModelPolicy] | None = Field(default=None, kw_only=True)

    def to_agent_config(self) -> dict[str, Any]:
        """Arguments for `CascadeAgent`, made of live objects that may be changed before use.

        Example:
            >>> from cascadeflow import PRESET_PRODUCTION_READY
            >>> config = PRESET_PRODUCTION_READY.to_agent_config()
            >>> config["cost_tracker"].budget_limit = 50.00
        """
        from cascadeflow.config import Configuration

        return Configuration.of_preset(self).to_agent_config()

    def to_toml(self) -> str:
        """The preset as a configuration file."""
        from cascadeflow.config import Configuration, dumps

        return dumps(Configuration.of_preset(self))

    @classmethod
    def from_toml(cls, path: str | Path) -> CascadePreset:
        """Read a preset from a configuration file.

        Raises:
            ConfigError: names file, line, key, value and what is allowed.
        """
        from cascadeflow.config import load

        return load(path).to_preset()

    def with_name(self, name: str, description: str | None = None) -> CascadePreset:
        """A copy under another name."""
        return replace(self, name=name, description=self.description if description is None else description)

    def with_models(self, *models: ModelConfig) -> CascadePreset:
        """A copy that asks these models."""
        return replace(self, models=list(models))

    def with_budget(self, daily: float | None, *, forecast: bool | None = None) -> CascadePreset:
        """A copy with another budget.

        Args:
            daily: USD a day for each user; None: no limit.
            forecast: whether spend is forecast; None: as before.
        """
        forecasting = self.enable_cost_forecasting if forecast is None else forecast
        return replace(self, default_budget_daily=daily, enable_cost_forecasting=forecasting)

    def with_quality(self, mode: QualityMode, *, ml: bool | None = None) -> CascadePreset:
        """A copy with another mode of the quality checks.

        Args:
            mode: ``fast``, ``balanced``, ``strict`` or ``cost-optimized``.
            ml: semantic similarity and toxicity checks; None: as before.
        """
        return replace(
            self, quality_validation_mode=mode, enable_ml_quality=self.enable_ml_quality if ml is None else ml
        )

    def with_domain_routing(self, on: bool = True) -> CascadePreset:
        """A copy in which the detected domain decides, or does not decide, who is asked."""
        return replace(self, enable_domain_routing=on)

    def with_strategy(self, strategy: DomainCascadeStrategy) -> CascadePreset:
        """A copy in which this strategy is used for its domain."""
        strategies = {**(self.domain_strategies or {}), strategy.domain: strategy}
        return replace(self, domain_strategies=strategies, enable_multi_step_cascade=True)

    def with_tier(self, policy: TierModelPolicy, budget: BudgetConfig | None = None) -> CascadePreset:
        """A copy with a tier: what it may use, and what each of its users may spend."""
        policies = {**(self.tier_policies or {}), policy.tier_name: policy}
        budgets = dict(self.tier_budgets or {})
        if budget is not None:
            budgets[policy.tier_name] = budget
        return replace(self, tier_policies=policies, tier_budgets=budgets or None, enable_user_tiers=bool(budgets))
