"""From what users name, such as a preset, to an agent that plans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cascadeflow.presets import PRESETS, CascadePreset

if TYPE_CHECKING:
    from cascadeflow.client import ModelClient
    from cascadeflow.config import Configuration
    from cascadeflow.core.agent import CascadeAgent


def agent_of(
    candidate: str | CascadePreset | Configuration,
    *,
    rehearse: bool | None = None,
    client: ModelClient | None = None,
) -> CascadeAgent:
    """An agent that plans as the candidate would; it neither records nor counts anything.

    Args:
        candidate: name of a preset, a preset, or a configuration.
        rehearse: let embedded models stand in; None: where no hosted model has a key.
        client: who would answer; None: the usual one.

    Raises:
        UnknownPresetError: no preset has that name.
    """
    from cascadeflow.config import Configuration
    from cascadeflow.workspace import open_agent

    given: dict[str, Any] = {"rehearse": rehearse, "client": client, "history": False, "ledger": False}
    if isinstance(candidate, str):
        return open_agent(candidate, **given)
    if isinstance(candidate, CascadePreset):
        return open_agent(config=Configuration.of_preset(candidate), **given)
    plain = candidate.model_copy(deep=True)
    plain.ledger, plain.history = type(plain.ledger)(), type(plain.history)()
    return open_agent(config=plain, **given)


def named_agents(
    candidates: Sequence[str | CascadePreset | Configuration] | None,
    *,
    rehearse: bool | None = None,
    client: ModelClient | None = None,
) -> dict[str, CascadeAgent]:
    """Agents by the names their rows bear.

    Args:
        candidates: what is compared; None: every built-in preset.
        rehearse: as for `agent_of`.
        client: as for `agent_of`.

    Raises:
        UnknownPresetError: no preset has a name that was given.
    """
    wanted = list(PRESETS) if candidates is None else candidates
    agents = [agent_of(candidate, rehearse=rehearse, client=client) for candidate in wanted]
    return {agent.preset or f"settings {number}": agent for number, agent in enumerate(agents, 1)}
