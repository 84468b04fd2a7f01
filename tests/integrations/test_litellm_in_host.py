"""The real LiteLLM in a child process, as the console runs it, against a server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from loopback import Loopback, Reply
from reading import collect, read_to_error, text_of

from cascadeflow.client import Completed, ModelRequest
from cascadeflow.errors import AuthenticationError, RateLimitError
from cascadeflow.integrations.host import HostClient
from cascadeflow.schema import Usage

pytestmark = pytest.mark.litellm


@pytest.fixture
async def client() -> AsyncIterator[HostClient]:
    client = HostClient(env={"OPENAI_API_KEY": "test-key-0123456789"})
    yield client
    await client.aclose()


def ask(server: Loopback, provider: str = "openai") -> ModelRequest:
    return ModelRequest(
        model="gpt-4o-mini",
        provider=provider,
        resolved_model="gpt-4o-mini",
        messages=({"role": "user", "content": "What is 6 * 7?"},),
        base_url=f"{server.url}/v1",
    )


async def test_answers_errors_and_an_early_end(client: HostClient) -> None:
    """One child for all of it; a closed answer closes its connection to the provider."""
    await client.warm_up("openai")
    replies = [
        Reply("The answer is 42.", usage={"prompt": 12, "completion": 6}),
        Reply(status=429, message="Slow down", headers={"retry-after": "7"}),
        Reply("The answer is 42.", hang_after=2),
    ]
    async with Loopback(replies) as server:
        chunks = await collect(client, ask(server))
        assert text_of(chunks) == "The answer is 42."
        assert chunks[-1] == Completed(usage=Usage(prompt_tokens=12, completion_tokens=6))

        _, error = await read_to_error(client, ask(server))
        assert type(error) is RateLimitError
        assert (error.message, error.retry_after) == ("Slow down", 7.0)

        async with aclosing(client.stream(ask(server))) as answer:
            await anext(answer)
        await server.wait_left(1)


async def test_a_missing_key_is_told_with_its_variable() -> None:
    client = HostClient()
    request = ModelRequest(
        model="m", provider="groq", resolved_model="m", messages=({"role": "user", "content": "Hello"},)
    )
    _, error = await read_to_error(client, request)
    await client.aclose()
    assert type(error) is AuthenticationError
    assert error.message == "GROQ_API_KEY is not set"


async def test_closing_while_litellm_is_imported(client: HostClient) -> None:
    """The import takes seconds and cannot be stopped; the console must not wait for it to quit."""
    async with Loopback([Reply("42")]) as server:
        task = asyncio.create_task(collect(client, ask(server)))
        await asyncio.sleep(0.7)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.aclose()
