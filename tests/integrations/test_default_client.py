"""`DefaultClient` sends each request to the client of its provider, and knows what is missing."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from reading import collect

from cascadeflow.catalog import resolve
from cascadeflow.catalog.providers import key_variables
from cascadeflow.client import Chunk, Completed, ModelRequest
from cascadeflow.integrations import DefaultClient
from cascadeflow.integrations.default import unavailable
from cascadeflow.schema import ModelConfig


class Noting:
    """Stands for a client; says who it is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = 0

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        yield Completed(finish_reason=self.name)

    async def aclose(self) -> None:
        self.closed += 1


def ask(provider: str) -> ModelRequest:
    return ModelRequest(
        model="m", provider=provider, resolved_model="m", messages=({"role": "user", "content": "Hello"},)
    )


async def test_embedded_models_answer_here_others_through_litellm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each client is made once, at its first use, and closed with this one."""
    made: list[Noting] = []

    def note(name: str) -> Noting:
        made.append(Noting(name))
        return made[-1]

    monkeypatch.setattr("cascadeflow.integrations.local.LocalClient", lambda: note("local"))
    monkeypatch.setattr("cascadeflow.integrations.litellm.LiteLLMClient", lambda: note("hosted"))
    client = DefaultClient()
    answers = [
        (await collect(client, ask(provider)))[0] for provider in ("openai", "local", "ollama", "Local", "google")
    ]
    assert [answer.finish_reason for answer in answers] == ["hosted", "local", "hosted", "local", "hosted"]
    assert [made.name for made in made] == ["hosted", "local"]
    await client.aclose()
    assert [made.closed for made in made] == [1, 1]


async def test_closing_an_unused_client_makes_nothing() -> None:
    client = DefaultClient()
    await client.aclose()
    assert client.count_prompt_tokens(ask("openai")) > 0


@pytest.mark.parametrize(
    ("model", "kind", "words"),
    [
        (ModelConfig("gpt-4o-mini", "openai"), "key", "OPENAI_API_KEY is not set"),
        (ModelConfig("command-r-08-2024", "cohere"), "key", "COHERE_API_KEY is not set"),
        (ModelConfig("m", "openai", base_url="https://gateway.example/v1"), "key", "OPENAI_API_KEY is not set"),
        (ModelConfig("smollm2-135m-instruct", "local"), "file", "cascadeflow models pull smollm2-135m-instruct"),
        (ModelConfig("mine", "local", path="/no/such.gguf"), "file", "there is no file /no/such.gguf"),
        (ModelConfig("mine", "local"), "file", "no embedded model has that name"),
    ],
)
def test_what_a_model_lacks(model: ModelConfig, kind: str, words: str) -> None:
    lack = unavailable(model)
    assert lack is not None
    assert (lack.model, lack.kind) == (model.name, kind)
    assert words in lack.reason


def test_what_lacks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on this machine needs no key; Ollama never does; any one of a provider's variables will do."""
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"GGUF")
    monkeypatch.setenv("CO_API_KEY", "x")
    for model in (
        ModelConfig("m", "openai", base_url="http://localhost:8000/v1"),
        ModelConfig("llama3.1", "ollama"),
        ModelConfig("command-r-08-2024", "cohere"),
        ModelConfig("mine", "local", path=str(file)),
    ):
        assert unavailable(model) is None


def test_a_retired_model_needs_the_key_of_its_successor(monkeypatch: pytest.MonkeyPatch) -> None:
    """As found in the catalogue; who answers for it may live at another provider."""
    retired = ModelConfig("claude-3-5-haiku", "anthropic")
    entry = resolve(retired.name, retired.provider).entry
    assert entry is not None
    lack = unavailable(retired)
    assert lack is not None
    assert lack.reason == f"{key_variables(entry.provider)[0]} is not set"
    monkeypatch.setenv(key_variables(entry.provider)[0], "x")
    assert unavailable(retired) is None
