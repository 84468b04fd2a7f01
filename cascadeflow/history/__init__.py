"""The archive of runs: what was asked, what happened, what it cost."""

from cascadeflow.history.archive import RunArchive
from cascadeflow.history.records import RunSummary, SessionSummary, StoredRun

__all__ = ["RunArchive", "RunSummary", "SessionSummary", "StoredRun"]
