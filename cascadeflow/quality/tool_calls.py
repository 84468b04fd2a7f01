"""Can the tool calls of an answer be carried out: does the tool exist, do its arguments fit its schema?

Nothing is carried out here; the caller gets the calls as data.
"""

from __future__ import annotations

from typing import Any

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.jsontext import NoJson, parse, schema_error
from cascadeflow.schema import CheckResult

NAME = "tool_calls"


def check_tool_calls(context: CheckContext) -> CheckResult:
    """Fails on a call of an unknown tool, on arguments that are not JSON or break the schema.

    Args:
        context: tools of the request and tool calls of the answer.

    Returns:
        0 or 1; no score where no tools were given.
    """
    if not context.tools:
        return CheckResult(name=NAME, threshold=0.5)
    problem = _missing(context) or next((found for call in context.tool_calls if (found := _wrong(call, context))), "")
    if problem:
        return CheckResult(name=NAME, score=0.0, threshold=0.5, passed=False, reason=problem)
    return CheckResult(name=NAME, score=1.0 if context.tool_calls else None, threshold=0.5)


def _missing(context: CheckContext) -> str:
    choice = context.tool_choice
    if context.tool_calls or choice in (None, "auto", "none"):
        return ""
    wanted = "a tool" if isinstance(choice, str) else f"the tool {_function(choice).get('name')}"
    return f"{wanted} had to be called, and none was"


def _function(call: dict[str, Any]) -> dict[str, Any]:
    function = call.get("function")
    return function if isinstance(function, dict) else {}


def _wrong(call: dict[str, Any], context: CheckContext) -> str:
    function = _function(call)
    name = str(function.get("name", ""))
    known = {str(_function(tool).get("name")): _function(tool) for tool in context.tools}
    if name not in known:
        return f"there is no tool {name!r}; there are {', '.join(known)}"
    if isinstance(context.tool_choice, dict) and name != _function(context.tool_choice).get("name"):
        return f"{_function(context.tool_choice).get('name')} had to be called, not {name}"
    arguments = function.get("arguments") or "{}"
    try:
        value = parse(arguments) if isinstance(arguments, str) else arguments
    except NoJson as error:
        return f"the arguments of {name} are not JSON: {error}"
    schema = known[name].get("parameters")
    if not isinstance(value, dict):
        return f"the arguments of {name} are no JSON object"
    problem = schema_error(value, schema) if isinstance(schema, dict) else ""
    return f"the arguments of {name} break its schema: {problem}" if problem else ""
