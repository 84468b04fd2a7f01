"""Carries one question at a time to the engine and folds what comes back into its turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import uuid4

from cascadeflow.crash import write_crash_log
from cascadeflow.errors import CascadeFlowError
from cascadeflow.events import TERMINAL, Event
from tui.state import Session, Turn

if TYPE_CHECKING:
    from cascadeflow.core.run_stream import RunStream
    from tui.engine import Engine

_PATIENCE = 5.0
"""Seconds that a stopped run gets to settle its money when the console closes."""

_LONGEST_BUSY = 0.008
"""Seconds of folding after which the keyboard gets its turn."""


class Runner:
    """The run under way, if there is one.

    Args:
        session: the conversation.
        on_event: called after each event that was folded; with None when the run is over.

    Attributes:
        session_id: under which runs are recorded.
        active: the turn that is being answered; None: nothing is under way.
    """

    def __init__(self, session: Session, on_event: Callable[[Turn, Event | None], None]) -> None:
        self.session = session
        self.session_id = uuid4().hex
        self.active: Turn | None = None
        self._on_event = on_event
        self._stream: RunStream | None = None

    def renew(self, session_id: str | None = None) -> None:
        """Begin a new conversation, or go on with a recorded one.

        Args:
            session_id: the conversation to go on with, whose turns are put back by the caller; None: a new one.
        """
        self.session.turns.clear()
        self.session_id = session_id or uuid4().hex

    async def run(self, turn: Turn, engine: Engine) -> None:
        """Answer a turn, to its end, whatever that is.

        Args:
            turn: one of the session's, not answered yet.
            engine: asks the models.
        """
        self.active, turn.status = turn, "running"
        try:
            self._stream = engine.stream(self.session.messages(turn.prompt), self.session_id)
            await self._read(turn, self._stream)
        except CascadeFlowError as error:
            turn.status, turn.error = "failed", str(error)
        except Exception as error:  # a bug in the engine must not take the conversation along
            log = write_crash_log(error)
            turn.status = "failed"
            turn.error = f"A bug in the engine: {type(error).__name__}. Where it happened is in {log}."
        finally:
            self.active = self._stream = None
        self._on_event(turn, None)

    async def _read(self, turn: Turn, stream: RunStream) -> None:
        busy_since = time.monotonic()
        async for event in stream:
            turn.fold(event, self.session.clock())
            self._on_event(turn, event)
            if isinstance(event, TERMINAL):
                break
            if time.monotonic() - busy_since > _LONGEST_BUSY:
                await asyncio.sleep(0)
                busy_since = time.monotonic()

    def stop(self) -> bool:
        """Stop the answer; what came of it, and its cost, stay.

        Returns:
            Whether there was one.
        """
        if self._stream is None:
            return False
        self._stream.cancel()
        return True

    async def aclose(self) -> None:
        """Stop the answer and wait until its money is settled."""
        if self._stream is not None:
            async with asyncio.timeout(_PATIENCE):
                await self._stream.aclose()
