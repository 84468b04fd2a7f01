"""`LocalClient` with the real embedded models, and what it says without them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from contextlib import aclosing

import pytest

from cascadeflow.client import Completed, Delta, ModelRequest
from cascadeflow.errors import (
    BadRequestError,
    CallTimeoutError,
    ContextLengthError,
    ModelNotFoundError,
    ServerError,
)
from cascadeflow.integrations.local import LocalClient

SMALL, MIDDLE, LARGE = "smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"
PRODUCT = "What is 17 * 23?"
real = pytest.mark.models


def question(model: str, text: str, **options) -> ModelRequest:
    options = {"temperature": 0.0, "max_tokens": 64, "messages": ({"role": "user", "content": text},)} | options
    return ModelRequest(model=model, provider="local", resolved_model=model, **options)


async def answer(client: LocalClient, request: ModelRequest) -> tuple[str, list[Delta], Completed]:
    chunks = [chunk async for chunk in client.stream(request)]
    assert isinstance(chunks[-1], Completed)
    deltas = chunks[:-1]
    return "".join(delta.text for delta in deltas), deltas, chunks[-1]


@pytest.fixture
async def client(embedded_models):
    client = LocalClient(embedded_models)
    yield client
    await client.aclose()


async def test_a_model_that_is_not_here_says_how_to_fetch_it():
    client = LocalClient()
    with pytest.raises(
        ModelNotFoundError, match=f"^{SMALL}: .* fetch it with: cascadeflow models pull {SMALL}$"
    ) as raised:
        await answer(client, question(SMALL, "Hello"))
    assert (raised.value.model, raised.value.provider) == (SMALL, "local")


async def test_a_name_that_no_embedded_model_has():
    with pytest.raises(ModelNotFoundError, match=f"no embedded model is called “gpt-9”; there are: {SMALL}, "):
        await answer(LocalClient(), question("gpt-9", "Hello"))


async def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(ModelNotFoundError, match=r"own: there is no file .*/none\.gguf"):
        await answer(LocalClient(), question("own", "Hello", path=str(tmp_path / "none.gguf")))


async def test_a_file_that_is_no_model(tmp_path):
    (tmp_path / "broken.gguf").write_bytes(b"GGUF" + bytes(5_000))
    with pytest.raises(ModelNotFoundError, match=r"broken\.gguf could not be loaded: it is damaged, "):
        await answer(LocalClient(), question("own", "Hello", path=str(tmp_path / "broken.gguf")))


def piece(delta: dict, tokens: int, finish_reason: str | None = None) -> dict:
    return {"choices": [{"delta": delta, "finish_reason": finish_reason}], "timings": {"predicted_n": tokens}}


USAGE = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4}}


@pytest.fixture
def runtime(monkeypatch, tmp_path):
    """A runtime that says what a test wants it to say; `runtime.asked` is what it was sent."""

    class Runtime:
        says: tuple[dict, ...] = ()
        asked: dict

        def handle_chat_completions(self, body, callback):
            self.asked = body
            for data in self.says:
                if callback(data):
                    return

    fake = Runtime()
    fake.path = tmp_path / "own.gguf"
    fake.path.write_bytes(b"GGUF")
    monkeypatch.setattr("cascadeflow.integrations.local_pool._load", lambda *_: fake)
    return fake


async def test_a_tool_call_comes_back_as_data(runtime):
    runtime.says = (
        piece({"role": "assistant", "content": None}, 0),
        piece({"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "weather", "arguments": ""}}]}, 2),
        piece({"tool_calls": [{"index": 0, "function": {"arguments": '{"city": '}}]}, 3),
        piece({"tool_calls": [{"index": 0, "function": {"arguments": '"Paris"}'}}]}, 4),
        piece({}, 4, "tool_calls"),
        USAGE,
    )
    tools = ({"type": "function", "function": {"name": "weather"}},)
    request = question("own", "Weather?", path=str(runtime.path), tools=tools, tool_choice="required", logprobs=True)
    text, deltas, end = await answer(LocalClient(), request)
    assert (text, sum(delta.tokens for delta in deltas)) == ("", 4)
    assert end.finish_reason == "tool_calls"
    assert end.tool_calls == (
        {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}},
    )
    assert runtime.asked["tool_choice"] == "required"
    assert "logprobs" not in runtime.asked  # the runtime refuses both together


@pytest.mark.parametrize(
    ("said", "error", "text"),
    [
        ({"code": 503, "message": "busy"}, ServerError, r"own \(503\): busy"),
        ({"code": 400, "message": "no such role"}, BadRequestError, r"own \(400\): no such role"),
        (None, ServerError, "own: the runtime ended the answer without a word"),
    ],
)
async def test_an_answer_that_breaks_off_is_an_error(runtime, said, error, text):
    runtime.says = (piece({"content": "The"}, 1), *([{"error": said}] if said else []))
    chunks = LocalClient().stream(question("own", "Hello", path=str(runtime.path)))
    assert (await anext(chunks)).text == "The"
    with pytest.raises(error, match=f"^{text}$"):
        await anext(chunks)


async def test_only_a_seed_asks_for_the_same_answer_twice(runtime):
    runtime.says = (USAGE,)
    for seed in (None, 3):
        await answer(LocalClient(), question("own", "Hello", path=str(runtime.path), seed=seed))
        assert runtime.asked["cache_prompt"] is (seed is None)
    assert runtime.asked["seed"] == 3


@real
@pytest.mark.parametrize(
    ("model", "product", "capital"),
    [
        (SMALL, "17 * 23 = 381.", "L'Étoile, la Marseillaise, la femme, la femme au martyre, la femme au martyre"),
        (MIDDLE, "17 * 23 equals 411.", "The capital of France is Paris."),
        (LARGE, "The product of 17 and 23 is 391.", "The capital of France is Paris."),
    ],
)
async def test_what_each_model_says_at_temperature_0(client, model, product, capital):
    assert (await answer(client, question(model, PRODUCT)))[0] == product
    text, _, end = await answer(client, question(model, "What is the capital of France?", max_tokens=40))
    assert text.startswith(capital)
    assert end.finish_reason == ("length" if model == SMALL else "stop")


@real
async def test_tokens_logprobs_and_usage_are_exact(client):
    request = question(SMALL, "Repeat this word: 😀 naïve", logprobs=True, max_tokens=24, seed=7, temperature=0.8)
    text, deltas, end = await answer(client, request)
    usage = end.usage
    assert usage.source == "exact"
    assert sum(delta.tokens for delta in deltas) in (
        usage.completion_tokens,
        usage.completion_tokens - 1,
    )  # and the end
    assert all(-50 < value <= 0 for delta in deltas for value in delta.logprobs)
    assert sum(len(delta.logprobs) for delta in deltas) >= len(deltas) - 1
    assert usage.prompt_tokens <= client.count_prompt_tokens(request)
    assert (await answer(client, request))[0] == text


@real
@pytest.mark.parametrize("model", [SMALL, MIDDLE])
async def test_the_bound_of_the_prompt_holds(client, model):
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    messages = (
        {"role": "user", "content": ""},
        {"role": "assistant", "content": "?"},
        {"role": "user", "content": "!"},
    )
    for options in ({}, {"tools": (tool,)}, {"messages": messages}, {"messages": messages[:1]}):
        request = question(model, "Hi", max_tokens=1, **options)
        _, _, end = await answer(client, request)
        assert end.usage.prompt_tokens <= client.count_prompt_tokens(request)


@real
async def test_a_follow_up_reads_only_what_is_new(client):
    first, _, _ = await answer(client, question(SMALL, "Name a colour."))
    conversation = (
        {"role": "user", "content": "Name a colour."},
        {"role": "assistant", "content": first},
        {"role": "user", "content": "Another one."},
    )
    _, _, end = await answer(client, question(SMALL, "", messages=conversation))
    assert end.usage.cached_tokens > end.usage.prompt_tokens // 2


@real
async def test_options_are_obeyed(client):
    text, _, end = await answer(client, question(SMALL, "Count from 1 to 9.", stop=("5",)))
    assert "4" in text
    assert "5" not in text
    assert end.finish_reason == "stop"
    text, _, end = await answer(client, question(SMALL, "Tell a long story.", max_tokens=5))
    assert (end.usage.completion_tokens, end.finish_reason) == (5, "length")
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "number", "schema": schema}}
    text, _, _ = await answer(client, question(MIDDLE, "Give a number between 1 and 9 as JSON.", response_format=form))
    assert '"n"' in text


@real
async def test_closing_stops_the_answer_and_frees_the_model(client):
    async with aclosing(client.stream(question(SMALL, "Tell a very long story.", max_tokens=4_000))) as chunks:
        async for _ in chunks:
            break
    assert not client._pool._users()
    assert (await answer(client, question(SMALL, PRODUCT)))[0] == "17 * 23 = 381."


@real
async def test_a_cancelled_task_stops_the_answer(client):
    first = asyncio.Event()

    async def ask():
        async for _ in client.stream(question(SMALL, "Tell a very long story.", max_tokens=4_000)):
            first.set()

    task = asyncio.create_task(ask())
    await first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not client._pool._users()


@real
async def test_questions_to_one_model_are_answered_in_turn(client):
    answers = await asyncio.gather(*(answer(client, question(SMALL, PRODUCT)) for _ in range(3)))
    assert {text for text, _, _ in answers} == {"17 * 23 = 381."}


@real
async def test_two_models_answer_side_by_side(client):
    small, middle = await asyncio.gather(
        answer(client, question(SMALL, PRODUCT)), answer(client, question(MIDDLE, PRODUCT))
    )
    assert (small[0], middle[0]) == ("17 * 23 = 381.", "17 * 23 equals 411.")


@real
async def test_a_prompt_that_does_not_fit_is_told_in_tokens(client):
    with pytest.raises(
        ContextLengthError, match=r"the prompt has 9,0\d\d tokens, and the model takes 8,192 with the answer"
    ):
        await answer(client, question(SMALL, "word " * 9_000))


@real
async def test_too_slow_is_an_error_of_its_own(client):
    with pytest.raises(CallTimeoutError, match=r"^smollm2.*: the answer was not complete within 0\.5 s$"):
        await answer(client, question(SMALL, "Tell a very long story.", max_tokens=4_000, total_timeout=0.5))
    with pytest.raises(CallTimeoutError, match=r"no token came within 0\.1 s"):
        await answer(client, question(SMALL, "word " * 2_000, first_token_timeout=0.1))
    assert (await answer(client, question(SMALL, PRODUCT, first_token_timeout=60)))[0] == "17 * 23 = 381."


@real
async def test_what_the_runtime_refuses_is_a_bad_request(client):
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "wrong"}}}
    with pytest.raises(BadRequestError, match="the runtime refuses the request: .*unrecognized type wrong"):
        await answer(client, question(SMALL, "Hello", response_format=form))


@real
async def test_closing_the_client_ends_answers_and_it_can_be_used_again(client):
    chunks = client.stream(question(SMALL, "Tell a very long story.", max_tokens=4_000))
    await anext(chunks)
    await client.aclose()
    with pytest.raises(ServerError, match="the client was closed"):
        async for _ in chunks:
            pass
    assert (await answer(client, question(SMALL, PRODUCT)))[0] == "17 * 23 = 381."


SCRIPT = """
    import asyncio, os, signal, sys
    from cascadeflow.client import ModelRequest
    from cascadeflow.integrations.local import LocalClient

    async def main():
        client = LocalClient(sys.argv[1])
        name = "smollm2-135m-instruct"
        request = ModelRequest(model=name, provider="local", resolved_model=name, max_tokens=2000,
                               messages=({"role": "user", "content": "Tell a very long story."},))
        stream = client.stream(request)
        await anext(stream)
        sockets = {os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if int(fd) > 2
                   and os.path.exists(f"/proc/self/fd/{fd}")} if sys.platform == "linux" else set()
        tables = [open(f"/proc/net/{table}").read() for table in ("tcp", "tcp6")] if sys.platform == "linux" else []
        opened = [s for s in sockets if s.startswith("socket:") and any(s[8:-1] in table for table in tables)]
        assert not opened, opened
        ENDING

    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(3)
"""


@real
@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("await stream.aclose(); await client.aclose()", 0),
        ("return", 0),
        ("globals().update(kept=(client, stream)); asyncio.get_running_loop().stop()", 1),
        ("os.kill(os.getpid(), signal.SIGINT); await asyncio.sleep(60)", 3),
    ],
)
def test_a_process_stays_silent_opens_no_port_and_ends_cleanly(embedded_models, tmp_path, ending, code):
    script = tmp_path / "script.py"
    script.write_text(
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        + textwrap.dedent(SCRIPT).replace("ENDING", ending)
    )
    done = subprocess.run([sys.executable, script, embedded_models], capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    if code != 1:  # a loop stopped from within is the one case where Python itself complains
        assert done.stderr == ""
