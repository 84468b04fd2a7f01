"""Money before a call: cut the call to what the budgets afford, and reserve its worst case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cascadeflow.client import ModelRequest
from cascadeflow.core.call import Booking
from cascadeflow.errors import BudgetExceededError
from cascadeflow.money import Price
from cascadeflow.routing.plan import LEAST_USEFUL_TOKENS

if TYPE_CHECKING:
    from cascadeflow.telemetry import CostTracker

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
    least = min(LEAST_USEFUL_TOKENS, request.max_tokens)
    fits = most = _within_run(request, price, prompt_tokens, least, purse)
    if tracker is None:
        nowhere = Booking(tracker=None, reservation=None, domain=purse.domain, preset=purse.preset)
        return request if most == request.max_tokens else replace(request, max_tokens=most), 0, nowhere

    def cut(left: int) -> int:
        nonlocal fits
        fits = max(least, min(most, price.affordable_output(prompt_tokens, left)))
        return price.worst(prompt_tokens, fits)

    worst = price.worst(prompt_tokens, most)
    reservation = await tracker.reserve(purse.run_id, purse.user_id, purse.tier, worst, cut=cut)
    booking = Booking(tracker=tracker, reservation=reservation, domain=purse.domain, preset=purse.preset)
    return request if fits == request.max_tokens else replace(request, max_tokens=fits), reservation.amount, booking


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


def _within_run(request: ModelRequest, price: Price, prompt_tokens: int, least: int, purse: Purse) -> int:
    """Completion tokens that what is left for this run affords."""
    if purse.run_limit is None or price.is_free:
        return request.max_tokens
    affordable = price.affordable_output(prompt_tokens, max(0, purse.run_limit - purse.run_spent))
    if affordable < least:
        raise BudgetExceededError(
            budget=f"tier {purse.tier}, per query",
            spent=purse.run_spent,
            limit=purse.run_limit,
            needed=price.worst(prompt_tokens, least),
        )
    return min(request.max_tokens, affordable)
