"""Names that v0.1.1 had and this version has not, each with what takes its place.

Nothing imports this module but a look-up that failed, so that it costs no start-up time.
"""

from __future__ import annotations

from typing import Final

from cascadeflow.errors import RemovedNameError

_PRODUCTION: Final = "PRESET_PRODUCTION_READY"
_MODELS_OF_ONE: Final = "PRESET_PRODUCTION_READY.with_models(…)"
_SAAS: Final = "PRESET_COST_OPTIMIZED_SAAS"
_AGENT_OF: Final = "CascadeAgent(**{}.to_agent_config())"
_CATALOGUE: Final = "the catalogue, which knows prices, speeds and successors"
_CASCADE: Final = "CascadeAgent, whose `plan` shows the steps and whose `run` takes them"
_EVENTS: Final = "the typed events of cascadeflow.events, from `agent.stream(…)` or `observers=`"
_CONSOLE: Final = "the console (`cascadeflow`) or `cascadeflow ask`"

SUCCESSORS: Final[dict[str, str]] = {
    "PRESET_BEST_OVERALL": _PRODUCTION,
    "PRESET_ULTRA_FAST": _SAAS,
    "PRESET_ULTRA_CHEAP": _SAAS,
    "PRESET_OPENAI_ONLY": _MODELS_OF_ONE,
    "PRESET_ANTHROPIC_ONLY": _MODELS_OF_ONE,
    "PRESET_FREE_LOCAL": "PRESET_LOCAL",
    "CascadePresets": "auto_detect_models, and CascadePreset for a preset of your own",
    "create_preset": "PresetBuilder",
    "QualityMode": "the modes of cascadeflow.quality.QualityValidator: fast, balanced, strict, cost-optimized",
    "PerformanceMode": "PresetBuilder",
    "get_cost_optimized_agent": _AGENT_OF.format(_SAAS),
    "get_speed_optimized_agent": _AGENT_OF.format(_SAAS),
    "get_balanced_agent": _AGENT_OF.format(_PRODUCTION),
    "get_quality_optimized_agent": _AGENT_OF.format(f'{_PRODUCTION}.with_quality("strict")'),
    "get_development_agent": _AGENT_OF.format("PRESET_LOCAL"),
    "CascadeConfig": "the arguments of CascadeAgent, or cascadeflow.config.Configuration",
    "UserTier": "cascadeflow.routing.TierModelPolicy",
    "UserProfile": "`user_id=` and `user_tier=` of `agent.run(…)`",
    "TierLevel": "`user_tier=` of `agent.run(…)`",
    "DEFAULT_TIERS": "cascadeflow.routing.TIER_POLICIES_DEFAULT",
    "WorkflowProfile": "cascadeflow.routing.DomainCascadeStrategy",
    "EXAMPLE_WORKFLOWS": "cascadeflow.routing.CODE_DOMAIN_STRATEGY and its kin",
    "LatencyProfile": _CATALOGUE,
    "OptimizationWeights": _CATALOGUE,
    "ComplexityDetector": "cascadeflow.routing.ComplexityAnalyzer",
    "QueryComplexity": "the words simple, medium and high of cascadeflow.routing.ComplexityAnalyzer",
    "DomainDetector": "cascadeflow.routing.DomainDetector",
    "ModelScorer": _CASCADE,
    "LatencyAwareExecutionPlanner": _CASCADE,
    "ExecutionStrategy": _CASCADE,
    "ExecutionPlan": "CascadePlan, from `agent.plan(…)`",
    "WholeResponseCascade": _CASCADE,
    "SpeculativeCascade": _CASCADE,
    "SpeculativeResult": "CascadeResult",
    "QualityConfig": 'cascadeflow.quality.QualityValidator, such as one of mode="strict"',
    "QualityValidator": "cascadeflow.quality.QualityValidator",
    "ValidationResult": "cascadeflow.schema.Verdict",
    "ComparativeValidator": "cascadeflow.quality.register_validator, for a validator of your own",
    "AdaptiveThreshold": "`threshold=` of cascadeflow.quality.QualityValidator",
    "CallbackManager": _EVENTS,
    "CallbackEvent": _EVENTS,
    "CallbackData": _EVENTS,
    "StreamManager": _EVENTS,
    "StreamEvent": _EVENTS,
    "StreamEventType": _EVENTS,
    "VisualIndicator": _CONSOLE,
    "TerminalVisualConsumer": _CONSOLE,
    "SilentConsumer": _CONSOLE,
    "ModelResponse": "CascadeResult",
    "BaseProvider": "a client of your own: cascadeflow.client.ModelClient",
    "PROVIDER_REGISTRY": "cascadeflow.integrations.litellm.SUPPORTED_PROVIDERS",
    "ResponseCache": "a cache of your own around the agent: answers are not kept from one run to the next",
    "setup_logging": "Python's logging, under the name cascadeflow",
    "format_cost": "cascadeflow.money.format_usd",
    "estimate_tokens": "cascadeflow.tokens.estimate_text",
    "ProviderError": "ModelCallError and its kin in cascadeflow.errors",
    "ModelError": "ModelCallError and its kin in cascadeflow.errors",
    "RateLimitError": "cascadeflow.errors.RateLimitError",
    "QualityThresholdError": "`validated=False` of CascadeResult: an answer that exists is not thrown away",
    "RoutingError": "NoModelsError",
    "ValidationError": "ConfigError",
}
"""Name of v0.1.1 → its successor; without a module, it is to be had from `cascadeflow`."""


def no_such_name(module: str, name: str) -> Exception:
    """The error for a name that a module has not.

    Args:
        module: where it was looked for.
        name: what was looked for.

    Returns:
        A `RemovedNameError` where v0.1.1 had it, so that ``from cascadeflow import …`` prints what
        takes its place; else the `AttributeError` of any module.

    Example:
        >>> print(no_such_name("cascadeflow", "PRESET_ULTRA_CHEAP"))
        PRESET_ULTRA_CHEAP of v0.1.1 is gone; use PRESET_COST_OPTIMIZED_SAAS (docs/migration.md shows before and after)
    """
    successor = SUCCESSORS.get(name)
    if successor is None:
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    return RemovedNameError(
        f"{name} of v0.1.1 is gone; use {successor} (docs/migration.md shows before and after)", name=name
    )
