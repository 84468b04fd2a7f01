"""The main screen: conversation, presets, tiers, budget, cascade and cost, and the input.

It turns keys into commands to the engine and events into changes of its panes; what the panes
say is in `tui.words`, how they are filled in `tui.screens.painter`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import TextArea

from cascadeflow.sanitise import one_line
from tui import unsent
from tui.widgets.ask import Ask
from tui.widgets.choices import Choices
from tui.widgets.chrome import HeaderLine, KeyLine
from tui.widgets.conversation import Conversation
from tui.widgets.lines import LineView

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cascadeflow.events import Event
    from cascadeflow.schema import CascadePlan
    from cascadeflow.telemetry.budgets import BudgetStatus
    from tui.engine import Engine
    from tui.pulls import Pulls
    from tui.runner import Runner
    from tui.screens.painter import Painter
    from tui.state import Turn

REDRAW_GAP = 0.05
"""Seconds between two drawings of a stream, at least; three times what a drawing takes, where that is more."""
_DRAWING_SHARE = 3
_TICK = 0.25
"""Seconds between two drawings while only time moves on: how long a call takes, and a draft that is about to fold."""
_KEEP_AFTER = 0.5
"""Seconds after a key until what was typed is kept."""

_PRESET_HELP = (
    "The presets. Enter or a click takes one from the next question on; what is in the input is planned anew at once. "
    "A hint below a name tells what of it does not act in this version."
)
_TIER_HELP = (
    "The tier of the user. It decides which models may answer, what one query may cost, and, where the preset gives "
    "tiers a budget, how much a day."
)
_KEYS = (
    ("Enter", "send", "screen.send"),
    ("Ctrl+J", "newline", "screen.newline"),
    ("Esc", "stop", "screen.stop"),
    ("F5-F7", "panes", "screen.pane('presets')"),
    ("F8", "draft", "screen.draft"),
    ("Ctrl+O", "export", "app.export"),
    ("F1", "help", "app.help"),
    ("Ctrl+Q", "quit", "app.leave"),
)


_WIDE_KEYS = ("F5-F7", "F8")
_NARROW = 100


class MainScreen(Screen[None]):
    """What one sees all the time.

    Args:
        title: what the header says before the engine is there.
        clock: monotonic seconds.
        linger: seconds for which a withdrawn draft stays struck out.
        pull_command: fetches the model named after it; None: ``cascadeflow models pull``.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_NARROW, "-medium"), (116, "-wide")]  # noqa: RUF012  # not a ClassVar in Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape", "stop", "Stop", id="main.stop",
            tooltip="Stops the answer and keeps what came of it, takes a waiting question back, or closes a pane",
        ),
        Binding(
            "f5,alt+5", "pane('presets')", "Presets", id="main.presets", priority=True,
            tooltip="Goes to presets, tiers and budget",
        ),
        Binding(
            "f6,alt+6", "pane('timeline')", "Cascade", id="main.cascade", priority=True,
            tooltip="Goes to the steps of the cascade",
        ),
        Binding(
            "f7,alt+7", "pane('cost')", "Cost", id="main.cost", priority=True,
            tooltip="Goes to what the session costs",
        ),
        Binding(
            "f8,alt+8", "draft", "Draft", id="main.draft", priority=True,
            tooltip="Opens the last withdrawn draft, or folds it again",
        ),
        Binding(
            "ctrl+n,alt+n", "new", "New conversation", id="main.new", priority=True,
            tooltip="Begins a new conversation; the old one stays in the history",
        ),
        Binding(
            "ctrl+s,alt+s", "save_answer", "Save answer", id="main.save_answer", priority=True,
            tooltip="Writes the last answer, whole, to a file",
        ),
        Binding(
            "ctrl+r,alt+r", "retry_pulls", "Retry download", id="main.retry", priority=True,
            tooltip="Tries a download again that failed",
        ),
    ]  # fmt: skip

    def __init__(
        self, title: str, *, clock: Callable[[], float], linger: float, pull_command: Sequence[str] | None = None
    ) -> None:
        super().__init__()
        self._first_title, self._clock, self._linger = title, clock, linger
        self._pull_command = pull_command
        self.engine: Engine | None = None
        self.runner: Runner | None = None
        self.pulls: Pulls | None = None
        self.waiting: Turn | None = None
        """A question that waits for the engine or for a model."""
        self.budgets: tuple[BudgetStatus, ...] = ()
        self.before: CascadePlan | None = None
        """The plan of what is in the input under the settings before the last change."""
        self._painter: Painter | None = None
        self._settled_pulls = 0
        self._replan_due = self._redraw_due = self._keep_due = False
        self._rest_until = 0.0

    def compose(self) -> ComposeResult:
        """The panes."""
        yield HeaderLine(id="header")
        yield HeaderLine(id="strip")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Choices("Preset", id="presets", help_text=_PRESET_HELP)
                yield Choices("Tier", id="tiers", help_text=_TIER_HELP)
                yield LineView("Budget", id="budget")
            with Vertical(id="middle"):
                yield Conversation(id="conversation", clock=self._clock, linger=self._linger)
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
        ask = self.query_one(Ask)
        ask.text = unsent.load()
        ask.move_cursor(ask.document.end)
        ask.focus()

    def on_resize(self) -> None:
        """Break the words of the panes for other widths, once they have them."""
        narrow = self.size.width < _NARROW
        self.query_one("#keys", KeyLine).show([key for key in _KEYS if not (narrow and key[0] in _WIDE_KEYS)])
        if self._painter is not None:
            self.call_after_refresh(self._painter.all)

    # -- the engine arrives

    def engine_ready(self, engine: Engine) -> None:
        """Take the engine, once it is imported and an agent is open."""
        from tui.pulls import Pulls
        from tui.runner import Runner
        from tui.screens.painter import Painter
        from tui.state import Session

        self.engine = engine
        self.runner = Runner(Session(clock=self._clock), self._on_event)
        self._painter = Painter(self)
        self.pulls = Pulls(self._pulls_changed, self._pull_command)
        self._painter.introduction()
        if self.waiting is not None:
            self.runner.session.turns.append(self.waiting)
        self._settings_changed()

    def engine_failed(self, message: str) -> None:
        """Say why there is no engine."""
        self.query_one(Conversation).introduce([(message, "bad")])
        self.query_one("#header", HeaderLine).show([(" CascadeFlow", "strong")], "not ready")
        if self.waiting is not None:
            self._take_back()

    def _settings_changed(self) -> None:
        """Preset or tier are new: show them, plan anew, and fetch what is missing."""
        if self._painter is not None:
            self._painter.settings()
        self._refresh_budgets()
        self.replan()
        self._fetch_missing()

    # -- questions

    def action_send(self) -> None:
        """Send what is in the input."""
        self.query_one(Ask).action_send()

    def action_newline(self) -> None:
        """Begin a new line in the input."""
        self.query_one(Ask).action_newline()

    @on(Ask.Sent)
    def _send(self, message: Ask.Sent) -> None:
        if self.waiting is not None or (self.runner is not None and self.runner.active is not None):
            self.tell("An answer is under way. Esc stops it; your text stays in the input.")
            return
        from tui.state import Turn

        ask = self.query_one(Ask)
        ask.clear()
        self.keep_unsent()
        turn = Turn(message.text.strip(), status="waiting", waits_for="the engine")
        self.waiting = turn
        if self.runner is not None:
            self.runner.session.turns.append(turn)
        self.query_one(Conversation).add(turn)
        self._start_waiting()

    def _start_waiting(self) -> None:
        """Send the waiting question, if something can answer it by now."""
        turn, engine, runner = self.waiting, self.engine, self.runner
        if turn is None or engine is None or runner is None or self.pulls is None:
            return
        from cascadeflow.errors import CascadeFlowError

        under_way = self.pulls.under_way
        if under_way is not None:
            try:
                ready = bool(engine.plan(runner.session.messages(turn.question)).steps)
            except CascadeFlowError:
                ready = True  # the run says what is wrong
            if not ready:
                turn.waits_for = under_way.name
                self._redraw_soon()
                return
        self.waiting = None
        self.before = None
        self._run(turn, engine, runner)

    @work(group="run")
    async def _run(self, turn: Turn, engine: Engine, runner: Runner) -> None:
        await runner.run(turn, engine)

    def _on_event(self, turn: Turn, event: Event | None) -> None:
        from cascadeflow.events import StepFinished, StepStarted, TokenDelta

        if not self.is_running:
            return
        if event is None:
            self._run_over(turn)
        elif isinstance(event, (StepStarted, StepFinished)):
            self._refresh_budgets()
        if isinstance(event, TokenDelta):
            self._redraw_soon()
        else:
            self._redraw_soon(gap=0)

    def _run_over(self, turn: Turn) -> None:
        ask = self.query_one(Ask)
        if turn.status == "failed" and not ask.text:
            ask.text = turn.question
            ask.move_cursor(ask.document.end)
        self._refresh_budgets()
        self.replan()

    def action_stop(self) -> None:
        """Stop the answer, take a waiting question back, or close an open pane."""
        if self.runner is not None and self.runner.stop():
            return
        if self.waiting is not None:
            self._take_back()
            return
        if not self._close_panes():
            self.query_one(Ask).focus()

    @property
    def answering(self) -> bool:
        """Whether there is something to stop."""
        return self.waiting is not None or (self.runner is not None and self.runner.active is not None)

    def _take_back(self) -> None:
        turn, self.waiting = self.waiting, None
        if turn is None:
            return
        if self.runner is not None:
            self.runner.session.turns.remove(turn)
        self.query_one(Conversation).take_away(turn)
        ask = self.query_one(Ask)
        ask.text = f"{turn.question}\n{ask.text}".rstrip("\n")
        ask.move_cursor(ask.document.end)

    # -- the plan of what is being typed

    @on(TextArea.Changed)
    def _typed(self) -> None:
        self.before = None
        self.replan()
        if not self._keep_due:
            self._keep_due = True
            self.set_timer(_KEEP_AFTER, self.keep_unsent)

    def keep_unsent(self) -> None:
        """Keep what was typed and not sent for the next start."""
        self._keep_due = False
        try:
            unsent.keep(self.query_one(Ask).text)
        except OSError as error:
            self.tell(f"What you type cannot be kept for the next start: {error}")

    def replan(self) -> None:
        """Plan what is in the input, as soon as there is nothing more urgent to do."""
        if not self._replan_due:
            self._replan_due = True
            self.call_after_refresh(self._replan)

    def _replan(self) -> None:
        self._replan_due = False
        if self._painter is not None:
            self._painter.plan(self.query_one(Ask).text)

    # -- drawing

    def _redraw_soon(self, gap: float = REDRAW_GAP) -> None:
        """Draw once for everything that comes until then, and leave the keyboard its time between two drawings."""
        if not self._redraw_due:
            self._redraw_due = True
            wait = max(gap, self._rest_until - time.monotonic())
            if wait > 0:
                self.set_timer(wait, self._redraw)
            else:
                self.call_later(self._redraw)

    def _redraw(self) -> None:
        self._redraw_due = False
        if self._painter is None:
            return
        began = time.monotonic()
        unfinished = self._painter.run()
        took = time.monotonic() - began
        self._rest_until = began + took + _DRAWING_SHARE * took
        if unfinished or self.answering:
            self.set_timer(_TICK, self._redraw_soon)

    @work(group="budgets", exclusive=True)
    async def _refresh_budgets(self) -> None:
        from cascadeflow.errors import CascadeFlowError

        if self.engine is None or self._painter is None:
            return
        try:
            self.budgets = await self.engine.budgets()
        except CascadeFlowError as error:
            self.tell(str(error))
            return
        self._painter.budget()
        self.replan()

    # -- presets, tiers, panes

    @on(Choices.Chosen, "#presets")
    def _preset_chosen(self, message: Choices.Chosen) -> None:
        from cascadeflow.errors import CascadeFlowError

        if self.engine is None or message.name is None or message.name == self.engine.preset:
            return
        self.before = self._painter.last_plan if self._painter is not None else None
        try:
            self.engine.choose_preset(message.name)
        except CascadeFlowError as error:
            self.tell(str(error))
            return
        if self.answering:
            self.tell(f"{message.name} answers from the next question on.")
        self._settings_changed()

    @on(Choices.Chosen, "#tiers")
    def _tier_chosen(self, message: Choices.Chosen) -> None:
        if self.engine is None or message.name == self.engine.tier:
            return
        self.before = self._painter.last_plan if self._painter is not None else None
        self.engine.tier = message.name
        self._settings_changed()

    def action_pane(self, name: str) -> None:
        """Go to a pane; where it is hidden, open it over the conversation, or close it again."""
        pane = self.query_one(f"#{name}")
        column = pane.parent
        if self.has_class("-narrow") and column is not None:
            was_open = column.has_class("-open") and pane.has_focus
            self._close_panes()
            if was_open:
                return
            column.add_class("-open")
            if self._painter is not None:
                self.call_after_refresh(self._painter.all)
        pane.focus()

    def _close_panes(self) -> bool:
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

    def action_new(self) -> None:
        """Begin a new conversation."""
        if self.answering:
            self.tell("An answer is under way. Esc stops it.")
        elif self.runner is not None and self._painter is not None:
            self.runner.renew()
            self.query_one(Conversation).clear()
            self._painter.introduction()
            self._painter.run()
            self.replan()

    def action_save_answer(self) -> None:
        """Write the last answer, whole, to a file of its own."""
        turns = self.runner.session.turns if self.runner is not None else []
        answer = next((turn.answer for turn in reversed(turns) if turn.answer), "")
        if not answer:
            self.tell("There is no answer yet.")
            return
        from tui.files import save_answer

        try:
            self.tell(f"The answer is in {save_answer(answer)}")
        except OSError as error:
            self.tell(f"The answer could not be written: {error}")

    # -- models on their way

    @work(group="pulls")
    async def _fetch_missing(self) -> None:
        from asyncio import to_thread

        if self.engine is None or self.pulls is None:
            return
        missing = await to_thread(self.engine.missing)
        if missing:
            await self.pulls.fetch(missing)
        self._models_changed()

    def _pulls_changed(self) -> None:
        if self.pulls is None or self._painter is None:
            return
        self._painter.pulls()
        here = sum(pull.stage in ("done", "error") for pull in self.pulls.items)
        if here != self._settled_pulls:
            self._settled_pulls = here
            self._models_changed()

    def _models_changed(self) -> None:
        """A model is there, or will not come: what waited can go on."""
        self.replan()
        self._start_waiting()

    def action_retry_pulls(self) -> None:
        """Try failed downloads again."""
        if self.pulls is not None and self.pulls.failed:
            self._fetch_missing()

    def tell(self, message: str) -> None:
        """Say something in the corner."""
        self.notify(one_line(message), markup=False, timeout=6)

    async def aclose(self) -> None:
        """Stop what is under way, and free what the engine holds."""
        if self.pulls is not None:
            await self.pulls.aclose()
        if self.runner is not None:
            await self.runner.aclose()
        if self.engine is not None:
            await self.engine.aclose()
