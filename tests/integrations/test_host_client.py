"""`HostClient`: a client in a child process, with real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from reading import collect, read_to_error, text_of

from cascadeflow.client import Completed, Delta, ModelRequest
from cascadeflow.errors import ClientCrashedError, ConnectionLostError, ModelCallError, RateLimitError
from cascadeflow.integrations.host import HostClient
from cascadeflow.schema import ModelConfig, Usage

HERE = str(Path(__file__).parent)


def ask(prompt: str) -> ModelRequest:
    return ModelRequest(
        model="m", provider="openai", resolved_model="m", messages=({"role": "user", "content": prompt},)
    )


def host(client: str = "hosted_clients:Obedient", **env: str) -> HostClient:
    return HostClient(client, env={"PYTHONPATH": HERE, **env})


@pytest.fixture
async def client() -> AsyncIterator[HostClient]:
    client = host()
    yield client
    await client.aclose()


def gone(pid: int, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


async def test_an_answer_arrives_as_it_was_given(client: HostClient) -> None:
    """Deltas one by one, log-probabilities, usage, finish reason; the child is another process."""
    assert await collect(client, ask("say 6*7 is 42")) == [
        *(Delta(text=word, logprobs=(-0.5,)) for word in ("6*7", "is", "42")),
        Completed(usage=Usage(prompt_tokens=3, completion_tokens=2)),
    ]
    assert text_of(await collect(client, ask("pid"))) != str(os.getpid())


async def test_characters_survive(client: HostClient) -> None:
    """Also lone surrogates, line ends and control characters, which JSON lines could stumble over."""
    odd = "ä漢😀\ud800\u2028\r\n\x00\x1b[31m"
    assert text_of(await collect(client, ask(f"say {odd}"))) == odd


async def test_errors_keep_class_and_details(client: HostClient) -> None:
    _, error = await read_to_error(client, ask("rate"))
    assert type(error) is RateLimitError
    assert (error.status, error.retry_after, error.model) == (429, 7.0, "m")


async def test_a_fault_of_the_client_is_a_failed_call_not_a_dead_child(client: HostClient) -> None:
    pid = text_of(await collect(client, ask("pid")))
    _, error = await read_to_error(client, ask("bug here"))
    assert type(error) is ModelCallError
    assert "KeyError: 'here'" in error.message
    assert text_of(await collect(client, ask("pid"))) == pid


async def test_large_lines_in_both_directions(client: HostClient) -> None:
    assert len(text_of(await collect(client, ask("repeat 20000000")))) == 20_000_000
    assert text_of(await collect(client, ask("length " + "ä" * 5_000_000))) == "5000000"


async def test_many_requests_at_a_time(client: HostClient) -> None:
    async with aclosing(client.stream(ask("wait"))) as waiting:
        await anext(waiting)
        answers = await asyncio.gather(*(collect(client, ask(f"say answer {n}")) for n in range(50)))
    assert [text_of(chunks) for chunks in answers] == [f"answer{n}" for n in range(50)]


async def test_what_libraries_print_does_not_disturb(client: HostClient) -> None:
    """Neither from Python nor from a grandchild, which finds an empty stdin, too."""
    assert text_of(await collect(client, ask('print {"id": 1, "end": true}'))) == "printed"


async def test_closing_stops_the_answer_in_the_child(client: HostClient) -> None:
    """When `aclose` returns, the client in the child has let go of the model."""
    async with aclosing(client.stream(ask("wait"))) as chunks:
        await anext(chunks)
    assert text_of(await collect(client, ask("early"))).split() == ["1"]


async def test_cancelling_stops_the_answer_in_the_child(client: HostClient) -> None:
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in client.stream(ask("wait")):
            begun.set()

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert text_of(await collect(client, ask("early"))).split() == ["1"]


@pytest.mark.parametrize("steps", [0, 1, 3, 8])
async def test_cancelling_at_any_moment_leaves_a_working_client(steps: int) -> None:
    """Also while the child starts, before it has read the request, while it answers."""
    client = host()
    task = asyncio.create_task(collect(client, ask("wait")))
    for _ in range(steps):
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert text_of(await collect(client, ask("say hello"))) == "hello"
    await client.aclose()


async def test_a_client_that_does_not_stop_is_not_waited_for() -> None:
    """Closing takes about a second, and ending the child does not hang on it either."""
    client = host("hosted_clients:Unwilling")
    chunks = client.stream(ask("wait"))
    await anext(chunks)
    started = time.monotonic()
    await chunks.aclose()
    assert time.monotonic() - started < 3
    await client.aclose()
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("prompt", "how"),
    [
        ("kill 9", "was killed by SIGKILL"),
        ("kill 15", "was killed by SIGTERM"),
        ("exit now", "exited with code 7"),
        ("segfault", "was killed by SIGSEGV"),
    ],
)
async def test_a_crash_is_a_failed_call_and_the_next_call_works(client: HostClient, prompt: str, how: str) -> None:
    first = text_of(await collect(client, ask("pid")))
    text, error = await read_to_error(client, ask(prompt))
    assert text in ("", "half an ")
    assert type(error) is ClientCrashedError
    assert how in error.message
    assert (error.model, error.provider, error.retryable) == ("m", "openai", True)
    assert text_of(await collect(client, ask("pid"))) != first


async def test_a_crash_ends_every_open_request(client: HostClient) -> None:
    async with aclosing(client.stream(ask("wait"))) as first, aclosing(client.stream(ask("wait"))) as second:
        await anext(first)
        await anext(second)
        await read_to_error(client, ask("kill 9"))
        for waiting in (first, second):
            with pytest.raises(ClientCrashedError):
                await anext(waiting)


async def test_last_words_are_told_without_keys_and_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret-of-the-environment")
    client = host()
    _, error = await read_to_error(client, ask("exit, please"))
    await client.aclose()
    assert "its last words: died with [key] and [key]; it was asked: [prompt]" in error.message


async def test_a_child_that_crashes_again_and_again_is_not_started_for_ever(client: HostClient) -> None:
    for _ in range(3):
        await read_to_error(client, ask("exit"))
    _, error = await read_to_error(client, ask("say hello"))
    assert type(error) is ClientCrashedError
    assert "died 3 times within 30 s" in error.message
    assert "exited with code 7" in error.message


async def test_after_a_while_it_is_started_again(client: HostClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        await read_to_error(client, ask("exit"))
    monkeypatch.setattr("cascadeflow.integrations.host._CRASH_SECONDS", 0.0)
    assert text_of(await collect(client, ask("say hello"))) == "hello"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_such_module:Client", "there is no client 'no_such_module:Client'"),
        ("hosted_clients:Nobody", "there is no client 'hosted_clients:Nobody'"),
        ("nonsense", "there is no client 'nonsense'"),
        ("hosted_clients:broken", "the factory gave up"),
    ],
)
async def test_a_child_that_cannot_start_says_why(name: str, words: str) -> None:
    client = host(name)
    _, error = await read_to_error(client, ask("say hello"))
    await client.aclose()
    assert type(error) is ClientCrashedError
    assert "exited with code 1 while it started" in error.message
    assert words in error.message


async def test_a_command_that_does_not_exist() -> None:
    client = HostClient(start=("/no/such/python",))
    _, error = await read_to_error(client, ask("say hello"))
    assert type(error) is ClientCrashedError
    assert "cannot be started" in error.message


async def test_warm_up_reaches_the_client(client: HostClient) -> None:
    await client.warm_up("anthropic")
    assert text_of(await collect(client, ask("early"))) == "0 anthropic"


async def test_the_environment_is_extended() -> None:
    client = host(CASCADEFLOW_TEST_WORD="hello")
    assert text_of(await collect(client, ask("environment CASCADEFLOW_TEST_WORD"))) == "hello"
    assert text_of(await collect(client, ask("environment CASCADEFLOW_HOME"))) == os.environ["CASCADEFLOW_HOME"]
    await client.aclose()


async def test_closing_closes_the_client_in_the_child(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    client = host(CASCADEFLOW_TEST_MARKER=str(marker))
    pid = int(text_of(await collect(client, ask("pid"))))
    await client.aclose()
    assert gone(pid, 0.5)
    assert marker.read_text() == "closed"


async def test_closing_during_an_answer_ends_it(client: HostClient) -> None:
    async with aclosing(client.stream(ask("wait"))) as chunks:
        await anext(chunks)
        await client.aclose()
        with pytest.raises((ClientCrashedError, ConnectionLostError), match="closed|stopped"):
            await anext(chunks)


async def test_an_answer_without_an_end_is_not_an_answer(client: HostClient) -> None:
    text, error = await read_to_error(client, ask("halve"))
    assert text == "half an"
    assert type(error) is ConnectionLostError


async def test_a_closed_client_can_be_used_again_and_closed_twice(client: HostClient) -> None:
    assert text_of(await collect(client, ask("say one"))) == "one"
    await client.aclose()
    await client.aclose()
    assert text_of(await collect(client, ask("say two"))) == "two"


def test_one_client_serves_one_event_loop_after_another() -> None:
    """As `run_sync` does; a child whose loop ended without `aclose` is not left behind."""
    client = host()
    first = asyncio.run(collect(client, ask("pid")))
    second = asyncio.run(collect(client, ask("pid")))
    assert text_of(first) != text_of(second)
    assert gone(int(text_of(first)))
    assert gone(int(text_of(second)))


PARENT = """
    import asyncio, sys
    sys.path.insert(0, {here!r})
    from test_host_client import ask, host
    async def main():
        client = host()
        print((await anext(client.stream(ask("pid")))).text, flush=True)
        task = asyncio.create_task(anext(client.stream(ask({prompt!r})), None))
        await asyncio.sleep(3600)
    asyncio.run(main())
