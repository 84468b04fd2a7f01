"""How many processor cores this process can really use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_CPUS = Path("/sys/devices/system/cpu")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores() -> int:
    """Physical cores that this process may use; at least 1.

    Two hardware threads of a core count once. A container's limits (affinity and CPU quota) count
    too: a model that computes on more threads than it is given waits for itself at every layer.
    """
    if sys.platform == "linux":
        return max(1, min(_linux_cores(), _linux_quota()))
    if sys.platform == "darwin":
        return _macos_cores()
    return max(1, (os.cpu_count() or 2) // 2)


def _linux_cores() -> int:
    allowed = os.sched_getaffinity(0)  # type: ignore[attr-defined,unused-ignore]  # Linux only
    siblings = set()
    for cpu in allowed:
        try:
            siblings.add((_CPUS / f"cpu{cpu}/topology/thread_siblings_list").read_text())
        except OSError:
            return len(allowed)
    return len(siblings)


def _linux_quota() -> int:
    try:
        quota, period = _QUOTA.read_text().split()
        return int(quota) // int(period)
    except (OSError, ValueError):  # no control group of version 2, or "max": no limit
        return sys.maxsize


def _macos_cores() -> int:
    """Performance cores on Apple silicon, else all."""
    for name in ("hw.perflevel0.physicalcpu", "hw.physicalcpu"):
        answer = subprocess.run(["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return max(1, int(answer.stdout))
    return max(1, os.cpu_count() or 1)
