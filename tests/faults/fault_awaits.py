"""Stops a run at one of its awaits: its task is driven step by step, and each suspension is counted."""

from __future__ import annotations

import asyncio
import types
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import Any

from cascadeflow.client import Chunk, Delta, ModelRequest
from cascadeflow.telemetry.ledger import Ledger
from cascadeflow.testing import ScriptedClient


class Awaits:
    """Within its block, counts the awaits of a run's task and acts at one of them.

    Args:
        at: number of the await, from 0.
        act: what happens there; an exception that it returns is raised by that await.
        ever_after: whether it happens at every later await as well.
    """

    def __init__(self, at: int, act: Callable[[], BaseException | None], *, ever_after: bool = False) -> None:
        self.at, self.act, self.ever_after = at, act, ever_after
        self.count = 0

    def __enter__(self) -> None:
        asyncio.get_running_loop().set_task_factory(self._task)

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().set_task_factory(None)

    def _task(self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task:
        if getattr(work, "__qualname__", "") == "RunStream._run":
            work = self._watched(work)
        return asyncio.Task(work, loop=loop, **options)

    async def _watched(self, work: Coroutine[Any, Any, Any]) -> Any:
        return await self._steps(work)

    @types.coroutine
    def _steps(self, work: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
        send, argument = work.send, None
        while True:
            try:
                awaited = send(argument)
            except StopIteration as end:
                return end.value
            here, self.count = self.count, self.count + 1
            error = self.act() if here == self.at or (self.ever_after and here > self.at) else None
            if error is not None:
                send, argument = work.throw, error
                continue
            try:
                send, argument = work.send, (yield awaited)
            except BaseException as raised:
                send, argument = work.throw, raised


class SlowClient(ScriptedClient):
    """Lets others run before each word and at its end; counts the words that each call handed over."""

    def __init__(self, answers: dict[str, list[Any]]) -> None:
        super().__init__(answers)
        self.words: list[int] = []

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        call = len(self.words)
        self.words.append(0)
        await asyncio.sleep(0)
        try:
            async for chunk in super().stream(request):
                await asyncio.sleep(0)
                self.words[call] += isinstance(chunk, Delta)
                yield chunk
        finally:
            await asyncio.sleep(0)


def let_others_run(ledger: Ledger) -> None:
    """Make every operation of a ledger an await, before and after it is carried out."""
    for name in ("reserve", "settle", "balances", "expire"):
        operation = getattr(ledger, name)

        async def slow(*arguments: Any, operation: Callable[..., Any] = operation) -> Any:
            await asyncio.sleep(0)
            answer = await operation(*arguments)
            await asyncio.sleep(0)
            return answer

        setattr(ledger, name, slow)
