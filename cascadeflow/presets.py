"""The presets: complete configurations, ready to use and to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as pydantic_dataclass

from cascadeflow.errors import UnknownPresetError
from cascadeflow.routing.domain_cascade import (
    CODE_DOMAIN_STRATEGY,
    GENERAL_DOMAIN_STRATEGY,
    MEDICAL_DOMAIN_STRATEGY,
    DomainCascadeStrategy,
)
from cascadeflow.schema import ModelConfig
from cascadeflow.telemetry.budgets import BudgetConfig

if TYPE_CHECKING:
    from pathlib import Path


@pydantic_dataclass(config=ConfigDict(extra="forbid"))
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
        domain_strategies: cascades of their own for single domains; kept as data in this version.
        enable_user_tiers: whether each tier has a budget of its own.
        tier_budgets: tier name → budget for each user of that tier.
        enable_multi_step_cascade: whether `domain_strategies` are used; kept as data in this version.

    Example:
        >>> PRESET_PRODUCTION_READY.default_budget_daily
        10.0
    """

    name: str
    description: str
    models: list[ModelConfig]
    enable_cost_tracking: bool = True
    default_budget_daily: float | None = Field(default=None, ge=0)
    enable_cost_forecasting: bool = False
    quality_validation_mode: str = "fast"
    enable_ml_quality: bool = False
    enable_domain_routing: bool = False
    domain_strategies: dict[str, DomainCascadeStrategy] | None = None
    enable_user_tiers: bool = False
    tier_budgets: dict[str, BudgetConfig] | None = None
    enable_multi_step_cascade: bool = False

    @property
    def unwired(self) -> tuple[str, ...]:
        """What of the preset is kept as data and does not act in this version."""
        return ("domain strategies",) if self.domain_strategies else ()

    def to_agent_config(self) -> dict[str, Any]:
        """Arguments for `CascadeAgent`, made of live objects that may be changed before use.

        Example:
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


def _haiku() -> ModelConfig:
    return ModelConfig("claude-3-5-haiku", "anthropic", cost=0.0008, quality_score=0.85, domains=["general"])


def _mini() -> ModelConfig:
    return ModelConfig("gpt-4o-mini", "openai", cost=0.00015, quality_score=0.80, domains=["general"])


def _gpt_4o() -> ModelConfig:
    return ModelConfig("gpt-4o", "openai", cost=0.0025, quality_score=0.95, domains=["expert"])


def _gpt_4() -> ModelConfig:
    return ModelConfig("gpt-4", "openai", cost=0.03, quality_score=0.95, domains=["expert"])


def _turbo() -> ModelConfig:
    return ModelConfig("gpt-3.5-turbo", "openai", cost=0.002, quality_score=0.80, domains=["general"])


def _llama_70b() -> ModelConfig:
    return ModelConfig("llama-3.3-70b-versatile", "groq", cost=0.00069, quality_score=0.82, domains=["general"])


def _coder() -> ModelConfig:
    return ModelConfig("deepseek-coder", "deepseek", cost=0.0014, quality_score=0.82, domains=["code"])


PRESET_PRODUCTION_READY = CascadePreset(
    name="production_ready",
    description="Complete production setup with cost tracking and quality validation",
    models=[_haiku(), _mini(), _gpt_4o()],
    default_budget_daily=10.00,
    quality_validation_mode="balanced",
)

PRESET_COST_OPTIMIZED_SAAS = CascadePreset(
    name="cost_optimized_saas",
    description="Maximum cost savings for high-volume SaaS applications",
    models=[
        ModelConfig("llama-3.1-8b-instant", "groq", cost=0.00005, quality_score=0.75, domains=["general"]),
        _llama_70b(),
        _mini(),
    ],
    default_budget_daily=1.00,
    enable_cost_forecasting=True,
    quality_validation_mode="cost-optimized",
    enable_user_tiers=True,
    tier_budgets={
        "free": BudgetConfig(daily=0.10),
        "pro": BudgetConfig(daily=1.00),
        "enterprise": BudgetConfig(daily=10.00),
    },
)

PRESET_CODE_SPECIALIST = CascadePreset(
    name="code_specialist",
    description=(
        "Optimized for code generation; its multi-step code strategy is kept as data and does not act in this version"
    ),
    models=[
        _coder(),
        ModelConfig("codellama-70b", "fireworks", cost=0.0008, quality_score=0.78, domains=["code"]),
        _turbo(),
        _gpt_4(),
    ],
    default_budget_daily=5.00,
    quality_validation_mode="strict",
    enable_domain_routing=True,
    domain_strategies={"code": CODE_DOMAIN_STRATEGY},
    enable_multi_step_cascade=True,
)

PRESET_MEDICAL_AI = CascadePreset(
    name="medical_ai",
    description=(
        "Medical responses under strict checks; its fact-checking and safety strategy is kept as data and does not "
        "act in this version"
    ),
    models=[
        _turbo(),
        ModelConfig("med-palm-2", "google", cost=0.025, quality_score=0.90, domains=["medical"]),
        ModelConfig("claude-opus", "anthropic", cost=0.015, quality_score=0.92, domains=["expert"]),
        _gpt_4(),
    ],
    default_budget_daily=50.00,
    quality_validation_mode="strict",
    enable_ml_quality=True,
    enable_domain_routing=True,
    domain_strategies={"medical": MEDICAL_DOMAIN_STRATEGY},
    enable_multi_step_cascade=True,
)

PRESET_ENTERPRISE_GRADE = CascadePreset(
    name="enterprise_grade",
    description=(
        "Complete enterprise setup with tiers, forecasting and domain routing; its domain strategies are kept as data "
        "and do not act in this version"
    ),
    models=[
        _llama_70b(),
        _haiku(),
        _mini(),
        _coder(),
        _gpt_4o(),
        ModelConfig("claude-sonnet-4", "anthropic", cost=0.009, quality_score=0.95, domains=["expert"]),
    ],
    default_budget_daily=100.00,
    enable_cost_forecasting=True,
    quality_validation_mode="balanced",
    enable_domain_routing=True,
    domain_strategies={"code": CODE_DOMAIN_STRATEGY, "general": GENERAL_DOMAIN_STRATEGY},
    enable_user_tiers=True,
    tier_budgets={
        "free": BudgetConfig(daily=1.00),
        "starter": BudgetConfig(daily=5.00),
        "pro": BudgetConfig(daily=20.00),
        "enterprise": BudgetConfig(daily=100.00),
    },
)

PRESET_LOCAL = CascadePreset(
    name="local",
    description="Embedded models on this machine: no key, no network, no cost",
    models=[
        ModelConfig("smollm2-135m-instruct", "local", quality_score=0.30, domains=["general"], temperature=0),
        ModelConfig("qwen2.5-coder-0.5b-instruct", "local", quality_score=0.50, domains=["general"], temperature=0),
        ModelConfig("qwen2.5-coder-1.5b-instruct", "local", quality_score=0.65, domains=["general"], temperature=0),
    ],
    quality_validation_mode="balanced",
)

PRESETS: dict[str, CascadePreset] = {
    preset.name: preset
    for preset in (
        PRESET_PRODUCTION_READY,
        PRESET_COST_OPTIMIZED_SAAS,
        PRESET_CODE_SPECIALIST,
        PRESET_MEDICAL_AI,
        PRESET_ENTERPRISE_GRADE,
        PRESET_LOCAL,
    )
}


def get_preset(name: str) -> CascadePreset:
    """The preset of that name; dashes count as underscores.

    Raises:
        UnknownPresetError: there is none; the text lists those there are.
    """
    preset = PRESETS.get(name.replace("-", "_").lower())
    if preset is None:
        raise UnknownPresetError(f"Unknown preset: {name!r}. Presets: {', '.join(PRESETS)}")
    return preset
