"""`Typed`: a text area that takes its own keys in the order they were typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.strip import Strip
from textual.widgets import TextArea

if TYPE_CHECKING:
    from textual import events


class Typed(TextArea):
    """A text area whose own bindings wait for the letters typed before them.

    As priority bindings they would overtake letters that are still queued: Enter in a fast burst
    would take half a text.

    Attributes:
        OWN: what the ids of these bindings begin with.
    """

    OWN: ClassVar[str]

    async def _on_key(self, event: events.Key) -> None:
        """Take our own keys before the text area takes them for text."""
        active = self.screen.active_bindings.get(event.key)
        if active is not None and active.node is self and (active.binding.id or "").startswith(self.OWN):
            event.stop()
            event.prevent_default()
            await self.run_action(active.binding.action)
            return
        await super()._on_key(event)

    def render_line(self, y: int) -> Strip:
        """One row; before a narrow terminal's layout is found there may be no room for any, and Textual fails there."""
        return super().render_line(y) if self.content_size.width else Strip.blank(0)

    def action_newline(self) -> None:
        """Begin a new line."""
        self.insert("\n")
