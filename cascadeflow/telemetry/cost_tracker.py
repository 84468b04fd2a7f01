"""`CostTracker`: reserves the worst case of a call in every budget that applies, settles what it cost."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final, Literal

from cascadeflow.cancellation import despite_cancel
from cascadeflow.errors import BudgetExceededError, ConfigError, LedgerError
from cascadeflow.money import format_usd
from cascadeflow.schema import Usage
from cascadeflow.telemetry import settings
from cascadeflow.telemetry.anomaly import THRESHOLD, Anomaly, find_anomalies
from cascadeflow.telemetry.budgets import ANONYMOUS, BudgetConfig, Budgets, BudgetStatus, Scope, day_of, status_of
from cascadeflow.telemetry.forecast import HISTORY_DAYS, Forecast, daily_series, make_forecast
from cascadeflow.telemetry.ledger import (
    Balance,
    Claim,
    Ledger,
    LedgerRow,
    MemoryLedger,
    Spend,
    SpendBy,
    SpendFilter,
)
from cascadeflow.telemetry.outside import Callback, asked, notify, warn
from cascadeflow.telemetry.reservation import Reservation

__all__ = ["BudgetStatus", "CostTracker", "Reservation"]

_NO_USAGE: Final = Usage()


class CostTracker:
    """Holds budgets, books what calls cost, and tells what was spent.

    Every attribute may be changed at any time and acts from the next call on; what is under
    way is still charged to the period it was reserved in.

    Args:
        budget_limit: USD per day *for each user*; a `BudgetConfig` for other periods; None: no
            limit. It holds in the periods that neither the user's own budget nor the tier's names.
        user_budgets: user id → that user's own budget.
        tier_budgets: tier name → budget for each user of the tier.
        global_budget: for everyone together.
        warn_threshold: part of a budget, above 0 up to 1, at which `on_warning` is called.
        enforcement: ``degrade`` and ``block`` refuse what does not fit (a run then goes on with
            models that cost nothing, or stops); ``warn`` admits it and says so.
        enable_forecasting: whether `forecast` answers.
        store: the ledger; None: one in memory.
        on_warning: called with a `BudgetStatus` when spending reaches the threshold.
        on_exceeded: called with a `BudgetStatus` when a call does not fit, refused or not.
        on_store_error: ``refuse`` paid calls while the store fails, or ``allow`` them unguarded.
        hold_seconds: after which a hold that nobody settled is given up.
        clock: seconds since the epoch.
        namespace: keeps counters and bookings apart, such as ``rehearsal`` from real money.

    Raises:
        ConfigError: an argument cannot be used; also on assignment later.

    Example:
        >>> tracker = CostTracker(budget_limit=10.00, warn_threshold=0.8)
        >>> tracker.user_budgets["me"] = BudgetConfig(daily=1.00)
    """

    budget_limit: float | BudgetConfig | None
    user_budgets: dict[str, BudgetConfig]
    tier_budgets: dict[str, BudgetConfig]
    global_budget: BudgetConfig | None
    warn_threshold: float
    enforcement: Literal["degrade", "block", "warn"]
    enable_forecasting: bool
    store: Ledger
    on_warning: Callback | None
    on_exceeded: Callback | None
    on_store_error: Literal["refuse", "allow"]
    hold_seconds: float
    clock: Callable[[], float]
    namespace: str

    def __init__(
        self,
        budget_limit: float | BudgetConfig | None = None,
        user_budgets: Mapping[str, BudgetConfig] | None = None,
        tier_budgets: Mapping[str, BudgetConfig] | None = None,
        global_budget: BudgetConfig | None = None,
        *,
        warn_threshold: float = 0.8,
        enforcement: Literal["degrade", "block", "warn"] = "degrade",
        enable_forecasting: bool = False,
        store: Ledger | None = None,
        on_warning: Callback | None = None,
        on_exceeded: Callback | None = None,
        on_store_error: Literal["refuse", "allow"] = "refuse",
        hold_seconds: float = 600.0,
        clock: Callable[[], float] = time.time,
        namespace: str = "",
    ) -> None:
        self.budget_limit = budget_limit
        self.user_budgets = settings.budgets("user_budgets", user_budgets)
        self.tier_budgets = settings.budgets("tier_budgets", tier_budgets)
        self.global_budget = global_budget
        self.warn_threshold = warn_threshold
        self.enforcement = enforcement
        self.enable_forecasting = enable_forecasting
        self.store = store if store is not None else MemoryLedger()
        self.on_warning, self.on_exceeded, self.on_store_error = on_warning, on_exceeded, on_store_error
        self.hold_seconds, self.clock, self.namespace = hold_seconds, clock, namespace
        self._unsettled: dict[str, tuple[int, LedgerRow | None]] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, settings.checked(name, value))

    @property
    def unsettled(self) -> int:
        """Calls whose cost the store has not taken yet; tried again before the next reservation."""
        return len(self._unsettled)

    async def remaining(self, user_id: str | None = None, tier: str | None = None) -> int | None:
        """What may still be reserved over all budgets that apply.

        Args:
            user_id: whose; None: ``anonymous``.
            tier: the user's tier, if any.

        Returns:
            Nano-USD; None where nothing limits: no budget, enforcement ``warn``, or a store that
            fails with ``on_store_error="allow"``.

        Raises:
            LedgerError: the store failed.
        """
        if self.enforcement == "warn":
            return None
        try:
            statuses = await self.status(user_id, tier)
        except LedgerError:
            if self.on_store_error == "allow":
                return None
            raise
        return min((status.left for status in statuses), default=None)

    async def status(self, user_id: str | None = None, tier: str | None = None) -> tuple[BudgetStatus, ...]:
        """Every budget that applies: user, then tier, then everyone's.

        Raises:
            LedgerError: the store failed.
        """
        now = self.clock()
        claims = self._budgets(user_id, tier).claims(
            user_id=user_id or ANONYMOUS, tier=tier or "", now=now, namespace=self.namespace
        )
        return await self._statuses(claims, now) if claims else ()

    async def reserve(
        self,
        run_id: str,
        user_id: str | None,
        tier: str | None,
        amount: int,
        *,
        cut: Callable[[int], int] | None = None,
    ) -> Reservation:
        """Set the worst case of a call aside in every budget that applies, or in none.

        A cancellation leaves nothing set aside.

        Args:
            run_id: the run.
            user_id: whose budgets; None: ``anonymous``.
            tier: the user's tier, if any.
            amount: nano-USD; 0 is admitted without asking the store.
            cut: asked where the amount does not fit and ``enforcement`` is not ``warn``: given the
                nano-USD that are left, it says how many the call needs if it is made smaller.
                None: it cannot be.

        Returns:
            What `settle` or `release` takes; its ``amount`` is what was set aside.

        Raises:
            BudgetExceededError: it does not fit; nothing was set aside.
            LedgerError: the store failed, and ``on_store_error`` is ``refuse``.
        """
        if amount < 0:
            raise ConfigError(f"{amount} nano-USD cannot be reserved; an amount is 0 or more", key="amount")
        now, budgets = self.clock(), self._budgets(user_id, tier)
        user, tier = user_id or ANONYMOUS, tier or ""
        reservation = Reservation(
            hold_id=_new_id(),
            run_id=run_id,
            user_id=user,
            tier=tier,
            amount=amount,
            claims=budgets.claims(user_id=user, tier=tier, now=now, namespace=self.namespace),
            time=now,
            day=day_of(now, budgets.timezone).isoformat(),
            namespace=self.namespace,
        )
        if not amount or not reservation.claims:
            return reservation
        try:
            return await self._reserve(reservation, cut)
        except asyncio.CancelledError:
            await self._settle_anyway(reservation.hold_id, 0, None)
            raise
        except LedgerError as error:
            if self.on_store_error == "refuse":
                raise
            self._unsettled.pop(reservation.hold_id, None)  # its cost is booked under that name
            warn("a call goes on without a reservation: %s", error)
            return replace(reservation, unguarded=str(error))

    async def settle(
        self,
        reservation: Reservation,
        amount: int,
        *,
        model: str,
        domain: str = "",
        preset: str = "",
        usage: Usage | None = None,
    ) -> tuple[BudgetStatus, ...]:
        """Book what a call really cost, and return the rest of its hold. The first time counts.

        A cancellation is raised once that is done.

        Args:
            reservation: of the call.
            amount: nano-USD.
            model: configured name.
            domain: of the query.
            preset: behind the agent.
            usage: tokens.

        Returns:
            Budgets that this booking took to the warning threshold, or above their limit.

        Raises:
            LedgerError: the store failed. The booking is kept and made before the next
                reservation, so the answer need not be lost.
        """
        used = usage or _NO_USAGE
        row = LedgerRow(
            hold_id=reservation.hold_id,
            keys=tuple(claim.key for claim in reservation.claims),
            time=reservation.time,
            day=reservation.day,
            namespace=reservation.namespace,
            run_id=reservation.run_id,
            user_id=reservation.user_id,
            tier=reservation.tier,
            model=model,
            domain=domain,
            preset=preset,
            prompt_tokens=used.prompt_tokens,
            completion_tokens=used.completion_tokens,
            cached_tokens=used.cached_tokens,
        )
        return await self._settle(reservation.hold_id, amount, row)

    async def release(self, reservation: Reservation) -> None:
        """Return a whole hold: the call was never made.

        Raises:
            LedgerError: the store failed; the release is kept, as a booking is.
        """
        if reservation.held:
            await self._settle(reservation.hold_id, 0, None)

    async def flush(self) -> None:
        """Make the bookings that the store did not take before.

        Raises:
            LedgerError: it still fails.
        """
        for hold_id, (amount, row) in list(self._unsettled.items()):
            await self._settle(hold_id, amount, row)

    async def spend(
        self,
        by: SpendBy = "model",
        *,
        since: date | None = None,
        until: date | None = None,
        user_id: str | None = None,
        tier: str | None = None,
    ) -> dict[str, Spend]:
        """What was spent, summed up.

        Args:
            by: ``model``, ``user``, ``tier``, ``day``, ``domain`` or ``preset``.
            since: first day; None: no bound.
            until: last day; None: no bound.
            user_id: only this user's; None: everyone's.
            tier: only this tier's; None: every tier's.

        Returns:
            Name → sums, the dearest first (days in their order); an empty name stands for unknown.

        Raises:
            ConfigError: nothing is summed by that.
            LedgerError: the store failed.
        """
        settings.check_spend_by(by)
        where = SpendFilter(
            namespace=self.namespace,
            since=since.isoformat() if since else None,
            until=until.isoformat() if until else None,
            user_id=user_id,
            tier=tier,
        )
        sums = await asked("read", self.store.spend(by, where))
        return dict(sorted(sums.items(), key=lambda item: item[0] if by == "day" else -item[1].nanousd))

    async def forecast(self, user_id: str | None = None, tier: str | None = None) -> Forecast | None:
        """What the user will spend on the coming days, and when the budgets that apply run out.

        Args:
            user_id: whose; None: ``anonymous``.
            tier: the user's tier, if any.

        Returns:
            None where fewer than three days are known, or ``enable_forecasting`` is off.

        Raises:
            LedgerError: the store failed.
        """
        if not self.enable_forecasting:
            return None
        now, timezone, user = self.clock(), self._budgets(user_id, tier).timezone, user_id or ANONYMOUS
        today = day_of(now, timezone)
        own = SpendFilter(
            namespace=self.namespace, since=(today - timedelta(days=HISTORY_DAYS)).isoformat(), user_id=user
        )
        whose = {"user": own, "tier": replace(own, tier=tier or ""), "global": replace(own, user_id=None)}
        series = {}
        for scope, where in whose.items():
            spent = await asked("read", self.store.spend("day", where))
            series[scope] = daily_series({day: sums.nanousd for day, sums in spent.items()}, today)
        statuses = await self.status(user_id, tier)
        return make_forecast(series, statuses, now=now, today=today, timezone=timezone)

    async def anomalies(
        self, user_id: str | None = None, tier: str | None = None, *, threshold: float = THRESHOLD
    ) -> tuple[Anomaly, ...]:
        """Days of the last 60 that cost unusually much, the latest first.

        Args:
            user_id: only this user's spend; None: everyone's.
            tier: only this tier's; None: every tier's.
            threshold: robust z-score above which a day is told.

        Returns:
            None of them where fewer than seven whole days are known.

        Raises:
            LedgerError: the store failed.
        """
        today = day_of(self.clock(), self._budgets(user_id, tier).timezone)
        spent = await self.spend(
            "day", since=today - timedelta(days=HISTORY_DAYS), until=today, user_id=user_id, tier=tier
        )
        return find_anomalies({day: sums.nanousd for day, sums in spent.items() if day}, today, threshold)

    async def reset(self, user_id: str | None = None, tier: str | None = None, *, scope: Scope = "user") -> None:
        """Set what is spent of a budget in its current periods back to zero; bookings stay listed.

        Args:
            user_id: whose; None: ``anonymous``.
            tier: the user's tier, if any.
            scope: the budget: the user's, the tier's for that user, or everyone's.

        Raises:
            LedgerError: the store failed.
        """
        now = self.clock()
        claims = self._budgets(user_id, tier).claims(
            user_id=user_id or ANONYMOUS, tier=tier or "", now=now, namespace=self.namespace
        )
        await asked("reset", self.store.reset([claim.key for claim in claims if claim.scope == scope], now))

    async def aclose(self) -> None:
        """Make what bookings are left and free the store."""
        try:
            await self.flush()
        except LedgerError as error:
            missing = sum(amount for amount, _ in self._unsettled.values())
            warn("%s of %d calls could not be booked: %s", format_usd(missing), self.unsettled, error)
        await self.store.aclose()

    def _budgets(self, user_id: str | None, tier: str | None) -> Budgets:
        limit = self.budget_limit
        return Budgets(
            user=settings.budget_in(self.user_budgets, user_id or ANONYMOUS, "user_budgets"),
            default=limit if limit is None or isinstance(limit, BudgetConfig) else settings.per_day(limit),
            tier=settings.budget_in(self.tier_budgets, tier or "", "tier_budgets"),
            pool=self.global_budget,
        )

    async def _statuses(self, claims: tuple[Claim, ...], now: float) -> tuple[BudgetStatus, ...]:
        balances = await asked("read", self.store.balances([claim.key for claim in claims], now))
        return tuple(status_of(claim, balances[claim.key]) for claim in claims)

    async def _reserve(self, reservation: Reservation, cut: Callable[[int], int] | None) -> Reservation:
        await self.flush()
        while True:
            refused = await self._hold(reservation, reservation.claims)
            if refused is None:
                return replace(reservation, held=True)
            statuses = await self._statuses(reservation.claims, reservation.time)
            if cut is None or self.enforcement == "warn":
                break
            left = min(status.left for status in statuses)
            reservation = replace(reservation, amount=cut(left))
            if reservation.amount > left:
                break
        too_full = tuple(status for status in statuses if status.left < reservation.amount)
        if self.enforcement == "warn":
            await self._hold(reservation, tuple(replace(claim, cap=None) for claim in reservation.claims))
            for status in too_full:
                await notify(self.on_exceeded, status)
            return replace(reservation, held=True, exceeded=too_full)
        status = next((status for status in statuses if status.label == refused.label), statuses[0])
        await notify(self.on_exceeded, status)
        raise BudgetExceededError(
            budget=status.label,
            spent=status.spent,
            limit=status.limit,
            held=status.held,
            needed=reservation.amount,
            resets_at=status.resets_at,
        )

    async def _hold(self, reservation: Reservation, claims: tuple[Claim, ...]) -> Claim | None:
        expires_at = reservation.time + self.hold_seconds
        hold, run, amount = reservation.hold_id, reservation.run_id, reservation.amount
        try:
            return await asked("reserve", self.store.reserve(hold, run, claims, amount, expires_at, reservation.time))
        except LedgerError:
            self._unsettled[hold] = (0, None)  # it may be held all the same: released before the next reservation
            raise

    async def _settle(self, hold_id: str, amount: int, row: LedgerRow | None) -> tuple[BudgetStatus, ...]:
        try:
            return await self._settle_once(hold_id, amount, row)
        except asyncio.CancelledError:
            await self._settle_anyway(hold_id, amount, row)
            raise

    async def _settle_anyway(self, hold_id: str, amount: int, row: LedgerRow | None) -> None:
        """After a cancellation, when nobody knows how far the store got: a settlement may be repeated."""
        with suppress(LedgerError):
            await despite_cancel(self._settle_once(hold_id, amount, row))

    async def _settle_once(self, hold_id: str, amount: int, row: LedgerRow | None) -> tuple[BudgetStatus, ...]:
        self._unsettled[hold_id] = (amount, row)
        after = await asked("settle", self.store.settle(hold_id, amount, row))
        self._unsettled.pop(hold_id, None)
        crossed = self._crossed(row, amount, after) if row else ()
        for status in crossed:
            await notify(self.on_warning, status)
        return crossed

    def _crossed(self, row: LedgerRow, amount: int, after: Mapping[str, Balance]) -> tuple[BudgetStatus, ...]:
        """Budgets, as they are now, whose threshold or limit lies within this booking."""
        claims = self._budgets(row.user_id, row.tier).claims(
            user_id=row.user_id, tier=row.tier, now=row.time, namespace=row.namespace
        )
        statuses = (status_of(claim, after[claim.key]) for claim in claims if claim.key in after)
        return tuple(
            status
            for status in statuses
            if status.spent - amount < self.warn_threshold * status.limit <= status.spent
            or status.spent - amount <= status.limit < status.spent
        )


def _new_id() -> str:
    """Unique, and growing with time, so that a ledger appends instead of scattering its pages."""
    return f"{time.time_ns():016x}{os.urandom(6).hex()}"
