"""`Prompt`: one line is asked for, and while it is typed it is told what would come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from cascadeflow.sanitise import one_line
from tui.widgets.lines import LineView
from tui.wrap import wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui.words import Line


@dataclass(frozen=True, slots=True)
class Reply:
    """What is told of a line.

    Attributes:
        words: for people.
        good: whether it can be taken.
        lines: shown below the words as they are.
    """

    words: str
    good: bool = True
    lines: list[Line] = field(default_factory=list)


class Prompt(ModalScreen[str | None]):
    """Asks for one line.

    Args:
        title: what is asked.
        label: of the input.
        text: to begin with.
        look: told of every change; says what would come of it.
        decide: called on Enter; None: it is taken, else why it is not.

    Returns:
        The line; None: none was given.
    """

    CSS_PATH = "prompt.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", id="prompt.close", tooltip="Closes without doing anything"),
    ]

    def __init__(
        self, title: str, label: str, text: str, look: Callable[[str], Reply], decide: Callable[[str], Reply | None]
    ) -> None:
        super().__init__()
        self._title, self._label, self._text, self._look, self._decide = title, label, text, look, decide

    def compose(self) -> ComposeResult:
        """The input, and what is told of it."""
        with Vertical(id="prompt"):
            yield Input(self._text, id="line", select_on_focus=False)
            yield LineView(id="reply")

    def on_mount(self) -> None:
        """Take the keyboard."""
        self.query_one("#prompt").border_title = self._title
        self.query_one("#line").border_title = self._label
        self.query_one("#reply").can_focus = False
        self.query_one(Input).focus()
        self.call_after_refresh(self._tell)

    @on(Input.Changed)
    def _tell(self) -> None:
        self._show(self._look(self._given))

    @property
    def _given(self) -> str:
        return self.query_one(Input).value.strip()

    def _show(self, reply: Reply) -> None:
        view = self.query_one("#reply", LineView)
        width = view.scrollable_content_region.width or 60
        style = "dim" if reply.good else "bad"
        view.show([*([(row, style)] for row in wrap(one_line(reply.words), width)), *reply.lines])

    @on(Input.Submitted)
    def _take(self) -> None:
        refused = self._decide(self._given)
        if refused is None:
            self.dismiss(self._given)
        else:
            self._show(refused)

    def action_leave(self) -> None:
        """Close without doing anything."""
        self.dismiss(None)
