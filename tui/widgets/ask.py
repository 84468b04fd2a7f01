"""`Ask`: where the question is typed. Enter sends; the border tells what it may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.message import Message
from textual.widgets import TextArea

from cascadeflow.sanitise import one_line

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType


class Ask(TextArea):
    """A text area that sends on Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="ask.send", tooltip="Sends the question"),
        Binding(
            "ctrl+j,alt+enter,shift+enter", "newline", "Newline", id="ask.newline",
            tooltip="Begins a new line in the question",
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
        "the console dies."
    )

    class Sent(Message):
        """The user sent a question.

        Attributes:
            text: as typed.
        """

        def __init__(self, text: str) -> None:
            self.text = text
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

    def tell_cost(self, words: str) -> None:
        """Put a projection into the border."""
        self.border_subtitle = one_line(words).replace("[", "(")

    async def _on_key(self, event: events.Key) -> None:
        """Take our own keys in the order they were typed, before the text area takes them for text.

        As priority bindings they would overtake letters that are still queued: Enter in a fast burst
        would send half a question.
        """
        active = self.screen.active_bindings.get(event.key)
        if active is not None and active.node is self and (active.binding.id or "").startswith("ask."):
            event.stop()
            event.prevent_default()
            await self.run_action(active.binding.action)
            return
        await super()._on_key(event)

    def action_send(self) -> None:
        """Send, unless there is nothing to send."""
        if self.text.strip():
            self.post_message(self.Sent(self.text))

    def action_newline(self) -> None:
        """Begin a new line."""
        self.insert("\n")

    def action_scroll(self, pages: int) -> None:
        """Hand page keys on to the conversation."""
        self.post_message(self.Paged(pages))
