"""What the loopback server says, in each provider's own dialect."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Line = tuple[str, dict[str, Any] | str] | None
"""An event's name (where the dialect has one) and its data; None: the next piece of text begins."""


@dataclass
class Reply:
    """One answer.

    Attributes:
        text: sent in pieces, one word each.
        thinking: sent before the text, where the dialect has a place for it.
        usage: prompt, completion, and perhaps cached, cache_write, reasoning; None: says nothing.
        finish: in OpenAI's words; None: the stream ends properly, but without saying why.
        tool_calls: name and arguments (JSON text) of each.
        logprob: sent with each piece; None: none.
        status: anything but 200 makes it an error with `message` as its text.
        headers: added to the answer.
        delay: seconds before a stream begins.
        pace: seconds between pieces.
        cut_after: pieces after which the connection is torn down.
        hang_after: pieces after which nothing more is sent, while the connection stays.
        body: raw body, instead of everything above.
    """

    text: str = ""
    thinking: str = ""
    usage: dict[str, int] | None = field(default_factory=lambda: {"prompt": 11, "completion": 7})
    finish: str | None = "stop"
    tool_calls: list[tuple[str, str]] = field(default_factory=list)
    logprob: float | None = None
    status: int = 200
    message: str = ""
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    pace: float = 0.0
    cut_after: int | None = None
    hang_after: int | None = None
    body: str | None = None

    @property
    def pieces(self) -> list[str]:
        return re.findall(r"\s*\S+\s*$|\s*\S+", self.text)


@dataclass
class Call:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


def _openai(reply: Reply, call: Call) -> Iterator[Line]:
    def chunk(delta: dict[str, Any], finish: str | None = None, **extra: Any) -> Line:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, **extra}
        return "", {**base, "choices": [choice]}

    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": call.body.get("model", "")}
    yield chunk({"role": "assistant", "content": ""})
    if reply.thinking:
        yield chunk({"reasoning_content": reply.thinking})
    for piece in reply.pieces:
        yield None
        extra: dict[str, Any] = {}
        if reply.logprob is not None and call.body.get("logprobs"):
            entry = {"token": piece, "logprob": reply.logprob, "bytes": None, "top_logprobs": []}
            extra = {"logprobs": {"content": [entry]}}
        yield chunk({"content": piece}, **extra)
    yield None
    for index, (name, arguments) in enumerate(reply.tool_calls):
        head = {"index": index, "id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": ""}}
        yield chunk({"tool_calls": [head]})
        for part in (arguments[:4], arguments[4:]):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
    if reply.finish:
        yield chunk({}, reply.finish)
    if reply.usage and (call.body.get("stream_options") or {}).get("include_usage"):
        usage = reply.usage
        details = {
            "prompt_tokens": usage["prompt"],
            "completion_tokens": usage["completion"],
            "total_tokens": usage["prompt"] + usage["completion"],
        }
        if "cached" in usage:
            details["prompt_tokens_details"] = {"cached_tokens": usage["cached"]}
        if "reasoning" in usage:
            details["completion_tokens_details"] = {"reasoning_tokens": usage["reasoning"]}
        yield "", {**base, "choices": [], "usage": details}
    if reply.finish:
        yield "", "[DONE]"


