"""Labelled answers from files: one JSON object a line, plain or gzipped.

A row: ``{"id", "prompt", "answers": {model: {"text", "correct" | "score"}}, "source"?, "domain"?}``.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cascadeflow.errors import ConfigError


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """One answer with its label.

    Attributes:
        row: id of the question; every answer to it has the same.
        source: where the question comes from.
        model: who answered.
        prompt, text: question and answer.
        domain: domain of the question.
        right: whether the answer is right.
        exact: whether that was checked exactly (``correct``), and not judged (``score``).
    """

    row: str
    source: str
    model: str
    prompt: str
    text: str
    domain: str
    right: bool
    exact: bool


def read_answers(paths: Iterable[str | Path]) -> list[LabelledAnswer]:
    """Every labelled answer of these files.

    Args:
        paths: ``.jsonl`` or ``.jsonl.gz`` files; a folder stands for those in it.

    Raises:
        ConfigError: a file cannot be read, or a line is not of the form above.
    """
    found: list[LabelledAnswer] = []
    for path in _files(paths):
        for number, line in enumerate(_lines(path), 1):
            if line.strip():
                found.extend(_answers(path, number, line))
    if not found:
        raise ConfigError(
            "there are no labelled answers: rows need `answers`, each with `text` and `correct` or `score`"
        )
    return found


def _files(paths: Iterable[str | Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted((*path.glob("*.jsonl"), *path.glob("*.jsonl.gz")))
        else:
            yield path


def _lines(path: Path) -> list[str]:
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8").splitlines()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _answers(path: Path, number: int, line: str) -> Iterator[LabelledAnswer]:
    try:
        row: dict[str, Any] = json.loads(line)
        answers: dict[str, dict[str, Any]] = row.get("answers") or {}
        for model, answer in answers.items():
            label = answer.get("correct", answer.get("score"))
            if label is None:
                continue
            yield LabelledAnswer(
                row=str(row["id"]),
                source=str(row.get("source") or path.name),
                model=model,
                prompt=str(row["prompt"]),
                text=str(answer["text"]),
                domain=str(row.get("domain") or "general"),
                right=float(label) >= 0.5,
                exact="score" not in answer,
            )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path}, line {number}: {type(error).__name__}: {error}; see docs/decisions.md for the form"
        ) from None
