"""What a ledger is: counters of money spent and held, the holds, and one row per settled call.

A counter's key names a scope, a period and the period's start, so that a call is charged to the
period it was reserved in, whenever it is settled. For every key the rows sum to what the counter
says is spent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple, Protocol

SpendBy = Literal["model", "user", "tier", "day", "domain", "preset"]
SPEND_BY: Final[Mapping[SpendBy, str]] = {
    "model": "model", "user": "user_id", "tier": "tier", "day": "day", "domain": "domain", "preset": "preset",
}  # fmt: skip
"""What spending can be summed by, and the field of `LedgerRow` that tells it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One counter that a reservation must fit.

    Attributes:
        key: of the counter.
        cap: nano-USD that may be spent and held in all; None: any amount.
        label: for people, such as ``user me, daily``.
        resets_at: when the period ends; None: never.
        scope: ``user``, ``tier`` or ``global``.
        period: ``daily``, ``weekly``, ``monthly`` or ``total``.
    """

    key: str
    cap: int | None
    label: str = ""
    resets_at: datetime | None = None
    scope: str = ""
    period: str = ""


class Balance(NamedTuple):
    """What a counter says, in nano-USD: ``spent`` is booked, ``held`` is reserved by calls under way."""

    spent: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """Money reserved for one call.

    Attributes:
        hold_id: identifier.
        run_id: the run that made it.
        keys: the counters it is held in.
        amount: nano-USD.
        expires_at: seconds since the epoch; after that it is abandoned.
    """

    hold_id: str
    run_id: str
    keys: tuple[str, ...]
    amount: int
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One booking.

    Attributes:
        hold_id: of the call; a reset has an identifier of its own.
        kind: ``call``, or ``reset`` when someone set a counter back to zero.
        amount: nano-USD; a reset's is negative.
        keys: the counters it was booked in.
        time: when the call was reserved, in seconds since the epoch.
        day: its date, in the time zone of the budget.
        namespace: keeps rehearsal money apart from real money.
        run_id, user_id, tier, model, domain, preset: what it was spent on; empty where unknown.
        prompt_tokens, completion_tokens, cached_tokens: tokens of the call.
    """

    hold_id: str
    kind: Literal["call", "reset"] = "call"
    amount: int = 0
    keys: tuple[str, ...] = ()
    time: float = 0.0
    day: str = ""
    namespace: str = ""
    run_id: str = ""
    user_id: str = ""
    tier: str = ""
    model: str = ""
    domain: str = ""
    preset: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendFilter:
    """Which calls to sum.

    Attributes:
        namespace: only calls of this one.
        since, until: first and last day, as ISO dates; None: no bound.
        user_id, tier: only theirs; None: everyone's.
    """

    namespace: str = ""
    since: str | None = None
    until: str | None = None
    user_id: str | None = None
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class Spend:
    """Calls summed up.

    Attributes:
        nanousd: their cost.
        calls: how many.
        prompt_tokens, completion_tokens: their tokens.
    """

    nanousd: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Ledger(Protocol):
    """A store of budget counters. Every method raises `LedgerError` when the store fails."""

    async def reserve(
        self, hold_id: str, run_id: str, claims: Sequence[Claim], amount: int, expires_at: float, now: float
    ) -> Claim | None:
        """Hold an amount in every counter, or in none.

        Args:
            hold_id: identifier of the hold; reserving it again changes nothing.
            run_id: the run that asks.
            claims: the counters, each with its cap.
            amount: nano-USD.
            expires_at: when the hold is given up, in seconds since the epoch.
            now: seconds since the epoch; holds that are overdue by then make room.

        Returns:
            None when the amount is held; else the first claim it does not fit.
        """
        ...

    async def settle(self, hold_id: str, amount: int, row: LedgerRow | None = None) -> dict[str, Balance]:
        """Turn a hold into a booking. Only the first settlement of a hold counts.

        Args:
            hold_id: of the reservation. A hold that has expired, or was never made, is booked
                all the same.
            amount: nano-USD that the call really cost, whatever was held.
            row: what it was spent on; its keys are used where no hold is known. Without a row
                an amount of 0 releases the hold: no call was made, and none is listed.

        Returns:
            The counters after this settlement; empty if the hold had been settled before.
        """
        ...

    async def balances(self, keys: Sequence[str], now: float | None = None) -> dict[str, Balance]:
        """What the counters say; one that nobody used is zero.

        Args:
            keys: of the counters.
            now: seconds since the epoch; holds that are overdue by then are given up first. None: none is.
        """
        ...

    async def open_holds(self) -> list[Hold]:
        """Holds of calls under way, the first to expire first."""
        ...

    async def abandoned_holds(self) -> list[Hold]:
        """Holds that expired and were not settled since; their money is back in the balance."""
        ...

    async def expire(self, now: float) -> list[Hold]:
        """Give up holds that are overdue: their money returns to the balance.

        Args:
            now: seconds since the epoch.

        Returns:
            The holds given up by this call.
        """
        ...

    async def reset(self, keys: Sequence[str], now: float) -> None:
        """Set what counters say is spent back to zero. Holds stay; a row records each reset."""
        ...

    async def rows(self, key: str | None = None, limit: int | None = None) -> list[LedgerRow]:
        """Bookings, the latest first.

        Args:
            key: only those of this counter.
            limit: at most so many.
        """
        ...

    async def spend(self, by: SpendBy, where: SpendFilter) -> dict[str, Spend]:
        """Calls summed up by one of their fields."""
        ...

    async def aclose(self) -> None:
        """Free what the ledger holds open."""
        ...
