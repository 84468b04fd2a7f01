"""CascadeFlow: ask a cheap model first, check the answer, escalate only when the check fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.discovery import auto_detect_models
    from cascadeflow.errors import (
        AllModelsFailedError,
        BudgetExceededError,
        CascadeFlowError,
        ConfigError,
        ModelCallError,
        NoModelsError,
        UnknownTierError,
        UnsupportedProviderError,
    )
    from cascadeflow.presets import (
        PRESET_CODE_SPECIALIST,
        PRESET_COST_OPTIMIZED_SAAS,
        PRESET_ENTERPRISE_GRADE,
        PRESET_LOCAL,
        PRESET_MEDICAL_AI,
        PRESET_PRODUCTION_READY,
        PRESETS,
        CascadePreset,
        PresetBuilder,
    )
    from cascadeflow.schema import CascadePlan, CascadeResult, ModelConfig

__version__ = "0.2.0"

_HOMES = {
    "AllModelsFailedError": "errors",
    "BudgetExceededError": "errors",
    "CascadeAgent": "core.agent",
    "CascadeFlowError": "errors",
    "CascadePlan": "schema",
    "CascadePreset": "presets",
    "CascadeResult": "schema",
    "ConfigError": "errors",
    "ModelCallError": "errors",
    "ModelConfig": "schema",
    "NoModelsError": "errors",
    "PresetBuilder": "presets",
    "PRESETS": "presets",
    "PRESET_CODE_SPECIALIST": "presets",
    "PRESET_COST_OPTIMIZED_SAAS": "presets",
    "PRESET_ENTERPRISE_GRADE": "presets",
    "PRESET_LOCAL": "presets",
    "PRESET_MEDICAL_AI": "presets",
    "PRESET_PRODUCTION_READY": "presets",
    "UnknownTierError": "errors",
    "UnsupportedProviderError": "errors",
    "auto_detect_models": "discovery",
}

__all__ = [
    "PRESETS",
    "PRESET_CODE_SPECIALIST",
    "PRESET_COST_OPTIMIZED_SAAS",
    "PRESET_ENTERPRISE_GRADE",
    "PRESET_LOCAL",
    "PRESET_MEDICAL_AI",
    "PRESET_PRODUCTION_READY",
    "AllModelsFailedError",
    "BudgetExceededError",
    "CascadeAgent",
    "CascadeFlowError",
    "CascadePlan",
    "CascadePreset",
    "CascadeResult",
    "ConfigError",
    "ModelCallError",
    "ModelConfig",
    "NoModelsError",
    "PresetBuilder",
    "UnknownTierError",
    "UnsupportedProviderError",
    "auto_detect_models",
]


def __getattr__(name: str) -> Any:
    """Import a public name at its first use, so that start-up stays fast."""
    home = _HOMES.get(name)
    if home is None:
        from cascadeflow.removed import no_such_name

        raise no_such_name(__name__, name)
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
