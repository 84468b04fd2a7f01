"""Whether a provider takes a key, asked in the one way that costs nothing: for its list of models.

Addresses and headers are those of the providers' own API references; the addresses that LiteLLM
reads from the environment (``OPENAI_API_BASE`` and its kin) are honoured.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cascadeflow.catalog import key_variables
from cascadeflow.integrations.provider_errors import redact

_SECONDS = 5.0


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """Where a provider lists its models: variable of its address, address, path, headers."""

    variable: str
    base: str
    path: str
    headers: Callable[[str], dict[str, str]] = _bearer


_ENDPOINTS = {
    "openai": _Endpoint("OPENAI_API_BASE", "https://api.openai.com/v1", "/models"),
    "anthropic": _Endpoint(
        "ANTHROPIC_API_BASE",
        "https://api.anthropic.com",
        "/v1/models",
        lambda key: {"x-api-key": key, "anthropic-version": "2023-06-01"},
    ),
    "groq": _Endpoint("GROQ_API_BASE", "https://api.groq.com/openai/v1", "/models"),
    "fireworks_ai": _Endpoint("FIREWORKS_API_BASE", "https://api.fireworks.ai/inference/v1", "/models"),
    "together_ai": _Endpoint("TOGETHER_AI_API_BASE", "https://api.together.xyz/v1", "/models"),
    "deepseek": _Endpoint("DEEPSEEK_API_BASE", "https://api.deepseek.com", "/models"),
    "cohere": _Endpoint("COHERE_API_BASE", "https://api.cohere.com", "/v1/models"),
}


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What a provider said of a key.

    Attributes:
        state: ``works``; ``refused``; ``unknown`` where nobody answered or nobody can be asked for free.
        words: for people.
    """

    state: Literal["works", "refused", "unknown"]
    words: str


def check_key(provider: str) -> KeyCheck:
    """Ask a provider whether it takes the key in the environment, without spending.

    Args:
        provider: one of the nine.

    Returns:
        What it said; ``unknown`` also where no key is set.
    """
    endpoint = _ENDPOINTS.get(provider)
    key = next((value for name in key_variables(provider) if (value := os.environ.get(name))), None)
    if endpoint is None or key is None:
        return KeyCheck("unknown", "not asked: this provider has no free way to try a key")
    import httpx

    address = (os.environ.get(endpoint.variable) or endpoint.base).rstrip("/") + endpoint.path
    try:
        reply = httpx.get(address, headers=endpoint.headers(key), timeout=_SECONDS, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, UnicodeError) as error:
        return KeyCheck(
            "unknown", f"not tried: {httpx.URL(endpoint.base).host} did not answer ({type(error).__name__})"
        )
    if reply.status_code in (401, 403):
        return KeyCheck("refused", redact(f"the provider refuses it ({reply.status_code})"))
    if reply.is_success:
        return KeyCheck("works", "the provider takes it")
    return KeyCheck("unknown", f"not known: the provider answered with {reply.status_code}")
