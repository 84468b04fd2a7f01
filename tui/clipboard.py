"""Puts a text where the user can paste it: a clipboard program, else the terminal, else a file. It says which."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Mapping

_PATIENCE = 2.0
"""Seconds that a clipboard program may take."""
_LARGEST_FOR_TERMINAL = 74_000
"""Characters; terminals drop longer OSC 52 sequences (xterm at 100,000 bytes of base64)."""


def program(environment: Mapping[str, str] = os.environ) -> list[str] | None:
    """The clipboard program of this machine; None: there is none that could work here."""
    candidates: list[list[str]] = []
    if sys.platform == "darwin":
        candidates.append(["pbcopy"])
    if environment.get("WAYLAND_DISPLAY"):
        candidates.append(["wl-copy"])
    if environment.get("DISPLAY"):
        candidates += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    if environment.get("WSL_DISTRO_NAME") or sys.platform == "win32":
        candidates.append(["clip.exe"])
    return next((command for command in candidates if shutil.which(command[0])), None)


async def copy(text: str, to_terminal: Callable[[str], None], to_file: Callable[[str], str]) -> str:
    """Copy a text.

    Args:
        text: to copy.
        to_terminal: asks the terminal to take a text (OSC 52), which it may do or not, without an answer.
        to_file: writes a text and returns the path.

    Returns:
        Where it is now, for people.

    Raises:
        OSError: not even a file could be written.
    """
    command = program()
    if command is not None and await _taken_by(command, text):
        return f"copied ({command[0]})"
    if len(text) <= _LARGEST_FOR_TERMINAL:
        to_terminal(text)
        return "handed to the terminal's clipboard; if pasting gives nothing, the terminal does not allow it: Ctrl+S"
    return f"too long for the terminal's clipboard; it is in {to_file(text)}"


async def _taken_by(command: list[str], text: str) -> bool:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(_PATIENCE):
            await process.communicate(text.encode("utf-8", "replace"))
    except (OSError, TimeoutError):
        return False
    return process.returncode == 0
