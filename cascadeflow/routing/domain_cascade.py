"""Cascades of their own for single domains: which models, in which role, checked by what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field

from cascadeflow.schema import Role, RunWhen
from cascadeflow.validated import value_type


@value_type()
class CascadeStep:
    """One step of a domain's cascade.

    Attributes:
        model: configured name; it may be outside the agent's models.
        provider: its provider.
        validation: a registered validator's name, or a function; None: the gate decides.
        max_retries: repetitions of a failed call.
        fallback_model: asked where this one fails or is rejected.
        role: answer afresh, or verify the draft before it.
        run: only if the answers before did not pass, or always.

    Raises:
        ConfigError: a value is not allowed, or a name is not known.
    """

    model: str
    provider: str
    validation: str | Callable[..., Any] | None = None
    max_retries: int = Field(default=1, ge=0)
    fallback_model: str | None = None
    role: Role = Field(default="answer", kw_only=True)
    run: RunWhen = Field(default="if_needed", kw_only=True)


@value_type()
class DomainCascadeStrategy:
    """The cascade of a domain: 2 to 5 steps.

    Attributes:
        domain: name of the domain.
        steps: in order.
        description: for people.

    Raises:
        ConfigError: there are fewer than 2 steps or more than 5, or something that is none.
    """

    domain: str
    steps: list[CascadeStep] = Field(min_length=2, max_length=5)
    description: str = ""


CODE_DOMAIN_STRATEGY = DomainCascadeStrategy(
    domain="code",
    steps=[
        CascadeStep("deepseek-coder", "deepseek", "syntax_validator", fallback_model="gpt-3.5-turbo"),
        CascadeStep("gpt-4", "openai", "code_quality_validator", fallback_model="claude-sonnet-4"),
    ],
    description="Fast code generation with syntax validation",
)

MEDICAL_DOMAIN_STRATEGY = DomainCascadeStrategy(
    domain="medical",
    steps=[
        CascadeStep("gpt-3.5-turbo", "openai", "medical_fact_checker", fallback_model="claude-haiku"),
        CascadeStep("med-palm-2", "google", "citation_validator", fallback_model="gpt-4", role="verify", run="always"),
        CascadeStep("claude-opus", "anthropic", "medical_safety_checker", max_retries=2, role="verify", run="always"),
    ],
    description="Medical responses with fact-checking and safety validation",
)

LEGAL_DOMAIN_STRATEGY = DomainCascadeStrategy(
    domain="legal",
    steps=[
        CascadeStep("claude-haiku", "anthropic", "citation_validator"),
        CascadeStep("claude-opus", "anthropic", "compliance_validator", role="verify", run="always"),
    ],
    description="Legal responses with citation and compliance checks",
)

GENERAL_DOMAIN_STRATEGY = DomainCascadeStrategy(
    domain="general",
    steps=[
        CascadeStep("llama-3.3-70b-versatile", "groq", "quality_validator", fallback_model="gpt-3.5-turbo"),
        CascadeStep("gpt-4o", "openai", "confidence_validator", fallback_model="claude-sonnet-4"),
    ],
    description="General queries with cost optimization",
)

DEFAULT_STRATEGIES: dict[str, DomainCascadeStrategy] = {
    strategy.domain: strategy
    for strategy in (
        CODE_DOMAIN_STRATEGY,
        MEDICAL_DOMAIN_STRATEGY,
        LEGAL_DOMAIN_STRATEGY,
        GENERAL_DOMAIN_STRATEGY,
    )
}
"""The strategies of an agent that is given none."""
