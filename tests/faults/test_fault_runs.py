"""Faults of whole runs, on each ledger, through run and stream; money is compared exactly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import pytest

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.client import Chunk, ModelRequest
from cascadeflow.errors import (
    AuthenticationError,
    BadRequestError,
    BudgetExceededError,
    ConnectionLostError,
    ContentFilterError,
    ContextLengthError,
    LedgerError,
    ModelCallError,
    ModelNotFoundError,
    RateLimitError,
    call_error_from_dict,
    error_to_dict,
)
from cascadeflow.events import (
    TERMINAL,
    BudgetWarning,
    Degraded,
    Event,
    Retracted,
    Retrying,
    RunFinished,
    StepFinished,
    StepStarted,
    TokenDelta,
    Validated,
)
from cascadeflow.schema import CascadeResult
from cascadeflow.telemetry import BudgetConfig, CostTracker
from cascadeflow.telemetry.ledger import Ledger, MemoryLedger
from cascadeflow.testing import Answer, ScriptedClient

PAID = ModelConfig("paid", "openai", cost=0.001, quality_score=0.8)
DEAR = ModelConfig("dear", "openai", cost=0.01, quality_score=0.95)
FREE = ModelConfig("free", "local", quality_score=0.3)
QUESTION = "What is 17 * 23?"
PER_TOKEN = 1000
"""Nano-USD of one token of PAID."""


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def ledger(request: pytest.FixtureRequest, ledger_of: Callable[[str], Ledger]) -> AsyncIterator[Ledger]:
    """Each ledger in turn; afterwards no hold is open."""
    store = ledger_of(request.param)
    yield store
    assert list(await store.open_holds()) == []
    await store.aclose()


@pytest.fixture(params=["run", "stream"])
def door(request: pytest.FixtureRequest) -> Any:
    """Ask through `run`, or through `stream`; both give the result and the events."""

    async def ask(agent: CascadeAgent, **options: Any) -> tuple[CascadeResult, list[Event]]:
        events: list[Event] = []
        if request.param == "run":
            return await agent.run(QUESTION, observers=[events.append], **options), events
        stream = agent.stream(QUESTION, **options)
        async for event in stream:
            events.append(event)
        if stream.error is not None:
            raise stream.error
        assert stream.result is not None
        return stream.result, events

    return ask


def agent_of(answers: dict[str, list[Any]], tracker: CostTracker | None, **options: Any) -> CascadeAgent:
    """An agent over those of the three models that the script names."""
    models = [model for model in (PAID, DEAR, FREE) if model.name in answers]
    return CascadeAgent(models, client=ScriptedClient(answers), cost_tracker=tracker, **options)


async def spent(tracker: CostTracker) -> int:
    """Nano-USD booked for the anonymous user today."""
    return (await tracker.status(None, None))[0].spent


async def test_fault_zero_budget_makes_no_paid_call(ledger: Ledger, door: Any) -> None:
    """A budget of 0 USD: refused before any call, saying which budget, spent, limit and reset."""
    agent = agent_of({"paid": ["391"], "dear": ["391"]}, CostTracker(budget_limit=0, store=ledger))
    with pytest.raises(BudgetExceededError, match=r"\$0 of \$0 spent.*resets"):
        await door(agent)
    assert agent.client.calls == []  # type: ignore[attr-defined]


async def test_fault_spent_budget_degrades_to_a_free_model_marked_as_itself(ledger: Ledger, door: Any) -> None:
    """With `degrade` a model that costs nothing answers, and the events say so."""
    tracker = CostTracker(budget_limit=0, store=ledger)
    agent = agent_of({"paid": ["391"], "free": ["391"]}, tracker, stand_by=[FREE])
    agent.models = [PAID]
    result, events = await door(agent)
    assert result.model_used == "free"
    assert result.total_cost_nanousd == 0
    assert any(isinstance(event, Degraded) and event.replacement == "free" for event in events)
    assert [call.model for call in agent.client.calls] == ["free"]  # type: ignore[attr-defined]


async def test_fault_free_models_are_asked_before_a_rejected_draft_is_returned(ledger: Ledger, door: Any) -> None:
    """Where the budget keeps the stronger model out, what costs nothing is tried first."""
    tracker = CostTracker(budget_limit=0.0002, store=ledger)
    answers = {"paid": [Answer("381", prompt_tokens=10, completion_tokens=5)], "dear": ["391"], "free": ["391"]}
    agent = agent_of(answers, tracker, stand_by=[FREE])
    agent.models = [PAID, DEAR]
    result, events = await door(agent)
    assert (result.text, result.model_used, result.validated) == ("391", "free", True)
    assert [call.model for call in agent.client.calls] == ["paid", "free"]  # type: ignore[attr-defined]
    assert any(isinstance(event, Degraded) and event.replacement == "free" for event in events)


async def test_fault_block_refuses_even_with_a_free_stand_by(ledger: Ledger, door: Any) -> None:
    """`block` means no answer at all."""
    tracker = CostTracker(budget_limit=0, store=ledger, enforcement="block")
    agent = agent_of({"paid": ["391"], "free": ["391"]}, tracker, stand_by=[FREE])
    agent.models = [PAID]
    with pytest.raises(BudgetExceededError):
        await door(agent)
    assert agent.client.calls == []  # type: ignore[attr-defined]


async def test_fault_warn_admits_and_says_so(ledger: Ledger, door: Any) -> None:
    """`warn` books above the limit and warns."""
    tracker = CostTracker(budget_limit=0.000001, store=ledger, enforcement="warn")
    agent = agent_of({"paid": [Answer("391", prompt_tokens=10, completion_tokens=5)]}, tracker)
    result, events = await door(agent)
    assert result.text == "391"
    assert any(isinstance(event, BudgetWarning) for event in events)
    assert await spent(tracker) == 15 * PER_TOKEN


async def test_fault_calls_are_cut_not_holds(ledger: Ledger, door: Any) -> None:
    """What is left decides how long an answer may be; the hold covers it whole."""
    tracker = CostTracker(budget_limit=0.000110, store=ledger)
    agent = agent_of({"paid": [Answer("391", prompt_tokens=10, completion_tokens=5)]}, tracker)
    result, events = await door(agent)
    started = next(event for event in events if isinstance(event, StepStarted))
    assert started.max_tokens == 100
    assert started.held == 110 * PER_TOKEN
    assert result.total_cost_nanousd == await spent(tracker) == 15 * PER_TOKEN


async def test_fault_best_draft_stays_when_the_budget_ends(ledger: Ledger, door: Any) -> None:
    """An answer that exists is never thrown away because the next one is too dear."""
    tracker = CostTracker(budget_limit=0.0002, store=ledger)
    agent = agent_of({"paid": [Answer("381", prompt_tokens=10, completion_tokens=5)], "dear": ["391"]}, tracker)
    result, _ = await door(agent)
    assert (result.text, result.validated) == ("381", False)
    assert [call.model for call in agent.client.calls] == ["paid"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("users", [["me"], ["me", "you"]])
async def test_fault_each_user_has_a_budget_of_their_own(ledger: Ledger, users: list[str]) -> None:
    """`budget_limit` is a day's money per user; one user's spend leaves the other's alone."""
    tracker = CostTracker(budget_limit=0.0002, store=ledger)
    answer = Answer("391", prompt_tokens=20, completion_tokens=80)
    agent = agent_of({"paid": [answer]}, tracker)
    for user in users:
        await agent.run(QUESTION, user_id=user)
    for user in users:
        assert (await tracker.status(user, None))[0].spent == 100 * PER_TOKEN


