"""When the main screen draws: often enough to be live, seldom enough that keys are never late."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual.widget import Widget

DRAW_GAP = 0.08
"""Seconds between two drawings of a stream, at least."""
_DRAWING_SHARE = 3
"""Where a drawing takes long, the rest after it takes so many times as long."""
_PANES_GAP = 0.25
"""Seconds between two drawings of the panes beside it while only tokens come: each moves the whole screen."""
_TICK = 0.25
"""Seconds between two drawings while only time moves on: how long a call takes, and a draft that is about to fold."""


class Draw(Protocol):
    """Draws, and tells whether time alone will change what was drawn."""

    def __call__(self, *, panes: bool) -> bool:
        """Draw the conversation, and the panes beside it too where told so."""
        ...


class Pace:
    """Joins many changes to one drawing.

    Args:
        widget: whose timers are used.
        draw: draws.
    """

    def __init__(self, widget: Widget, draw: Draw) -> None:
        self._widget, self._draw = widget, draw
        self._due = self._panes_due = False
        self._rest_until = self._panes_drawn = 0.0

    def draw_soon(self, *, panes: bool = False) -> None:
        """Draw once for everything that changes until then.

        Args:
            panes: whether more than the streaming text has changed.
        """
        self._panes_due = self._panes_due or panes
        if not self._due:
            self._due = True
            self._widget.set_timer(max(DRAW_GAP, self._rest_until - time.monotonic()), self._now)

    def _now(self) -> None:
        began = time.monotonic()
        panes = self._panes_due or began - self._panes_drawn >= _PANES_GAP
        self._due = self._panes_due = False
        if panes:
            self._panes_drawn = began
        unfinished = self._draw(panes=panes)
        took = time.monotonic() - began
        self._rest_until = began + took + _DRAWING_SHARE * took
        if unfinished:
            self._widget.set_timer(_TICK, self.draw_soon)
