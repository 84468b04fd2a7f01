"""The `ModelClient` protocol: how the engine asks a model, whoever runs it.

A client streams `Delta`s and ends with one `Completed`, or raises a `ModelCallError`. Closing
the iterator stops the answer. Everything here turns into JSON and back, so that a client can
live in another process.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

from cascadeflow.schema import Message, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One call.

    Attributes:
        model: configured name.
        provider: provider, or ``local``.
        resolved_model: the name to call.
        messages: conversation in OpenAI's form, system message first.
        max_tokens: completion tokens at most.
        temperature: sampling temperature; None: the provider's default.
        stop: strings that end the answer.
        seed: for repeatable sampling where the provider can.
        response_format: OpenAI's ``response_format``.
        tools, tool_choice: OpenAI's, passed through.
        first_token_timeout, total_timeout: seconds; None: no limit.
        base_url: server to ask instead of the provider's own.
        path: GGUF file of an embedded model outside the catalogue.
        logprobs: whether to ask for token log-probabilities.
    """

    model: str
    provider: str
    resolved_model: str
    messages: tuple[Message, ...]
    max_tokens: int = 1024
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    response_format: dict[str, Any] | None = None
    tools: tuple[dict[str, Any], ...] = ()
    tool_choice: str | dict[str, Any] | None = None
    first_token_timeout: float | None = None
    total_timeout: float | None = None
    base_url: str | None = None
    path: str | None = None
    logprobs: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON data."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ModelRequest:
        """The reverse of `to_dict`, also after a trip through JSON."""
        tuples: dict[str, Any] = {key: tuple(data[key]) for key in ("messages", "stop", "tools") if key in data}
        return cls(**{**data, **tuples})


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A piece of an answer.

    Attributes:
        text: the characters.
        tokens: how many tokens they are (an estimate where the provider does not say).
        logprobs: natural log-probability of each token, where the provider gives them.
    """

    text: str
    tokens: int = 1
    logprobs: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The end of an answer.

    Attributes:
        finish_reason: ``stop``, ``length``, ``tool_calls``, ``content_filter``, …
        usage: tokens; None when the provider did not say.
        tool_calls: in OpenAI's form.
    """

    finish_reason: str = "stop"
    usage: Usage | None = None
    tool_calls: tuple[dict[str, Any], ...] = ()


Chunk = Delta | Completed


def chunk_to_dict(chunk: Chunk) -> dict[str, Any]:
    """A chunk as plain JSON data."""
    return {"type": "delta" if isinstance(chunk, Delta) else "completed", **asdict(chunk)}


def chunk_from_dict(data: dict[str, Any]) -> Chunk:
    """The reverse of `chunk_to_dict`, also after a trip through JSON."""
    if data["type"] == "delta":
        return Delta(text=data["text"], tokens=data["tokens"], logprobs=tuple(data["logprobs"]))
    usage = None if data["usage"] is None else Usage(**data["usage"])
    return Completed(finish_reason=data["finish_reason"], usage=usage, tool_calls=tuple(data["tool_calls"]))


class ModelClient(Protocol):
    """Whoever can answer a `ModelRequest`."""

    def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Ask.

        Args:
            request: the call.

        Yields:
            `Delta`s as they come, then exactly one `Completed`.

        Raises:
            ModelCallError: the call failed; what came before it stands as it came.
        """
        ...

    def count_prompt_tokens(self, request: ModelRequest) -> int:
        """An upper bound of the tokens the request's prompt will be billed as.

        Args:
            request: the call.

        Returns:
            Tokens. Reservations are made with it, so it must not be too low.
        """
        ...

    async def aclose(self) -> None:
        """Free what the client holds: connections, processes, models in memory."""
        ...
