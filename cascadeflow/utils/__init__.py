"""Module paths of the v0.2.0 document that hand on to where things live; what v0.1.1 had here is named with its successor."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    from cascadeflow.removed import no_such_name

    raise no_such_name(__name__, name)
