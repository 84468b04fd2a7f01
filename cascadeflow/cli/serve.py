"""``cascadeflow serve``: the console in a browser of this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cascadeflow.cli.options import check_settings, console_options


@click.command(short_help="Open the console in a browser of this machine.")
@console_options
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="On loopback; 0: any free."
)
def command(
    *,
    preset: str | None,
    config: Path | None,
    tier: str | None,
    user: str | None,
    domain: str | None,
    rehearse: bool | None,
    port: int,
) -> None:
    """Open the console in a browser of this machine.

    It listens on loopback only, and only who opens the printed address, token included, gets in. Ctrl+C ends it.
    """
    check_settings(preset, config)
    words = [sys.executable, "-m", "cascadeflow"]
    for name, value in {"preset": preset, "config": config, "tier": tier, "user": user, "domain": domain}.items():
        if value is not None:
            words += [f"--{name}", str(value)]
    if rehearse is not None:
        words.append("--rehearse" if rehearse else "--no-rehearse")
    from cascadeflow.cli.console import open_in_browser

    open_in_browser(words, port)
