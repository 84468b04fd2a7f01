"""What the command palette (Ctrl+P) offers: the slash commands, searched loosely."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

if TYPE_CHECKING:
    from tui.commands import Command


def console_commands() -> type[Provider]:
    """The provider, asked for when the palette opens."""
    return ConsoleCommands


class ConsoleCommands(Provider):
    """Every slash command. One that takes something is put into the input, to be completed there."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        from tui.commands import COMMANDS

        for command in COMMANDS:
            yield DiscoveryHit(command.usage, partial(self._run, command), help=command.help)

    async def search(self, query: str) -> Hits:
        """Those that resemble what is typed."""
        from tui.commands import COMMANDS

        matcher = self.matcher(query)
        for command in COMMANDS:
            score = matcher.match(f"{command.usage} {command.help}")
            if score > 0:
                yield Hit(score, matcher.highlight(command.usage), partial(self._run, command), help=command.help)

    def _run(self, command: Command) -> None:
        from tui.app import ConsoleApp

        assert isinstance(self.app, ConsoleApp)  # noqa: S101  # it offers these commands
        self.app.main.order(command)