async def test_fault_a_tier_s_budget_takes_the_place_of_the_default(ledger: Ledger) -> None:
    """`budget_limit` is what users get whose tier has no budget of its own for that period."""
    tiers = {"enterprise": BudgetConfig(daily=0.0004), "free": BudgetConfig(weekly=0.5)}
    tracker = CostTracker(budget_limit=0.0002, tier_budgets=tiers, store=ledger)
    limits = {tier: [status.limit for status in await tracker.status("me", tier)] for tier in ("enterprise", "free")}
    assert limits == {"enterprise": [400_000], "free": [200_000, 500_000_000]}


async def test_fault_one_hundred_at_once_never_overshoot(ledger: Ledger) -> None:
    """Concurrent runs of one user stay below the limit, whoever wins."""
    tracker = CostTracker(budget_limit=0.002, store=ledger)
    answers = {"paid": [Answer("391", prompt_tokens=10, completion_tokens=90, delay=0.001)]}
    agent = agent_of(answers, tracker, max_tokens=90)
    results = await asyncio.gather(*(agent.run(QUESTION) for _ in range(100)), return_exceptions=True)
    served = [result for result in results if isinstance(result, CascadeResult)]
    assert all(isinstance(result, (CascadeResult, BudgetExceededError)) for result in results)
    assert len(served) == 20
    assert await spent(tracker) == 20 * 100 * PER_TOKEN


