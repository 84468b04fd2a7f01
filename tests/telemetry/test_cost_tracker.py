"""What a tracker promises over any ledger: who pays, who is warned, who is refused."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from ledger_cases import KINDS, assert_no_drift

from cascadeflow.errors import BudgetExceededError, ConfigError
from cascadeflow.money import parse_usd
from cascadeflow.schema import Usage
from cascadeflow.telemetry import BudgetConfig, BudgetStatus, CostTracker
from cascadeflow.telemetry.ledger import Ledger, Spend, SQLiteLedger
from cascadeflow.testing import FakeClock

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
CENT = parse_usd("0.01")


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, ledger_of: Callable[[str], Ledger]) -> AsyncIterator[Ledger]:
    ledger = ledger_of(request.param)
    yield ledger
    await assert_no_drift(ledger)
    await ledger.aclose()


def tracker(store: Ledger | None = None, **options: Any) -> CostTracker:
    return CostTracker(store=store, clock=options.pop("clock", FakeClock(NOON)), **options)


async def spend(tracker: CostTracker, cents: int, user: str | None = "me", tier: str | None = None, **labels: Any):
    reservation = await tracker.reserve("run", user, tier, cents * CENT)
    return await tracker.settle(reservation, cents * CENT, **{"model": "small"} | labels)


async def test_the_document_s_constructions() -> None:
    plain = CostTracker(budget_limit=10.00, warn_threshold=0.8)
    assert (plain.budget_limit, plain.warn_threshold, plain.enforcement) == (10.0, 0.8, "degrade")
    assert CostTracker(budget_limit=None, enable_forecasting=True).enable_forecasting


async def test_without_a_budget_nothing_limits_and_all_is_booked(store: Ledger) -> None:
    free = tracker(store)
    assert await free.remaining("me", "pro") is None
    assert await spend(free, 100_000) == ()
    assert await free.spend() == {"small": Spend(100_000 * CENT, 1)}


async def test_a_call_that_can_be_made_smaller_is_held_at_what_is_left(store: Ledger) -> None:
    limited = tracker(store, budget_limit=0.10)
    told: list[int] = []

    def cut(left: int) -> int:
        told.append(left)
        return max(3 * CENT, left - left % CENT)

    first = await limited.reserve("run", "me", None, 6 * CENT, cut=cut)
    second = await limited.reserve("run", "me", None, 6 * CENT, cut=cut)
    assert (first.amount, second.amount, told) == (6 * CENT, 4 * CENT, [4 * CENT])
    assert await limited.remaining("me") == 0
    with pytest.raises(BudgetExceededError) as refused:
        await limited.reserve("run", "me", None, 6 * CENT, cut=cut)
    assert (refused.value.needed, refused.value.held) == (3 * CENT, 10 * CENT)
    await limited.settle(first, CENT, model="small")
    await limited.release(second)


async def test_a_cancelled_reservation_holds_nothing(store: Ledger) -> None:
    class Slow:
        """The store, whose answer to a reservation takes its time."""

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        async def reserve(self, *arguments: Any) -> Any:
            answer = await store.reserve(*arguments)
            await asyncio.sleep(60)
            return answer

    waiting = asyncio.ensure_future(tracker(Slow(), budget_limit=0.10).reserve("run", "me", None, CENT))
    while not await store.open_holds():
        await asyncio.sleep(0.001)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await store.open_holds() == []
    assert await tracker(store, budget_limit=0.10).remaining("me") == 10 * CENT


async def test_a_limit_is_each_user_s_own(store: Ledger) -> None:
    limited = tracker(store, budget_limit=0.10)
    await spend(limited, 10, "me")
    assert await limited.remaining("me", None) == 0
    assert await limited.remaining("you", None) == 10 * CENT
    with pytest.raises(BudgetExceededError):
        await limited.reserve("run", "me", None, 1)


async def test_runs_without_a_user_share_one_budget(store: Ledger) -> None:
    limited = tracker(store, budget_limit=0.10)
    await spend(limited, 6, None)
    with pytest.raises(BudgetExceededError, match="user anonymous, daily"):
        await limited.reserve("run", None, None, 5 * CENT)
    assert await limited.remaining(None, None) == await limited.remaining("anonymous", None) == 4 * CENT


async def test_the_tightest_of_all_budgets_decides(store: Ledger) -> None:
    limited = tracker(
        store,
        budget_limit=1.00,
        tier_budgets={"free": BudgetConfig(daily=0.05)},
        global_budget=BudgetConfig(monthly=0.20),
    )
    assert await limited.remaining("me", "free") == 5 * CENT
    assert await limited.remaining("me", "pro") == 20 * CENT
    await spend(limited, 18, "you")
    assert await limited.remaining("me", "free") == 2 * CENT
    with pytest.raises(BudgetExceededError, match="everyone, monthly"):
        await limited.reserve("run", "me", "free", 3 * CENT)


async def test_a_tier_s_budget_is_each_user_s_of_that_tier(store: Ledger) -> None:
    limited = tracker(store, tier_budgets={"free": BudgetConfig(daily=0.05)})
    await spend(limited, 5, "me", "free")
    assert await limited.remaining("me", "free") == 0
    assert await limited.remaining("you", "free") == 5 * CENT
    assert await limited.remaining("me", None) is None


async def test_a_user_s_own_budget_goes_before_the_limit_for_all(store: Ledger) -> None:
    limited = tracker(store, budget_limit=0.10, user_budgets={"vip": BudgetConfig(daily=5.00)})
    assert await limited.remaining("vip", None) == 500 * CENT
    assert await limited.remaining("me", None) == 10 * CENT


async def test_the_refusal_says_all_one_needs_to_know(store: Ledger) -> None:
    limited = tracker(store, budget_limit=0.10, enforcement="block")
    await spend(limited, 6)
    await limited.reserve("run", "me", None, 3 * CENT)
    with pytest.raises(BudgetExceededError) as caught:
        await limited.reserve("run", "me", None, 2 * CENT)
    error = caught.value
    assert (error.budget, error.budget_spent, error.held, error.limit, error.needed) == (
        "user me, daily", 6 * CENT, 3 * CENT, 10 * CENT, 2 * CENT,
    )  # fmt: skip
    assert error.resets_at == datetime(2026, 11, 25, tzinfo=UTC)
    assert "2026-11-25 00:00 UTC" in str(error)
    await store.expire(NOON + 10_000)


async def test_an_amount_of_nothing_never_asks_the_store() -> None:
    class Untouchable:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    limited = tracker(Untouchable(), budget_limit=0.0)
    reservation = await limited.reserve("run", "me", None, 0)
    assert not reservation.held
    await limited.release(reservation)


async def test_settling_returns_the_rest_and_counts_once(store: Ledger) -> None:
    limited = tracker(store, budget_limit=0.10)
    reservation = await limited.reserve("run", "me", None, 9 * CENT)
    await limited.settle(reservation, 2 * CENT, model="small")
    await limited.settle(reservation, 2 * CENT, model="small")
    assert await limited.remaining("me", None) == 8 * CENT


async def test_releasing_returns_everything_and_lists_no_call(store: Ledger) -> None:
    limited = tracker(store, budget_limit=0.10)
    reservation = await limited.reserve("run", "me", None, 9 * CENT)
    await limited.release(reservation)
    assert await limited.remaining("me", None) == 10 * CENT
    assert await limited.spend() == {}


async def test_what_a_free_call_cost_after_all_is_booked(store: Ledger) -> None:
    """A call held at nothing, because its price was not known, still counts."""
    limited = tracker(store, budget_limit=0.10)
    reservation = await limited.reserve("run", "me", None, 0)
    await limited.settle(reservation, 3 * CENT, model="small")
    assert await limited.remaining("me", None) == 7 * CENT


async def test_a_warning_comes_once_at_the_threshold(store: Ledger) -> None:
    told: list[BudgetStatus] = []
    limited = tracker(store, budget_limit=0.10, on_warning=told.append)
    assert await spend(limited, 7) == ()
    (crossed,) = await spend(limited, 1)
    assert (crossed.label, crossed.spent, crossed.fraction) == ("user me, daily", 8 * CENT, 0.8)
    assert await spend(limited, 1) == ()
    assert told == [crossed]


async def test_a_warning_is_about_the_period_that_paid(store: Ledger) -> None:
    clock = FakeClock(NOON)
    limited = tracker(store, budget_limit=0.10, clock=clock, hold_seconds=1e6)
    reservation = await limited.reserve("run", "me", None, 9 * CENT)
    clock.advance(86_400)
    (crossed,) = await limited.settle(reservation, 9 * CENT, model="small")
    assert crossed.resets_at == datetime(2026, 11, 25, tzinfo=UTC)


async def test_each_budget_warns_for_itself(store: Ledger) -> None:
    limited = tracker(store, budget_limit=0.10, global_budget=BudgetConfig(total=0.20))
    assert [status.scope for status in await spend(limited, 9, "me")] == ["user"]
    assert [status.scope for status in await spend(limited, 9, "you")] == ["user", "global"]


async def test_callbacks_may_be_async_and_may_fail(store: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []

    async def remember(status: BudgetStatus) -> None:
        await asyncio.sleep(0)
        told.append(status.label)

    def broken(status: BudgetStatus) -> None:
        raise RuntimeError("no mail server")

    limited = tracker(store, budget_limit=0.10, on_warning=broken, on_exceeded=remember)
    with caplog.at_level(logging.WARNING):
        assert len(await spend(limited, 10)) == 1
    assert "budget callback failed: RuntimeError: no mail server" in caplog.text
    with pytest.raises(BudgetExceededError):
        await limited.reserve("run", "me", None, 1)
    assert told == ["user me, daily"]


async def test_warn_admits_and_says_so(store: Ledger) -> None:
    told: list[BudgetStatus] = []
    lenient = tracker(store, budget_limit=0.10, enforcement="warn", on_exceeded=told.append)
    assert await lenient.remaining("me", None) is None
    assert await spend(lenient, 9) != ()
    reservation = await lenient.reserve("run", "me", None, 5 * CENT)
    assert [status.label for status in reservation.exceeded] == ["user me, daily"]
    assert told == list(reservation.exceeded)
    (over,) = await lenient.settle(reservation, 5 * CENT, model="small")
    assert over.fraction == 1.4
    (status,) = await lenient.status("me", None)
    assert (status.spent, status.held) == (14 * CENT, 0)


async def test_attributes_act_at_once(store: Ledger) -> None:
    """As the document does with `config['cost_tracker'].budget_limit = 50.00`."""
    limited = tracker(store, budget_limit=0.01)
    limited.budget_limit = 50.00
    assert await limited.remaining("me", None) == 5000 * CENT
    limited.user_budgets["me"] = BudgetConfig(daily=0.02)
    assert await limited.remaining("me", None) == 2 * CENT
    limited.user_budgets["me"].daily = 0.03
    assert await limited.remaining("me", None) == 3 * CENT
    limited.global_budget = BudgetConfig(total=0.00)
    assert await limited.remaining("me", None) == 0
    limited.enforcement = "warn"
    assert (await limited.reserve("run", "me", None, 1)).exceeded
    await store.expire(NOON + 10_000)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("budget_limit", -1, "USD a day such as 10.00"),
        ("budget_limit", float("nan"), "USD a day"),
        ("budget_limit", float("inf"), "None for no limit"),
        ("budget_limit", "10", "USD a day"),
        ("budget_limit", True, "USD a day"),
        ("user_budgets", {"me": 5}, r"user_budgets\.me: 5 is not a budget; write BudgetConfig"),
        ("user_budgets", [1], "not a dictionary"),
        ("tier_budgets", {"pro": {"daily": 1}}, r"tier_budgets\.pro"),
        ("global_budget", 5, "BudgetConfig"),
        ("warn_threshold", 80, "above 0 up to 1"),
        ("warn_threshold", 0, "above 0 up to 1"),
        ("enforcement", "stop", "'degrade', 'block', 'warn'"),
        ("on_store_error", "ignore", "'refuse', 'allow'"),
        ("on_warning", "me@example.org", "cannot be called"),
        ("hold_seconds", 0, "seconds above 0"),
        ("namespace", "a/b", "letters, digits"),
    ],
)
def test_what_cannot_be_used_is_refused_at_once(name: str, value: Any, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        CostTracker(**{name: value})
    built = CostTracker()
    with pytest.raises(ConfigError, match=text):
        setattr(built, name, value)


async def test_a_budget_put_in_by_hand_is_checked_when_it_is_used() -> None:
    limited = tracker()
    limited.user_budgets["me"] = 5  # type: ignore[assignment]
    with pytest.raises(ConfigError, match=r"user_budgets\.me"):
        await limited.remaining("me", None)


async def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ConfigError, match="0 or more"):
        await tracker(budget_limit=1).reserve("run", "me", None, -1)


async def test_rehearsal_money_is_apart_from_real_money(store: Ledger) -> None:
    limited = tracker(store, budget_limit=0.10)
    real = await limited.reserve("run", "me", None, 4 * CENT)
    limited.namespace = "rehearsal"
    await spend(limited, 9)
    await limited.settle(real, 4 * CENT, model="real")
    assert await limited.remaining("me", None) == 1 * CENT
    assert await limited.spend() == {"small": Spend(9 * CENT, 1)}
    limited.namespace = ""
    assert await limited.remaining("me", None) == 6 * CENT
    assert await limited.spend() == {"real": Spend(4 * CENT, 1)}


async def test_spending_is_told_by_all_that_is_known(store: Ledger) -> None:
    clock = FakeClock(NOON)
    free = tracker(store, clock=clock)
    usage = Usage(prompt_tokens=10, completion_tokens=5, cached_tokens=2)
    await spend(free, 1, "me", "pro", model="small", domain="code", preset="local", usage=usage)
    clock.advance(86_400)
    await spend(free, 3, "you", None, model="large", domain="math")
    assert await free.spend("model") == {"large": Spend(3 * CENT, 1), "small": Spend(CENT, 1, 10, 5)}
    assert list(await free.spend("day")) == ["2026-11-24", "2026-11-25"]
    assert {name: sums.nanousd // CENT for name, sums in (await free.spend("tier")).items()} == {"": 3, "pro": 1}
    assert list(await free.spend("user", until=date(2026, 11, 24))) == ["me"]
    assert list(await free.spend("domain", user_id="you")) == ["math"]
    assert list(await free.spend("preset", tier="pro")) == ["local"]
    with pytest.raises(ConfigError, match=r"'colour'.*'model', 'user'"):
        await free.spend("colour")


async def test_the_day_of_a_call_is_that_of_the_budget_s_time_zone(store: Ledger) -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC).timestamp()
    berlin = BudgetConfig(daily=1, timezone="Europe/Berlin")
    await spend(tracker(store, budget_limit=berlin, clock=FakeClock(late)), 1)
    assert list(await tracker(store).spend("day")) == ["2026-11-25"]


async def test_a_reset_gives_the_budget_back(store: Ledger) -> None:
    limited = tracker(store, budget_limit=0.10, global_budget=BudgetConfig(total=1.00))
    await spend(limited, 10)
    await limited.reset("me")
    assert {status.scope: status.spent for status in await limited.status("me")} == {"user": 0, "global": 10 * CENT}
    assert await limited.spend() == {"small": Spend(10 * CENT, 1)}
    await limited.reset(scope="global")
    assert await limited.remaining("you", None) == 10 * CENT


async def test_an_abandoned_hold_does_not_block_for_ever(store: Ledger) -> None:
    """Not even for callers who only ask what remains."""
    clock = FakeClock(NOON)
    limited = tracker(store, budget_limit=0.10, clock=clock, hold_seconds=60)
    await limited.reserve("run", "me", None, 10 * CENT)
    assert await limited.remaining("me", None) == 0
    clock.advance(60)
    assert await limited.remaining("me", None) == 10 * CENT


async def test_closing_closes_the_store(tmp_path: Path) -> None:
    ledger = SQLiteLedger(tmp_path / "ledger.db")
    limited = tracker(ledger, budget_limit=0.10)
    await spend(limited, 1)
    await limited.aclose()
    assert not (tmp_path / "ledger.db-wal").exists()
