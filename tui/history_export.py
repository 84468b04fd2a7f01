"""Writes recorded runs to a file, in the form that its ending asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cascadeflow.history import export_runs
from tui.files import write_private

if TYPE_CHECKING:
    from cascadeflow.history import RunArchive
    from cascadeflow.history.export import ExportForm

EXPORTS = {".md": "to read", ".json": "whole, for programs", ".jsonl": "marked answers, to evaluate and calibrate with"}
_FORMS: dict[str, ExportForm] = {".md": "markdown", ".json": "json", ".jsonl": "jsonl"}


def target(name: str) -> Path:
    """The file that is meant by what was typed."""
    return Path(name.strip()).expanduser()


def write(archive: RunArchive, run_ids: Sequence[str], path: Path) -> int:
    """Write runs, the oldest first.

    Args:
        archive: where they are.
        run_ids: the latest first, as they are listed.
        path: its ending is one of `EXPORTS`.

    Returns:
        How many runs are in the file.

    Raises:
        ValueError: the ending is another, or no run has a mark for ``.jsonl``.
        HistoryError: a run cannot be read.
        OSError: the file cannot be written.
    """
    if path.suffix not in EXPORTS:
        raise ValueError(f"{path.name} ends with none of {', '.join(EXPORTS)}; the ending decides the form.")
    runs = [archive.load(run_id) for run_id in reversed(run_ids)]
    text, count = export_runs(runs, archive.marks(run_ids), _FORMS[path.suffix])
    if not count:
        raise ValueError("None of these runs is marked right or wrong; mark answers with + and - first.")
    write_private(path, text)
    return count
