"""What if (F2): this question under every preset and tier, and one's own history under other settings. No call is made."""

from __future__ import annotations

from asyncio import to_thread
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input

from cascadeflow.errors import CascadeFlowError
from cascadeflow.sanitise import one_line
from cascadeflow.whatif import Comparer, CompareRow
from cascadeflow.whatif.command import question_command
from tui import whatif_words as say
from tui.widgets.choices import Choice, Choices
from tui.widgets.chrome import HeaderLine, KeyLine
from tui.widgets.lines import LineView
from tui.words import plan_lines

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui.engine import Engine
    from tui.state import Session

_HELP = (
    "Every preset with every tier for the question above, planned anew with each key and without a call: the models in "
    "their order, the chance that the first answer is not accepted, the cost expected and at worst. Enter takes a row."
)


class WhatIfScreen(Screen[tuple[str, str | None] | None]):
    """This question, presets x tiers.

    Args:
        engine: whose presets and budgets are compared.
        session: the conversation that is sent along.
        question: what is in the input of the chat.

    Returns:
        The preset and tier to take; None: none.
    """

    CSS_PATH = "whatif.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f2,alt+2", "leave", "Back", id="whatif.back", tooltip="Goes back to the chat", priority=True),
        Binding("ctrl+r,alt+r", "history", "My history", id="whatif.history", priority=True,
                tooltip="Goes on to your own history under other settings"),
        Binding("ctrl+k,alt+k", "copy", "Copy command", id="whatif.copy", priority=True,
                tooltip="Copies the command that prints the same"),
    ]  # fmt: skip
    _KEYS = (
        ("Enter", "use", "screen.use"), ("Tab", "table", "screen.focus_next"), ("Ctrl+R", "my history", "screen.history"),
        ("Ctrl+K", "copy as command", "screen.copy"), ("F1", "help", "app.help"), ("Esc", "back", "screen.leave"),
    )  # fmt: skip

    def __init__(self, engine: Engine, session: Session, question: str) -> None:
        super().__init__()
        self._engine, self._session, self._question = engine, session, question
        self._comparer: Comparer | None = None
        self._rows: dict[str, CompareRow] = {}

    def compose(self) -> ComposeResult:
        """The question above, the table, and the plan of the row in focus."""
        yield Input(self._question, placeholder="A question; it is not sent.", id="asked", select_on_focus=False)
        with Vertical(id="table"):
            yield HeaderLine(id="heads")
            yield Choices("What if: presets and tiers", id="rows", help_text=_HELP)
        yield LineView("Plan", id="plan")
        yield KeyLine(id="whatif-keys")

    def on_mount(self) -> None:
        """Open the presets, and plan."""
        self.query_one("#whatif-keys", KeyLine).show(self._KEYS)
        self.query_one("#asked").focus()
        self._open()

    @work(group="open")
    async def _open(self) -> None:
        try:
            agents = await to_thread(self._engine.candidates)
            self._comparer = Comparer(agents, domain=self._engine.domain, user=self._engine.user)
            await self._comparer.refresh()
        except CascadeFlowError as error:
            self.query_one("#plan", LineView).show([[(one_line(str(error)), "bad")]])
        self._compare()

    @on(Input.Changed, "#asked")
    def _typed(self) -> None:
        self._compare()

    def on_resize(self) -> None:
        """Draw for another width."""
        self.call_after_refresh(self._compare)

    def _compare(self) -> None:
        if self._comparer is None:
            return
        text = self.query_one("#asked", Input).value.strip() or "?"
        found = self._comparer.compare(self._session.messages(text))
        pane = self.query_one("#rows", Choices)
        width = max(60, pane.scrollable_content_region.width)
        self._rows = {f"{row.preset}\n{row.tier or ''}": row for row in found.rows}
        self.query_one("#heads", HeaderLine).show([("   " + say.compare_title(width), "dim")], "")
        current = f"{self._engine.preset}\n{self._engine.tier or ''}"
        cheapest = found.cheapest
        pane.offer(
            [
                Choice(name, say.compare_row(row, width - 14), note="cheapest" if row is cheapest else "")
                for name, row in self._rows.items()
            ],
            current,
            keep=True,
        )
        self._show_plan()

    @on(Choices.Moved, "#rows")
    def _show_plan(self) -> None:
        view = self.query_one("#plan", LineView)
        row = self._rows.get(self.query_one("#rows", Choices).current or "")
        if row is not None:
            view.show(plan_lines(row.plan, max(30, view.scrollable_content_region.width)))

    @on(Input.Submitted, "#asked")
    def _to_table(self) -> None:
        self.query_one("#rows").focus()

    @on(Choices.Chosen, "#rows")
    def action_use(self) -> None:
        """Take the row in focus for the next question."""
        row = self._rows.get(self.query_one("#rows", Choices).current or "")
        if row is not None:
            self.dismiss((row.preset, row.tier))

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_history(self) -> None:
        """Go on to one's own history."""
        archive = self._engine.agent.archive
        if archive is None:
            self.notify("This configuration records nothing: [history] mode is off.", markup=False)
            return
        from tui.screens.replay import ReplayScreen

        self.app.push_screen(ReplayScreen(archive, self._engine), self._replayed)

    def _replayed(self, used: tuple[str, str | None] | None) -> None:
        if used is not None:
            self.dismiss(used)

    @work
    async def action_copy(self) -> None:
        """Copy the command that prints the same."""
        from tui.clipboard import copy

        engine, question = self._engine, self.query_one("#asked", Input).value.strip()
        text = question_command(question, user=engine.user, domain=engine.domain)
        self.notify(f"{text}: {await copy(self.app, text, 'command.sh')}", markup=False)
