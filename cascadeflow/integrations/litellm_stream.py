"""Turns LiteLLM's chunks into ours: text, log-probabilities, tool calls put together, usage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cascadeflow.client import Completed, Delta
from cascadeflow.schema import Usage


class StreamReader:
    """Reads one answer.

    Attributes:
        finish_reason: LiteLLM's word for it so far; it also says ``stop`` where a stream just broke off.
    """

    def __init__(self) -> None:
        self.finish_reason = ""
        self._calls: list[dict[str, Any]] = []
        self._by_index: dict[int, dict[str, Any]] = {}

    def read(self, chunk: Any) -> Iterator[Delta]:
        """What a chunk adds to the answer.

        Args:
            chunk: LiteLLM's.

        Yields:
            At most two deltas. Reasoning is a delta with tokens and without text: it is billed
            and shows that the model is at work, but is no part of the answer.
        """
        for choice in chunk.choices[:1]:
            self.finish_reason = choice.finish_reason or self.finish_reason
            delta = choice.delta
            thought = getattr(delta, "reasoning_content", None)
            if thought:
                yield Delta(text="", tokens=estimated_tokens(thought))
            for call in getattr(delta, "tool_calls", None) or ():
                self._add(call)
            if delta.content:
                logprobs = _logprobs(getattr(choice, "logprobs", None))
                yield Delta(
                    text=delta.content, tokens=len(logprobs) or estimated_tokens(delta.content), logprobs=logprobs
                )

    def completed(self, usage: Usage | None) -> Completed:
        """The end of the answer."""
        return Completed(finish_reason=self.finish_reason, usage=usage, tool_calls=tuple(self._calls))

    def _add(self, piece: Any) -> None:
        """Add a piece of a tool call: the first has id and name, all have parts of the arguments."""
        known = self._by_index.get(piece.index)
        if known is None or (piece.id and known["id"] and piece.id != known["id"]):
            known = {"id": piece.id or "", "type": "function", "function": {"name": "", "arguments": ""}}
            self._by_index[piece.index] = known
            self._calls.append(known)
        known["function"]["name"] = known["function"]["name"] or piece.function.name or ""
        known["function"]["arguments"] += piece.function.arguments or ""


def estimated_tokens(text: str) -> int:
    """Roughly how many tokens a piece of an answer is, before the provider says.

    Args:
        text: some providers send a piece per token, others several words at once.

    Returns:
        1 for a single word, else about one per four characters.
    """
    words = len(text.split())
    return 1 if words <= 1 and len(text) <= 16 else max(words, round(len(text) / 4))


def usage_of(chunks: Sequence[Any]) -> Usage | None:
    """The usage that a provider reported.

    LiteLLM makes a number up where a provider says nothing, so the chunks are read as they came.
    Counts only grow in the course of an answer, hence the greatest of each.

    Args:
        chunks: all of the answer.

    Returns:
        Tokens, cached ones and reasoning counted in (LiteLLM adds Anthropic's, which its dialect
        counts apart); None: the provider did not say.
    """
    reports = [usage for chunk in chunks if (usage := getattr(chunk, "usage", None)) is not None]
    if not reports:
        return None

    def most(*counts: Callable[[Any], int | None]) -> int:
        return max((count(usage) or 0 for usage in reports for count in counts), default=0)

    def detail(kind: str, name: str) -> Callable[[Any], int | None]:
        return lambda usage: getattr(getattr(usage, kind, None), name, None)

    def plain(name: str) -> Callable[[Any], int | None]:
        return lambda usage: getattr(usage, name, None)

    return Usage(
        prompt_tokens=most(plain("prompt_tokens")),
        completion_tokens=most(plain("completion_tokens")),
        cached_tokens=most(detail("prompt_tokens_details", "cached_tokens"), plain("cache_read_input_tokens")),
        cache_write_tokens=most(
            detail("prompt_tokens_details", "cache_creation_tokens"),
            detail("prompt_tokens_details", "cache_write_tokens"),
            plain("cache_creation_input_tokens"),
        ),
        reasoning_tokens=most(detail("completion_tokens_details", "reasoning_tokens")),
    )


def _logprobs(said: Any) -> tuple[float, ...]:
    content = said.get("content") if isinstance(said, dict) else getattr(said, "content", None)
    if not content:
        return ()
    return tuple(entry["logprob"] if isinstance(entry, dict) else entry.logprob for entry in content)
