"""`LocalClient`: embedded models that answer in this process, through llama.cpp.

An answer is computed in a thread of its own, which hands every piece to the event loop and looks
after every token (while it reads the prompt: after every 64) whether anybody still wants it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

from cascadeflow.catalog.embedded import EMBEDDED, embedded_model
from cascadeflow.client import Chunk, Completed, Delta, ModelRequest
from cascadeflow.errors import (
    BadRequestError,
    CallTimeoutError,
    CascadeFlowError,
    ContextLengthError,
    ModelCallError,
    ModelNotFoundError,
    ServerError,
    error_for_status,
)
from cascadeflow.integrations.local_pool import ModelPool, StoppedError
from cascadeflow.integrations.model_store import ModelStore
from cascadeflow.schema import Usage
from cascadeflow.tokens import upper_bound

_SMALLEST_CONTEXT = 4_096
_LARGEST_CONTEXT = 32_768  # for GGUF files outside the catalogue; the runtime lowers it to what the model knows
_PATIENCE = 0.5  # seconds that closing waits for the thread; while it loads or reads a prompt it ends on its own


class LocalClient:
    """A `ModelClient` for provider ``local``: embedded models by name, any GGUF file by path.

    Each model gives one answer at a time; further questions wait. Models stay in memory until
    others need the room.

    Args:
        models_dir: folder of the embedded models; None: the user's own.
        max_loaded: models in memory at most; the one that was not used longest goes first.
        max_bytes: bytes of their files at most; None: no limit.
        threads: threads that compute an answer; None: the usable physical cores but one, at least one.

    Example:
        >>> import asyncio
        >>> from cascadeflow.client import ModelRequest
        >>> async def ask() -> None:
        ...     client = LocalClient()
        ...     question = ({"role": "user", "content": "What is 17 * 23?"},)
        ...     name = "smollm2-135m-instruct"
        ...     async for chunk in client.stream(
        ...         ModelRequest(model=name, provider="local", resolved_model=name, messages=question)
        ...     ):
        ...         print(chunk)
        ...     await client.aclose()
        >>> asyncio.run(ask())  # doctest: +SKIP
    """

    def __init__(
        self,
        models_dir: str | Path | None = None,
        max_loaded: int = 3,
        max_bytes: int | None = None,
        threads: int | None = None,
    ) -> None:
        self._store = ModelStore(models_dir)
        self._settings = (max_loaded, max_bytes, threads)
        self._pool = ModelPool(*self._settings)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Ask a model; it is loaded first where needed.

        Args:
            request: the call; ``resolved_model`` names an embedded model, or ``path`` a GGUF file.

        Yields:
            `Delta`s with exact tokens and, where asked, log-probabilities; then one `Completed`
            with exact usage.

        Raises:
            ModelNotFoundError: the file is not here, is damaged, or cannot be loaded.
            ContextLengthError: the prompt does not fit the model.
            CallTimeoutError: first token or whole answer took too long, waiting and loading included.
            BadRequestError: the runtime refuses the request.
            MissingExtraError: the runtime is not installed.
        """
        answer = _Answer(request)
        threading.Thread(target=self._work, args=(answer,), name=f"answer of {request.model}", daemon=True).start()
        try:
            while True:
                chunk = await answer.next()
                yield chunk
                if isinstance(chunk, Completed):
                    return
        finally:
            answer.stop.set()
            self._pool.wake()
            await asyncio.wait({answer.ended}, timeout=_PATIENCE)

    def count_prompt_tokens(self, request: ModelRequest) -> int:
        """An upper bound of the prompt's tokens: its bytes, and what the chat template adds.

        Args:
            request: the call.
        """
        return upper_bound(request.messages, request.tools)

    async def aclose(self) -> None:
        """Stop what is answering and free the memory. The client can be used again."""
        pool, self._pool = self._pool, ModelPool(*self._settings)
        await asyncio.to_thread(pool.close)

    def _work(self, answer: _Answer) -> None:
        """The thread of one answer."""
        request = answer.request
        try:
            path, window = self._file(request)
            room = self.count_prompt_tokens(request) + request.max_tokens
            context = _SMALLEST_CONTEXT
            while context < room:
                context *= 2
            with self._pool.use(path, min(context, window), answer.stop) as server:
                server.handle_chat_completions(_body(request), answer.take)
                answer.complete()
        except StoppedError:
            answer.fail(ServerError("the client was closed"))
        except CascadeFlowError as error:
            answer.fail(error)
        except OSError as error:
            answer.fail(ModelNotFoundError(f"the model's file cannot be read: {error}"))
        except (TypeError, ValueError, RuntimeError) as error:
            answer.fail(BadRequestError(f"the runtime refuses the request: {error}"))
        finally:
            answer.end()

    def _file(self, request: ModelRequest) -> tuple[Path, int]:
        """Where the model is, and its context window."""
        if request.path:
            path = Path(request.path).expanduser()
            if not path.is_file():
                raise ModelNotFoundError(f"there is no file {path}")
            return path, _LARGEST_CONTEXT
        model = embedded_model(request.resolved_model)
        if model is None:
            raise ModelNotFoundError(
                f"no embedded model is called “{request.resolved_model}”; there are: "
                f"{', '.join(model.name for model in EMBEDDED)}. Give the path of a GGUF file for any other."
            )
        found = self._store.path(model.name)
        if found is None:
            raise ModelNotFoundError(
                f"its file is not on this machine, or not whole; fetch it with: cascadeflow models pull {model.name}"
            )
        return found, model.context_window


