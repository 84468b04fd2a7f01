"""`Choices`: a list of names of which one is chosen, by keyboard or mouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.message import Message

from tui.widgets.lines import LineView
from tui.wrap import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.binding import BindingType

    from tui.words import Line


@dataclass(frozen=True, slots=True)
class Choice:
    """One name to choose.

    Attributes:
        name: what is chosen; None stands for “none”.
        label: what is shown.
        note: beside it, dim.
        hint: below it while it is chosen or under the cursor.
    """

    name: str | None
    label: str
    note: str = ""
    hint: str = ""


class Choices(LineView):
    """A list of which one is chosen.

    Args:
        title: shown in the border.
        id: for the style sheet.
        help_text: for the help screen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", id="choices.up", tooltip="Moves to the name above"),
        Binding("down,j", "move(1)", "Down", id="choices.down", tooltip="Moves to the name below"),
        Binding("enter,space", "choose", "Choose", id="choices.choose", tooltip="Chooses the name"),
    ]

    class Chosen(Message):
        """A name was chosen.

        Attributes:
            choices: the list.
            name: the name; None for “none”.
        """

        def __init__(self, choices: Choices, name: str | None) -> None:
            self.choices, self.name = choices, name
            super().__init__()

        @property
        def control(self) -> Choices:
            """The list."""
            return self.choices

    def __init__(self, title: str, *, id: str, help_text: str) -> None:
        super().__init__(title, id=id)
        self.help_text = help_text
        self._choices: list[Choice] = []
        self._rows: list[int] = []
        """Row → position in the list."""
        self._cursor = 0
        self._chosen: str | None = None

    def offer(self, choices: Sequence[Choice], chosen: str | None) -> None:
        """Set what can be chosen, and what is."""
        self._choices, self._chosen = list(choices), chosen
        names = [choice.name for choice in choices]
        self._cursor = names.index(chosen) if chosen in names else 0
        self._draw()

    def _draw(self) -> None:
        lines: list[Line] = []
        self._rows = []
        width = self.scrollable_content_region.width or 20
        for position, choice in enumerate(self._choices):
            under_cursor = self.has_focus and position == self._cursor
            style = "cursor" if under_cursor else "strong" if choice.name == self._chosen else ""
            marker = ">" if choice.name == self._chosen else " "
            lines.append([(f"{marker} {choice.label}", style), (f" {choice.note}" if choice.note else "", "dim")])
            self._rows.append(position)
            if choice.hint and (under_cursor or choice.name == self._chosen):
                rows = wrap(choice.hint, max(8, width - 4))
                lines += [[(f"    {row}", "dim")] for row in rows]
                self._rows += [position] * len(rows)
        self.show(lines)

    def on_focus(self) -> None:
        """Show the cursor."""
        self._draw()

    def on_resize(self) -> None:
        """Break the hints for another width."""
        self._draw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self._draw()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        if self._choices:
            self._cursor = max(0, min(len(self._choices) - 1, self._cursor + step))
            self._draw()
            row = self._rows.index(self._cursor)
            if not self.scroll_offset.y <= row < self.scroll_offset.y + self.scrollable_content_region.height:
                self.scroll_to(y=row, animate=False, immediate=True)

    def action_choose(self) -> None:
        """Choose what the cursor is on."""
        if self._choices:
            self.post_message(self.Chosen(self, self._choices[self._cursor].name))

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        row = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= row < len(self._rows):
            self._cursor = self._rows[row]
            self.action_choose()
