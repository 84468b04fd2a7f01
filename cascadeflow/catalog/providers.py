"""The nine providers: why each is in and the common others are out, their keys, their rough speed."""

from __future__ import annotations

import os
from typing import NamedTuple

from cascadeflow.errors import UnsupportedProviderError


class _Provider(NamedTuple):
    why: str
    keys: tuple[str, ...]
    first_token_ms: float
    tokens_per_second: float


# Speeds are orders of magnitude, from what the providers publish of their mid-sized models.
# Key variables are those LiteLLM reads, the provider's own name for it first.
_PROVIDERS = {
    "openai": _Provider("the industry standard, reliable verifiers", ("OPENAI_API_KEY",), 600, 80),
    "anthropic": _Provider(
        "Claude, among the best at reasoning", ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"), 900, 70
    ),
    "groq": _Provider("inference several times faster than anyone's, ideal for drafts", ("GROQ_API_KEY",), 200, 500),
    "ollama": _Provider("models on your own machine: free, private, offline", (), 400, 25),
    "fireworks_ai": _Provider(
        "fast open models for production",
        ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY", "FIREWORKSAI_API_KEY", "FIREWORKS_AI_TOKEN"),
        400,
        130,
    ),
    "together_ai": _Provider(
        "open models, a reliable alternative to Groq",
        ("TOGETHER_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHERAI_API_KEY", "TOGETHER_AI_TOKEN"),
        400,
        110,
    ),
    "deepseek": _Provider("the cheapest models for code", ("DEEPSEEK_API_KEY",), 1200, 50),
    "vertex_ai": _Provider(
        "Gemini, for those who are on Google Cloud already",
        ("GOOGLE_APPLICATION_CREDENTIALS", "VERTEXAI_CREDENTIALS", "VERTEXAI_PROJECT"),
        700,
        130,
    ),
    "cohere": _Provider(
        "Command models, specialised in search and retrieval", ("COHERE_API_KEY", "CO_API_KEY"), 500, 80
    ),
}
LOCAL = "local"
_LOCAL_FIRST_TOKEN_MS = 300
_LOCAL_TOKENS_PER_SECOND = 17

SUPPORTED_PROVIDERS: list[str] = list(_PROVIDERS)

_ALIASES = {
    "cohere_chat": "cohere",
    "fireworks": "fireworks_ai",
    "google": "vertex_ai",
    "ollama_chat": "ollama",
    "together": "together_ai",
    "togetherai": "together_ai",
    "vertex": "vertex_ai",
    "vertexai": "vertex_ai",
}

_WHY_OUT = {
    "azure": "it serves OpenAI's models in an enterprise wrapper; use openai",
    "azure_ai": "it resells the models of others; use their own providers",
    "bedrock": "it serves models that their own providers serve with less set-up; use those, such as anthropic",
    "gemini": "Gemini models are reached through vertex_ai",
    "huggingface": "its inference API is slow and unreliable; use fireworks_ai or together_ai for the same models",
    "lm_studio": "it speaks OpenAI's protocol: use openai with a base_url",
    "openrouter": "it resells the models of others; use their own providers",
    "replicate": "it is dearer than fireworks_ai for the same models",
    "sagemaker": "it takes a complex set-up and has no models of its own; use together_ai or fireworks_ai",
    "vllm": "it speaks OpenAI's protocol: use openai with a base_url",
}
_WHY_OUT_ALIASES = {
    "aws": "bedrock",
    "aws_bedrock": "bedrock",
    "azure_openai": "azure",
    "hf": "huggingface",
    "hosted_vllm": "vllm",
}

# Published by Groq beside its models, and by others' comparisons for the older OpenAI models.
_MODEL_SPEED = {
    ("groq", "llama-3.1-8b-instant"): (150, 800),
    ("groq", "llama-3.3-70b-versatile"): (200, 350),
    ("groq", "gpt-oss-20b"): (200, 1000),
    ("groq", "gpt-oss-120b"): (200, 500),
    ("openai", "gpt-4"): (900, 30),
    ("anthropic", "claude-opus-4-8"): (1500, 50),
}


