"""Configurations out of the settings and into them: presets of one's own, and files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cascadeflow.errors import CascadeFlowError, ConfigError
from cascadeflow.presets import own_presets, save_own
from cascadeflow.presets.own import check_own_name, find_own
from tui.settings.prompt import Prompt, Reply
from tui.wrap import shorten

if TYPE_CHECKING:
    from cascadeflow.config import Configuration
    from tui.words import Line

_AROUND = 2
"""Lines of a file shown before and after the one with an error."""
_LONGEST_LINE = 76


def save_prompt(configuration: Configuration) -> Prompt:
    """Asks under which name a configuration is saved, and saves it.

    Args:
        configuration: what is saved.
    """

    def look(name: str) -> Reply:
        if not name:
            return Reply("Type a name. It will stand among the presets, and --preset NAME opens it.")
        try:
            check_own_name(name)
        except ConfigError as error:
            return Reply(str(error), good=False)
        there = find_own(name)
        if there is not None:
            return Reply(f"Enter replaces {there}; its comments are kept, and what it was stays beside it as .bak.")
        return Reply("Enter saves it, and uses it from the next question on.")

    def decide(name: str) -> Reply | None:
        try:
            save_own(configuration, name)
        except CascadeFlowError as error:
            return Reply(str(error), good=False)
        return None

    name = configuration.name if configuration.name in own_presets() else ""
    return Prompt("Save as a preset of your own", "Name", name, look, decide)


def import_prompt() -> Prompt:
    """Asks which file is read; one that cannot be used is told with the line that is wrong."""

    def look(path: str) -> Reply:
        if not path:
            return Reply("Type the path of a TOML file, such as cascade.toml.")
        if not Path(path).expanduser().is_file():
            return Reply("There is no such file.", good=False)
        return Reply("Enter reads it. Nothing is applied by that, and undo brings back what is here now.")

    def decide(path: str) -> Reply | None:
        file = Path(path).expanduser()
        try:
            read(file)
        except ConfigError as error:
            return Reply(str(error), good=False, lines=excerpt(file, error.line))
        return None

    return Prompt("Import a configuration file", "File", "", look, decide)


def read(path: Path) -> Configuration:
    """A configuration file, as the console uses it and as an agent tells it.

    Args:
        path: of the file; a preset of one's own goes by the name of its file.

    Raises:
        ConfigError: it cannot be read or used; names line, key, value and what is allowed.
    """
    from cascadeflow.config import load
    from cascadeflow.workspace import with_defaults
    from tui.own import comparable

    path = path.expanduser()
    configuration = with_defaults(load(path))
    if path in own_presets().values():
        configuration.name = path.stem
    return comparable(configuration)


def excerpt(path: Path, line: int | None) -> list[Line]:
    """The lines of a file around one of them, which is marked.

    Args:
        path: of the file.
        line: number, from 1; None: unknown, so nothing is shown.
    """
    if line is None:
        return []
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    shown: list[Line] = [[]]
    for number in range(max(1, line - _AROUND), min(len(rows), line + _AROUND) + 1):
        mark, style = (">", "bad") if number == line else (" ", "dim")
        shown.append([(shorten(f"{mark} {number:>4}  {rows[number - 1]}", _LONGEST_LINE), style)])
    return shown
