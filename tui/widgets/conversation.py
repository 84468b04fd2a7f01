"""`Conversation`: questions, answers and withdrawn drafts, drawn into a line log."""

from __future__ import annotations

import time
from asyncio import to_thread
from bisect import bisect_right
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cascadeflow.sanitise import visible
from tui.widgets.lines import Styled
from tui.wrap import wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.binding import BindingType

    from tui.state import Call, Turn
    from tui.widgets.turn_view import TurnView

LINGER = 1.0
"""Seconds for which a withdrawn draft is seen struck out before it folds."""

KEPT_ROWS = 6_000
"""Older turns leave the screen beyond this; they stay in the history."""

_RESTORED = 200
"""Turns of a recorded conversation that are drawn again; all of them are sent on with the next question."""

_SLICE = 0.01


class Conversation(Styled, can_focus=True):
    """The turns of a conversation.

    Args:
        id: for the style sheet.
        clock: monotonic seconds.
        linger: seconds for which a withdrawn draft stays struck out before it folds.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "toggle_draft", "Open or fold draft", id="draft.toggle",
            tooltip="Opens the chosen withdrawn draft, or folds it again",
        ),
        Binding("n", "select(1)", "Next draft", id="draft.next", tooltip="Chooses the next withdrawn draft"),
        Binding("p", "select(-1)", "Previous draft", id="draft.previous", tooltip="Chooses the draft before"),
        Binding(
            "k,ctrl+up", "choose_turn(-1)", "Turn above", id="turn.previous",
            tooltip="Chooses the turn above; its steps are shown beside it, and keys that copy or ask again mean it",
        ),
        Binding(
            "plus,equals_sign", "screen.mark(True)", "Right", id="turn.right",
            tooltip="Marks the chosen or last answer as right",
        ),
        Binding("minus", "screen.mark(False)", "Wrong", id="turn.wrong", tooltip="Marks the chosen or last answer as wrong"),
        Binding("0", "screen.mark(None)", "No mark", id="turn.unmark", tooltip="Takes the mark off the answer"),
        Binding("j,ctrl+down", "choose_turn(1)", "Turn below", id="turn.next", tooltip="Chooses the turn below"),
    ]  # fmt: skip
    HELP = (
        "The conversation. A draft that was rejected is struck out and folds to one line; n and p choose such a line, "
        "Enter or a click opens it. k and j choose a turn: its steps are shown beside it. The view follows new text only while it is at the end. Hold Shift to select text "
        "with the mouse."
    )

    class TurnChosen(Message):
        """A turn was chosen, or none any more."""

    def __init__(
        self, *, id: str | None = None, clock: Callable[[], float] = time.monotonic, linger: float = LINGER
    ) -> None:
        super().__init__(id=id)
        self.border_title = "Conversation"
        self.linger = linger
        self.selected: Call | None = None
        self.chosen: Turn | None = None
        """The turn that the user points at; None: the last one is meant."""
        self._clock = clock
        self._views: list[TurnView] = []
        self._starts: list[int] = []
        self._intro: list[Strip] = []
        self._paragraphs: Sequence[tuple[str, str]] = ()
        self._dropped = 0
        self._follow = True

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        rows = [*self._intro, *(strip for view in self._views for strip in view.strips)]
        return "\n".join(row.text.rstrip() for row in rows)

    def introduce(self, paragraphs: Sequence[tuple[str, str]]) -> None:
        """Show paragraphs before the first turn.

        Args:
            paragraphs: each a text and a style name.
        """
        self._paragraphs = paragraphs
        self._layout(0)

    def add(self, turn: Turn) -> None:
        """Show one more turn."""
        from tui.widgets.turn_view import TurnView

        view = TurnView(turn, self)
        view.resize(self._text_width())
        self._views.append(view)
        self._follow = True
        self.update_turn(turn)
        self._drop_oldest()

    def restore(self, turns: Sequence[Turn]) -> None:
        """Show the turns of a recorded conversation: the newest at once, older ones a slice at a time."""
        from tui.widgets.turn_view import TurnView

        self.clear()
        self._dropped = max(0, len(turns) - _RESTORED)
        self._views = [TurnView(turn, self) for turn in turns[self._dropped :]]
        self._follow = True
        self._redraw_stale()

    def take_away(self, turn: Turn) -> None:
        """Take a turn away."""
        self._views = [view for view in self._views if view.turn is not turn]
        if self.chosen is turn:
            self.choose(None)
        self._layout(0)

    def clear(self) -> None:
        """Begin again with nothing."""
        self._views.clear()
        self._dropped = 0
        self.selected = self.chosen = None
        self._layout(0)

    def choose(self, turn: Turn | None) -> bool:
        """Point at a turn, or at none.

        Returns:
            Whether that changed anything.
        """
        before, self.chosen = self.chosen, turn
        if before is turn:
            return False
        for each in (before, turn):
            view = next((view for view in self._views if view.turn is each), None)
            if view is not None:
                view.forget_question()
                self.update_turn(view.turn)
        self.post_message(self.TurnChosen())
        return True

    def action_choose_turn(self, step: int) -> None:
        """Point at the next turn above or below; below the last one, at none."""
        turns = [view.turn for view in self._views]
        if not turns:
            return
        at = (turns.index(self.chosen) if self.chosen in turns else len(turns)) + step
        self.choose(turns[max(0, at)] if at < len(turns) else None)
        if self.chosen is not None:
            self.scroll_to(y=self._starts[turns.index(self.chosen)], animate=False, immediate=True)

    def update_turn(self, turn: Turn) -> bool:
        """Bring a turn up to date.

        Returns:
            Whether it will change again by time alone.
        """
        number = next((i for i in range(len(self._views) - 1, -1, -1) if self._views[i].turn is turn), None)
        if number is None:
            return False
        view = self._views[number]
        view.update(self._clock())
        self._layout(number)
        if view.message() is not None:
            self._draw_final(view)
        return view.unfinished

    def markdown(self, text: str, width: int) -> list[Strip]:
        """Draw a message, or a block of one, in the colours of the theme.

        Args:
            text: Markdown, already made visible.
            width: cells, the indent of two included.
        """
        from tui.markdown import render

        styles = {f"markdown.{name}": self.style_of(style) for name, style in _MARKDOWN.items()}
        return render(text, max(8, width), styles, code_theme=self._code_theme(), indent=2)

    def _code_theme(self) -> str:
        theme = self.app.current_theme
        if theme.name.startswith(("ansi", "textual-ansi")):
            return "ansi_dark" if theme.dark else "ansi_light"
        return "monokai" if theme.dark else "default"

    @work(group="final")
    async def _draw_final(self, view: TurnView) -> None:
        """The one full drawing of a long message, off the loop; until it is there the streamed one stands."""
        text, width = view.message(), view.width
        if text is None:
            return
        final = await to_thread(self.markdown, text, width)
        if view.width == width and view.final is None:
            view.final = final
            self.update_turn(view.turn)

    def _text_width(self) -> int:
        return max(20, self.scrollable_content_region.width - 1)

    def _drop_oldest(self) -> None:
        rows = sum(len(view.strips) for view in self._views)
        while rows > KEPT_ROWS and len(self._views) > 1:
            rows -= len(self._views.pop(0).strips)
            self._dropped += 1
        self._layout(0)

    def _layout(self, first: int) -> None:
        """Work out again where each turn begins, from the given one on."""
        self._intro = []
        if self._dropped:
            self._intro = [self.strip_of([(f"▴ {self._dropped} earlier turns: cascadeflow history", "dim")])]
        elif not self._views:
            for text, style in self._paragraphs:
                self._intro += [self.strip_of([(row, style)]) for row in [*wrap(visible(text), self._text_width()), ""]]
        del self._starts[first:]
        start = len(self._intro)
        if first and self._starts:
            start = self._starts[-1] + len(self._views[first - 1].strips)
        for view in self._views[first:]:
            self._starts.append(start)
            start += len(view.strips)
        size = Size(self.scrollable_content_region.width, start)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)
        if self._follow and self.scroll_offset.y != self.max_scroll_y:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow new text only while the reader is at the end."""
        super().watch_scroll_y(old_value, new_value)
        self._follow = round(new_value) >= self.max_scroll_y

    def render_line(self, y: int) -> Strip:
        """One row of the window."""
        return self.window_row(self._strip_at(y + self.scroll_offset.y))

    def _strip_at(self, row: int) -> Strip | None:
        if row < len(self._intro):
            return self._intro[row]
        number = bisect_right(self._starts, row) - 1
        if number < 0:
            return None
        strips = self._views[number].strips
        row -= self._starts[number]
        return strips[row] if row < len(strips) else None

    def on_resize(self) -> None:
        """Draw again for another width: the newest turns at once, older ones a slice at a time."""
        if self._views and self._views[-1].width != self._text_width():
            self._redraw_stale()
        else:
            self._layout(0)

    def notify_style_update(self) -> None:
        """Draw again in the colours of another theme."""
        super().notify_style_update()
        for view in self._views:
            view.width = 0
        if self._views:
            self.call_next(self._redraw_stale)

    def _redraw_stale(self) -> None:
        width, began = self._text_width(), time.monotonic()
        for number in range(len(self._views) - 1, -1, -1):
            view = self._views[number]
            if view.width != width:
                view.resize(width)
                self.update_turn(view.turn)
                if time.monotonic() - began > _SLICE:
                    self.set_timer(2 * _SLICE, self._redraw_stale)
                    break

    def _folds(self) -> list[tuple[int, Call]]:
        return [
            (start + row, call)
            for start, view in zip(self._starts, self._views, strict=True)
            for row, call in view.folds.items()
        ]

    def action_select(self, step: int) -> None:
        """Choose the next or the previous withdrawn draft."""
        folds = self._folds()
        if not folds:
            return
        calls = [call for _, call in folds]
        at = calls.index(self.selected) if self.selected in calls else (-1 if step > 0 else 0)
        row, self.selected = folds[(at + step) % len(folds)]
        self._redraw_folds()
        self.scroll_to(y=max(0, row - self.size.height // 2), animate=False, immediate=True)

    def action_toggle_draft(self) -> None:
        """Open or fold the chosen draft, or the last one where none is chosen."""
        calls = [call for _, call in self._folds()]
        if calls:
            self._toggle(self.selected if self.selected in calls else calls[-1])

    def on_click(self, event: events.Click) -> None:
        """Open or fold the draft whose line was clicked."""
        row = event.y - self.gutter.top + self.scroll_offset.y
        call = dict(self._folds()).get(row)
        if call is not None:
            self._toggle(call)

    def _toggle(self, call: Call) -> None:
        self.selected = call
        follow = self._follow
        for view in self._views:
            if call in view.folds.values():
                view.toggle(call)
        self._follow = False
        self._redraw_folds()
        self._follow = follow and self.scroll_offset.y >= self.max_scroll_y

    def _redraw_folds(self) -> None:
        for view in self._views:
            if view.folds:
                self.update_turn(view.turn)


_MARKDOWN = {
    "paragraph": "", "code": "code", "code_block": "code", "h1": "strong", "h2": "strong", "h3": "strong",
    "h4": "strong", "h5": "strong", "h6": "strong", "block_quote": "dim", "hr": "dim", "item.bullet": "money",
    "item.number": "money", "table.border": "dim", "table.header": "strong",
}  # fmt: skip
"""Part of a message → style name."""
