"""Tool calls come back as data, and are gated on name, JSON and schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.quality import CheckContext
from cascadeflow.quality.tool_calls import check_tool_calls
from cascadeflow.testing import Answer, ScriptedClient

TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
OTHER = {"type": "function", "function": {"name": "clock"}}


def call(name: str, arguments: Any) -> dict[str, Any]:
    """A tool call in OpenAI's form."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"id": "1", "type": "function", "function": {"name": name, "arguments": text}}


@pytest.mark.parametrize(
    ("calls", "choice", "passed"),
    [
        ([call("weather", {"city": "Paris"})], None, True),
        ([call("weather", {"city": "Paris", "days": 3})], "required", True),
        ([call("clock", {})], None, True),
        ([call("clock", "")], None, True),
        ([], None, True),
        ([], "auto", True),
        ([], "required", False),
        ([], {"type": "function", "function": {"name": "weather"}}, False),
        ([call("clock", {})], {"type": "function", "function": {"name": "weather"}}, False),
        ([call("wether", {"city": "Paris"})], None, False),
        ([call("weather", {})], None, False),
        ([call("weather", {"city": 5})], None, False),
        ([call("weather", {"city": "Paris", "days": 0})], None, False),
        ([call("weather", {"city": "Paris", "country": "France"})], None, False),
        ([call("weather", '{"city": "Par')], None, False),
        ([call("weather", "[1]")], None, False),
        ([call("weather", {"city": "Paris"}), call("nope", {})], None, False),
        ([{"id": "1"}], None, False),
    ],
)
def test_calls_are_checked(calls: list[dict[str, Any]], choice: Any, passed: bool) -> None:
    """Name, JSON, schema, and whether one had to be made."""
    context = CheckContext("Weather?", "", tools=(TOOL, OTHER), tool_choice=choice, tool_calls=tuple(calls))
    assert check_tool_calls(context).passed is passed


def test_without_tools_there_is_nothing_to_say() -> None:
    """No score, no weight."""
    assert check_tool_calls(CheckContext("Hi", "Hello")).score is None


async def test_a_bad_call_escalates_and_a_good_one_comes_back_as_data() -> None:
    """The engine passes tools through, judges the calls, and carries none of them out."""
    models = [
        ModelConfig("gpt-4o-mini", "openai", quality_score=0.8),
        ModelConfig("gpt-4o", "openai", quality_score=0.95),
    ]
    bad = Answer("", tool_calls=(call("weather", {"town": "Paris"}),), finish_reason="tool_calls")
    good = Answer("", tool_calls=(call("weather", {"city": "Paris"}),), finish_reason="tool_calls")
    client = ScriptedClient({"gpt-4o-mini": [bad], "gpt-4o": [good]})
    result = await CascadeAgent(models, client=client).run("Weather in Paris?", tools=[TOOL], tool_choice="auto")
    assert result.model_used == "gpt-4o"
    assert result.tool_calls == good.tool_calls
    assert result.validated
    assert client.calls[0].tools == (TOOL,)
    assert client.calls[0].tool_choice == "auto"
    assert "break its schema" in result.trace[0].verdict.reason  # type: ignore[union-attr]
