"""``cascadeflow history``: the runs recorded on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascadeflow.cli.options import config_option, json_option
from cascadeflow.cli.output import echo_json, note, table
from cascadeflow.errors import HistoryError
from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line, visible

if TYPE_CHECKING:
    from cascadeflow.history import RunArchive, RunSummary, StoredRun

_SEARCHED = 10_000
"""Runs among which a shortened identifier is looked up."""


@click.group("history", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List, show and delete recorded runs."""
    given = ctx.default_map
    ctx.default_map = dict.fromkeys(("list", "show", "delete"), given)
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_runs, config=(given or {}).get("config"))


@command.command("list")
@config_option
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="So many, the latest first.")
@click.option("--session", metavar="ID", help="Only those of one conversation.")
@json_option("As JSON; money in nano-USD.")
def list_runs(config: Path | None, limit: int, session: str | None, as_json: bool) -> None:
    """List runs, the latest first."""
    with _archive(config) as archive:
        runs = archive.runs(limit, session=session)
    if as_json:
        from cascadeflow.plain import to_plain

        echo_json([to_plain(run) for run in runs], pretty=True)
    elif runs:
        click.echo(_runs_table(runs))
    else:
        note("No runs are recorded.")


@command.command("show")
@click.argument("run_id")
@config_option
@json_option("As JSON, with the plan and every call; money in nano-USD.")
def show(run_id: str, config: Path | None, as_json: bool) -> None:
    """Show one run: its plan, every call with its verdict, and the answer. The beginning of RUN_ID is enough."""
    with _archive(config) as archive:
        run = archive.load(_whole_id(archive, run_id))
    if as_json:
        echo_json(run_data(run), pretty=True)
    else:
        click.echo(run_words(run))


@command.command("delete")
@click.argument("run_id")
@config_option
def delete(run_id: str, config: Path | None) -> None:
    """Delete one run for good. The beginning of RUN_ID is enough."""
    with _archive(config) as archive:
        whole = _whole_id(archive, run_id)
        archive.delete(whole)
    note(f"Deleted: {whole}")


@contextmanager
def _archive(config: Path | None) -> Iterator[RunArchive]:
    from cascadeflow.history import RunArchive
    from cascadeflow.paths import history_path
    from cascadeflow.workspace import configuration_for

    section = None if config is None else configuration_for(config=config).history
    if section is not None and section.mode == "off":
        note(f'{config} says [history] mode = "off": its runs are not recorded.')
    archive = RunArchive(Path((section and section.path) or history_path()).expanduser())
    try:
        yield archive
    finally:
        archive.close()


def _whole_id(archive: RunArchive, beginning: str) -> str:
    found = [run.run_id for run in archive.runs(_SEARCHED) if run.run_id.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise HistoryError(f"No run begins with “{beginning}”. `cascadeflow history` lists them.")
    raise HistoryError(
        f"{len(found)} runs begin with “{beginning}”; give more of the identifier: {', '.join(found[:5])}"
    )


def run_data(run: StoredRun) -> dict[str, Any]:
    """A stored run as JSON data; its further events in the form of ``ask --json``."""
    from cascadeflow.events import event_to_dict
    from cascadeflow.plain import to_plain

    return {**to_plain(run), "events": [event_to_dict(event) for event in run.events]}


def _runs_table(runs: Sequence[RunSummary]) -> str:
    rows = [("run", "when", "preset", "model", "calls", "cost", "outcome", "question")]
    for run in runs:
        outcome: str = run.status
        if run.status == "finished":
            outcome = "accepted" if run.validated else "not validated"
        rows.append(
            (
                run.run_id[:8],
                _when(run.started),
                one_line(run.preset or ""),
                one_line(run.model_used),
                str(run.calls),
                _cost(run),
                outcome + (" (rehearsal)" if run.rehearsal else ""),
                one_line(run.query, 50),
            )
        )
    return table(rows, right=(4, 5))


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def _cost(run: RunSummary) -> str:
    return format_usd(run.cost_nanousd) + ("" if run.cost_known else " at least")


def run_words(run: StoredRun) -> str:
    """A stored run for people."""
    from cascadeflow.cli.words import event_words, model_words, verdict_words

    head = [
        ("run", run.run_id),
        ("when", _when(run.started)),
        ("preset", one_line(run.preset or "none") + (", rehearsal" if run.rehearsal else "")),
        ("understood", f"{one_line(run.domain)}, {run.complexity}" if run.domain else "not that far"),
        ("outcome", run.status),
        ("cost", f"{_cost(run)}, {run.latency_ms / 1000:.1f} s"),
    ]
    if run.session:
        head.insert(1, ("session", one_line(run.session)))
    lines = [table(head), "", visible(run.query), ""]
    for call in run.trace:
        name = model_words(call.model, call.resolved_model)
        tokens = call.usage.completion_tokens
        lines.append(f"{call.step + 1}. {name}: {call.outcome}, {tokens} tokens, {format_usd(call.cost_nanousd)}")
        if call.verdict is not None:
            lines.append(f"   {verdict_words(call.verdict)}")
        if call.error:
            lines.append(f"   {one_line(call.error)}")
    lines += [f"   {words}" for event in run.events if (words := event_words(event))]
    if run.answer:
        lines += ["", visible(run.answer)]
    if run.message:
        lines += ["", f"{run.error}: {visible(run.message)}"]
    return "\n".join(lines)
