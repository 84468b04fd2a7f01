"""Copies text for other programs: by a clipboard tool where one works, else by the terminal, and then into a file too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from asyncio import to_thread
from typing import TYPE_CHECKING, NamedTuple

from tui.files import save_copy

if TYPE_CHECKING:
    from textual.app import App

_PATIENCE = 3.0
"""Seconds; a tool that waits for a display that is not there never ends."""


class _Tool(NamedTuple):
    command: tuple[str, ...]
    usable: bool
    encoding: str = "utf-8"


def _tools() -> list[_Tool]:
    display = bool(os.environ.get("DISPLAY"))
    return [
        _Tool(("pbcopy",), sys.platform == "darwin"),
        _Tool(("wl-copy",), bool(os.environ.get("WAYLAND_DISPLAY"))),
        _Tool(("xclip", "-selection", "clipboard"), display),
        _Tool(("xsel", "--clipboard", "--input"), display),
        _Tool(("clip.exe",), bool(os.environ.get("WSL_DISTRO_NAME")), "utf-16-le"),
        _Tool(("termux-clipboard-set",), bool(os.environ.get("TERMUX_VERSION"))),
    ]


async def copy(app: App[object], text: str, name: str) -> str:
    """Copy a text, and say how.

    Args:
        app: whose terminal is asked where no tool works.
        text: to copy.
        name: of the file that it is written to besides, where nobody can tell whether the terminal took it.

    Returns:
        How it was copied, in words.
    """
    tool = await to_thread(_by_tool, text)
    if tool:
        return f"Copied by {tool}."
    app.copy_to_clipboard(text)
    told = "Sent to the terminal (OSC 52), which may or may not have put it on the clipboard."
    try:
        return f"{told} It is also in {save_copy(text, name)}"
    except OSError as error:
        return f"{told} It could not be written to a file: {error}"


def _by_tool(text: str) -> str:
    """The tool that took a text; empty: none did."""
    for command, usable, encoding in _tools():
        path = shutil.which(command[0]) if usable else None
        if path is None:
            continue
        try:
            # Such a tool may stay behind to serve the clipboard, so its output must not be waited for.
            done = subprocess.run(
                [path, *command[1:]], input=text.encode(encoding), stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, timeout=_PATIENCE, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return command[0]
    return ""
