"""Any client in a child process, so that its imports, its memory and its crashes are not ours.

JSON lines over pipes. To the child: ``{"op": "stream", "id": …, "request": …}``,
``{"op": "cancel", "id": …}``, ``{"op": "warm", "provider": …}``. From it: ``{"ready": true}`` once,
then for each request ``{"id": …, "chunk": …}`` and at its end ``{"id": …, "end": true}`` or
``{"id": …, "error": …}``. The child (`host_child`) ends when its stdin does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from cascadeflow.client import Chunk, Completed, ModelRequest, chunk_from_dict
from cascadeflow.errors import ClientCrashedError, ConnectionLostError, ModelCallError, call_error_from_dict
from cascadeflow.integrations.prompt_tokens import prompt_upper_bound
from cascadeflow.schema import LeftOut, ModelConfig

_CANCEL_SECONDS = 1.0
_EXIT_SECONDS = 3.0
_CRASHES = 3
_CRASH_SECONDS = 30.0
_LONGEST_LINE = 1 << 30
_TAIL_BYTES = 4096
_TAIL_LINES = 8


class HostClient:
    """A `ModelClient` that lives in a child process, started at the first call and after a crash.

    Args:
        client: ``default``, ``recorded:PATH``, or ``module:attr`` for a class or function that
            makes a client when called without arguments.
        env: environment variables for the child, on top of this process's.
        start: command that starts the child; None: this Python.

    Example:
        >>> client = HostClient("recorded:answers.jsonl")
    """

    def __init__(
        self, client: str = "default", env: Mapping[str, str] | None = None, start: Sequence[str] | None = None
    ) -> None:
        self._name = client
        self._env = dict(env or {})
        self._start = tuple(
            start
            or (sys.executable, "-P", "-X", "faulthandler", "-m", "cascadeflow.integrations.host", "--client", client)
        )
        self._child: _Child | None = None
        self._crashes: deque[float] = deque(maxlen=_CRASHES)
        self._last_words = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = asyncio.Lock()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Have the child ask.

        Args:
            request: the call.

        Yields:
            What the client in the child yields. Closing stops the call there too, and waits for
            that no longer than a second.

        Raises:
            ModelCallError: as raised in the child.
            ClientCrashedError: the child died, or died too often to be started again now.
        """
        child = await self._running(request)
        number, inbox = child.ask(request)
        over = False
        try:
            while (reply := await inbox.get()) is not None:
                over = "chunk" not in reply
                if over:
                    raise _end_error(reply, request)
                chunk = chunk_from_dict(reply["chunk"])
                over = isinstance(chunk, Completed)
                yield chunk
                if over:
                    return
            over = True
            raise ClientCrashedError(child.obituary, model=request.model, provider=request.provider)
        finally:
            await child.forget(number, cancel=not over)

    def count_prompt_tokens(self, request: ModelRequest) -> int:
        """An upper bound of the prompt tokens, worked out in this process."""
        return prompt_upper_bound(request)

    def unavailable(self, model: ModelConfig) -> LeftOut | None:
        """What a model lacks to be called, as far as the hosted client needs keys and files."""
        if self._name != "default":
            return None
        from cascadeflow.integrations.default import unavailable

        return unavailable(model)

    async def warm_up(self, provider: str) -> None:
        """Start the child and have it import what a provider needs; does not wait for the import.

        Args:
            provider: one of the nine, or ``local``.
        """
        (await self._running(None)).send({"op": "warm", "provider": provider})

    async def aclose(self) -> None:
        """End the child; it gets three seconds to free what it holds. A later call starts another."""
        child, self._child = self._child, None
        if child is not None and self._loop is asyncio.get_running_loop():
            await child.close()

    async def _running(self, request: ModelRequest | None) -> _Child:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # The child of another loop died with it, since that loop's tasks were cancelled.
            self._loop, self._lock, self._child = loop, asyncio.Lock(), None
        async with self._lock:
            if self._child is None or self._child.dead:
                self._refuse_endless_crashes(request)
                self._child = await self._new_child(request)
            return self._child

    async def _new_child(self, request: ModelRequest | None) -> _Child:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._start,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=_environment(self._env),
                limit=_LONGEST_LINE,
                start_new_session=True,  # Ctrl+C in the terminal is for the parent alone
            )
        except OSError as error:
            raise _crash(f"The process for the models cannot be started: {error}", request) from error
        return _Child(process, self._note_crash)

    def _note_crash(self, obituary: str) -> None:
        self._crashes.append(time.monotonic())
        self._last_words = obituary

    def _refuse_endless_crashes(self, request: ModelRequest | None) -> None:
        if len(self._crashes) < _CRASHES:
            return
        left = self._crashes[0] + _CRASH_SECONDS - time.monotonic()
        if left > 0:
            raise _crash(
                f"The process for the models died {_CRASHES} times within {_CRASH_SECONDS:g} s; "
                f"it is not started again for {left:.0f} s. The last time: {self._last_words}",
                request,
            )


