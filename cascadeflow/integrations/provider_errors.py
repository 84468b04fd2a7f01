"""What goes wrong at a provider, in our tree: true status, the provider's own words, Retry-After, no keys."""

from __future__ import annotations

import functools
import json
import math
import os
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from cascadeflow.errors import (
    AuthenticationError,
    CallTimeoutError,
    ConnectionLostError,
    ContentFilterError,
    ContextLengthError,
    ModelCallError,
    ModelNotFoundError,
    error_for_status,
)

_SECRET_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD")
_LONGEST_WORDS = 600
_SHORTEST_KEY = 5
"""Characters. A shorter value of a variable is a word that texts hold by chance."""


def retry_after(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """How long a server asks to wait.

    Args:
        headers: of its answer; ``retry-after-ms`` counts before ``retry-after``, which is a number
            of seconds or an HTTP date (RFC 9110, 10.2.3).
        now: seconds since the epoch; None: the clock.

    Returns:
        Seconds, as sent; None when nothing usable is said, or an instant that has passed.

    Example:
        >>> retry_after({"retry-after": "20"}), retry_after({"retry-after-ms": "1500"}), retry_after({})
        (20.0, 1.5, None)
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or not text:
        return seconds
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    left = moment - (time.time() if now is None else now)
    return left if left > 0 else None


def _number(text: str | None) -> float | None:
    """A positive, finite number; Python's own spellings such as ``1_0`` are not HTTP's."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 and "_" not in (text or "") else None


def redact(text: str) -> str:
    """Take keys out of a text: those of the environment, and whatever is shaped like one.

    Args:
        text: what a provider or a library said.

    Returns:
        The same with ``[key]`` in the place of each.

    Example:
        >>> redact("Incorrect API key provided: sk-abc1234567")
        'Incorrect API key provided: [key]'
    """
    for name, value in os.environ.items():
        if len(value) >= _SHORTEST_KEY and name.upper().endswith(_SECRET_NAMES):
            text = text.replace(value, "[key]")
    return _key_shapes().sub("[key]", text)


@functools.cache
def _key_shapes() -> re.Pattern[str]:
    # Prefixes of the nine providers' keys, bearer tokens, and keys in an address.
    return re.compile(
        r"\b(?:sk|gsk|fw|tgp|pk|rk)[-_][\w*.-]{6,}|\bAIza[\w-]{10,}|\bya29\.[\w.-]{6,}"
        r"|(?<=\bBearer )\S{6,}|(?<=[?&]key=)[^&\s]+",
        re.IGNORECASE,
    )


def call_error(error: BaseException, *, model: str, provider: str) -> ModelCallError:
    """Translate what LiteLLM raised.

    Its own classes and texts hide the provider's: a 422 becomes a 400, texts carry tracebacks and
    prefixes. So the HTTP answer itself is looked for in the chain of causes, and where there was
    none, what broke the connection.

    Args:
        error: as caught.
        model: configured name.
        provider: provider that was asked.

    Returns:
        The error to raise, without any key in its text.
    """
    causes = list(_chain(error))
    names = {type(cause).__name__ for cause in causes}
    response = next((found for cause in causes if (found := _response(cause)) is not None), None)
    fields: dict[str, Any] = {"model": model, "provider": provider}
    if response is not None:
        words, code = _said(response)
        status: int = response.status_code
        fields["retry_after"] = retry_after(response.headers)
    else:
        words, code = _without_prefixes(str(error).split(" Original exception: ")[0]), ""
        status = next((found for cause in causes if (found := _status(cause))), 500)
    words = redact(words)[:_LONGEST_WORDS] or f"status {status} without a word"
    if response is None:
        if any(isinstance(cause, TimeoutError) or "Timeout" in type(cause).__name__ for cause in causes):
            return CallTimeoutError(words, **fields)
        if any(_is_connection(cause) for cause in causes):
            return ConnectionLostError(f"the connection failed: {words}", **fields)
        if any(type(cause).__module__.startswith("google.auth") for cause in causes):
            return AuthenticationError(words, **fields)
    if code in ("model_not_found", "model_decommissioned"):
        return ModelNotFoundError(words, status=status, **fields)
    if status in (400, 413, 422):
        if code == "context_length_exceeded" or "ContextWindowExceededError" in names:
            return ContextLengthError(words, status=status, **fields)
        if code.startswith("content_") or "ContentPolicyViolationError" in names:
            return ContentFilterError(words, status=status, **fields)
    return error_for_status(status, words, **fields)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        cause = waiting.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [getattr(cause, "original_exception", None), cause.__cause__, cause.__context__]


def _response(cause: BaseException) -> Any:
    """The real HTTP answer; LiteLLM also attaches made-up ones, which have no headers."""
    response = getattr(cause, "response", None)
    return response if getattr(response, "headers", None) and getattr(response, "status_code", 0) >= 400 else None


def _status(cause: BaseException) -> int | None:
    status = getattr(cause, "status_code", None)
    return status if isinstance(status, int) and status >= 400 else None


def _is_connection(cause: BaseException) -> bool:
    kind = type(cause)
    if kind.__module__.split(".")[0] in ("httpx", "httpcore", "aiohttp") or isinstance(cause, OSError):
        return True
    return kind.__module__.startswith("openai") and kind.__name__ == "APIConnectionError"


def _said(response: Any) -> tuple[str, str]:
    """The provider's words and its code for them, from the body of an error in any of the dialects."""
    try:
        text = response.text
    except RuntimeError:  # the body was never read, and cannot be any more
        return "", ""
    try:
        data = json.loads(text)
    except ValueError:
        return re.sub(r"<[^>]*>|\s+", " ", text).strip(), ""
    data = data[0] if isinstance(data, list) and data else data
    if isinstance(data, dict):
        inner = data.get("error") or data
        if isinstance(inner, dict):
            words = inner.get("message") or inner.get("detail") or text
            return str(words), str(inner.get("code") or inner.get("type") or "")
        return str(inner), str(data.get("code") or "")
    return text, ""


def _without_prefixes(text: str) -> str:
    text = text.split("\nTraceback", 1)[0].strip()
    while (shorter := re.sub(r"^(?:litellm\.)?\w*(?:Error|Exception)(?:: | - )", "", text)) != text:
        text = shorter
    return re.sub(r" ssl:(?:<[^>]*>|default)", "", text)  # an object's address, of aiohttp's
