"""``cascadeflow whatif``: a question under every preset and tier, or one's history under other settings."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascadeflow.cli.history_options import filter_options, open_archive, read_filter
from cascadeflow.cli.options import check_settings, json_option, read_query
from cascadeflow.cli.output import echo_json, note

if TYPE_CHECKING:
    from cascadeflow.whatif import Comparer, Comparison, ReplaySettings

_KEYS = ("preset", "tier", "mode", "threshold", "budget", "price")


@click.command("whatif")
@click.argument("words", nargs=-1, metavar="[QUESTION]")
@click.option("--preset", metavar="NAME", help="Only this preset; with --history: plan every run by it.")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="A configuration file (TOML), beside the presets."
)
@click.option("--tier", metavar="NAME", help="Only this tier; with --history: the tier of every run, empty for none.")
@click.option("--user", metavar="ID", help="Whose budgets count.")
@click.option(
    "--rehearse/--no-rehearse", default=None,
    help="Let embedded models stand in for hosted ones.  [where no hosted model has a key]",
)  # fmt: skip
@click.option("--history", "history", is_flag=True, help="Not one question, but the recorded runs.")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help=f"What is changed: {', '.join(_KEYS)}.")
@click.option("--mode", metavar="NAME", help="The same as --set mode=NAME.")
@click.option("--threshold", metavar="NUMBER", help="The same as --set threshold=NUMBER.")
@click.option("--budget", metavar="USD", help="A day for each user; the same as --set budget=USD.")
@click.option(
    "--price", "prices", multiple=True, metavar="MODEL=IN,OUT",
    help="USD per 1M tokens; the same as --set price=MODEL=IN,OUT.",
)  # fmt: skip
@click.option("--against", multiple=True, metavar="KEY=VALUE", help="Compare with these settings, or with “recorded”.")
@click.option("--curve", is_flag=True, help="Also cost against quality over thresholds.")
@filter_options
@json_option("As one JSON object; money in nano-USD.")
def command(
    words: tuple[str, ...],
    preset: str | None,
    config: Path | None,
    tier: str | None,
    user: str | None,
    rehearse: bool | None,
    history: bool,
    pairs: tuple[str, ...],
    mode: str | None,
    threshold: str | None,
    budget: str | None,
    prices: tuple[str, ...],
    against: tuple[str, ...],
    curve: bool,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Show what a question, or your history, would do and cost under other settings. No model is asked.

    The question is the argument, or standard input. It is planned with every preset and tier, those included
    that do not fit, with the reason.

    With --history the recorded runs are replayed under the settings given: what is recorded counts as it
    was, everything else is estimated, marked ~, with its 95 % interval.
    """
    if history:
        if words:
            raise click.UsageError("--history replays the recorded runs; it takes no QUESTION.")
        given = {"preset": preset, "tier": tier, "mode": mode, "threshold": threshold, "budget": budget}
        flat = [f"{key}={value}" for key, value in given.items() if value is not None]
        flat += [*pairs, *(f"price={price}" for price in prices)]
        _history(flat, list(against), config, wanted, curve=curve, as_json=as_json)
        return
    check_settings(preset, config)
    if pairs or mode or threshold or budget or prices or against or curve:
        raise click.UsageError(
            "These settings are for --history; a question is planned with --preset, --tier and --config."
        )
    comparison = asyncio.run(_compare(read_query(words), preset, config, tier, user, wanted["domain"], rehearse))
    if as_json:
        from cascadeflow.cli.whatif_words import comparison_data

        echo_json(comparison_data(comparison), pretty=True)
    else:
        from cascadeflow.cli.whatif_words import comparison_words

        click.echo(comparison_words(comparison))


async def _compare(
    query: str,
    preset: str | None,
    config: Path | None,
    tier: str | None,
    user: str | None,
    domain: str | None,
    rehearse: bool | None,
) -> Comparison:
    """Plans with what is left of the user's budgets."""
    from cascadeflow import workspace
    from cascadeflow.presets import PRESETS
    from cascadeflow.whatif import Comparer

    first = workspace.open_agent(preset, config=config, rehearse=rehearse, history=False)
    try:
        agents = {config.name if config is not None else first.preset or "": first}
        if preset is None:
            for name in PRESETS:
                if name not in agents:
                    agents[name] = workspace.with_preset(first, name, rehearse=rehearse)
        comparer: Comparer = Comparer(agents, None if tier is None else [tier or None], domain=domain, user=user)
        await comparer.refresh()
        return comparer.compare(query)
    finally:
        await first.aclose()


def _history(
    pairs: list[str], against: list[str], config: Path | None, wanted: dict[str, Any], *, curve: bool, as_json: bool
) -> None:
    from cascadeflow.cli.whatif_words import replay_data, replay_words
    from cascadeflow.config import load
    from cascadeflow.whatif import Replayer
    from cascadeflow.whatif.command import RECORDED

    settings = read_settings(pairs, {} if config is None else {"preset": load(config)})
    other = None if not against else read_settings([pair for pair in against if pair != RECORDED])
    matching = read_filter(wanted)
    with open_archive(config) as archive:
        replayer = Replayer.of_archive(archive, matching)
        if not replayer.runs:
            note("No run matches that got as far as a plan.")
        results = [replayer.replay(one) for one in (settings, other) if one is not None]
        curves = [replayer.curve(settings)] if curve else []
        if as_json:
            echo_json(replay_data(results, curves), pretty=True)
            return
        recorded = replayer.replay()
        questions = {}
        for outcome in results[0].behind("changed")[:10]:
            questions[outcome.run_id] = archive.load(outcome.run_id).query
        columns = results if other is not None else [recorded, *results]
        click.echo(replay_words(columns, results[0], curves, questions))


def read_settings(pairs: list[str], given: dict[str, Any] | None = None) -> ReplaySettings:
    """Settings from ``KEY=VALUE``.

    Args:
        pairs: the pairs; the last one of a key holds, and prices add up.
        given: values that hold unless a pair says otherwise.

    Raises:
        ConfigError: a key or value cannot be used.
    """
    from cascadeflow.errors import ConfigError
    from cascadeflow.whatif import ReplaySettings

    values: dict[str, Any] = dict(given or {})
    prices: dict[str, tuple[float, float]] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if key not in _KEYS or not sign:
            raise ConfigError(f"{pair!r} is no setting; write KEY=VALUE with a KEY of {', '.join(_KEYS)}")
        if key == "price":
            model, _, amounts = value.rpartition("=")
            numbers = [_number(key, part) for part in amounts.split(",")]
            if not model or len(numbers) != 2:
                raise ConfigError(
                    f"{value!r} is no price; write MODEL=IN,OUT in USD per 1M tokens, such as gpt-4o=2.5,10"
                )
            prices[model] = (numbers[0], numbers[1])
        else:
            values[key] = _number(key, value) if key in ("threshold", "budget") else value
    return ReplaySettings(**values, prices=prices)


def _number(key: str, text: str) -> float:
    from cascadeflow.errors import ConfigError

    try:
        return float(text.removeprefix("$"))
    except ValueError:
        raise ConfigError(f"{text!r} is not a number", key=key) from None
