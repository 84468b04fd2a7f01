"""The presets of the v0.2.0 document, and ``local``."""

from __future__ import annotations

from dataclasses import replace

from cascadeflow.errors import UnknownPresetError
from cascadeflow.presets.preset import CascadePreset
from cascadeflow.routing.domain_cascade import (
    CODE_DOMAIN_STRATEGY,
    GENERAL_DOMAIN_STRATEGY,
    MEDICAL_DOMAIN_STRATEGY,
)
from cascadeflow.routing.tier_routing import TIER_POLICIES_DEFAULT, TierModelPolicy
from cascadeflow.schema import ModelConfig
from cascadeflow.telemetry.budgets import BudgetConfig


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


def _policies(*tiers: str) -> dict[str, TierModelPolicy]:
    return {tier: replace(TIER_POLICIES_DEFAULT[tier]) for tier in tiers}


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
    tier_policies=_policies("free", "pro", "enterprise"),
)

PRESET_CODE_SPECIALIST = CascadePreset(
    name="code_specialist",
    description="Optimized for code generation with multi-step validation",
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
    description="Medical responses with fact-checking and safety validation",
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
    description="Complete enterprise setup with all features",
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
    tier_policies=_policies("free", "starter", "pro", "enterprise"),
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
