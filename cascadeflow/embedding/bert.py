"""A sentence encoder of BERT's form as a forward pass in numpy: token numbers in, unit vectors out.

The network is that of Devlin et al. 2019 (arXiv 1810.04805), the pooling (mean over the tokens, then
length 1) that of Reimers and Gurevych 2019 (arXiv 1908.10084). Texts are computed one by one: padding them to
the longest would cost more than a batch saves on a processor. Importing this imports numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float32]

HEADS = 12
LAYERS = 6
_EPSILON = np.float32(1e-12)  # of the layer norms, from the model's configuration


class Bert:
    """The network.

    Args:
        weights: its tensors under the names of the published file, float32.
    """

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights

    def encode(self, tokens: Sequence[int]) -> Array:
        """The vector of a text, of length 1.

        Args:
            tokens: its token numbers, marks of start and end included.
        """
        get = self._weights.__getitem__
        hidden = (
            get("embeddings.word_embeddings.weight")[np.asarray(tokens)]
            + get("embeddings.position_embeddings.weight")[: len(tokens)]
            + get("embeddings.token_type_embeddings.weight")[0]
        )
        hidden = self._norm(hidden, "embeddings.LayerNorm")
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}"
            hidden = self._norm(hidden + self._attention(hidden, layer), f"{layer}.attention.output.LayerNorm")
            inner = _gelu(self._linear(hidden, f"{layer}.intermediate.dense"))
            hidden = self._norm(hidden + self._linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
        pooled: Array = hidden.mean(axis=0)
        unit: Array = pooled / np.sqrt(pooled @ pooled)
        return unit

    def _attention(self, hidden: Array, layer: str) -> Array:
        length, width = hidden.shape
        query, key, value = (
            self._linear(hidden, f"{layer}.attention.self.{part}").reshape(length, HEADS, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(width // HEADS))
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ value
        return self._linear(mixed.transpose(1, 0, 2).reshape(length, width), f"{layer}.attention.output.dense")

    def _linear(self, values: Array, name: str) -> Array:
        return values @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _norm(self, values: Array, name: str) -> Array:
        centred = values - values.mean(axis=-1, keepdims=True)
        scaled: Array = centred / np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + _EPSILON)
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _gelu(values: Array) -> Array:
    """x·Φ(x), with the error function after Abramowitz and Stegun 7.1.26, right to 1.5e-7."""
    sized = np.abs(values) * np.float32(np.sqrt(0.5))
    step = 1 / (1 + np.float32(0.3275911) * sized)
    series = np.zeros_like(step)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(factor)) * step
    error = np.copysign(1 - series * np.exp(-sized * sized), values)
    result: Array = values * (1 + error) * np.float32(0.5)
    return result
