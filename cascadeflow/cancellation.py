"""What must be done to the end although the task that does it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def despite_cancel(work: Awaitable[T]) -> T:
    """Await something that must not be left half done; a cancellation is raised after it.

    Args:
        work: what must complete.

    Returns:
        Its result.

    Raises:
        asyncio.CancelledError: the caller was cancelled meanwhile; `work` is done, or has failed.
    """
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
        except Exception:  # noqa: S112  # task.result() raises it below
            continue
    if cancelled and not task.cancelled():
        task.exception()
        raise asyncio.CancelledError
    return task.result()
