"""Writes recorded runs to a file, in the form that its ending asks for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cascadeflow.history import to_evaluation, to_json, to_markdown

if TYPE_CHECKING:
    from cascadeflow.history import RunArchive

EXPORTS = {".md": "to read", ".json": "whole, for programs", ".jsonl": "marked answers, to evaluate and calibrate with"}


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
    marks = archive.marks(run_ids)
    count = len(runs)
    if path.suffix == ".md":
        text = to_markdown(runs)
    elif path.suffix == ".json":
        text = json.dumps(to_json(runs, marks), ensure_ascii=False, indent=1)
    else:
        rows = list(to_evaluation(runs, marks))
        if not rows:
            raise ValueError("None of these runs is marked right or wrong; mark answers with + and - first.")
        text, count = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), len(rows)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    path.chmod(0o600)
    return count
