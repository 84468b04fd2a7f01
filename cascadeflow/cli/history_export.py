"""``cascadeflow history export``: runs as Markdown, JSON, or labelled rows to evaluate with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascadeflow.cli.history_options import filter_options, open_archive, read_filter
from cascadeflow.cli.options import config_option
from cascadeflow.cli.output import note

if TYPE_CHECKING:
    from cascadeflow.history import RunArchive, RunFilter


@click.command("export")
@click.argument("target", required=False)
@click.option(
    "--format", "form", type=click.Choice(["markdown", "json", "jsonl"]), default="markdown", show_default=True,
    help="To read; whole runs; or labelled answers, one question a line, as `evaluate` and `calibrate` read them.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there.")
@config_option
@filter_options
def export(target: str | None, form: str, output: Path | None, config: Path | None, **wanted: Any) -> None:
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


def _text(archive: RunArchive, target: str | None, form: str, matching: RunFilter) -> tuple[str, int]:
    """The export, and how many runs are in it."""
    from dataclasses import replace

    from cascadeflow.history import to_evaluation, to_json, to_markdown

    session = target if target is not None and archive.count(target) else matching.session
    if target is not None and session != target:
        runs = [archive.load(archive.find(target))]
    else:
        runs = list(archive.whole_runs(replace(matching, session=session)))
    if form == "markdown":
        titles = {one.session: one.title for one in archive.sessions(-1)} if session is not None else {}
        return to_markdown(runs, title=titles.get(session or "", "")), len(runs)
    marks = archive.marks([run.run_id for run in runs])
    if form == "json":
        return json.dumps(to_json(runs, marks), indent=2) + "\n", len(runs)
    rows = [json.dumps(row, ensure_ascii=False) + "\n" for row in to_evaluation(runs, marks)]
    return "".join(rows), len(rows)


def _write(output: Path, text: str) -> None:
    from cascadeflow.config import write_atomically
    from cascadeflow.errors import ConfigError

    try:
        write_atomically(output, text)
    except OSError as error:
        raise ConfigError(f"cannot write it: {error.strerror or error}", file=str(output)) from None
