"""Fault 3: a run is stopped at any of its awaits."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from fault_agents import DEAR, PAID, PER_TOKEN, QUESTION, Door, Hanging, agent_of, cost_of, spent, tracker_on, until
from fault_awaits import Awaits, SlowClient, let_others_run
from ledger_cases import KINDS, assert_no_drift

from cascadeflow import CascadeAgent
from cascadeflow.client import Chunk, ModelRequest
from cascadeflow.core.execute import Emitter
from cascadeflow.core.run_stream import RunStream
from cascadeflow.errors import AllModelsFailedError, CallTimeoutError, CascadeFlowError, RateLimitError
from cascadeflow.events import TERMINAL, Degraded, Event, RunCancelled, StepFinished, StepStarted
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.ledger import Ledger
from cascadeflow.testing import Answer, ScriptedClient

PRICES = {"paid": PER_TOKEN, "dear": 10 * PER_TOKEN}
PROMPT = 10
WAYS = [
    ("run", "cancel"),  # the task that awaits `run` is cancelled
    ("run", "cancel again"),  # and at every later await once more
    ("run", "error"),  # the await raises
    ("stream", "cancel"),
    ("stream", "cancel again"),
    ("stream", "close"),
    ("stream", "leave"),  # the reader goes away, and the run goes on
    ("stream", "error"),
]


def wordy_agent(tracker: CostTracker, events: list[Event]) -> CascadeAgent:
    """An agent whose run has every kind of await: a wait, a draft rejected, a stream that breaks, a repetition."""
    script: dict[str, list[Any]] = {
        "paid": [RateLimitError("busy", retry_after=0.0001), Answer("The answer is 381.", prompt_tokens=PROMPT)],
        "dear": [Answer("17 times 23", prompt_tokens=PROMPT, fail_after=2), Answer("391", prompt_tokens=PROMPT)],
    }
    return CascadeAgent(
        [PAID, DEAR], client=SlowClient(script), cost_tracker=tracker, max_retries=1, observers=[events.append]
    )


def assert_accounted(events: list[Event], words: list[int]) -> None:
    """One terminal event, the last one; each call has its end, and is charged with the words that came of it."""
    assert [isinstance(event, TERMINAL) for event in events] == [False] * (len(events) - 1) + [True]
    started = [event for event in events if isinstance(event, StepStarted)]
    finished = [event for event in events if isinstance(event, StepFinished)]
    for begin, end, streamed in zip(started, finished, words, strict=True):
        charged = PRICES[begin.model] * (PROMPT + streamed)
        assert end.cost == charged or (end.cost == 0 and not streamed)


async def stopped_at(at: int, through: str, how: str, ledger: Ledger) -> bool:
    """Run, stop that run at one of its awaits, and check what is left; False: it has not so many."""
    events: list[Event] = []
    made: list[int] = []
    closing: list[asyncio.Future[None]] = []
    tracker = tracker_on(ledger)
    before = await spent(tracker)
    agent = wordy_agent(tracker, events)
    words = agent.client.words  # type: ignore[attr-defined]
    stream = agent.stream(QUESTION)

    async def read() -> None:
        if through == "run":
            await agent.run(QUESTION)
        else:
            await stream.until_done() if how != "leave" else [event async for event in stream]

    def stop() -> BaseException | None:
        made.append(len(words))
        if how == "error":
            return RuntimeError("out of nothing")
        if how == "close":
            closing.append(asyncio.ensure_future(stream.aclose()))
        elif through == "run" or how == "leave":
            reader.cancel()
        else:
            stream.cancel()
        return None

    with Awaits(at, stop, ever_after=how == "cancel again"):
        reader = asyncio.create_task(read())
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
    assert reader.cancelled() or isinstance(reader.exception(), CascadeFlowError | None)
    assert_accounted(events, words)
    if how == "error":
        await tracker.flush()  # as the next reservation would
    assert await spent(tracker) - before == cost_of(events)
    assert await ledger.open_holds() == []
    if made and how.startswith("cancel"):
        late = through == "run"  # a turn of the loop, until the run hears that its caller was cancelled
        assert late or isinstance(events[-1], RunCancelled)
        assert len(words) <= made[0] + late, "calls were made after the run had been cancelled"
    return bool(made)


@pytest.mark.parametrize(("through", "how"), WAYS)
async def test_fault_3_stopped_at_every_await(
    idle: Ledger, through: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No hold stays open, what was streamed is charged, and exactly one terminal event ends the run."""
    monkeypatch.setattr("cascadeflow.core.retry._FIRST_WAIT", 1e-4)
    let_others_run(idle)
    at = 0
    while await stopped_at(at, through, how, idle):
        at += 1
        assert at < 500
    assert at > 30, "the run has become too short to be a test"


