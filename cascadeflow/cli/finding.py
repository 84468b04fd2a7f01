"""`Finding`: one thing that the doctor looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        what: the thing.
        state: ``ok``; ``note`` where something could be better; ``broken`` where something needed is.
        found: what was found.
        fix: what to do; empty if nothing.
    """

    what: str
    state: State
    found: str
    fix: str = ""
