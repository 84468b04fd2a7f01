"""What only a ledger in a file can promise, or get wrong."""

from __future__ import annotations

import asyncio
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ledger_cases import assert_no_drift, claim

from cascadeflow.errors import ConfigError, LedgerError
from cascadeflow.telemetry.ledger import LedgerRow, SQLiteLedger


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_file_and_side_files_are_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ledger.db"
    ledger = SQLiteLedger(path)
    assert not path.parent.exists(), "nothing is made before it is used"
    await ledger.reserve("h", "run", [claim("k")], 1, 10, 0)
    assert mode(path.parent) == 0o700
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["ledger.db", "ledger.db-shm", "ledger.db-wal"]
    assert {mode(file) for file in files} == {0o600}
    await ledger.aclose()


async def test_a_file_that_others_could_read_is_made_private(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch(0o644)
    ledger = SQLiteLedger(path)
    await ledger.balances(["k"])
    assert mode(path) == 0o600
    await ledger.aclose()


async def test_what_was_booked_survives_a_restart(tmp_path: Path) -> None:
    first = SQLiteLedger(tmp_path / "ledger.db")
    await first.reserve("h1", "run", [claim("k")], 60, 10, 0)
    await first.settle("h1", 60, LedgerRow(hold_id="h1"))
    await first.reserve("h2", "run", [claim("k")], 40, 10, 0)
    await first.aclose()
    second = SQLiteLedger(tmp_path / "ledger.db")
    assert await second.balances(["k"]) == {"k": (60, 40)}
    assert await second.reserve("h3", "run", [claim("k")], 1, 10, 0) is not None
    await second.aclose()


async def test_two_ledgers_on_one_file_share_the_counters(tmp_path: Path) -> None:
    one, two = SQLiteLedger(tmp_path / "ledger.db"), SQLiteLedger(tmp_path / "ledger.db")

    async def reserve(number: int) -> bool:
        ledger = one if number % 2 else two
        return await ledger.reserve(f"h{number}", "run", [claim("k")], 5, 10, 0) is None

    assert sum(await asyncio.gather(*(reserve(number) for number in range(60)))) == 20
    await one.aclose()
    assert await two.balances(["k"]) == {"k": (0, 100)}
    await two.aclose()


async def test_threads_may_share_a_ledger(tmp_path: Path) -> None:
    ledger = SQLiteLedger(tmp_path / "ledger.db")
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
        thread.join()
    assert (len(admitted), sum(admitted)) == (40, 20)
    await assert_no_drift(ledger)
    await ledger.aclose()


async def test_a_forked_child_opens_the_file_anew(tmp_path: Path) -> None:
    ledger = SQLiteLedger(tmp_path / "ledger.db")
    await ledger.settle("parent", 10, LedgerRow(hold_id="parent", keys=("k",)))
    script = (
        "import asyncio, os, sys\n"
        "from cascadeflow.telemetry.ledger import LedgerRow, SQLiteLedger\n"
        "ledger = SQLiteLedger(sys.argv[1])\n"
        "book = lambda name: asyncio.run(ledger.settle(name, 1, LedgerRow(hold_id=name, keys=('k',))))\n"
        "book('before')\n"
        "connection = ledger._database._connection\n"
        "child = os.fork()\n"
        "book('after' + str(child == 0))\n"
        "assert (ledger._database._connection is connection) == (child != 0)\n"
        "child and sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    path = str(tmp_path / "ledger.db")
    subprocess.run([sys.executable, "-c", script, path], check=True, cwd=Path(__file__).parents[2])
    assert await ledger.balances(["k"]) == {"k": (13, 0)}
    await ledger.aclose()


async def test_the_event_loop_goes_on_while_another_program_writes(tmp_path: Path) -> None:
    ledger = SQLiteLedger(tmp_path / "ledger.db")
    await ledger.balances(["k"])
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    reserving = asyncio.create_task(ledger.reserve("h", "run", [claim("k")], 5, 10, 0))
    ticks = 0
    while ticks < 20:
        await asyncio.sleep(0.001)
        ticks += 1
    assert not reserving.done()
    other.execute("COMMIT")
    assert await reserving is None
    other.close()
    await ledger.aclose()


async def test_a_file_that_stays_locked_is_an_error_that_says_so(tmp_path: Path) -> None:
    ledger = SQLiteLedger(tmp_path / "ledger.db", patience=0.03)
    await ledger.balances(["k"])
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match=r"failed at reserve.*locked for 0\.03 s"):
        await ledger.reserve("h", "run", [claim("k")], 5, 10, 0)
    other.execute("ROLLBACK")
    other.close()
    assert await ledger.balances(["k"]) == {"k": (0, 0)}
    await ledger.aclose()


async def test_a_full_disk_books_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    ledger = SQLiteLedger(tmp_path / "ledger.db")
    await ledger._database.run("test", lambda connection: connection.execute("PRAGMA max_page_count = 1"), write=False)

    async def fill() -> None:
        for number in range(500):
            await ledger.settle(f"h{number}", 1, LedgerRow(hold_id="", keys=("k",), model="x" * 500))

    with pytest.raises(LedgerError, match="failed at settle.*free some disk space"):
        await fill()
    await assert_no_drift(ledger)
    await ledger.aclose()


async def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("my shopping list, which is rather longer than a header " * 20)
    ledger = SQLiteLedger(tmp_path / "ledger.db")
    with pytest.raises(LedgerError, match=r"ledger\.db failed at read.*move it away"):
        await ledger.balances(["k"])
    with pytest.raises(LedgerError, match="move it away"):
        await ledger.rows()


async def test_a_folder_that_cannot_be_made_is_a_ledger_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ledger = SQLiteLedger(tmp_path / "file" / "ledger.db")
    with pytest.raises(LedgerError, match="failed at read"):
        await ledger.balances(["k"])


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    ledger = SQLiteLedger(tmp_path / "ledger.db")
    with pytest.raises(LedgerError, match="newer CascadeFlow.*Upgrade") as caught:
        await ledger.balances(["k"])
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_a_path_that_is_no_file_is_refused_at_once(path: str) -> None:
    with pytest.raises(ConfigError, match="needs the path"):
        SQLiteLedger(path)


async def test_long_reads_do_not_hold_up_writers(tmp_path: Path) -> None:
    """A report has a connection and a thread of its own."""
    ledger = SQLiteLedger(tmp_path / "ledger.db")
    await ledger.settle("h1", 1, LedgerRow(hold_id="h1", keys=("k",)))
    reading = threading.Event()
    resume = threading.Event()

    def slow(connection: sqlite3.Connection) -> int:
        connection.execute("BEGIN")
        before = connection.execute("SELECT COUNT(*) FROM calls").fetchone()[0]
        reading.set()
        resume.wait(5)
        return before

    report = asyncio.create_task(ledger._database.report("test", slow))
    await asyncio.to_thread(reading.wait, 5)
    await ledger.settle("h2", 1, LedgerRow(hold_id="h2", keys=("k",)))
    resume.set()
    assert await report == 1
    assert len(await ledger.rows()) == 2
    await ledger.aclose()


async def test_a_transaction_that_is_broken_off_leaves_no_trace(tmp_path: Path) -> None:
    ledger = SQLiteLedger(tmp_path / "ledger.db")

    def interrupted(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO counters (key, spent) VALUES ('k', 5)")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await ledger._database.run("test", interrupted)
    assert await ledger.balances(["k"]) == {"k": (0, 0)}
    await ledger.aclose()


async def test_opening_at_the_same_time_from_several_processes(tmp_path: Path) -> None:
    """Whoever comes second waits for the tables instead of making them twice."""
    script = (
        "import asyncio, sys, time\n"
        "from cascadeflow.telemetry.ledger import LedgerRow, SQLiteLedger\n"
        "ledger = SQLiteLedger(sys.argv[1])\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "name = sys.argv[3]\n"
        "asyncio.run(ledger.settle(name, 1, LedgerRow(hold_id=name, keys=('k',))))\n"
    )
    begin = str(time.time() + 0.7)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "ledger.db"), begin, f"p{number}"],
            cwd=Path(__file__).parents[2],
            env=os.environ,
        )
        for number in range(3)
    ]
    assert [process.wait(20) for process in processes] == [0, 0, 0]
    ledger = SQLiteLedger(tmp_path / "ledger.db")
    assert await ledger.balances(["k"]) == {"k": (3, 0)}
    await ledger.aclose()
