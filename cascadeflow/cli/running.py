"""Runs questions: one event loop, every event told, Ctrl+C and signals settle before they end it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cascadeflow.cli.failure import INTERRUPTED, StoppedError

if TYPE_CHECKING:
    from cascadeflow.cli.story import Sink
    from cascadeflow.core.run_stream import RunStream


async def follow(stream: RunStream, sink: Sink) -> None:
    """Tell a run to its end.

    Args:
        stream: the run.
        sink: gets every event, the terminal one included, also when the run is stopped.

    Raises:
        StoppedError: Ctrl+C or a signal stopped it; what was used is settled.
        CascadeFlowError: the run failed.
    """
    task = asyncio.current_task()
    codes: list[int] = []

    def stop(code: int) -> None:
        codes.append(code)
        stream.cancel()

    async with stream:
        with _signals(stop):
            while True:
                try:
                    event = await anext(stream)
                except StopAsyncIteration:
                    break
                except asyncio.CancelledError:  # asyncio's own answer to Ctrl+C
                    if task is not None:
                        task.uncancel()
                    stop(INTERRUPTED)
                    continue
                sink(event)
    if codes:
        raise StoppedError(codes[0])
    if stream.error is not None:
        raise stream.error


@contextmanager
def _signals(stop: Callable[[int], None]) -> Iterator[None]:
    """End the run in order when the process is asked to go, or its terminal is closed."""
    loop = asyncio.get_running_loop()
    handled = []
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, stop, 128 + number)
        except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
            continue
        handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
