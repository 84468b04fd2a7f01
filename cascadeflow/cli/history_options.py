"""Options of the commands that read the history: which file, and which of its runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from cascadeflow.cli.output import note

if TYPE_CHECKING:
    from cascadeflow.history import RunArchive, RunFilter

F = TypeVar("F", bound=Callable[..., Any])

VERDICTS: Final[dict[str, dict[str, Any]]] = {
    "accepted": {"status": "finished", "validated": True},
    "not-validated": {"status": "finished", "validated": False},
    "finished": {"status": "finished"},
    "failed": {"status": "failed"},
    "cancelled": {"status": "cancelled"},
}
"""What came of a run, as users name it, and as the archive does."""


def _since(text: str) -> float:
    """The beginning of a day, or a minute, in seconds since the epoch."""
    return _instant(text)[0]


def _until(text: str) -> float:
    """The end of a day, or a minute, in seconds since the epoch."""
    return _instant(text)[1]


def _instant(text: str) -> tuple[float, float]:
    """When a day begins and ends, in the local time zone; of a minute its beginning twice."""
    for form, length in (("%Y-%m-%d", timedelta(days=1)), ("%Y-%m-%dT%H:%M", timedelta())):
        try:
            begin = datetime.strptime(text, form)  # noqa: DTZ007  # the local time zone is meant
        except ValueError:
            continue
        return begin.astimezone().timestamp(), (begin + length).astimezone().timestamp()
    raise click.BadParameter(f"{text!r} is neither a day such as 2026-11-24 nor a minute such as 2026-11-24T09:40")


def _nanousd(text: str) -> int:
    """USD as nano-USD."""
    from cascadeflow.money import parse_usd

    try:
        return parse_usd(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def filter_options(function: F) -> F:
    """Which runs are meant; `read_filter` takes what is given."""
    options = (
        click.option("--session", metavar="ID", help="Only those of one conversation."),
        click.option("--since", type=_since, metavar="DATE", help="From this day, or minute, on."),
        click.option("--until", type=_until, metavar="DATE", help="Up to this day and with it, or up to this minute."),
        click.option("--domain", metavar="NAME", help="Only questions of this domain."),
        click.option("--model", metavar="NAME", help="Only those in which this model was asked."),
        click.option("--made-with", metavar="NAME", help="Only those made with this preset."),
        click.option("--tag", metavar="TAG", help="Only those with this tag, or whose conversation has it."),
        click.option("--verdict", type=click.Choice(list(VERDICTS)), help="Only those of which this came."),
        click.option("--cost-from", type=_nanousd, metavar="USD", help="Only those that cost at least that."),
        click.option("--cost-to", type=_nanousd, metavar="USD", help="Only those that cost at most that."),
        click.option("--labelled/--unlabelled", default=None, help="Only those with, or without, a marked answer."),
        click.option("--rehearsed/--real", "rehearsal", default=None, help="Only rehearsals, or only real runs."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def read_filter(given: dict[str, Any]) -> RunFilter:
    """The filter that options of `filter_options` make.

    Args:
        given: their values; other entries are left alone.
    """
    from cascadeflow.history import RunFilter

    verdict = given.get("verdict")
    names = ("session", "since", "until", "domain", "model", "tag", "cost_from", "cost_to", "labelled", "rehearsal")
    return RunFilter(
        preset=given.get("made_with"),
        **{name: given[name] for name in names if given.get(name) is not None},
        **(VERDICTS[verdict] if verdict is not None else {}),
    )


@contextmanager
def open_archive(config: Path | None = None) -> Iterator[RunArchive]:
    """The user's history, or that of a configuration file."""
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
