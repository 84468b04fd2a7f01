"""Fault 1: many calls race for the last of a budget."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from fault_agents import PER_TOKEN, agent_of, ask, spent, tracker_on
from fault_awaits import let_others_run
from fault_child import CENT, open_shared, race
from ledger_cases import assert_no_drift

from cascadeflow.errors import BudgetExceededError
from cascadeflow.schema import CascadeResult
from cascadeflow.telemetry.ledger import Ledger, MemoryLedger
from cascadeflow.testing import Answer


@pytest.mark.parametrize("through", ["reserve", "run", "stream"])
async def test_fault_1_four_processes_race_one_budget(four_children: list[Any], place: str, through: str) -> None:
    """1,000 tasks, 1.00 USD, holds of 0.05: exactly 20 are admitted, no other calls a model, nothing is left."""
    begin = str(time.time() + 0.05)
    for child in four_children:
        child.tell("race", through, place, begin)
    told = [tuple(map(int, child.said().split())) for child in four_children]
    assert [sum(numbers) for numbers in zip(*told, strict=True)] == [20, 20], "served, and calls made"
    ledger = open_shared(place)
    (status,) = await tracker_on(ledger, 1.00).status()
    assert (status.spent, status.held, status.left) == (100 * CENT, 0, 0)
    assert [row.amount for row in await ledger.rows()] == [5 * CENT] * 20
    await assert_no_drift(ledger)
    await ledger.aclose()


async def test_fault_1_a_thousand_tasks_race_in_one_process(idle: Ledger) -> None:
    """The same in one process, on each ledger."""
    tracker = tracker_on(idle, 1.00)
    assert await race("reserve", tracker, tasks=1000) == (20, 20)
    assert await tracker.remaining() == 0
    assert await spent(tracker) == 100 * CENT


async def test_fault_1_a_thousand_runs_race_in_one_process(through: str) -> None:
    """In memory, which no other process shares, they race here: all see the money before the first one takes any."""
    ledger = MemoryLedger()
    let_others_run(ledger)
    tracker = tracker_on(ledger, 1.00)
    assert await race(through, tracker, tasks=1000) == (20, 20)
    (status,) = await tracker.status()
    assert (status.spent, status.held) == (100 * CENT, 0)
    await assert_no_drift(ledger)


async def test_fault_1_one_hundred_at_once_never_overshoot(idle: Ledger, through: str) -> None:
    """Concurrent runs of one user stay below the limit, whoever wins, though all saw the money first."""
    let_others_run(idle)
    tracker = tracker_on(idle, 0.002)
    answers = {"paid": [Answer("391", prompt_tokens=10, completion_tokens=90, delay=0.001)]}
    agent = agent_of(answers, tracker, max_tokens=90)
    results = await asyncio.gather(*(ask(through, agent, []) for _ in range(100)), return_exceptions=True)
    served = [result for result in results if isinstance(result, CascadeResult)]
    assert all(isinstance(result, (CascadeResult, BudgetExceededError)) for result in results)
    assert len(served) == 20
    assert await spent(tracker) == 20 * 100 * PER_TOKEN
