"""Fault 2: a call counts in several budgets, and one of them is empty."""

from __future__ import annotations

import asyncio
from itertools import permutations
from typing import Any

import pytest
from fault_agents import PER_TOKEN, Door, agent_of, asked, tracker_on
from fault_child import CENT

from cascadeflow.errors import BudgetExceededError
from cascadeflow.telemetry import BudgetConfig, CostTracker
from cascadeflow.telemetry.ledger import Claim, Ledger

SCOPES = ("user", "tier", "global")


def three_budgets(ledger: Ledger, usd: dict[str, float]) -> CostTracker:
    """Budgets for a user, the user's tier, and everyone."""
    return tracker_on(
        ledger,
        None,
        user_budgets={"me": BudgetConfig(daily=usd["user"])},
        tier_budgets={"free": BudgetConfig(daily=usd["tier"])},
        global_budget=BudgetConfig(daily=usd["global"]),
    )


@pytest.mark.parametrize("empty", SCOPES)
async def test_fault_2_all_budgets_or_none(idle: Ledger, empty: str) -> None:
    """Whichever of the three is empty, none of the three changes."""
    tracker = three_budgets(idle, dict.fromkeys(SCOPES, 1.00) | {empty: 0.04})
    for _ in range(3):
        with pytest.raises(BudgetExceededError) as caught:
            await tracker.reserve("run", "me", "free", 5 * CENT)
        assert caught.value.limit == 4 * CENT
    assert [(status.spent, status.held) for status in await tracker.status("me", "free")] == [(0, 0)] * 3


@pytest.mark.parametrize("empty", SCOPES)
async def test_fault_2_someone_else_takes_the_last_of_one_budget(idle: Ledger, door: Door, empty: str) -> None:
    """A run that saw money in all three is refused before its call, and none of the three changes, in any order."""
    tracker = three_budgets(idle, dict.fromkeys(SCOPES, 1.00))
    agent = agent_of({"paid": ["391"]}, tracker)
    reserve, refused = idle.reserve, []

    async def later(hold_id: str, run_id: str, claims: list[Claim], amount: int, *rest: Any) -> Claim | None:
        by_scope = {claim.scope: claim for claim in claims}
        await reserve("theirs", "other run", [by_scope[empty]], 100 * CENT, *rest)
        for order in permutations(SCOPES):
            refused.append(await reserve(hold_id, run_id, [by_scope[scope] for scope in order], amount, *rest))
        return refused[-1]

    idle.reserve = later  # type: ignore[method-assign, assignment]
    with pytest.raises(BudgetExceededError):
        await door(agent, user_id="me", user_tier="free")
    assert asked(agent) == []
    assert {claim.scope for claim in refused} == {empty}
    balances = {status.scope: (status.spent, status.held) for status in await tracker.status("me", "free")}
    assert balances == dict.fromkeys(SCOPES, (0, 0)) | {empty: (0, 100 * CENT)}
    await idle.settle("theirs", 0)


async def test_fault_2_a_run_counts_in_all_three(idle: Ledger, door: Door) -> None:
    """Where all three have money, each is charged the same, once."""
    tracker = three_budgets(idle, dict.fromkeys(SCOPES, 1.00))
    result, _ = await door(agent_of({"paid": ["391"]}, tracker), user_id="me", user_tier="free")
    assert result.total_cost_nanousd == 6 * PER_TOKEN
    statuses = await tracker.status("me", "free")
    assert [(status.spent, status.held) for status in statuses] == [(6 * PER_TOKEN, 0)] * 3


async def test_fault_2_under_load_all_budgets_or_none(idle: Ledger) -> None:
    """Racing over two users and one pool, the counters agree with each other."""
    tracker = tracker_on(idle, 0.30, global_budget=BudgetConfig(total=0.40))

    async def one(user: str) -> None:
        try:
            await tracker.settle(await tracker.reserve("run", user, None, 5 * CENT), 5 * CENT, model="paid")
        except BudgetExceededError:
            await asyncio.sleep(0)

    await asyncio.gather(*(one(user) for user in ["me", "you"] * 20))
    mine, pool = await tracker.status("me")
    yours, _ = await tracker.status("you")
    assert pool.spent == mine.spent + yours.spent == 40 * CENT
    assert max(mine.spent, yours.spent) <= 30 * CENT
