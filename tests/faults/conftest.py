"""Each fault on each ledger, through run and stream; afterwards the ledger's sums come out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_agents import Door, ask
from fault_child import Child, be_patient
from ledger_cases import KINDS, assert_no_drift

from cascadeflow import CascadeAgent
from cascadeflow.events import Event
from cascadeflow.schema import CascadeResult
from cascadeflow.telemetry.ledger import Claim, Ledger


@pytest.fixture(params=KINDS)
async def ledger(request: pytest.FixtureRequest, ledger_of: Callable[[str], Ledger]) -> AsyncIterator[Ledger]:
    """Each ledger in turn; afterwards rows and holds sum to the counters that were ever used."""
    store = ledger_of(request.param)
    be_patient(store)
    reserve, used = store.reserve, set[str]()

    async def noted(hold_id: str, run_id: str, claims: list[Claim], *rest: Any) -> Claim | None:
        used.update(claim.key for claim in claims)
        return await reserve(hold_id, run_id, claims, *rest)

    store.reserve = noted  # type: ignore[method-assign, assignment]
    yield store
    try:
        await assert_no_drift(store, used)
    finally:
        await store.aclose()


@pytest.fixture
async def idle(ledger: Ledger) -> AsyncIterator[Ledger]:
    """Each ledger in turn; afterwards no hold is open."""
    yield ledger
    assert await ledger.open_holds() == []


@pytest.fixture(params=["run", "stream"])
def through(request: pytest.FixtureRequest) -> str:
    """Name of each door in turn."""
    return str(request.param)


@pytest.fixture
def door(through: str) -> Door:
    """Ask through each door in turn; both give the result and the events."""

    async def open_door(agent: CascadeAgent, **options: Any) -> tuple[CascadeResult, list[Event]]:
        events: list[Event] = []
        return await ask(through, agent, events, **options), events

    return open_door


@pytest.fixture(params=["sqlite", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger is that processes share."""
    return request.getfixturevalue("redis_url") if request.param == "redis" else str(tmp_path / "ledger.db")


@pytest.fixture(scope="module")
def four_children() -> Iterator[list[Child]]:
    """Four processes, ready to race."""
    children = [Child() for _ in range(4)]
    assert [child.said() for child in children] == ["ready"] * 4
    yield children
    for child in children:
        child.kill()
