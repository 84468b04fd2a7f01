"""A model server on loopback that speaks every provider's own dialect from a script.

The path of a request decides the dialect: OpenAI's chat completions (also Groq, Together,
Fireworks, DeepSeek), Anthropic's messages, Ollama's and Cohere's JSON lines, Gemini's
``:streamGenerateContent``. Replies are taken from a list in turn, the last one repeating.

In tests: ``async with Loopback([Reply("Paris.")]) as server: … server.url … server.calls``.

By hand: ``python tests/integrations/loopback.py --port 8765 --script FILE``, where FILE is JSON:
a list of replies (objects with the fields of `Reply`), or an object that maps model names to such
lists, ``"*"`` for all others. ``GET /calls`` answers with what was asked so far.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from provider_dialects import DIALECTS, Call, Reply, error_body


class Loopback:
    """The server; an async context manager.

    Args:
        script: replies in turn, or per model name.
        port: 0 for any free one.

    Attributes:
        calls: what was asked.
        left: how many clients went away before their answer was complete.
    """

    def __init__(self, script: list[Reply] | dict[str, list[Reply]], port: int = 0) -> None:
        self.script = script if isinstance(script, dict) else {"*": script}
        self.port = port
        self.calls: list[Call] = []
        self.left = 0
        self._turns: dict[str, int] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Loopback:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=2**24)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def wait_left(self, count: int, seconds: float = 5.0) -> None:
        """Wait until so many clients have gone away early."""
        end = time.monotonic() + seconds
        while self.left < count and time.monotonic() < end:
            await asyncio.sleep(0.01)
        assert self.left >= count, f"{self.left} of {count} clients have gone away"

    def _next(self, model: str) -> Reply:
        key = model if model in self.script else "*"
        replies = self.script.get(key) or [Reply(status=404, message=f"The model `{model}` does not exist")]
        turn = self._turns.get(key, 0)
        self._turns[key] = turn + 1
        return replies[min(turn, len(replies) - 1)]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client is gone, or the test is over
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {key.lower(): value for key, value in (line.split(": ", 1) for line in head[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        path = target.split("?", 1)[0]
        if method == "GET":
            self._plain(writer, 200, [asdict(call) for call in self.calls] if path == "/calls" else {})
            return True
        try:
            body = json.loads(raw)
        except ValueError:
            body = {"raw": raw.decode()}
        call = Call(path, headers, body)
        self.calls.append(call)
        dialect = next(((speak, kind) for pattern, speak, kind in DIALECTS if pattern.search(path)), None)
        if dialect is None:
            self._plain(writer, 200, {"access_token": "fake", "expires_in": 3600, "token_type": "Bearer"})
            return True
        model = body.get("model") or path.rsplit("/", 1)[-1].split(":")[0]
        reply = self._next(model)
        if reply.body is not None or reply.status != 200:
            self._plain(writer, reply.status, reply.body or error_body(reply, path), reply.headers)
            return True
        stream = asyncio.ensure_future(self._stream(writer, reply, call, *dialect))
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({stream, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not stream.done():
                self.left += 1
            return False
        finally:
            for part in (stream, gone):
                part.cancel()
            await asyncio.gather(stream, gone, return_exceptions=True)

    async def _stream(self, writer: asyncio.StreamWriter, reply: Reply, call: Call, speak: Any, kind: str) -> None:
        await asyncio.sleep(reply.delay)
        extra = "".join(f"{key}: {value}\r\n" for key, value in reply.headers.items())
        writer.write(
            f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n"
            f"connection: close\r\n{extra}\r\n".encode()
        )
        sent = 0
        for line in speak(reply, call):
            if line is None:
                if sent == reply.cut_after:
                    writer.transport.abort()
                    return
                if sent == reply.hang_after:
                    await asyncio.sleep(3600)
                sent += 1
                continue
            name, data = line
            text = data if isinstance(data, str) else json.dumps(data)
            if kind == "text/event-stream":
                text = (f"event: {name}\n" if name else "") + f"data: {text}\n"
            block = (text + "\n").encode()
            writer.write(b"%x\r\n%b\r\n" % (len(block), block))
            await writer.drain()
            if reply.pace:
                await asyncio.sleep(reply.pace)
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    def _plain(self, writer: asyncio.StreamWriter, status: int, body: Any, extra: dict[str, str] | None = None) -> None:
        raw = (body if isinstance(body, str) else json.dumps(body)).encode()
        headers = {"content-type": "application/json", "content-length": str(len(raw)), **(extra or {})}
        lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
        writer.write(f"HTTP/1.1 {status} Status\r\n{lines}\r\n".encode() + raw)


def _load(path: Path) -> list[Reply] | dict[str, list[Reply]]:
    data = json.loads(path.read_text("utf-8"))
    if isinstance(data, dict):
        return {model: [Reply(**reply) for reply in replies] for model, replies in data.items()}
    return [Reply(**reply) for reply in data]


async def _main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=Path, required=True)
    options = parser.parse_args()
    async with Loopback(_load(options.script), options.port) as server:
        print(server.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
