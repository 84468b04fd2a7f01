"""Labelled answers: read from files in the recorded shape, or from the sample that comes with the package."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from cascadeflow.errors import ConfigError
from cascadeflow.integrations.recorded import plain_prompt, read_rows
from cascadeflow.quality.learned import row_hash

SAMPLE = Path(__file__).with_name("sample.jsonl")
"""40 questions from four public sets, each with its source and licence."""
SAMPLE_PRICES = Path(__file__).with_name("sample_prices.json")
"""List prices of the sample's models when they answered; source: LiteLLM's price table of that time."""
RIGHT_FROM = 0.5
"""The ``score`` from which an answer without a ``correct`` counts as right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledAnswer:
    """An answer, and whether it is right.

    Attributes:
        text: the answer.
        right: whether it is right.
        quality: how good it is, from 0 to 1; 0 or 1 where the label says only right or wrong.
        prompt_tokens, completion_tokens: of the call; None: not recorded.
        cost: nano-USD of the call, as recorded; None: not recorded.
        finish_reason: the provider's word.
    """

    text: str
    right: bool
    quality: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: int | None = None
    finish_reason: str = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledRow:
    """A question with the labelled answers to it.

    Attributes:
        ids: of the rows with this question, where they have any.
        prompt: the question.
        source: where it is from; empty if the row does not say.
        domain: its domain; ``general`` if the row does not say.
        answers: model → answer.
    """

    ids: tuple[str, ...]
    prompt: str
    source: str
    domain: str
    answers: Mapping[str, LabelledAnswer]

    def is_one_of(self, listed: Container[str]) -> bool:
        """Whether it is among rows that are listed by the `row_hash` of their ids."""
        return any(row_hash(row_id) in listed for row_id in self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledData:
    """The labelled answers of some files.

    Attributes:
        name: of the files, for people.
        rows: questions with at least one labelled answer, each once.
        unlabelled: answers without a label, which are left out.
        repeated: answers to a question that the same model had answered already, which are left
            out: the same question twice is not two independent questions.
    """

    name: str
    rows: tuple[LabelledRow, ...]
    unlabelled: int
    repeated: int

    @property
    def models(self) -> tuple[str, ...]:
        """Models with labelled answers, those with the most first."""
        counts: dict[str, int] = {}
        for row in self.rows:
            for model in row.answers:
                counts[model] = counts.get(model, 0) + 1
        return tuple(sorted(counts, key=lambda model: (-counts[model], model)))


def read_labelled(paths: Iterable[Path], stdin: TextIO | None = None) -> LabelledData:
    """Read labelled answers.

    A row is ``{"prompt": …, "answers": {model: {"text": …, "correct": 0 or 1}}}``, or with a
    ``score`` from 0 to 1 for graded labels; ``id``, ``source``, ``domain``, and of each answer
    ``prompt_tokens``, ``completion_tokens``, ``cost_nanousd`` and ``finish_reason`` are used where
    they are there. Rows with the same prompt are put together, the first answer of a model counts.

    Args:
        paths: JSON lines, also gzipped; ``-`` is standard input.
        stdin: what ``-`` reads.

    Raises:
        ConfigError: a file cannot be read, a label is no label, or no answer is labelled.
    """
    prompts: dict[str, tuple[str, str, str]] = {}
    answers: dict[str, dict[str, LabelledAnswer]] = {}
    ids: dict[str, list[str]] = {}
    unlabelled = repeated = 0
    paths = list(paths)
    for path in paths:
        for line, row in read_rows(path, stdin if str(path) == "-" else None):
            key = plain_prompt(row["prompt"])
            found = answers.setdefault(key, {})
            if row.get("id") is not None:
                ids.setdefault(key, []).append(str(row["id"]))
            prompts.setdefault(key, (row["prompt"], str(row.get("source") or ""), str(row.get("domain") or "general")))
            for model, answer in row["answers"].items():
                try:
                    labelled = _answer(answer)
                except ValueError as error:
                    raise ConfigError(str(error), file=str(path), key=f"answers.{model}", line=line) from None
                if labelled is None:
                    unlabelled += 1
                elif model in found:
                    repeated += 1
                else:
                    found[model] = labelled
    rows = tuple(
        LabelledRow(ids=tuple(ids.get(key, ())), prompt=prompt, source=source, domain=domain, answers=answers[key])
        for key, (prompt, source, domain) in prompts.items()
        if answers[key]
    )
    name = ", ".join("standard input" if str(path) == "-" else path.name for path in paths)
    if not rows:
        raise ConfigError(
            f"none of its {unlabelled} answers has a label; an answer needs `correct` (0 or 1) or `score` (0 to 1)",
            file=name,
        )
    return LabelledData(name=name, rows=rows, unlabelled=unlabelled, repeated=repeated)


def _answer(data: Mapping[str, Any]) -> LabelledAnswer | None:
    """The answer, or None where nobody said whether it is right.

    Raises:
        ValueError: a label or a count is not what it should be.
    """
    correct, score = data.get("correct"), data.get("score")
    if correct is None and score is None:
        return None
    if correct not in (None, 0, 1):
        raise ValueError(f"`correct` is {correct!r}; it is 0, 1, true, false or null")
    if score is not None and not (isinstance(score, (int, float)) and 0 <= score <= 1):
        raise ValueError(f"`score` is {score!r}; it is a number from 0 to 1")
    quality = float(correct if score is None else score)  # type: ignore[arg-type]  # one of them is there
    return LabelledAnswer(
        text=data["text"],
        right=quality >= RIGHT_FROM if correct is None else bool(correct),
        quality=quality,
        prompt_tokens=_count(data, "prompt_tokens"),
        completion_tokens=_count(data, "completion_tokens"),
        cost=_count(data, "cost_nanousd"),
        finish_reason=str(data.get("finish_reason") or "stop"),
    )


def _count(data: Mapping[str, Any], name: str) -> int | None:
    value = data.get(name)
    if value is None or (isinstance(value, int) and value >= 0):
        return value
    raise ValueError(f"`{name}` is {value!r}; it is a whole number from 0")
