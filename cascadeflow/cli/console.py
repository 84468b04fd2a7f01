"""``cascadeflow`` without a command: the console."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cascadeflow.cli.failure import USAGE
from cascadeflow.cli.options import check_settings
from cascadeflow.cli.output import note


def open_console(
    ctx: click.Context,
    *,
    preset: str | None,
    config: Path | None,
    tier: str | None,
    user: str | None,
    domain: str | None,
    rehearse: bool | None,
) -> None:
    """Open the console, or print the help where there is no terminal to open it in."""
    check_settings(preset, config)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo(ctx.get_help())
        note("The console needs a terminal. In a pipe use `cascadeflow ask`.")
        ctx.exit(USAGE)
    from tui.app import run

    ctx.exit(run(preset=preset, config=config, tier=tier, user=user, domain=domain, rehearse=rehearse))
