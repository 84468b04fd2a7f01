"""Sentence embeddings on this machine: texts as vectors whose product tells how near they are in meaning.

Needs the extra ``semantic`` and one pulled model; nothing here is imported or read before it is used.
"""

from cascadeflow.embedding.encoder import Encoder, NotInstalled, load_encoder, missing

__all__ = ["Encoder", "NotInstalled", "load_encoder", "missing"]
