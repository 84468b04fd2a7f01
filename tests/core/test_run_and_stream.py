"""One run is one stream of events: whatever door is used, the same comes out."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from scenarios import QUESTION, SCENARIOS, agent_of

from cascadeflow.errors import AllModelsFailedError, CascadeFlowError, ConfigError, UnknownTierError
from cascadeflow.events import (
    TERMINAL,
    Event,
    Planned,
    Retracted,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    TokenDelta,
    Understood,
    Validated,
    event_to_dict,
)
from cascadeflow.schema import CascadeResult
from cascadeflow.testing import Answer, ScriptedClient


def visible(events: list[Event]) -> str:
    """What a reader of the stream sees at its end."""
    text: dict[int, str] = {}
    last = 0
    for event in events:
        if isinstance(event, StepStarted):
            text[event.step] = ""
        elif isinstance(event, TokenDelta):
            text[event.step] = text.get(event.step, "") + event.text
            last = event.step
        elif isinstance(event, Retracted):
            assert len(text[event.step]) == event.characters
            text[event.step] = ""
    return text.get(last, "")


def without_times(result: CascadeResult) -> CascadeResult:
    """What must be equal between two runs."""
    trace = tuple(replace(record, first_token_ms=None, latency_ms=0) for record in result.trace)
    return replace(result, latency_ms=0, run_id="", trace=trace)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("hold_drafts", [False, True])
async def test_run_is_the_stream_folded(name: str, hold_drafts: bool) -> None:
    """Run and stream end the same way, and the visible text is the result's text."""
    ran: CascadeResult | None = None
    failure: CascadeFlowError | None = None
    try:
        ran = await SCENARIOS[name]().run(QUESTION, hold_drafts=hold_drafts)
    except CascadeFlowError as error:
        failure = error
    stream = SCENARIOS[name]().stream(QUESTION, hold_drafts=hold_drafts)
    events = [event async for event in stream]

    assert [event.seq for event in events] == list(range(len(events)))
    assert [isinstance(event, TERMINAL) for event in events].count(True) == 1
    last = events[-1]
    if ran is not None:
        assert isinstance(last, RunFinished)
        assert without_times(last.result) == without_times(ran)
        assert visible(events) == ran.text
    else:
        assert isinstance(last, RunFailed)
        assert type(failure).__name__ == last.error
        assert str(failure) == last.message
        assert visible(events) == ""


async def test_events_come_in_the_order_of_the_contract() -> None:
    """Started, understood, planned, then started → deltas → finished → validated per step."""
    events = [event async for event in SCENARIOS["escalated"]().stream(QUESTION)]
    kinds = [type(event).__name__ for event in events if not isinstance(event, TokenDelta)]
    assert kinds == [
        "RunStarted", "Understood", "Planned", "StepStarted", "StepFinished", "Validated", "Retracted", "Escalated",
        "StepStarted", "StepFinished", "Validated", "RunFinished",
    ]  # fmt: skip
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[1], Understood)
    assert isinstance(events[2], Planned)


async def test_the_wrong_draft_is_named_with_what_decided() -> None:
    """17 * 23 = 381 is rejected by recomputed arithmetic, with the score against its threshold."""
    events = [event async for event in SCENARIOS["all three"]().stream(QUESTION)]
    verdicts = [event.verdict for event in events if isinstance(event, Validated)]
    assert [verdict.is_valid for verdict in verdicts] == [False, False, True]
    assert verdicts[0].deciding == "arithmetic"
    assert "391" in verdicts[0].reason
    assert verdicts[0].score is not None
    assert verdicts[0].threshold is not None
    assert verdicts[0].score < verdicts[0].threshold


async def test_a_best_answer_is_kept_when_none_passes() -> None:
    """An answer that exists is never thrown away; it says that it did not pass."""
    result = await SCENARIOS["none passes"]().run(QUESTION)
    assert result.text in ("381", "17 * 23 = 411")
    assert not result.validated
    assert "391" in result.reason
    assert result.steps == 2


