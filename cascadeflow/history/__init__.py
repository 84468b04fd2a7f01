"""The archive of runs: what was asked, what happened, what it cost, and what the user noted on it."""

from cascadeflow.history.archive import RunArchive
from cascadeflow.history.export import export_runs, to_evaluation, to_json, to_markdown
from cascadeflow.history.filters import RunFilter
from cascadeflow.history.records import RunMarks, RunSummary, SearchHit, SessionSummary, StoredRun

__all__ = [
    "RunArchive",
    "RunFilter",
    "RunMarks",
    "RunSummary",
    "SearchHit",
    "SessionSummary",
    "StoredRun",
    "export_runs",
    "to_evaluation",
    "to_json",
    "to_markdown",
]
