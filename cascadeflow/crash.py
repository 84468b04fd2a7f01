"""The crash log: where a bug struck, and nothing that could quote a question, an answer or a key."""

from __future__ import annotations

from pathlib import Path


def write_crash_log(error: BaseException) -> Path | None:
    """Write down where a bug struck: kinds of errors, files and lines; their texts are left out.

    Args:
        error: the bug.

    Returns:
        The file, readable by its owner only; None where it could not be written.
    """
    import os
    import sys
    import traceback
    from datetime import UTC, datetime

    import cascadeflow
    from cascadeflow.paths import data_dir, private_dir

    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    lines = [f"{when}, cascadeflow {cascadeflow.__version__}, Python {sys.version.split()[0]}, {sys.platform}"]
    link: BaseException | None = error
    while link is not None:
        lines.append(type(link).__name__)
        frames = traceback.extract_tb(link.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        link = link.__cause__ or link.__context__
    path = data_dir() / "crash.log"
    try:
        private_dir(path.parent)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError:
        return None
    return path
