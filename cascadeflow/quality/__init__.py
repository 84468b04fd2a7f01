"""Judging an answer: checks, one subject a file, and the gate that combines them.

Names are loaded at first use, so that importing this costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cascadeflow.quality.certificate import Certificate
    from cascadeflow.quality.context import CheckContext
    from cascadeflow.quality.gate import judge
    from cascadeflow.quality.modes import MODES, Mode
    from cascadeflow.quality.validator import QualityValidator
    from cascadeflow.quality.validators import register_validator, run_validator

_HOME = {
    "MODES": "modes",
    "Certificate": "certificate",
    "CheckContext": "context",
    "Mode": "modes",
    "QualityValidator": "validator",
    "judge": "gate",
    "register_validator": "validators",
    "run_validator": "validators",
}

__all__ = [
    "MODES",
    "Certificate",
    "CheckContext",
    "Mode",
    "QualityValidator",
    "judge",
    "register_validator",
    "run_validator",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
