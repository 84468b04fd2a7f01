"""The user's own presets: configuration files in one folder, each under the name of its file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from cascadeflow.errors import ConfigError, UnknownPresetError
from cascadeflow.paths import config_dir
from cascadeflow.presets.builtin import PRESETS

if TYPE_CHECKING:
    from cascadeflow.config import Configuration

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")


def own_presets() -> dict[str, Path]:
    """Name → file of every preset of the user's own, sorted; whether a file can be used shows when it is read."""
    try:
        files = sorted(path for path in _folder().iterdir() if path.suffix == ".toml" and not path.name.startswith("."))
    except OSError:
        return {}
    return {path.stem: path for path in files if _plain(path.stem) not in PRESETS}


def preset_names() -> list[str]:
    """Every preset: those that are built in, then the user's own."""
    return [*PRESETS, *own_presets()]


def find_own(name: str) -> Path | None:
    """The file of an own preset; letter case does not matter, and dashes count as underscores."""
    found = own_presets()
    return found.get(name) or next((path for stem, path in found.items() if _plain(stem) == _plain(name)), None)


def preset_configuration(name: str) -> Configuration:
    """The configuration of a preset, built in or own.

    Args:
        name: dashes count as underscores.

    Raises:
        UnknownPresetError: there is none; the text lists those there are.
        ConfigError: the file of an own preset cannot be used; names line, key, value and what is allowed.
    """
    from cascadeflow.config import Configuration, load

    preset = PRESETS.get(_plain(name))
    if preset is not None:
        return Configuration.of_preset(preset)
    path = find_own(name)
    if path is None:
        raise UnknownPresetError(f"Unknown preset: {name!r}. Presets: {', '.join(preset_names())}")
    configuration = load(path)
    configuration.name = path.stem
    return configuration


def check_own_name(name: str) -> None:
    """Refuse a name under which no preset can be saved.

    Raises:
        ConfigError: it is no file name everywhere, or that of a built-in preset.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} cannot name a preset; write up to 60 letters, digits, - and _, a letter or digit first"
        )
    if _plain(name) in PRESETS:
        raise ConfigError(f"{name} is built in; choose another name")


def save_own(configuration: Configuration, name: str) -> Path:
    """Save a configuration as a preset of the user's own; one of that name is replaced, its old text kept as ``.bak``.

    Args:
        configuration: what to save.
        name: of the preset.

    Returns:
        The file.

    Raises:
        ConfigError: the name cannot be used, or the file cannot be written.
    """
    from cascadeflow.config import dump

    check_own_name(name)
    path = find_own(name) or _folder() / f"{name}.toml"
    return dump(configuration.model_copy(update={"name": path.stem}), path)


def _folder() -> Path:
    return config_dir() / "presets"


def _plain(name: str) -> str:
    return name.replace("-", "_").lower()
