"""Public fakes: a scripted client with exact costs and faults, and a clock that is set by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field

from cascadeflow.client import Chunk, Completed, Delta, ModelRequest
from cascadeflow.errors import ConnectionLostError, ModelNotFoundError
from cascadeflow.schema import Usage


@dataclass(frozen=True, slots=True)
class Answer:
    """What a scripted model says.

    Attributes:
        text: the answer; one token a word.
        prompt_tokens: billed prompt tokens; None: one per word of the prompt.
        completion_tokens: billed completion tokens; None: one per word of the text.
        logprobs: log-probability per word.
        finish_reason: the provider's word.
        fail_after: break the stream after so many words.
        delay: seconds before the first word.
        cached_tokens: the cached part of the prompt tokens.
        usage: False leaves the usage out, as some providers do.
        tool_calls: in OpenAI's form.

    Example:
        >>> Answer("Paris.", prompt_tokens=12, completion_tokens=2).text
        'Paris.'
    """

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    logprobs: Sequence[float] | None = None
    finish_reason: str = "stop"
    fail_after: int | None = None
    delay: float = 0
    cached_tokens: int = 0
    usage: bool = True
    tool_calls: tuple[dict[str, object], ...] = ()


@dataclass
class ScriptedClient:
    """A `ModelClient` that says what it was told to.

    Args:
        answers: configured model name → what it says, in turn; the last one repeats. An
            exception is raised instead of an answer.
        tokens_per_second: pace of the words; None: as fast as they are read.

    Attributes:
        calls: every request, in order.

    Example:
        >>> client = ScriptedClient({"small": ["Paris."]})
        >>> client.calls
        []
    """

    answers: Mapping[str, Sequence[str | Answer | Exception]]
    tokens_per_second: float | None = field(default=None, kw_only=True)
    calls: list[ModelRequest] = field(default_factory=list, init=False)
    _turns: dict[str, int] = field(default_factory=dict, init=False, repr=False)

    def _next(self, model: str) -> str | Answer | Exception:
        script = self.answers.get(model)
        if not script:
            return ModelNotFoundError("the script has no answer for it", model=model)
        return script[min(self._turns.get(model, 0), len(script) - 1)]

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Say the next answer of the script."""
        self.calls.append(request)
        said = self._next(request.model)
        self._turns[request.model] = self._turns.get(request.model, 0) + 1
        if isinstance(said, Exception):
            raise said
        answer = Answer(said) if isinstance(said, str) else said
        if answer.delay:
            await asyncio.sleep(answer.delay)
        words = answer.text.splitlines(keepends=True) if len(answer.text) > 100_000 else _words(answer.text)
        for number, word in enumerate(words):
            if answer.fail_after is not None and number >= answer.fail_after:
                break
            if self.tokens_per_second:
                await asyncio.sleep(1 / self.tokens_per_second)
            logprobs = (answer.logprobs[number],) if answer.logprobs and number < len(answer.logprobs) else ()
            yield Delta(text=word, logprobs=logprobs)
        if answer.fail_after is not None:
            raise ConnectionLostError(f"the stream broke after {answer.fail_after} tokens", model=request.model)
        yield Completed(
            finish_reason=answer.finish_reason,
            usage=self._usage(request, answer, len(words)) if answer.usage else None,
            tool_calls=answer.tool_calls,
        )

    def _usage(self, request: ModelRequest, answer: Answer, words: int) -> Usage:
        prompt = _prompt_words(request) if answer.prompt_tokens is None else answer.prompt_tokens
        completion = words if answer.completion_tokens is None else answer.completion_tokens
        return Usage(prompt_tokens=prompt, completion_tokens=completion, cached_tokens=answer.cached_tokens)

    def count_prompt_tokens(self, request: ModelRequest) -> int:
        """The prompt tokens of the answer that comes next."""
        said = self._next(request.model)
        if isinstance(said, Answer) and said.prompt_tokens is not None:
            return said.prompt_tokens
        return _prompt_words(request)

    async def aclose(self) -> None:
        """Nothing to free."""


def _words(text: str) -> list[str]:
    pieces = text.split(" ")
    return [piece if number == 0 else f" {piece}" for number, piece in enumerate(pieces)] if text else []


def _prompt_words(request: ModelRequest) -> int:
    return sum(len(str(message.get("content") or "").split()) for message in request.messages)


@dataclass
class FakeClock:
    """A clock that stands still until it is moved.

    Args:
        now: seconds since the epoch.

    Example:
        >>> clock = FakeClock(0.0)
        >>> clock.advance(60)
        >>> clock()
        60.0
    """

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on (or back) by so many seconds."""
        self.now += seconds
