"""What only a ledger in Redis can promise, or get wrong."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ledger_cases import assert_no_drift, claim
from redis_server import RedisServer

from cascadeflow.errors import BudgetExceededError, ConfigError, LedgerError, MissingExtraError
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.ledger import Claim, LedgerRow, RedisLedger, Spend, SpendFilter
from cascadeflow.testing import FakeClock

ROOT = Path(__file__).parents[2]
MOST = 2**53 - 1
CENT = 10_000_000


@pytest.fixture
async def ledger(redis_url: str) -> AsyncIterator[RedisLedger]:
    store = RedisLedger(redis_url)
    yield store
    await assert_no_drift(store)
    await store.aclose()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that a test may stop and change."""
    server = RedisServer(tmp_path)
    yield server
    server.stop()


async def keys_of(ledger: RedisLedger) -> list[str]:
    return sorted(await ledger._server.read("keys", "*"))


# -- addresses


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://127.0.0.1", "127.0.0.1:6379"),
        ("redis://me:secret@db.example.org:7000/3", "db.example.org:7000/3"),
        ("rediss://:secret@[::1]:6380", "::1:6380"),
        ("unix:///run/redis.sock?db=1", "/run/redis.sock"),
    ],
)
def test_the_address_is_shown_without_user_and_password(url: str, address: str) -> None:
    assert RedisLedger(url).address == address


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:6379", "http://me:secret@host", "redis://", "redis://:secret@host:port", "unix://"]
)
def test_what_is_no_address_is_refused_at_once_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigError, match="redis://HOST:PORT") as caught:
        RedisLedger(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("prefix", ["", "a{b}", "a b"])
def test_a_prefix_that_would_break_the_hash_tag_is_refused(prefix: str) -> None:
    with pytest.raises(ConfigError, match="no beginning of a key"):
        RedisLedger("redis://127.0.0.1", prefix=prefix)


def test_without_the_package_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'cascadeflow-console\[redis\]'"):
        RedisLedger("redis://127.0.0.1")


# -- one script an operation


async def test_all_keys_of_a_ledger_are_in_one_hash_slot(tmp_path: Path) -> None:
    """A server in cluster mode refuses a script whose keys are in two; and the cluster's client works as well."""
    server = RedisServer(tmp_path, "--cluster-enabled", "yes")
    assert server.ask("CLUSTER ADDSLOTSRANGE 0 16383") == "OK"
    while server.ask("GET x") != "$-1":
        await asyncio.sleep(0.02)
    for cluster in (False, True):
        ledger = RedisLedger(server.url, prefix=f"cluster-{cluster}", cluster=cluster)
        await ledger.reserve("h1", "run", [claim("user"), claim("all")], 60, 10, 0)
        await ledger.settle("h1", 25, LedgerRow(hold_id="h1", model="m", day="2026-11-24"))
        await ledger.reserve("h2", "run", [claim("user")], 5, 10, 0)
        assert [hold.hold_id for hold in await ledger.open_holds()] == ["h2"]
        assert [hold.hold_id for hold in await ledger.expire(20)] == ["h2"]
        await ledger.reset(["all"], 20)
        assert await ledger.spend("model", SpendFilter()) == {"m": Spend(25, 1)}
        await assert_no_drift(ledger)
        await ledger.aclose()
    plain = RedisLedger(server.url)
    slots = {server.ask(f"CLUSTER KEYSLOT {key}") for key in await keys_of(plain) if key.startswith("{cluster-True}")}
    assert len(slots) == 1
    await plain.aclose()
    server.stop()


async def test_scripts_that_the_server_has_forgotten_are_sent_again(
    ledger: RedisLedger, redis_server: RedisServer
) -> None:
    await ledger.reserve("h", "run", [claim("k")], 60, 10, 0)
    assert redis_server.ask("SCRIPT FLUSH") == "OK"
    assert await ledger.settle("h", 25, LedgerRow(hold_id="h")) == {"k": (25, 0)}


async def test_amounts_are_exact_where_doubles_still_are(ledger: RedisLedger) -> None:
    """A single nano-USD decides just below 9,007,199 USD."""
    assert await ledger.reserve("h1", "run", [Claim("k", MOST)], MOST - 1, 10, 0) is None
    assert await ledger.reserve("h2", "run", [Claim("k", MOST)], 2, 10, 0) is not None
    assert await ledger.reserve("h3", "run", [Claim("k", MOST)], 1, 10, 0) is None
    for hold in ("h1", "h3"):
        await ledger.settle(hold, MOST - 1 if hold == "h1" else 1, LedgerRow(hold_id=hold))
    assert await ledger.balances(["k"]) == {"k": (MOST, 0)}


async def test_sums_above_that_stay_exact_and_admit_nothing_more(ledger: RedisLedger) -> None:
    for number in range(3):
        await ledger.reserve(f"h{number}", "run", [Claim("k", None)], MOST, 10, 0)
        await ledger.settle(f"h{number}", MOST, LedgerRow(hold_id=f"h{number}", model="m"))
    assert await ledger.balances(["k"]) == {"k": (3 * MOST, 0)}
    assert (await ledger.spend("model", SpendFilter()))["m"].nanousd == 3 * MOST
    assert await ledger.reserve("more", "run", [Claim("k", MOST)], 1, 10, 0) is not None


async def test_amounts_that_lua_cannot_compare_are_refused(ledger: RedisLedger) -> None:
    for request in (
        ledger.reserve("h", "run", [Claim("k", MOST + 1)], 1, 10, 0),
        ledger.reserve("h", "run", [Claim("k", None)], MOST + 1, 10, 0),
        ledger.settle("h", MOST + 1),
    ):
        with pytest.raises(LedgerError, match=r"9,007,199 USD.*lower budget"):
            await request
    assert await keys_of(ledger) == []


async def test_any_name_can_be_a_user_s(ledger: RedisLedger) -> None:
    names = ["a b", "a\nb", "a|b", "ä%20", "{x}", "\udcff", "日本"]
    for number, name in enumerate(names):
        await ledger.reserve(f"h{number}", name, [claim(f"user|{name}")], 60, 10, 0)
    assert sorted(hold.keys[0] for hold in await ledger.open_holds()) == sorted(f"user|{name}" for name in names)
    assert sorted(hold.run_id for hold in await ledger.open_holds()) == sorted(names)
    for number, name in enumerate(names):
        row = LedgerRow(hold_id="", user_id=name, model=name, run_id=name, day="2026-11-24", namespace="a b:c")
        assert await ledger.settle(f"h{number}", 25, row) == {f"user|{name}": (25, 0)}
    assert set(await ledger.spend("user", SpendFilter(namespace="a b:c"))) == set(names)
    assert await ledger.spend("model", SpendFilter(namespace="a b:c", user_id="a|b")) == {"a|b": Spend(25, 1)}
    assert {row.user_id for row in await ledger.rows()} == set(names)


async def test_only_so_many_rows_are_kept_and_the_sums_of_all(redis_url: str) -> None:
    ledger = RedisLedger(redis_url, keep_rows=10)
    for number in range(25):
        row = LedgerRow(hold_id=f"h{number}", keys=("k",), model="m", day="2026-11-24", prompt_tokens=2)
        await ledger.settle(f"h{number}", 3, row)
    assert [row.hold_id for row in await ledger.rows()] == [f"h{number}" for number in range(24, 14, -1)]
    assert [row.hold_id for row in await ledger.rows(limit=2)] == ["h24", "h23"]
    assert await ledger.spend("day", SpendFilter()) == {"2026-11-24": Spend(75, 25, 50, 0)}
    assert await ledger.settle("h24", 3, LedgerRow(hold_id="h24")) == {}
    assert await ledger._server.read("hlen", "{cascadeflow}:rows") == 10
    await ledger.aclose()


async def test_thousands_of_rows_come_page_by_page(ledger: RedisLedger) -> None:
    for number in range(1, 2_101):
        await ledger.settle(
            f"h{number}", 1, LedgerRow(hold_id=f"h{number}", keys=(f"k{number % 2}",), user_id=str(number))
        )
    assert [row.hold_id for row in await ledger.rows()] == [f"h{number}" for number in range(2_100, 0, -1)]
    assert [row.hold_id for row in await ledger.rows("k1", limit=3)] == ["h2099", "h2097", "h2095"]
    assert len(await ledger.spend("user", SpendFilter())) == 2_100


async def test_counters_of_periods_long_ended_are_forgotten(ledger: RedisLedger) -> None:
    """Not before a day has passed, not while a hold counts in them, and never those without an end."""
    ends = datetime(2026, 11, 25, tzinfo=UTC)
    noon = ends.timestamp() - 43_200
    spent, held = Claim("spent", 100, resets_at=ends), Claim("held", 100, resets_at=ends)
    await ledger.reserve("h1", "run", [spent, claim("for ever")], 10, noon + 600, noon)
    await ledger.settle("h1", 10, LedgerRow(hold_id="h1"))
    await ledger.reserve("h2", "run", [held], 10, noon + 1e6, noon)
    for later, left in ((129_599, 10), (129_601, 0)):
        await ledger.reserve(f"at {later}", "run", [claim("other")], 1, noon + 1e6, noon + later)
        found = await ledger.balances(["spent", "held", "for ever"])
        assert found == {"spent": (left, 0), "held": (0, 10), "for ever": (10, 0)}
    await ledger._server.read("delete", "{cascadeflow}:order")  # else the row of `spent` would miss its counter


async def test_nothing_is_left_of_calls_but_their_rows_and_sums(ledger: RedisLedger) -> None:
    await ledger.reserve("h", "run", [claim("k")], 60, 10, 0)
    await ledger.settle("h", 5, LedgerRow(hold_id="h", day="2026-11-24"))
    await ledger.reserve("late", "run", [claim("k")], 60, 10, 0)
    await ledger.expire(10)
    await ledger.settle("late", 5, LedgerRow(hold_id="late", day="2026-11-24"))
    names = ["days:", "held", "order", "rows", "spent", "sums::2026-11-24"]
    assert await keys_of(ledger) == [f"{{cascadeflow}}:{name}" for name in names]
    assert 399 * 86_400 < await ledger._server.read("ttl", "{cascadeflow}:sums::2026-11-24") <= 400 * 86_400


# -- loops, threads, processes


def test_each_event_loop_has_connections_that_end_with_it(redis_url: str) -> None:
    """As in a script that calls `run_sync` again and again and closes nothing."""
    script = (
        "import asyncio, sys\n"
        "from cascadeflow.telemetry.ledger import LedgerRow, RedisLedger\n"
        "ledger = RedisLedger(sys.argv[1])\n"
        "for name in ('a', 'b', 'c'):\n"
        "    asyncio.run(ledger.settle(name, 1, LedgerRow(hold_id=name, keys=('k',))))\n"
        "print(asyncio.run(ledger.balances(['k']))['k'].spent)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, redis_url],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("3\n", "", 0)


async def test_threads_may_share_a_ledger(ledger: RedisLedger) -> None:
    admitted: list[bool] = []

    def work(thread: int) -> None:
        async def reserve_all() -> None:
            for number in range(10):
                hold = f"{thread}-{number}"
                admitted.append(await ledger.reserve(hold, "run", [claim("k")], 5, 10, 0) is None)

        asyncio.run(reserve_all())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert (len(admitted), sum(admitted)) == (40, 20)


async def test_a_thousand_tasks_use_a_few_connections(ledger: RedisLedger, redis_server: RedisServer) -> None:
    await asyncio.gather(*(ledger.reserve(f"h{number}", "run", [claim("k")], 5, 10, 0) for number in range(1000)))
    assert await ledger.balances(["k"]) == {"k": (0, 100)}
    clients = (await ledger._server.read("info", "clients"))["connected_clients"]
    assert clients < 20


async def test_prefixes_keep_ledgers_apart(ledger: RedisLedger, redis_url: str) -> None:
    other = RedisLedger(redis_url, prefix="other")
    await ledger.reserve("h", "run", [claim("k")], 60, 10, 0)
    assert await other.balances(["k"]) == {"k": (0, 0)}
    await other.aclose()


# -- faults


async def test_connections_that_broke_are_made_anew(ledger: RedisLedger, redis_server: RedisServer) -> None:
    await ledger.reserve("h", "run", [claim("k")], 60, 10, 0)
    redis_server.ask("CLIENT KILL TYPE normal")
    assert await ledger.settle("h", 25, LedgerRow(hold_id="h")) == {"k": (25, 0)}


async def test_a_server_that_is_down_is_an_error_that_says_so_until_it_is_up(own_server: RedisServer) -> None:
    """A tracker keeps the booking meanwhile, and makes it once; refused is what asks for a new hold."""
    ledger = RedisLedger(own_server.url, patience=5)
    tracker = CostTracker(budget_limit=0.10, store=ledger, clock=FakeClock())
    reservation = await tracker.reserve("run", "me", None, 9 * CENT)
    own_server.stop()
    with pytest.raises(LedgerError, match=rf"Redis at 127.0.0.1:{own_server.port}/0 failed at settle.*server runs"):
        await tracker.settle(reservation, 8 * CENT, model="paid")
    with pytest.raises(LedgerError, match="failed at settle"):
        await tracker.reserve("run", "me", None, CENT)
    with pytest.raises(LedgerError, match="failed at read"):
        await tracker.remaining("me")
    tracker.on_store_error = "allow"
    assert await tracker.remaining("me") is None
    assert (await tracker.reserve("run", "me", None, CENT)).unguarded
    own_server.start()
    with pytest.raises(BudgetExceededError):
        await tracker.reserve("run", "me", None, 3 * CENT)
    assert tracker.unsettled == 0
    assert [row.amount for row in await ledger.rows()] == [8 * CENT]
    await tracker.aclose()


async def test_what_was_booked_survives_a_crash_of_a_server_that_keeps_a_log(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    ledger = RedisLedger(server.url)
    await ledger.reserve("h1", "run", [claim("k")], 60, 10, 0)
    await ledger.settle("h1", 60, LedgerRow(hold_id="h1"))
    await ledger.reserve("h2", "run", [claim("k")], 40, 10, 0)
    server.stop()
    server.start()
    assert await ledger.balances(["k"]) == {"k": (60, 40)}
    assert await ledger.reserve("h3", "run", [claim("k")], 1, 10, 0) is not None
    await assert_no_drift(ledger)
    await ledger.aclose()
    server.stop()


async def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        ledger = RedisLedger(f"redis://127.0.0.1:{mute.getsockname()[1]}", patience=0.1)
        with pytest.raises(LedgerError, match=r"failed at reserve: no answer within 0\.1 s"):
            await ledger.reserve("h", "run", [claim("k")], 5, 10, 0)
        await ledger.aclose()


async def test_a_wrong_password_is_said_but_not_shown(own_server: RedisServer) -> None:
    own_server.ask("CONFIG SET requirepass right")
    for url, text in (
        (own_server.url.replace("//", "//:wrong-secret@"), "WRONGPASS|invalid"),
        (own_server.url, "HELLO|Authentication required"),
    ):
        ledger = RedisLedger(url)
        with pytest.raises(LedgerError, match=f"failed at read.*({text}).*user and password") as caught:
            await ledger.balances(["k"])
        assert "secret" not in str(caught.value)
        await ledger.aclose()


async def test_a_full_server_books_nothing_and_says_what_to_do(own_server: RedisServer) -> None:
    """Whole or not at all: neither counter, nor hold, nor row is touched. What is under way is still booked."""
    ledger = RedisLedger(own_server.url)
    await ledger.reserve("h1", "run", [claim("user"), claim("all")], 60, 10, 0)
    own_server.ask("CONFIG SET maxmemory 1")
    with pytest.raises(LedgerError, match="failed at reserve.*raise the server's maxmemory"):
        await ledger.reserve("h2", "run", [claim("user"), claim("all")], 5, 10, 0)
    with pytest.raises(LedgerError, match="failed at settle.*maxmemory"):
        await ledger.settle("never reserved", 25, LedgerRow(hold_id="", keys=("user", "all")))
    assert await ledger.balances(["user", "all"]) == {"user": (0, 60), "all": (0, 60)}
    assert await ledger.settle("h1", 25, LedgerRow(hold_id="h1")) == {"user": (25, 0), "all": (25, 0)}
    own_server.ask("CONFIG SET maxmemory 0")
    assert await ledger.reserve("h2", "run", [claim("user"), claim("all")], 5, 100, 0) is None
    await assert_no_drift(ledger)
    await ledger.aclose()


async def test_a_replica_is_recognised(own_server: RedisServer) -> None:
    own_server.ask("REPLICAOF 127.0.0.1 1")
    ledger = RedisLedger(own_server.url)
    with pytest.raises(LedgerError, match="failed at reserve.*address of the primary"):
        await ledger.reserve("h", "run", [claim("k")], 5, 10, 0)
    await ledger.aclose()


async def test_a_request_that_is_cancelled_spoils_no_connection(ledger: RedisLedger) -> None:
    """The answer that nobody waited for is not taken for that of the next request."""
    for turns in range(12):
        task = asyncio.create_task(ledger.reserve(f"h{turns}", "run", [claim("k", None)], 1, 10, 0))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await ledger.balances(["unused"]) == {"unused": (0, 0)}
    held = (await ledger.balances(["k"]))["k"].held
    assert len(await ledger.open_holds()) == held
