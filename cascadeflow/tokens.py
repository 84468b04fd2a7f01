"""How many tokens a prompt is: an upper bound to reserve money with, and an estimate to show.

Exact counts exist for OpenAI's models only: tiktoken, with the vocabulary files that LiteLLM's
wheel carries, so nothing is fetched. Everywhere else a token is at least one byte of UTF-8.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tiktoken import Encoding

BYTES_PER_TOKEN = 3.6
"""On the low side, so that estimates come out a little high: with OpenAI's two vocabularies English
prose has 4.7, Python 5.0, Markdown with tables 4.1, Chinese 2.8 or 4.2 (measured)."""

PER_MESSAGE = 8
"""Role and separators around a message; OpenAI's take 3 (its cookbook, "How to count tokens with
tiktoken"), chat templates of open models up to 6."""

PER_PROMPT = 64
"""Start of the answer, and the default system prompt that open models' chat templates add (Qwen2.5: 21 tokens)."""

WITH_TOOLS = 256
"""Instructions that chat templates put around tool definitions (Qwen2.5: 130 tokens)."""

PER_IMAGE = 36_840
"""The dearest image: gpt-4o-mini counts 2,833 tokens and 5,667 for each of at most 6 tiles (OpenAI's pricing page)."""

# file names as tiktoken's cache has them
_VOCABULARIES = {
    "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
    "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
}
_PIECE = 20_000
_loading = Lock()


def upper_bound(
    messages: Iterable[Mapping[str, Any]],
    tools: Iterable[Mapping[str, Any]] = (),
    model: str = "",
    provider: str = "",
) -> int:
    """Tokens that a prompt has at most.

    Args:
        messages: conversation in OpenAI's form.
        tools: tool definitions in OpenAI's form.
        model: the name that is called.
        provider: ``openai`` counts with that model's tokenizer, anything else counts bytes. Leave
            it empty for other models behind a server that speaks OpenAI's protocol.

    Returns:
        Tokens, never too few.

    Example:
        >>> upper_bound([{"role": "user", "content": "Hello"}])
        77
    """
    encoding = _encoding(_vocabulary(model)) if provider == "openai" else None
    total = PER_PROMPT
    for message in messages:
        total += PER_MESSAGE
        for text in _texts(message):
            total += PER_IMAGE if text is None else _count(text, encoding)
    for number, tool in enumerate(tools):
        total += _bytes(json.dumps(tool, ensure_ascii=False)) + PER_MESSAGE + (0 if number else WITH_TOOLS)
    return total


def estimate(
    messages: Iterable[Mapping[str, Any]],
    model: str = "",
    provider: str = "",
    *,
    tools: Iterable[Mapping[str, Any]] = (),
    load_tokenizer: bool = True,
) -> int:
    """Tokens that a prompt is expected to have.

    Args:
        messages: conversation in OpenAI's form.
        model: the name that is called.
        provider: its provider; ``openai`` is counted with that model's tokenizer.
        tools: tool definitions in OpenAI's form.
        load_tokenizer: whether OpenAI's tokenizer may be loaded, which takes about half a second
            once; if not, about 3.6 bytes count as a token, as with every other provider.

    Returns:
        Tokens.

    Example:
        >>> estimate([{"role": "user", "content": "What is 17 * 23?"}], load_tokenizer=False)
        11
    """
    encoding = _encoding(_vocabulary(model)) if load_tokenizer and provider == "openai" else None
    size = 0.0
    total = 3
    for message in messages:
        total += 4
        for text in _texts(message):
            if text is None:
                total += 1_000
            elif encoding is None:
                size += _bytes(text)
            else:
                total += _count(text, encoding)
    size += sum(_bytes(json.dumps(tool, ensure_ascii=False)) for tool in tools)
    return total + round(size / BYTES_PER_TOKEN)


def estimate_text(text: str) -> int:
    """Tokens that a text is expected to have, at about 3.6 bytes each; at least 1 unless it is empty."""
    return max(1, round(_bytes(text) / BYTES_PER_TOKEN)) if text else 0


def _texts(message: Mapping[str, Any]) -> Iterator[str | None]:
    """Everything of a message that is billed as text; None stands for an image."""
    content = message.get("content")
    if isinstance(content, str):
        yield content
    elif content:
        for part in content:
            kind = part.get("type") if isinstance(part, Mapping) else None
            if kind == "text":
                yield str(part.get("text", ""))
            else:
                yield None if kind == "image_url" else json.dumps(part, ensure_ascii=False)
    if name := message.get("name"):
        yield str(name)
    if calls := message.get("tool_calls"):
        yield json.dumps(calls, ensure_ascii=False)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _count(text: str, encoding: Encoding | None) -> int:
    if encoding is None:
        return _bytes(text)
    # tiktoken's regular expression overflows its stack at half a million blanks in a row; a cut may cost a token
    starts = range(0, len(text), _PIECE)
    return sum(len(encoding.encode_ordinary(text[start : start + _PIECE])) + bool(start) for start in starts)


@cache
def _vocabulary(model: str) -> str:
    from tiktoken.model import encoding_name_for_model

    try:
        return encoding_name_for_model(model.rpartition("/")[2])
    except KeyError:  # newer than tiktoken: OpenAI's models have used o200k since gpt-4o
        return "o200k_base"


@cache
def _encoding(vocabulary: str) -> Encoding | None:
    """The tokenizer, or None where its file is not on this machine (tiktoken would go and fetch it)."""
    from importlib.util import find_spec

    spec = find_spec("litellm")
    if spec is None or spec.origin is None or vocabulary not in _VOCABULARIES:
        return None
    folder = Path(spec.origin).parent / "litellm_core_utils" / "tokenizers"
    if not (folder / _VOCABULARIES[vocabulary]).exists():
        return None
    from tiktoken import get_encoding

    with _loading:
        before = os.environ.get("TIKTOKEN_CACHE_DIR")
        os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
        try:
            return get_encoding(vocabulary)
        finally:
            if before is None:
                del os.environ["TIKTOKEN_CACHE_DIR"]
            else:
                os.environ["TIKTOKEN_CACHE_DIR"] = before
