"""`Sliders`: settings of which each moves along a row of values, by the arrow keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.message import Message

from tui.widgets.lines import LineView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType

    from tui.words import Line


@dataclass(slots=True)
class Slider:
    """One setting.

    Attributes:
        name: of the setting.
        values: what it can be, in order, each with its words.
        at: position of the value it has.
    """

    name: str
    values: Sequence[tuple[Any, str]]
    at: int = 0

    @property
    def value(self) -> Any:
        """What it is."""
        return self.values[self.at][0]


class Sliders(LineView):
    """Settings, one a row.

    Args:
        title: shown in the border.
        id: for the style sheet.
        help_text: for the help screen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", id="sliders.up", tooltip="Moves to the setting above"),
        Binding("down,j", "move(1)", "Down", id="sliders.down", tooltip="Moves to the setting below"),
        Binding("left,h", "slide(-1)", "Less", id="sliders.less", tooltip="Takes the value before"),
        Binding("right,l", "slide(1)", "More", id="sliders.more", tooltip="Takes the next value"),
    ]

    class Changed(Message):
        """A setting has another value."""

    def __init__(self, title: str, *, id: str, help_text: str) -> None:
        super().__init__(title, id=id)
        self.help_text = help_text
        self.sliders: list[Slider] = []
        self._cursor = 0

    def set(self, sliders: Sequence[Slider]) -> None:
        """Set what can be moved."""
        self.sliders = list(sliders)
        self._draw()

    def value(self, name: str) -> Any:
        """What a setting is."""
        return next(slider.value for slider in self.sliders if slider.name == name)

    def _draw(self) -> None:
        lines: list[Line] = []
        for position, slider in enumerate(self.sliders):
            under = self.has_focus and position == self._cursor
            words = slider.values[slider.at][1]
            left, right = ("◂" if slider.at else " "), ("▸" if slider.at < len(slider.values) - 1 else " ")
            style = "cursor" if under else "strong" if slider.at else ""
            lines.append([(f"{slider.name:<10} ", "dim"), (f"{left} {words} {right}", style)])
        self.show(lines)

    def on_focus(self) -> None:
        """Show the cursor."""
        self._draw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self._draw()

    def action_move(self, step: int) -> None:
        """Move to another setting."""
        self._cursor = max(0, min(len(self.sliders) - 1, self._cursor + step))
        self._draw()

    def action_slide(self, step: int) -> None:
        """Give the setting under the cursor another value."""
        slider = self.sliders[self._cursor]
        at = max(0, min(len(slider.values) - 1, slider.at + step))
        if at != slider.at:
            slider.at = at
            self._draw()
            self.post_message(self.Changed())
