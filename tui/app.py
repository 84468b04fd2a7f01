"""`ConsoleApp` and `run`: the door of the console.

The first frame comes before the engine: what this module imports is Textual and the panes. The
engine is imported in a thread right after that frame, model clients live in a child process.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.actions import SkipAction
from textual.app import App
from textual.binding import Binding

from tui.palette_commands import console_commands
from tui.screens.main import MainScreen
from tui.widgets.ask import Ask
from tui.widgets.conversation import LINGER

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.dom import DOMNode

    from tui.engine import Opener

_TWICE_WITHIN = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """With what the console is opened; see `run`."""

    preset: str | None = None
    config: str | None = None
    tier: str | None = None
    user: str | None = None
    domain: str | None = None
    rehearse: bool | None = None


class ConsoleApp(App[None]):
    """The console.

    Args:
        settings: with what it is opened.
        agent_factory: opens agents; None: the user's own, with ledger and history.
        clock: monotonic seconds.
        linger: seconds for which a withdrawn draft stays struck out before it folds.
        pull_command: fetches the model named after it; None: ``cascadeflow models pull``.
    """

    CSS_PATH: ClassVar[list[str | PurePath]] = [
        "widgets/lines.tcss",
        "widgets/ask.tcss",
        "widgets/chrome.tcss",
        "screens/panes.tcss",
    ]
    COMMANDS = App.COMMANDS | {console_commands}
    TITLE = "CascadeFlow"
    PAUSE_GC_ON_SCROLL = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,alt+1", "help", "Help", id="app.help", tooltip="Explains the pane in focus", priority=True),
        Binding(
            "ctrl+o,alt+o", "export", "Export", id="app.export", priority=True,
            tooltip="Shows this configuration as TOML or Python, and writes or copies it",
        ),
        Binding(
            "ctrl+c", "interrupt", "Stop, twice quits", id="app.interrupt", priority=True,
            tooltip="Stops the answer; pressed twice it quits",
        ),
        Binding("ctrl+q", "leave", "Quit", id="app.leave", tooltip="Quits the console", priority=True),
    ]  # fmt: skip

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        agent_factory: Opener | None = None,
        clock: Callable[[], float] = time.monotonic,
        linger: float = LINGER,
        pull_command: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self._settings = settings or Settings()
        self._agent_factory = agent_factory
        self._clock = clock
        self._main = MainScreen(
            self._settings.config or self._settings.preset or "", clock=clock, linger=linger, pull_command=pull_command
        )  # fmt: skip
        self._interrupted_at = float("-inf")
        self._leaving = False

    @property
    def main(self) -> MainScreen:
        """The main screen."""
        return self._main

    def get_default_screen(self) -> MainScreen:
        """The main screen is always there."""
        return self._main

    def on_mount(self) -> None:
        """Look and listen as the user wants, take care of signals, and fetch the engine behind the first frame."""
        self._follow_preferences()
        if not self.is_headless:
            from tui.guard import on_signals

            on_signals(self._on_signal)
        self.call_after_refresh(self._open_engine)

    def _follow_preferences(self) -> None:
        from tui import preferences
        from tui.looks import HIGH_CONTRAST

        for theme in HIGH_CONTRAST:
            self.register_theme(theme)
        try:
            wanted = preferences.load()
        except preferences.PreferencesError as error:
            self._main.tell(str(error))
            return
        for theme in preferences.themes_of(wanted):
            self.register_theme(theme)
        if wanted.theme is not None and wanted.theme not in self.available_themes:
            self._main.tell(f"{preferences.path()}: there is no theme {wanted.theme!r}; /theme lists them")
        elif wanted.theme is not None:
            self.theme = wanted.theme
        if wanted.reduced_motion:
            self.animation_level = "none"
            self._main.still = True
        self._main.bell_after = wanted.bell_after
        self.set_keymap(wanted.keys)
        wrong = preferences.unknown_keys(wanted, binding_ids()) if wanted.keys else ""
        if wrong:
            self._main.tell(wrong)

    @work(group="engine")
    async def _open_engine(self) -> None:
        from asyncio import to_thread
        from importlib import import_module

        await to_thread(import_module, "tui.screens.painter")
        from cascadeflow.errors import CascadeFlowError
        from tui.engine import Engine, opener

        settings = self._settings
        open_one = self._agent_factory or opener(settings.config, settings.rehearse)
        try:
            engine = Engine(
                open_one, preset=settings.preset, config=settings.config, user=settings.user, tier=settings.tier,
                domain=settings.domain, rehearse=settings.rehearse,
            )  # fmt: skip
        except CascadeFlowError as error:
            self._main.engine_failed(str(error))
            return
        self._main.engine_ready(engine)
        await to_thread(import_module, "tui.markdown")
        # What is loaded by now stays: without this the collector walks all of it about once a
        # second while an answer streams, and the keyboard waits 60 to 100 ms for it.
        gc.freeze()

    # -- commands

    def action_help(self) -> None:
        """Explain the pane in focus."""
        from tui.screens.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.pop_screen()
            return
        pane = str(getattr(self.focused, "help_text", None) or getattr(self.focused, "HELP", None) or "")
        keys: dict[str, tuple[list[str], str]] = {}
        for key, active in self.screen.active_bindings.items():
            if active.binding.tooltip:
                keys.setdefault(active.binding.id or key, ([], active.binding.tooltip))[0].append(key)
        self.push_screen(HelpScreen(pane, list(keys.values())))

    def action_settings(self) -> None:
        """Show the configuration in use, to be changed."""
        from cascadeflow.errors import CascadeFlowError
        from tui.screens.settings import SettingsScreen

        engine = self._main.engine
        if engine is None or self.screen is not self._main:
            return
        try:
            screen = SettingsScreen(engine, self._main.settings_changed)
        except CascadeFlowError as error:
            self._main.tell(str(error))
            return
        self.push_screen(screen)

    def action_export(self) -> None:
        """Show the configuration of the screen, to be written or copied."""
        from tui.screens.export import ExportScreen

        engine, source = self._main.engine, getattr(self.screen, "configuration", None)
        if engine is None or source is None:
            raise SkipAction
        configuration = source()
        if configuration is None:
            return
        name = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in configuration.name)
        path = (
            engine.file
            if engine.file is not None and engine.file == engine.config
            else Path(f"{name or 'cascade'}.toml")
        )
        self.push_screen(ExportScreen(configuration, path), self._exported)

    def _exported(self, told: str | None) -> None:
        if told:
            self._main.tell(told)

    def action_interrupt(self) -> None:
        """Stop the answer; twice within two seconds, quit."""
        now = self._clock()
        if now - self._interrupted_at < _TWICE_WITHIN:
            self.action_leave()
            return
        self._interrupted_at = now
        if self._main.answering:
            self._main.action_stop()
            self._main.tell("Stopped. Ctrl+C once more quits.")
        else:
            self._main.tell("Ctrl+C once more quits.")

    def action_leave(self) -> None:
        """Quit in good order."""
        self._leave(0)

    def _on_signal(self, code: int) -> None:
        self._leave(code)

    def _leave(self, code: int) -> None:
        if not self._leaving:
            self._leaving = True
            self._main.keep_unsent()
            self._close(code)

    @work(group="leave")
    async def _close(self, code: int) -> None:
        try:
            await self._main.aclose()
        finally:
            self.exit(return_code=code)

    def _handle_exception(self, error: Exception) -> None:
        """A bug: leave with a message instead of a traceback, and write down where it struck."""
        from rich.text import Text

        from cascadeflow.crash import write_crash_log
        from tui.guard import last_words

        error = getattr(error, "error", error)  # what a worker raised, rather than that it did
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            self._exit_renderables.append(Text(last_words(error, write_crash_log(error))))
        self._close_messages_no_wait()


def all_bindings() -> dict[str, list[Binding]]:
    """Every binding of the console, by the place in which it works."""
    from tui.screens.again import AgainScreen
    from tui.screens.dialogs import YesNoDialog
    from tui.screens.export import ExportScreen
    from tui.screens.help import HelpScreen
    from tui.screens.history import HistoryScreen
    from tui.screens.jump import JumpScreen
    from tui.screens.replay import ReplayScreen
    from tui.screens.settings import SettingsScreen
    from tui.screens.whatif import WhatIfScreen
    from tui.settings.editor import FieldEditor
    from tui.settings.outline import Outline, Sections
    from tui.settings.picker import Picker
    from tui.settings.prompt import Prompt
    from tui.widgets.choices import Choices
    from tui.widgets.conversation import Conversation
    from tui.widgets.cursor_list import CursorList
    from tui.widgets.sliders import Sliders

    owners: dict[str, type[DOMNode]] = {
        "Everywhere": ConsoleApp, "Main screen": MainScreen, "Input": Ask, "Conversation": Conversation,
        "Presets and tiers": Choices, "Export": ExportScreen, "Help": HelpScreen,
        "Lists": CursorList, "Settings": SettingsScreen, "Settings: sections": Sections, "Settings: fields": Outline,
        "Settings: a field": FieldEditor, "Settings: what can be chosen": Picker, "One line": Prompt,
        "History": HistoryScreen, "Ask again": AgainScreen, "What if": WhatIfScreen,
        "What if, history": ReplayScreen, "Sliders": Sliders, "Yes or no": YesNoDialog, "Jump mode": JumpScreen,
    }  # fmt: skip
    return {
        place: [binding for binding in owner.BINDINGS if isinstance(binding, Binding)]
        for place, owner in owners.items()
    }


def binding_ids() -> set[str]:
    """The ids of every binding, which ``settings.toml`` may give other keys."""
    return {binding.id for bindings in all_bindings().values() for binding in bindings if binding.id}


def run(
    *,
    preset: str | None = None,
    config: str | Path | None = None,
    tier: str | None = None,
    user: str | None = None,
    domain: str | None = None,
    rehearse: bool | None = None,
) -> int:
    """Open the console and stay until the user leaves.

    Args:
        preset: to begin with; None: the file's, or ``production_ready``.
        config: a configuration file to begin with.
        tier: tier of the user.
        user: whose budget is used; None: ``anonymous``.
        domain: of every question; None: detected.
        rehearse: let embedded models stand in for hosted ones; None: where no key is found.

    Returns:
        Exit code: 0, 1 after a bug, 128 plus the number of a signal.
    """
    settings = Settings(
        preset=preset, config=None if config is None else str(config), tier=tier, user=user, domain=domain,
        rehearse=rehearse,
    )  # fmt: skip
    app = ConsoleApp(settings)
    app.run()
    return app.return_code or 0
