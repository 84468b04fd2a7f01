"""Asking: the engine arrives, questions go to it, what comes of them is drawn, what is typed is planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import on, work
from textual.widgets import TextArea

from cascadeflow.sanitise import one_line
from tui import unsent
from tui.commands import completed
from tui.screens.pace import Pace
from tui.screens.panes import PanesScreen
from tui.widgets.ask import Ask
from tui.widgets.chrome import HeaderLine
from tui.widgets.conversation import Conversation

if TYPE_CHECKING:
    from cascadeflow.events import Event
    from cascadeflow.schema import CascadePlan
    from cascadeflow.telemetry.budgets import BudgetStatus
    from tui.attachments import Attachment
    from tui.engine import Engine
    from tui.pulls import Pulls
    from tui.runner import Runner
    from tui.screens.painter import Painter
    from tui.state import Turn

_KEEP_AFTER = 0.5
"""Seconds after a key until what was typed is kept."""


class AskingScreen(PanesScreen):
    """The main screen as far as it asks questions and shows what comes of them.

    Args:
        title: what the header says before the engine is there.
        clock: monotonic seconds.
        linger: seconds for which a withdrawn draft stays struck out.
        pull_command: fetches the model named after it; None: ``cascadeflow models pull``.
    """

    def __init__(
        self, title: str, *, clock: Callable[[], float], linger: float, pull_command: Sequence[str] | None = None
    ) -> None:
        super().__init__(title, clock=clock, linger=linger)
        self._pull_command = pull_command
        self.engine: Engine | None = None
        self.runner: Runner | None = None
        self.pulls: Pulls | None = None
        self.waiting: Turn | None = None
        """A question that waits for the engine or for a model."""
        self._told_of_drift = False
        self.still = False
        """Whether nothing may blink."""
        self.bell_after: float | None = None
        """Seconds from which a finished answer rings the bell; None: never."""
        self.edited: Turn | None = None
        """The turn whose question was taken back into the input; sending takes its place."""
        self.budgets: tuple[BudgetStatus, ...] = ()
        self.before: CascadePlan | None = None
        """The plan of what is in the input under the settings before the last change."""
        self._painter: Painter | None = None
        self._settled_pulls = 0
        self._pace = Pace(self, self._draw)
        self._replan_due = self._keep_due = self._warm = False
        self._broken = ""
        """Why there is no engine."""

    def on_mount(self) -> None:
        """Bring back what was typed and not sent."""
        ask = self.query_one(Ask)
        ask.complete = completed
        ask.cursor_blink = not self.still
        ask.put(*unsent.load())

    def on_resize(self) -> None:
        """Break the words of the panes for other widths."""
        self.panes_moved()

    def panes_moved(self) -> None:
        """Fill the panes again, once they have their new widths."""
        if self._painter is not None:
            self.call_after_refresh(self._painter.all)

    # -- the engine arrives

    def engine_ready(self, engine: Engine) -> None:
        """Take the engine, once it is imported and an agent is open."""
        from tui.pulls import Pulls
        from tui.runner import Runner
        from tui.screens.painter import Painter
        from tui.state import Session
        from tui.watch import EVERY, FileWatch

        self.engine = engine
        self.runner = Runner(Session(clock=self.clock), self._on_event)
        self._painter = Painter(self)
        self.pulls = Pulls(self._pulls_changed, self._pull_command)
        self._painter.introduction()
        if self.waiting is not None:
            self.runner.session.turns.append(self.waiting)
        self.settings_changed()
        self._recall_earlier(engine)
        watch = FileWatch(engine)
        self.set_interval(EVERY, lambda: self.tell(watch.news()))

    @work(group="recall")
    async def _recall_earlier(self, engine: Engine) -> None:
        from asyncio import to_thread

        self.query_one(Ask).recall.begin_with(await to_thread(engine.earlier_questions))

    def engine_failed(self, message: str) -> None:
        """Say why there is no engine."""
        self._broken = message
        self.query_one(Conversation).introduce([(message, "bad")])
        self.query_one("#header", HeaderLine).show([(" CascadeFlow", "strong")], "not ready")
        if self.waiting is not None:
            self._take_back()

    def settings_changed(self) -> None:
        """Preset, tier, budget or configuration are new: show them, plan anew, and fetch what is missing."""
        if self._painter is not None:
            self._painter.settings()
        self._refresh_budgets()
        self.replan()
        self._fetch_missing()

    # -- questions

    def ask(self, question: str, attached: tuple[Attachment, ...]) -> None:
        """Ask a question as the next turn of the conversation."""
        from tui.state import Turn

        self.query_one(Ask).recall.asked(question)
        self.query_one(Conversation).choose(None)
        turn = Turn(question, attached, status="waiting", waits_for="the engine")
        self.waiting = turn
        if self.runner is not None:
            self.runner.session.turns.append(turn)
        self.query_one(Conversation).add(turn)
        self._start_waiting()

    def _empty_input(self) -> None:
        self.query_one(Ask).put("")
        self.edited = None
        self.keep_unsent()

    def _start_waiting(self) -> None:
        """Send the waiting question, if something can answer it by now."""
        turn, engine, runner = self.waiting, self.engine, self.runner
        if turn is None or engine is None or runner is None or self.pulls is None:
            return
        from cascadeflow.errors import CascadeFlowError

        under_way = self.pulls.under_way
        if under_way is not None:
            try:
                ready = bool(engine.plan(runner.session.messages(turn.prompt)).steps)
            except CascadeFlowError:
                ready = True  # the run says what is wrong
            if not ready:
                turn.waits_for = under_way.name
                self._pace.draw_soon(panes=True)
                return
        self.waiting = self.before = None
        runner.active = turn
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
        self._pace.draw_soon(panes=not isinstance(event, TokenDelta))

    def _run_over(self, turn: Turn) -> None:
        if turn.status == "failed" and not self.query_one(Ask).text:
            self.query_one(Ask).put(turn.question, turn.attached)
        seconds = turn.result.latency_ms / 1000 if turn.result is not None else 0.0
        self._look_for_drift()
        if self.bell_after is not None and seconds >= self.bell_after:
            self.app.bell()
        self._refresh_budgets()
        self.replan()

    @work(group="drift", exclusive=True)
    async def _look_for_drift(self) -> None:
        """Say once that what a calibration promises may not hold any more."""
        from asyncio import to_thread

        from cascadeflow.errors import CascadeFlowError

        if self.engine is None or self._told_of_drift:
            return
        with suppress(CascadeFlowError):  # a history that fails says so where it is asked for
            found = await to_thread(self.engine.drifted)
            if found:
                self._told_of_drift = True
                self.tell(f"The traffic has changed since the calibration: {'; '.join(found)}.")

    def action_stop(self) -> None:
        """Stop the answer, take a waiting question back, or close an open pane."""
        if self.runner is not None and self.runner.stop():
            return
        if self.waiting is not None:
            self._take_back()
        elif self.edited is not None:
            self._empty_input()
        elif not self.query_one(Conversation).choose(None) and not self.close_panes():
            self.query_one(Ask).focus()

    @property
    def answering(self) -> bool:
        """Whether there is something to stop."""
        return self.waiting is not None or (self.runner is not None and self.runner.active is not None)

    def _take_back(self) -> None:
        turn, self.waiting = self.waiting, None
        if turn is None:
            return
        ask = self.query_one(Ask)
        self.drop_from(turn)
        ask.put(f"{turn.question}\n{ask.text}".rstrip("\n"), (*turn.attached, *ask.attached))

    def drop_from(self, turn: Turn) -> None:
        """Take a turn and all after it out of the conversation; what was run stays in the history."""
        conversation = self.query_one(Conversation)
        dropped = [turn]
        if self.runner is not None and turn in self.runner.session.turns:
            turns = self.runner.session.turns
            dropped = turns[turns.index(turn) :]
            del turns[turns.index(turn) :]
        for each in dropped:
            conversation.take_away(each)

    # -- the plan of what is being typed

    @on(TextArea.Changed)
    def _typed(self) -> None:
        self.before = None
        self.replan()
        if self.engine is not None and not self._warm:
            self._warm = True
            self._warm_up(self.engine)
        if not self._keep_due:
            self._keep_due = True
            self.set_timer(_KEEP_AFTER, self.keep_unsent)

    @work(group="warm up")
    async def _warm_up(self, engine: Engine) -> None:
        from cascadeflow.errors import CascadeFlowError

        with suppress(CascadeFlowError):  # the run says it, to whom it concerns
            await engine.warm_up()

    def keep_unsent(self) -> None:
        """Keep what was typed and not sent for the next start."""
        self._keep_due = False
        try:
            ask = self.query_one(Ask)
            unsent.keep(ask.text, ask.attached)
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

    def _draw(self, *, panes: bool) -> bool:
        """Draw what a run moves; tells whether time alone will move it on."""
        if self._painter is None:
            return False
        return (self._painter.run() if panes else self._painter.conversation()) or self.answering

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
        """Say something in the corner, if there is something to say."""
        if not message:
            return
        self.notify(one_line(message), markup=False, timeout=6)

    async def aclose(self) -> None:
        """Stop what is under way, and free what the engine holds."""
        if self.pulls is not None:
            await self.pulls.aclose()
        if self.runner is not None:
            await self.runner.aclose()
        if self.engine is not None:
            await self.engine.aclose()
