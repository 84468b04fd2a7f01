"""Fault 6: a provider is busy, and says in its own way when to come back."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import Any

import pytest
from fault_agents import NOON, PER_TOKEN, Door, agent_of, asked, spent, tracker_on

from cascadeflow.errors import ModelCallError, error_for_status
from cascadeflow.events import Retrying
from cascadeflow.integrations.provider_errors import retry_after
from cascadeflow.telemetry.ledger import Ledger
from cascadeflow.testing import Answer

Headers = dict[str, str]


def busy(headers: Headers, status: int = 429) -> ModelCallError:
    """What a provider answers with these headers."""
    return error_for_status(status, "busy", retry_after=retry_after(headers, now=NOON))


def at(seconds: float) -> Headers:
    """An HTTP date, so many seconds from now."""
    return {"retry-after": formatdate(NOON + seconds, usegmt=True)}


FOLLOWED: list[tuple[Headers, float]] = [
    ({"retry-after": "1"}, 1),
    ({"retry-after": "5"}, 5),
    ({"retry-after": "0.5"}, 0.5),
    ({"retry-after": "60"}, 60),
    ({"retry-after-ms": "1500"}, 1.5),
    ({"retry-after-ms": "250", "retry-after": "20"}, 0.25),
    (at(30), 30),
]
NOT_USABLE: list[Headers] = [
    {}, {"retry-after": "nan"}, {"retry-after": "inf"}, {"retry-after": "-10"}, {"retry-after": "0"},
    {"retry-after": "soon"}, {"retry-after-ms": "nan"}, at(-30),
]  # fmt: skip
TOO_LONG: list[Headers] = [{"retry-after": "3600"}, {"retry-after": "60.1"}, {"retry-after-ms": "3600000"}, at(3600)]


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits, none of which takes any time."""
    waits: list[float] = []
    sleep = asyncio.sleep

    async def at_once(seconds: float, result: Any = None) -> Any:
        if seconds:
            waits.append(seconds)
        return await sleep(0, result)

    monkeypatch.setattr(asyncio, "sleep", at_once)
    return waits


async def told(ledger: Ledger, door: Door, errors: list[ModelCallError], **options: Any) -> tuple[str, list[float]]:
    """Who answers where the first model is busy like that, and the waits that the events tell.

    A call that was refused costs nothing, and none leaves a hold.
    """
    tracker = tracker_on(ledger)
    before = await spent(tracker)
    script = {"paid": [*errors, Answer("391", prompt_tokens=10)], "dear": [Answer("391", prompt_tokens=10)]}
    agent = agent_of(script, tracker, **options)
    result, events = await door(agent)
    price = {"paid": 1, "dear": 10}[result.model_used]
    assert result.total_cost_nanousd == await spent(tracker) - before == 11 * price * PER_TOKEN
    waits = [event.wait for event in events if isinstance(event, Retrying)]
    assert asked(agent) == ["paid"] * (len(waits) + 1) + ["dear"] * (result.model_used == "dear")
    return result.model_used, waits


@pytest.mark.parametrize("status", [429, 503])
async def test_fault_6_a_wait_that_is_asked_for_is_kept(
    idle: Ledger, door: Door, status: int, slept: list[float]
) -> None:
    """As seconds, milliseconds or a date; each wait follows the latest answer, not the first one."""
    errors = [busy(headers, status) for headers, _ in FOLLOWED]
    model, waits = await told(idle, door, errors, max_retries=len(errors))
    assert (model, waits) == ("paid", [seconds for _, seconds in FOLLOWED])
    assert slept == waits


async def test_fault_6_a_wait_that_makes_no_sense_is_ours(idle: Ledger, door: Door, slept: list[float]) -> None:
    """Past, zero, nan or nonsense: our own backoff, which grows, also right after a wait that was kept."""
    errors = [busy(headers) for unusable in NOT_USABLE for headers in ({"retry-after": "7"}, unusable)]
    model, waits = await told(idle, door, errors, max_retries=len(errors))
    assert (model, slept) == ("paid", waits)
    assert waits[0::2] == [7] * len(NOT_USABLE)
    for number, wait in enumerate(waits[1::2]):
        longest = min(8, 0.5 * 2 ** (2 * number + 1))
        assert longest / 2 <= wait <= longest, NOT_USABLE[number]


async def test_fault_6_nobody_waits_for_an_hour(idle: Ledger, door: Door, slept: list[float]) -> None:
    """Above 60 s the next model answers at once, whatever was asked for before."""
    for headers in TOO_LONG:
        model, waits = await told(idle, door, [busy({"retry-after": "1"}), busy(headers)], max_retries=5)
        assert (model, waits) == ("dear", [1]), headers
    assert slept == [1] * len(TOO_LONG)
