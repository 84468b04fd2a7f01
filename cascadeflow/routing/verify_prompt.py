"""What a verifying model is asked: the conversation, the draft, and the form its verdict must have."""

from __future__ import annotations

from collections.abc import Sequence

from cascadeflow.routing.context import estimate_prompt_tokens
from cascadeflow.schema import Message

_INSTRUCTION = """\
You check another model's answer. Reply with one JSON object and nothing else:
{"verdict": "correct" or "incorrect", "problems": ["each mistake, in one sentence"], \
"corrected_answer": "the whole answer as it should be, or empty if the draft is correct"}"""


def verify_messages(messages: Sequence[Message], draft: str) -> list[Message]:
    """The conversation as a verifying model sees it.

    Args:
        messages: the conversation.
        draft: the answer to check.

    Returns:
        Messages that end in the draft and the request for a verdict.
    """
    request = f"Question and conversation above. Draft answer:\n\n{draft}\n\n{_INSTRUCTION}"
    return [*messages, {"role": "user", "content": request}]


def verify_overhead() -> int:
    """Tokens, estimated, by which a verify step's prompt is longer than conversation and draft."""
    return estimate_prompt_tokens(verify_messages([], ""))
