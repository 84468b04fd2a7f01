"""Reading labelled answers and their prices: what counts, what is left out, what is refused."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from cascadeflow import ModelConfig
from cascadeflow.errors import ConfigError
from cascadeflow.evaluation.data import SAMPLE, SAMPLE_PRICES, read_labelled
from cascadeflow.evaluation.pairs import Pair, cases_of, configured_pair, match, pairs_by_source
from cascadeflow.evaluation.prices import AnswerPrices
from cascadeflow.schema import Verdict


def row(prompt: str, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"prompt": prompt, "answers": answers, **more}


def answer(label: Any = 1, text: str = "391", **more: Any) -> dict[str, Any]:
    return {"text": text, "correct": label, "prompt_tokens": 100, "completion_tokens": 10, **more}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write(*rows: dict[str, Any], name: str = "answers.jsonl") -> Path:
        path = tmp_path / name
        text = "\n".join(json.dumps(item) for item in rows)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return write


def test_the_sample_is_whole_and_every_row_names_its_licence() -> None:
    """40 questions from four sources, with three models each, all priced."""
    data = read_labelled([SAMPLE])
    assert len(data.rows) == 40
    assert (data.unlabelled, data.repeated) == (0, 0)
    assert {len(item.answers) for item in data.rows} == {3}
    assert all(json.loads(line)["licence"] for line in SAMPLE.read_text(encoding="utf-8").splitlines())
    prices = AnswerPrices(SAMPLE_PRICES)
    assert all(prices.cost(item, model) for item in data.rows for model in item.answers)
    assert not prices.estimated
    assert len(pairs_by_source(data, prices)) == 4


@pytest.mark.parametrize("name", ["answers.jsonl", "answers.jsonl.gz"])
def test_labels_are_right_or_wrong_or_graded(write: Any, name: str) -> None:
    """A grade counts as quality; whether it is right is said by `correct`, else from one half."""
    graded = {"text": "x", "score": 0.6}
    said = {"text": "x", "score": 0.6, "correct": 0}
    path = write(row("q", {"a": answer(1), "b": answer(False), "c": graded, "d": said, "e": answer(None)}), name=name)
    data = read_labelled([path])
    [found] = data.rows
    assert {model: (item.right, item.quality) for model, item in found.answers.items()} == {
        "a": (True, 1.0), "b": (False, 0.0), "c": (True, 0.6), "d": (False, 0.6),
    }  # fmt: skip
    assert data.unlabelled == 1
    assert found.domain == "general"


def test_the_same_question_counts_once_for_a_model(write: Any) -> None:
    """Answers of other models to it are put together, over all files."""
    one = write(row("What  is it?", {"a": answer(1), "b": answer(None)}, domain="math"), name="one.jsonl")
    two = write(row("What is it? ", {"a": answer(0), "c": answer(0)}), name="two.jsonl")
    data = read_labelled([one, two])
    [found] = data.rows
    assert {model: item.right for model, item in found.answers.items()} == {"a": True, "c": False}
    assert (found.domain, data.repeated, data.unlabelled) == ("math", 1, 1)
    assert data.name == "one.jsonl, two.jsonl"


def test_standard_input_is_a_dash() -> None:
    """As a pipe from the history gives it."""
    data = read_labelled([Path("-")], io.StringIO(json.dumps(row("q", {"a": answer()}))))
    assert (data.name, len(data.rows)) == ("standard input", 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            '{"prompt": "q", "answers": {"a": {"text": "x", "correct": 2}}}',
            r"answers\.jsonl:1: answers\.a: `correct` is 2",
        ),
        ('{"prompt": "q", "answers": {"a": {"text": "x", "score": 7}}}', "`score` is 7"),
        (
            '{"prompt": "q", "answers": {"a": {"text": "x", "correct": 1, "prompt_tokens": -1}}}',
            "`prompt_tokens` is -1",
        ),
        ('{"prompt": "q", "answers": {"a": {"text": "x"}}}', "none of its 1 answers has a label"),
        ('{"prompt": "q", "answers": {"a": {"text": 3, "correct": 1}}}', r"answers\.jsonl:1: is not a recorded answer"),
        ('{"prompt": ["q"], "answers": {}}', "is not a recorded answer"),
        ("\n{", r"answers\.jsonl:2: is not a recorded answer"),
    ],
)
def test_what_is_no_label_is_refused_with_its_place(tmp_path: Path, content: str, words: str) -> None:
    """File, line, model, value, and what is allowed."""
    path = tmp_path / "answers.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        read_labelled([path])


def test_a_list_prices_before_the_record_and_the_record_before_the_catalogue(write: Any, tmp_path: Path) -> None:
    """And the catalogue gives a retired model the price it had."""
    listed = tmp_path / "prices.json"
    listed.write_text(json.dumps({"listed": {"input": 1.0, "output": 2.0}}))
    answers = {name: answer(cost_nanousd=7) for name in ("listed", "recorded")}
    data = read_labelled([write(row("q", {**answers, "gpt-4o-mini": answer(), "claude-3-haiku-20240307": answer()}))])
    [found] = data.rows
    prices = AnswerPrices(listed)
    assert prices.cost(found, "listed") == 100 * 1000 + 10 * 2000
    assert prices.cost(found, "recorded") == 7
    assert prices.cost(found, "gpt-4o-mini") == 100 * 150 + 10 * 600
    assert prices.cost(found, "claude-3-haiku-20240307") == 100 * 250 + 10 * 1250


def test_an_unknown_price_is_unknown_and_unknown_tokens_are_estimated(write: Any) -> None:
    """Neither is zero."""
    data = read_labelled([write(row("q", {"nobody-knows-it": answer(), "gpt-4o": {"text": "x" * 360, "correct": 1}}))])
    [found] = data.rows
    prices = AnswerPrices()
    assert prices.cost(found, "nobody-knows-it") is None
    assert not prices.estimated
    assert prices.cost(found, "gpt-4o") > 100 * 10_000
    assert prices.estimated
    with pytest.raises(ConfigError, match="price of nobody-knows-it is not known.*--prices"):
        cases_of(data, Pair("nobody-knows-it", "gpt-4o"), _accept, prices)


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"a": 3}', '{"a": {"input": "x", "output": 1}}', '{"a": {"input": -1, "output": 1}}']
)
def test_a_price_list_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    """With what it should look like."""
    path = tmp_path / "prices.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"prices\.json"):
        AnswerPrices(path)


def _accept(*_: Any) -> Verdict:
    return Verdict(is_valid=True, score=0.9)


def test_configured_models_are_found_under_their_dated_names() -> None:
    """But a model is not taken for its successor."""
    names = ["gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18", "claude-3-haiku-20240307", "llama"]
    assert match(ModelConfig("gpt-4o-mini", "openai"), names) == "gpt-4o-mini-2024-07-18"
    assert match(ModelConfig("llama", "local"), names) == "llama"
    assert match(ModelConfig("claude-haiku-4-5", "anthropic"), names) is None
    models = [
        ModelConfig("gpt-4o", "openai", quality_score=0.9),
        ModelConfig("gpt-4o-mini", "openai", quality_score=0.8),
    ]
    assert configured_pair(models, names) == Pair("gpt-4o-mini-2024-07-18", "gpt-4o-2024-08-06")
    with pytest.raises(ConfigError, match="Name a pair"):
        configured_pair(models[:1], names)


def test_drafts_without_a_strong_answer_are_counted(write: Any, tmp_path: Path) -> None:
    """They are no case, and the reader is told."""
    listed = tmp_path / "prices.json"
    listed.write_text(json.dumps({name: {"input": 1.0, "output": 2.0} for name in ("a", "b")}))
    rows = [row(f"q{n}", {"a": answer(n % 2), **({"b": answer(1)} if n < 5 else {})}) for n in range(8)]
    data = read_labelled([write(*rows)])
    cases, alone = cases_of(data, Pair("a", "b"), _accept, AnswerPrices(listed))
    assert (len(cases), alone) == (5, 3)
    with pytest.raises(ConfigError, match=r"no labelled answer is by c; the data has a, b"):
        cases_of(data, Pair("a", "c"), _accept, AnswerPrices(listed))
