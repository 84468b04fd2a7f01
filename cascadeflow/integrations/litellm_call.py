"""One call through LiteLLM under way: its time-outs, what it holds open, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Any, TypeVar

from cascadeflow.catalog.providers import normalize_provider
from cascadeflow.client import Completed, ModelRequest
from cascadeflow.errors import CallTimeoutError, ConnectionLostError, ModelCallError
from cascadeflow.integrations.litellm_stream import StreamReader, usage_of
from cascadeflow.integrations.raw_lines import CohereLines, GeminiLines, RawLines

T = TypeVar("T")

_RAW_LINES: dict[str, type[RawLines]] = {"cohere": CohereLines, "vertex_ai": GeminiLines}

_CLOSE_SECONDS = 1.0

_answers: ContextVar[list[Any] | None] = ContextVar("_answers", default=None)


class Call:
    """One call under way: its limits, what it holds open, how it ended."""

    def __init__(self, request: ModelRequest) -> None:
        self.request = request
        self.reader = StreamReader()
        self.stream: Any = None
        self._raw: RawLines | None = None
        self._open: list[Any] = []
        self._started = asyncio.get_running_loop().time()
        self._begun = False

    async def within_limits(self, step: Awaitable[T]) -> T:
        """Await a step of the call no longer than its limits allow."""
        limits = [self.request.total_timeout, None if self._begun else self.request.first_token_timeout]
        seconds = min((limit for limit in limits if limit is not None), default=None)
        # Set before every step: each may run in another task, with another context.
        _answers.set(self._open)
        try:
            async with asyncio.timeout_at(None if seconds is None else self._started + seconds) as scope:
                return await step
        except TimeoutError:
            if not scope.expired():
                raise
            what = "did not end" if self._begun or seconds == self.request.total_timeout else "did not begin"
            raise self._error(CallTimeoutError, f"the answer {what} within {seconds:g} s") from None

    def has_begun(self) -> None:
        """The first token is here."""
        self._begun = True

    async def follow_lines(self) -> None:
        """Read the raw lines along with LiteLLM where it does not make everything of them."""
        kind = _RAW_LINES.get(normalize_provider(self.request.provider))
        if kind is None:
            return
        # For Gemini the request is only sent when the first chunk is fetched.
        source = await self.within_limits(self.stream.fetch_stream())
        if hasattr(source, "streaming_response"):
            self._raw = kind()
            lines = self._raw.follow(source.streaming_response)
            self._open += [lines, source.streaming_response]
            source.streaming_response = lines

    def completed(self) -> Completed:
        """The end of the answer, if it came to one."""
        raw = self._raw if self._raw and self._raw.understood else None
        # LiteLLM says "stop" where a stream just ends; this attribute of it says what was received.
        received = raw.finish_reason if raw else getattr(self.stream, "received_finish_reason", "unknown")
        if received is None:
            raise self._error(ConnectionLostError, "the stream ended in the middle of the answer")
        said = self.reader.completed(usage_of(self.stream.chunks))
        if raw is None:
            return said
        calls = raw.tool_calls or said.tool_calls
        return Completed(
            finish_reason="tool_calls" if calls and received == "stop" else received,
            usage=raw.usage or (None if isinstance(raw, CohereLines) else said.usage),
            tool_calls=calls,
        )

    async def close(self) -> None:
        """Let go of the connection, also in the middle of an answer; takes a second at most."""
        with contextlib.suppress(Exception):  # it may be broken already, which is not news
            async with asyncio.timeout(_CLOSE_SECONDS):
                if self.stream is not None:
                    await self.stream.aclose()
                for opened in self._open:
                    await opened.aclose()

    def _error(self, kind: type[ModelCallError], message: str) -> ModelCallError:
        return kind(message, model=self.request.model, provider=self.request.provider)


async def remember_answer(answer: Any) -> None:
    """Keep an HTTP answer for its call to close.

    LiteLLM leaves Anthropic's to the garbage collector, which cannot have it while somebody keeps
    the error that ended the call.
    """
    open_answers = _answers.get()
    if open_answers is not None:
        open_answers.append(answer)