class _Child:
    """A child process, the requests it is at work on, and the task that hands out its replies."""

    def __init__(self, process: asyncio.subprocess.Process, on_crash: Callable[[str], None]) -> None:
        self.dead = False
        self.obituary = ""
        self._process = process
        self._on_crash = on_crash
        self._stdin = cast("asyncio.StreamWriter", process.stdin)
        self._stdout = cast("asyncio.StreamReader", process.stdout)
        self._stderr = cast("asyncio.StreamReader", process.stderr)
        self._open: dict[int, tuple[ModelRequest, asyncio.Queue[dict[str, Any] | None]]] = {}
        self._count = 0
        self._ready = False
        self._closing = False
        self._tail = b""
        self._tail_reader = asyncio.create_task(self._read_stderr())
        self._reader = asyncio.create_task(self._read_replies())

    def ask(self, request: ModelRequest) -> tuple[int, asyncio.Queue[dict[str, Any] | None]]:
        """Send a request; replies come to the queue, None when the child dies."""
        self._count += 1
        inbox: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        if self.dead:
            inbox.put_nowait(None)
        self._open[self._count] = request, inbox
        self.send({"op": "stream", "id": self._count, "request": request.to_dict()})
        return self._count, inbox

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; that the child is gone is told by its replies."""
        with contextlib.suppress(ConnectionError, RuntimeError):
            self._stdin.write(json.dumps(message).encode() + b"\n")

    async def forget(self, number: int, *, cancel: bool) -> None:
        """Drop a request; if it is under way, have it stopped, and wait a moment until it is."""
        _, inbox = self._open[number]
        try:
            if cancel and not self.dead:
                self.send({"op": "cancel", "id": number})
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_CANCEL_SECONDS):
                        while (reply := await inbox.get()) is not None and "chunk" in reply:
                            pass
        finally:
            del self._open[number]

    async def close(self) -> None:
        """Close its stdin, which ends it; kill it when it does not end."""
        self._closing = True
        self._stdin.close()
        await asyncio.wait({self._reader}, timeout=_EXIT_SECONDS)
        self._kill()
        await self._reader

    async def _read_replies(self) -> None:
        try:
            while line := await self._stdout.readline():
                reply = json.loads(line)
                self._ready = self._ready or "ready" in reply
                if reply.get("id") in self._open:
                    self._open[reply["id"]][1].put_nowait(reply)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EXIT_SECONDS):
                    await self._process.wait()
        finally:
            self._kill()
            code = await self._process.wait()
            await self._tail_reader
            self._stdin.close()
            self.dead = True
            self.obituary = self._describe(code)
            for _, inbox in self._open.values():
                inbox.put_nowait(None)
            if not self._closing:
                self._on_crash(self.obituary)

    async def _read_stderr(self) -> None:
        while data := await self._stderr.read(_TAIL_BYTES):
            self._tail = (self._tail + data)[-_TAIL_BYTES:]

    def _kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _describe(self, code: int) -> str:
        if self._closing:
            return "The process for the models was closed during the call."
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"
        when = "" if self._ready else " while it started"
        words = self._last_words()
        return f"The process for the models {how}{when}{f'; its last words: {words}' if words else '.'}"

    def _last_words(self) -> str:
        """The end of its stderr, without keys and without what it was asked."""
        from cascadeflow.integrations.provider_errors import redact

        text = self._tail.decode(errors="replace")
        for request, _ in self._open.values():
            for message in request.messages:
                for line in str(message.get("content") or "").splitlines():
                    if line.strip():
                        text = text.replace(line.strip(), "[prompt]")
        return "\n".join(redact(text).strip().splitlines()[-_TAIL_LINES:])


def _crash(message: str, request: ModelRequest | None) -> ClientCrashedError:
    return ClientCrashedError(
        message, model=request.model if request else "", provider=request.provider if request else ""
    )


def _end_error(reply: dict[str, Any], request: ModelRequest) -> ModelCallError:
    if "error" in reply:
        return call_error_from_dict(reply["error"])
    return ConnectionLostError(
        "the client stopped in the middle of the answer", model=request.model, provider=request.provider
    )


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The child's environment; it finds this very package, also where that is not installed."""
    env = {**os.environ, **extra}
    root = Path(__file__).resolve().parents[2]
    if root.name not in ("site-packages", "dist-packages"):
        env["PYTHONPATH"] = os.pathsep.join(part for part in (str(root), env.get("PYTHONPATH")) if part)
    return env


if __name__ == "__main__":
    from cascadeflow.integrations.host_child import main

    main()
