"""Counting tokens: exact for OpenAI's models, never too few as a bound."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascadeflow import tokens
from cascadeflow.tokens import estimate, estimate_text, upper_bound


def said(content, role="user", **more):
    return {"role": role, "content": content, **more}


@pytest.mark.parametrize(
    ("model", "text", "count"),
    [
        ("gpt-4o-mini", "antidisestablishmentarianism", 6),  # OpenAI's cookbook, o200k_base
        ("gpt-4", "お誕生日おめでとう", 9),  # the same, cl100k_base
        ("gpt-4o", "お誕生日おめでとう", 8),
        ("a-model-of-tomorrow", "お誕生日おめでとう", 8),
    ],
)
def test_openais_models_are_counted_with_their_tokenizer(model, text, count):
    empty, full = ([said("")], [said(text)])
    assert upper_bound(full, (), model, "openai") - upper_bound(empty, (), model, "openai") == count
    assert estimate(full, model, "openai") - estimate(empty, model, "openai") == count


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_bytes_bound_every_tokenizer(text):
    assert upper_bound([said(text)]) >= upper_bound([said(text)], (), "gpt-4o", "openai")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6), st.text(max_size=40))
def test_more_text_is_never_fewer_tokens(texts, more):
    messages = [said(text) for text in texts]
    assert upper_bound([*messages, said(more)]) > upper_bound(messages)
    assert estimate([*messages, said(more)], load_tokenizer=False) > estimate(messages, load_tokenizer=False)
    assert estimate(messages, load_tokenizer=False) <= upper_bound(messages)


def test_everything_that_is_billed_counts():
    bare = upper_bound([said("Hi")])
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    assert upper_bound([said([{"type": "text", "text": "Hi"}])]) == bare
    assert upper_bound([said("Hi", name="Anna")]) == bare + 4
    assert upper_bound([said("Hi", tool_calls=[call])]) > bare + 40
    assert upper_bound([said("Hi")], [tool]) > bare + 256
    assert upper_bound([said(None, tool_calls=[call])]) > 100
    assert upper_bound([said([{"type": "image_url", "image_url": {"url": "data:" + "A" * 10**6}}])]) < 40_000
    assert estimate([said("Hi")], tools=[tool]) > estimate([said("Hi")])


def test_what_breaks_tokenizers_is_counted_all_the_same():
    assert 1_000 < upper_bound([said(" " * 1_000_000)], (), "gpt-4o", "openai") < 20_000
    assert upper_bound([said("\ud800")]) > upper_bound([said("")])
    assert upper_bound([said("\ud800")], (), "gpt-4o", "openai") > upper_bound([said("")], (), "gpt-4o", "openai")


def test_estimates_of_text():
    assert estimate_text("") == 0
    assert estimate_text("a") == 1
    assert 200 < estimate_text("The quick brown fox jumps over the lazy dog. " * 20) < 300


def test_without_the_vocabulary_files_bytes_are_counted(monkeypatch):
    monkeypatch.setattr(tokens, "_encoding", tokens._encoding.__wrapped__)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert upper_bound([said("Hello")], (), "gpt-4o", "openai") == upper_bound([said("Hello")])


def test_the_light_mode_and_the_heavy_mode_import_no_more_than_they_say():
    script = (
        "import os, sys\nfrom cascadeflow.tokens import estimate, upper_bound\n"
        "m = [{'role': 'user', 'content': 'Hello'}]\n"
        "estimate(m, 'gpt-4o', 'openai', load_tokenizer=False); upper_bound(m); estimate(m, 'llama', 'groq')\n"
        "assert 'tiktoken' not in sys.modules\n"
        "estimate(m, 'gpt-4o', 'openai')\n"
        "assert 'tiktoken' in sys.modules and 'litellm' not in sys.modules and 'TIKTOKEN_CACHE_DIR' not in os.environ"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
