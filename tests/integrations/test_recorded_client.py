"""`RecordedClient` plays answers from a file, and says what is missing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import collect, read_to_error, text_of

from cascadeflow.client import Completed, Delta, ModelRequest
from cascadeflow.errors import ConfigError, ModelNotFoundError
from cascadeflow.integrations.recorded import RecordedClient
from cascadeflow.schema import Usage

ROWS = [
    {
        "id": "1",
        "prompt": "What is\n  6 * 7?",
        "truth": "42",
        "answers": {
            "small": {"text": "It is 41,\n\n  I think. ", "correct": 0, "prompt_tokens": 9, "completion_tokens": 13},
            "big": {"text": "42", "correct": 1, "prompt_tokens": 9, "completion_tokens": 1, "finish_reason": "length"},
        },
    },
    {"id": "2", "prompt": "Capital of France?", "answers": {"small": {"text": "Paris."}}},
    {"id": "3", "prompt": "What is 6 * 7?", "answers": {"small": {"text": "other"}, "third": {"text": "7 * 6"}}},
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n\n", encoding="utf-8")
    return path


def ask(prompt: object, model: str = "small", resolved: str = "") -> ModelRequest:
    messages = (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi"},
        {"role": "user", "content": prompt},
    )
    return ModelRequest(model=model, provider="openai", resolved_model=resolved or model, messages=messages)


async def test_an_answer_is_played_to_the_letter(path: Path) -> None:
    """Found by the last question whatever its white space; tokens of the deltas add up to those recorded."""
    chunks = await collect(RecordedClient(path), ask(" What  is 6 * 7? "))
    assert text_of(chunks) == "It is 41,\n\n  I think. "
    deltas = [chunk for chunk in chunks if isinstance(chunk, Delta)]
    assert [delta.text for delta in deltas] == ["It", " is", " 41,", "\n\n  I", " think.", " "]
    assert sum(delta.tokens for delta in deltas) == 13
    assert chunks[-1] == Completed(finish_reason="stop", usage=Usage(prompt_tokens=9, completion_tokens=13))


@pytest.fixture
def zipped(path: Path) -> Path:
    zipped = path.with_suffix(".jsonl.gz")
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    return zipped


async def test_gzipped_files(zipped: Path) -> None:
    assert text_of(await collect(RecordedClient(zipped), ask("Capital of France?"))) == "Paris."


async def test_the_resolved_name_counts_too_and_the_finish_reason_is_kept(path: Path) -> None:
    chunks = await collect(RecordedClient(path), ask("What is 6 * 7?", "configured", "big"))
    assert text_of(chunks) == "42"
    assert isinstance(chunks[-1], Completed)
    assert chunks[-1].finish_reason == "length"


async def test_rows_of_one_prompt_are_put_together(path: Path) -> None:
    """The first row counts where both have an answer."""
    client = RecordedClient(path)
    assert text_of(await collect(client, ask("What is 6 * 7?", "third"))) == "7 * 6"
    assert text_of(await collect(client, ask("What is 6 * 7?", "small"))).startswith("It is 41")


async def test_a_prompt_in_parts_is_found(path: Path) -> None:
    parts = [{"type": "text", "text": "Capital of "}, {"type": "text", "text": "France?"}]
    assert text_of(await collect(RecordedClient(path), ask(parts))) == "Paris."


async def test_usage_that_was_not_recorded_is_not_made_up(path: Path) -> None:
    chunks = await collect(RecordedClient(path), ask("Capital of France?"))
    assert chunks[-1] == Completed(usage=None)


async def test_a_missing_prompt_names_the_models(path: Path) -> None:
    _, error = await read_to_error(RecordedClient(path), ask("Why?"))
    assert type(error) is ModelNotFoundError
    assert "no answer to this prompt" in error.message
    assert "it has 2 prompts" in error.message
    assert "Models in the file: big, small, third." in error.message
    assert (error.model, error.retryable) == ("small", False)


async def test_a_missing_model_names_those_of_the_row_and_the_file(path: Path) -> None:
    _, error = await read_to_error(RecordedClient(path), ask("Capital of France?", "huge"))
    assert "no answer of this model to this prompt; it has small" in error.message
    assert "Models in the file: big, small, third." in error.message


def test_prompt_tokens_as_recorded_else_an_upper_bound(path: Path) -> None:
    client = RecordedClient(path)
    assert client.count_prompt_tokens(ask("What is 6 * 7?")) == 9
    assert client.count_prompt_tokens(ask("Capital of France?")) >= 20
    assert client.count_prompt_tokens(ask("Why?")) >= 15


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ('{"prompt": "a", "answers": {}}\nnonsense\n', ":2"),
        ('{"answers": {}}\n', ":1"),
        ('\n\n{"prompt": "a", "answers": 3}\n', ":3"),
        ('{"prompt": "a"}\n', ":1"),
    ],
)
async def test_a_file_of_another_shape_is_refused_with_its_line(tmp_path: Path, content: str, where: str) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        await collect(RecordedClient(path), ask("a"))
    assert f"{path}{where}: is not a recorded answer" in str(caught.value)


async def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(gzip.compress(b'{"prompt": "a", "answers": {}}\n' * 99)[:-20])
    for path in (tmp_path / "none.jsonl", broken):
        with pytest.raises(ConfigError, match="cannot be read"):
            await collect(RecordedClient(path), ask("a"))


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=80), tokens=st.integers(0, 200))
async def test_any_text_comes_whole_and_tokens_add_up(
    tmp_path_factory: pytest.TempPathFactory, text: str, tokens: int
) -> None:
    answers = {"small": {"text": text, "prompt_tokens": 1, "completion_tokens": tokens}}
    path = tmp_path_factory.mktemp("any") / "answers.jsonl"
    path.write_text(json.dumps({"prompt": "q", "answers": answers}), encoding="utf-8")
    chunks = await collect(RecordedClient(path), ask("q"))
    assert text_of(chunks) == text
    if text:
        assert sum(chunk.tokens for chunk in chunks if isinstance(chunk, Delta)) == tokens
