"""The other end of `HostClient`: runs a client and answers for it over pipes."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any, BinaryIO

from cascadeflow.client import ModelClient, ModelRequest, chunk_to_dict
from cascadeflow.errors import CascadeFlowError, ConfigError, ModelCallError, error_to_dict
from cascadeflow.integrations.provider_errors import redact

_EXIT_SECONDS = 2.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until stdin ends, then leave the process.

    Args:
        arguments: of the command line; None: those of this process.
    """
    parser = argparse.ArgumentParser(prog="python -m cascadeflow.integrations.host", description=__doc__)
    parser.add_argument("--client", default="default", help="default, recorded:PATH, or module:attr of a factory")
    name = parser.parse_args(arguments).client
    requests, replies = _own_pipes()
    try:
        client = make_client(name)
    except CascadeFlowError as error:
        sys.exit(str(error))
    asyncio.run(_Server(client, requests, replies).run())
    sys.stderr.flush()
    # Not sys.exit: that waits for the threads of libraries, and one may be at work on an answer
    # that nobody wants any more.
    os._exit(0)


def make_client(name: str) -> ModelClient:
    """The client that a name stands for.

    Args:
        name: ``default``, ``recorded:PATH``, or ``module:attr``.

    Raises:
        ConfigError: it stands for none.
    """
    kind, _, rest = name.partition(":")
    if name == "default":
        from cascadeflow.integrations.default import DefaultClient

        return DefaultClient()
    if kind == "recorded" and rest:
        from cascadeflow.integrations.recorded import RecordedClient

        return RecordedClient(rest)
    try:
        client: ModelClient = getattr(import_module(kind), rest)()
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"there is no client {name!r} ({error}); use default, recorded:PATH, or module:attr of a factory"
        ) from error
    return client


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for the protocol; whatever libraries print or read goes elsewhere."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123  # a device
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return requests, replies


class _Server:
    """Many requests at a time, one task each."""

    def __init__(self, client: ModelClient, requests: BinaryIO, replies: BinaryIO) -> None:
        self._client = client
        self._requests = requests
        self._replies = replies
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._answers: dict[int, asyncio.Task[dict[str, Any]]] = {}
        self._others: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        threading.Thread(target=self._listen, args=(asyncio.get_running_loop(),), daemon=True).start()
        self._send({"ready": True})
        while (line := await self._inbox.get()) is not None:
            message = json.loads(line)
            if message["op"] == "stream":
                self._start(message["id"], ModelRequest.from_dict(message["request"]))
            elif message["op"] == "cancel" and message["id"] in self._answers:
                self._answers[message["id"]].cancel()
            elif message["op"] == "warm":
                warm_up = asyncio.create_task(self._warm_up(message["provider"]))
                self._others.add(warm_up)
                warm_up.add_done_callback(self._others.discard)
        tasks = (*self._answers.values(), *self._others)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.aclose()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read in a thread: lines of any length, on every platform."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            for line in self._requests:
                loop.call_soon_threadsafe(self._inbox.put_nowait, line)
            loop.call_soon_threadsafe(self._inbox.put_nowait, None)
        # The parent is gone. A client that cannot be closed must not outlive it.
        time.sleep(_EXIT_SECONDS)
        os._exit(1)

    def _start(self, number: int, request: ModelRequest) -> None:
        def finish(done: asyncio.Task[dict[str, Any]]) -> None:
            del self._answers[number]
            self._send({"id": number, **({"end": True} if done.cancelled() else done.result())})

        task = asyncio.create_task(self._answer(number, request))
        self._answers[number] = task
        task.add_done_callback(finish)

    async def _answer(self, number: int, request: ModelRequest) -> dict[str, Any]:
        try:
            async with contextlib.aclosing(self._client.stream(request)) as chunks:
                async for chunk in chunks:
                    self._send({"id": number, "chunk": chunk_to_dict(chunk)})
        except CascadeFlowError as error:
            return {"error": error_to_dict(error)}
        except Exception as error:
            words = redact(f"the client failed: {type(error).__name__}: {error}")
            return {"error": error_to_dict(ModelCallError(words, model=request.model, provider=request.provider))}
        return {"end": True}

    async def _warm_up(self, provider: str) -> None:
        warm_up = getattr(self._client, "warm_up", None)
        if warm_up is not None:
            with contextlib.suppress(Exception):  # what is missing is told by the first call that needs it
                await warm_up(provider)

    def _send(self, reply: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):  # the parent is gone, which the end of stdin tells
            self._replies.write(json.dumps(reply).encode() + b"\n")
            self._replies.flush()
