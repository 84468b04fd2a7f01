"""``cascadeflow export``: a configuration as a TOML file or as Python."""

from __future__ import annotations

from pathlib import Path

import click

from cascadeflow.cli.options import check_settings, settings_options


@click.command("export")
@settings_options
@click.option("--format", "form", type=click.Choice(["toml", "python"]), default="toml", show_default=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it there; a TOML file that is there keeps its comments, and its old text as FILE.bak.",
)
def command(preset: str | None, config: Path | None, form: str, output: Path | None) -> None:
    """Write a preset, or a configuration file, as TOML for `CascadeAgent.from_toml` or as Python."""
    from cascadeflow.cli.output import note
    from cascadeflow.config import dump, dumps, load, write_atomically
    from cascadeflow.errors import ConfigError
    from cascadeflow.presets import preset_configuration
    from cascadeflow.workspace import DEFAULT_PRESET

    check_settings(preset, config)
    configuration = load(config) if config else preset_configuration(preset or DEFAULT_PRESET)
    if form == "toml" and output is not None:
        dump(configuration, output)
    else:
        from cascadeflow.config.python_source import python_source

        text = dumps(configuration) if form == "toml" else python_source(configuration)
        if output is None:
            click.echo(text, nl=False)
            return
        try:
            write_atomically(output, text)
        except OSError as error:
            raise ConfigError(f"cannot write it: {error.strerror or error}", file=str(output)) from None
    note(f"Written: {output}")
