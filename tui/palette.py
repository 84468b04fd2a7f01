"""The colours of styled words, taken from the theme. Every one of them also says what it means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.style import Style
from textual.color import Color

_VARIABLES = {
    "good": "text-success", "bad": "text-error", "warn": "text-warning", "money": "text-accent",
    "code": "text-accent", "you": "text-secondary", "model": "text-primary",
}  # fmt: skip
"""Style name → variable of the theme."""
_BOLD = ("you", "model")
_DIMMED = 0.35


def palette(variables: Mapping[str, str]) -> Mapping[str, Style]:
    """Style name → Rich style.

    Args:
        variables: of the theme, as Textual gives them.
    """
    names = ("foreground", "background", *_VARIABLES.values())
    return _palette(tuple(variables[name] for name in names))


@lru_cache(maxsize=8)
def _palette(values: tuple[str, ...]) -> Mapping[str, Style]:
    foreground, background, *colours = (Color.parse(value) for value in values)
    styles = {
        name: Style(color=colour.rich_color, bold=name in _BOLD or None)
        for name, colour in zip(_VARIABLES, colours, strict=True)
    }
    if foreground.ansi is not None:  # the terminal's own colours cannot be mixed
        dim = Style(dim=True)
    else:
        dim = Style(color=foreground.blend(background, _DIMMED).rich_color)
    return styles | {
        "": Style(),
        "dim": dim,
        "strong": Style(bold=True),
        "struck": dim + Style(strike=True),
        "cursor": Style(reverse=True),
    }
