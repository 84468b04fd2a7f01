"""Options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cascadeflow.errors import ConfigError

F = TypeVar("F", bound=Callable[..., Any])


def settings_options(function: F) -> F:
    """``--preset`` and ``--config``: which configuration is used."""
    return _settings(function, "  [production_ready]")


def optional_settings(function: F) -> F:
    """The same where none is used unless it is named."""
    return _settings(function, "")


def _settings(function: F, default: str) -> F:
    return _with(
        function,
        click.option("--preset", metavar="NAME", help=f"A preset; see `cascadeflow presets`.{default}"),
        config_option,
    )


def config_option(function: F) -> F:
    """``--config``."""
    return click.option(
        "--config", type=click.Path(path_type=Path), metavar="FILE", help="A configuration file (TOML)."
    )(function)


def console_options(function: F) -> F:
    """Which configuration is used, for whom, and whether embedded models stand in."""
    return settings_options(
        _with(
            function,
            click.option("--tier", metavar="NAME", help="Tier of the user: which models, at what cost."),
            click.option("--user", metavar="ID", help="Whose budget is used."),
            click.option("--domain", metavar="NAME", help="Domain of the question, instead of detecting it."),
            click.option(
                "--rehearse/--no-rehearse",
                default=None,
                help="Let embedded models stand in for hosted ones.  [where no hosted model has a key]",
            ),
        )
    )


def _with(function: F, *decorators: Callable[[Any], Any]) -> F:
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def json_option(help_text: str) -> Callable[[F], F]:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help=help_text)


def check_settings(preset: str | None, config: Path | None) -> None:
    """Refuse a preset beside a file, because only one of them can hold.

    Raises:
        ConfigError: both are given.
    """
    if preset is not None and config is not None:
        raise ConfigError(f"--preset {preset} and --config {config} contradict each other; give one of them")


def read_query(words: tuple[str, ...]) -> str:
    """The question: the arguments, or standard input where there are none (or a single ``-``).

    Raises:
        click.UsageError: there is no question.
        ConfigError: standard input is not text.
    """
    if words and words != ("-",):
        query = " ".join(words).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    else:
        if sys.stdin.isatty() and not words:
            raise click.UsageError("What is the question? Give it as an argument, or on standard input.")
        try:
            query = sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError(f"standard input is not UTF-8 text: {error.reason} at byte {error.start}") from None
    if not query.strip():
        raise click.UsageError("The question is empty.")
    return query.strip()
