"""What a provider's failure becomes: Retry-After, keys taken out, causes looked through."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from cascadeflow.errors import CallTimeoutError, ConnectionLostError, ServerError
from cascadeflow.integrations.provider_errors import call_error, redact, retry_after

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "20"}, 20.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after": "3600"}, 3600.0),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-10"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "-inf"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "1_0"}, None),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30.0),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, None),
        ({"retry-after": formatdate(NOW, usegmt=True)}, None),
        ({"retry-after": "Zun, 29 Sep 2023 16:26:27 GMT"}, None),
        ({"retry-after": "Fri, 29 Sep 100000 16:26:27 GMT"}, None),
        ({"retry-after": "Fri, 99 Sep 2033 16:26:27 GMT"}, None),
        ({"retry-after": "9" * 35}, float("9" * 35)),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "20"}, 0.25),
        ({"retry-after-ms": "garbage", "retry-after": "20"}, 20.0),
        ({"retry-after-ms": "-1", "retry-after": "20"}, 20.0),
        ({"retry-after-ms": "nan"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds or a date in the future; anything else counts as not said."""
    assert retry_after(headers, now=NOW) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-abcdef123456.",
        "Incorrect API key provided: sk-abc********************wxyz.",
        "header Authorization: Bearer abcdef.ghijkl-123",
        "GET /v1?key=AIzaSyA1234567890abcdef&alt=sse",
        "token ya29.a0AfH6SMBxxxxxxxx was refused",
        "gsk_1234567890abcdef is not valid",
        "my own odd secret: hunter2hunter2",
    ],
)
def test_no_key_stays_in_a_text(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of the environment go whatever they look like, others by their shape."""
    monkeypatch.setenv("COHERE_API_KEY", "hunter2hunter2")
    cleaned = redact(text)
    assert "[key]" in cleaned
    for secret in ("abcdef", "wxyz", "ghijkl", "AIza", "a0AfH6", "hunter2"):
        assert secret not in cleaned


def test_ordinary_words_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "short")
    text = "The model `gpt-4o` does not exist; ask-me-again or see task-force-alpha-one"
    assert redact(text) == text


def chained(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


def test_a_lost_connection_is_found_deep_in_the_chain() -> None:
    error = chained(RuntimeError("wrapped"), chained(ValueError("again"), ConnectionResetError("reset by peer")))
    found = call_error(error, model="m", provider="openai")
    assert type(found) is ConnectionLostError
    assert found.retryable


def test_a_time_out_is_not_taken_for_a_lost_connection() -> None:
    """A `TimeoutError` is an `OSError` too."""
    assert (
        type(call_error(chained(RuntimeError("x"), TimeoutError()), model="m", provider="openai")) is CallTimeoutError
    )


def test_text_is_without_prefixes_and_tracebacks() -> None:
    error = RuntimeError(
        "litellm.APIConnectionError: OpenAIException - it went wrong\nTraceback (most recent call last):\n"
    )
    found = call_error(error, model="m", provider="openai")
    assert type(found) is ServerError
    assert found.message == "it went wrong"


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = RuntimeError("first"), RuntimeError("second")
    first.__cause__, second.__cause__ = second, first
    assert call_error(first, model="m", provider="openai").message == "first"
