"""The console in a browser of this machine: loopback only, and only for who has the token."""

from __future__ import annotations

import secrets
import shlex
import socket
from collections.abc import Callable, Sequence
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from textual_serve.server import Server

COOKIE: Final = "cascadeflow"
HOST: Final = "127.0.0.1"
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self' 'unsafe-inline' data:; connect-src 'self' ws://127.0.0.1:*; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Nothing is fetched from elsewhere, and no other page may frame this one."""


class ConsoleServer(Server):
    """Serves the console to one browser user.

    The address that is printed carries a token. Opening it trades the token for a cookie, so that it stays out of
    the history and of links; every other request needs the cookie.

    Args:
        command: opens the console, as a list of words.
        port: on loopback.
        token: what a browser must show.
    """

    def __init__(self, command: Sequence[str], port: int, token: str) -> None:
        super().__init__(shlex.join(command), host=HOST, port=port, title="CascadeFlow")
        self._token = token

    @property
    def address(self) -> str:
        """What the user opens."""
        return f"{self.public_url}/?token={self._token}"

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing; the command that serves says it."""

    async def make_app(self) -> web.Application:
        """The application, guarded."""
        app = await self._make_app()
        app.middlewares.append(self._guard())
        return app

    def _guard(self) -> Middleware:
        hosts = (f"{HOST}:{self.port}", f"localhost:{self.port}")

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            # A name of elsewhere that points here, or a page of elsewhere, must not get through to the console.
            origin = request.headers.get("Origin")
            if request.host not in hosts or (origin is not None and origin.removeprefix("http://") not in hosts):
                raise web.HTTPForbidden(text="This console is for this machine only.")
            given = request.query.get("token")
            if given is not None and secrets.compare_digest(given.encode(), self._token.encode()):
                response: web.StreamResponse = web.HTTPFound(f"http://{HOST}:{self.port}/")
                response.set_cookie(COOKIE, self._token, httponly=True, samesite="Strict")
                return response
            if not secrets.compare_digest(request.cookies.get(COOKIE, "").encode(), self._token.encode()):
                raise web.HTTPForbidden(text="Open the whole address that `cascadeflow serve` printed, token included.")
            response = await handler(request)
            if not response.prepared:
                response.headers.update(_HEADERS)
            return response

        return guard


def serve(command: Sequence[str], port: int, tell: Callable[[str], object]) -> None:
    """Serve until interrupted.

    Args:
        command: opens the console, as a list of words.
        port: on loopback; 0: any that is free.
        tell: called with the address once it can be opened.

    Raises:
        OSError: the port cannot be used.
    """
    with socket.create_server((HOST, port)) as listener:
        server = ConsoleServer(command, listener.getsockname()[1], secrets.token_urlsafe(24))
        tell(server.address)
        web.run_app(server.make_app(), sock=listener, print=None, access_log=None)
