"""Writes `keys.md` from the bindings and commands of the console: ``python docs/make_keys.py``.

A test fails while the page is not what the console does.
"""

from __future__ import annotations

from pathlib import Path

from tui.app import all_bindings
from tui.commands import COMMANDS
from tui.screens.help import shown

PAGE = Path(__file__).with_name("keys.md")
_TOP = """# Keys and commands of the console

This page is made from the console itself (`python docs/make_keys.py`).

## Commands

A line that begins with `/` is a command; Tab completes it, and Ctrl+P searches them all. `//` begins a question with a
slash.

| command | what it does |
|---|---|
"""
_KEYS = """
## Keys

Any of them can be given other keys, by its name, in `settings.toml` (see [chat](chat.md)).
"""


def page() -> str:
    """The whole page."""
    commands = "".join(f"| `{_cell(command.usage)}` | {command.help} |\n" for command in COMMANDS)
    tables = "".join(
        f"\n### {place}\n\n| keys | name | what they do |\n|---|---|---|\n"
        + "".join(
            f"| {', '.join(shown(key.strip()) for key in binding.key.split(','))} | `{binding.id}` | {binding.tooltip} |\n"
            for binding in bindings
        )
        for place, bindings in all_bindings().items()
    )
    return _TOP + commands + _KEYS + tables


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
