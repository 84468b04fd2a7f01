"""What `LiteLLMClient` asks, what it makes of answers, and how it lets go, with the real LiteLLM on loopback."""

from __future__ import annotations

import asyncio
import copy
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, Reply
from reading import collect, read_to_error, text_of

from cascadeflow.client import Completed, Delta, ModelRequest
from cascadeflow.errors import (
    AuthenticationError,
    BadRequestError,
    CallTimeoutError,
    ConnectionLostError,
    ContentFilterError,
    ContextLengthError,
    ModelCallError,
    ModelNotFoundError,
    RateLimitError,
    ServerError,
)
from cascadeflow.integrations.litellm import LiteLLMClient
from cascadeflow.schema import Usage

pytestmark = [
    pytest.mark.litellm,
    # LiteLLM copies chunks by reading pydantic's fields from the instance.
    pytest.mark.filterwarnings("ignore:Accessing the 'model_(computed_)?fields' attribute:DeprecationWarning"),
]

MODELS = {
    "openai": "gpt-4o-mini",
    "anthropic": "claude-haiku-4-5",
    "groq": "llama-3.1-8b-instant",
    "deepseek": "deepseek-chat",
    "fireworks_ai": "gpt-oss-20b",
    "together_ai": "gpt-oss-20b",
    "ollama": "llama3.1",
}
KEY = "test-key-0123456789"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI", "ANTHROPIC", "GROQ", "DEEPSEEK", "FIREWORKS", "TOGETHER"):
        monkeypatch.setenv(f"{name}_API_KEY", KEY)


@pytest.fixture
async def client() -> AsyncIterator[LiteLLMClient]:
    client = LiteLLMClient()
    yield client
    await client.aclose()


def request_to(server: Loopback, provider: str = "openai", **fields: Any) -> ModelRequest:
    defaults: dict[str, Any] = {
        "model": "configured",
        "provider": provider,
        "resolved_model": MODELS[provider],
        "messages": ({"role": "user", "content": "What is 6 * 7?"},),
        "base_url": server.url + ("" if provider in ("anthropic", "ollama") else "/v1"),
    }
    return ModelRequest(**{**defaults, **fields})


async def test_what_is_asked_reaches_the_provider(client: LiteLLMClient) -> None:
    """Also where a value is zero."""
    async with Loopback([Reply("42")]) as server:
        await collect(
            client,
            request_to(
                server,
                temperature=0.0,
                seed=0,
                max_tokens=77,
                stop=("END", "###"),
                response_format={"type": "json_object"},
            ),
        )
    body = server.calls[0].body
    assert body["model"] == "gpt-4o-mini"
    assert (body["temperature"], body["seed"], body["max_tokens"]) == (0.0, 0, 77)
    assert body["stop"] == ["END", "###"]
    assert body["response_format"] == {"type": "json_object"}
    assert body["stream_options"] == {"include_usage": True}
    assert server.calls[0].headers["authorization"] == f"Bearer {KEY}"


async def test_what_a_provider_does_not_know_is_left_out(client: LiteLLMClient) -> None:
    """Anthropic has no seed and no log-probabilities; asking for them must not fail the call."""
    async with Loopback([Reply("42")]) as server:
        await collect(client, request_to(server, "anthropic", seed=1, logprobs=True))
    assert not {"seed", "logprobs"} & set(server.calls[0].body)


@pytest.mark.parametrize(
    ("provider", "asked"), [("openai", True), ("deepseek", True), ("fireworks_ai", True), ("groq", False)]
)
async def test_logprobs_where_the_provider_gives_them(client: LiteLLMClient, provider: str, asked: bool) -> None:
    async with Loopback([Reply("The answer is 42.", logprob=-0.25)]) as server:
        chunks = await collect(client, request_to(server, provider, logprobs=True))
    assert server.calls[0].body.get("logprobs", False) is asked
    given = [chunk.logprobs for chunk in chunks if isinstance(chunk, Delta) and chunk.text]
    assert given == [(-0.25,) if asked else ()] * 4