def _body(request: ModelRequest) -> dict[str, Any]:
    """The request as the runtime takes it: OpenAI's form and llama.cpp's own switches."""
    body: dict[str, Any] = {
        "messages": list(request.messages),
        "max_tokens": request.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        "timings_per_token": True,  # carries the exact count of tokens so far
        "return_progress": True,  # so that it can be stopped while it reads the prompt
        # what is in memory of the conversation is used again; that may change the last digits, so not where
        # the same answer is wanted twice
        "cache_prompt": request.seed is None,
    }
    optional = {
        "temperature": request.temperature,
        "seed": request.seed,
        "stop": list(request.stop) or None,
        "response_format": request.response_format,
        "tools": list(request.tools) or None,
        "tool_choice": request.tool_choice,
    }
    if request.logprobs and not request.tools:  # the runtime cannot do both
        optional |= {"logprobs": True, "top_logprobs": 1}
    return body | {key: value for key, value in optional.items() if value is not None}


class _Answer:
    """One answer on its way from the thread that computes it to the event loop."""

    def __init__(self, request: ModelRequest) -> None:
        self.request = request
        self.stop = threading.Event()
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._queue: asyncio.Queue[Chunk | Exception] = asyncio.Queue()
        self._asked = self._loop.time()
        self._begun = False
        self._tokens = 0
        self._finish_reason = ""
        self._usage: Usage | None = None
        self._error: ModelCallError | None = None
        self._tool_calls: dict[int, dict[str, Any]] = {}

    async def next(self) -> Chunk:
        """In the event loop: the next piece; raises the error that came instead."""
        limits = [(self.request.total_timeout, "the answer was not complete within {:g} s")]
        if not self._begun:
            limits.append((self.request.first_token_timeout, "no token came within {:g} s"))
        limit, words = min(((seconds, words) for seconds, words in limits if seconds is not None), default=(None, ""))
        try:
            async with asyncio.timeout_at(None if limit is None else self._asked + limit):
                item = await self._queue.get()
        except TimeoutError:
            raise self._named(CallTimeoutError(words.format(limit))) from None
        if isinstance(item, Exception):
            raise item
        self._begun = True
        return item

    def take(self, data: dict[str, Any]) -> bool:
        """In the thread: what the runtime said; True stops it."""
        if self.stop.is_set():
            return True
        if "error" in data:
            self._error = _call_error(data["error"])
            return True
        if usage := data.get("usage"):
            self._usage = Usage(
                prompt_tokens=usage["prompt_tokens"],
                completion_tokens=usage["completion_tokens"],
                cached_tokens=usage.get("prompt_tokens_details", {}).get("cached_tokens", 0),
            )
        for choice in data["choices"]:
            self._finish_reason = choice.get("finish_reason") or self._finish_reason
            self._take_piece(choice, data.get("timings", {}).get("predicted_n", self._tokens))
        return False

    def _take_piece(self, choice: dict[str, Any], tokens: int) -> None:
        piece = choice["delta"]
        for call in piece.get("tool_calls") or ():
            whole = self._tool_calls.setdefault(
                call["index"], {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
            )
            whole["id"] = call.get("id") or whole["id"]
            for key, text in call.get("function", {}).items():
                whole["function"][key] += text or ""
        text, new = piece.get("content") or "", tokens - self._tokens
        if text or new:
            self._tokens = tokens
            logprobs = (choice.get("logprobs") or {}).get("content") or ()
            self._put(Delta(text=text, tokens=new, logprobs=tuple(entry["logprob"] for entry in logprobs)))

    def complete(self) -> None:
        """In the thread: the runtime has nothing more to say."""
        if self._error is not None:
            raise self._error
        if self._usage is not None:
            calls = tuple(self._tool_calls[index] for index in sorted(self._tool_calls))
            self._put(Completed(finish_reason=self._finish_reason, usage=self._usage, tool_calls=calls))
        elif self.stop.is_set():
            raise StoppedError
        else:
            raise ServerError("the runtime ended the answer without a word")

    def fail(self, error: CascadeFlowError) -> None:
        """In the thread: there will be no (whole) answer."""
        self._put(self._named(error))

    def end(self) -> None:
        """In the thread: it is over, and the model is free."""
        self._call(self._end)

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def _put(self, item: Chunk | Exception) -> None:
        self._call(self._queue.put_nowait, item)

    def _call(self, function: Callable[..., object], *values: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *values)
        except RuntimeError:  # the loop is closed: nobody waits
            self.stop.set()

    def _named(self, error: CascadeFlowError) -> CascadeFlowError:
        if not isinstance(error, ModelCallError):
            return error
        return type(error)(error.message, model=self.request.model, provider=self.request.provider, status=error.status)


def _call_error(error: dict[str, Any]) -> ModelCallError:
    """Our error for one of the runtime's."""
    message = str(error.get("message", "no reason given"))
    if error.get("type") == "exceed_context_size_error":
        return ContextLengthError(
            f"the prompt has {error['n_prompt_tokens']:,} tokens, and the model takes {error['n_ctx']:,} with the answer"
        )
    return error_for_status(int(error.get("code", 500)), message)
