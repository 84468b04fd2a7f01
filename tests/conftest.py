"""Every test gets an empty home of its own and no keys."""

from __future__ import annotations

from pathlib import Path

import pytest

KEY_ENDINGS = ("_API_KEY", "_API_BASE", "_TOKEN", "_CREDENTIALS", "_PROJECT", "_LOCATION")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """User state goes to a temporary folder; keys of the machine are not seen."""
    import os

    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CASCADEFLOW_HOME", str(home))
    for name in list(os.environ):
        if name.endswith(KEY_ENDINGS) and not name.startswith("CASCADEFLOW"):
            monkeypatch.delenv(name)
    return home
