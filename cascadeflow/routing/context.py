"""How long a conversation is, and what of it fits a model's context window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cascadeflow.catalog import resolve
from cascadeflow.schema import Message, ModelConfig

DEFAULT_CONTEXT_WINDOW = 8192
LEAST_ANSWER_TOKENS = 256
"""Completion tokens that must find room beside a prompt."""
_CHARACTERS_PER_TOKEN = 3.6
_TOKENS_PER_MESSAGE = 8


def estimate_prompt_tokens(messages: Iterable[Message]) -> int:
    """Tokens of a conversation, estimated from its characters (about 3.6 a token in English)."""
    total = 0.0
    for message in messages:
        total += len(str(message.get("content") or "")) / _CHARACTERS_PER_TOKEN + _TOKENS_PER_MESSAGE
    return max(1, round(total))


def context_window(model: ModelConfig) -> int:
    """Tokens that a model can take in; 8,192 where the catalogue does not say."""
    entry = resolve(model.name, model.provider).entry
    return (entry.context_window if entry else None) or DEFAULT_CONTEXT_WINDOW


def fit_messages(messages: Sequence[Message], window: int) -> list[Message]:
    """Cut the oldest messages until the rest and 256 tokens of answer fit.

    Args:
        messages: the conversation; a leading system message and the last message always stay.
        window: tokens of the model's context window.

    Returns:
        The messages to send.
    """
    kept = list(messages)
    first = 1 if kept and kept[0].get("role") == "system" else 0
    while len(kept) > first + 1 and estimate_prompt_tokens(kept) + LEAST_ANSWER_TOKENS > window:
        del kept[first]
    return kept
