"""Money before a call: cut the call to what the budgets afford, and reserve its worst case."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cascadeflow.client import ModelRequest
from cascadeflow.core.call import Booking, despite_cancel
from cascadeflow.errors import BudgetExceededError
from cascadeflow.money import Price
from cascadeflow.routing.plan import LEAST_USEFUL_TOKENS

if TYPE_CHECKING:
    from cascadeflow.telemetry import CostTracker
    from cascadeflow.telemetry.cost_tracker import Reservation

_FREE = Price(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """Whose money a call uses, and what the run itself may cost.

    Attributes:
        run_id: identifier of the run.
        user_id: None: ``anonymous``.
        tier: the user's tier, if given.
        run_limit: nano-USD for the whole run; None: no limit.
        run_spent: nano-USD that the run has cost so far.
        domain: label of the ledger row.
        preset: label of the ledger row.
    """

    run_id: str
    user_id: str | None
    tier: str | None
    run_limit: int | None
    run_spent: int
    domain: str
    preset: str


async def hold(
    request: ModelRequest, *, tracker: CostTracker | None, price: Price | None, prompt_tokens: int, purse: Purse
) -> tuple[ModelRequest, int, Booking]:
    """Reserve what a call can cost at worst.

    Where that does not fit, the *call* is cut (``max_tokens``), never the hold: a hold below the
    worst case would let parallel calls overshoot the budget.

    Args:
        request: the call.
        tracker: whose budgets apply; None: none.
        price: of the model that is called; None: unknown.
        prompt_tokens: upper bound of the prompt.
        purse: whose money it is.

    Returns:
        The call as it may be made, the nano-USD held, and where its cost will be booked.

    Raises:
        BudgetExceededError: not even 64 completion tokens fit, or the price is unknown.
        LedgerError: the store did not answer, and calls are refused then.
    """
    price = await _known(price, request.model, tracker, purse)
    request = await _cut(request, price, prompt_tokens, tracker, purse)
    worst = price.cost(prompt_tokens, request.max_tokens)
    if tracker is None:
        return request, 0, Booking(tracker=None, reservation=None, domain=purse.domain, preset=purse.preset)
    reservation: Reservation | None = None

    async def reserve() -> None:
        nonlocal reservation
        reservation = await tracker.reserve(purse.run_id, purse.user_id, purse.tier, worst)

    try:
        await despite_cancel(reserve())
    except asyncio.CancelledError:
        if reservation is not None:
            await despite_cancel(tracker.release(reservation))
        raise
    return request, worst, Booking(tracker=tracker, reservation=reservation, domain=purse.domain, preset=purse.preset)


async def _known(price: Price | None, model: str, tracker: CostTracker | None, purse: Purse) -> Price:
    """An unknown price is no obstacle where nothing is limited, and refused where something is."""
    if price is not None:
        return price
    limited = purse.run_limit is not None
    if not limited and tracker is not None:
        limited = await tracker.remaining(purse.user_id, purse.tier) is not None
    if limited:
        raise BudgetExceededError(budget=f"price of {model} unknown (set its `cost`)", spent=0, limit=0)
    return _FREE


async def _cut(
    request: ModelRequest, price: Price, prompt_tokens: int, tracker: CostTracker | None, purse: Purse
) -> ModelRequest:
    if price.is_free:
        return request
    least = min(LEAST_USEFUL_TOKENS, request.max_tokens)
    if purse.run_limit is not None:
        left = max(0, purse.run_limit - purse.run_spent)
        affordable = price.affordable_output(prompt_tokens, left)
        if affordable < least:
            raise BudgetExceededError(
                budget=f"tier {purse.tier}, per query",
                spent=purse.run_spent,
                limit=purse.run_limit,
                needed=price.cost(prompt_tokens, least),
            )
        request = replace(request, max_tokens=min(request.max_tokens, affordable))
    if tracker is None or tracker.enforcement == "warn":
        return request
    remaining = await tracker.remaining(purse.user_id, purse.tier)
    if remaining is None:
        return request
    affordable = max(least, price.affordable_output(prompt_tokens, max(0, remaining)))
    return replace(request, max_tokens=min(request.max_tokens, affordable))
