"""The main screen: conversation, presets, tiers, budget, cascade and cost, and the input.

It turns keys into commands to the engine and events into changes of its panes; what the panes
say is in `tui.words`, how they are filled in `tui.screens.painter`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.widgets import TextArea

from cascadeflow.sanitise import one_line
from tui import unsent
from tui.commands import completed, find, is_command, question_of, split
from tui.screens import orders
from tui.screens.keys import BINDINGS
from tui.screens.pace import Pace
from tui.screens.panes import PanesScreen
from tui.widgets.ask import Ask
from tui.widgets.choices import Choices
from tui.widgets.chrome import HeaderLine
from tui.widgets.conversation import Conversation

if TYPE_CHECKING:
    from textual.binding import BindingType

    from cascadeflow.config import Configuration
    from cascadeflow.events import Event
    from cascadeflow.schema import CascadePlan
    from cascadeflow.telemetry.budgets import BudgetStatus
    from tui.attachments import Attachment
    from tui.commands import Command
    from tui.engine import Engine
    from tui.pulls import Pulls
    from tui.runner import Runner
    from tui.screens.painter import Painter
    from tui.state import Turn

_KEEP_AFTER = 0.5
"""Seconds after a key until what was typed is kept."""


class MainScreen(PanesScreen):
    """What one sees all the time.

    Args:
        title: what the header says before the engine is there.
        clock: monotonic seconds.
        linger: seconds for which a withdrawn draft stays struck out.
        pull_command: fetches the model named after it; None: ``cascadeflow models pull``.
    """

    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

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

    @on(Ask.Sent)
    def _send(self, message: Ask.Sent) -> None:
        if is_command(message.text):
            self._order(message.text)
        elif self.answering or self._broken:
            self.tell(self._broken or "An answer is under way. Esc stops it; your text stays in the input.")
        else:
            if self.edited is not None:
                self.drop_from(self.edited)
            self._empty_input()
            self.ask(question_of(message.text.strip()), message.attached)

    def _empty_input(self) -> None:
        self.query_one(Ask).put("")
        self.edited = None
        self.keep_unsent()

    def _order(self, text: str) -> None:
        """Do what a slash command says; what is none stays in the input."""
        name, argument = split(text.strip())
        command = find(name)
        if command is None:
            self.tell(f"There is no command /{name}. Write // for a question that begins with a slash.")
            return
        ask = self.query_one(Ask)
        ask.recall.asked(text.strip())
        ask.put("", ask.attached)
        self.order(command, argument)

    def order(self, command: Command, argument: str = "") -> None:
        """Do what a command says; one that still lacks what it takes goes into the input."""
        ask = self.query_one(Ask)
        if command.takes and not command.takes.startswith("[") and not argument:
            ask.put(f"/{command.name} ", ask.attached)
            ask.focus()
            return
        outcome = command.run(self, argument)
        if isinstance(outcome, Awaitable):
            self.run_worker(outcome, group="orders")

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

    # -- presets, tiers, panes

    @on(Choices.Chosen, "#presets")
    def _preset_chosen(self, message: Choices.Chosen) -> None:
        if message.name is not None:
            self.take_preset(message.name)

    def take_preset(self, name: str) -> bool:
        """Take a preset from the next question on; tells whether it is in use now."""
        from cascadeflow.errors import CascadeFlowError

        if self.engine is None or name == self.engine.preset:
            return self.engine is not None
        self.before = self._painter.last_plan if self._painter is not None else None
        try:
            self.engine.choose_preset(name)
        except CascadeFlowError as error:
            self.tell(str(error))
            return False
        if self.answering:
            self.tell(f"{name} answers from the next question on.")
        self.settings_changed()
        return True

    @on(Choices.Chosen, "#tiers")
    def _tier_chosen(self, message: Choices.Chosen) -> None:
        self.take_tier(message.name)

    def take_tier(self, name: str | None) -> None:
        """Take a tier from the next question on; None: none."""
        if self.engine is None or name == self.engine.tier:
            return
        self.before = self._painter.last_plan if self._painter is not None else None
        self.engine.tier = name
        self.settings_changed()

    def action_reload(self) -> None:
        """Read the configuration file in use again."""
        from cascadeflow.errors import CascadeFlowError

        if self.engine is None or self.engine.file is None:
            self.tell("No configuration file is in use.")
            return
        try:
            self.engine.reload()
        except CascadeFlowError as error:
            self.tell(str(error))
            return
        self.tell(f"{self.engine.preset} is read again, and in use from the next question on.")
        self.settings_changed()

    def configuration(self) -> Configuration | None:
        """The configuration in use; None where it cannot be told, and then it is said why."""
        from cascadeflow.errors import CascadeFlowError

        try:
            return self.engine.configuration() if self.engine is not None else None
        except CascadeFlowError as error:
            self.tell(str(error))
            return None

    def action_own_steps(self) -> None:
        """Use the steps that domains have of their own, or the standard ones, from the next question on."""
        if self.engine is None:
            return
        self.before = self._painter.last_plan if self._painter is not None else None
        self.engine.switch_own_steps()
        domains = self.engine.own_steps
        self.tell(f"Own steps for {domains}." if domains else "Standard steps for every domain.")
        self.settings_changed()

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

    def action_what_if(self) -> None:
        """Open this question under every preset and tier."""
        if self.engine is not None and self.runner is not None and self.app.screen is self:
            from tui.screens.whatif import WhatIfScreen

            text = self.query_one(Ask).text
            question = "" if is_command(text) else text.replace("\n", " ")
            self.app.push_screen(WhatIfScreen(self.engine, self.runner.session, question), self._take)

    def _take(self, used: tuple[str, str | None] | None) -> None:
        if used is not None:
            self.take_preset(used[0])
            self.take_tier(used[1])

    def action_history(self) -> None:
        """Open what was asked before."""
        engine = self.engine
        archive = engine.agent.archive if engine is not None else None
        if engine is None or archive is None:
            self.tell("This configuration records nothing: [history] mode is off.")
        elif self.app.screen is self:
            from tui.screens.history import HistoryScreen

            self.app.push_screen(HistoryScreen(archive, engine), self._resume)

    def _resume(self, session: str | None) -> None:
        if session is not None and self.answering:
            self.tell("An answer is under way. Esc stops it.")
        elif session is not None:
            self.resume(session)

    @work(group="resume", exclusive=True)
    async def resume(self, session: str) -> None:
        """Go on with a recorded conversation."""
        from asyncio import to_thread

        from cascadeflow.errors import CascadeFlowError
        from tui.restore import turn_of

        archive = self.engine.agent.archive if self.engine is not None else None
        if archive is None or self.runner is None or self._painter is None:
            return
        try:
            runs = await to_thread(archive.conversation, session)
            marks = await to_thread(archive.marks, [run.run_id for run in runs])
        except CascadeFlowError as error:
            self.tell(str(error))
            return
        self.runner.renew(session)
        for run in runs:
            turn = turn_of(run)
            turn.right = marks[run.run_id].label if run.run_id in marks else None
            self.runner.session.turns.append(turn)
        self.query_one(Conversation).restore(self.runner.session.turns)
        self._painter.run()
        self.replan()

    def action_mark(self, right: bool | None) -> None:
        """Mark the chosen or last answer as right or wrong."""
        orders.mark(self, right=right)

    def action_save_answer(self) -> None:
        """Write the chosen or last answer, whole, to a file of its own."""
        orders.save_answer(self)

    async def action_copy_answer(self) -> None:
        """Copy the chosen or last answer."""
        await orders.copy_answer(self)

    async def action_copy_code(self) -> None:
        """Copy a code block of the chosen or last answer."""
        await orders.copy_code(self)

    def action_edit(self) -> None:
        """Take the chosen or last question back into the input."""
        orders.edit(self)

    def action_again(self) -> None:
        """Ask the chosen or last question again."""
        orders.ask_again(self, "")

    def action_jump(self) -> None:
        """Show a letter on each pane; the letter goes there."""
        from tui.screens.jump import JumpScreen

        self.app.push_screen(JumpScreen(self), self._jumped)

    def _jumped(self, pane: str | None) -> None:
        if pane == "ask":
            self.close_panes()
            self.query_one(Ask).focus()
        elif pane is not None:
            self.action_pane(pane)

    @on(Conversation.TurnChosen)
    def _turn_chosen(self) -> None:
        if self._painter is not None:
            self._painter.run()

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
