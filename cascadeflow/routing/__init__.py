"""Routing: what a question is about, how hard it is, who may answer it, and the plan that follows.

Names are loaded at first use, so that importing this costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cascadeflow.routing.complexity import ComplexityAnalyzer
    from cascadeflow.routing.domain import DomainDetector
    from cascadeflow.routing.domain_cascade import (
        CODE_DOMAIN_STRATEGY,
        GENERAL_DOMAIN_STRATEGY,
        LEGAL_DOMAIN_STRATEGY,
        MEDICAL_DOMAIN_STRATEGY,
        CascadeStep,
        DomainCascadeStrategy,
    )
    from cascadeflow.routing.plan import make_plan
    from cascadeflow.routing.tier_routing import TIER_POLICIES_DEFAULT, TierAwareRouter, TierModelPolicy

_HOME = {
    "CODE_DOMAIN_STRATEGY": "domain_cascade",
    "GENERAL_DOMAIN_STRATEGY": "domain_cascade",
    "LEGAL_DOMAIN_STRATEGY": "domain_cascade",
    "MEDICAL_DOMAIN_STRATEGY": "domain_cascade",
    "TIER_POLICIES_DEFAULT": "tier_routing",
    "CascadeStep": "domain_cascade",
    "ComplexityAnalyzer": "complexity",
    "DomainCascadeStrategy": "domain_cascade",
    "DomainDetector": "domain",
    "TierAwareRouter": "tier_routing",
    "TierModelPolicy": "tier_routing",
    "make_plan": "plan",
}

__all__ = [
    "CODE_DOMAIN_STRATEGY",
    "GENERAL_DOMAIN_STRATEGY",
    "LEGAL_DOMAIN_STRATEGY",
    "MEDICAL_DOMAIN_STRATEGY",
    "TIER_POLICIES_DEFAULT",
    "CascadeStep",
    "ComplexityAnalyzer",
    "DomainCascadeStrategy",
    "DomainDetector",
    "TierAwareRouter",
    "TierModelPolicy",
    "make_plan",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
