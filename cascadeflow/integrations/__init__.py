"""Who answers: hosted models, embedded models, recordings, any of them in a child process, rehearsal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cascadeflow.integrations.default import DefaultClient
    from cascadeflow.integrations.host import HostClient
    from cascadeflow.integrations.litellm import LiteLLMClient
    from cascadeflow.integrations.local import LocalClient
    from cascadeflow.integrations.model_store import ModelStore
    from cascadeflow.integrations.recorded import RecordedClient
    from cascadeflow.integrations.rehearsal import RehearsalClient, stand_ins

_HOMES = {
    "DefaultClient": "default",
    "HostClient": "host",
    "LiteLLMClient": "litellm",
    "LocalClient": "local",
    "ModelStore": "model_store",
    "RecordedClient": "recorded",
    "RehearsalClient": "rehearsal",
    "stand_ins": "rehearsal",
}

__all__ = [
    "DefaultClient",
    "HostClient",
    "LiteLLMClient",
    "LocalClient",
    "ModelStore",
    "RecordedClient",
    "RehearsalClient",
    "stand_ins",
]


def __getattr__(name: str) -> Any:
    """Each client is imported by those who use it."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{home}"), name)
