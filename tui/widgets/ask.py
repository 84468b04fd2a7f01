"""`Ask`: where the question is typed. Enter sends; the border tells what it may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.message import Message

from tui.attachments import LONG_PASTE, Attachment
from tui.recall import Recall
from tui.widgets.lines import as_title
from tui.widgets.typed import Typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.binding import BindingType


class Ask(Typed):
    """A text area that sends on Enter."""

    OWN = "ask."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="ask.send", tooltip="Sends the question"),
        Binding(
            "ctrl+j,alt+enter,shift+enter", "newline", "Newline", id="ask.newline",
            tooltip="Begins a new line in the question",
        ),
        Binding("up", "older", "Earlier question", id="ask.older", tooltip="In the first row: the question before"),
        Binding("down", "newer", "Later question", id="ask.newer", tooltip="In the last row: the question after"),
        Binding("tab", "complete", "Complete", id="ask.complete", tooltip="Completes a command; else goes to the next pane"),
        Binding(
            "backspace", "rub_out", "Rub out", id="ask.rub_out",
            tooltip="Where nothing is typed: what was to go along stays behind",
        ),
        Binding(
            "pageup", "scroll(-1)", "Scroll up", id="ask.page_up",
            tooltip="Scrolls the conversation up while you type",
        ),
        Binding(
            "pagedown", "scroll(1)", "Scroll down", id="ask.page_down",
            tooltip="Scrolls the conversation down while you type",
        ),
    ]  # fmt: skip
    HELP = (
        "Type a question. Enter sends it, Ctrl+J or Alt+Enter begins a new line. The border tells what the answer may "
        "cost under the chosen preset and tier, worked out anew with every key. What was not sent is kept, even if "
        "the console dies. Up and down bring earlier questions back. A line that begins with / is a command; a long "
        "text that you paste, and a file you name with /file, go along with the question."
    )

    class Sent(Message):
        """The user sent a question.

        Attributes:
            text: as typed.
            attached: texts that go along.
        """

        def __init__(self, text: str, attached: tuple[Attachment, ...] = ()) -> None:
            self.text, self.attached = text, attached
            super().__init__()

    class Paged(Message):
        """The user wants to see another part of the conversation.

        Attributes:
            pages: down; negative: up.
        """

        def __init__(self, pages: int) -> None:
            self.pages = pages
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, soft_wrap=True, tab_behavior="focus", placeholder="Ask a question…")
        self.border_title = "Ask"
        self.highlight_cursor_line = False
        self.recall = Recall()
        self.complete: Callable[[str], str | None] = lambda _: None
        """Completes a half typed command; None: the text is none."""
        self.attached: tuple[Attachment, ...] = ()

    def put(self, text: str, attached: tuple[Attachment, ...] = ()) -> None:
        """Fill the input, ready to go on with."""
        self.text = text
        self.move_cursor(self.document.end)
        self._go_along(attached)

    def attach(self, attachment: Attachment) -> None:
        """Let one more text go along."""
        self._go_along((*self.attached, attachment))

    def _go_along(self, attached: tuple[Attachment, ...]) -> None:
        if attached != self.attached:
            self.attached = attached
            self.post_message(self.Changed(self))
        told = as_title(", ".join(item.told for item in attached))
        self.border_title = f"Ask · with {told}; Backspace leaves it behind" if told else "Ask"

    def tell_cost(self, words: str) -> None:
        """Put a projection into the border."""
        self.border_subtitle = as_title(words)

    def action_send(self) -> None:
        """Send, unless there is nothing to send."""
        if self.text.strip():
            self.post_message(self.Sent(self.text, self.attached))

    async def _on_paste(self, event: events.Paste) -> None:
        """Let a long text go along instead of typing it over; a short one is the text area's own."""
        if len(event.text) < LONG_PASTE:
            return
        event.stop()
        event.prevent_default()
        self.attach(Attachment("pasted text", event.text.replace("\r\n", "\n").replace("\r", "\n")))

    def action_older(self) -> None:
        """Bring the question before back, where the cursor is in the first row."""
        row = self.wrapped_document.location_to_offset(self.cursor_location).y
        earlier = self.recall.older(self.text) if row == 0 else None
        if earlier is None:
            self.action_cursor_up()
        else:
            self.put(earlier, self.attached)

    def action_newer(self) -> None:
        """Bring the question after back, where the cursor is in the last row."""
        last = self.wrapped_document.location_to_offset(self.document.end).y
        row = self.wrapped_document.location_to_offset(self.cursor_location).y
        later = self.recall.newer(self.text) if row == last else None
        if later is None:
            self.action_cursor_down()
        else:
            self.put(later, self.attached)

    def action_complete(self) -> None:
        """Complete a command that is half typed, or go to the next pane."""
        completed = self.complete(self.text)
        if completed is None:
            self.screen.focus_next()
        else:
            self.put(completed, self.attached)

    def action_rub_out(self) -> None:
        """Delete to the left; where nothing is typed, leave behind what was to go along."""
        if not self.text and self.attached:
            self._go_along(self.attached[:-1])
        else:
            self.action_delete_left()

    def action_scroll(self, pages: int) -> None:
        """Hand page keys on to the conversation."""
        self.post_message(self.Paged(pages))
