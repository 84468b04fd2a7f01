"""Calls into code that is not ours: a store, a callback of the user, the log."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from cascadeflow.errors import LedgerError
from cascadeflow.telemetry.budgets import BudgetStatus

T = TypeVar("T")
Callback = Callable[[BudgetStatus], Any]


async def asked(operation: str, answer: Awaitable[T]) -> T:
    """What a store answers.

    Raises:
        LedgerError: whatever the store raised.
    """
    try:
        return await answer
    except LedgerError:
        raise
    except Exception as error:
        raise LedgerError(f"The ledger failed at {operation}: {type(error).__name__}: {error}") from error


async def notify(callback: Callback | None, status: BudgetStatus) -> None:
    """Call a user's function, sync or async; one that raises goes to the log and costs no run."""
    if callback is None:
        return
    try:
        answer = callback(status)
        if inspect.isawaitable(answer):
            await answer
    except Exception as error:
        warn("a budget callback failed: %s: %s", type(error).__name__, error)


def warn(message: str, *values: object) -> None:
    """Write to the log."""
    import logging

    logging.getLogger(__name__).warning(message, *values)
