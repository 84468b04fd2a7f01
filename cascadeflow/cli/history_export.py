"""``cascadeflow history export``: runs as Markdown, JSON, or labelled rows to evaluate with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascadeflow.cli.history_options import filter_options, open_archive, read_filter
from cascadeflow.cli.options import config_option
from cascadeflow.cli.output import note

if TYPE_CHECKING:
    from cascadeflow.history import RunArchive, RunFilter
    from cascadeflow.history.export import ExportForm


@click.command("export")
@click.argument("target", required=False)
@click.option(
    "--format", "form", type=click.Choice(["markdown", "json", "jsonl"]), default="markdown", show_default=True,
    help="To read; whole runs; or labelled answers, one question a line, as `evaluate` and `calibrate` read them.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there.")
@config_option
@filter_options
def export(target: str | None, form: ExportForm, output: Path | None, config: Path | None, **wanted: Any) -> None:
    """Export a conversation, a run, or all runs that match. TARGET is the ID of one, or the beginning of a run's."""
    with open_archive(config) as archive:
        text, rows = _text(archive, target, form, read_filter(wanted))
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)
        note(f"Written: {output}, {rows} {'question' if form == 'jsonl' else 'run'}{'' if rows == 1 else 's'}")
    if form == "jsonl" and not rows:
        note("No answer is marked; `cascadeflow history label RUN right` marks one.")


def _text(archive: RunArchive, target: str | None, form: ExportForm, matching: RunFilter) -> tuple[str, int]:
    """The export, and how many runs are in it."""
    from dataclasses import replace

    from cascadeflow.history import export_runs

    session = target if target is not None and archive.count(target) else matching.session
    if target is not None and session != target:
        runs = [archive.load(archive.find(target))]
    else:
        runs = list(archive.whole_runs(replace(matching, session=session)))
    titles = (
        {one.session: one.title for one in archive.sessions(-1)} if form == "markdown" and session is not None else {}
    )
    marks = archive.marks([run.run_id for run in runs])
    return export_runs(runs, marks, form, title=titles.get(session or "", ""))


def _write(output: Path, text: str) -> None:
    from cascadeflow.config import write_atomically
    from cascadeflow.errors import ConfigError

    try:
        write_atomically(output, text)
    except OSError as error:
        raise ConfigError(f"cannot write it: {error.strerror or error}", file=str(output)) from None
