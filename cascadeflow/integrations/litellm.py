"""The client of the nine hosted providers: one call, streamed, through LiteLLM.

Only `litellm.acompletion` is used, and nothing of its router, retries, budgets or token counter.
LiteLLM is imported at the first call, in a thread: that takes seconds.
"""

from __future__ import annotations

import asyncio
import copy
import functools
import importlib.util
import logging
import os
import sys
import weakref
from collections.abc import AsyncGenerator
from typing import Any

from cascadeflow.catalog import lookup
from cascadeflow.catalog.providers import SUPPORTED_PROVIDERS, missing_key, normalize_provider, validate_provider
from cascadeflow.client import Chunk, ModelRequest
from cascadeflow.errors import AuthenticationError, BadRequestError, ConnectionLostError, ModelCallError
from cascadeflow.integrations.litellm_call import Call, remember_answer
from cascadeflow.integrations.prompt_tokens import prompt_upper_bound
from cascadeflow.integrations.provider_errors import call_error

__all__ = ["SUPPORTED_PROVIDERS", "LiteLLMClient", "validate_provider"]

_PREFIXES = {"ollama": "ollama_chat"}
"""Where LiteLLM's name for the chat dialect is not the provider's."""

_LOGPROB_PROVIDERS = ("openai", "deepseek", "fireworks_ai")
"""Who answers OpenAI's ``logprobs: true``. Groq refuses the request, Together wants a number."""

_OWN_HTTP = ("openai", "cohere")
"""Whom LiteLLM calls through a client of its own; it closes their answers by itself."""


class LiteLLMClient:
    """A `ModelClient` for hosted models. Keys come from the environment, at each call.

    Example:
        >>> client = LiteLLMClient()
        >>> "anthropic" in SUPPORTED_PROVIDERS
        True
    """

    def __init__(self) -> None:
        self._http: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = weakref.WeakKeyDictionary()

    async def warm_up(self) -> None:
        """Import LiteLLM now instead of at the first call."""
        await asyncio.to_thread(_litellm)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Ask a hosted model.

        Args:
            request: the call. The time-outs are counted from when LiteLLM is imported.

        Yields:
            Deltas, then one `Completed`. Its usage is None where the provider says none.

        Raises:
            ModelCallError: the error class that fits, with the provider's own words.
        """
        litellm = await asyncio.to_thread(_litellm)
        call = Call(request)
        try:
            parameters = self._parameters(litellm, request)
            call.stream = await call.within_limits(litellm.acompletion(**parameters))
            await call.follow_lines()
            chunks = aiter(call.stream)
            while (chunk := await call.within_limits(anext(chunks, None))) is not None:
                for delta in call.reader.read(chunk):
                    call.has_begun()
                    yield delta
            yield call.completed()
        except (ModelCallError, asyncio.CancelledError, GeneratorExit):
            raise
        except Exception as error:
            # Not chained: what LiteLLM raises holds prompt and key.
            failure = call_error(error, model=request.model, provider=request.provider)
            if isinstance(failure, ConnectionLostError) and call.stream is None:
                failure.reached = False
            raise failure from None
        finally:
            await call.close()

    def count_prompt_tokens(self, request: ModelRequest) -> int:
        """An upper bound of the prompt tokens, without asking anybody."""
        return prompt_upper_bound(request)

    async def aclose(self) -> None:
        """Close the connections of this event loop."""
        http = self._http.pop(asyncio.get_running_loop(), None)
        if http is not None:
            await http.close()

    def _parameters(self, litellm: Any, request: ModelRequest) -> dict[str, Any]:
        provider = normalize_provider(request.provider)
        name = _litellm_name(request, provider)
        asked_without_key = _check_access(request, provider)
        optional = {
            "temperature": request.temperature,
            "stop": list(request.stop) or None,
            "seed": request.seed,
            "response_format": request.response_format,
            "tools": list(request.tools) or None,
            "tool_choice": request.tool_choice if request.tools else None,
            "logprobs": True if request.logprobs and _gives_logprobs(litellm, name, provider) else None,
            "api_base": _api_base(request.base_url, provider),
            "api_key": "none" if asked_without_key else None,
        }
        # LiteLLM changes tools in place for Vertex AI, hence the copies.
        parameters = copy.deepcopy({key: value for key, value in optional.items() if value is not None})
        if request.tools:
            # LiteLLM looks for tools of MCP servers first, with a package that it does not require.
            parameters["_skip_mcp_handler"] = True
        return parameters | {
            "model": name,
            "messages": copy.deepcopy(list(request.messages)),
            "max_tokens": request.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
            "client": None if provider in _OWN_HTTP else self._own_http(),
        }

    def _own_http(self) -> Any:
        """One pool of connections per event loop, which tells of every answer it gets."""
        loop = asyncio.get_running_loop()
        http = self._http.get(loop)
        if http is None:
            from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

            http = self._http[loop] = AsyncHTTPHandler(event_hooks={"response": [remember_answer]})
        return http


@functools.cache
def _litellm() -> Any:
    """LiteLLM, imported and quiet."""
    # Before the import: or it fetches its price table from the network, and reads a .env file of
    # the current folder into the environment.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    # Where a provider reports no usage LiteLLM counts by itself, with a tokenizer from a hub.
    litellm.disable_hf_tokenizer_download = True
    # It breaks a stream that repeats itself; here the quality gate judges that.
    litellm.REPEATED_STREAMING_CHUNK_LIMIT = sys.maxsize  # type: ignore[attr-defined]  # not in its __all__
    if "LITELLM_LOG" not in os.environ:
        for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # its logs hold prompts
    return litellm


def _check_access(request: ModelRequest, provider: str) -> bool:
    """Refuse what cannot work: LiteLLM would send a request with an empty key, or import what is not there.

    Returns:
        Whether a server of the user's own is asked without a key; LiteLLM then insists on any.
    """
    model = request.model
    if provider == "vertex_ai":  # whose library finds credentials in more places than the environment
        if not _has_google_auth():
            raise BadRequestError(
                "Vertex AI needs the package google-auth: pip install 'cascadeflow-console[vertex]'",
                model=model,
                provider=provider,
            )
        return False
    variable = missing_key(provider, request.base_url)
    if variable:
        raise AuthenticationError(f"{variable} is not set", model=model, provider=provider)
    return missing_key(provider) is not None


def _litellm_name(request: ModelRequest, provider: str) -> str:
    entry = lookup(request.resolved_model, provider)
    return entry.litellm_name if entry else f"{_PREFIXES.get(provider, provider)}/{request.resolved_model}"


def _api_base(base_url: str | None, provider: str) -> str | None:
    """LiteLLM completes the address of a server for each provider but Cohere."""
    if base_url and provider == "cohere" and not base_url.endswith("/chat"):
        return f"{base_url.rstrip('/')}/v2/chat"
    return base_url


def _gives_logprobs(litellm: Any, name: str, provider: str) -> bool:
    if provider not in _LOGPROB_PROVIDERS:
        return False
    model = name.split("/", 1)[1]
    return "logprobs" in (litellm.get_supported_openai_params(model, provider) or ())


@functools.cache
def _has_google_auth() -> bool:
    try:
        return importlib.util.find_spec("google.auth") is not None
    except ModuleNotFoundError:
        return False
