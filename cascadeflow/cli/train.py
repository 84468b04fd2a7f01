"""``cascadeflow train``: a gate of one's own from labelled answers."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("train")
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to save the gate.  [gate.json, beside the configuration where --config is given]",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A configuration (TOML) to write `[gate] file` into.",
)
@click.option("--json", "as_json", is_flag=True, help="The comparison as JSON.")
def command(data: tuple[Path, ...], output: Path | None, config: Path | None, as_json: bool) -> None:
    """Fit the gate to your own labelled answers (DATA: .jsonl or .jsonl.gz files, or folders of them).

    It is saved only if it tells right from wrong better than the gate that is shipped, on questions it has not
    seen; otherwise this exits with 1 and saves nothing.
    """
    from cascadeflow.cli.output import echo_json, note
    from cascadeflow.config import dump, load
    from cascadeflow.plain import to_plain
    from cascadeflow.training.own import train
    from cascadeflow.training.rows import read_answers

    configuration = load(config) if config else None
    trained = train(read_answers(data))
    found = trained.comparison
    if as_json:
        echo_json({**to_plain(found), "saved": found.better, "known": trained.known}, pretty=True)
    else:
        click.echo(
            f"{found.answers} answers to {found.questions} questions, each scored by a gate that has not seen its question"
        )
        if trained.known:
            click.echo(f"left out: {trained.known} answers that the shipped gate was fitted on")
        click.echo(f"AUROC           {found.auroc:.3f}   shipped gate {found.auroc_before:.3f}")
        click.echo(f"log-likelihood  {found.gain:+.4f} per answer, 95 % interval {found.low:+.4f} to {found.high:+.4f}")
    if not found.better:
        note("Not saved: it is no better than the gate that is shipped. More labelled answers may change that.")
        raise click.exceptions.Exit(1)
    place = output or (config.parent if config else Path()) / "gate.json"
    _save(trained.data, place)
    note(f"Saved: {place}")
    if config and configuration:
        configuration.gate.file = str(place.resolve())
        dump(configuration, config)
        note(f"Written: [gate] file in {config}")
    else:
        note(f'To use it, write into your configuration: [gate] file = "{place}"')


def _save(data: dict[str, object], place: Path) -> None:
    import json

    from cascadeflow.config import write_atomically
    from cascadeflow.errors import ConfigError

    try:
        write_atomically(place, json.dumps(data, separators=(",", ":")) + "\n")
    except OSError as error:
        raise ConfigError(f"cannot write it: {error.strerror or error}", file=str(place)) from None
