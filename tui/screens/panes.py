"""Where the panes of the main screen are, and how one gets to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from tui.screens.keys import NARROW, PRESET_HELP, TIER_HELP, shown_keys
from tui.widgets.ask import Ask
from tui.widgets.choices import Choices
from tui.widgets.chrome import HeaderLine, KeyLine
from tui.widgets.conversation import Conversation
from tui.widgets.lines import LineView

if TYPE_CHECKING:
    from textual.app import ComposeResult


class PanesScreen(Screen[None]):
    """The panes: three columns, or one with the others over it where the terminal is narrow.

    Args:
        title: what the header says before the engine is there.
        clock: monotonic seconds.
        linger: seconds for which a withdrawn draft stays struck out.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW, "-medium"), (116, "-wide")]  # noqa: RUF012  # not a ClassVar in Textual

    def __init__(self, title: str, *, clock: Callable[[], float], linger: float) -> None:
        super().__init__()
        self.clock = clock
        self._first_title, self._linger = title, linger

    def compose(self) -> ComposeResult:
        """The panes."""
        yield HeaderLine(id="header")
        yield HeaderLine(id="strip")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Choices("Preset", id="presets", help_text=PRESET_HELP)
                yield Choices("Tier", id="tiers", help_text=TIER_HELP)
                yield LineView("Budget", id="budget")
            with Vertical(id="middle"):
                yield Conversation(id="conversation", clock=self.clock, linger=self._linger)
                yield LineView(id="downloads")
                yield Ask(id="ask")
            with Vertical(id="right"):
                yield LineView("Cascade", id="timeline")
                yield LineView("Cost", id="cost")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Show what is known before the engine is there."""
        self.query_one("#header", HeaderLine).show(
            [(" CascadeFlow", "strong"), (f"   {self._first_title}", "")], "starting…"
        )
        self.query_one(Ask).focus()

    def on_resize(self) -> None:
        """Show the keys that there is room for."""
        self.query_one("#keys", KeyLine).show(shown_keys(self.size.width))

    def panes_moved(self) -> None:
        """Called when panes have other widths."""

    def action_send(self) -> None:
        """Send what is in the input."""
        self.query_one(Ask).action_send()

    def action_newline(self) -> None:
        """Begin a new line in the input."""
        self.query_one(Ask).action_newline()

    def action_pane(self, name: str) -> None:
        """Go to a pane; where it is hidden, open it over the conversation, or close it again."""
        pane = self.query_one(f"#{name}")
        column = pane.parent
        if self.has_class("-narrow") and column is not None:
            was_open = column.has_class("-open") and pane.has_focus
            self.close_panes()
            if was_open:
                return
            column.add_class("-open")
            self.panes_moved()
        pane.focus()

    def close_panes(self) -> bool:
        """Close what is open over the conversation.

        Returns:
            Whether something was.
        """
        opened = [column for column in self.query("#left, #right") if column.has_class("-open")]
        for column in opened:
            column.remove_class("-open")
        if opened:
            self.query_one(Ask).focus()
        return bool(opened)

    @on(Ask.Paged)
    def _page(self, message: Ask.Paged) -> None:
        conversation = self.query_one(Conversation)
        conversation.scroll_relative(y=message.pages * (conversation.size.height - 2), animate=False, immediate=True)

    def action_draft(self) -> None:
        """Open or fold the last withdrawn draft."""
        self.query_one(Conversation).action_toggle_draft()
