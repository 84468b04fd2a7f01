"""Reads the lines of a stream along with LiteLLM, for what LiteLLM (1.106.2) does not make of them.

Cohere: it looks for the end of an answer and for tool calls under other names than are sent
(``message-end`` and ``tool-call-start`` in ``type``, see docs.cohere.com/reference/chat-stream), so
every answer seems to end with ``stop``, without usage and without tool calls.

Gemini: every chunk seems to end with ``stop``, so a stream that breaks off looks complete.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from typing import Any

from cascadeflow.schema import Usage

_COHERE_REASONS = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tool_calls",
    "ERROR_TOXIC": "content_filter",
}
_GEMINI_REASONS = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "MALFORMED_FUNCTION_CALL": "malformed_function_call",
}


class RawLines(ABC):
    """What the lines of one answer said.

    Attributes:
        understood: whether any line was one of the dialect; if not, LiteLLM knows better.
        finish_reason: in OpenAI's words; None while the answer has not ended.
        usage: tokens as billed; None: not said, or left to LiteLLM.
    """

    def __init__(self) -> None:
        self.understood = False
        self.finish_reason: str | None = None
        self.usage: Usage | None = None
        self._calls: dict[int, dict[str, Any]] = {}

    @property
    def tool_calls(self) -> tuple[dict[str, Any], ...]:
        """In OpenAI's form; none where they are left to LiteLLM."""
        return tuple(self._calls.values())

    async def follow(self, lines: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
        """Hand the lines on as they are, and keep what they say.

        Args:
            lines: of the HTTP body.
        """
        async for line in lines:
            try:
                event = json.loads(line.removeprefix("data:"))
            except ValueError:  # an empty line, an event's name; LiteLLM judges what is wrong
                event = None
            if isinstance(event, dict):
                self.understood = True
                self._read(event)
            yield line

    @abstractmethod
    def _read(self, event: dict[str, Any]) -> None: ...


class CohereLines(RawLines):
    """Cohere's events: end, usage and tool calls."""

    def _read(self, event: dict[str, Any]) -> None:
        delta = event.get("delta") or {}
        kind = event.get("type")
        if kind == "message-end":
            reason = str(delta.get("finish_reason"))
            self.finish_reason = _COHERE_REASONS.get(reason, reason.lower())
            self.usage = _cohere_usage(delta.get("usage") or {})
        elif kind == "tool-call-start":
            said = delta["message"]["tool_calls"]
            function = {"name": said["function"]["name"], "arguments": said["function"].get("arguments") or ""}
            self._calls[event["index"]] = {"id": said["id"], "type": "function", "function": function}
        elif kind == "tool-call-delta":
            function = delta["message"]["tool_calls"]["function"]
            self._calls[event["index"]]["function"]["arguments"] += function["arguments"]


class GeminiLines(RawLines):
    """Gemini's chunks: the end only."""

    def _read(self, event: dict[str, Any]) -> None:
        for candidate in event.get("candidates") or ():
            reason = candidate.get("finishReason")
            if reason:
                self.finish_reason = _GEMINI_REASONS.get(reason, reason.lower())
        if (event.get("promptFeedback") or {}).get("blockReason"):
            self.finish_reason = "content_filter"


def _cohere_usage(said: dict[str, Any]) -> Usage | None:
    """Billed units, which are fewer than the tokens: Cohere's own frame around a prompt is free."""
    counts = said.get("billed_units") or said.get("tokens") or {}
    if "input_tokens" not in counts or "output_tokens" not in counts:
        return None
    return Usage(prompt_tokens=int(counts["input_tokens"]), completion_tokens=int(counts["output_tokens"]))
