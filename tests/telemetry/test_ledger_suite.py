"""One suite over every ledger: what a store of budgets promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from ledger_cases import KINDS, assert_no_drift, claim

from cascadeflow.telemetry.ledger import Ledger, LedgerRow, Spend, SpendFilter


@pytest.fixture(params=KINDS)
async def ledger(request: pytest.FixtureRequest, ledger_of: Callable[[str], Ledger]) -> AsyncIterator[Ledger]:
    store = ledger_of(request.param)
    yield store
    await assert_no_drift(store)
    await store.aclose()


async def reserve(ledger: Ledger, hold: str, amount: int, *claims, expires_at: float = 100.0, now: float = 0.0):
    return await ledger.reserve(hold, "run", claims or [claim("k")], amount, expires_at, now)


async def test_a_reservation_is_held_and_its_settlement_is_spent(ledger: Ledger) -> None:
    assert await reserve(ledger, "h", 60) is None
    assert await ledger.balances(["k"]) == {"k": (0, 60)}
    after = await ledger.settle("h", 25, LedgerRow(hold_id="h", model="small"))
    assert after == {"k": (25, 0)}
    assert await ledger.balances(["k", "unused"]) == {"k": (25, 0), "unused": (0, 0)}


async def test_the_claim_that_does_not_fit_is_named(ledger: Ledger) -> None:
    await reserve(ledger, "h1", 60)
    assert await reserve(ledger, "h2", 41, claim("other"), claim("k")) == claim("k")
    assert await reserve(ledger, "h3", 40) is None


async def test_what_is_held_and_what_is_spent_both_count(ledger: Ledger) -> None:
    await reserve(ledger, "h1", 50)
    await ledger.settle("h1", 30, LedgerRow(hold_id="h1"))
    await reserve(ledger, "h2", 60)
    assert await reserve(ledger, "h3", 11) is not None
    assert await reserve(ledger, "h4", 10) is None


async def test_all_counters_or_none(ledger: Ledger) -> None:
    await reserve(ledger, "h1", 100, claim("c"))
    for order in (("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")):
        refused = await reserve(ledger, f"h-{order}", 1, *(claim(key) for key in order))
        assert refused == claim("c")
    assert await ledger.balances(["a", "b", "c"]) == {"a": (0, 0), "b": (0, 0), "c": (0, 100)}
    assert [hold.hold_id for hold in await ledger.open_holds()] == ["h1"]


async def test_a_claim_without_cap_takes_any_amount(ledger: Ledger) -> None:
    assert await reserve(ledger, "h", 10**15, claim("k", cap=None)) is None
    assert await ledger.balances(["k"]) == {"k": (0, 10**15)}


async def test_only_the_first_settlement_counts(ledger: Ledger) -> None:
    await reserve(ledger, "h", 60)
    await ledger.settle("h", 25, LedgerRow(hold_id="h"))
    assert await ledger.settle("h", 99, LedgerRow(hold_id="h")) == {}
    assert await ledger.balances(["k"]) == {"k": (25, 0)}
    assert [row.amount for row in await ledger.rows()] == [25]


async def test_reserving_again_changes_nothing(ledger: Ledger) -> None:
    await reserve(ledger, "h", 60)
    assert await reserve(ledger, "h", 60) is None
    assert await ledger.balances(["k"]) == {"k": (0, 60)}
    await ledger.settle("h", 5, LedgerRow(hold_id="h"))
    assert await reserve(ledger, "h", 60) is None
    assert await ledger.balances(["k"]) == {"k": (5, 0)}


async def test_a_release_returns_all_and_lists_no_call(ledger: Ledger) -> None:
    await reserve(ledger, "h", 60)
    assert await ledger.settle("h", 0) == {"k": (0, 0)}
    assert await ledger.rows() == []
    assert await ledger.settle("h", 7, LedgerRow(hold_id="h")) == {}


async def test_a_settlement_above_the_hold_is_booked_in_full(ledger: Ledger) -> None:
    await reserve(ledger, "h", 90)
    await ledger.settle("h", 130, LedgerRow(hold_id="h"))
    assert await ledger.balances(["k"]) == {"k": (130, 0)}
    assert await reserve(ledger, "h2", 1) is not None


async def test_a_settlement_without_a_hold_is_booked_by_the_keys_of_its_row(ledger: Ledger) -> None:
    await ledger.settle("never reserved", 8, LedgerRow(hold_id="never reserved", keys=("k", "all"), model="m"))
    assert await ledger.balances(["k", "all"]) == {"k": (8, 0), "all": (8, 0)}


async def test_a_settlement_without_a_row_is_still_listed(ledger: Ledger) -> None:
    await reserve(ledger, "h", 60)
    await ledger.settle("h", 9)
    (row,) = await ledger.rows()
    assert (row.hold_id, row.run_id, row.amount, row.keys) == ("h", "run", 9, ("k",))


async def test_overdue_holds_make_room_and_are_listed_as_abandoned(ledger: Ledger) -> None:
    await reserve(ledger, "h1", 100, expires_at=10)
    assert await reserve(ledger, "h2", 100, now=9.9) is not None
    assert await reserve(ledger, "h3", 100, now=10) is None
    (lost,) = await ledger.abandoned_holds()
    assert (lost.hold_id, lost.run_id, lost.amount, lost.keys, lost.expires_at) == ("h1", "run", 100, ("k",), 10)
    assert [hold.hold_id for hold in await ledger.open_holds()] == ["h3"]


async def test_expire_tells_what_it_gave_up(ledger: Ledger) -> None:
    for number in range(4):
        await reserve(ledger, f"h{number}", 10, expires_at=10.0 + number)
    assert [hold.hold_id for hold in await ledger.expire(11)] == ["h0", "h1"]
    assert await ledger.expire(11) == []
    assert [hold.hold_id for hold in await ledger.expire(12)] == ["h2"]
    assert await ledger.balances(["k"]) == {"k": (0, 10)}


async def test_what_is_overdue_makes_room_before_a_balance_is_told(ledger: Ledger) -> None:
    await reserve(ledger, "h1", 60, expires_at=10)
    await reserve(ledger, "h2", 30, expires_at=20)
    assert await ledger.balances(["k"]) == {"k": (0, 90)}
    assert await ledger.balances(["k", "unused"], 9.9) == {"k": (0, 90), "unused": (0, 0)}
    assert await ledger.balances(["k"], 10) == {"k": (0, 30)}
    assert [hold.hold_id for hold in await ledger.abandoned_holds()] == ["h1"]


async def test_an_abandoned_hold_that_is_settled_late_is_booked_once(ledger: Ledger) -> None:
    await reserve(ledger, "h", 60, expires_at=10)
    await ledger.expire(20)
    assert await ledger.settle("h", 25, LedgerRow(hold_id="h")) == {"k": (25, 0)}
    assert await ledger.settle("h", 25, LedgerRow(hold_id="h")) == {}
    assert await ledger.abandoned_holds() == []
    assert await ledger.balances(["k"]) == {"k": (25, 0)}


async def test_a_reset_clears_what_is_spent_but_not_what_is_held(ledger: Ledger) -> None:
    await reserve(ledger, "h1", 60)
    await ledger.settle("h1", 60, LedgerRow(hold_id="h1", model="m"))
    await reserve(ledger, "h2", 40)
    await ledger.reset(["k", "unused"], now=5)
    assert await ledger.balances(["k", "unused"]) == {"k": (0, 40), "unused": (0, 0)}
    await ledger.settle("h2", 15, LedgerRow(hold_id="h2", model="m"))
    assert await ledger.balances(["k"]) == {"k": (15, 0)}
    assert await ledger.spend("model", SpendFilter()) == {"m": Spend(75, 2)}
    assert sorted((row.kind, row.amount) for row in await ledger.rows("k")) == [
        ("call", 15),
        ("call", 60),
        ("reset", -60),
    ]


async def test_rows_come_latest_first_and_by_counter(ledger: Ledger) -> None:
    for number, key in enumerate(("a", "b", "a")):
        hold = f"h{number}"
        await reserve(ledger, hold, 1, claim(key))
        await ledger.settle(hold, 1, LedgerRow(hold_id=hold, time=float(number), prompt_tokens=number))
    assert [row.hold_id for row in await ledger.rows()] == ["h2", "h1", "h0"]
    assert [row.hold_id for row in await ledger.rows("a")] == ["h2", "h0"]
    assert [row.prompt_tokens for row in await ledger.rows(limit=1)] == [2]


async def test_a_row_comes_back_as_it_was_written(ledger: Ledger) -> None:
    row = LedgerRow(
        hold_id="h", amount=7, keys=("k", 'odd "key" | é'), time=12.5, day="2026-11-24", namespace="rehearsal",
        run_id="r", user_id="me", tier="pro", model="m", domain="code", preset="local", prompt_tokens=1,
        completion_tokens=2, cached_tokens=3,
    )  # fmt: skip
    await ledger.settle("h", 7, row)
    assert await ledger.rows() == [row]


@pytest.mark.parametrize(
    ("by", "sums"),
    [
        ("model", {"small": Spend(30, 2, 3, 30), "large": Spend(30, 1, 3, 30)}),
        ("user", {"me": Spend(40, 2, 4, 40), "you": Spend(20, 1, 2, 20)}),
        ("day", {"2026-11-01": Spend(10, 1, 1, 10), "2026-11-02": Spend(20, 1, 2, 20), "2026-11-03": Spend(30, 1, 3, 30)}),
        ("tier", {"pro": Spend(60, 3, 6, 60)}),
        ("domain", {"code": Spend(60, 3, 6, 60)}),
        ("preset", {"": Spend(60, 3, 6, 60)}),
    ],
)  # fmt: skip
async def test_spend_is_summed_by_field(ledger: Ledger, by, sums) -> None:
    await three_calls(ledger)
    assert await ledger.spend(by, SpendFilter()) == sums


@pytest.mark.parametrize(
    ("where", "total"),
    [
        (SpendFilter(since="2026-11-02"), 50),
        (SpendFilter(until="2026-11-02"), 30),
        (SpendFilter(since="2026-11-02", until="2026-11-02"), 20),
        (SpendFilter(user_id="me"), 40),
        (SpendFilter(tier="free"), 0),
        (SpendFilter(namespace="rehearsal"), 500),
    ],
)
async def test_spend_can_be_narrowed(ledger: Ledger, where: SpendFilter, total: int) -> None:
    await three_calls(ledger)
    assert sum(sums.nanousd for sums in (await ledger.spend("model", where)).values()) == total


async def three_calls(ledger: Ledger) -> None:
    for number, user, model in ((1, "me", "small"), (2, "you", "small"), (3, "me", "large")):
        row = LedgerRow(
            hold_id=f"h{number}", user_id=user, model=model, day=f"2026-11-0{number}", tier="pro", domain="code",
            prompt_tokens=number, completion_tokens=10 * number,
        )  # fmt: skip
        await ledger.settle(row.hold_id, 10 * number, row)
    await ledger.settle("elsewhere", 500, LedgerRow(hold_id="elsewhere", namespace="rehearsal", model="small"))


async def test_racing_tasks_never_overdraw(ledger: Ledger) -> None:
    async def one(number: int) -> bool:
        admitted = await reserve(ledger, f"h{number}", 5) is None
        await asyncio.sleep(0)
        return admitted

    admitted = await asyncio.gather(*(one(number) for number in range(50)))
    assert sum(admitted) == 20
    assert await ledger.balances(["k"]) == {"k": (0, 100)}


async def test_it_can_be_used_again_after_it_was_closed(ledger: Ledger) -> None:
    await reserve(ledger, "h", 60)
    await ledger.aclose()
    await ledger.settle("h", 5, LedgerRow(hold_id="h"))
    assert await ledger.balances(["k"]) == {"k": (5, 0)}
