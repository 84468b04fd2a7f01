"""The presets under the module path of the v0.2.0 document; they live in `cascadeflow.presets`."""

from cascadeflow.presets import (
    PRESET_CODE_SPECIALIST,
    PRESET_COST_OPTIMIZED_SAAS,
    PRESET_ENTERPRISE_GRADE,
    PRESET_LOCAL,
    PRESET_MEDICAL_AI,
    PRESET_PRODUCTION_READY,
    CascadePreset,
)

__all__ = [
    "PRESET_CODE_SPECIALIST",
    "PRESET_COST_OPTIMIZED_SAAS",
    "PRESET_ENTERPRISE_GRADE",
    "PRESET_LOCAL",
    "PRESET_MEDICAL_AI",
    "PRESET_PRODUCTION_READY",
    "CascadePreset",
]