async def test_all_failures_are_listed_with_their_cost() -> None:
    """If nothing answered, one error lists every attempt."""
    with pytest.raises(AllModelsFailedError) as caught:
        await SCENARIOS["all fail"]().run(QUESTION)
    assert len(caught.value.attempts) == 2
    assert "gpt-4o-mini (500)" in str(caught.value)
    assert "503" in str(caught.value)


async def test_costs_are_real_usage_times_real_prices() -> None:
    """1000 prompt and 100 completion tokens of gpt-4o-mini cost 0.00021 USD."""
    agent = agent_of({"gpt-4o-mini": [Answer("391", prompt_tokens=1000, completion_tokens=100)], "gpt-4o": ["391"]})
    result = await agent.run(QUESTION)
    assert result.total_cost_nanousd == 210_000
    assert result.total_cost == pytest.approx(0.00021)
    assert result.cost_saved == pytest.approx((1000 * 2.5 + 100 * 10) / 1e6 - 0.00021)


async def test_the_text_a_reader_saw_is_kept_when_a_run_is_stopped() -> None:
    """Cancel: the partial text and its cost stay, one terminal event, and the stream ends."""
    client = ScriptedClient({"gpt-4o-mini": ["one two three four five six"]}, tokens_per_second=100)
    agent = agent_of({"gpt-4o-mini": [""]})
    agent._client = client
    stream = agent.stream("Count to six.")
    events: list[Event] = []
    async for event in stream:
        events.append(event)
        if isinstance(event, TokenDelta) and event.tokens == 2:
            stream.cancel()
    last = events[-1]
    assert isinstance(last, RunCancelled)
    assert last.text.startswith("one two")
    assert last.text != "one two three four five six"
    assert last.spent > 0
    assert sum(isinstance(event, StepFinished) for event in events) == 1


async def test_leaving_the_block_stops_the_run_and_settles() -> None:
    """The context manager closes: observers still see the terminal event."""
    seen: list[Event] = []
    agent = agent_of({"gpt-4o-mini": ["x"]}, observers=[seen.append])
    agent._client = ScriptedClient({"gpt-4o-mini": ["one two three"]}, tokens_per_second=50)
    async with agent.stream("Count.") as stream:
        async for event in stream:
            if isinstance(event, TokenDelta):
                break
    assert isinstance(seen[-1], RunCancelled)


async def test_a_stream_closed_before_it_began_makes_no_call() -> None:
    """Nothing was asked for, so nothing is called."""
    agent = agent_of({"gpt-4o-mini": ["391"]})
    stream = agent.stream(QUESTION)
    await stream.aclose()
    assert agent.client.calls == []  # type: ignore[attr-defined]


async def test_cancelling_run_settles_and_raises() -> None:
    """A cancelled `run` leaves nothing behind."""
    seen: list[Event] = []
    agent = agent_of({"gpt-4o-mini": [Answer("391", delay=5)]}, observers=[seen.append])
    task = asyncio.create_task(agent.run(QUESTION))
    while not any(isinstance(event, StepStarted) for event in seen):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert isinstance(seen[-1], RunCancelled)


async def test_the_time_for_a_whole_run_is_kept() -> None:
    """`timeout=` ends the run; a late answer counts as failed."""
    agent = agent_of({"gpt-4o-mini": [Answer("391", delay=5)], "gpt-4o": [Answer("391", delay=5)]})
    with pytest.raises(AllModelsFailedError, match="did not end within"):
        await agent.run(QUESTION, timeout=0.05)


async def test_first_token_timeout_fails_over() -> None:
    """A model that does not begin is left for the next one."""
    agent = agent_of(
        {"gpt-4o-mini": [Answer("391", delay=5)], "gpt-4o": ["391"]}, first_token_timeout=0.05, max_retries=0
    )
    result = await agent.run(QUESTION)
    assert result.model_used == "gpt-4o"
    assert "no answer began within 0.05 s" in result.trace[0].error


