"""Values and groups of values in a few words, for the line they stand on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line
from tui.words import counted

if TYPE_CHECKING:
    from tui.settings.shape import Shape

NOTHING = "none"


def told(shape: Shape, value: Any) -> str:
    """A value, or a group of values, in a few words, safe to draw.

    Args:
        shape: of the place.
        value: what stands there, allowed or not.
    """
    if value is None:
        return NOTHING
    if shape.kind == "section" and isinstance(value, dict):
        return one_line(_GROUPS.get(shape.definition, _no_words)(value))
    if isinstance(value, (list, dict)):
        if shape.items.is_value:
            return one_line(", ".join(map(str, value))) or NOTHING
        return str(len(value)) if value else NOTHING
    if isinstance(value, bool):
        return "on" if value else "off"
    return one_line(typed(value)) or "empty"


def typed(value: Any) -> str:
    """A value as a person types it; `parsed` is the other way.

    Example:
        >>> typed(1.0), typed(0.25), typed(None)
        ('1', '0.25', '')
    """
    if value is None:
        return ""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def parsed(shape: Shape, text: str) -> Any:
    """What a typed text means where it stands; a text that means nothing there comes back as it is.

    Args:
        shape: of the place.
        text: as typed.
    """
    plain = text.strip()
    if not plain and shape.optional:
        return None
    try:
        if shape.kind == "integer":
            return int(plain)
        if shape.kind == "number":
            return float(plain)
    except ValueError:
        return plain
    return text if shape.kind == "text" else plain


def price_words(name: str, provider: str, cost: Any = 0) -> str:
    """What a million of a model's tokens cost, in / out.

    Args:
        name: as configured.
        provider: as configured.
        cost: configured USD per 1,000 tokens, for a model whose price nobody knows.
    """
    from cascadeflow.catalog.pricing import price_for
    from cascadeflow.schema import ModelConfig

    price = None
    if name and provider:
        usable = cost if isinstance(cost, (int, float)) and 0 <= cost < 1e6 else 0
        price = price_for(ModelConfig(name, provider, cost=usable))
    if price is None:
        return "price unknown"
    return "free" if price.is_free else f"{format_usd(price.input)} / {format_usd(price.output)}"


def _model(value: dict[str, Any]) -> str:
    name, provider = str(value.get("name") or ""), str(value.get("provider") or "")
    quality = value.get("quality_score")
    return f"{price_words(name, provider, value.get('cost'))} · {provider} · quality {quality}"


def _step(value: dict[str, Any]) -> str:
    parts = [str(value.get("role")), "always" if value.get("run") == "always" else "if needed"]
    return " · ".join([*parts, str(value.get("validation") or "gate")])


def _strategy(value: dict[str, Any]) -> str:
    steps = value.get("steps")
    return " → ".join(str(step.get("model") or "?") for step in steps) if isinstance(steps, list) else ""


def _tier(value: dict[str, Any]) -> str:
    models, most, budget = value.get("allowed_models"), value.get("max_cost_per_query"), value.get("budget")
    parts = ["models as built in" if models is None else counted(len(models), "model")]
    parts += [] if most is None else [f"${typed(most)} a query"]
    return " · ".join([*parts, *([_budget(budget)] if isinstance(budget, dict) else [])])


def _budget(value: dict[str, Any]) -> str:
    limits = [
        f"${typed(limit)} {period}" for period, limit in value.items() if limit is not None and period != "timezone"
    ]  # fmt: skip
    return ", ".join(limits) or "no limit"


def _no_words(value: dict[str, Any]) -> str:
    del value
    return ""


_GROUPS: dict[str, Callable[[dict[str, Any]], str]] = {
    "BudgetConfig": _budget,
    "ModelConfig": _model,
    "StepSection": _step,
    "StrategySection": _strategy,
    "TierSection": _tier,
}
"""Definition of the schema → its summary."""
