"""The examples of the v0.2.0 document run word for word; its class listings are kept by name, order and default.

Each example stands beside this file as it stands in the document. What the document leaves out is
the prelude below: the names it uses without importing them, and a client whose answers are
scripted. In the BEFORE block the ``...`` are filled in, since Python does not take them there.
"""

from __future__ import annotations

import ast
import inspect
import types
from pathlib import Path
from typing import Any

import pytest

from cascadeflow import CascadeAgent, CascadePreset, ModelConfig, auto_detect_models
from cascadeflow.core import agent as agent_module
from cascadeflow.errors import UnknownTierError, UnsupportedProviderError
from cascadeflow.integrations.litellm import SUPPORTED_PROVIDERS, validate_provider
from cascadeflow.routing import CascadeStep, DomainCascadeStrategy, TierAwareRouter, TierModelPolicy
from cascadeflow.schema import CascadeResult
from cascadeflow.telemetry import BudgetConfig, CostTracker
from cascadeflow.testing import ScriptedClient

FOLDER = Path(__file__).parent
ANSWERS = [
    (
        "```python\ndef quicksort(items):\n    if len(items) < 2:\n        return items\n    head, *rest = items\n"
        "    low = [x for x in rest if x < head]\n    high = [x for x in rest if x >= head]\n"
        "    return quicksort(low) + [head] + quicksort(high)\n```"
    )
]
PROSE = "Diabetes shows as thirst, frequent urination and fatigue; see a doctor if you notice these signs."


class Script(dict[str, list[Any]]):
    """Prose for every model that has no answer of its own."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, [PROSE])


@pytest.fixture
def prelude(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Names that the examples use without importing them, keys that are set, and a scripted client."""
    for name in ("OPENAI", "ANTHROPIC", "GROQ", "DEEPSEEK", "FIREWORKS"):
        monkeypatch.setenv(f"{name}_API_KEY", "x")
    client = ScriptedClient(Script({"deepseek-coder": ANSWERS, "gpt-4": ANSWERS}))
    monkeypatch.setattr(agent_module.CascadeAgent, "client", property(lambda _: client))
    presets = [model for name in ("cost_optimized_saas", "enterprise_grade") for model in _models(name)]
    return {
        "auto_detect_models": auto_detect_models,
        "all_available_models": list({model.name: model for model in presets}.values()),
        "CostTracker": CostTracker,
        "BudgetConfig": BudgetConfig,
        "client": client,
    }


def _models(preset: str) -> list[ModelConfig]:
    from cascadeflow import PRESETS

    return PRESETS[preset].models