async def test_reasoning_models_of_openai_are_not_asked_for_logprobs(client: LiteLLMClient) -> None:
    """They refuse a request with them."""
    async with Loopback([Reply("42")]) as server:
        await collect(client, request_to(server, resolved_model="o3-mini", logprobs=True))
    assert "logprobs" not in server.calls[0].body


@pytest.mark.parametrize("provider", ["openai", "anthropic", "deepseek", "ollama"])
async def test_reasoning_is_counted_but_is_no_text(client: LiteLLMClient, provider: str) -> None:
    async with Loopback([Reply("42", thinking="Six times seven, so forty-two it is")]) as server:
        chunks = await collect(client, request_to(server, provider))
    deltas = [chunk for chunk in chunks if isinstance(chunk, Delta)]
    assert "".join(delta.text for delta in deltas) == "42"
    assert deltas[0].text == ""
    assert deltas[0].tokens > 5


@pytest.mark.parametrize(
    ("provider", "said", "usage"),
    [
        (
            "openai",
            {"prompt": 100, "completion": 20, "cached": 60, "reasoning": 8},
            Usage(prompt_tokens=100, completion_tokens=20, cached_tokens=60, reasoning_tokens=8),
        ),
        (
            # Anthropic counts cached tokens apart from the input tokens.
            "anthropic",
            {"prompt": 40, "completion": 20, "cached": 50, "cache_write": 10},
            Usage(prompt_tokens=100, completion_tokens=20, cached_tokens=50, cache_write_tokens=10),
        ),
        ("openai", {"prompt": 5, "completion": 0}, Usage(prompt_tokens=5, completion_tokens=0)),
    ],
)
async def test_usage_in_both_dialects(client: LiteLLMClient, provider: str, said: dict[str, int], usage: Usage) -> None:
    async with Loopback([Reply("42", usage=said)]) as server:
        chunks = await collect(client, request_to(server, provider))
    assert isinstance(chunks[-1], Completed)
    assert chunks[-1].usage == usage


async def test_deepseek_says_cached_tokens_in_its_own_words(client: LiteLLMClient) -> None:
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "deepseek-chat"}
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 2,
        "total_tokens": 102,
        "prompt_cache_hit_tokens": 64,
        "prompt_cache_miss_tokens": 36,
    }
    lines = [
        {**chunk, "choices": [{"index": 0, "delta": {"role": "assistant", "content": "42"}, "finish_reason": None}]},
        {**chunk, "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}], "usage": usage},
    ]
    async with Loopback([stream_of(*lines, "[DONE]")]) as server:
        chunks = await collect(client, request_to(server, "deepseek"))
    assert chunks[-1] == Completed(usage=Usage(prompt_tokens=100, completion_tokens=2, cached_tokens=64))


def stream_of(*events: dict[str, Any] | str) -> Reply:
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return Reply(body="".join(f"data: {line}\n\n" for line in lines), headers={"content-type": "text/event-stream"})


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (400, "", "temperature must be between 0 and 2", BadRequestError),
        (400, "context_length_exceeded", "This model's maximum context length is 8192 tokens", ContextLengthError),
        (400, "content_filter", "The response was filtered", ContentFilterError),
        (401, "invalid_api_key", "Incorrect API key provided", AuthenticationError),
        (403, "", "Your country is not supported", AuthenticationError),
        (404, "model_not_found", "The model does not exist", ModelNotFoundError),
        (400, "model_decommissioned", "The model has been decommissioned", ModelNotFoundError),
        (408, "", "Request timed out", CallTimeoutError),
        (409, "", "Conflict", ServerError),
        (422, "", "Unprocessable", BadRequestError),
        (429, "", "Too many requests", RateLimitError),
        (500, "", "Oops", ServerError),
        (503, "", "Overloaded", ServerError),
        (529, "overloaded_error", "Overloaded", ServerError),
    ],
)
@pytest.mark.parametrize("provider", ["openai", "anthropic", "groq"])
async def test_each_status_has_its_error(
    client: LiteLLMClient, provider: str, status: int, code: str, message: str, kind: type[ModelCallError]
) -> None:
    """The true status and the provider's own words, after one single request."""
    async with Loopback([Reply(status=status, code=code, message=message)]) as server:
        with pytest.raises(ModelCallError) as caught:
            await collect(client, request_to(server, provider))
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.message) == (status, message)
    assert len(server.calls) == 1


