"""`Choices`: a list of names of which one is chosen, by keyboard or mouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.message import Message

from tui.widgets.cursor_list import CursorList
from tui.wrap import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class Choices(CursorList):
    """A list of which one is chosen.

    Args:
        title: shown in the border.
        id: for the style sheet.
        help_text: for the help screen.

    Attributes:
        choices: what can be chosen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
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

    class Moved(Message):
        """The cursor stands on another name.

        Attributes:
            choices: the list.
        """

        def __init__(self, choices: Choices) -> None:
            self.choices = choices
            super().__init__()

        @property
        def control(self) -> Choices:
            """The list."""
            return self.choices

    def __init__(self, title: str, *, id: str, help_text: str) -> None:
        super().__init__(title, id=id, help_text=help_text)
        self.choices: list[Choice] = []
        self._chosen: str | None = None

    @property
    def count(self) -> int:
        """How many names there are."""
        return len(self.choices)

    @property
    def current(self) -> str | None:
        """The name under the cursor; None: there is none, or it stands for “none”."""
        return self.choices[self.cursor].name if self.choices else None

    def offer(self, choices: Sequence[Choice], chosen: str | None, *, keep: bool = False) -> None:
        """Set what can be chosen, and what is.

        Args:
            choices: the names.
            chosen: the one in use.
            keep: leave the cursor on the name it stands on, as long as that is there.
        """
        at = self.current if keep and self.choices else chosen
        self.choices, self._chosen = list(choices), chosen
        names = [choice.name for choice in choices]
        self.cursor = names.index(at) if at in names else 0
        self.draw()
        self.bring_into_sight()

    def cursor_moved(self) -> None:
        """Tell that the cursor is on another name."""
        self.post_message(self.Moved(self))

    def entry(self, position: int, width: int, *, under_cursor: bool) -> list[Line]:
        """A name, with its hint while that is of use."""
        choice = self.choices[position]
        style = "cursor" if under_cursor else "strong" if choice.name == self._chosen else ""
        marker = ">" if choice.name == self._chosen else " "
        lines: list[Line] = [
            [(f"{marker} {choice.label}", style), (f" {choice.note}" if choice.note else "", "dim")]
        ]  # fmt: skip
        if choice.hint and (under_cursor or choice.name == self._chosen):
            lines += [[(f"    {row}", "dim")] for row in wrap(choice.hint, max(8, width - 4))]
        return lines

    def chosen(self) -> None:
        """Tell which name was chosen."""
        self.post_message(self.Chosen(self, self.choices[self.cursor].name))