async def execute(name: str, namespace: dict[str, Any], **changes: str) -> dict[str, Any]:
    """Run an example as a script whose top level may await."""
    source = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in source
        source = source.replace(old, new)
    code = compile(source, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    done = types.FunctionType(code, namespace)()
    if inspect.isawaitable(done):
        await done
    return namespace


async def test_the_strategies_example(prelude: dict[str, Any]) -> None:
    """A code query takes the code strategy, a medical one its three steps."""
    done = await execute("strategies", prelude)
    assert isinstance(done["result"], CascadeResult)
    assert done["result"].strategy == "medical"
    assert prelude["client"].calls[0].model == "deepseek-coder"


async def test_the_presets_example(prelude: dict[str, Any]) -> None:
    """Before and after, with the `...` filled in."""
    source = (FOLDER / "presets.txt").read_text(encoding="utf-8")
    assert source.count(", ...)") == 3
    namespace = dict(prelude)
    code = source.replace(", ...)", ", quality_score=0.8)")
    exec(compile(code, "presets", "exec"), namespace)
    assert len(namespace["agent"].models) == 3
    assert namespace["agent"].cost_tracker.budget_limit == 10.00


async def test_the_customisation_example(prelude: dict[str, Any]) -> None:
    """What the preset returns may be changed before use, and acts."""
    from cascadeflow import PRESET_PRODUCTION_READY

    namespace = {**prelude, "PRESET_PRODUCTION_READY": PRESET_PRODUCTION_READY, "CascadeAgent": CascadeAgent}
    done = await execute("customise", namespace)
    assert done["agent"].cost_tracker.budget_limit == 50.00
    assert done["agent"].quality_validator.enable_semantic_similarity
    assert PRESET_PRODUCTION_READY.default_budget_daily == 10.00


async def test_the_tiers_example(prelude: dict[str, Any]) -> None:
    """Four runs of three users; each asks only what its tier allows."""
    done = await execute("tiers", prelude)
    assert done["result"].user_tier == "enterprise"
    asked = [call.model for call in prelude["client"].calls]
    assert asked[0] in ("llama-3.1-8b-instant", "llama-3.3-70b-versatile")
    assert "deepseek-coder" not in asked


async def test_the_comparison_example(prelude: dict[str, Any]) -> None:
    """Two lines, and an answer."""
    done = await execute("comparison", prelude)
    assert done["result"].text == PROSE


def parameters(function: Any) -> dict[str, Any]:
    """Names and defaults of a signature."""
    found = inspect.signature(function).parameters.values()
    return {item.name: item.default for item in found if item.name != "self"}


REQUIRED = inspect.Parameter.empty


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (CascadeStep, {"model": REQUIRED, "provider": REQUIRED, "validation": None, "max_retries": 1, "fallback_model": None}),
        (TierModelPolicy, {"tier_name": REQUIRED, "allowed_models": REQUIRED, "max_cost_per_query": None,
                           "prefer_cheap_first": True}),
        (TierAwareRouter, {"tier_policies": REQUIRED, "all_models": REQUIRED}),
        (TierAwareRouter.get_models_for_tier, {"tier": REQUIRED, "budget_remaining": REQUIRED, "complexity": "medium"}),
        (CascadePreset, {
            "name": REQUIRED, "description": REQUIRED, "models": REQUIRED, "enable_cost_tracking": True,
            "default_budget_daily": None, "enable_cost_forecasting": False, "quality_validation_mode": "fast",
            "enable_ml_quality": False, "enable_domain_routing": False, "domain_strategies": None,
            "enable_user_tiers": False, "tier_budgets": None, "enable_multi_step_cascade": False,
        }),
        (CascadeAgent, {"models": REQUIRED, "domain_strategies": None, "enable_multi_step_cascade": False,
                        "tier_router": None, "enable_tier_routing": False}),
        (CascadeAgent.run, {"query": REQUIRED, "domain": None, "user_id": None, "user_tier": None}),
    ],
)  # fmt: skip
def test_signatures_of_the_document(listed: Any, expected: dict[str, Any]) -> None:
    """Every name is there with its default; what is required there is required or has a default here."""
    found = parameters(listed)
    for name, default in expected.items():
        assert name in found
        value = getattr(found[name], "default", found[name])
        assert default is REQUIRED or value == default


def test_strategies_take_the_document_s_arguments() -> None:
    """Domain, steps, description."""
    assert list(parameters(DomainCascadeStrategy)) == ["domain", "steps", "description"]


def test_errors_of_the_document_are_value_errors() -> None:
    """As it raises them."""
    assert issubclass(UnsupportedProviderError, ValueError)
    assert issubclass(UnknownTierError, ValueError)
    with pytest.raises(ValueError, match="not supported"):
        validate_provider("replicate")
    assert SUPPORTED_PROVIDERS == [
        "openai", "anthropic", "groq", "ollama", "fireworks_ai", "together_ai", "deepseek", "vertex_ai", "cohere",
    ]  # fmt: skip


def test_the_router_of_the_document() -> None:
    """Exhausted is not unlimited; unknown is an error; no budget is infinity."""
    import math

    from cascadeflow.routing import TIER_POLICIES_DEFAULT

    free = ModelConfig("free-here", "ollama", quality_score=0.3)
    models = [*_models("cost_optimized_saas"), free]
    router = TierAwareRouter(tier_policies=TIER_POLICIES_DEFAULT, all_models=models)
    names = [model.name for model in router.get_models_for_tier("free", math.inf, "high")]
    assert names[0] == "free-here"
    assert set(names) == {"free-here", "llama-3.1-8b-instant", "llama-3.3-70b-versatile", "gpt-4o-mini"}
    assert len(router.get_models_for_tier("free", math.inf, "simple")) == 2
    assert [model.name for model in router.get_models_for_tier("free", 0.0, "high")] == ["free-here"]
    with pytest.raises(ValueError, match="Unknown tier"):
        router.get_models_for_tier("gold", 1.0)
