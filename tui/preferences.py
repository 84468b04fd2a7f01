"""``settings.toml``: how the console looks and which keys it takes, as the user wants it.

.. code-block:: toml

    theme = "textual-light"     # or one of your own
    reduced_motion = true       # no blinking, no animation
    bell_after = 10             # seconds; a longer answer rings when it is done

    [keys]
    "main.copy_answer" = "f10"

    [themes.mine]
    primary = "#ffb000"
    dark = true
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cascadeflow.paths import config_dir, private_dir

if TYPE_CHECKING:
    from textual.theme import Theme

_COLOURS = (
    "primary", "secondary", "warning", "error", "success", "accent", "foreground", "background", "surface", "panel",
)  # fmt: skip


class PreferencesError(Exception):
    """The file cannot be used; its text says where and what is allowed."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the user wants.

    Attributes:
        theme: name; None: the console's own.
        reduced_motion: no blinking cursor, no animation.
        bell_after: seconds from which a finished answer rings the bell; None: never.
        keys: id of a binding → keys.
        themes: the user's own, by name.
    """

    theme: str | None = None
    reduced_motion: bool = False
    bell_after: float | None = None
    keys: dict[str, str] = field(default_factory=dict)
    themes: dict[str, dict[str, Any]] = field(default_factory=dict)


def path() -> Path:
    """The file."""
    return config_dir() / "settings.toml"


def load() -> Preferences:
    """What the file says; the console's own ways where there is none.

    Raises:
        PreferencesError: it cannot be read, or says something that is not known.
    """
    file = path()
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Preferences()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PreferencesError(f"{file}: {error}") from None
    kinds: dict[str, tuple[type, ...]] = {
        "theme": (str,), "reduced_motion": (bool,), "bell_after": (int, float), "keys": (dict,), "themes": (dict,),
    }  # fmt: skip
    for name, value in said.items():
        if name not in kinds:
            raise PreferencesError(f"{file}: {name} is not known; write {', '.join(kinds)}")
        if not isinstance(value, kinds[name]) or (isinstance(value, bool) and bool not in kinds[name]):
            raise PreferencesError(f"{file}: {name} is {value!r}; write {_KINDS[name]}")
    for name, key in said.get("keys", {}).items():
        if not isinstance(key, str):
            raise PreferencesError(f'{file}: keys."{name}" is {key!r}; write a key such as "f10" or "ctrl+x,alt+x"')
    for name, colours in said.get("themes", {}).items():
        _check_theme(file, name, colours)
    return Preferences(**said)


_KINDS = {
    "theme": "the name of a theme", "reduced_motion": "true or false", "bell_after": "seconds",
    "keys": 'a table such as [keys] "main.copy_answer" = "f10"',
    "themes": 'tables such as [themes.mine] primary = "#ffb000"',
}  # fmt: skip


def unknown_keys(preferences: Preferences, known: Collection[str]) -> str:
    """What to say of keys that are given to what does not exist; empty: nothing."""
    wrong = [name for name in preferences.keys if name not in known]
    if not wrong:
        return ""
    return f"{path()}: keys for {', '.join(wrong)}, which do not exist; F1 lists what there is"


def themes_of(preferences: Preferences) -> list[Theme]:
    """The user's own themes."""
    from textual.theme import Theme

    return [Theme(name=name, **{"primary": "#0178d4"} | colours) for name, colours in preferences.themes.items()]


def keep_theme(name: str) -> Path:
    """Write the name of a theme into the file; its comments stay.

    Returns:
        The file.

    Raises:
        OSError: it cannot be written.
    """
    import tomlkit

    file = path()
    document = tomlkit.parse(file.read_text(encoding="utf-8")) if file.exists() else tomlkit.document()
    document["theme"] = name
    private_dir(file.parent)
    fresh = file.with_suffix(".new")
    fresh.write_text(tomlkit.dumps(document), encoding="utf-8")
    fresh.replace(file)
    return file


def _check_theme(file: Path, name: str, colours: Any) -> None:
    from textual.color import Color, ColorParseError

    if not isinstance(colours, dict):
        raise PreferencesError(f"{file}: themes.{name} is {colours!r}; write a table of colours")
    for key, value in colours.items():
        where = f"{file}: themes.{name}.{key}"
        if key == "dark" and isinstance(value, bool):
            continue
        if key not in _COLOURS:
            raise PreferencesError(f"{where} is not known; write {', '.join(_COLOURS)}, and dark = true or false")
        try:
            Color.parse(str(value))
        except ColorParseError:
            raise PreferencesError(f'{where} is {value!r}; write a colour such as "#ffb000"') from None
