"""The client that is used where none is given: embedded models here, hosted ones through LiteLLM."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from cascadeflow.catalog import resolve
from cascadeflow.catalog.embedded import embedded_model
from cascadeflow.catalog.providers import LOCAL, missing_key, normalize_provider
from cascadeflow.schema import LeftOut, ModelConfig

if TYPE_CHECKING:
    from cascadeflow.client import Chunk, ModelRequest
    from cascadeflow.integrations.litellm import LiteLLMClient
    from cascadeflow.integrations.local import LocalClient


class DefaultClient:
    """A `ModelClient` for every provider; what a provider needs is imported at its first use.

    Example:
        >>> DefaultClient().unavailable(ModelConfig("llama3.1", "ollama")) is None
        True
    """

    def __init__(self) -> None:
        self._local: LocalClient | None = None
        self._hosted: LiteLLMClient | None = None

    def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Ask the model, wherever it lives.

        Args:
            request: the call.

        Yields:
            Deltas, then one `Completed`.

        Raises:
            ModelCallError: the call failed.
        """
        return self._client(request.provider).stream(request)

    def count_prompt_tokens(self, request: ModelRequest) -> int:
        """An upper bound of the tokens the request's prompt will be billed as."""
        return self._client(request.provider).count_prompt_tokens(request)

    async def warm_up(self, provider: str) -> None:
        """Import what a provider needs, before it is asked.

        Args:
            provider: one of the nine, or ``local``.
        """
        client = self._client(provider)
        if client is self._hosted:
            await self._hosted.warm_up()
        elif _has_runtime():
            await asyncio.to_thread(import_module, "xllamacpp")

    def unavailable(self, model: ModelConfig) -> LeftOut | None:
        """What a model lacks to be called; see `unavailable`."""
        return unavailable(model)

    async def aclose(self) -> None:
        """Close the clients that were used."""
        for client in (self._local, self._hosted):
            if client is not None:
                await client.aclose()

    def _client(self, provider: str) -> LocalClient | LiteLLMClient:
        if normalize_provider(provider) == LOCAL:
            if self._local is None:
                from cascadeflow.integrations.local import LocalClient

                self._local = LocalClient()
            return self._local
        if self._hosted is None:
            from cascadeflow.integrations.litellm import LiteLLMClient

            self._hosted = LiteLLMClient()
        return self._hosted


def unavailable(model: ModelConfig) -> LeftOut | None:
    """What a model lacks to be called on this machine, found out without calling anybody.

    Args:
        model: as configured; where it is retired, its successor's key counts.

    Returns:
        The variable with the key, or the file, that is missing; None: it can be called.

    Example:
        >>> unavailable(ModelConfig("none-such", "local")).kind
        'file'
    """
    entry = resolve(model.name, model.provider).entry
    provider = entry.provider if entry else normalize_provider(model.provider)
    if provider != LOCAL:
        variable = missing_key(provider, model.base_url)
        return LeftOut(model=model.name, reason=f"{variable} is not set", kind="key") if variable else None
    reason = _missing_file(model)
    return LeftOut(model=model.name, reason=reason, kind="file") if reason else None


def _missing_file(model: ModelConfig) -> str:
    if not _has_runtime():
        return "embedded models need a package: pip install 'cascadeflow-console[local]'"
    if model.path:
        return "" if Path(model.path).expanduser().is_file() else f"there is no file {model.path}"
    embedded = embedded_model(model.name)
    if embedded is None:
        return "no embedded model has that name; give its GGUF file as path"
    from cascadeflow.integrations.model_store import ModelStore

    if ModelStore().path(embedded.name) is None:
        return f"not on this machine yet: cascadeflow models pull {embedded.name}"
    return ""


@cache
def _has_runtime() -> bool:
    return find_spec("xllamacpp") is not None
