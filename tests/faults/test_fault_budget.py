"""What a budget does to runs: it refuses, degrades, cuts answers short, warns."""

from __future__ import annotations

import pytest
from fault_agents import DEAR, FREE, PAID, PER_TOKEN, QUESTION, Door, agent_of, asked, spent, tracker_on

from cascadeflow.errors import BudgetExceededError
from cascadeflow.events import BudgetWarning, Degraded, StepStarted
from cascadeflow.telemetry import BudgetConfig
from cascadeflow.telemetry.ledger import Ledger
from cascadeflow.testing import Answer


async def test_fault_zero_budget_makes_no_paid_call(idle: Ledger, door: Door) -> None:
    """A budget of 0 USD: refused before any call, saying which budget, spent, limit and reset."""
    agent = agent_of({"paid": ["391"], "dear": ["391"]}, tracker_on(idle, 0))
    with pytest.raises(BudgetExceededError, match=r"\$0 of \$0 spent.*resets"):
        await door(agent)
    assert asked(agent) == []


async def test_fault_spent_budget_degrades_to_a_free_model_marked_as_itself(idle: Ledger, door: Door) -> None:
    """With `degrade` a model that costs nothing answers, and the events say so."""
    tracker = tracker_on(idle, 0)
    agent = agent_of({"paid": ["391"], "free": ["391"]}, tracker, stand_by=[FREE])
    agent.models = [PAID]
    result, events = await door(agent)
    assert result.model_used == "free"
    assert result.total_cost_nanousd == 0
    assert any(isinstance(event, Degraded) and event.replacement == "free" for event in events)
    assert asked(agent) == ["free"]


async def test_fault_free_models_are_asked_before_a_rejected_draft_is_returned(idle: Ledger, door: Door) -> None:
    """Where the budget keeps the stronger model out, what costs nothing is tried first."""
    tracker = tracker_on(idle, 0.0002)
    answers = {"paid": [Answer("381", prompt_tokens=10, completion_tokens=5)], "dear": ["391"], "free": ["391"]}
    agent = agent_of(answers, tracker, stand_by=[FREE])
    agent.models = [PAID, DEAR]
    result, events = await door(agent)
    assert (result.text, result.model_used, result.validated) == ("391", "free", True)
    assert asked(agent) == ["paid", "free"]
    assert any(isinstance(event, Degraded) and event.replacement == "free" for event in events)


async def test_fault_block_refuses_even_with_a_free_stand_by(idle: Ledger, door: Door) -> None:
    """`block` means no answer at all."""
    tracker = tracker_on(idle, 0, enforcement="block")
    agent = agent_of({"paid": ["391"], "free": ["391"]}, tracker, stand_by=[FREE])
    agent.models = [PAID]
    with pytest.raises(BudgetExceededError):
        await door(agent)
    assert asked(agent) == []


async def test_fault_warn_admits_and_says_so(idle: Ledger, door: Door) -> None:
    """`warn` books above the limit and warns."""
    tracker = tracker_on(idle, 0.000001, enforcement="warn")
    agent = agent_of({"paid": [Answer("391", prompt_tokens=10, completion_tokens=5)]}, tracker)
    result, events = await door(agent)
    assert result.text == "391"
    assert any(isinstance(event, BudgetWarning) for event in events)
    assert await spent(tracker) == 15 * PER_TOKEN


async def test_fault_calls_are_cut_not_holds(idle: Ledger, door: Door) -> None:
    """What is left decides how long an answer may be; the hold covers it whole."""
    tracker = tracker_on(idle, 0.000110)
    agent = agent_of({"paid": [Answer("391", prompt_tokens=10, completion_tokens=5)]}, tracker)
    result, events = await door(agent)
    started = next(event for event in events if isinstance(event, StepStarted))
    assert started.max_tokens == 100
    assert started.held == 110 * PER_TOKEN
    assert result.total_cost_nanousd == await spent(tracker) == 15 * PER_TOKEN


async def test_fault_best_draft_stays_when_the_budget_ends(idle: Ledger, door: Door) -> None:
    """An answer that exists is never thrown away because the next one is too dear."""
    tracker = tracker_on(idle, 0.0002)
    agent = agent_of({"paid": [Answer("381", prompt_tokens=10, completion_tokens=5)], "dear": ["391"]}, tracker)
    result, _ = await door(agent)
    assert (result.text, result.validated) == ("381", False)
    assert asked(agent) == ["paid"]


@pytest.mark.parametrize("users", [["me"], ["me", "you"]])
async def test_fault_each_user_has_a_budget_of_their_own(idle: Ledger, users: list[str]) -> None:
    """`budget_limit` is a day's money per user; one user's spend leaves the other's alone."""
    tracker = tracker_on(idle, 0.0002)
    answer = Answer("391", prompt_tokens=20, completion_tokens=80)
    agent = agent_of({"paid": [answer]}, tracker)
    for user in users:
        await agent.run(QUESTION, user_id=user)
    for user in users:
        assert (await tracker.status(user, None))[0].spent == 100 * PER_TOKEN


async def test_fault_a_tier_s_budget_takes_the_place_of_the_default(idle: Ledger) -> None:
    """`budget_limit` is what users get whose tier has no budget of its own for that period."""
    tiers = {"enterprise": BudgetConfig(daily=0.0004), "free": BudgetConfig(weekly=0.5)}
    tracker = tracker_on(idle, 0.0002, tier_budgets=tiers)
    limits = {tier: [status.limit for status in await tracker.status("me", tier)] for tier in ("enterprise", "free")}
    assert limits == {"enterprise": [400_000], "free": [200_000, 500_000_000]}


async def test_fault_tier_limit_bounds_the_whole_run(idle: Ledger, door: Door) -> None:
    """Drafts count against the tier's limit per query; a run never costs more."""
    tracker = tracker_on(idle, 10)
    answers = {
        "paid": [Answer("381", prompt_tokens=10, completion_tokens=500)],
        "dear": [Answer("391", prompt_tokens=10, completion_tokens=30)],
    }
    result, events = await door(agent_of(answers, tracker), user_tier="free")
    assert result.total_cost <= 0.001
    starts = [event for event in events if isinstance(event, StepStarted)]
    assert all(event.held <= 1_000_000 for event in starts)


async def test_fault_warning_comes_at_the_threshold(idle: Ledger, door: Door) -> None:
    """At 80 % of the day's budget an event warns, once the cost is booked."""
    tracker = tracker_on(idle, 0.000120)
    agent = agent_of({"paid": [Answer("391", prompt_tokens=10, completion_tokens=95)]}, tracker)
    _, events = await door(agent)
    warnings = [event for event in events if isinstance(event, BudgetWarning)]
    assert [(event.spent, event.limit) for event in warnings] == [(105 * PER_TOKEN, 120 * PER_TOKEN)]
    assert warnings[0].resets_at is not None
