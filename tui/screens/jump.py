"""Jump mode: a letter on each pane, and the letter goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.screen import Screen

PANES = {
    "p": "presets", "t": "tiers", "b": "budget", "c": "conversation", "a": "ask", "s": "timeline", "m": "cost",
}  # fmt: skip
"""Letter → pane."""
_TITLES = {
    "presets": "presets", "tiers": "tiers", "budget": "budget", "conversation": "conversation", "ask": "ask",
    "timeline": "steps", "cost": "money",
}  # fmt: skip


class JumpScreen(ModalScreen[str | None]):
    """Letters over the panes of the screen below; a pane that is hidden now has its letter at the edge.

    Args:
        below: whose panes they are.

    Returns:
        The pane to go to; None: stay.
    """

    CSS_PATH = "jump.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,alt+g", "leave", "Stay", id="jump.stay", tooltip="Stays where one is"),
        *(
            Binding(letter, f"go('{pane}')", _TITLES[pane], id=f"jump.{pane}", tooltip=f"Goes to {_TITLES[pane]}")
            for letter, pane in PANES.items()
        ),
    ]

    def __init__(self, below: Screen[None]) -> None:
        super().__init__()
        self._below = below

    def compose(self) -> ComposeResult:
        """One label a pane."""
        hidden = 0
        for letter, pane in PANES.items():
            region = self._below.query_one(f"#{pane}").region
            if not region.area:
                hidden += 1
            label = Static(f" {letter} {_TITLES[pane]} ", markup=False, classes="jump")
            label.styles.offset = (region.x + 2, region.y) if region.area else (2, hidden + 1)
            yield label

    def action_go(self, pane: str) -> None:
        """Go to a pane."""
        self.dismiss(pane)

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(None)
