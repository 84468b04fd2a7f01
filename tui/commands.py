"""The slash commands, which the command palette offers too: one table of what can be told to the console."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.screens import orders

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: without the slash.
        takes: what follows it, for people; empty: nothing does.
        help: what it does.
        run: does it; its second argument is what follows the name.
    """

    name: str
    takes: str
    help: str
    run: Callable[[MainScreen, str], object]

    @property
    def usage(self) -> str:
        """How it is typed."""
        return f"/{self.name} {self.takes}".rstrip()


def _action(name: str) -> Callable[[MainScreen, str], object]:
    def run(screen: MainScreen, _: str) -> object:
        return screen.call_later(screen.run_action, name)

    return run


COMMANDS: tuple[Command, ...] = (
    Command("again", "[PRESET]", "Asks the chosen or last question again, under another preset if one is named",
            orders.ask_again),
    Command("budget", "USD | off", "Sets the budget of a day for each user, from the next call on",
            orders.set_budget),
    Command("copy", "", "Copies the chosen or last answer", _action("copy_answer")),
    Command("code", "", "Copies a code block of the chosen or last answer; once more takes the next one",
            _action("copy_code")),
    Command("edit", "", "Takes the chosen or last question back into the input", _action("edit")),
    Command("export", "", "Shows this configuration as TOML and writes it to a file", _action("app.export")),
    Command("file", "PATH", "Lets a text file go along with the question", orders.attach),
    Command("help", "", "Explains the pane in focus and its keys", _action("app.help")),
    Command("history", "", "Opens what was asked before", _action("history")),
    Command("jump", "", "Shows a letter on each pane; the letter goes there", _action("jump")),
    Command("new", "", "Begins a new conversation", _action("new")),
    Command("preset", "NAME", "Takes another preset from the next question on",
            orders.choose_preset),
    Command("quit", "", "Quits the console", _action("app.leave")),
    Command("right", "", "Marks the chosen or last answer as right", _action("mark(True)")),
    Command("save", "", "Writes the chosen or last answer, whole, to a file", _action("save_answer")),
    Command("steps", "", "Uses the steps that domains have of their own, or the standard ones", _action("own_steps")),
    Command("theme", "NAME", "Takes other colours, now and at the next start",
            orders.choose_theme),
    Command("tier", "NAME | none", "Takes another tier from the next question on", orders.choose_tier),
    Command("unmark", "", "Takes the mark off the chosen or last answer", _action("mark(None)")),
    Command("whatif", "", "Opens this question under every preset and tier, and your history under other settings",
            _action("what_if")),
    Command("wrong", "", "Marks the chosen or last answer as wrong", _action("mark(False)")),
)  # fmt: skip


def is_command(text: str) -> bool:
    """Whether a text is meant for the console: it begins with one slash."""
    return text.startswith("/") and not text.startswith("//")


def question_of(text: str) -> str:
    """A text as it is sent: a question that begins with a slash is typed with two."""
    return text[1:] if text.startswith("//") else text


def split(text: str) -> tuple[str, str]:
    """Name and argument of a typed command.

    Example:
        >>> split("/preset  medical_ai ")
        ('preset', 'medical_ai')
    """
    name, _, argument = text[1:].partition(" ")
    return name.strip().lower(), argument.strip()


def find(name: str) -> Command | None:
    """The command of that name; None: there is none."""
    return next((command for command in COMMANDS if command.name == name), None)


def matching(text: str) -> list[Command]:
    """The commands that a half typed text may become."""
    name, argument = split(text)
    known = find(name)
    if known is not None and (argument or " " in text):
        return [known]
    return [command for command in COMMANDS if command.name.startswith(name)]


def completed(text: str) -> str | None:
    """A half typed command, whole where only one can be meant; None: the text is none, or its name is whole.

    Example:
        >>> completed("/pre"), completed("/t"), completed("/preset x"), completed("hello")
        ('/preset ', '/t', None, None)
    """
    if not is_command(text) or " " in text:
        return None
    names = [command.name for command in matching(text)]
    return f"/{names[0]} " if len(names) == 1 else text


def told(text: str) -> str:
    """What the border of the input says of a half typed command."""
    found = matching(text)
    if not found:
        return "no such command; //… asks a question that begins with a slash"
    if len(found) == 1:
        return f"{found[0].usage}: {found[0].help}"
    return "  ".join(f"/{command.name}" for command in found)