async def test_a_prompt_too_long_is_known_by_anthropics_words(client: LiteLLMClient) -> None:
    reply = Reply(
        status=400, code="invalid_request_error", message="prompt is too long: 210000 tokens > 200000 maximum"
    )
    async with Loopback([reply]) as server:
        with pytest.raises(ContextLengthError, match="210000"):
            await collect(client, request_to(server, "anthropic"))


async def test_an_error_shows_no_key(client: LiteLLMClient) -> None:
    """Providers repeat the key they were sent."""
    async with Loopback([Reply(status=401, message=f"Incorrect API key provided: {KEY}, sk-other-secret-1")]) as server:
        with pytest.raises(AuthenticationError) as caught:
            await collect(client, request_to(server))
    assert KEY not in str(caught.value)
    assert "sk-other" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("provider", "events"),
    [
        ("openai", [{"error": {"message": "The server had an error", "type": "server_error", "code": None}}]),
        (
            "anthropic",
            [
                {"type": "message_start", "message": {"id": "1", "usage": {"input_tokens": 1, "output_tokens": 1}}},
                {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            ],
        ),
    ],
)
async def test_an_error_in_the_middle_of_a_stream(
    client: LiteLLMClient, provider: str, events: list[dict[str, Any]]
) -> None:
    async with Loopback([stream_of(*events)]) as server:
        with pytest.raises(ServerError) as caught:
            await collect(client, request_to(server, provider))
    assert events[-1]["error"]["message"] in caught.value.message


async def test_no_connection(client: LiteLLMClient) -> None:
    async with Loopback([]) as server:
        pass
    with pytest.raises(ConnectionLostError, match="the connection failed") as caught:
        await collect(client, request_to(server))
    assert not caught.value.reached


async def test_no_first_token_in_time(client: LiteLLMClient) -> None:
    """Whether the server does not answer, or answers and then says nothing."""
    for reply in (Reply("42", delay=30), Reply("The answer is 42.", hang_after=0)):
        async with Loopback([reply]) as server:
            with pytest.raises(CallTimeoutError, match=r"did not begin within 0\.3 s"):
                await collect(client, request_to(server, "anthropic", first_token_timeout=0.3, total_timeout=60))
            await server.wait_left(1)


async def test_an_answer_that_does_not_end_in_time(client: LiteLLMClient) -> None:
    async with Loopback([Reply("The answer is 42.", hang_after=2)]) as server:
        request = request_to(server, first_token_timeout=5, total_timeout=0.5)
        text, error = await read_to_error(client, request)
        await server.wait_left(1)
    assert text == "The answer"
    assert type(error) is CallTimeoutError
    assert error.message == "the answer did not end within 0.5 s"


async def test_a_slow_reader_is_no_time_out(client: LiteLLMClient) -> None:
    """Limits are for the provider; what the caller does between two pieces is not its fault."""
    async with Loopback([Reply("The answer is 42.")]) as server:
        chunks = []
        async for chunk in client.stream(request_to(server, first_token_timeout=0.5)):
            chunks.append(chunk)
            await asyncio.sleep(0.2)
    assert isinstance(chunks[-1], Completed)


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_cancelling_closes_the_connection(client: LiteLLMClient, provider: str) -> None:
    async with Loopback([Reply("The answer is 42.", hang_after=2)]) as server:
        seen = asyncio.Event()

        async def read() -> None:
            async for _ in client.stream(request_to(server, provider)):
                seen.set()

        task = asyncio.create_task(read())
        await seen.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.wait_left(1)


