"""Keeps a dead model out of the way: after several failures in a row it is left alone for a while.

Written here and not taken from a library: the maintained one for asyncio measures by the wall clock, which
steps, and lets every waiting call through at once when its pause is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from cascadeflow.catalog import normalize_provider, resolve
from cascadeflow.errors import ModelCallError
from cascadeflow.schema import LeftOut, ModelConfig


@dataclass(slots=True)
class _Breaker:
    failures: int = 0
    opens_at: float | None = None
    """When a call may be tried again; None: closed."""
    trying: bool = False


class Breakers:
    """One breaker per key, such as a model and its endpoint, so that no neighbour suffers.

    Closed, it counts failures in a row. At the threshold it blocks every call for the cool-down. Then it
    lets one call through: if that succeeds all may call again, else the cool-down begins anew.

    Args:
        threshold: failures in a row that make it block.
        cool_down: seconds.
        clock: seconds that never step back.

    Example:
        >>> breakers = Breakers(threshold=1, cool_down=30, clock=lambda: 100.0)
        >>> breakers.failed("gpt-4o")
        >>> breakers.blocked("gpt-4o"), breakers.blocked("gpt-4o-mini")
        (30.0, None)
    """

    def __init__(
        self, threshold: int = 5, cool_down: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.threshold, self.cool_down, self.clock = threshold, cool_down, clock
        self._troubled: dict[Hashable, _Breaker] = {}

    def blocked(self, key: Hashable) -> float | None:
        """Seconds until a call may be tried; None: now. Asking changes nothing, so a plan may ask."""
        breaker = self._troubled.get(key)
        if breaker is None or breaker.opens_at is None:
            return None
        left = breaker.opens_at - self.clock()
        return left if left > 0 else None

    def enter(self, key: Hashable) -> float | None:
        """Ask for a call that is about to be made; as `blocked`, but only one caller gets the call after a pause.

        A caller that never says what came of it, because it was stopped, keeps the others out for one more
        cool-down.
        """
        left = self.blocked(key)
        breaker = self._troubled.get(key)
        if left is None and breaker is not None and breaker.opens_at is not None:
            breaker.opens_at, breaker.trying = self.clock() + self.cool_down, True
        return left

    def failed(self, key: Hashable, error: BaseException | None = None) -> None:
        """A call failed.

        Args:
            key: of the breaker.
            error: why. Only errors that a repetition may cure count. One that the provider answered with a
                status and that is ours to mend (400, 401, 404, …) shows that the endpoint is alive; any
                other says nothing about it.
        """
        if error is not None and not getattr(error, "retryable", False):
            if isinstance(error, ModelCallError) and error.status is not None:
                self.succeeded(key)
            return
        breaker = self._troubled.setdefault(key, _Breaker())
        breaker.failures += 1
        if breaker.trying or (breaker.opens_at is None and breaker.failures >= self.threshold):
            breaker.opens_at, breaker.trying = self.clock() + self.cool_down, False

    def succeeded(self, key: Hashable) -> None:
        """A call was answered."""
        self._troubled.pop(key, None)


def breaker_key(model: ModelConfig) -> tuple[str, str, str | None]:
    """What has a breaker of its own: the model that is called, at its endpoint."""
    entry = resolve(model.name, model.provider).entry
    name = entry.name if entry is not None else model.name
    return normalize_provider(model.provider), name, model.base_url or model.path


def left_alone(breakers: Breakers, model: ModelConfig) -> LeftOut | None:
    """Why a model is left out of a plan for now; None: it is not.

    Args:
        breakers: of the agent.
        model: as configured.
    """
    seconds = breakers.blocked(breaker_key(model))
    if seconds is None:
        return None
    reason = f"it failed {breakers.threshold} times in a row; tried again in {seconds:.0f} s"
    return LeftOut(model=model.name, kind="breaker", reason=reason)
