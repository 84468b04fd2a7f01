"""When a failed call is repeated, and after how many seconds."""

from __future__ import annotations

import random

from cascadeflow.errors import ModelCallError

RETRY_AFTER_CAP = 60.0
"""Seconds. A server that asks for a longer wait is not waited for: the fallback answers."""

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 8.0


def retry_wait(error: ModelCallError, attempt: int, max_retries: int) -> float | None:
    """Decide on a repetition.

    Args:
        error: why the call failed.
        attempt: number of the call that failed, from 1.
        max_retries: repetitions allowed.

    Returns:
        Seconds to wait; None: do not repeat. The server's latest Retry-After is followed up to
        60 s; without one the wait doubles from 0.5 s to 8 s, with full jitter in its upper half.

    Example:
        >>> from cascadeflow.errors import AuthenticationError, RateLimitError
        >>> retry_wait(RateLimitError("slow down", retry_after=7), 1, 2)
        7.0
        >>> retry_wait(AuthenticationError("bad key"), 1, 2) is None
        True
    """
    if not error.retryable or attempt > max_retries:
        return None
    if error.retry_after is not None and error.retry_after > 0:
        return float(error.retry_after) if error.retry_after <= RETRY_AFTER_CAP else None
    wait: float = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1))
    return wait * random.uniform(0.5, 1.0)  # noqa: S311  # jitter needs no secrecy
