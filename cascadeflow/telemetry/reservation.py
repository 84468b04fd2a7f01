"""`Reservation`: what a call may cost at most, set aside before it is made."""

from __future__ import annotations

from dataclasses import dataclass

from cascadeflow.telemetry.budgets import BudgetStatus
from cascadeflow.telemetry.ledger import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Money set aside for one call.

    Attributes:
        hold_id: identifier in the ledger.
        run_id: the run.
        user_id: whose budgets; ``anonymous`` where the run has no user.
        tier: the user's tier; empty: none.
        amount: nano-USD.
        claims: the counters it counts in.
        time: when it was made, in seconds since the epoch; decides the period that pays.
        day: that date, in the time zone of the user's budget.
        namespace: of the counters.
        held: whether the ledger holds the amount. It does not when the amount is 0, when no
            budget applies, or when the store failed and calls go on all the same.
        exceeded: budgets it does not fit; only with enforcement ``warn``.
        unguarded: why the store did not answer; empty if it did.
    """

    hold_id: str
    run_id: str
    user_id: str
    tier: str
    amount: int
    claims: tuple[Claim, ...]
    time: float
    day: str
    namespace: str
    held: bool = False
    exceeded: tuple[BudgetStatus, ...] = ()
    unguarded: str = ""
