"""Every test gets an empty home of its own and no keys."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

KEY_ENDINGS = ("_API_KEY", "_API_BASE", "_TOKEN", "_CREDENTIALS", "_PROJECT", "_LOCATION")

# taken before tests move the user's folders
MODELS = Path(
    os.environ.get("CASCADEFLOW_TEST_MODELS")
    or Path(platformdirs.user_cache_dir("cascadeflow", appauthor=False), "models")
)


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """User state goes to a temporary folder; keys of the machine are not seen."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CASCADEFLOW_HOME", str(home))
    for name in list(os.environ):
        if name.endswith(KEY_ENDINGS) and not name.startswith("CASCADEFLOW"):
            monkeypatch.delenv(name)
    return home


@pytest.fixture(scope="session")
def embedded_models() -> Path:
    """Folder with all embedded models; fetched once into the user's cache."""
    from cascadeflow.catalog.embedded import EMBEDDED
    from cascadeflow.integrations.model_store import ModelStore

    store = ModelStore(MODELS)
    store.pull([model.name for model in EMBEDDED if store.path(model.name) is None])
    return MODELS