async def test_many_at_once(client: LiteLLMClient) -> None:
    """Each call gets its own answer, whoever is slower."""
    script = {f"model-{n}": [Reply(f"answer of {n}", pace=0.002 * (n % 3))] for n in range(12)}
    async with Loopback(script) as server:
        requests = [request_to(server, "openai" if n % 2 else "groq", resolved_model=f"model-{n}") for n in range(12)]
        answers = await asyncio.gather(*(collect(client, request) for request in requests))
    for number, chunks in enumerate(answers):
        assert text_of(chunks) == f"answer of {number}"


async def test_an_answer_that_repeats_itself_is_handed_on(client: LiteLLMClient) -> None:
    """LiteLLM would raise a server error, and the paid answer would be lost to the quality gate."""
    async with Loopback([Reply(" la" * 200)]) as server:
        chunks = await collect(client, request_to(server))
    assert text_of(chunks) == " la" * 200


async def test_messages_and_tools_are_not_changed(client: LiteLLMClient) -> None:
    """The next step of the cascade needs them whole, whatever a dialect makes of them."""
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    async with Loopback([Reply("42")]) as server:
        request = request_to(
            server,
            "anthropic",
            messages=({"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 6 * 7?"}),
            tools=(tool,),
        )
        before = copy.deepcopy(request)
        await collect(client, request)
    assert request == before


async def test_the_address_of_the_environment_counts(client: LiteLLMClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Loopback([Reply("42")]) as server:
        monkeypatch.setenv("OPENAI_API_BASE", f"{server.url}/v1")
        await collect(client, request_to(server, base_url=None))
    assert len(server.calls) == 1


async def test_a_server_of_ones_own_needs_no_key(client: LiteLLMClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    async with Loopback([Reply("42")]) as server:
        await collect(client, request_to(server, resolved_model="my-own-model"))
    assert server.calls[0].body["model"] == "my-own-model"


@pytest.mark.parametrize("provider", ["openai", "anthropic", "groq", "deepseek"])
async def test_a_missing_key_is_an_authentication_error(
    client: LiteLLMClient, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said before anybody is asked: LiteLLM would send some providers a request with an empty key."""
    variable = f"{provider.upper()}_API_KEY"
    monkeypatch.delenv(variable)
    async with Loopback([Reply("42")]) as server:
        with pytest.raises(AuthenticationError, match=f"{variable} is not set"):
            await collect(client, request_to(server, provider, base_url=None))


def test_one_client_serves_one_event_loop_after_another() -> None:
    """As `run_sync` does, called twice."""
    client = LiteLLMClient()

    async def ask() -> None:
        async with Loopback([Reply("42")]) as server:
            for provider in ("openai", "anthropic", "groq"):
                chunks = await collect(client, request_to(server, provider))
                assert isinstance(chunks[-1], Completed)
        await client.aclose()

    asyncio.run(ask())
    asyncio.run(ask())


async def test_a_closed_client_can_be_used_again(client: LiteLLMClient) -> None:
    async with Loopback([Reply("42")]) as server:
        for _ in range(2):
            await collect(client, request_to(server, "anthropic"))
            await client.aclose()
    assert len(server.calls) == 2


def run_python(code: str, folder: Path, **env: str) -> str:
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": root, "HOME": str(folder), **env},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_clients_imports_no_provider(tmp_path: Path) -> None:
    code = (
        "import sys, cascadeflow.integrations as i; i.LiteLLMClient(); i.HostClient(); i.DefaultClient();"
        "print([m for m in ('litellm', 'openai', 'httpx', 'tiktoken', 'xllamacpp', 'numpy') if m in sys.modules])"
    )
    assert run_python(code, tmp_path) == "[]"


def test_litellm_reads_no_env_file_of_the_current_folder(tmp_path: Path) -> None:
    """Keys come from the environment alone, else a plan would not know what a call can do."""
    (tmp_path / ".env").write_text("OPENAI_API_KEY=from-a-file-1234\n")
    code = (
        "import asyncio, os; from cascadeflow.integrations import LiteLLMClient;"
        "asyncio.run(LiteLLMClient().warm_up()); print(os.environ.get('OPENAI_API_KEY'))"
    )
    assert run_python(code, tmp_path) == "None"
