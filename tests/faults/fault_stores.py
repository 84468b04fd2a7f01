"""Stores that really fail: a file that is locked, read-only, full or damaged; a server that is killed or mute.

Each is a ledger that works until `fail`, and works again after `mend`.
"""

from __future__ import annotations

import asyncio
import math
import resource
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from redis_server import RedisServer

from cascadeflow.telemetry.ledger import Ledger, MemoryLedger, RedisLedger, SQLiteLedger

OPERATIONS = ("read", "reserve", "settle", "release")


def operation_of(name: str, arguments: tuple[Any, ...]) -> str:
    """What a call to a ledger's method is about."""
    if name in ("expire", "balances"):
        return "read"
    return "release" if name == "settle" and arguments[1:] == (0, None) else name


def before(ledger: Ledger, operation: str, act: Callable[[], Awaitable[None]], *, after: bool = False) -> None:
    """Do something once, right before a ledger carries an operation out, or right after it.

    Args:
        ledger: its methods are wrapped.
        operation: one of `OPERATIONS`.
        act: what to do.
        after: whether it is done once the operation was carried out.
    """
    waiting = [act]

    def wrapped(name: str) -> Callable[..., Any]:
        method = getattr(ledger, name)

        async def acting(*arguments: Any) -> Any:
            due = waiting and operation_of(name, arguments) == operation
            if due and not after:
                await waiting.pop()()
            answer = await method(*arguments)
            if due and after:
                await waiting.pop()()
            return answer

        return acting

    for name in ("expire", "balances", "reserve", "settle"):
        setattr(ledger, name, wrapped(name))


class Store:
    """A ledger, and how to break and mend its store.

    Attributes:
        ledger: the ledger.
        breaks: the operations that fail meanwhile.
    """

    breaks = OPERATIONS
    ledger: Ledger
    failing = False

    async def open(self) -> None:
        """Begin to use it."""

    async def close(self) -> None:
        """End it."""
        await self.ledger.aclose()

    async def fail(self) -> None:
        """Break it."""
        self.failing = True
        await self.begin()

    async def mend(self) -> None:
        """Let it work again."""
        if self.failing:
            self.failing = False
            await self.end()

    async def begin(self) -> None:
        """What breaks it."""

    async def end(self) -> None:
        """What mends it."""


class FailingMemory(Store):
    """Memory does not fail; a store of the user's own may."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger()
        for name in ("expire", "balances", "reserve", "settle"):
            setattr(self.ledger, name, self._failing(getattr(self.ledger, name)))

    def _failing(self, method: Callable[..., Any]) -> Callable[..., Any]:
        async def maybe(*arguments: Any) -> Any:
            if self.failing:
                raise ConnectionResetError("by peer")
            return await method(*arguments)

        return maybe


class FileStore(Store):
    """A ledger in a file."""

    breaks = ("reserve", "settle", "release")

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ledger.db"
        self.ledger = SQLiteLedger(self.path)

    @property
    def database(self) -> Any:
        """What the ledger works with."""
        return self.ledger._database


class LockedFile(FileStore):
    """Another program is writing, and does not end."""

    async def begin(self) -> None:
        self.other = sqlite3.connect(self.path, isolation_level=None)
        self.other.execute("BEGIN IMMEDIATE")
        self.database.patience = 0.01

    async def end(self) -> None:
        self.database.patience = 5
        self.other.execute("ROLLBACK")
        self.other.close()


class ReadOnlyFile(FileStore):
    """Nothing may be written any more."""

    async def begin(self) -> None:
        self.database._pragmas = ("query_only = ON",)
        self.database.close()

    async def end(self) -> None:
        self.database._pragmas = ()
        self.database.close()


class FullDisk(FileStore):
    """The system takes no further byte of any file."""

    async def begin(self) -> None:
        self.limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, self.limits[1]))

    async def end(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.limits)


class DamagedFile(FileStore):
    """The file is overwritten, and comes back from a copy."""

    breaks = OPERATIONS  # it cannot even be read

    async def begin(self) -> None:
        self.database.close()
        self.copy = self.path.read_bytes()
        self.path.write_bytes(b"a shopping list, and not a short one " * 500)

    async def end(self) -> None:
        self.path.write_bytes(self.copy)


class ServerStore(Store):
    """A ledger in Redis, on a server that keeps a log."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        server.ask("FLUSHALL")
        self.ledger = RedisLedger(server.url)

    async def begin(self) -> None:
        self.ledger._server._patience = 0.05

    async def end(self) -> None:
        self.ledger._server._patience = 5


class KilledServer(ServerStore):
    """The server is killed, and started again."""

    async def begin(self) -> None:
        await super().begin()
        self.server.stop()

    async def end(self) -> None:
        await super().end()
        self.server.start()


class EmptiedServer(ServerStore):
    """The server is killed, started again, and has kept nothing."""

    breaks = ("settle", "release")

    async def begin(self) -> None:
        await super().begin()
        self.server.stop()

    async def end(self) -> None:
        await super().end()
        self.server.start()
        self.server.ask("FLUSHALL")


class MuteServer(ServerStore):
    """The server hears everything, answers nothing, and then makes up for it."""

    async def begin(self) -> None:
        await super().begin()
        self.server.pause()

    async def end(self) -> None:
        await super().end()
        self.server.resume()


class LostAnswers(ServerStore):
    """Requests arrive and are carried out; the connection breaks before the answer comes.

    Attributes:
        losing: how many answers are lost from now on.
    """

    def __init__(self, server: RedisServer) -> None:
        super().__init__(server)
        self.losing = 0.0
        self.carrying: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Put a loopback port of its own between ledger and server."""
        self.way = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        port = self.way.sockets[0].getsockname()[1]
        self.ledger = RedisLedger(f"redis://127.0.0.1:{port}/0")

    async def close(self) -> None:
        await super().close()
        self.way.close()
        await asyncio.gather(*self.carrying)

    async def begin(self) -> None:
        await super().begin()
        self.losing = math.inf

    async def end(self) -> None:
        await super().end()
        self.losing = 0

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.carrying.add(asyncio.current_task())
        answers, requests = await asyncio.open_connection("127.0.0.1", self.server.port)
        await asyncio.gather(self._pump(reader, requests), self._pump(answers, writer, back=True))

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, back: bool = False) -> None:
        with suppress(OSError):
            while piece := await source.read(65_536):
                if back and self.losing:
                    self.losing -= 1
                    break
                target.write(piece)
        target.close()
