"""Ways to read a client's answer in tests."""

from __future__ import annotations

from cascadeflow.client import Chunk, Delta, ModelClient, ModelRequest
from cascadeflow.errors import ModelCallError


async def collect(client: ModelClient, request: ModelRequest) -> list[Chunk]:
    """Everything that comes."""
    return [chunk async for chunk in client.stream(request)]


async def read_to_error(client: ModelClient, request: ModelRequest) -> tuple[str, ModelCallError]:
    """The text that came, and the error that ended it."""
    text = ""
    try:
        async for chunk in client.stream(request):
            text += chunk.text if isinstance(chunk, Delta) else ""
    except ModelCallError as error:
        return text, error
    raise AssertionError(f"no error after {text!r}")


def text_of(chunks: list[Chunk]) -> str:
    """The answer."""
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, Delta))
