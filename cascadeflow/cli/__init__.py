"""The ``cascadeflow`` command: one file a command, imported when it is called.

Results go to standard output, everything about them to standard error. Exit codes: 0 done,
1 failed, 2 wrong usage or configuration, 3 refused by a budget, 4 no model can be asked,
130 interrupted (Ctrl+C), 143 terminated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from cascadeflow import __version__
from cascadeflow.cli.failure import exit_code_of
from cascadeflow.cli.options import console_options
from cascadeflow.cli.output import set_up_streams

_COMMANDS = (
    "ask", "plan", "whatif", "evaluate", "calibrate", "train", "budget", "export", "presets", "models", "history", "doctor", "serve",
)  # fmt: skip


class _Commands(click.Group):
    """Imports a command when it is called, and turns every error into words and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        command = import_module(f"{__name__}.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101  # each command file has one
        return command

    def main(  # type: ignore[override]  # click's overloads tell only that standalone_mode ends the process
        self, args: Sequence[str] | None = None, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        """Run the command; unless ``standalone_mode=False`` is given this ends the process."""
        if not standalone_mode:
            return super().main(args, **extra, standalone_mode=False)
        set_up_streams()
        try:
            code = super().main(args, **extra, standalone_mode=False)
        except Exception as error:
            code = exit_code_of(error)
        raise SystemExit(code if isinstance(code, int) else 0)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@console_options
@click.version_option(__version__, prog_name="cascadeflow")
@click.pass_context
def main(ctx: click.Context, /, **options: Any) -> None:
    """Ask a cheap model first, check its answer, and escalate only when the check fails.

    Without a command this opens the console.
    """
    if ctx.invoked_subcommand is None:
        from cascadeflow.cli.console import open_console

        open_console(ctx, **options)
        return
    given = {name: value for name, value in options.items() if value is not None}
    ctx.default_map = {ctx.invoked_subcommand: given}
