"""The models: names and aliases, prices, context windows, retirement and successors, providers.

The data is `models.json` beside this file; it is read at the first look-up, never at import.
"""

from cascadeflow.catalog.embedded import EMBEDDED, EmbeddedModel, embedded_model
from cascadeflow.catalog.encoders import ENCODER, STORED, SentenceEncoder, StoredModel, stored_model
from cascadeflow.catalog.models import CatalogEntry, Resolved, entries, lookup, resolve
from cascadeflow.catalog.providers import (
    SUPPORTED_PROVIDERS,
    key_variables,
    missing_key,
    normalize_provider,
    provider_reason,
    speed,
    validate_provider,
)

__all__ = [
    "EMBEDDED",
    "ENCODER",
    "STORED",
    "SUPPORTED_PROVIDERS",
    "CatalogEntry",
    "EmbeddedModel",
    "Resolved",
    "SentenceEncoder",
    "StoredModel",
    "embedded_model",
    "entries",
    "key_variables",
    "lookup",
    "missing_key",
    "normalize_provider",
    "provider_reason",
    "resolve",
    "speed",
    "stored_model",
    "validate_provider",
]
