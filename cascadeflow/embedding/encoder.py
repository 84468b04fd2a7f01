"""The sentence encoder all-MiniLM-L6-v2: its tokens, its weights, and what is missing where it cannot run.

`vocabulary.txt` beside this file is that of BERT (uncased; Apache-2.0, `vocabulary.LICENSE`), in the order
of the network's word vectors. The weights are pulled into the folder of the embedded models.
"""

from __future__ import annotations

import threading
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from cascadeflow.catalog.encoders import ENCODER

if TYPE_CHECKING:
    from cascadeflow.embedding.bert import Array

EXTRA = "semantic"
_PACKAGES = ("numpy", "safetensors", "threadpoolctl", "tokenizers")
_LOADING = threading.Lock()


class NotInstalled(Exception):  # noqa: N818  # it is a finding, not a fault
    """The encoder cannot run here; the text is the commands that would change that."""


class Encoder:
    """Turns texts into vectors of length 1, so that the product of two is the cosine between them.

    Args:
        weights: file of the network.
    """

    def __init__(self, weights: Path) -> None:
        from safetensors.numpy import load_file
        from threadpoolctl import ThreadpoolController
        from tokenizers import Tokenizer
        from tokenizers.models import WordPiece
        from tokenizers.normalizers import BertNormalizer
        from tokenizers.pre_tokenizers import BertPreTokenizer

        from cascadeflow.embedding.bert import Bert

        words = files("cascadeflow.embedding").joinpath("vocabulary.txt").read_text(encoding="utf-8").split("\n")
        vocabulary = {word: number for number, word in enumerate(words) if word}
        self._start, self._end = vocabulary["[CLS]"], vocabulary["[SEP]"]
        self._tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106
        self._tokenizer.normalizer = BertNormalizer(lowercase=True)
        self._tokenizer.pre_tokenizer = BertPreTokenizer()
        self._network = Bert(load_file(weights))
        self._threads = ThreadpoolController()
        self._computing = threading.Lock()

    def segments(self, text: str) -> list[list[int]]:
        """A text as token numbers, in pieces of what the network reads at once.

        Args:
            text: at most a few thousand characters; the caller caps it.

        Returns:
            Pieces of at most 254 tokens, without marks of start and end; none where there is no text.
        """
        tokens = self._tokenizer.encode(text, add_special_tokens=False).ids
        size = ENCODER.context_window - 2
        return [tokens[start : start + size] for start in range(0, len(tokens), size)]

    def encode(self, segment: list[int]) -> Array:
        """The vector of one piece, of length 1; takes 15 to 150 ms.

        One piece is computed at a time, on one core. More gain a third on an idle machine; on a busy one the
        threads of numpy's library wait for each other while turning, and 50 ms became 3 s.

        Args:
            segment: from `segments`.
        """
        with self._computing, self._threads.limit(limits=1, user_api="blas"):
            return self._network.encode([self._start, *segment, self._end])


def missing() -> str:
    """The commands that would make the encoder run here; empty where it does."""
    steps = [] if _has_packages() else [f"pip install 'cascadeflow-console[{EXTRA}]'"]
    if _weights() is None:
        steps.append(f"cascadeflow models pull {ENCODER.name}")
    return " && ".join(steps)


def load_encoder() -> Encoder:
    """The encoder, loaded at the first call of a process and kept. That call takes 0.5 s: not for the event loop.

    Raises:
        NotInstalled: a package or the weights are not here. Nothing is fetched.
    """
    weights = _weights()
    if weights is None or not _has_packages():
        raise NotInstalled(missing())
    with _LOADING:  # two runs that begin together load it once
        return _load(weights.resolve())


@cache
def _load(weights: Path) -> Encoder:
    return Encoder(weights)


def _has_packages() -> bool:
    return all(find_spec(package) is not None for package in _PACKAGES)


def _weights() -> Path | None:
    from cascadeflow.integrations.model_store import ModelStore

    return ModelStore().path(ENCODER.name)
