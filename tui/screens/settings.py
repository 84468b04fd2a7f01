"""The settings screen (F4): the configuration in use, made from its schema, and what can be done with the whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from cascadeflow.errors import CascadeFlowError
from cascadeflow.sanitise import one_line
from tui.own import preset_or_none
from tui.screens.keys import fitting
from tui.settings.draft import Draft
from tui.settings.fields import FieldsScreen
from tui.settings.picker import Picker
from tui.settings.picks import Offer, Pick
from tui.settings.saving import import_prompt, read, save_prompt
from tui.widgets.chrome import HeaderLine, KeyLine
from tui.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from cascadeflow.config import Configuration
    from tui.engine import Engine
    from tui.settings.draft import Step

_KEYS = (
    ("Enter", "change", "screen.change"), ("A", "add", "screen.add_item"), ("D", "remove", "screen.remove"),
    ("R", "reset", "screen.reset"), ("U", "undo", "screen.undo"), ("F9", "apply", "screen.apply"),
    ("Ctrl+S", "save", "screen.save"), ("F6", "import", "screen.import_file"), ("Ctrl+O", "export", "app.export"),
    ("Esc", "close", "screen.leave"), ("F1", "help", "app.help"),
)  # fmt: skip
_DROPPED_FIRST = ("F6", "Ctrl+O", "Esc")
_LEAVING = Offer(
    [
        Pick("apply", "Apply them, and close"),
        Pick("stay", "Go on with the settings"),
        Pick("drop", "Close without them", "they are lost"),
    ]
)


class SettingsScreen(FieldsScreen):
    """Shows and changes the configuration in use.

    Args:
        engine: whose configuration it is.
        applied: called when another configuration is in use.

    Raises:
        ConfigError: something in the configuration in use has no name in a file.
    """

    CSS_PATH = "settings.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (76, "-broad")]  # noqa: RUF012  # not a ClassVar in Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f4,alt+4", "leave", "Close", id="settings.close", tooltip="Closes the settings"),
        Binding(
            "f9,alt+a", "apply", "Apply", id="settings.apply", priority=True,
            tooltip="Uses this configuration from the next question on",
        ),
        Binding(
            "ctrl+s,alt+s", "save", "Save as preset", id="settings.save", priority=True,
            tooltip="Saves this configuration as a preset of your own",
        ),
        Binding(
            "f6,alt+i", "import_file", "Import", id="settings.import", priority=True,
            tooltip="Reads a TOML file into the settings",
        ),
        Binding(
            "ctrl+l,alt+l", "reload", "Reload", id="settings.reload", priority=True,
            tooltip="Reads the file in use again; undo brings back what is here now",
        ),
        Binding("u,ctrl+z,alt+z", "undo", "Undo", id="settings.undo", tooltip="Takes the last change back"),
        Binding("U,ctrl+y,alt+y", "redo", "Redo", id="settings.redo", tooltip="Makes it again"),
    ]  # fmt: skip

    def __init__(self, engine: Engine, applied: Callable[[], None]) -> None:
        super().__init__(Draft(engine.configuration(), preset_or_none))
        self._engine, self._applied = engine, applied

    def on_resize(self) -> None:
        """Show the keys that there is room for."""
        self.query_one("#keys", KeyLine).show(fitting(_KEYS, _DROPPED_FIRST, self.size.width))

    def show_header(self) -> None:
        """Show how many changes there are, and whether they are in use."""
        draft, name = self.draft, one_line(str(self.draft.data["name"]), 40)
        base = one_line(draft.base_name, 40)
        parts = [counted(len(draft.differences), "change") + (f" to {base}" if base not in ("", name) else "")]
        if draft.problems:
            parts.append(f"{len(draft.problems)} not valid")
        parts.append("not applied yet (F9)" if draft.unapplied else "in use")
        self.query_one("#header", HeaderLine).show([(" Settings ", "strong"), (name, "")], " · ".join(parts))

    # -- the whole

    def configuration(self) -> Configuration | None:
        """The configuration as it is here; None where something is wrong, which is told."""
        self.take_typed()
        if not self.draft.problems:
            return self.draft.configuration()
        path, problem = next(iter(self.draft.problems.items()))
        self.tell(f"{counted(len(self.draft.problems), 'field')} not valid. {problem}")
        self.show(path)
        return None

    def action_apply(self) -> None:
        """Use the configuration from the next question on."""
        configuration = self.configuration()
        if configuration is None:
            return
        try:
            if self._is_what_the_file_says(configuration):
                self._engine.reload()
            elif self.draft.base_name == configuration.name and not self.draft.differences:
                self._engine.choose_preset(configuration.name)
            else:
                self._engine.apply(configuration)
        except CascadeFlowError as error:
            self.tell(str(error))
            return
        self._in_use(f"In use from the next question on: {self._engine.preset}.")

    def _is_what_the_file_says(self, configuration: Configuration) -> bool:
        try:
            return self._engine.file is not None and read(self._engine.file) == configuration
        except CascadeFlowError:
            return False

    def _in_use(self, told: str) -> None:
        self.draft.keep()
        self._applied()
        self.show()
        self.tell(told)

    def action_save(self) -> None:
        """Save the configuration as a preset of the user's own."""
        configuration = self.configuration()
        if configuration is not None:
            self.app.push_screen(save_prompt(configuration), self._saved)

    def _saved(self, name: str | None) -> None:
        if name is None:
            return
        try:
            self._engine.choose_preset(name)
        except CascadeFlowError as error:
            self.tell(str(error))
            return
        self.draft.set(("name",), self._engine.agent.preset)
        self._in_use(f"Saved, and in use: --preset {name} opens it too.")

    def action_import_file(self) -> None:
        """Read a configuration file into the settings."""
        self.take_typed()
        self.app.push_screen(import_prompt(), self._take_file)

    def action_reload(self) -> None:
        """Read the file in use again."""
        self.take_typed()
        if self._engine.file is None:
            self.tell("No file is in use. F6 reads one.")
        else:
            self._take_file(str(self._engine.file))

    def _take_file(self, path: str | None) -> None:
        if path is None:
            return
        try:
            self.draft.replace(read(Path(path)), f"what {Path(path).name} says")
        except CascadeFlowError as error:
            self.tell(str(error))
            return
        self.show()
        self.tell(f"{Path(path).name} is read; F9 applies it, U brings back what was here.")

    def action_undo(self) -> None:
        """Take the last change back."""
        self._stepped(self.draft.undo(), "Taken back")

    def action_redo(self) -> None:
        """Make a change again that was taken back."""
        self._stepped(self.draft.redo(), "Made again")

    def _stepped(self, step: Step | None, word: str) -> None:
        if step is None:
            self.tell("There is nothing more.")
            return
        self.show(step.path)
        self.tell(f"{word}: {step.what}")

    def action_leave(self) -> None:
        """Close; where changes are not applied, ask first."""
        if not self.draft.unapplied:
            self.dismiss()
            return
        self.app.push_screen(Picker("Changes are not applied yet", _LEAVING), self._leave)

    def _leave(self, pick: Pick | None) -> None:
        if pick is not None and pick.value == "apply":
            self.action_apply()
        if pick is not None and (pick.value == "drop" or not self.draft.unapplied):
            self.dismiss()
