"""Names of attributes and metrics, as OpenTelemetry's conventions for generative AI have them, and our own.

The conventions (opentelemetry.io, "Semantic conventions for generative AI systems") are still in development
and move between packages, so the names in use stand here instead of being imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
AGENT: Final = "gen_ai.agent.name"
CONVERSATION: Final = "gen_ai.conversation.id"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
REQUEST_STREAM: Final = "gen_ai.request.stream"
RESPONSE_MODEL: Final = "gen_ai.response.model"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS: Final = "gen_ai.usage.cache_creation.input_tokens"
REASONING_TOKENS: Final = "gen_ai.usage.reasoning.output_tokens"
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
EVALUATION: Final = "gen_ai.evaluation.result"
EVALUATION_NAME: Final = "gen_ai.evaluation.name"
EVALUATION_SCORE: Final = "gen_ai.evaluation.score.value"
EVALUATION_LABEL: Final = "gen_ai.evaluation.score.label"
EVALUATION_REASON: Final = "gen_ai.evaluation.explanation"
TOKEN_TYPE: Final = "gen_ai.token.type"  # noqa: S105  # a name, no secret
ERROR_TYPE: Final = "error.type"

TOKEN_USAGE: Final = "gen_ai.client.token.usage"  # noqa: S105  # a name, no secret
DURATION: Final = "gen_ai.client.operation.duration"
TIME_TO_FIRST_CHUNK: Final = "gen_ai.client.operation.time_to_first_chunk"

TOKEN_BUCKETS: Final = tuple(4**power for power in range(14))
"""From 1 to 67,108,864, as the conventions advise."""
SECOND_BUCKETS: Final = tuple(0.01 * 2**power for power in range(14))
"""From 0.01 to 81.92, as the conventions advise."""

_PROVIDERS: Final[Mapping[str, str]] = {"vertex_ai": "gcp.vertex_ai"}


def provider_name(provider: str) -> str:
    """A provider under the conventions' name, where they have one of their own.

    Example:
        >>> provider_name("vertex_ai"), provider_name("groq")
        ('gcp.vertex_ai', 'groq')
    """
    return _PROVIDERS.get(provider, provider)


def ours(name: str) -> str:
    """A name that the conventions do not have."""
    return f"cascadeflow.{name}"
