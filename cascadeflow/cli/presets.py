"""``cascadeflow presets``: which presets there are, and what one of them holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cascadeflow.cli.options import json_option

if TYPE_CHECKING:
    from cascadeflow.presets import CascadePreset


@click.command("presets")
@click.argument("name", required=False)
@json_option("As JSON; budgets in USD.")
def command(name: str | None, as_json: bool) -> None:
    """List the presets, or describe one."""
    from cascadeflow.cli.output import echo_json, table
    from cascadeflow.presets import PRESETS, get_preset

    if name is not None:
        preset = get_preset(name)
        if as_json:
            echo_json(preset_data(preset), pretty=True)
        else:
            click.echo(preset_words(preset))
    elif as_json:
        echo_json([preset_data(preset) for preset in PRESETS.values()], pretty=True)
    else:
        rows = [("preset", "models", "a day", "checks", "what for")]
        for preset in PRESETS.values():
            daily = preset.default_budget_daily
            budget = "no limit" if daily is None else f"${daily:.2f}"
            rows.append(
                (preset.name, str(len(preset.models)), budget, preset.quality_validation_mode, preset.description)
            )
        click.echo(table(rows, right=(1, 2)))


def preset_data(preset: CascadePreset) -> dict[str, Any]:
    """A preset as JSON data: its configuration."""
    from cascadeflow.config import Configuration, to_data

    return to_data(Configuration.of_preset(preset))


def preset_words(preset: CascadePreset) -> str:
    """A preset with its models, their prices and successors, and its budgets."""
    from cascadeflow.catalog import missing_key, resolve
    from cascadeflow.cli.output import table
    from cascadeflow.cli.words import model_words
    from cascadeflow.money import format_usd

    daily = preset.default_budget_daily
    lines = [
        f"{preset.name}: {preset.description}",
        "",
        f"budget    {'none' if daily is None else f'${daily:.2f} a day for each user'}",
        f"checks    {preset.quality_validation_mode}",
        f"routing   {'by domain' if preset.enable_domain_routing else 'by price'}",
    ]
    if preset.enable_user_tiers and preset.tier_budgets:
        budgets = ", ".join(f"{tier} ${budget.daily or 0:.2f}" for tier, budget in preset.tier_budgets.items())
        lines.append(f"tiers     a day for each user: {budgets}")
    if preset.enable_multi_step_cascade:
        for domain, strategy in (preset.domain_strategies or {}).items():
            steps = " → ".join(f"{step.model} ({step.validation or 'gate'})" for step in strategy.steps)
            lines.append(f"steps     {domain}: {steps}")
    rows = [("model", "provider", "in / 1M", "out / 1M", "quality", "domains", "lacks")]
    reasons = []
    for model in preset.models:
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
