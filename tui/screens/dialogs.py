"""Small dialogs: one line to fill in, and a question that is answered yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from cascadeflow.sanitise import one_line
from tui.settings.prompt import Prompt, Reply

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class LineDialog(Prompt):
    """Asks for one line.

    Args:
        title: what for.
        value: what stands there at first.
        hint: what is allowed.

    Returns:
        The line; None: the user went away.
    """

    CSS_PATH = "../settings/prompt.tcss"

    def __init__(self, title: str, value: str = "", hint: str = "") -> None:
        super().__init__(title, "", value, lambda _: Reply(hint), lambda _: None)


class YesNoDialog(ModalScreen[bool]):
    """Asks before something that cannot be undone.

    Args:
        question: what will happen.
        word: what the yes does, in a word.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="dialog.yes", tooltip="Does it"),
        Binding("n,escape,enter", "answer(False)", "No", id="dialog.no", tooltip="Goes back and changes nothing"),
    ]

    def __init__(self, question: str, word: str) -> None:
        super().__init__()
        self._question, self._word = question, word

    def compose(self) -> ComposeResult:
        """The question, and the keys."""
        with Vertical(classes="dialog"):
            yield Static(one_line(self._question), markup=False)
            yield Static(f"y {self._word}   n go back", markup=False)

    def action_answer(self, yes: bool) -> None:
        """Answer."""
        self.dismiss(yes)
