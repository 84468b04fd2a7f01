"""Opens the console: in the terminal for ``cascadeflow`` without a command, in a browser for ``serve``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from cascadeflow.cli.failure import USAGE
from cascadeflow.cli.options import check_settings
from cascadeflow.cli.output import note
from cascadeflow.errors import ConfigError, MissingExtraError


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
    in_browser = "TEXTUAL_DRIVER" in os.environ  # set by what serves it
    if not in_browser and not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo(ctx.get_help())
        note("The console needs a terminal. In a pipe use `cascadeflow ask`.")
        ctx.exit(USAGE)
    from tui.app import run

    ctx.exit(run(preset=preset, config=config, tier=tier, user=user, domain=domain, rehearse=rehearse))


def open_in_browser(words: Sequence[str], port: int) -> None:
    """Serve the console on loopback until interrupted.

    Args:
        words: the command that opens the console.
        port: 0: any that is free.

    Raises:
        MissingExtraError: the extra ``web`` is not installed.
        ConfigError: the port cannot be used.
    """
    try:
        from tui.web import serve
    except ImportError:
        raise MissingExtraError("The console in a browser", extra="web") from None
    try:
        serve(words, port, lambda address: click.echo(f"Open {address}\nCtrl+C ends it."))
    except OSError as error:
        raise ConfigError(
            f"port {port} cannot be used: {error.strerror or error}; choose another", key="--port"
        ) from None