"""


@pytest.mark.parametrize("prompt", ["wait", "block 3600"])
def test_the_child_does_not_outlive_its_parent(prompt: str) -> None:
    """Even when the parent was killed without a chance to say so, and the client is stuck."""
    code = textwrap.dedent(PARENT).format(here=HERE, prompt=prompt)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        time.sleep(0.3)
        parent.kill()
    assert gone(child)


def test_ctrl_c_in_the_terminal_does_not_reach_the_child() -> None:
    """It goes to the whole process group of the terminal; the child is in a session of its own."""
    client = host()

    async def read() -> str:
        pid = int(text_of(await collect(client, ask("pid"))))
        assert os.getsid(pid) == pid
        assert os.getsid(pid) != os.getsid(os.getpid())
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.1)
        return text_of(await collect(client, ask("pid")))

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert asyncio.run(read())
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_is_missing_is_known_in_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the default client, without starting a child; other clients need no keys."""
    model = ModelConfig("gpt-4o-mini", "openai")
    lack = HostClient().unavailable(model)
    assert lack is not None
    assert (lack.model, lack.reason, lack.kind) == ("gpt-4o-mini", "OPENAI_API_KEY is not set", "key")
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    assert HostClient().unavailable(model) is None
    assert host().unavailable(ModelConfig("gpt-4o", "openai")) is None


def test_prompt_tokens_are_counted_in_the_parent() -> None:
    assert HostClient().count_prompt_tokens(ask("Hello")) > 0


async def test_what_arrives_too_late_is_dropped(client: HostClient) -> None:
    """A reply to a request that was given up arrives late."""
    async with aclosing(client.stream(ask("say one two three"))) as chunks:
        await anext(chunks)
    assert text_of(await collect(client, ask("say four"))) == "four"
