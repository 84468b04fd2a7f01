"""Fetches embedded models in a child process and tells how far it is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cascadeflow.sanitise import one_line

COMMAND = (sys.executable, "-m", "cascadeflow", "models", "pull")
_LAST_WORDS = 5
_LONGEST_LINE = 1 << 20


@dataclass(slots=True)
class Pull:
    """One model on its way.

    Attributes:
        name: of the model.
        stage: what is being done; ``waiting``, ``done`` and ``error`` are ours.
        source: where it comes from.
        done_bytes, total_bytes: how far it is.
        error: what went wrong, and what to do.
    """

    name: str
    stage: str = "waiting"
    source: str = ""
    done_bytes: int = 0
    total_bytes: int = 0
    error: str = ""

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.done_bytes / self.total_bytes) if self.total_bytes else 0.0


class Pulls:
    """Fetches models one after the other, in the given order.

    Args:
        on_change: called whenever something moved.
        command: the command to run, without the model's name; None: `COMMAND`.

    Attributes:
        items: every model asked for, in order.
    """

    def __init__(self, on_change: Callable[[], None], command: Sequence[str] | None = None) -> None:
        self.items: list[Pull] = []
        self._on_change, self._command = on_change, tuple(command or COMMAND)
        self._process: asyncio.subprocess.Process | None = None
        self._running = self._closed = False

    @property
    def under_way(self) -> Pull | None:
        """The first that is not there yet and has not failed."""
        return next((pull for pull in self.items if pull.stage not in ("done", "error")), None)

    @property
    def failed(self) -> list[Pull]:
        """Those that failed."""
        return [pull for pull in self.items if pull.stage == "error"]

    async def fetch(self, names: Sequence[str]) -> None:
        """Fetch what is not fetched yet; a model that failed before is tried again."""
        for name in names:
            known = next((pull for pull in self.items if pull.name == name), None)
            if known is None:
                self.items.append(Pull(name))
            elif known.stage == "error":
                known.stage, known.error = "waiting", ""
        self._on_change()
        if self._running:
            return
        self._running = True
        try:
            while (pull := self.under_way) is not None and not self._closed:
                await self._fetch(pull)
                self._on_change()
        finally:
            self._running = False

    async def _fetch(self, pull: Pull) -> None:
        pull.stage = "starting"
        try:
            process = self._process = await asyncio.create_subprocess_exec(
                *self._command, pull.name, "--json",
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
                limit=_LONGEST_LINE, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            pull.stage, pull.error = "error", f"the download could not be started: {error}"
            return
        said: deque[str] = deque(maxlen=_LAST_WORDS)
        try:
            assert process.stdout is not None  # noqa: S101  # a pipe was asked for
            async for line in process.stdout:
                self._take(pull, line.decode("utf-8", "replace"), said)
            code = await process.wait()
        finally:
            await self._end()
        if pull.stage not in ("done", "error"):
            pull.stage = "error"
            pull.error = one_line(" ".join(said)) or f"the download ended with exit code {code}"

    def _take(self, pull: Pull, line: str, said: deque[str]) -> None:
        try:
            data = json.loads(line)
            stage = str(data["stage"])
        except (ValueError, TypeError, KeyError):
            said.append(line.strip())
            return
        pull.stage = stage
        pull.source = one_line(str(data.get("source") or pull.source))
        pull.done_bytes = int(data.get("done_bytes") or pull.done_bytes)
        pull.total_bytes = int(data.get("total_bytes") or pull.total_bytes)
        if stage == "error":
            pull.error = one_line(str(data.get("message") or "the download failed"))
        self._on_change()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)  # the fetcher starts processes of its own
            await process.wait()

    async def aclose(self) -> None:
        """Stop the download under way, and begin no other; it can be resumed later."""
        self._closed = True
        await self._end()
