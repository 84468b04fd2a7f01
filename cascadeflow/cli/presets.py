"""``cascadeflow presets``: which presets there are, and what one of them holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cascadeflow.cli.options import json_option

if TYPE_CHECKING:
    from cascadeflow.config import Configuration


@click.command("presets")
@click.argument("name", required=False)
@json_option("As JSON; budgets in USD.")
def command(name: str | None, as_json: bool) -> None:
    """List the presets, your own included, or describe one."""
    from cascadeflow.cli.output import echo_json, note, table
    from cascadeflow.config import to_data
    from cascadeflow.errors import ConfigError
    from cascadeflow.presets import PRESETS, preset_configuration, preset_names
    from cascadeflow.sanitise import one_line, visible

    if name is not None:
        configuration = preset_configuration(name)
        if as_json:
            echo_json(to_data(configuration), pretty=True)
        else:
            click.echo(visible(preset_words(configuration)))
        return
    found: list[Configuration] = []
    for preset in preset_names():
        try:
            found.append(preset_configuration(preset))
        except ConfigError as error:
            note(f"{preset} cannot be used: {error}")
    if as_json:
        echo_json([to_data(configuration) for configuration in found], pretty=True)
        return
    rows = [("preset", "models", "a day", "checks", "what for")]
    for item in found:
        words = [] if item.name in PRESETS else ["your own"]
        words += [one_line(item.description)] if item.description else []
        rows.append((item.name, str(len(item.models)), _daily(item), item.quality.mode, ": ".join(words)))
    click.echo(table(rows, right=(1, 2)))


def _daily(configuration: Configuration) -> str:
    user = configuration.budget.user
    return "no limit" if user is None or user.daily is None else f"${user.daily:.2f}"


def preset_words(configuration: Configuration) -> str:
    """A preset with its models, their prices and successors, and its budgets."""
    from cascadeflow.catalog import missing_key, resolve
    from cascadeflow.cli.output import table
    from cascadeflow.cli.words import model_words
    from cascadeflow.money import format_usd

    daily = _daily(configuration)
    lines = [
        f"{configuration.name}: {configuration.description}",
        "",
        f"budget    {'none' if daily == 'no limit' else f'{daily} a day for each user'}",
        f"checks    {configuration.quality.mode}",
        f"routing   {'by domain' if configuration.routing.by_domain else 'by price'}",
    ]
    budgets = {name: tier.budget for name, tier in configuration.tiers.items() if tier.budget is not None}
    if budgets:
        told = ", ".join(f"{tier} ${budget.daily or 0:.2f}" for tier, budget in budgets.items())
        lines.append(f"tiers     a day for each user: {told}")
    if configuration.routing.multi_step:
        for domain, strategy in configuration.strategies.items():
            steps = " → ".join(f"{step.model} ({step.validation or 'gate'})" for step in strategy.steps)
            lines.append(f"steps     {domain}: {steps}")
    rows = [("model", "provider", "in / 1M", "out / 1M", "quality", "domains", "lacks")]
    reasons = []
    for model in configuration.models:
        resolved = resolve(model.name, model.provider)
        price = resolved.entry.price if resolved.entry else None
        rows.append(
            (
                model_words(model.name, resolved.entry.name if resolved.entry else model.name),
                model.provider,
                format_usd(price.input if price else None),
                format_usd(price.output if price else None),
                f"{model.quality_score:.2f}",
                ", ".join(model.domains),
                missing_key(model.provider, model.base_url) or "",
            )
        )
        if resolved.reason:
            reasons.append(f"{model.name}: {resolved.reason}")
    return "\n".join([*lines, "", table(rows, right=(2, 3, 4)), *reasons])
