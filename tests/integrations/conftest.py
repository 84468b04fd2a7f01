"""The real embedded models, for tests marked ``models``."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

from cascadeflow.catalog.embedded import EMBEDDED
from cascadeflow.integrations.model_store import ModelStore

# taken before tests move the user's folders
FOLDER = Path(
    os.environ.get("CASCADEFLOW_TEST_MODELS")
    or Path(platformdirs.user_cache_dir("cascadeflow", appauthor=False), "models")
)


@pytest.fixture(scope="session")
def embedded_models() -> Path:
    """Folder with all embedded models; fetched once into the user's cache."""
    store = ModelStore(FOLDER)
    store.pull([model.name for model in EMBEDDED if store.path(model.name) is None])
    return FOLDER