async def test_an_observer_that_fails_does_not_lose_the_run() -> None:
    """Observers look on; their faults are theirs."""

    def broken(event: Event) -> None:
        raise RuntimeError("observer")

    agent = agent_of({"gpt-4o-mini": ["391"]}, observers=[broken])
    assert (await agent.run(QUESTION)).text == "391"


async def test_a_run_never_changes_the_agent() -> None:
    """One user's tier must not leak into the next user's run."""
    agent = agent_of({"gpt-4o-mini": ["381"], "gpt-4o": ["391"]})
    before = list(agent.models)
    await agent.run(QUESTION, user_tier="free")
    assert agent.models == before
    assert (await agent.run(QUESTION)).model_used == "gpt-4o"


async def test_unknown_tier_names_those_there_are() -> None:
    """Also a ValueError, as in the document."""
    agent = agent_of({"gpt-4o-mini": ["391"]})
    with pytest.raises(UnknownTierError, match="free, starter, pro, enterprise"):
        await agent.run(QUESTION, user_tier="gold")
    assert issubclass(UnknownTierError, ValueError)


def test_run_sync_works_in_a_script() -> None:
    """No event loop is needed."""
    assert agent_of({"gpt-4o-mini": ["391"]}).run_sync(QUESTION).text == "391"


async def test_run_sync_inside_a_loop_says_what_to_do() -> None:
    """It cannot work there, and says what does."""
    with pytest.raises(ConfigError, match="await agent.run"):
        agent_of({"gpt-4o-mini": ["391"]}).run_sync(QUESTION)


async def test_a_query_without_a_user_message_is_refused_at_once() -> None:
    """The mistake is named before anything runs."""
    with pytest.raises(ConfigError, match="no message of a user"):
        agent_of({"gpt-4o-mini": ["391"]}).stream([{"role": "assistant", "content": "hi"}])


async def test_events_become_json_lines() -> None:
    """One object a line, class names in snake case."""
    import json

    for event in [event async for event in SCENARIOS["retried"]().stream(QUESTION)]:
        data = json.loads(json.dumps(event_to_dict(event)))
        assert data["event"].islower()
        assert {"run_id", "seq", "t"} <= data.keys()


LOOP = "It begins well. " + "la femme au martyre, " * 400


async def test_an_answer_in_a_loop_is_stopped_and_rejected() -> None:
    """It would be rejected at its end, and every token until then costs."""
    agent = agent_of({"gpt-4o-mini": [LOOP], "gpt-4o": ["Paris."]})
    result = await agent.run("What is the capital of France?")
    draft = result.trace[0]
    assert draft.finish_reason == "loop"
    assert draft.usage.completion_tokens < 400
    assert draft.usage.source == "estimated"
    assert draft.verdict is not None
    assert draft.verdict.deciding == "repetition"
    assert result.model_used == "gpt-4o"


async def test_an_answer_is_not_stopped_where_repetition_is_not_checked() -> None:
    """Whoever switches the check off, or asks for repetition, gets all of it."""
    from cascadeflow.quality import QualityValidator

    lenient = QualityValidator(enable_coherence_check=False)
    agent = agent_of({"gpt-4o-mini": [LOOP]}, quality_validator=lenient)
    assert (await agent.run("What is the capital of France?")).text == LOOP
    asked = agent_of({"gpt-4o-mini": [LOOP]})
    assert (await asked.run("Repeat that phrase 400 times.")).trace[0].finish_reason == "stop"


@pytest.mark.parametrize("stop", ["cancel", "aclose"])
async def test_a_run_that_is_stopped_before_it_began_ends_like_any_other(stop: str) -> None:
    """Its last event comes, nothing is asked, and nobody waits for ever."""
    agent = agent_of({"gpt-4o-mini": ["391"], "gpt-4o": ["391"]})
    stream = agent.stream(QUESTION)
    stream.start()
    if stop == "cancel":
        stream.cancel()
    else:
        await stream.aclose()
    async with asyncio.timeout(5):
        events = [event async for event in stream]
    assert isinstance(events[-1], RunCancelled)
    assert agent.client.calls == []