@pytest.mark.parametrize("after", [0, 1, 3])
async def test_fault_broken_stream_is_withdrawn_booked_and_replaced(ledger: Ledger, door: Any, after: int) -> None:
    """The text shown is withdrawn, only the replacement's text remains, both calls are booked."""
    tracker = CostTracker(budget_limit=10, store=ledger)
    broken = Answer("17 times 23 is 391", prompt_tokens=10, fail_after=after)
    whole = Answer("391", prompt_tokens=10, completion_tokens=5)
    agent = agent_of({"paid": [broken], "dear": [whole]}, tracker, max_retries=0)
    result, events = await door(agent)
    assert result.text == "391"
    retracted = [event for event in events if isinstance(event, Retracted)]
    assert len(retracted) == (1 if after else 0)
    finished = [event for event in events if isinstance(event, StepFinished)]
    assert finished[0].usage.source == "at_least"
    assert finished[0].cost == (10 + after) * PER_TOKEN
    assert finished[1].cost == 15 * 10 * PER_TOKEN
    assert await spent(tracker) == sum(event.cost or 0 for event in finished) == result.total_cost_nanousd


async def test_fault_a_connection_that_was_never_made_costs_nothing(ledger: Ledger, door: Any) -> None:
    """The provider never saw the prompt, so it is not booked; also after a trip through JSON."""
    error = ConnectionLostError("refused")
    error.reached = False
    again = call_error_from_dict(error_to_dict(error))
    tracker = CostTracker(budget_limit=10, store=ledger)
    agent = agent_of({"paid": [again], "dear": [Answer("391", prompt_tokens=10)]}, tracker, max_retries=0)
    _, events = await door(agent)
    assert [event.cost for event in events if isinstance(event, StepFinished)] == [0, 11 * 10 * PER_TOKEN]


async def test_fault_cancel_at_every_event_leaves_no_hold(ledger: Ledger) -> None:
    """Stop the run at each of its events: one terminal event, no open hold, streamed tokens charged."""
    tracker = CostTracker(budget_limit=10, store=ledger)
    script = {"paid": [Answer("381 it is", prompt_tokens=10)], "dear": [Answer("391", prompt_tokens=10)]}
    total = len([event async for event in agent_of(script, None).stream(QUESTION)])
    for stop_at in range(total):
        before = await spent(tracker)
        events: list[Event] = []
        stream = agent_of(script, tracker).stream(QUESTION)
        async for event in stream:
            events.append(event)
            if event.seq == stop_at:
                stream.cancel()
        assert sum(isinstance(event, TERMINAL) for event in events) == 1
        assert isinstance(events[-1], TERMINAL)
        booked = sum(event.cost or 0 for event in events if isinstance(event, StepFinished))
        assert await spent(tracker) - before == booked
        assert list(await ledger.open_holds()) == []


