"""What happens when the console must die: signals, and what the user reads after a bug."""

from __future__ import annotations

import asyncio
import signal
import traceback
from collections.abc import Callable
from pathlib import Path

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def on_signals(leave: Callable[[int], None]) -> None:
    """Leave in good order when told to by a signal.

    Args:
        leave: called with the exit code, 128 plus the number of the signal.
    """
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, leave, 128 + number)


def last_words(error: BaseException, log: Path | None) -> str:
    """What the user reads after a crash: no traceback, and what to do."""
    where = next(
        (
            f" at {Path(frame.filename).name}:{frame.lineno}"
            for frame in reversed(traceback.extract_tb(error.__traceback__))
        ),
        "",
    )
    kept = f"Where it happened (no questions or answers) is in {log}." if log else "No crash log could be written."
    return (
        f"The console stopped because of a bug: {type(error).__name__}{where}.\n"
        f"What you had typed comes back at the next start. {kept}\n"
        "Please report it with that file; `cascadeflow doctor` checks this machine."
    )
