"""A Redis server of the tests' own, on a loopback port, without a file."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

MOST = 55_535
"""The highest port of a server in cluster mode, which listens 10,000 ports above it too."""


def _free_port() -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port <= MOST:
            return port


class RedisServer:
    """One process of ``redis-server``; tests that need one are skipped only where there is no such program."""

    def __init__(self, folder: Path, *options: str) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed")
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        quiet = ("--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning")
        place = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder))
        self._command = [program, *place, *quiet, *options]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        give_up = time.monotonic() + 20
        while True:
            try:
                if self.ask("PING") == "PONG":
                    return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > give_up:
                    raise
            time.sleep(0.01)

    def ask(self, command: str) -> str:
        """The first line that the server answers to an inline command."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.makefile().readline().strip().lstrip("+:")

    def stop(self) -> None:
        """End the server, which forgets everything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def pause(self) -> None:
        """Let the server hear everything, and answer nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it answer what it heard meanwhile."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
