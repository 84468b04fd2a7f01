"""How fast the console is, beside a hello-world Textual app of the same run, in a real pseudo-terminal.

    python tests/benchmarks/console.py [--rounds 5] [--seconds 8]

First frame: from fork to the output that holds the app's own text. Memory: the process's peak one
second after that. Key echo: from writing a key to the terminal to its first appearance on the
screen; every key is a letter that occurs nowhere else. CPU: user and system time of the console's
process over the time of the stream. Ratios count; seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tui"))

from pty_terminal import PtyTerminal  # noqa: E402  # beside the tests that use it too

OWN_TEXT = {"hello": "hello world", "console": "CascadeFlow"}
KEYS = "абвгдежзийклмнопрстуфхцчшщъыьэюяαβγδεζηθικλμνξοπρστυφχψωАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
KEY_GAP = 0.11
READY = "user anonymous"


def start(*arguments: str, home: Path) -> PtyTerminal:
    """One of the apps, with an empty home and keys that are never used."""
    env = {
        "CASCADEFLOW_HOME": str(home), "OPENAI_API_KEY": "none", "ANTHROPIC_API_KEY": "none",
        "PYTHONPATH": str(HERE.parents[1]), "PYTHONDONTWRITEBYTECODE": "",
    }  # fmt: skip
    return PtyTerminal([sys.executable, str(HERE / "console_apps.py"), *arguments], env=env)


def memory(pid: int, field: str = "VmHWM") -> float:
    """Megabytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(field))


def cpu_seconds(pid: int) -> float:
    """User and system seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def first_frame(app: str, home: Path) -> tuple[float, float, float]:
    """Seconds to the first frame, seconds until it is ready to plan, megabytes one second later."""
    terminal = start(app, home=home)
    try:
        seconds = terminal.wait_for(OWN_TEXT[app])
        ready = terminal.wait_for(READY) if app == "console" else seconds
        until = time.perf_counter() + 1.0
        while time.perf_counter() < until:
            terminal.pump(0.05)
        return seconds, ready, memory(terminal.pid)
    finally:
        terminal.close()


def echo(kind: str, rate: float, seconds: float, home: Path) -> dict[str, float]:
    """Key echo, CPU and memory while an answer streams."""
    terminal = start("stream", kind, str(rate), home=home)
    try:
        terminal.wait_for(READY)
        if rate:
            terminal.write("go\r")
            terminal.wait_for("answering")
        began, cpu, delays = time.perf_counter(), cpu_seconds(terminal.pid), []
        for key in KEYS:
            if time.perf_counter() - began > seconds:
                break
            position, sent = len(terminal.output), time.perf_counter()
            terminal.write(key)
            while key.encode() not in terminal.output[position:]:
                assert time.perf_counter() - sent < 20, "a key got lost"
                terminal.pump(0.02)
            delays.append(1000 * (time.perf_counter() - sent))
            until = sent + KEY_GAP
            while time.perf_counter() < until:
                terminal.pump(0.005)
        took = time.perf_counter() - began
        delays.sort()
        return {
            "p50": statistics.median(delays), "p95": delays[int(0.95 * (len(delays) - 1))], "max": delays[-1],
            "cpu": 100 * (cpu_seconds(terminal.pid) - cpu) / took, "mb": memory(terminal.pid),
        }  # fmt: skip
    finally:
        terminal.close()


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=8.0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        frames: dict[str, list[tuple[float, float, float]]] = {"hello": [], "console": []}
        for number in range(chosen.rounds + 1):
            for app, measured in frames.items():
                result = first_frame(app, home)
                if number:  # the first round warms the byte code
                    measured.append(result)
        hello = statistics.median(seconds for seconds, _, _ in frames["hello"])
        print("first frame           seconds   ratio   ready    MB")
        for app, measured in frames.items():
            seconds, ready, megabytes = (statistics.median(column) for column in zip(*measured, strict=True))
            print(f"{app:<20} {seconds:>8.3f} {seconds / hello:>7.2f} {ready:>7.3f} {megabytes:>5.0f}")
        print("\nkey echo              p50 ms   p95 ms   max ms   CPU %    MB")
        for kind, rate in [
            ("idle", 0.0),
            ("prose", 1000.0),
            ("fence", 1000.0),
            ("table", 1000.0),
            ("paragraph", 1000.0),
        ]:
            row = echo("prose" if kind == "idle" else kind, rate, chosen.seconds, home)
            print(
                f"{kind:<20} {row['p50']:>7.0f} {row['p95']:>8.0f} {row['max']:>8.0f} {row['cpu']:>7.0f} {row['mb']:>5.0f}"
            )


if __name__ == "__main__":
    main()
