"""What the doctor says of the models that a configuration names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cascadeflow.cli.finding import Finding

if TYPE_CHECKING:
    from cascadeflow.config import Configuration
    from cascadeflow.schema import LeftOut, ModelConfig


def configured_models(configuration: Configuration) -> tuple[list[Finding], bool]:
    """Each model of a configuration, those of its strategies included.

    Args:
        configuration: what the user named.

    Returns:
        What was found, and whether one of them can be asked.
    """
    from cascadeflow.integrations.default import unavailable
    from cascadeflow.workspace import models_named, needs_rehearsal

    models = models_named(configuration)
    lacks = {model.name: unavailable(model) for model in models}
    answering = None in lacks.values()
    needed = not answering and not needs_rehearsal(configuration.models)
    return [_finding(model, lacks[model.name], needed=needed) for model in models], answering


def _finding(model: ModelConfig, lack: LeftOut | None, *, needed: bool) -> Finding:
    from cascadeflow.catalog import resolve
    from cascadeflow.catalog.pricing import price_for

    what = f"configured: {model.name}"
    if lack is not None:
        fix = "give it what it lacks, or leave it out of the configuration"
        return Finding(what, "broken" if needed else "note", lack.reason, fix)
    found = "; ".join(part for part in (model.provider, resolve(model.name, model.provider).reason) if part)
    if price_for(model) is None:
        fix = "give it a `cost` in USD per 1,000 tokens"
        return Finding(what, "note", f"{found}; nobody knows its price, so a budget refuses it", fix)
    return Finding(what, "ok", found)
