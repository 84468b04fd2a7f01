"""The presets: complete configurations, ready to use and to change."""

from cascadeflow.presets.builder import PresetBuilder
from cascadeflow.presets.builtin import (
    PRESET_CODE_SPECIALIST,
    PRESET_COST_OPTIMIZED_SAAS,
    PRESET_ENTERPRISE_GRADE,
    PRESET_LOCAL,
    PRESET_MEDICAL_AI,
    PRESET_PRODUCTION_READY,
    PRESETS,
    get_preset,
)
from cascadeflow.presets.own import own_presets, preset_configuration, preset_names, save_own
from cascadeflow.presets.preset import CascadePreset

__all__ = [
    "PRESETS",
    "PRESET_CODE_SPECIALIST",
    "PRESET_COST_OPTIMIZED_SAAS",
    "PRESET_ENTERPRISE_GRADE",
    "PRESET_LOCAL",
    "PRESET_MEDICAL_AI",
    "PRESET_PRODUCTION_READY",
    "CascadePreset",
    "PresetBuilder",
    "get_preset",
    "own_presets",
    "preset_configuration",
    "preset_names",
    "save_own",
]
