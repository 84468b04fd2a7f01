"""A key is tried by asking for the list of models, which costs nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cascadeflow.catalog import key_variables
from cascadeflow.integrations.key_check import _ENDPOINTS, check_key

GOOD = "good-key-0123456789"


class Provider(BaseHTTPRequestHandler):
    """Takes one key, in either form; notes what was asked."""

    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        said = self.headers.get("Authorization", "").removeprefix("Bearer ") or self.headers.get("x-api-key", "")
        self.send_response({GOOD: 200, "busy-key-0123456789": 503}.get(said, 401))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    """Address of the provider."""
    Provider.asked = []
    http = HTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.mark.parametrize("provider", _ENDPOINTS)
@pytest.mark.parametrize(
    ("key", "state"), [(GOOD, "works"), ("wrong-key-0123456789", "refused"), ("busy-key-0123456789", "unknown")]
)
def test_a_key_works_or_is_refused(
    provider: str, key: str, state: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each provider is asked in its own form, and for nothing but its models."""
    monkeypatch.setenv(key_variables(provider)[0], key)
    monkeypatch.setenv(_ENDPOINTS[provider].variable, server)
    check = check_key(provider)
    assert check.state == state
    assert key not in check.words
    assert Provider.asked == [_ENDPOINTS[provider].path]


def test_nobody_there_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network does not make a key wrong."""
    monkeypatch.setenv("OPENAI_API_KEY", GOOD)
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/v1")
    assert check_key("openai").state == "unknown"


@pytest.mark.parametrize("provider", ["vertex_ai", "ollama", "openai"])
def test_without_a_key_or_a_free_way_nobody_is_asked(provider: str) -> None:
    """Nothing is sent."""
    assert check_key(provider).state == "unknown"
