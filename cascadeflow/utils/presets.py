"""The module in which v0.1.1 kept its presets; it only tells what took their place."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    from cascadeflow.removed import no_such_name

    raise no_such_name(__name__, name)
