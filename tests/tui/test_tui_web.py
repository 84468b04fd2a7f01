"""The console in a browser: who has the token gets in, nobody else, and nothing is fetched from elsewhere."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest
from click.testing import CliRunner

from cascadeflow.cli import main


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """What `cascadeflow serve` prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cascadeflow", "serve", "--port", "0", "--preset", "local", "--tier", "pro",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
    found = re.fullmatch(r"Open (http://127\.0\.0\.1:\d+/\?token=\S{20,})\n", line)
    assert found is not None, line
    yield found[1]
    process.send_signal(signal.SIGINT)
    await asyncio.wait_for(process.communicate(), 20)


async def test_only_who_has_the_token_gets_in(address: str) -> None:
    page = address.partition("?")[0]
    async with aiohttp.ClientSession() as stranger:
        for path in ("", "ws", "static/js/textual.js", "?token=wrong"):
            async with stranger.get(page + path) as answer:
                assert answer.status == 403
                assert "token" in await answer.text()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as friend:
        async with friend.get(address) as answer:
            assert answer.status == 200
            assert "token" not in str(answer.url)
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        for forged in ({"Origin": "http://elsewhere.example"}, {"Host": "elsewhere.example"}):
            async with friend.get(page, headers=forged) as answer:
                assert answer.status == 403


async def test_the_console_is_drawn_and_takes_keys(address: str) -> None:
    page = address.partition("?")[0]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as friend:
        await friend.get(address)
        async with friend.ws_connect(f"{page}ws?width=100&height=30") as socket:
            seen = ""

            async def until(words: str) -> None:
                nonlocal seen
                while words not in seen:
                    message = await socket.receive()
                    text = message.data.decode() if isinstance(message.data, bytes) else str(message.data)
                    seen += re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", text)

            async with asyncio.timeout(40):
                await until("tier pro")
                await socket.send_json(["stdin", "\x1b[200~hello there\x1b[201~"])
                await until("hello there")


def test_a_port_that_is_taken_says_so() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = CliRunner().invoke(main, ["serve", "--port", str(port)])
    assert outcome.exit_code == 2
    assert f"port {port} cannot be used" in outcome.output


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    monkeypatch.delitem(sys.modules, "tui.web", raising=False)
    outcome = CliRunner().invoke(main, ["serve"])
    assert "cascadeflow-console[web]" in outcome.output
