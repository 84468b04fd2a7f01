"""The real LiteLLM asks each of the nine providers, in its own dialect, on loopback."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import NamedTuple

import pytest
from loopback import Loopback, Reply
from reading import collect, read_to_error, text_of

from cascadeflow.client import Completed, Delta, ModelRequest
from cascadeflow.errors import ConnectionLostError, RateLimitError
from cascadeflow.integrations.litellm import SUPPORTED_PROVIDERS, LiteLLMClient
from cascadeflow.schema import Usage

pytestmark = [
    pytest.mark.litellm,
    # LiteLLM copies chunks by reading pydantic's fields from the instance.
    pytest.mark.filterwarnings("ignore:Accessing the 'model_(computed_)?fields' attribute:DeprecationWarning"),
    # Its types mark items of TypedDicts as read-only, which pydantic cannot enforce and says so.
    pytest.mark.filterwarnings("ignore:Items? .* on TypedDict class .* using the `ReadOnly` qualifier:UserWarning"),
]

KEY = "test-key-0123456789"


class Case(NamedTuple):
    model: str
    base: str
    path: str
    key: str


CASES = {
    "openai": Case("gpt-4o-mini", "/v1", "/v1/chat/completions", "OPENAI_API_KEY"),
    "anthropic": Case("claude-haiku-4-5", "", "/v1/messages", "ANTHROPIC_API_KEY"),
    "groq": Case("llama-3.1-8b-instant", "/openai/v1", "/openai/v1/chat/completions", "GROQ_API_KEY"),
    "ollama": Case("llama3.1", "", "/api/chat", ""),
    "fireworks_ai": Case("gpt-oss-20b", "/inference/v1", "/inference/v1/chat/completions", "FIREWORKS_API_KEY"),
    "together_ai": Case("gpt-oss-20b", "/v1", "/v1/chat/completions", "TOGETHER_API_KEY"),
    "deepseek": Case("deepseek-chat", "/v1", "/v1/chat/completions", "DEEPSEEK_API_KEY"),
    "vertex_ai": Case("gemini-2.5-flash", "", ":streamGenerateContent", "VERTEXAI_CREDENTIALS"),
    "cohere": Case("command-r-08-2024", "", "/v2/chat", "COHERE_API_KEY"),
}
PROVIDERS = pytest.mark.parametrize("provider", SUPPORTED_PROVIDERS)


@pytest.fixture
async def client() -> AsyncIterator[LiteLLMClient]:
    client = LiteLLMClient()
    yield client
    await client.aclose()


@pytest.fixture(autouse=True)
def keys(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if provider == "vertex_ai":
        pytest.importorskip("google.auth", reason="Vertex AI needs the extra [vertex]")
    elif CASES[provider].key:
        monkeypatch.setenv(CASES[provider].key, KEY)


def request_to(
    provider: str, server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **fields: object
) -> ModelRequest:
    case = CASES[provider]
    if provider == "vertex_ai":
        # Workload identity: the token server is ours, so Google's own library gets its token here.
        subject, credentials = tmp_path / "subject", tmp_path / "credentials.json"
        subject.write_text("subject-token")
        account = {
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{server.url}/token",
            "credential_source": {"file": str(subject)},
        }
        credentials.write_text(json.dumps(account))
        monkeypatch.setenv("VERTEXAI_CREDENTIALS", str(credentials))
        monkeypatch.setenv("VERTEXAI_PROJECT", "project")
        monkeypatch.setenv("VERTEXAI_LOCATION", "us-central1")
    defaults = {
        "model": "configured",
        "provider": provider,
        "resolved_model": case.model,
        "messages": ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 6 * 7?"}),
        "max_tokens": 50,
        "temperature": 0.0,
        "base_url": server.url + case.base,
    }
    return ModelRequest(**{**defaults, **fields})


@PROVIDERS
async def test_streams_text_and_reports_usage(
    provider: str, client: LiteLLMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text arrives in pieces, usage exactly as the provider said."""
    async with Loopback([Reply("The answer is 42.", usage={"prompt": 23, "completion": 6})]) as server:
        chunks = await collect(client, request_to(provider, server, tmp_path, monkeypatch))
    deltas = [chunk for chunk in chunks if isinstance(chunk, Delta) and chunk.text]
    assert text_of(chunks) == "The answer is 42."
    assert len(deltas) == 4
    assert chunks[-1] == Completed(finish_reason="stop", usage=Usage(prompt_tokens=23, completion_tokens=6))
    call = server.calls[-1]
    assert call.path.endswith(CASES[provider].path)
    assert "What is 6 * 7?" in json.dumps(call.body)
    secret = {"ollama": "", "vertex_ai": "fake"}.get(provider, KEY)
    assert any(secret in value for value in call.headers.values())


