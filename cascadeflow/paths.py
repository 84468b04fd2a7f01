"""Where user state lives: one folder if ``CASCADEFLOW_HOME`` is set, else the platform's own."""

from __future__ import annotations

import os
from pathlib import Path


def _folder(kind: str) -> Path:
    home = os.environ.get("CASCADEFLOW_HOME")
    if home:
        return Path(home).expanduser()
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")("cascadeflow", appauthor=False))


def data_dir() -> Path:
    """Ledger, history and unsent text."""
    return _folder("data")


def config_dir() -> Path:
    """``settings.toml`` and the user's own presets."""
    return _folder("config")


def models_dir() -> Path:
    """Embedded models; large, and can be fetched again."""
    return _folder("cache") / "models"


def ledger_path() -> Path:
    """SQLite file of the budget counters."""
    return data_dir() / "ledger.db"


def history_path() -> Path:
    """SQLite file of the recorded runs."""
    return data_dir() / "history.db"


def private_dir(path: Path) -> Path:
    """Make a folder that only its owner can read."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
