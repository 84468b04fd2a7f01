"""`Picker`: one thing is chosen from a list, found by a few letters of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.fuzzy import FuzzySearch
from textual.screen import ModalScreen
from textual.widgets import Input

from cascadeflow.sanitise import one_line
from tui.settings.picks import Offer, Pick
from tui.widgets.choices import Choice, Choices
from tui.widgets.lines import LineView, as_title
from tui.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui.words import Line

_LONGEST_SEARCH = 24
"""Letters; a longer search is looked for as it stands, because the time of a fuzzy one grows fast."""
_FEW = 8
"""As many are seen at a glance; nothing has to be searched then."""
_LIST_HELP = "What can be chosen. Type a few letters to find it, Up and Down move, Enter takes it."


class _Found(Choices):
    """The list; the keyboard stays in the search above it."""

    @property
    def cursor_shown(self) -> bool:
        return True

    def entry(self, position: int, width: int, *, under_cursor: bool) -> list[Line]:
        """A line, with a mark at the cursor, so that it is told by more than its colours."""
        ((_, style), note), *rest = super().entry(position, width, under_cursor=under_cursor)
        return [[(f"{'>' if under_cursor else ' '} {self.choices[position].label}", style), note], *rest]


class Picker(ModalScreen[Pick | None]):
    """Lets one thing be chosen.

    Args:
        title: what is chosen.
        offer: what there is.
        chosen: value that is set now.

    Returns:
        What was chosen; None: nothing.
    """

    CSS_PATH = "picker.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", id="picker.close", tooltip="Closes without choosing"),
        Binding("up", "move(-1)", "Up", id="picker.up", tooltip="Moves to the line above", priority=True),
        Binding("down", "move(1)", "Down", id="picker.down", tooltip="Moves to the line below", priority=True),
        Binding("pageup", "page(-1)", "Page up", id="picker.page_up", tooltip="Moves up by a page", priority=True),
        Binding("pagedown", "page(1)", "Page down", id="picker.page_down", tooltip="Moves down by a page", priority=True),
    ]  # fmt: skip

    def __init__(self, title: str, offer: Offer, chosen: object = "") -> None:
        super().__init__()
        self._title, self._offer, self._now = title, offer, chosen
        self._searches = offer.free or len(offer.picks) > _FEW
        self._shown: list[Pick] = []

    def compose(self) -> ComposeResult:
        """The search, and what it finds."""
        with Vertical(id="picker"):
            if self._searches:
                yield Input(id="search", placeholder="Type to find…", select_on_focus=False)
            yield _Found("", id="found", help_text=_LIST_HELP)
            yield LineView(id="count")

    def on_mount(self) -> None:
        """Show everything."""
        box = self.query_one("#picker")
        box.border_title = as_title(self._title)
        box.set_class(not self._searches, "-few")
        self.query_one("#count").can_focus = False
        self._list.can_focus = not self._searches
        self.query_one("#search" if self._searches else "#found").focus()
        self._show("")

    @on(Input.Changed)
    def _search(self, message: Input.Changed) -> None:
        self._show(message.value.strip())

    def _show(self, words: str) -> None:
        self._shown = list(found(self._offer, words))
        values = [pick.value for pick in self._shown]
        now = values.index(self._now) if not words and self._now in values else None
        self._list.offer([_choice(n, pick, now=n == now) for n, pick in enumerate(self._shown)], None)
        self._list.go_to(now or 0)
        told = [counted(len(self._shown), "line") if self._shown else "Nothing is called that", self._offer.legend]
        words = " · ".join([*filter(None, told), "Enter takes it", "Esc closes"])
        self.query_one("#count", LineView).show([[(words, "dim")]])

    @property
    def _list(self) -> _Found:
        return self.query_one(_Found)

    def action_move(self, step: int) -> None:
        """Move in the list."""
        self._list.action_move(step)

    def action_page(self, pages: int) -> None:
        """Move in the list by a page."""
        self._list.action_page(pages)

    @on(Input.Submitted)
    def _take(self) -> None:
        if self._shown:
            self.dismiss(self._shown[self._list.cursor])

    @on(Choices.Chosen)
    def _clicked(self) -> None:
        self._take()

    def action_leave(self) -> None:
        """Close without choosing."""
        self.dismiss(None)


def _choice(number: int, pick: Pick, *, now: bool) -> Choice:
    return Choice(str(number), pick.label, note=one_line(f"{pick.note} (as it is now)" if now else pick.note))


def found(offer: Offer, words: str) -> Sequence[Pick]:
    """What a search finds, the best first; what is typed itself last, where any text may be given.

    Args:
        offer: what there is.
        words: the search; empty finds everything.
    """
    if not words:
        return list(offer.picks)
    if len(words) > _LONGEST_SEARCH:
        hits = [pick for pick in offer.picks if words.lower() in pick.label.lower()]
    else:
        search = FuzzySearch()
        scored = [(search.match(words, " ".join(pick.label.split()))[0], pick) for pick in offer.picks]
        hits = [pick for score, pick in sorted(scored, key=lambda one: -one[0]) if score > 0]
    exact = any(pick.value == words for pick in offer.picks)
    return hits if exact or not offer.free else [*hits, Pick(words, f"“{words}”", "as typed", offer.also(words))]
