"""A terminal for tests and benchmarks: a program in a real pseudo-terminal, with its answers to queries."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_REPLIES = {b"\x1b[c": b"\x1b[?62;22c", b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[?2048$p": b"\x1b[?2048;0$y"}


class PtyTerminal:
    """Runs a command in a pseudo-terminal.

    Args:
        command: program and arguments.
        env: environment variables on top of this process's.
        columns, lines: size.
        folder: working folder.

    Attributes:
        output: everything the program wrote.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        columns: int = 120,
        lines: int = 40,
        folder: Path | None = None,
    ) -> None:
        self.output = bytearray()
        self.started = time.perf_counter()
        self._answered = 0
        self._code: int | None = None
        environment = {
            **os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": "", "LINES": "", **(env or {}),
        }  # fmt: skip
        environment.pop("COLUMNS")
        environment.pop("LINES")
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            with contextlib.suppress(OSError):
                if folder is not None:
                    os.chdir(folder)
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
                os.execvpe(command[0], list(command), environment)
            os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def write(self, keys: str) -> None:
        """Type."""
        os.write(self.fd, keys.encode())

    def pump(self, seconds: float) -> bool:
        """Read what comes, for so long at most.

        Returns:
            Whether something came.
        """
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return False
        self.output += data
        for query, reply in _REPLIES.items():
            if query in data:
                os.write(self.fd, reply)
        return bool(data)

    def wait_for(self, text: str, *, seconds: float = 20.0, since: int = 0) -> float:
        """Read until a text was written.

        Args:
            text: without style changes in it.
            seconds: patience.
            since: position in the output from which to look.

        Returns:
            When it came, in seconds since the start.

        Raises:
            AssertionError: it did not come.
        """
        wanted, deadline = text.encode(), time.perf_counter() + seconds
        while wanted not in self.output[since:]:
            left = deadline - time.perf_counter()
            assert left > 0, f"{text!r} did not come; the last output is {bytes(self.output[-2000:])!r}"
            self.pump(min(left, 0.05))
        return time.perf_counter() - self.started

    def wait_end(self, seconds: float = 15.0) -> int:
        """Read until the program ends.

        Returns:
            Its exit code; negative: the signal that killed it.
        """
        deadline = time.perf_counter() + seconds
        while self._code is None:
            assert time.perf_counter() < deadline, "the program does not end"
            self.pump(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        while self.pump(0.05):
            pass
        return self._code

    def close(self) -> None:
        """End the program, if it still runs."""
        if self._code is None:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        os.close(self.fd)