@PROVIDERS
async def test_too_many_requests_says_how_long_to_wait(
    provider: str, client: LiteLLMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request is made, no retry of LiteLLM's; the error carries Retry-After and the provider's words."""
    reply = Reply(status=429, message="Slow down, please", headers={"Retry-After": "7"})
    async with Loopback([reply]) as server:
        request = request_to(provider, server, tmp_path, monkeypatch)
        with pytest.raises(RateLimitError) as caught:
            await collect(client, request)
        asked = [call for call in server.calls if call.path != "/token"]
    assert len(asked) == 1
    assert (caught.value.status, caught.value.retry_after) == (429, 7.0)
    assert caught.value.message == "Slow down, please"
    assert (caught.value.model, caught.value.provider) == ("configured", provider)


@PROVIDERS
async def test_a_cut_stream_is_not_an_answer(
    provider: str, client: LiteLLMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came before the cut stands; then the loss of the connection is told."""
    async with Loopback([Reply("The answer is 42.", cut_after=2)]) as server:
        text, error = await read_to_error(client, request_to(provider, server, tmp_path, monkeypatch))
    assert text == "The answer"
    assert type(error) is ConnectionLostError


@PROVIDERS
async def test_a_stream_that_ends_without_saying_why_is_not_an_answer(
    provider: str, client: LiteLLMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LiteLLM makes a proper end of it; a proxy that gave up in the middle looks just like this."""
    async with Loopback([Reply("The answer is", finish=None)]) as server:
        with pytest.raises(ConnectionLostError, match="ended in the middle"):
            await collect(client, request_to(provider, server, tmp_path, monkeypatch))


@PROVIDERS
async def test_closing_early_closes_the_connection(
    provider: str, client: LiteLLMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider sees at once that nobody wants the rest, and stops billing."""
    async with Loopback([Reply("The answer is 42.", hang_after=2)]) as server:
        async with aclosing(client.stream(request_to(provider, server, tmp_path, monkeypatch))) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Delta) and chunk.text.strip() == "answer":
                    break
        await server.wait_left(1)


@PROVIDERS
async def test_an_answer_cut_at_max_tokens_says_so(
    provider: str, client: LiteLLMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Loopback([Reply("The answer is", finish="length")]) as server:
        chunks = await collect(client, request_to(provider, server, tmp_path, monkeypatch))
    assert isinstance(chunks[-1], Completed)
    assert chunks[-1].finish_reason == "length"


@PROVIDERS
async def test_tool_calls_come_in_the_form_of_openai(
    provider: str, client: LiteLLMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
    reply = Reply(finish="tool_calls", tool_calls=[("weather", '{"city": "Paris"}'), ("weather", '{"city": "Rome"}')])
    async with Loopback([reply]) as server:
        request = request_to(provider, server, tmp_path, monkeypatch, tools=(tool,))
        before = copy.deepcopy(request)
        chunks = await collect(client, request)
        assert request == before
    assert isinstance(chunks[-1], Completed)
    assert chunks[-1].finish_reason == "tool_calls"
    calls = chunks[-1].tool_calls
    assert [call["function"]["name"] for call in calls] == ["weather", "weather"]
    assert [json.loads(call["function"]["arguments"])["city"] for call in calls] == ["Paris", "Rome"]
    assert len({call["id"] for call in calls}) == 2
    assert {call["type"] for call in calls} == {"function"}


@pytest.mark.parametrize("provider", [name for name in SUPPORTED_PROVIDERS if name != "anthropic"])
async def test_a_provider_that_says_no_usage_is_not_guessed_for(
    provider: str, client: LiteLLMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LiteLLM would make a number up and call it usage. Anthropic's dialect always has one."""
    async with Loopback([Reply("The answer is 42.", usage=None)]) as server:
        chunks = await collect(client, request_to(provider, server, tmp_path, monkeypatch))
    assert chunks[-1] == Completed(finish_reason="stop", usage=None)
