"""Many runs at once: results as they finish, a limit on how many are under way, a clean stop at a budget."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cascadeflow.errors import BudgetExceededError, CascadeFlowError, ConfigError
from cascadeflow.schema import CascadeResult, Message

if TYPE_CHECKING:
    from cascadeflow.core.agent import CascadeAgent


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """What became of one query of a batch.

    Attributes:
        index: position of the query, from 0.
        result: what the run came to; None: it failed.
        error: why it failed; None: it did not.
    """

    index: int
    result: CascadeResult | None = None
    error: CascadeFlowError | None = None


async def run_many(
    agent: CascadeAgent, queries: Iterable[str | Sequence[Message]], *, concurrency: int, options: dict[str, Any]
) -> AsyncGenerator[BatchItem, None]:
    """Run queries, at most so many at once; see `CascadeAgent.run_many`."""
    if concurrency < 1:
        raise ConfigError(f"concurrency is a number from 1, not {concurrency!r}", key="concurrency")
    waiting = enumerate(queries)
    under_way: set[asyncio.Task[BatchItem]] = set()
    stopped = False
    try:
        while True:
            while not stopped and len(under_way) < concurrency:
                following = next(waiting, None)
                if following is None:
                    stopped = True
                    break
                under_way.add(asyncio.ensure_future(_one(agent, *following, options)))
            if not under_way:
                return
            done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                item = task.result()
                stopped = stopped or isinstance(item.error, BudgetExceededError)
                yield item
    finally:
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way)


async def _one(agent: CascadeAgent, index: int, query: str | Sequence[Message], options: dict[str, Any]) -> BatchItem:
    try:
        return BatchItem(index=index, result=await agent.run(query, **options))
    except CascadeFlowError as error:
        return BatchItem(index=index, error=error)
