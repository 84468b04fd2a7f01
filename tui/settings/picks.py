"""What a field offers to choose from: the catalogue's models with their prices, providers, validators, domains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.settings.summaries import NOTHING, price_words

if TYPE_CHECKING:
    from tui.settings.draft import Draft
    from tui.settings.shape import Path, Shape


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to choose.

    Attributes:
        value: what the field gets.
        label: what is shown, and searched.
        note: beside it.
        also: values for other fields of the same group.
    """

    value: Any
    label: str
    note: str = ""
    also: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a field offers.

    Attributes:
        picks: in order.
        free: whether any other text may be given too.
        legend: what the notes mean; empty: they say it.
        also: values for other fields that such a text brings along.
    """

    picks: Sequence[Pick]
    free: bool = False
    legend: str = ""
    also: Callable[[str], dict[str, Any]] = lambda _: {}


def offer_for(draft: Draft, path: Path) -> Offer | None:
    """What the field at a path offers; None: a value is typed.

    Args:
        draft: the values.
        path: of the field.
    """
    shape = draft.shape.at(path)
    nothing = [Pick(None, NOTHING, "leaves it empty")] if shape.optional else []
    if shape.kind == "choice":
        return Offer([*nothing, *(Pick(choice, choice) for choice in shape.choices)])
    source = _FIELDS.get(_place(draft, path))
    return None if source is None else _offer([*nothing, *source(draft)], source)


def is_picked(draft: Draft, path: Path) -> bool:
    """Whether the field at a path has something to choose from."""
    return _place(draft, path) in _FIELDS or draft.shape.at(path).kind == "choice"


def offer_for_new(draft: Draft, path: Path) -> Offer:
    """What can be added to the list or map at a path; where nothing is known of it, any name can be typed.

    Args:
        draft: the values.
        path: of the list or map.
    """
    shape = draft.shape.at(path)
    source = _ITEMS.get(shape.items.definition) or _FIELDS.get(_place(draft, path))
    if source is None:
        return Offer([], free=True)
    there = _names_there(draft, path, shape)
    picks = [pick for pick in source(draft) if pick.value not in there]
    return _offer(picks, source)


def _offer(picks: Sequence[Pick], source: _Source) -> Offer:
    if source in (_any_model, catalogue):
        return Offer(picks, free=True, legend="per 1M tokens in / out", also=_provider_of)
    return Offer(picks, free=True)


def new_item(draft: Draft, path: Path, pick: Pick) -> Any:
    """The item that a pick adds to the list or map at a path.

    Args:
        draft: the values.
        path: of the list or map.
        pick: what was chosen; of a map it is the key.
    """
    shape = draft.shape.at(path).items
    if shape.is_value:
        return pick.value
    item = shape.fresh()
    if shape.definition == "ModelConfig":
        return item | {"name": pick.value} | pick.also | _known(str(pick.value))
    if shape.definition == "StepSection":
        return item | {"model": pick.value} | pick.also
    if shape.definition == "TierSection":
        return item | {"allowed_models": [pick.value for pick in _models(draft)]}
    if shape.definition == "StrategySection":
        return _strategy(draft, str(pick.value), item)
    return item


def _names_there(draft: Draft, path: Path, shape: Shape) -> set[Any]:
    value = draft.value(path) or ()
    if shape.items.definition == "ModelConfig":
        return {model.get("name") for model in value}
    return set(value) if shape.kind == "map" or shape.items.is_value else set()


def _place(draft: Draft, path: Path) -> tuple[str, str]:
    """Definition and key of a field; an item of a list of values counts as the list."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return draft.shape.at(path[:-1]).definition, str(path[-1])


def catalogue(draft: Draft | None = None) -> list[Pick]:
    """Every model of the catalogue that still answers under its name, with its price, its end, and whether it can be asked."""
    from cascadeflow.catalog import entries, missing_key, resolve

    del draft
    found = []
    for entry in entries():
        if resolve(entry.name, entry.provider).entry != entry:
            continue
        end = f" · until {entry.retired}" if entry.retired else ""
        lacks = " · no key" if missing_key(entry.provider) else ""
        found.append(_model_pick(entry.name, entry.provider, lacks + end))
    return found


def _model_pick(name: str, provider: str, more: str = "", cost: Any = 0) -> Pick:
    label = f"{name:<26} {provider:<12}"
    return Pick(name, label, price_words(name, provider, cost) + more, {"provider": provider})


