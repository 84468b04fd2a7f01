"""`RunStream`: the events of one run, as an async iterator over a task of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType

from cascadeflow.errors import CascadeFlowError
from cascadeflow.events import TERMINAL, Event, RunFinished
from cascadeflow.schema import CascadeResult

_RUNNING: set[asyncio.Task[None]] = set()
"""Runs under way; holds on to a run whose reader has left, until its money is settled."""


class RunStream:
    """The events of one run.

    The run starts with the first event asked for, and is a task of its own: whoever stops
    reading, or closes the stream, still gets every call settled. Use it as an async context
    manager to stop the run when the block is left.

    Attributes:
        result: what the run came to, once it has finished.
        error: the error that `CascadeAgent.run` would raise, once the run has failed.

    Example:
        >>> async def show(agent):
        ...     async with agent.stream("What is 17 * 23?") as stream:
        ...         async for event in stream:
        ...             print(event)
    """

    def __init__(self, body: Callable[[RunStream], Awaitable[None]]) -> None:
        self._body = body
        self._events: deque[Event] = deque()
        self._wake: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None
        self._ended = self._waiting = self._begun = self._stopped = False
        self.result: CascadeResult | None = None
        self.error: CascadeFlowError | None = None

    def push(self, event: Event) -> None:
        """Hand an event to the reader; the engine calls this."""
        self._events.append(event)
        if type(event) is RunFinished:
            self.result = event.result
        if self._waiting and self._wake is not None:
            self._wake.set()

    def start(self) -> None:
        """Start the run without reading yet."""
        if self._task is None:
            self._wake = asyncio.Event()
            self._task = asyncio.ensure_future(self._run())
            _RUNNING.add(self._task)
            self._task.add_done_callback(_RUNNING.discard)

    async def _run(self) -> None:
        self._begun = True
        try:
            await self._body(self)
        finally:
            self._ended = True
            if self._wake is not None:
                self._wake.set()

    @property
    def stopped(self) -> bool:
        """Whether somebody asked the run to stop; one that has not begun then begins, and ends, with nothing asked."""
        return self._stopped

    def cancel(self) -> None:
        """Stop the run; its last event, `RunCancelled`, can still be read."""
        if self._task is None:
            self.start()
        self._stopped = True
        if self._task is not None and self._begun and not self._ended:
            self._task.cancel()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        self.start()
        while not self._events:
            if self._ended:
                await self._raise_failure()
                raise StopAsyncIteration
            await self._news()
        return self._events.popleft()

    async def _news(self, *, of_the_end: bool = False) -> None:
        """Wait for the next event, or only for the end."""
        assert self._wake is not None  # noqa: S101  # start() made it
        self._wake.clear()
        self._waiting = not of_the_end
        try:
            await self._wake.wait()
        finally:
            self._waiting = False

    async def _raise_failure(self) -> None:
        """A bug in the engine must not look like the end of a stream."""
        if self._task is not None and self._task.done() and not self._task.cancelled():
            error = self._task.exception()
            if error is not None:
                raise error

    async def aclose(self) -> None:
        """Stop the run if it is under way, and wait until its money is settled."""
        if self._task is None or self._task.done():
            return
        self.cancel()
        await asyncio.wait([self._task])

    async def __aenter__(self) -> RunStream:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def until_done(self) -> Event:
        """Read to the end.

        Returns:
            The terminal event.
        """
        self.start()
        try:
            if not self._ended:
                await self._news(of_the_end=True)
            await self._raise_failure()
        except asyncio.CancelledError:
            await self.aclose()
            raise
        last = self._events[-1]
        self._events.clear()
        assert isinstance(last, TERMINAL)  # noqa: S101  # every run ends with one
        return last
