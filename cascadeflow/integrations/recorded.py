"""A client that plays recorded answers from a file: for evaluation, replay and tests, without a network."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import AsyncGenerator, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from cascadeflow.client import Chunk, Completed, Delta, ModelRequest
from cascadeflow.errors import ConfigError, ModelNotFoundError
from cascadeflow.integrations.prompt_tokens import prompt_upper_bound
from cascadeflow.schema import Usage


class RecordedClient:
    """A `ModelClient` that answers as it was recorded.

    An answer is found by the last message of the user (letter for letter, but for white space) and
    the configured or resolved name of the model. It is played whole, whatever ``max_tokens`` says.

    Args:
        path: JSON lines, also gzipped (``.gz``); a row is
            ``{"prompt": …, "answers": {model: {"text": …, "prompt_tokens": …, "completion_tokens": …}}}``,
            further keys are ignored. Read at the first call.

    Example:
        >>> client = RecordedClient("answers.jsonl.gz")
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser()

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Names of the models that the file has answers of.

        Raises:
            ConfigError: the file cannot be read; says in which line.
        """
        return tuple(sorted({model for answers in self._rows.values() for model in answers}))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Play an answer, word by word.

        Args:
            request: the call.

        Yields:
            Deltas whose tokens add up to those recorded, then one `Completed`.

        Raises:
            ModelNotFoundError: no such prompt or model in the file; names the models it has.
            ConfigError: the file cannot be read.
        """
        answer = self._answer(request)
        if answer is None:
            raise self._not_found(request)
        words = re.findall(r"\s*\S+|\s+", answer["text"])
        total = answer.get("completion_tokens", len(words))
        said = 0
        for number, word in enumerate(words, 1):
            upto = total * number // len(words)
            yield Delta(text=word, tokens=upto - said)
            said = upto
        usage = None
        if "prompt_tokens" in answer and "completion_tokens" in answer:
            usage = Usage(prompt_tokens=answer["prompt_tokens"], completion_tokens=answer["completion_tokens"])
        yield Completed(finish_reason=answer.get("finish_reason", "stop"), usage=usage)

    def count_prompt_tokens(self, request: ModelRequest) -> int:
        """The prompt tokens as recorded; where there is no record, an upper bound."""
        answer = self._answer(request)
        if answer is not None and "prompt_tokens" in answer:
            return int(answer["prompt_tokens"])
        return prompt_upper_bound(request)

    async def aclose(self) -> None:
        """Nothing to free."""

    def _answer(self, request: ModelRequest) -> dict[str, Any] | None:
        answers = self._rows.get(plain_prompt(_last_question(request)), {})
        return answers.get(request.model) or answers.get(request.resolved_model)

    def _not_found(self, request: ModelRequest) -> ModelNotFoundError:
        answers = self._rows.get(plain_prompt(_last_question(request)))
        if answers is None:
            what = f"no answer to this prompt is recorded in {self.path.name}; it has {len(self._rows)} prompts"
        else:
            what = f"{self.path.name} has no answer of this model to this prompt; it has {', '.join(sorted(answers))}"
        return ModelNotFoundError(
            f"{what}. Models in the file: {', '.join(self.models)}.", model=request.model, provider=request.provider
        )

    @cached_property
    def _rows(self) -> dict[str, dict[str, Any]]:
        """Prompt → model → answer; rows with the same prompt are put together, the first one counts."""
        rows: dict[str, dict[str, Any]] = {}
        for _, row in read_rows(self.path):
            key = plain_prompt(row["prompt"])
            rows[key] = {**row["answers"], **rows.get(key, {})}
        return rows


def read_rows(path: Path, source: TextIO | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a file with recorded answers, each with its line from 1.

    Args:
        path: JSON lines, also gzipped (``.gz``).
        source: what is read instead; ``path`` is then only its name.

    Raises:
        ConfigError: it cannot be read, or a line is no recorded answer; says which.
    """
    number = 0
    try:
        with source or _open(path) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _row(json.loads(line))
    except (OSError, EOFError) as error:
        raise ConfigError(f"cannot be read: {error}", file=str(path)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"is not a recorded answer ({type(error).__name__}: {error}); "
            'a line is {"prompt": …, "answers": {model: {"text": …}}}',
            file=str(path),
            line=max(number, 1),
        ) from error


def _row(row: dict[str, Any]) -> dict[str, Any]:
    texts = [row["prompt"], *(answer["text"] for answer in row["answers"].values())]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("its prompt, or the text of an answer, is no text")
    return row


def plain_prompt(text: str) -> str:
    """A prompt without differences in white space."""
    return " ".join(text.split())


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _last_question(request: ModelRequest) -> str:
    for message in reversed(request.messages):
        if message.get("role") == "user":
            content = message.get("content") or ""
            if isinstance(content, str):
                return content
            return "".join(part.get("text", "") for part in content if part.get("type") == "text")
    return ""
