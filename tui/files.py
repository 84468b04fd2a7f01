"""Files the console writes at the user's wish."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cascadeflow.paths import data_dir, private_dir


def save_answer(text: str) -> Path:
    """Write an answer as it came, nothing shown instead of anything.

    Args:
        text: the whole answer.

    Returns:
        The file, in the user's data folder.

    Raises:
        OSError: it cannot be written.
    """
    folder = private_dir(data_dir() / "answers")
    path = folder / f"answer-{datetime.now():%Y%m%d-%H%M%S}.md"  # noqa: DTZ005  # a name for people, in their time
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    path.chmod(0o600)
    return path
