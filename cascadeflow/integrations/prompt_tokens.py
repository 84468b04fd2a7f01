"""The upper bound of a request's prompt tokens, for clients that cannot ask the model's own tokenizer."""

from __future__ import annotations

from cascadeflow.client import ModelRequest


def prompt_upper_bound(request: ModelRequest) -> int:
    """Tokens that a request's prompt is billed as at most, worked out on this machine.

    Args:
        request: the call. Behind a ``base_url`` any model may answer, so its name says nothing.
    """
    from cascadeflow.tokens import upper_bound

    provider = "" if request.base_url else request.provider
    return upper_bound(request.messages, request.tools, request.resolved_model, provider)
