"""What users build refuses wrong values with an error of ours that names field, value and what is allowed."""

from __future__ import annotations

import ast
import copy
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cascadeflow import PRESET_PRODUCTION_READY, CascadePreset, ModelConfig
from cascadeflow.config import Configuration
from cascadeflow.config.schema import QualitySection
from cascadeflow.errors import CascadeFlowError, ConfigError
from cascadeflow.quality import QualityValidator
from cascadeflow.routing import CascadeStep, DomainCascadeStrategy, TierModelPolicy
from cascadeflow.telemetry import BudgetConfig

ROOT = Path(__file__).parents[2] / "cascadeflow"
MODEL = ModelConfig("a", "openai")
STEP = CascadeStep("a", "openai")

WRONG: list[tuple[Callable[[], Any], str, str, str]] = [
    (lambda: ModelConfig("a", "openai", cost=-1), "ModelConfig.cost", "-1", "greater than or equal to 0"),
    (lambda: ModelConfig("a", "openai", -1), "ModelConfig.cost", "-1", "greater than or equal to 0"),
    (lambda: ModelConfig("a", "openai", quality_score=1.5), "ModelConfig.quality_score", "1.5", "less than or equal to 1"),
    (lambda: ModelConfig("", "openai"), "ModelConfig.name", "''", "at least 1 character"),
    (lambda: ModelConfig("a", "openai", domains=["x", 7]), "ModelConfig.domains[2]", "7", "string"),  # type: ignore[list-item]
    (lambda: ModelConfig("a"), "ModelConfig.provider", "", "required"),  # type: ignore[call-arg]
    (lambda: ModelConfig("a", "openai", speed_ms=9), "ModelConfig.speed_ms", "", "has name, provider, cost"),  # type: ignore[call-arg]
    (lambda: CascadeStep("a", "openai", max_retries=-2), "CascadeStep.max_retries", "-2", "greater than or equal to 0"),
    (lambda: CascadeStep("a", "openai", role="judge"), "CascadeStep.role", "'judge'", "'answer' or 'verify'"),  # type: ignore[arg-type]
    (lambda: DomainCascadeStrategy("math", [STEP]), "DomainCascadeStrategy.steps", "", "at least 2"),
    (lambda: DomainCascadeStrategy("math", [STEP, 5]), "DomainCascadeStrategy.steps[2]", "5", "CascadeStep"),  # type: ignore[list-item]
    (lambda: BudgetConfig(daily=-1), "BudgetConfig.daily", "-1", "greater than or equal to 0"),
    (lambda: BudgetConfig(monthly="much"), "BudgetConfig.monthly", "'much'", "number"),  # type: ignore[arg-type]
    (lambda: BudgetConfig(timezone="Mars"), "BudgetConfig.timezone", "'Mars'", "Europe/Berlin"),
    (lambda: BudgetConfig(dayly=1), "BudgetConfig.dayly", "", "has daily, weekly, monthly, total, timezone"),  # type: ignore[call-arg]
    (lambda: TierModelPolicy("x", [], max_cost_per_query=-1), "TierModelPolicy.max_cost_per_query", "-1", "equal to 0"),
    (lambda: TierModelPolicy("x", [], float("inf")), "TierModelPolicy.max_cost_per_query", "inf", "finite"),
    (lambda: TierModelPolicy("x", "gpt-4o"), "TierModelPolicy.allowed_models", "'gpt-4o'", "list"),  # type: ignore[arg-type]
    (lambda: CascadePreset("x", "", [MODEL], default_budget_daily=-5), "CascadePreset.default_budget_daily", "-5", "0"),
    (lambda: CascadePreset("x", "", [MODEL], quality_validation_mode="careful"),  # type: ignore[arg-type]
     "CascadePreset.quality_validation_mode", "'careful'", "'fast', 'balanced', 'strict' or 'cost-optimized'"),
    (lambda: PRESET_PRODUCTION_READY.with_quality("careful"),  # type: ignore[arg-type]
     "CascadePreset.quality_validation_mode", "'careful'", "'strict'"),
    (lambda: replace(BudgetConfig(daily=1), daily=-1), "BudgetConfig.daily", "-1", "greater than or equal to 0"),
    (lambda: QualityValidator("careful"), "QualityValidator.mode", "'careful'", "balanced, strict"),
    (lambda: QualityValidator(threshold=2), "QualityValidator.threshold", "2", "less than or equal to 1"),
    (lambda: QualitySection(threshold=2), "QualitySection.threshold", "2", "less than or equal to 1"),
    (lambda: Configuration(models=[]), "Configuration.models", "", "at least 1"),
    (lambda: setattr(QualitySection(), "mode", "careful"), "QualitySection.mode", "'careful'", "'strict'"),
    (lambda: setattr(BudgetConfig(daily=1), "daily", -1), "BudgetConfig.daily", "-1", "greater than or equal to 0"),
    (lambda: setattr(BudgetConfig(daily=1), "dayly", 1), "BudgetConfig.dayly", "", "has daily"),
    (lambda: setattr(QualityValidator(), "threshold", 2), "QualityValidator.threshold", "2", "less than or equal to 1"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "field", "value", "allowed"), WRONG)
def test_a_wrong_value_is_an_error_of_ours(build: Callable[[], Any], field: str, value: str, allowed: str) -> None:
    """One `except CascadeFlowError` is enough, and the text alone tells what to change."""
    with pytest.raises(CascadeFlowError) as caught:
        build()
    error = caught.value
    assert isinstance(error, ConfigError)
    assert isinstance(error, ValueError)
    assert error.key == field
    assert str(error).startswith(f"{field}: ")
    assert value in str(error)
    assert allowed in str(error)
    assert error.__cause__ is None
    assert "pydantic" not in str(error)


def test_a_key_given_by_mistake_is_not_shown() -> None:
    """Nor is a value of any length."""
    with pytest.raises(ConfigError, match="api_key") as caught:
        ModelConfig("a", "openai", api_key="sk-very-secret")  # type: ignore[call-arg]
    assert "secret" not in str(caught.value)
    with pytest.raises(ConfigError) as caught:
        CascadeStep("a", "openai", role="x" * 10_000)  # type: ignore[arg-type]
    assert len(str(caught.value)) < 400


def test_a_budget_that_was_refused_is_unchanged() -> None:
    """Attributes may be set, but not broken."""
    budget = BudgetConfig(daily=1)
    with pytest.raises(ConfigError):
        budget.daily = -1
    assert budget == BudgetConfig(daily=1)


@pytest.mark.parametrize(
    "value", [MODEL, STEP, BudgetConfig(daily=1), QualityValidator("strict"), PRESET_PRODUCTION_READY]
)
def test_they_can_be_copied_and_sent_elsewhere(value: Any) -> None:
    """As any dataclass."""
    assert copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == value


def test_there_is_one_way_to_make_such_a_type() -> None:
    """A new one cannot bring pydantic's own errors back."""
    users = [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "pydantic.dataclasses"
    ]
    assert users == ["validated.py"]