def _anthropic(reply: Reply, call: Call) -> Iterator[Line]:
    def event(kind: str, **data: Any) -> Line:
        return kind, {"type": kind, **data}

    usage = reply.usage or {}
    head: dict[str, Any] = {"input_tokens": usage.get("prompt", 0), "output_tokens": 1}
    if "cached" in usage:
        head["cache_read_input_tokens"] = usage["cached"]
    if "cache_write" in usage:
        head["cache_creation_input_tokens"] = usage["cache_write"]
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": call.body["model"], "content": []}
    yield event("message_start", message={**message, "stop_reason": None, "usage": head if reply.usage else None})
    yield event("ping")
    index = 0
    if reply.thinking:
        yield event("content_block_start", index=index, content_block={"type": "thinking", "thinking": ""})
        delta = {"type": "thinking_delta", "thinking": reply.thinking}
        yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
        index += 1
    yield event("content_block_start", index=index, content_block={"type": "text", "text": ""})
    for piece in reply.pieces:
        yield None
        yield event("content_block_delta", index=index, delta={"type": "text_delta", "text": piece})
    yield None
    yield event("content_block_stop", index=index)
    for name, arguments in reply.tool_calls:
        index += 1
        block = {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": {}}
        yield event("content_block_start", index=index, content_block=block)
        for part in (arguments[:4], arguments[4:]):
            delta = {"type": "input_json_delta", "partial_json": part}
            yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
    if reply.finish:
        words = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
        delta = {"stop_reason": words[reply.finish], "stop_sequence": None}
        tail = {"usage": {"output_tokens": usage.get("completion", 0)}} if reply.usage else {}
        yield event("message_delta", delta=delta, **tail)
        yield event("message_stop")


def _ollama(reply: Reply, call: Call) -> Iterator[Line]:
    base = {"model": call.body["model"], "created_at": "2026-01-01T00:00:00Z"}

    def chunk(message: dict[str, Any], **extra: Any) -> Line:
        return "", {**base, "message": {"role": "assistant", "content": "", **message}, "done": False, **extra}

    if reply.thinking:
        yield chunk({"thinking": reply.thinking})
    for piece in reply.pieces:
        yield None
        yield chunk({"content": piece})
    yield None
    for name, arguments in reply.tool_calls:
        yield chunk({"tool_calls": [{"function": {"name": name, "arguments": json.loads(arguments)}}]})
    if reply.finish:
        usage = reply.usage or {}
        counts = {"prompt_eval_count": usage.get("prompt"), "eval_count": usage.get("completion")}
        known = {key: value for key, value in counts.items() if value is not None}
        yield chunk({}, **known, done=True, done_reason="length" if reply.finish == "length" else "stop")


def _gemini(reply: Reply, _: Call) -> Iterator[Line]:
    def chunk(parts: list[dict[str, Any]], finish: str | None = None) -> Line:
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
        data: dict[str, Any] = {"candidates": [candidate], "modelVersion": "gemini", "responseId": "r1"}
        if finish:
            candidate["finishReason"] = finish
        if finish and reply.usage:
            usage = reply.usage
            reasoning = usage.get("reasoning", 0)
            data["usageMetadata"] = {
                "promptTokenCount": usage["prompt"],
                "candidatesTokenCount": usage["completion"] - reasoning,
                "totalTokenCount": usage["prompt"] + usage["completion"],
                **({"thoughtsTokenCount": reasoning} if reasoning else {}),
                **({"cachedContentTokenCount": usage["cached"]} if "cached" in usage else {}),
            }
        return "", data

    if reply.thinking:
        yield chunk([{"text": reply.thinking, "thought": True}])
    for piece in reply.pieces:
        yield None
        yield chunk([{"text": piece}])
    yield None
    calls = [{"functionCall": {"name": name, "args": json.loads(text)}} for name, text in reply.tool_calls]
    words = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}
    if reply.finish:
        yield chunk(calls or [{"text": ""}], words[reply.finish])


def _cohere(reply: Reply, _: Call) -> Iterator[Line]:
    def event(kind: str, **data: Any) -> Line:
        return "", {"type": kind, **data}

    yield event("message-start", id="m1", delta={"message": {"role": "assistant", "content": [], "tool_calls": []}})
    yield event("content-start", index=0, delta={"message": {"content": {"type": "text", "text": ""}}})
    for piece in reply.pieces:
        yield None
        yield event("content-delta", index=0, delta={"message": {"content": {"text": piece}}})
    yield None
    yield event("content-end", index=0)
    for index, (name, arguments) in enumerate(reply.tool_calls):
        head = {"id": f"{name}_{index}", "type": "function", "function": {"name": name, "arguments": ""}}
        yield event("tool-call-start", index=index, delta={"message": {"tool_calls": head}})
        for part in (arguments[:4], arguments[4:]):
            delta = {"message": {"tool_calls": {"function": {"arguments": part}}}}
            yield event("tool-call-delta", index=index, delta=delta)
        yield event("tool-call-end", index=index)
    if reply.finish:
        words = {"stop": "COMPLETE", "length": "MAX_TOKENS", "tool_calls": "TOOL_CALL", "content_filter": "ERROR_TOXIC"}
        delta: dict[str, Any] = {"finish_reason": words[reply.finish]}
        if reply.usage:
            billed = {"input_tokens": reply.usage["prompt"], "output_tokens": reply.usage["completion"]}
            with_frame = {"input_tokens": billed["input_tokens"] + 66, "output_tokens": billed["output_tokens"]}
            delta["usage"] = {"billed_units": billed, "tokens": with_frame}
        yield event("message-end", delta=delta)


DIALECTS: tuple[tuple[re.Pattern[str], Callable[[Reply, Call], Iterator[Line]], str], ...] = (
    (re.compile(r"/chat/completions$"), _openai, "text/event-stream"),
    (re.compile(r"/messages$"), _anthropic, "text/event-stream"),
    (re.compile(r"/api/chat$"), _ollama, "application/x-ndjson"),
    (re.compile(r":streamGenerateContent$"), _gemini, "text/event-stream"),
    (re.compile(r"/v2/chat$"), _cohere, "application/stream+json"),
)


def error_body(reply: Reply, path: str) -> dict[str, Any]:
    """An error as the provider at that path says it."""
    if path.endswith("/messages"):
        return {"type": "error", "error": {"type": reply.code or "api_error", "message": reply.message}}
    if path.endswith("/api/chat"):
        return {"error": reply.message}
    if path.endswith("/v2/chat"):
        return {"message": reply.message}
    if ":streamGenerateContent" in path:
        return {"error": {"code": reply.status, "message": reply.message, "status": reply.code or "INTERNAL"}}
    return {"error": {"message": reply.message, "type": "error", "param": None, "code": reply.code or None}}
