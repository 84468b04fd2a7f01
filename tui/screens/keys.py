"""The keys of the main screen, and what its panes say of themselves."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding, BindingType

NARROW = 100
"""Columns below which the side panes are a strip."""

BINDINGS: list[BindingType] = [
    Binding(
        "escape", "stop", "Stop", id="main.stop",
        tooltip="Stops the answer and keeps what came of it, takes a waiting question back, or closes a pane",
    ),
    Binding(
        "f2,alt+2", "what_if", "What if", id="main.what_if", priority=True,
        tooltip="Opens this question under every preset and tier, and your history under other settings; no call is made",
    ),
    Binding(
        "f3,alt+3", "history", "History", id="main.history", priority=True,
        tooltip="Opens what was asked before: search, look into, mark, name, export, go on with",
    ),
    Binding(
        "f5,alt+5", "pane('presets')", "Presets", id="main.presets", priority=True,
        tooltip="Goes to presets, tiers and budget",
    ),
    Binding(
        "f6,alt+6", "pane('timeline')", "Cascade", id="main.cascade", priority=True,
        tooltip="Goes to the steps of the cascade",
    ),
    Binding(
        "f7,alt+7", "pane('cost')", "Cost", id="main.cost", priority=True,
        tooltip="Goes to what the session costs",
    ),
    Binding(
        "f8,alt+8", "draft", "Draft", id="main.draft", priority=True,
        tooltip="Opens the last withdrawn draft, or folds it again",
    ),
    Binding(
        "f9,alt+9", "own_steps", "Own steps", id="main.own_steps", priority=True,
        tooltip="Uses the steps that a domain has of its own (code, medical, legal, general), or the standard ones",
    ),
    Binding(
        "f4,alt+4", "app.settings", "Settings", id="main.settings", priority=True,
        tooltip="Shows and changes the configuration: models, checks, budgets, tiers and strategies",
    ),
    Binding(
        "ctrl+l,alt+l", "reload", "Reload", id="main.reload", priority=True,
        tooltip="Reads the configuration file in use again, from the next question on",
    ),
    Binding(
        "ctrl+n,alt+n", "new", "New conversation", id="main.new", priority=True,
        tooltip="Begins a new conversation; the old one stays in the history",
    ),
    Binding(
        "ctrl+y,alt+y", "copy_answer", "Copy answer", id="main.copy_answer", priority=True,
        tooltip="Copies the chosen or last answer",
    ),
    Binding(
        "ctrl+b,alt+b", "copy_code", "Copy code", id="main.copy_code", priority=True,
        tooltip="Copies a code block of the chosen or last answer; once more takes the next one",
    ),
    Binding(
        "f10,alt+e", "edit", "Edit question", id="main.edit", priority=True,
        tooltip="Takes the chosen or last question back into the input, to ask it anew in its place",
    ),
    Binding(
        "ctrl+t,alt+t", "again", "Ask again", id="main.again", priority=True,
        tooltip="Asks the chosen or last question again, under the preset in use",
    ),
    Binding(
        "ctrl+g,alt+g", "jump", "Jump", id="main.jump", priority=True,
        tooltip="Shows a letter on each pane; the letter goes there",
    ),
    Binding(
        "ctrl+s,alt+s", "save_answer", "Save answer", id="main.save_answer", priority=True,
        tooltip="Writes the chosen or last answer, whole, to a file",
    ),
    Binding(
        "ctrl+r,alt+r", "retry_pulls", "Retry download", id="main.retry", priority=True,
        tooltip="Tries a download again that failed",
    ),
]  # fmt: skip

PRESET_HELP = (
    "The presets. Enter or a click takes one from the next question on; what is in the input is planned anew at once. "
    "A hint below a name tells for which domains it has steps of its own; F9 switches them on and off. F4 changes all "
    "that a preset says, and saves it as one of your own."
)
TIER_HELP = (
    "The tier of the user. It decides which models may answer, what one query may cost, and, where the preset gives "
    "tiers a budget, how much a day."
)
_KEYS = (
    ("Enter", "send", "screen.send"),
    ("Ctrl+J", "newline", "screen.newline"),
    ("Esc", "stop", "screen.stop"),
    ("F2", "what if", "screen.what_if"),
    ("F3", "history", "screen.history"),
    ("F4", "settings", "app.settings"),
    ("F5-F7", "panes", "screen.pane('presets')"),
    ("F8", "draft", "screen.draft"),
    ("Ctrl+O", "export", "app.export"),
    ("F1", "help", "app.help"),
    ("Ctrl+Q", "quit", "app.leave"),
)
_DROPPED_FIRST = ("F8", "F5-F7", "Ctrl+O", "Ctrl+J")

Key = tuple[str, str, str]
"""A key, what it does in words, and its action."""


def shown_keys(width: int) -> list[Key]:
    """The keys of the main screen that the last line has room for.

    Args:
        width: columns of the terminal.
    """
    return fitting(_KEYS, _DROPPED_FIRST, width)


def fitting(keys: Sequence[Key], dropped_first: Sequence[str], width: int) -> list[Key]:
    """As many keys as fit.

    Args:
        keys: in the order they are shown.
        dropped_first: those that make room for the others, in this order.
        width: columns of the terminal.
    """
    shown, dropped = list(keys), list(dropped_first)
    while dropped and sum(len(key) + len(words) + 3 for key, words, _ in shown) > width:
        shown = [key for key in shown if key[0] != dropped[0]]
        del dropped[0]
    return shown
