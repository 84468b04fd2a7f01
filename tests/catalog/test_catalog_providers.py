"""The nine providers: aliases, why others are out, which key is missing."""

import inspect

import pytest

from cascadeflow.catalog import (
    EMBEDDED,
    SUPPORTED_PROVIDERS,
    entries,
    key_variables,
    missing_key,
    normalize_provider,
    provider_reason,
    speed,
    validate_provider,
)
from cascadeflow.errors import UnsupportedProviderError


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch):
    for provider in SUPPORTED_PROVIDERS:
        for variable in key_variables(provider):
            monkeypatch.delenv(variable, raising=False)


def test_the_nine_stand_in_the_documents_order():
    assert SUPPORTED_PROVIDERS == [
        "openai",
        "anthropic",
        "groq",
        "ollama",
        "fireworks_ai",
        "together_ai",
        "deepseek",
        "vertex_ai",
        "cohere",
    ]


def test_every_provider_has_a_reason_and_models():
    for provider in SUPPORTED_PROVIDERS:
        assert provider_reason(provider)
        assert validate_provider(provider) == provider
        assert any(entry.provider == provider and not entry.retired for entry in entries())
    assert validate_provider("local") == "local"
    assert provider_reason("local")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("fireworks", "fireworks_ai"),
        ("Fireworks-AI", "fireworks_ai"),
        ("google", "vertex_ai"),
        ("together", "together_ai"),
        (" OpenAI ", "openai"),
        ("ollama_chat", "ollama"),
        ("azure", "azure"),
    ],
)
def test_aliases_of_providers(written, meant):
    assert normalize_provider(written) == meant


@pytest.mark.parametrize(
    ("provider", "says"),
    [
        ("huggingface", "use fireworks_ai or together_ai"),
        ("replicate", "dearer"),
        ("bedrock", "such as anthropic"),
        ("aws", "such as anthropic"),
        ("azure", "use openai"),
        ("azure_openai", "use openai"),
        ("sagemaker", "no models of its own"),
        ("vllm", "openai with a base_url"),
        ("gemini", "vertex_ai"),
        ("opnai", "did you mean openai?"),
        ("fireworx", "did you mean fireworks_ai?"),
    ],
)
def test_a_provider_that_is_out_is_told_why_and_what_is_in(provider, says):
    with pytest.raises(UnsupportedProviderError) as caught:
        validate_provider(provider)
    text = str(caught.value)
    assert f"Provider '{provider}' not supported: " in text
    assert says in text
    assert f"Supported: {', '.join(SUPPORTED_PROVIDERS)}" in text
    assert isinstance(caught.value, ValueError)


def test_a_provider_nobody_knows_is_told_what_is_in():
    with pytest.raises(ValueError, match=r"^Provider 'zzz' not supported\. Supported: openai, "):
        validate_provider("zzz")


def test_validate_provider_takes_the_documents_argument():
    assert list(inspect.signature(validate_provider).parameters) == ["provider"]


@pytest.mark.parametrize(
    ("provider", "variable"),
    [
        ("openai", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("groq", "GROQ_API_KEY"),
        ("fireworks", "FIREWORKS_API_KEY"),
        ("together", "TOGETHER_API_KEY"),
        ("deepseek", "DEEPSEEK_API_KEY"),
        ("google", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("cohere", "COHERE_API_KEY"),
        ("ollama", None),
        ("local", None),
    ],
)
def test_the_missing_variable_is_named(provider, variable):
    assert missing_key(provider) == variable


def test_any_of_a_providers_variables_opens_it_and_an_empty_one_does_not(monkeypatch):
    monkeypatch.setenv("COHERE_API_KEY", "")
    assert missing_key("cohere") == "COHERE_API_KEY"
    monkeypatch.setenv("CO_API_KEY", "k")
    assert missing_key("cohere") is None


@pytest.mark.parametrize(
    ("base_url", "missing"),
    [
        ("http://127.0.0.1:8000/v1", None),
        ("http://localhost:8000", None),
        ("http://[::1]:8000", None),
        ("localhost:8000", None),
        ("https://gateway.example/v1", "OPENAI_API_KEY"),
        ("https://localhost.example/v1", "OPENAI_API_KEY"),
    ],
)
def test_a_server_on_this_machine_needs_no_key(base_url, missing):
    assert missing_key("openai", base_url) == missing


def test_the_address_in_the_environment_replaces_no_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:8000")
    assert missing_key("openai") == "OPENAI_API_KEY"


def test_speed_is_known_for_every_model_and_groq_is_fastest():
    for entry in entries():
        first_token_ms, tokens_per_second = speed(entry.provider, entry.name)
        assert first_token_ms > 0
        assert tokens_per_second > 0
    assert speed("groq", "gpt-oss-20b")[1] > speed("openai", "gpt-4o-mini")[1] > speed("openai", "gpt-4")[1]
    assert speed("local", EMBEDDED[0].name)[1] == EMBEDDED[0].tokens_per_second
