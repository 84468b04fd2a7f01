"""A model hub on loopback that serves one file, with faults from a list."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hub(ThreadingHTTPServer):
    """Answers in turn as `behaviours` says, the last one for ever.

    ``whole``: as asked; ``no-range``: always from the start; ``cut``: the connection breaks in the middle;
    ``page``: something else with status 200; a number: that status.
    """

    daemon_threads = True

    def __init__(self, content: bytes, behaviours: tuple[str | int, ...]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content, self.behaviours = content, list(behaviours)
        self.ranges: list[str | None] = []
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        hub = self.server
        hub.paths.append(self.path)
        hub.ranges.append(self.headers["Range"])
        behaviour = hub.behaviours.pop(0) if len(hub.behaviours) > 1 else hub.behaviours[0]
        if isinstance(behaviour, int):
            self.send_error(behaviour)
            return
        body, start = hub.content, 0
        if behaviour == "page":
            body = b"<html>Please log in</html>"
        elif behaviour != "no-range":
            start = int(re.fullmatch(r"bytes=(\d+)-", self.headers["Range"])[1])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        rest = body[start:]
        self.wfile.write(rest[: len(rest) // 2] if behaviour == "cut" else rest)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(content: bytes, *behaviours: str | int):
    """The hub, running."""
    hub = Hub(content, behaviours or ("whole",))
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        thread.join()
        hub.server_close()
