"""The embedded models in memory: loaded when asked, the longest unused ones dropped, each answering one at a time.

Everything here blocks and is called from the threads that answer.
"""

from __future__ import annotations

import atexit
import os
import platform
import secrets
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cascadeflow.errors import BadRequestError, MissingExtraError, ModelNotFoundError
from cascadeflow.integrations.cores import usable_cores

_BATCH = 64  # prompt tokens between two looks at whether to stop; larger batches were not faster on CPUs
_loading = threading.Lock()  # llama.cpp sets its log level for the whole process while it loads


class StoppedError(Exception):
    """Nobody waits for the answer any more. Never leaves the client."""


@dataclass(slots=True)
class _Loaded:
    context: int
    size: int
    server: Any = None
    user: threading.Event | None = None  # stops the answer that has it now
    used: int = 0


class ModelPool:
    """Models in memory.

    Args:
        max_loaded: models in memory at most.
        max_bytes: bytes of their files at most; None: no limit.
        threads: threads that compute an answer; None: the usable physical cores but one, so that
            the rest of the program stays alive, at least one.
    """

    def __init__(self, max_loaded: int, max_bytes: int | None, threads: int | None) -> None:
        cores = usable_cores()
        self.max_loaded, self.max_bytes = max_loaded, max_bytes
        self.threads = threads or max(1, cores - 1)
        self._at_once = max(1, cores // self.threads)  # answers; threads without a core of their own stall the others
        self._models: dict[Path, _Loaded] = {}
        self._uses = 0
        self._turn = threading.Condition()
        self._closed = False
        _pools.add(self)

    @property
    def loaded(self) -> tuple[Path, ...]:
        """Files of the models in memory."""
        with self._turn:
            return tuple(path for path, model in self._models.items() if model.server is not None)

    @contextmanager
    def use(self, path: Path, context: int, stop: threading.Event) -> Iterator[Any]:
        """Have a model to oneself.

        Args:
            path: GGUF file.
            context: tokens of prompt and answer that must fit.
            stop: when set (and `wake` is called), waiting ends.

        Yields:
            The loaded model, an ``xllamacpp.Server``.

        Raises:
            StoppedError: `stop` was set, or the pool is closed.
            ModelNotFoundError: the file cannot be loaded.
            BadRequestError: it is larger than `max_bytes`.
            MissingExtraError: the runtime is not installed.
        """
        with self._turn:
            model = self._claim(path, context, stop)
        try:
            if model.server is None:
                with _loading:
                    model.server = _load(path, model.context, self.threads)
            if stop.is_set():
                raise StoppedError
            yield model.server
        finally:
            with self._turn:
                model.user = None
                if model.server is None or self._closed:
                    del self._models[path]
                self._turn.notify_all()

    def wake(self) -> None:
        """Let those who wait for a model look at whether they still have to."""
        with self._turn:
            self._turn.notify_all()

    def close(self) -> None:
        """Stop what is answering, wait until it has, and drop all models."""
        with self._turn:
            self._closed = True
            for stop in self._users():
                stop.set()
            self._turn.notify_all()
            self._turn.wait_for(lambda: not self._users())
            self._models.clear()

    def _users(self) -> list[threading.Event]:
        return [model.user for model in self._models.values() if model.user is not None]

    def _claim(self, path: Path, context: int, stop: threading.Event) -> _Loaded:
        size = path.stat().st_size
        if self.max_bytes is not None and size > self.max_bytes:
            raise BadRequestError(
                f"{path.name} has {size:,} bytes, and the embedded models may have {self.max_bytes:,} in memory "
                f"(max_bytes): raise it or use a smaller model"
            )
        while True:
            if stop.is_set() or self._closed:
                raise StoppedError
            model = self._models.get(path)
            if len(self._users()) < self._at_once and (model is None or model.user is None):
                if model is None or model.context < context:
                    model = self._load_later(path, context, size)
                if model is not None:
                    self._uses += 1
                    model.user, model.used = stop, self._uses
                    return model
            self._turn.wait()

    def _load_later(self, path: Path, context: int, size: int) -> _Loaded | None:
        """A place for another model, whose predecessors make room; None where those are answering right now."""
        self._models.pop(path, None)  # loaded, but with too small a context
        idle = sorted((file for file, model in self._models.items() if model.user is None), key=self._last_use)
        while not self._fits(size):
            if not idle:
                return None
            del self._models[idle.pop(0)]
        model = self._models[path] = _Loaded(context, size)
        return model

    def _last_use(self, path: Path) -> int:
        return self._models[path].used

    def _fits(self, size: int) -> bool:
        total = size + sum(model.size for model in self._models.values())
        return len(self._models) < self.max_loaded and (self.max_bytes is None or total <= self.max_bytes)


def _load(path: Path, context: int, threads: int) -> Any:
    try:
        import xllamacpp
    except ImportError as error:
        raise MissingExtraError("Answering with an embedded model", extra="local") from error

    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelNotFoundError(f"{path} is not a GGUF file")
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = context
    params.n_parallel = 1
    params.n_batch = params.n_ubatch = _BATCH
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.warmup = False
    params.fit_params = False
    params.cache_ram_mib = 0  # else up to 8 GB of old prompts
    # Repacked weights: a sixth faster on x86, but twice the memory and three seconds more to load
    params.no_extra_bufts = platform.machine().lower() in ("x86_64", "amd64")
    params.verbosity = -1  # silence: the host process speaks JSON on its standard output
    # The runtime always opens a server. Nobody shall talk to it: a secret, and where the system
    # has them a socket file that is gone as soon as it is open.
    params.ui = params.endpoint_slots = False
    params.n_threads_http = 1
    params.api_keys = [secrets.token_hex()]
    folder = tempfile.mkdtemp(prefix="cf-")
    try:
        if os.name == "posix":
            params.hostnames = [f"{folder}/s.sock"]
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelNotFoundError(
            f"{path} could not be loaded: it is damaged, of a kind that this llama.cpp does not know, "
            f"or there is not enough memory for it"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_pools: weakref.WeakSet[ModelPool] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """A model that is answering while the interpreter goes away would crash the process."""
    for pool in _pools:
        pool.close()
