"""``cascadeflow history``: the runs recorded on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cascadeflow.cli.history_edit import label, pin, rename, tag
from cascadeflow.cli.history_export import export
from cascadeflow.cli.history_options import filter_options, open_archive, read_filter
from cascadeflow.cli.history_words import run_data, run_words, runs_table, sessions_table
from cascadeflow.cli.options import config_option, json_option
from cascadeflow.cli.output import echo_json, note
from cascadeflow.errors import HistoryError

_limit = click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="So many, the latest first."
)


@click.group("history", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List, search, mark, export and delete recorded runs and conversations."""
    given = ctx.default_map
    ctx.default_map = dict.fromkeys(command.commands, given)
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_runs, config=(given or {}).get("config"))


@command.command("list")
@config_option
@_limit
@filter_options
@json_option("As JSON; money in nano-USD.")
def list_runs(config: Path | None, limit: int, as_json: bool, **wanted: Any) -> None:
    """List runs, the latest first."""
    with open_archive(config) as archive:
        runs = archive.runs(limit, matching=read_filter(wanted))
        marks = archive.marks([run.run_id for run in runs])
    if as_json:
        from cascadeflow.plain import to_plain

        echo_json([to_plain(run) for run in runs], pretty=True)
    elif runs:
        click.echo(runs_table(runs, marks))
    else:
        note("No runs are recorded." if not any(value is not None for value in wanted.values()) else "No run matches.")


@command.command("search")
@click.argument("words", nargs=-1, required=True, metavar="WORDS")
@config_option
@_limit
@filter_options
@json_option("As JSON: each run with the excerpt in which the words stand; money in nano-USD.")
def search(words: tuple[str, ...], config: Path | None, limit: int, as_json: bool, **wanted: Any) -> None:
    """Find runs whose question or answer holds all WORDS, each with any ending.

    Words in quotation marks must stand together. Runs are also found by the name of their model, preset,
    domain or tag, and by the title of their conversation; where texts are not kept, by nothing else.
    """
    text = " ".join(f'"{word}"' if " " in word else word for word in words)
    with open_archive(config) as archive:
        hits = archive.search(text, limit, matching=read_filter(wanted))
        marks = archive.marks([hit.run.run_id for hit in hits])
    if as_json:
        from cascadeflow.plain import to_plain

        echo_json([{**to_plain(hit.run), "excerpt": hit.excerpt} for hit in hits], pretty=True)
    elif hits:
        excerpts = {hit.run.run_id: hit.excerpt for hit in hits}
        click.echo(runs_table([hit.run for hit in hits], marks, excerpts))
    else:
        note("Nothing was found.")


@command.command("sessions")
@config_option
@_limit
@click.option("--tag", metavar="TAG", help="Only those with this tag.")
@json_option("As JSON; money in nano-USD.")
def sessions(config: Path | None, limit: int, tag: str | None, as_json: bool) -> None:
    """List conversations: pinned ones first, then the one used last. `ask --session ID` goes on with one."""
    with open_archive(config) as archive:
        found = archive.sessions(limit, tag=tag)
    if as_json:
        from cascadeflow.plain import to_plain

        echo_json([to_plain(session) for session in found], pretty=True)
    elif found:
        click.echo(sessions_table(found))
    else:
        note("No conversation is recorded; `cascadeflow ask --session NAME` begins one.")


@command.command("show")
@click.argument("run_id")
@config_option
@json_option("As JSON, with the plan and every call; money in nano-USD.")
def show(run_id: str, config: Path | None, as_json: bool) -> None:
    """Show one run: its plan, every call with its verdict, and the answer. The beginning of RUN_ID is enough."""
    with open_archive(config) as archive:
        run = archive.load(archive.find(run_id))
        marks = archive.marks([run.run_id]).get(run.run_id)
    if as_json:
        echo_json(run_data(run), pretty=True)
    else:
        click.echo(run_words(run, marks))


@command.command("delete")
@click.argument("run_id", required=False)
@click.option("--session", metavar="ID", help="Delete a whole conversation instead.")
@config_option
def delete(run_id: str | None, session: str | None, config: Path | None) -> None:
    """Delete one run, or one conversation with all its runs, for good. The beginning of RUN_ID is enough."""
    if (run_id is None) == (session is None):
        raise click.UsageError("What is to be deleted? Give a RUN_ID, or --session ID.")
    with open_archive(config) as archive:
        if session is not None:
            deleted = archive.delete_session(session)
            if not deleted:
                raise HistoryError(f"There is no conversation {session!r}. `cascadeflow history sessions` lists them.")
            note(f"Deleted: {session}, {deleted} run{'' if deleted == 1 else 's'}")
        else:
            whole = archive.find(run_id or "")
            archive.delete(whole)
            note(f"Deleted: {whole}")


for one in (rename, tag, pin, label, export):
    command.add_command(one)
