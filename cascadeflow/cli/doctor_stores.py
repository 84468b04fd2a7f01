"""What the doctor says of ledger and history: do they answer, and will they keep what they are told?"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cascadeflow.cli.finding import Finding, State
from cascadeflow.errors import CascadeFlowError, LedgerError

if TYPE_CHECKING:
    from cascadeflow.config import Configuration
    from cascadeflow.config.schema import LedgerSection
    from cascadeflow.telemetry.ledger import RedisLedger
    from cascadeflow.telemetry.ledger.redis_health import RedisHealth


def ledger_finding(configuration: Configuration) -> Finding:
    """Whether the ledger of a configuration answers, and keeps what it is told."""
    if not configuration.budget.tracking:
        return Finding("ledger", "ok", "none: [budget] tracking is off, so nothing is counted or limited")
    from cascadeflow.paths import ledger_path

    section = configuration.ledger
    path = Path(section.path or ledger_path()).expanduser()
    if section.kind == "sqlite" and not path.exists():
        return _to_be_made("ledger", path, "made at the first paid call")
    try:
        return asyncio.run(_ledger(section, str(path)))
    except (CascadeFlowError, OSError) as error:
        return _broken("ledger", error)


def history_finding(configuration: Configuration) -> Finding:
    """Whether the history of a configuration can be read."""
    from cascadeflow.history import RunArchive
    from cascadeflow.paths import history_path

    section = configuration.history
    if section.mode == "off":
        return Finding("history", "ok", "off: runs are not recorded")
    path = Path(section.path or history_path()).expanduser()
    if not path.exists():
        return _to_be_made("history", path, "made at the first run")
    try:
        archive = RunArchive(path)
        try:
            archive.runs(limit=1)
        finally:
            archive.close()
    except (CascadeFlowError, OSError) as error:
        return _broken("history", error)
    return Finding("history", "ok", str(path))


def writable(path: Path) -> bool:
    """Whether a file or folder can be written, or made where there is none yet."""
    present = path
    while not present.exists() and present != present.parent:
        present = present.parent
    return os.access(present, os.W_OK)


def memory_finding(section: LedgerSection) -> Finding | None:
    """What a ledger in memory means for the programs that load the file; None: it names another kind.

    Args:
        section: as the file has it; the command itself counts in SQLite then.
    """
    if section.kind != "memory":
        return None
    return Finding(
        "ledger in programs",
        "note",
        "in memory: a program that loads this file counts by itself, and forgets when it ends",
        '[ledger] kind = "sqlite" (one machine) or "redis" (many) keeps what is spent, and shares it',
    )


async def _ledger(section: LedgerSection, path: str) -> Finding:
    from cascadeflow.config.live import ledger_of
    from cascadeflow.telemetry.ledger import RedisLedger

    ledger = ledger_of(section)
    try:
        holds = await ledger.open_holds()
        amount = f"{len(holds)} open hold{'' if len(holds) == 1 else 's'}"
        if isinstance(ledger, RedisLedger):
            return await _redis(ledger, amount)
        return Finding("ledger", "ok", f"{path}, {amount}")
    finally:
        await ledger.aclose()


async def _redis(ledger: RedisLedger, holds: str) -> Finding:
    where = f"Redis at {ledger.address}, prefix {ledger.prefix}"
    await ledger.balances(["user"])  # the address's user must be allowed to run scripts
    try:
        health = await ledger.health()
    except LedgerError as error:
        return Finding("ledger", "note", f"{where}, {holds}; its state is not told: {error}", "allow INFO to its user")
    found = f"{where}, version {health.version}, {holds}"
    worst = next(_faults(health, cluster=ledger.cluster), None)
    if worst is None:
        return Finding("ledger", "ok", found)
    state, wrong, fix = worst
    return Finding("ledger", state, f"{found}; {wrong}", fix)


def _faults(health: RedisHealth, *, cluster: bool) -> Iterator[tuple[State, str, str]]:
    """What is wrong with a server, the worst first."""
    if not health.primary:
        yield "broken", "it is a replica, which takes no bookings", "give the address of the primary"
    if health.clustered and not cluster:
        yield "note", "it is a node of a cluster", "[ledger] cluster = true"
    if health.evicts:
        wrong = f"short of memory it throws keys away ({health.evicts}), and budgets begin anew"
        yield "note", wrong, "set maxmemory-policy noeviction on the server"
    if not health.appends:
        yield "note", "a crash loses what was spent since its last snapshot", "set appendonly yes on the server"


def _to_be_made(what: str, path: Path, when: str) -> Finding:
    if not writable(path):
        return Finding(what, "broken", f"{path} cannot be written", "make it writable, or name another path")
    return Finding(what, "ok", f"{path}, {when}")


def _broken(what: str, error: Exception) -> Finding:
    return Finding(what, "broken", str(error), "the message says what to do")
