"""The tables of the archive: how they came to be, version by version, and their columns."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from cascadeflow.history.records import RunSummary, StoredRun
from cascadeflow.schema import StepRecord

MIGRATIONS: Final = (
    """
    CREATE TABLE sessions (
        session TEXT PRIMARY KEY,
        title TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE runs (
        run_id TEXT PRIMARY KEY,
        session TEXT REFERENCES sessions,
        started REAL NOT NULL,
        status TEXT NOT NULL,
        query TEXT NOT NULL,
        user_id TEXT,
        tier TEXT,
        preset TEXT,
        rehearsal INTEGER NOT NULL,
        domain TEXT NOT NULL,
        complexity TEXT NOT NULL,
        strategy TEXT NOT NULL,
        model_used TEXT NOT NULL,
        validated INTEGER,
        calls INTEGER NOT NULL,
        escalated INTEGER NOT NULL,
        cost_nanousd INTEGER NOT NULL,
        cost_known INTEGER NOT NULL,
        cost_saved REAL NOT NULL,
        latency_ms REAL NOT NULL,
        answer TEXT NOT NULL,
        error TEXT NOT NULL,
        message TEXT NOT NULL,
        plan TEXT,
        result TEXT,
        events TEXT NOT NULL
    );
    CREATE INDEX runs_by_time ON runs (started);
    CREATE INDEX runs_by_session ON runs (session, started);
    CREATE TABLE steps (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        position INTEGER NOT NULL,
        step INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        model TEXT NOT NULL,
        provider TEXT NOT NULL,
        resolved_model TEXT NOT NULL,
        role TEXT NOT NULL,
        outcome TEXT NOT NULL,
        text TEXT NOT NULL,
        usage TEXT NOT NULL,
        cost_nanousd INTEGER,
        first_token_ms REAL,
        latency_ms REAL NOT NULL,
        finish_reason TEXT NOT NULL,
        verdict TEXT,
        error TEXT NOT NULL,
        fallback INTEGER NOT NULL,
        PRIMARY KEY (run_id, position)
    )
    """,
    """
    ALTER TABLE sessions ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE session_tags (
        session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
        tag TEXT NOT NULL,
        PRIMARY KEY (session, tag)
    ) WITHOUT ROWID;
    CREATE TABLE run_tags (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        tag TEXT NOT NULL,
        PRIMARY KEY (run_id, tag)
    ) WITHOUT ROWID;
    CREATE TABLE labels (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        position INTEGER NOT NULL,
        correct INTEGER NOT NULL,
        stands INTEGER NOT NULL,
        PRIMARY KEY (run_id, position)
    ) WITHOUT ROWID
    """,
)

SUMMARY_COLUMNS: Final = tuple(item.name for item in fields(RunSummary))
RUN_COLUMNS: Final = tuple(item.name for item in fields(StoredRun) if item.name != "trace")
PLAIN_RUN_COLUMNS: Final = tuple(name for name in RUN_COLUMNS if name not in ("result", "events"))
STEP_COLUMNS: Final = ("run_id", "position", *(item.name for item in fields(StepRecord)))


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES (:{', :'.join(columns)})"  # noqa: S608  # constants


ADD_RUN: Final = _insert("runs", RUN_COLUMNS)
ADD_STEP: Final = _insert("steps", STEP_COLUMNS)
