"""Subcommands of ``cascadeflow history`` that note something: titles, tags, pins, right and wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cascadeflow.cli.history_options import open_archive
from cascadeflow.cli.options import config_option
from cascadeflow.cli.output import note
from cascadeflow.errors import HistoryError

if TYPE_CHECKING:
    from cascadeflow.history import StoredRun

_LABELS = {"right": True, "wrong": False, "none": None}


def _no_session(session: str) -> HistoryError:
    return HistoryError(f"There is no conversation {session!r}. `cascadeflow history sessions` lists them.")


@click.command("rename")
@click.argument("session")
@click.argument("title", nargs=-1, required=True)
@config_option
def rename(session: str, title: tuple[str, ...], config: Path | None) -> None:
    """Give a conversation a title."""
    with open_archive(config) as archive:
        if not archive.rename_session(session, " ".join(title)):
            raise _no_session(session)


@click.command("tag")
@click.argument("target")
@click.argument("tags", nargs=-1, required=True)
@click.option("--remove", is_flag=True, help="Take the tags off instead.")
@config_option
def tag(target: str, tags: tuple[str, ...], remove: bool, config: Path | None) -> None:
    """Tag a conversation, or a run. TARGET is the ID of a conversation, or the beginning of a run's."""
    with open_archive(config) as archive:
        session = archive.count(target) > 0
        whole = target if session else archive.find(target)
        if not remove:
            (archive.tag_session if session else archive.tag_run)(whole, *tags)
        elif not (archive.untag_session if session else archive.untag_run)(whole, *tags):
            note("It had none of these tags.")


@click.command("pin")
@click.argument("session")
@click.option("--off", is_flag=True, help="Unpin it instead.")
@config_option
def pin(session: str, off: bool, config: Path | None) -> None:
    """Pin a conversation: it stands first, and is kept whatever its age."""
    with open_archive(config) as archive:
        if not archive.pin_session(session, pinned=not off):
            raise _no_session(session)


@click.command("label")
@click.argument("run_id")
@click.argument("label", type=click.Choice(list(_LABELS)), metavar="right|wrong|none")
@click.option(
    "--model", metavar="NAME", help="Mark the answer of this model, such as a draft's.  [the answer that stands]"
)
@config_option
def label(run_id: str, label: str, model: str | None, config: Path | None) -> None:
    """Mark an answer as right or wrong, or take the mark away. The beginning of RUN_ID is enough.

    Marked answers can be exported to evaluate and calibrate the gate with (`history export --format jsonl`).
    """
    with open_archive(config) as archive:
        run = archive.load(archive.find(run_id))
        archive.label(run.run_id, _LABELS[label], position=None if model is None else _position(run, model))


def _position(run: StoredRun, model: str) -> int:
    """Where in the trace the last answer of a model stands."""
    found = [position for position, call in enumerate(run.trace) if call.model == model and not call.error]
    if not found:
        asked = ", ".join(dict.fromkeys(call.model for call in run.trace if not call.error))
        raise HistoryError(f"{model} did not answer in run {run.run_id[:8]}; those that did: {asked or 'none'}")
    return found[-1]
