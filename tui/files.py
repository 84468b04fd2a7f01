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
    return _save("answers", f"answer-{datetime.now():%Y%m%d-%H%M%S}.md", text)  # noqa: DTZ005  # a name for people, in their time


def save_copy(text: str, name: str) -> Path:
    """Write what was to be copied; the copy before it is replaced.

    Args:
        text: all of it.
        name: of the file.

    Returns:
        The file, in the user's data folder.

    Raises:
        OSError: it cannot be written.
    """
    return _save("copied", name, text)


def write_private(path: Path, text: str) -> None:
    """Write a text, broken code points and all, that nobody else on this machine can read.

    Raises:
        OSError: it cannot be written.
    """
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    path.chmod(0o600)


def _save(folder: str, name: str, text: str) -> Path:
    path = private_dir(data_dir() / folder) / name
    write_private(path, text)
    return path
