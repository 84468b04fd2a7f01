"""The main screen: conversation, presets, tiers, budget, cascade and cost, and the input.

It turns keys into commands to the engine and to the other screens; asking itself is in
`tui.screens.asking`, what the panes say in `tui.words`, how they are filled in `tui.screens.painter`.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, ClassVar

from textual import on, work

from tui.commands import find, is_command, question_of, split
from tui.screens import orders
from tui.screens.asking import AskingScreen
from tui.screens.keys import BINDINGS
from tui.widgets.ask import Ask
from tui.widgets.choices import Choices
from tui.widgets.conversation import Conversation

if TYPE_CHECKING:
    from textual.binding import BindingType

    from cascadeflow.config import Configuration
    from tui.commands import Command


class MainScreen(AskingScreen):
    """What one sees all the time; the arguments are those of `AskingScreen`."""

    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    # -- what is sent

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
