"""Every test gets an empty home of its own and no keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest
from redis_server import RedisServer

if TYPE_CHECKING:
    from cascadeflow.telemetry.ledger import Ledger

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


@pytest.fixture(scope="session")
def _encoder_file() -> None:
    """The file of the sentence encoder; fetched once into the user's cache."""
    from cascadeflow.catalog import ENCODER
    from cascadeflow.integrations.model_store import ModelStore

    store = ModelStore(MODELS)
    if store.path(ENCODER.name) is None:
        store.pull(ENCODER.name)


@pytest.fixture
def sentence_encoder(_encoder_file: None, own_home: Path) -> None:
    """The sentence encoder is in the folder that this test's home has for models."""
    (own_home / "models").symlink_to(MODELS)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis server for all tests of a session."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """Address of an empty Redis."""
    redis_server.ask("FLUSHALL")
    return redis_server.url


@pytest.fixture
def ledger_of(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Ledger]:
    """Makes ledgers of a kind: ``memory``, ``sqlite`` or ``redis``; each is empty."""
    numbers = count()

    def make(kind: str) -> Ledger:
        from cascadeflow.telemetry.ledger import MemoryLedger, RedisLedger, SQLiteLedger

        if kind == "redis":
            return RedisLedger(request.getfixturevalue("redis_url"), prefix=f"test-{next(numbers)}")
        return MemoryLedger() if kind == "memory" else SQLiteLedger(tmp_path / f"ledger-{next(numbers)}.db")

    return make
