"""The help screen: what the focused pane is for, and every key that works there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.screen import ModalScreen

from tui.widgets.lines import LineView
from tui.wrap import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui.words import Line

_ABOUT = (
    "CascadeFlow asks a cheap model first and checks its answer; only when the check fails a stronger one is asked. "
    "A rejected draft is struck out and folds to one line. Every amount is in US dollars; “est.” marks estimates."
)
_KEY_WIDTH = 32


class HelpScreen(ModalScreen[None]):
    """Help for one pane.

    Args:
        pane: what the focused pane says of itself.
        keys: what works there, each as its keys and what they do.
    """

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,alt+1,q", "dismiss", "Close", id="help.close", tooltip="Closes the help"),
    ]

    def __init__(self, pane: str, keys: Sequence[tuple[Sequence[str], str]]) -> None:
        super().__init__()
        self._pane, self._keys = pane, keys

    def compose(self) -> ComposeResult:
        """One list of lines."""
        yield LineView("Help", id="help")

    def on_mount(self) -> None:
        """Take the keyboard."""
        self.query_one(LineView).focus()

    def on_resize(self) -> None:
        """Write the text for this width."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        view = self.query_one(LineView)
        width = max(30, view.scrollable_content_region.width)
        lines: list[Line] = [[(row, "")] for row in wrap(self._pane, width)] if self._pane else []
        lines += [[], *([(row, "dim")] for row in wrap(_ABOUT, width)), []]
        for keys, tooltip in self._keys:
            rows = wrap(tooltip, width - _KEY_WIDTH)
            lines.append([(f"{', '.join(map(shown, keys)):<{_KEY_WIDTH}}", "strong"), (rows[0], "")])
            lines += [[(" " * _KEY_WIDTH + row, "")] for row in rows[1:]]
        view.show(lines)


def shown(key: str) -> str:
    """A key as people write it.

    Example:
        >>> shown("ctrl+o")
        'Ctrl+O'
    """
    names = {"escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn"}
    return "+".join(names.get(part, part.capitalize()) for part in key.split("+"))