def test_fault_3_nothing_follows_a_terminal_event() -> None:
    """Whatever else an engine that is stopped has to say."""
    events: list[Event] = []
    emit = Emitter("run", RunStream(lambda _: asyncio.sleep(0)), [events.append])
    for kind in (RunCancelled, RunCancelled, Degraded):
        emit(kind, **({"reason": "late"} if kind is Degraded else {"text": "", "spent": 0, "trace": ()}))
    assert [type(event) for event in events] == [RunCancelled]


async def test_fault_3_stopped_at_every_event(idle: Ledger) -> None:
    """A reader that stops the run at one of its events gets one terminal event; what was streamed is charged."""
    tracker = tracker_on(idle)
    total, at = 1, 0
    while at < total:
        before = await spent(tracker)
        events: list[Event] = []
        agent = agent_of({"paid": [Answer("381 it is", prompt_tokens=10)], "dear": ["391"]}, tracker)
        stream = agent.stream(QUESTION)
        async for event in stream:
            events.append(event)
            if event.seq == at:
                stream.cancel()
        assert [isinstance(event, TERMINAL) for event in events] == [False] * (len(events) - 1) + [True]
        assert await spent(tracker) - before == cost_of(events)
        assert await idle.open_holds() == []
        total, at = max(total, len(events)), at + 1
    assert total > 10


async def test_fault_3_the_time_for_a_run_is_over(idle: Ledger, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that runs out of time in the middle of its answer is charged with what came."""
    tracker = tracker_on(idle)
    agent = agent_of({"paid": []}, tracker, max_retries=0)
    agent._client = client = Hanging({"paid": [Answer("17 times 23 is 391", prompt_tokens=10)]}, 1)
    loop = asyncio.get_running_loop()
    now = loop.time
    monkeypatch.setattr(loop, "time", lambda: now() + (3600 if client.hanging else 0))
    with pytest.raises(AllModelsFailedError) as caught:
        await door(agent, timeout=600)
    assert isinstance(caught.value.causes[0], CallTimeoutError)
    assert caught.value.spent == await spent(tracker) == 12 * PER_TOKEN


async def test_fault_3_a_check_that_raises(idle: Ledger, door: Door) -> None:
    """A bug in a check is a failed run with its cost, not a leak."""

    class Broken:
        effective_threshold = 0.7
        checks = ()

        def validate(self, context: object) -> object:
            raise RuntimeError("bug")

    tracker = tracker_on(idle)
    answer = Answer("391", prompt_tokens=10, completion_tokens=5)
    agent = agent_of({"paid": [answer]}, tracker, quality_validator=Broken())
    with pytest.raises(CascadeFlowError, match="RuntimeError: bug"):
        await door(agent)
    assert await spent(tracker) == 15 * PER_TOKEN


async def test_fault_3_many_runs_are_left(idle: Ledger) -> None:
    """Whoever leaves `run_many` stops the runs under way, and each is settled."""
    events: list[Event] = []
    tracker = tracker_on(idle)
    agent = agent_of({"paid": []}, tracker, observers=[events.append])
    agent._client = client = Hanging({"paid": [Answer("391", prompt_tokens=10), "17 times 23 is 391"]}, 2, 3)
    runs = agent.run_many([QUESTION] * 9, concurrency=3)
    async for item in runs:
        assert item.result is not None
        break
    await until(lambda: client.hanging == 2)
    await runs.aclose()
    assert len(client.calls) == 3
    assert sum(isinstance(event, RunCancelled) for event in events) == 2
    assert await spent(tracker) == cost_of(events) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_fault_3_ctrl_c_in_a_script(ledger_of: Callable[[str], Ledger], kind: str) -> None:
    """An interrupted `run_sync` raises, and has charged what was streamed by then."""

    class Interrupting(ScriptedClient):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
            words = 0
            async for chunk in super().stream(request):
                words += 1
                yield chunk
                if words == 2:
                    signal.raise_signal(signal.SIGINT)
                    await asyncio.sleep(60)

    ledger = ledger_of(kind)
    tracker = tracker_on(ledger)
    agent = agent_of({"paid": []}, tracker)
    agent._client = Interrupting({"paid": [Answer("17 times 23 is 391", prompt_tokens=10)]})
    with pytest.raises(KeyboardInterrupt):
        agent.run_sync(QUESTION)

    async def what_is_left() -> None:
        assert await ledger.open_holds() == []
        assert await spent(tracker) == 12 * PER_TOKEN
        await assert_no_drift(ledger)
        await ledger.aclose()

    asyncio.run(what_is_left())