class _Counting(ScriptedClient):
    """A client that yields to the loop between words, so that a cancellation can hit anywhere."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        async for chunk in super().stream(request):
            await asyncio.sleep(0)
            yield chunk


@pytest.mark.parametrize("turns", range(0, 40, 3))
async def test_fault_cancel_after_any_number_of_turns(ledger: Ledger, turns: int) -> None:
    """Cancelling the task that awaits `run` after n turns of the loop settles as well."""
    seen: list[Event] = []
    tracker = CostTracker(budget_limit=10, store=ledger)
    agent = agent_of({"paid": ["x"], "dear": ["x"]}, tracker, observers=[seen.append])
    agent._client = _Counting({"paid": ["381 it is"], "dear": ["391"]})
    task = asyncio.create_task(agent.run(QUESTION))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    assert sum(isinstance(event, TERMINAL) for event in seen) == (1 if seen else 0)
    booked = sum(event.cost or 0 for event in seen if isinstance(event, StepFinished))
    assert await spent(tracker) == booked
    assert list(await ledger.open_holds()) == []


async def test_fault_a_check_that_raises_leaves_no_hold(ledger: Ledger, door: Any) -> None:
    """A bug in a check is a failed run with its cost, not a leak."""

    class Broken:
        effective_threshold = 0.7
        checks = ()

        def validate(self, context: object) -> object:
            raise RuntimeError("bug")

    tracker = CostTracker(budget_limit=10, store=ledger)
    answer = Answer("391", prompt_tokens=10, completion_tokens=5)
    agent = agent_of({"paid": [answer]}, tracker, quality_validator=Broken())
    with pytest.raises(Exception, match="RuntimeError: bug"):
        await door(agent)
    assert await spent(tracker) == 15 * PER_TOKEN


class _Failing(MemoryLedger):
    """A ledger one of whose operations fails."""

    def __init__(self, operation: str) -> None:
        super().__init__()
        self.operation = operation

    def __getattribute__(self, name: str) -> Any:
        if name not in ("operation", "__class__") and name == object.__getattribute__(self, "__dict__").get(
            "operation"
        ):

            async def fail(*_: Any, **__: Any) -> Any:
                raise LedgerError(f"the store is down at {name}")

            return fail
        return super().__getattribute__(name)


@pytest.mark.parametrize("operation", ["reserve", "balances"])
@pytest.mark.parametrize("policy", ["refuse", "allow"])
async def test_fault_store_down_follows_the_stated_policy(operation: str, policy: Any, door: Any) -> None:
    """Closed by default when a budget is set; open on request, and said."""
    tracker = CostTracker(budget_limit=1, store=_Failing(operation), on_store_error=policy)
    agent = agent_of({"paid": ["391"]}, tracker)
    if policy == "refuse":
        with pytest.raises((LedgerError, BudgetExceededError)):
            await door(agent)
        assert agent.client.calls == []  # type: ignore[attr-defined]
    else:
        result, events = await door(agent)
        assert result.text == "391"
        told = [event.reason for event in events if isinstance(event, Degraded)]
        assert bool(told) is (operation == "reserve")


async def test_fault_store_down_at_settle_keeps_the_answer(door: Any) -> None:
    """The answer that was paid for is not lost; an event says that it could not be booked."""
    store = _Failing("settle")
    agent = agent_of({"paid": ["391"]}, CostTracker(budget_limit=1, store=store))
    result, events = await door(agent)
    assert result.text == "391"
    assert any(isinstance(event, Degraded) and "could not be booked" in event.reason for event in events)


@pytest.mark.parametrize(
    "error",
    [
        BadRequestError("bad", status=400),
        AuthenticationError("key", status=401),
        AuthenticationError("key", status=403),
        ModelNotFoundError("gone", status=404),
        ContextLengthError("long", status=400),
        ContentFilterError("filter", status=400),
    ],
    ids=lambda error: type(error).__name__ + str(error.status),
)
async def test_fault_client_errors_are_never_repeated(error: ModelCallError, door: Any) -> None:
    """One call, then the next model."""
    agent = agent_of({"paid": [error], "dear": ["391"]}, None)
    result, events = await door(agent)
    assert result.model_used == "dear"
    assert [call.model for call in agent.client.calls] == ["paid", "dear"]  # type: ignore[attr-defined]
    assert not any(isinstance(event, Retrying) for event in events)


async def test_fault_each_wait_follows_the_latest_answer(door: Any) -> None:
    """Two different Retry-After values give two different waits; too long a one goes to the next model."""
    errors = [RateLimitError("busy", retry_after=seconds) for seconds in (0.01, 0.02, 3600)]
    agent = agent_of({"paid": errors, "dear": ["391"]}, None, max_retries=5)
    result, events = await door(agent)
    assert [event.wait for event in events if isinstance(event, Retrying)] == [0.01, 0.02]
    assert result.model_used == "dear"


async def test_fault_missing_usage_is_estimated_and_marked(ledger: Ledger, door: Any) -> None:
    """No usage is no free answer."""
    tracker = CostTracker(budget_limit=10, store=ledger)
    agent = agent_of({"paid": [Answer("It is 391", prompt_tokens=10, usage=False)]}, tracker)
    result, _ = await door(agent)
    assert result.usage.source == "estimated"
    assert result.total_cost_nanousd == (10 + 3) * PER_TOKEN == await spent(tracker)


async def test_fault_zero_usage_stays_zero_and_cached_tokens_are_cheaper(door: Any) -> None:
    """What the provider says is what is billed."""
    zero, _ = await door(agent_of({"paid": [Answer("391", prompt_tokens=0, completion_tokens=0)]}, None))
    assert zero.total_cost_nanousd == 0
    mini = ModelConfig("gpt-4o-mini", "openai", quality_score=0.8)
    answer = Answer("391", prompt_tokens=1000, completion_tokens=0, cached_tokens=1000)
    cached, _ = await door(CascadeAgent([mini], client=ScriptedClient({"gpt-4o-mini": [answer]})))
    assert cached.total_cost_nanousd == 75_000


async def test_fault_unknown_price_is_never_zero(ledger: Ledger, door: Any) -> None:
    """Without a budget it is unknown and said so; under a budget the model is refused."""
    mystery = ModelConfig("mystery", "openai")
    client = ScriptedClient({"mystery": ["391"]})
    result, events = await door(CascadeAgent([mystery], client=client))
    assert not result.cost_known
    assert [event.cost for event in events if isinstance(event, StepFinished)] == [None]
    limited = CascadeAgent([mystery], client=client, cost_tracker=CostTracker(budget_limit=1, store=ledger))
    with pytest.raises(BudgetExceededError, match="unknown"):
        await door(limited)
    assert len(client.calls) == 1


async def test_fault_tier_limit_bounds_the_whole_run(ledger: Ledger, door: Any) -> None:
    """Drafts count against the tier's limit per query; a run never costs more."""
    tracker = CostTracker(budget_limit=10, store=ledger)
    answers = {
        "paid": [Answer("381", prompt_tokens=10, completion_tokens=500)],
        "dear": [Answer("391", prompt_tokens=10, completion_tokens=30)],
    }
    result, events = await door(agent_of(answers, tracker), user_tier="free")
    assert result.total_cost <= 0.001
    starts = [event for event in events if isinstance(event, StepStarted)]
    assert all(event.held <= 1_000_000 for event in starts)


async def test_fault_warning_comes_at_the_threshold(ledger: Ledger, door: Any) -> None:
    """At 80 % of the day's budget an event warns, once the cost is booked."""
    tracker = CostTracker(budget_limit=0.000120, store=ledger)
    agent = agent_of({"paid": [Answer("391", prompt_tokens=10, completion_tokens=95)]}, tracker)
    _, events = await door(agent)
    warnings = [event for event in events if isinstance(event, BudgetWarning)]
    assert [(event.spent, event.limit) for event in warnings] == [(105 * PER_TOKEN, 120 * PER_TOKEN)]
    assert warnings[0].resets_at is not None


async def test_fault_free_answers_need_no_ledger(door: Any) -> None:
    """Embedded models work while the store is down."""
    agent = agent_of({"free": ["391"]}, CostTracker(budget_limit=1, store=_Failing("reserve")))
    result, events = await door(agent)
    assert result.text == "391"
    assert isinstance(events[-1], RunFinished)
    assert any(isinstance(event, TokenDelta) for event in events)
    assert any(isinstance(event, Validated) for event in events)
