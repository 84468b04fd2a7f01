"""``cascadeflow models``: the catalogue, and the embedded models and the sentence encoder on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from cascadeflow.cli.options import json_option
from cascadeflow.cli.output import echo_json, size, table
from cascadeflow.errors import ConfigError

if TYPE_CHECKING:
    from cascadeflow.catalog import CatalogEntry, StoredModel
    from cascadeflow.integrations.model_store import ModelStatus

_STATES = {"ready": "here", "damaged": "damaged, pull it again", "partial": "half fetched", "absent": "not fetched"}


@click.group("models", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List models with their prices, and fetch the embedded ones and the sentence encoder."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_models)


@command.command("list")
@click.option("--provider", metavar="NAME", help="Only this provider's; `local` for the embedded models.")
@json_option("As JSON; prices in nano-USD per 1,000,000 tokens.")
def list_models(provider: str | None, as_json: bool) -> None:
    """List the embedded models with their state here, and the catalogue with its prices."""
    from cascadeflow.catalog import EMBEDDED, ENCODER, entries, validate_provider

    wanted = validate_provider(provider) if provider else None
    hosted = [entry for entry in entries() if entry.provider != "local" and wanted in (None, entry.provider)]
    local = wanted in (None, "local")
    statuses = _statuses(EMBEDDED if local else ())
    encoders = _statuses((ENCODER,) if local else ())
    if as_json:
        echo_json(
            {
                "embedded": [_status_data(status) for status in statuses],
                "encoders": [_status_data(status) for status in encoders],
                "catalog": [_entry_data(entry) for entry in hosted],
            },
            pretty=True,
        )
        return
    tables = [_stored_table("embedded model", statuses)] if local else []
    if local:
        tables.append(_stored_table("sentence encoder", encoders))
    if hosted:
        tables.append(_catalog_table(hosted))
    click.echo("\n\n".join(tables))


@command.command("info")
@click.argument("name")
@json_option("As JSON; prices in nano-USD per 1,000,000 tokens.")
def info(name: str, as_json: bool) -> None:
    """Tell what is known of one model."""
    from cascadeflow.catalog import entries, resolve, stored_model

    stored = stored_model(name)
    if stored is not None:
        (status,) = _statuses((stored,))
        if as_json:
            data = {key: value for key, value in stored._asdict().items() if key != "bytes"}
            echo_json({**_status_data(status), **data}, pretty=True)
        else:
            click.echo(table(_stored_rows(stored, status)))
        return
    resolved = resolve(name)
    found = [entry for entry in entries() if entry.name == name]
    entry = found[0] if found else resolved.entry
    if entry is None:
        raise ConfigError(f"No model is called “{name}”. `cascadeflow models list` names those that are known.")
    if as_json:
        successor = resolved.entry.name if resolved.entry and resolved.entry is not entry else None
        echo_json({**_entry_data(entry), "answers": successor or entry.name, "reason": resolved.reason}, pretty=True)
        return
    click.echo(table([(entry.name, entry.provider), *_entry_rows(entry)]))
    if resolved.reason:
        click.echo(resolved.reason)


@command.command("pull")
@click.argument("names", nargs=-1)
@json_option("Progress as JSON lines; the last one of each model has the stage done or error.")
def pull(names: tuple[str, ...], as_json: bool) -> None:
    """Fetch embedded models, all three unless some are named; what is here is checked and mended.

    The sentence encoder comes only if it is named.
    """
    from cascadeflow.catalog import EMBEDDED
    from cascadeflow.cli.pulling import pull_all

    pull_all(names or [model.name for model in EMBEDDED], as_json=as_json)


def _statuses(models: Sequence[StoredModel]) -> list[ModelStatus]:
    from cascadeflow.integrations.model_store import ModelStore

    store = ModelStore()
    return [store.status(model.name) for model in models]


def _state_words(status: ModelStatus) -> str:
    if status.state == "partial":
        return f"half fetched ({size(status.have_bytes)} of {size(status.total_bytes)})"
    return _STATES[status.state]


def _status_data(status: ModelStatus) -> dict[str, Any]:
    from cascadeflow.plain import to_plain

    return {**to_plain(status), "path": str(status.path)}


def _stored_rows(model: StoredModel, status: ModelStatus) -> list[tuple[str, str]]:
    from cascadeflow.catalog import EmbeddedModel

    rows = [
        (model.name, "embedded model" if isinstance(model, EmbeddedModel) else "sentence encoder"),
        ("state", _state_words(status)),
        ("file", str(status.path)),
        ("licence", model.licence),
        ("context window", f"{model.context_window:,} tokens"),
    ]
    if isinstance(model, EmbeddedModel):
        rows.append(("speed", f"about {model.tokens_per_second:.0f} tokens a second on two cores"))
    return [
        *rows,
        ("from", f"{model.hub_repo}, {model.hub_file}"),
        ("or from", ", ".join(model.packages)),
        ("SHA-256", model.sha256),
    ]


def _stored_table(heading: str, statuses: Sequence[ModelStatus]) -> str:
    from cascadeflow.catalog import stored_model

    rows = [(heading, "size", "state", "context", "licence")]
    for status in statuses:
        model = stored_model(status.name)
        assert model is not None  # noqa: S101  # statuses are made from the list of them
        rows.append((model.name, size(model.bytes), _state_words(status), f"{model.context_window:,}", model.licence))
    return table(rows, right=(1, 3))


def _entry_data(entry: CatalogEntry) -> dict[str, Any]:
    from cascadeflow.plain import to_plain

    data: dict[str, Any] = to_plain(entry)
    return data


def _entry_rows(entry: CatalogEntry) -> list[tuple[str, str]]:
    from cascadeflow.money import format_usd

    price = entry.price
    rows = [
        ("asked as", entry.litellm_name),
        ("input", f"{format_usd(price.input if price else None)} per 1M tokens"),
        ("output", f"{format_usd(price.output if price else None)} per 1M tokens"),
        ("prices of", entry.price_date),
        ("context window", f"{entry.context_window:,} tokens" if entry.context_window else "unknown"),
        ("answer at most", f"{entry.max_output_tokens:,} tokens" if entry.max_output_tokens else "unknown"),
    ]
    if entry.retired:
        rows.append(("retires", entry.retired))
    if entry.successor:
        rows.append(("successor", entry.successor))
    return rows


def _catalog_table(hosted: Sequence[CatalogEntry]) -> str:
    from cascadeflow.money import format_usd

    rows = [("model", "provider", "in / 1M", "out / 1M", "context", "retires")]
    for entry in hosted:
        retired = entry.retired or ""
        if entry.successor:
            retired = f"{retired} → {entry.successor}".strip()
        rows.append(
            (
                entry.name,
                entry.provider,
                format_usd(entry.price.input if entry.price else None),
                format_usd(entry.price.output if entry.price else None),
                f"{entry.context_window:,}" if entry.context_window else "unknown",
                retired,
            )
        )
    return table(rows, right=(2, 3, 4))
