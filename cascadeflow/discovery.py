"""Finds what this machine can call: keys in the environment, and a running Ollama on loopback."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from dataclasses import replace

from cascadeflow.catalog import missing_key, resolve
from cascadeflow.schema import ModelConfig

_OLLAMA = "http://127.0.0.1:11434"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_OLLAMA_QUALITY = 0.6
"""A middling rank: Ollama does not tell how good a model is. Change it where you know better."""


def auto_detect_models() -> list[ModelConfig]:
    """Models that can be called here and now.

    Hosted ones are those of the presets whose provider has a key in the environment and which
    are not retired; Ollama's own list is asked where it runs, on loopback only.

    Returns:
        Models, cheapest first; none where no key is set and no Ollama runs.

    Example:
        >>> models = auto_detect_models()
        >>> all(model.name for model in models)
        True
    """
    from cascadeflow.catalog.pricing import price_for
    from cascadeflow.presets import PRESETS

    found: dict[str, ModelConfig] = {}
    for preset in PRESETS.values():
        for model in preset.models:
            if model.provider == "local" or missing_key(model.provider) is not None:
                continue
            if not resolve(model.name, model.provider).reason:
                found.setdefault(model.name, replace(model, domains=list(model.domains)))
    for name in _ollama_models():
        found.setdefault(name, ModelConfig(name, "ollama", quality_score=_OLLAMA_QUALITY))

    def rank(model: ModelConfig) -> int:
        price = price_for(model)
        return price.cost(100, 300) if price else 0

    return sorted(found.values(), key=rank)


def _ollama_models() -> list[str]:
    address = os.environ.get("OLLAMA_API_BASE") or _OLLAMA
    if not any(address.removeprefix("http://").startswith(host) for host in _LOOPBACK):
        return []
    try:
        with urllib.request.urlopen(f"{address.rstrip('/')}/api/tags", timeout=0.5) as reply:  # noqa: S310  # loopback
            models = json.load(reply)["models"]
        return [str(model["name"]) for model in models]
    except (OSError, urllib.error.URLError, ValueError, KeyError, TypeError):
        return []
