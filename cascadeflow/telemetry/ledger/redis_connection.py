"""The way to a Redis server: connections for each event loop, and failures in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from cascadeflow.errors import ConfigError, LedgerError, MissingExtraError

_AT_ONCE: Final = 8
"""Requests, and so connections, of one event loop at a time."""

_HINTS: Final = {
    "AuthenticationError": "check user and password in the address",
    "NoPermissionError": "give the user of the address all rights on the ledger's keys",
    "ReadOnlyError": "this server is a replica; give the address of the primary",
    "MovedError": "the server is part of a cluster: RedisLedger(…, cluster=True)",
    "OutOfMemoryError": "raise the server's maxmemory",
    "ConnectionError": "check the address, and that the server runs",
    "TimeoutError": "check the address, and that the server runs",
}


@dataclass(frozen=True, slots=True)
class _Door:
    """A client of one event loop, how many may use it at a time, and what closes it."""

    client: Any
    free: asyncio.Semaphore
    opened: AsyncGenerator[_Door, None] | None = None


class RedisConnection:
    """Connections to one server, opened when first used and again after they broke.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://`` address.
        cluster: whether the server is a node of a Redis Cluster.
        patience: seconds to go on trying before `LedgerError`.

    Attributes:
        address: where the server is, without user and password.

    Raises:
        ConfigError: the address is none.
        MissingExtraError: the package ``redis`` is not installed.
    """

    def __init__(self, url: str, *, cluster: bool, patience: float) -> None:
        try:
            import redis.asyncio
        except ImportError:
            raise MissingExtraError("A ledger in Redis", extra="redis") from None
        del redis
        self.address = _address(url)
        self._url, self._cluster, self._patience = url, cluster, patience
        self._doors: dict[asyncio.AbstractEventLoop, _Door] = {}

    async def read(self, command: str, *arguments: Any, **options: Any) -> Any:
        """What a command answers that changes nothing.

        Args:
            command: name of the client's method.
            *arguments: of the command.
            **options: of the method.

        Raises:
            LedgerError: the server failed, or did not answer in time.
        """
        return await self._ask("read", lambda client: getattr(client, command)(*arguments, **options))

    async def run(self, operation: str, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """What a script answers. It may be run twice where a connection breaks.

        Args:
            operation: what it is, for error texts.
            script: Lua.
            keys: every key that it touches.
            arguments: of the script.

        Raises:
            LedgerError: the server failed, or did not answer in time.
        """
        return await self._ask(operation, lambda client: client.register_script(script)(keys=keys, args=arguments))

    async def _ask(self, operation: str, request: Callable[[Any], Awaitable[Any]]) -> Any:
        from redis.exceptions import RedisError

        try:
            async with asyncio.timeout(self._patience):
                door = await self._door()
                async with door.free:
                    return await request(door.client)
        except TimeoutError:
            raise self._failure(operation, f"no answer within {self._patience:g} s", "TimeoutError") from None
        except (RedisError, OSError) as error:
            kind = next((kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _HINTS), "")
            raise self._failure(operation, str(error).rstrip("."), kind) from error

    async def aclose(self) -> None:
        """Close the connections of this event loop."""
        door = self._doors.get(asyncio.get_running_loop())
        if door is not None and door.opened is not None:
            await door.opened.aclose()

    def _failure(self, operation: str, text: str, kind: str) -> LedgerError:
        hint = f"; {_HINTS[kind]}" if kind else ""
        return LedgerError(f"The ledger in Redis at {self.address} failed at {operation}: {text}{hint}.")

    async def _door(self) -> _Door:
        loop = asyncio.get_running_loop()
        if loop not in self._doors:
            opened = self._open(loop)
            self._doors[loop] = replace(await anext(opened), opened=opened)
        return self._doors[loop]

    async def _open(self, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[_Door, None]:
        """A loop that ends closes its generators, and this one then closes the connections."""
        from redis.asyncio import Redis, RedisCluster
        from redis.asyncio.retry import Retry
        from redis.backoff import ExponentialBackoff
        from redis.exceptions import ConnectionError as LostError
        from redis.exceptions import TimeoutError as LateError

        kind: Any = RedisCluster if self._cluster else Redis
        retry = Retry(ExponentialBackoff(cap=0.2, base=0.02), 3)
        more = {} if self._cluster else {"retry_on_error": [LostError, LateError]}
        # no time-out of its own beside `patience`: Python 3.11's wait_for, which it uses, may swallow a cancellation
        client = kind.from_url(self._url, decode_responses=True, retry=retry, socket_timeout=None, **more)
        try:
            yield _Door(client, asyncio.Semaphore(_AT_ONCE))
        finally:
            self._doors.pop(loop, None)
            await client.aclose()


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError("the address of the ledger has no such port; write redis://HOST:PORT/DATABASE") from None
    if parts.scheme == "unix" and parts.path:
        return parts.path
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ConfigError(
            f"the address of the ledger begins with {parts.scheme!r}; write redis://HOST:PORT/DATABASE, rediss://… "
            "or unix://PATH"
        )
    return f"{parts.hostname}:{port or 6379}{parts.path.rstrip('/')}"
