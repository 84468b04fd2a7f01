"""`FieldEditor`: where one value is typed. Enter takes it, Esc leaves the field as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.message import Message

from tui.widgets.lines import as_title
from tui.widgets.typed import Typed

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.settings.shape import Path


class FieldEditor(Typed):
    """A text area for one field; it is seen only while there is something to type.

    Attributes:
        path: of the field; None: nothing is typed.
    """

    OWN = "editor."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Take", id="editor.take", tooltip="Takes what is typed, allowed or not"),
        Binding("escape", "cancel", "Cancel", id="editor.cancel", tooltip="Leaves the field as it was"),
        Binding(
            "ctrl+j,alt+enter,shift+enter", "newline", "Newline", id="editor.newline", tooltip="Begins a new line"
        ),
    ]  # fmt: skip
    HELP = (
        "Type the value. What is allowed stands below, and whether what is typed is. Enter takes it in any case: a value "
        "that is not allowed stays, marked, until it is mended or put back. Esc leaves the field as it was."
    )

    class Taken(Message):
        """A value was typed."""

    class Cancelled(Message):
        """The field stays as it was."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, soft_wrap=True, tab_behavior="focus")
        self.highlight_cursor_line = False
        self.path: Path | None = None

    def begin(self, path: Path, title: str, text: str) -> None:
        """Let a value be typed.

        Args:
            path: of the field.
            title: what is typed.
            text: to begin with, selected, so that typing replaces it.
        """
        self.path = path
        self.border_title = as_title(title)
        self.text = text
        self.display = True
        self.screen.set_focus(self)
        self.select_all()

    def end(self) -> None:
        """Nothing is typed any more."""
        self.path = None
        self.display = False

    def action_take(self) -> None:
        """Take what is typed."""
        self.post_message(self.Taken())

    def action_cancel(self) -> None:
        """Leave the field as it was."""
        self.post_message(self.Cancelled())
