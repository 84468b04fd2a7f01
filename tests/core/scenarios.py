"""Scenarios that every door (run, stream) must tell the same way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.errors import AuthenticationError, RateLimitError, ServerError
from cascadeflow.testing import Answer, ScriptedClient

SMALL = ModelConfig("gpt-4o-mini", "openai", quality_score=0.80)
MIDDLE = ModelConfig("claude-haiku-4-5", "anthropic", quality_score=0.85)
STRONG = ModelConfig("gpt-4o", "openai", quality_score=0.95)
QUESTION = "What is 17 * 23?"


def agent_of(answers: dict[str, list[Any]], **options: Any) -> CascadeAgent:
    """An agent over as many of the three models as the script names."""
    models = [model for model in (SMALL, MIDDLE, STRONG) if model.name in answers]
    return CascadeAgent(models, client=ScriptedClient(answers), **options)


SCENARIOS: dict[str, Callable[[], CascadeAgent]] = {
    "first accepted": lambda: agent_of({"gpt-4o-mini": ["391"], "gpt-4o": ["391"]}),
    "escalated": lambda: agent_of({"gpt-4o-mini": ["The answer is 381."], "gpt-4o": ["17 * 23 = 391"]}),
    "all three": lambda: agent_of({"gpt-4o-mini": ["381"], "claude-haiku-4-5": ["411"], "gpt-4o": ["391"]}),
    "none passes": lambda: agent_of({"gpt-4o-mini": ["381"], "gpt-4o": ["17 * 23 = 411"]}),
    "retried": lambda: agent_of({"gpt-4o-mini": [RateLimitError("busy", retry_after=0.01), "391"], "gpt-4o": ["391"]}),
    "failed over": lambda: agent_of({"gpt-4o-mini": [AuthenticationError("bad key", status=401)], "gpt-4o": ["391"]}),
    "broken stream": lambda: agent_of(
        {"gpt-4o-mini": [Answer("The answer is 391.", fail_after=2)], "gpt-4o": ["391"]}, max_retries=0
    ),
    "all fail": lambda: agent_of(
        {"gpt-4o-mini": [ServerError("down", status=500)], "gpt-4o": [ServerError("down", status=503)]}, max_retries=0
    ),
    "empty answer": lambda: agent_of({"gpt-4o-mini": [""], "gpt-4o": ["391"]}),
    "held drafts": lambda: agent_of({"gpt-4o-mini": ["381"], "gpt-4o": ["391"]}),
}
