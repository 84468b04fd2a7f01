"""What command and console open: an agent with the user's own ledger, history and models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cascadeflow.schema import ModelConfig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cascadeflow.client import ModelClient
    from cascadeflow.config import Configuration
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.routing.domain_cascade import DomainCascadeStrategy

DEFAULT_PRESET = "production_ready"
REHEARSAL_NAMESPACE = "rehearsal"


def configuration_for(
    preset: str | None = None,
    config: str | Path | Configuration | None = None,
    *,
    history: bool = True,
    ledger: bool = True,
) -> Configuration:
    """The configuration that command and console use; the arguments are those of `open_agent`.

    Raises:
        UnknownPresetError: no preset has that name.
        ConfigError: the file cannot be used.
    """
    from cascadeflow.config import Configuration, load
    from cascadeflow.presets import preset_configuration

    if isinstance(config, Configuration):
        configuration = config
    elif config is not None:
        configuration = load(config)
    else:
        configuration = preset_configuration(preset or DEFAULT_PRESET)
    return with_defaults(configuration, history=history, ledger=ledger)


def open_agent(
    preset: str | None = None,
    *,
    config: str | Path | Configuration | None = None,
    rehearse: bool | None = None,
    client: ModelClient | None = None,
    history: bool = True,
    ledger: bool = True,
) -> CascadeAgent:
    """Build an agent the way command and console use it.

    Args:
        preset: name of a preset, built in or own; None: ``production_ready``, unless `config` is given.
        config: a configuration, or a file that holds one, instead of a preset.
        rehearse: let embedded models stand in for hosted ones; None: where no hosted model of
            the preset has a key.
        client: who answers; None: a child process with LiteLLM and the embedded models.
        history: record runs in the user's history, unless the configuration names its own.
        ledger: count spend in the user's ledger, unless the configuration names its own.

    Returns:
        The agent; close it with ``await agent.aclose()``.

    Raises:
        UnknownPresetError: no preset has that name.
        ConfigError: the file cannot be used.
    """
    configuration = configuration_for(preset, config, history=history, ledger=ledger)
    if client is None:
        from cascadeflow.integrations.host import HostClient

        client = HostClient()
    return _agent(configuration, client, rehearse)


def with_defaults(configuration: Configuration, *, history: bool = True, ledger: bool = True) -> Configuration:
    """A configuration as command and console use it: where it is silent, with the user's own ledger and history.

    Args:
        configuration: any; it stays as it is.
        history: record runs in the user's history, unless it names its own.
        ledger: count spend in the user's ledger, unless it names its own.
    """
    copy = configuration.model_copy(deep=True)
    if ledger and copy.ledger.kind == "memory" and "ledger" not in copy.model_fields_set:
        copy.ledger.kind = "sqlite"
    if history and copy.history.mode == "off" and "history" not in copy.model_fields_set:
        copy.history.mode = "full"
    return copy


def _agent(configuration: Configuration, client: ModelClient, rehearse: bool | None) -> CascadeAgent:
    from cascadeflow.catalog.embedded import EMBEDDED
    from cascadeflow.core.agent import CascadeAgent

    arguments: dict[str, Any] = configuration.to_agent_config()
    models: list[ModelConfig] = arguments["models"]
    if rehearse is None:
        rehearse = needs_rehearsal(models)
    if rehearse and any(model.provider != "local" for model in models):
        from cascadeflow.integrations.rehearsal import RehearsalClient, stand_ins

        client = RehearsalClient(client, stand_ins(models_named(configuration)))
        arguments["rehearsal"] = True
        if "cost_tracker" in arguments:
            arguments["cost_tracker"].namespace = REHEARSAL_NAMESPACE
    arguments["client"] = client
    names = {model.name for model in models}
    arguments["stand_by"] = [
        ModelConfig(item.name, "local", quality_score=item.quality_score)
        for item in sorted(EMBEDDED, key=lambda item: -item.quality_score)
        if item.name not in names
    ]
    return CascadeAgent(**arguments)


def use_own_steps(agent: CascadeAgent, *, on: bool) -> None:
    """Switch the cascades that domains have of their own on or off, from the next run on.

    Args:
        agent: in rehearsal, models that only those cascades name get their stand-ins.
        on: whether they are used; if not, every domain gets the standard cascade.
    """
    from cascadeflow.integrations.rehearsal import RehearsalClient, stand_ins

    agent.enable_multi_step_cascade = on
    if on and isinstance(agent.client, RehearsalClient):
        others = _only_in(agent.domain_strategies, agent.models)
        agent.client.stand_ins = stand_ins([*agent.models, *others]) | agent.client.stand_ins


def _only_in(strategies: Mapping[str, DomainCascadeStrategy], models: Sequence[ModelConfig]) -> list[ModelConfig]:
    """Models that only the strategies name, with the rank that a preset gives them where one does."""
    from cascadeflow.presets import PRESETS
    from cascadeflow.routing.strategy_plan import models_of

    ranked = {model.name: model for preset in PRESETS.values() for model in preset.models}
    configured = {model.name for model in models}
    found: dict[str, ModelConfig] = {}
    for strategy in strategies.values():
        found |= models_of(strategy, ranked.values())
    return [model for name, model in found.items() if name not in configured]


def models_named(configuration: Configuration) -> list[ModelConfig]:
    """The models of a configuration, then those that only its strategies name."""
    from cascadeflow.config.live import strategy_of
    from cascadeflow.routing.domain_cascade import DEFAULT_STRATEGIES

    if not configuration.routing.multi_step:
        return list(configuration.models)
    own = {domain: strategy_of(domain, section) for domain, section in configuration.strategies.items()}
    return [*configuration.models, *_only_in(own or DEFAULT_STRATEGIES, configuration.models)]


def needs_rehearsal(models: list[ModelConfig]) -> bool:
    """Whether no hosted model of the list can be called for want of a key."""
    from cascadeflow.catalog import missing_key

    hosted = [model for model in models if model.provider != "local"]
    return bool(hosted) and all(missing_key(model.provider, model.base_url) is not None for model in hosted)


def with_preset(agent: CascadeAgent, preset: str, *, rehearse: bool | None = None) -> CascadeAgent:
    """An agent of another preset that shares the client, ledger and history of this one.

    Args:
        agent: the agent in use; it stays as it is.
        preset: name of the other preset, built in or own.
        rehearse: as for `open_agent`; None: in rehearsal where this agent is, else where no key is found.

    Raises:
        UnknownPresetError: no preset has that name.
        ConfigError: the file of an own preset cannot be used.
    """
    from cascadeflow.presets import preset_configuration

    return with_configuration(agent, preset_configuration(preset), rehearse=rehearse)


def with_configuration(
    agent: CascadeAgent, configuration: Configuration, *, rehearse: bool | None = None
) -> CascadeAgent:
    """An agent of another configuration that shares the client of this one.

    Ledger and history are shared too, unless the configuration says something else of them.

    Args:
        agent: the agent in use; it stays as it is.
        configuration: of the other agent.
        rehearse: as for `open_agent`; None: in rehearsal where this agent is, else where no key is found.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    client = getattr(agent.client, "inner", agent.client)
    complete = with_defaults(configuration, history=False, ledger=agent.cost_tracker is None)
    other = _agent(complete, client, True if rehearse is None and agent.rehearsal else rehearse)
    said = configuration.model_fields_set
    if "history" not in said or _alike(other.archive, agent.archive):
        other.archive = agent.archive
    if other.cost_tracker is not None and agent.cost_tracker is not None:
        store = agent.cost_tracker.store
        if "ledger" not in said or _alike(other.cost_tracker.store, store):
            other.cost_tracker.store = store
    other.observers = list(agent.observers)
    return other


def _alike(one: object, other: object) -> bool:
    """Whether two ledgers, or two archives, keep the same in the same place."""
    from cascadeflow.config.schema import HistorySection, LedgerSection

    said = {*LedgerSection.model_fields, *HistorySection.model_fields}
    return type(one) is type(other) and all(getattr(one, name, None) == getattr(other, name, None) for name in said)