def _any_model(draft: Draft) -> list[Pick]:
    """The draft's own models, then the catalogue's."""
    own = _models(draft)
    names = {pick.value for pick in own}
    return [*own, *(pick for pick in catalogue() if pick.value not in names)]


def _models(draft: Draft) -> list[Pick]:
    return [
        _model_pick(str(model["name"]), str(model["provider"]), cost=model["cost"])
        for model in draft.data["models"]
    ]  # fmt: skip


def _provider_of(name: str) -> dict[str, Any]:
    """The provider of a model that the catalogue knows, even if it is retired."""
    from cascadeflow.catalog import lookup

    entry = lookup(name)
    return {} if entry is None else {"provider": entry.provider}


def _providers(draft: Draft) -> list[Pick]:
    from cascadeflow.catalog import SUPPORTED_PROVIDERS, provider_reason

    del draft
    return [Pick(name, name, provider_reason(name)) for name in (*SUPPORTED_PROVIDERS, "local")]


def _validators(draft: Draft) -> list[Pick]:
    from cascadeflow.quality.validators import validator_names

    del draft
    return [Pick(name, name) for name in validator_names()]


def _domains(draft: Draft) -> list[Pick]:
    from cascadeflow.routing.domain import DOMAINS

    del draft
    return [Pick(name, name) for name in DOMAINS]


def _model_domains(draft: Draft) -> list[Pick]:
    return [*_domains(draft), Pick("expert", "expert", "asked last only")]


def _tiers(draft: Draft) -> list[Pick]:
    from cascadeflow.routing.tier_routing import TIER_POLICIES_DEFAULT

    del draft
    return [Pick(name, name, "built in: changed from here on") for name in TIER_POLICIES_DEFAULT]


def _timezones(draft: Draft) -> list[Pick]:
    from zoneinfo import available_timezones

    del draft
    return [Pick("UTC", "UTC"), *(Pick(name, name) for name in sorted(available_timezones() - {"UTC"}))]


def _presets(draft: Draft) -> list[Pick]:
    from cascadeflow.presets import preset_names

    del draft
    return [Pick(name, name) for name in preset_names()]


def _known(name: str) -> dict[str, Any]:
    """Rank and domains that a preset, or the list of embedded models, gives a model."""
    from cascadeflow.catalog import embedded_model
    from cascadeflow.presets import PRESETS

    for preset in PRESETS.values():
        for model in preset.models:
            if model.name == name:
                return {"quality_score": model.quality_score, "domains": list(model.domains)}
    embedded = embedded_model(name)
    return {} if embedded is None else {"quality_score": embedded.quality_score}


def _strategy(draft: Draft, domain: str, item: dict[str, Any]) -> dict[str, Any]:
    """The built-in steps of a domain; of another one, the first and the last model."""
    from cascadeflow.config.live import strategy_section
    from cascadeflow.routing.domain_cascade import DEFAULT_STRATEGIES

    built_in = DEFAULT_STRATEGIES.get(domain)
    if built_in is not None:
        return strategy_section(built_in).model_dump(mode="json")
    models = draft.data["models"]
    ends = (models[0], models[-1]) if models else ()
    steps = [
        step | {"model": model["name"], "provider": model["provider"]}
        for step, model in zip(item["steps"], ends, strict=False)
    ]  # fmt: skip
    return item | {"steps": steps or item["steps"]}


_Source = Callable[["Draft"], Iterable[Pick]]
_FIELDS: dict[tuple[str, str], _Source] = {
    ("ModelConfig", "name"): _any_model,
    ("ModelConfig", "provider"): _providers,
    ("ModelConfig", "domains"): _model_domains,
    ("StepSection", "model"): _any_model,
    ("StepSection", "provider"): _providers,
    ("StepSection", "fallback_model"): _any_model,
    ("StepSection", "validation"): _validators,
    ("TierSection", "allowed_models"): _any_model,
    ("BudgetConfig", "timezone"): _timezones,
    ("Configuration", "based_on"): _presets,
}
"""Definition and key → what such a field offers. A field that is not named here is typed."""
_ITEMS: dict[str, _Source] = {
    "ModelConfig": catalogue,
    "StepSection": _any_model,
    "StrategySection": _domains,
    "TierSection": _tiers,
}
"""Definition of an item → what can be added."""
