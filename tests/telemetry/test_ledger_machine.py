"""Any sequence of operations leaves a ledger where ten lines of bookkeeping say it should be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from ledger_cases import KINDS, assert_no_drift, claim

from cascadeflow.telemetry.ledger import Ledger, LedgerRow

CAP = 100
KEYS = ("user", "tier", "global")


class LedgerMachine(RuleBasedStateMachine):
    """Reserve, settle, release, expire, reset and a clock that also steps back, beside a model."""

    new_ledger: Callable[[], Ledger]

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.ledger = self.new_ledger()
        self.now = 1000.0
        self.spent = dict.fromkeys(KEYS, 0)
        self.holds: dict[str, tuple[tuple[str, ...], int, float]] = {}
        self.open: set[str] = set()
        self.settled: set[str] = set()

    def held(self, key: str) -> int:
        return sum(self.holds[hold][1] for hold in self.open if key in self.holds[hold][0])

    def give_up_overdue(self) -> set[str]:
        overdue = {hold for hold in self.open if self.holds[hold][2] <= self.now}
        self.open -= overdue
        return overdue

    @rule(keys=st.sets(st.sampled_from(KEYS), min_size=1), amount=st.integers(1, 60), life=st.sampled_from([1, 5, 50]))
    def reserve(self, keys: set[str], amount: int, life: int) -> None:
        hold = f"h{len(self.holds)}"
        order = tuple(sorted(keys))
        self.give_up_overdue()
        fits = all(self.spent[key] + self.held(key) + amount <= CAP for key in order)
        refused = self.loop.run(
            self.ledger.reserve(hold, "run", [claim(key, CAP) for key in order], amount, self.now + life, self.now)
        )
        assert (refused is None) == fits
        if fits:
            self.holds[hold] = (order, amount, self.now + life)
            self.open.add(hold)

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), amount=st.integers(0, 80))
    def settle(self, data: st.DataObject, amount: int) -> None:
        hold = data.draw(st.sampled_from(sorted(self.holds)))
        self.loop.run(self.ledger.settle(hold, amount, LedgerRow(hold_id=hold)))
        if hold not in self.settled:
            for key in self.holds[hold][0]:
                self.spent[key] += amount
        self.settled.add(hold)
        self.open.discard(hold)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        hold = data.draw(st.sampled_from(sorted(self.open)))
        self.loop.run(self.ledger.settle(hold, 0))
        self.settled.add(hold)
        self.open.discard(hold)

    @rule()
    def expire(self) -> None:
        given_up = self.loop.run(self.ledger.expire(self.now))
        assert {hold.hold_id for hold in given_up} == self.give_up_overdue()

    @rule(key=st.sampled_from(KEYS))
    def reset(self, key: str) -> None:
        self.loop.run(self.ledger.reset([key], self.now))
        self.spent[key] = 0

    @rule(step=st.sampled_from([1, 10, 100, -30]))
    def move_clock(self, step: int) -> None:
        self.now += step

    @invariant()
    def counters_agree(self) -> None:
        balances = self.loop.run(self.ledger.balances(KEYS))
        assert balances == {key: (self.spent[key], self.held(key)) for key in KEYS}

    def teardown(self) -> None:
        self.loop.run(assert_no_drift(self.ledger))
        abandoned = {hold.hold_id for hold in self.loop.run(self.ledger.abandoned_holds())}
        assert abandoned == set(self.holds) - self.open - self.settled
        self.loop.run(self.ledger.aclose())
        self.loop.close()


@pytest.mark.parametrize("kind", KINDS)
def test_any_sequence_of_operations(kind: str, ledger_of: Callable[[str], Ledger]) -> None:
    """Counters, holds and rows agree with the model after every step."""
    machine = type("Machine", (LedgerMachine,), {"new_ledger": staticmethod(lambda: ledger_of(kind))})
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
