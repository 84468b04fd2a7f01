"""Clients to run in a child process: what they do is written in the prompt."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path

from cascadeflow.client import Chunk, Completed, Delta, ModelRequest
from cascadeflow.errors import RateLimitError
from cascadeflow.schema import Usage


class Obedient:
    """Does what the prompt says."""

    def __init__(self) -> None:
        self.closed_early = 0
        self.warmed = ""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        order, _, rest = str(request.messages[-1]["content"]).partition(" ")
        if order == "say":
            for word in rest.split(" "):
                yield Delta(text=word, logprobs=(-0.5,))
                await asyncio.sleep(0)
        elif order == "repeat":
            yield Delta(text="x" * int(rest))
        elif order == "length":
            yield Delta(text=str(len(rest)))
        elif order == "pid":
            yield Delta(text=str(os.getpid()))
        elif order == "environment":
            yield Delta(text=os.environ.get(rest, ""))
        elif order == "wait":
            try:
                yield Delta(text="waiting")
                await asyncio.sleep(3600)
            finally:
                self.closed_early += 1
        elif order == "early":
            yield Delta(text=f"{self.closed_early} {self.warmed}")
        elif order == "print":
            print(rest, flush=True)
            subprocess.run([sys.executable, "-c", f"print({rest!r}); print(input())"], check=False)
            yield Delta(text="printed")
        elif order == "kill":
            yield Delta(text="half an ")
            os.kill(os.getpid(), int(rest))
            await asyncio.sleep(3600)
        elif order in ("exit", "exit,"):
            words = f"died with {os.environ.get('OPENAI_API_KEY')} and sk-abcdefgh12345; it was asked: "
            print(words + str(request.messages[-1]["content"]), file=sys.stderr, flush=True)
            os._exit(7)
        elif order == "segfault":
            ctypes.string_at(0)
        elif order == "block":
            time.sleep(float(rest))  # noqa: ASYNC251  # a client that blocks is what is tested
        elif order == "rate":
            raise RateLimitError("slow down", model=request.model, status=429, retry_after=7.0)
        elif order == "bug":
            raise KeyError(rest)
        elif order == "halve":
            yield Delta(text="half an")
            return
        yield Completed(usage=Usage(prompt_tokens=3, completion_tokens=2), finish_reason="stop")

    def count_prompt_tokens(self, request: ModelRequest) -> int:
        raise AssertionError("the parent counts")

    async def warm_up(self, provider: str) -> None:
        self.warmed = provider

    async def aclose(self) -> None:
        marker = os.environ.get("CASCADEFLOW_TEST_MARKER")
        if marker:
            Path(marker).write_text("closed")  # noqa: ASYNC240  # nobody waits


class Unwilling(Obedient):
    """Never stops when told to."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        yield Delta(text="waiting")
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue

    async def aclose(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(3600)  # noqa: ASYNC251  # a client that blocks is what is tested


def broken() -> Obedient:
    sys.exit("the factory gave up")
