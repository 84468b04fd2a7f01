"""`CheckContext`: everything a check may look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cascadeflow.quality.text import HEAD, PROGRAMMING, TAIL, Fence, find_fences, without
from cascadeflow.schema import Message

if TYPE_CHECKING:
    from cascadeflow.quality.asked import Asked


@dataclass(frozen=True)
class CheckContext:
    """A question and the answer that is to be judged.

    Attributes:
        prompt: the last message of the user.
        text: the answer.
        domain: domain of the question.
        messages: the conversation so far in OpenAI's form.
        finish_reason: the provider's word: ``stop``, ``length``, …
        logprobs: natural logarithms of the tokens' probabilities; empty where the provider gives none.
        response_format: OpenAI's ``response_format`` of the request.
        tools: tools of the request in OpenAI's form.
        tool_choice: of the request, in OpenAI's form.
        tool_calls: tool calls of the answer in OpenAI's form.
        max_tokens: completion tokens that were allowed.
        model: who answered, as configured; empty: not known.

    Example:
        >>> CheckContext("What is 2 + 2?", "4").head
        '4'
    """

    prompt: str
    text: str
    domain: str = "general"
    messages: tuple[Message, ...] = ()
    finish_reason: str = "stop"
    logprobs: tuple[float, ...] = ()
    response_format: dict[str, Any] | None = None
    tools: tuple[dict[str, Any], ...] = ()
    tool_choice: str | dict[str, Any] | None = None
    tool_calls: tuple[dict[str, Any], ...] = ()
    max_tokens: int | None = None
    model: str = ""

    @cached_property
    def head(self) -> str:
        """The part of the answer that most checks read."""
        return self.text[:HEAD]

    @cached_property
    def tail(self) -> str:
        """The end of the answer, where it breaks off or loops."""
        return self.text[-TAIL:]

    @cached_property
    def whole(self) -> bool:
        """Whether `head` is all of it."""
        return len(self.text) <= HEAD

    @cached_property
    def fences(self) -> tuple[Fence, ...]:
        """Code blocks of `head`."""
        return find_fences(self.head)

    @cached_property
    def prose(self) -> str:
        """`head` without its code blocks."""
        return without(self.head, self.fences)

    @cached_property
    def words_and_data(self) -> str:
        """`head` without its programs; blocks of JSON or plain text stay."""
        return without(self.head, tuple(fence for fence in self.fences if fence.language in PROGRAMMING))

    @cached_property
    def asked(self) -> Asked:
        """What form of answer the question asks for."""
        from cascadeflow.quality.asked import read_request

        return read_request(self.prompt)
