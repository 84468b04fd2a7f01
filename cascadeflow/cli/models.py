"""``cascadeflow models``: the catalogue, and the embedded models on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from cascadeflow.cli.options import json_option
from cascadeflow.cli.output import echo_json, size, table
from cascadeflow.errors import ConfigError

if TYPE_CHECKING:
    from cascadeflow.catalog import CatalogEntry
    from cascadeflow.integrations.model_store import ModelStatus

_STATES = {"ready": "here", "damaged": "damaged, pull it again", "partial": "half fetched", "absent": "not fetched"}


@click.group("models", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List models with their prices, and fetch the embedded ones."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_models)


@command.command("list")
@click.option("--provider", metavar="NAME", help="Only this provider's; `local` for the embedded models.")
@json_option("As JSON; prices in nano-USD per 1,000,000 tokens.")
def list_models(provider: str | None, as_json: bool) -> None:
    """List the embedded models with their state here, and the catalogue with its prices."""
    from cascadeflow.catalog import entries, validate_provider

    wanted = validate_provider(provider) if provider else None
    hosted = [entry for entry in entries() if entry.provider != "local" and wanted in (None, entry.provider)]
    statuses = _statuses() if wanted in (None, "local") else []
    if as_json:
        echo_json(
            {"embedded": [_status_data(status) for status in statuses], "catalog": [_entry_data(e) for e in hosted]},
            pretty=True,
        )
        return
    if statuses:
        click.echo(_embedded_table(statuses))
    if hosted:
        click.echo(("\n" if statuses else "") + _catalog_table(hosted))


@command.command("info")
@click.argument("name")
@json_option("As JSON; prices in nano-USD per 1,000,000 tokens.")
def info(name: str, as_json: bool) -> None:
    """Tell what is known of one model."""
    from cascadeflow.catalog import embedded_model, entries, resolve
    from cascadeflow.integrations.model_store import ModelStore

    embedded = embedded_model(name)
    if embedded is not None:
        status = ModelStore().status(embedded.name)
        data = {**_status_data(status), **{k: v for k, v in embedded._asdict().items() if k != "bytes"}}
        if as_json:
            echo_json(data, pretty=True)
            return
        rows = [
            ("state", _state_words(status)),
            ("file", str(status.path)),
            ("licence", embedded.licence),
            ("context window", f"{embedded.context_window:,} tokens"),
            ("speed", f"about {embedded.tokens_per_second:.0f} tokens a second on two cores"),
            ("from", f"{embedded.hub_repo}, {embedded.hub_file}"),
            ("or from", ", ".join(embedded.packages)),
            ("SHA-256", embedded.sha256),
        ]
        click.echo(table([(embedded.name, "embedded model"), *rows]))
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
    """Fetch embedded models, all three unless some are named; what is here is checked and mended."""
    from cascadeflow.catalog import EMBEDDED
    from cascadeflow.cli.pulling import pull_all

    pull_all(names or [model.name for model in EMBEDDED], as_json=as_json)


def _statuses() -> list[ModelStatus]:
    from cascadeflow.catalog import EMBEDDED
    from cascadeflow.integrations.model_store import ModelStore

    store = ModelStore()
    return [store.status(model.name) for model in EMBEDDED]


def _state_words(status: ModelStatus) -> str:
    if status.state == "partial":
        return f"half fetched ({size(status.have_bytes)} of {size(status.total_bytes)})"
    return _STATES[status.state]


def _status_data(status: ModelStatus) -> dict[str, Any]:
    from cascadeflow.plain import to_plain

    return {**to_plain(status), "path": str(status.path)}


def _embedded_table(statuses: Sequence[ModelStatus]) -> str:
    from cascadeflow.catalog import embedded_model

    rows = [("embedded model", "size", "state", "context", "licence")]
    for status in statuses:
        model = embedded_model(status.name)
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