def normalize_provider(name: str) -> str:
    """The provider's name as LiteLLM spells it.

    Args:
        name: a provider or an alias of one (``fireworks``, ``google``, ``together``, …).

    Returns:
        The name in lower case, aliases replaced; unknown names come back as they are.

    Example:
        >>> normalize_provider("fireworks"), normalize_provider("Google"), normalize_provider("local")
        ('fireworks_ai', 'vertex_ai', 'local')
    """
    plain = name.strip().lower().replace("-", "_")
    return _ALIASES.get(plain, plain)


def validate_provider(provider: str) -> str:
    """Check that a provider is one of the nine, or ``local``.

    Args:
        provider: a provider or an alias of one.

    Returns:
        Its normalized name.

    Raises:
        UnsupportedProviderError: it is neither; the text says why, where there is a known reason.
            It is a `ValueError` too.

    Example:
        >>> validate_provider("together")
        'together_ai'
    """
    name = normalize_provider(provider)
    if name in _PROVIDERS or name == LOCAL:
        return name
    reason = _WHY_OUT.get(_WHY_OUT_ALIASES.get(name, name), "")
    if not reason:
        import difflib

        close = difflib.get_close_matches(name, [*_PROVIDERS, *_ALIASES, LOCAL], n=1)
        reason = f"did you mean {normalize_provider(close[0])}?" if close else ""
    raise UnsupportedProviderError(
        f"Provider '{provider}' not supported{f': {reason}' if reason else ''}. "
        f"Supported: {', '.join(SUPPORTED_PROVIDERS)}, and {LOCAL} for embedded models."
    )


def provider_reason(provider: str) -> str:
    """Why a provider is among the nine, in a few words.

    Args:
        provider: a supported provider, an alias of one, or ``local``.

    Raises:
        UnsupportedProviderError: it is not supported.
    """
    name = validate_provider(provider)
    return "embedded models: no key, no server, no cost" if name == LOCAL else _PROVIDERS[name].why


def key_variables(provider: str) -> tuple[str, ...]:
    """The environment variables that open a provider; any one of them suffices.

    Args:
        provider: a provider or an alias of one.

    Returns:
        Names of variables, the usual one first; none for ``ollama``, ``local`` and unknown providers.

    Example:
        >>> key_variables("cohere")
        ('COHERE_API_KEY', 'CO_API_KEY')
    """
    known = _PROVIDERS.get(normalize_provider(provider))
    return known.keys if known else ()


def missing_key(provider: str, base_url: str | None = None) -> str | None:
    """The environment variable that has to be set before a provider can be asked.

    Args:
        provider: a provider or an alias of one.
        base_url: the model's own server, if it has one. A server on this machine needs no key;
            any other still does, since a gateway's key is passed the same way.

    Returns:
        The name of the variable, or None when nothing is missing.
    """
    variables = key_variables(provider)
    if not variables or any(os.environ.get(variable) for variable in variables):
        return None
    if base_url and _is_loopback(base_url):
        return None
    return variables[0]


def speed(provider: str, model: str) -> tuple[float, float]:
    """Roughly how fast a model answers. An estimate for plans, not a measurement.

    Args:
        provider: a provider or an alias of one.
        model: canonical name of the model.

    Returns:
        Milliseconds to the first token, and completion tokens per second. For embedded models as
        measured on two CPU cores; else orders of magnitude that the providers publish.

    Example:
        >>> speed("groq", "gpt-oss-20b")
        (200, 1000)
    """
    name = normalize_provider(provider)
    if name == LOCAL:
        from cascadeflow.catalog.embedded import embedded_model

        embedded = embedded_model(model)
        return _LOCAL_FIRST_TOKEN_MS, embedded.tokens_per_second if embedded else _LOCAL_TOKENS_PER_SECOND
    known = _PROVIDERS.get(name, _PROVIDERS["openai"])
    return _MODEL_SPEED.get((name, model), (known.first_token_ms, known.tokens_per_second))


def _is_loopback(url: str) -> bool:
    from urllib.parse import urlsplit

    host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    return host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")
