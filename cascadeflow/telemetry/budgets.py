"""Budgets: how much in which period, when a period ends, and which counters a call must fit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from typing import Any, Final, Literal, NamedTuple

from pydantic import Field, field_validator

from cascadeflow.money import parse_usd
from cascadeflow.telemetry.ledger.protocol import Balance, Claim
from cascadeflow.validated import value_type

Scope = Literal["user", "tier", "global"]
Period = Literal["daily", "weekly", "monthly", "total"]
PERIODS: Final[tuple[Period, ...]] = ("daily", "weekly", "monthly", "total")
ANONYMOUS: Final = "anonymous"
"""Whose budget a run without a user uses."""


@value_type(assignment=True)
class BudgetConfig:
    """What may be spent, in USD. Every limit that is given holds; None is no limit.

    Attributes:
        daily: from midnight to midnight.
        weekly: from Monday to Monday.
        monthly: from the first of a month to the next.
        total: for ever.
        timezone: IANA name of the time zone whose midnight counts, such as ``Europe/Berlin``.

    Raises:
        ConfigError: a value is not allowed, or a name is not known; also where an attribute is set.

    Example:
        >>> BudgetConfig(daily=0.10, monthly=2).weekly is None
        True
    """

    daily: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    weekly: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    monthly: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    total: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    timezone: str = Field(default="UTC", kw_only=True)

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            zone(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"no time zone is called {name!r}; write an IANA name such as Europe/Berlin") from None
        return name


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetStatus:
    """How far a budget is used up.

    Attributes:
        label: for people, such as ``user me, daily``.
        scope: ``user``, ``tier`` or ``global``.
        period: ``daily``, ``weekly``, ``monthly`` or ``total``.
        spent: nano-USD booked in the period.
        held: nano-USD reserved by calls under way.
        limit: nano-USD of the period.
        resets_at: when the period ends; None: never.
    """

    label: str
    scope: str
    period: str
    spent: int
    held: int
    limit: int
    resets_at: datetime | None

    @property
    def fraction(self) -> float:
        """What part is spent; above 1 when it was exceeded. A budget of 0 is always used up."""
        return self.spent / self.limit if self.limit else 1.0

    @property
    def left(self) -> int:
        """Nano-USD that may still be reserved."""
        return max(0, self.limit - self.spent - self.held)


class Window(NamedTuple):
    """One period of a budget.

    Attributes:
        label: date of its first day; empty for a total.
        starts: seconds since the epoch.
        stops: when the next one begins, likewise.
        resets_at: that instant in the time zone of the budget; None: never.
    """

    label: str
    starts: float
    stops: float
    resets_at: datetime | None


_FOREVER: Final = Window("", -math.inf, math.inf, None)
_LATEST: dict[tuple[Period, str], Window] = {}


@cache
def zone(name: str) -> tzinfo:
    """A time zone by its IANA name; ``UTC`` needs no time zone data."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def day_of(now: float, timezone: str) -> date:
    """The date of an instant in a time zone."""
    return datetime.fromtimestamp(now, zone(timezone)).date()


def midnight(day: date, timezone: str) -> datetime:
    """When a day begins.

    Where the clocks skip midnight that is the first instant there is, and where they show it
    twice the first of the two, so that days neither overlap nor leave a gap.
    """
    naive = datetime(day.year, day.month, day.day, tzinfo=zone(timezone))
    return naive.astimezone(UTC).astimezone(zone(timezone))


def window(period: Period, timezone: str, now: float) -> Window:
    """The period that an instant lies in.

    Args:
        period: which kind.
        timezone: IANA name.
        now: seconds since the epoch.
    """
    if period == "total":
        return _FOREVER
    latest = _LATEST.get((period, timezone))
    if latest is None or not latest.starts <= now < latest.stops:
        latest = _LATEST[period, timezone] = _window(period, timezone, now)
    return latest


def _window(period: Period, timezone: str, now: float) -> Window:
    first = day_of(now, timezone)
    if period == "daily":
        after = first + timedelta(days=1)
    elif period == "weekly":
        first -= timedelta(days=first.weekday())
        after = first + timedelta(days=7)
    else:
        first = first.replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
    begin, end = midnight(first, timezone), midnight(after, timezone)
    return Window(first.isoformat(), begin.timestamp(), end.timestamp(), end)


@lru_cache(maxsize=256)
def _nanousd(usd: float) -> int:
    return parse_usd(usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Everything that limits one user's call.

    Attributes:
        user: the user's own budget.
        default: for every user; holds in the periods that neither the user's own budget nor the
            tier's names, since those are the nearer word.
        tier: for each user of the tier.
        pool: for everyone together.
    """

    user: BudgetConfig | None = None
    default: BudgetConfig | None = None
    tier: BudgetConfig | None = None
    pool: BudgetConfig | None = None

    @property
    def timezone(self) -> str:
        """Time zone of the nearest budget, in which days are counted."""
        return next((b.timezone for b in (self.user, self.default, self.tier, self.pool) if b is not None), "UTC")

    def _default_beside_tier(self) -> BudgetConfig | None:
        if self.default is None or self.tier is None:
            return self.default
        named: dict[str, Any] = {period: None for period in PERIODS if getattr(self.tier, period) is not None}
        return replace(self.default, **named)

    def claims(self, *, user_id: str, tier: str, now: float, namespace: str = "") -> tuple[Claim, ...]:
        """The counters that a call at that instant must fit.

        Args:
            user_id: whose call.
            tier: the user's tier; empty: none.
            now: seconds since the epoch.
            namespace: keeps counters apart, such as those of rehearsal.
        """
        prefix = f"{namespace}/" if namespace else ""
        owners: Mapping[Scope, tuple[str, str, tuple[BudgetConfig | None, ...]]] = {
            "user": (user_id, f"user {user_id}", (self.user, self._default_beside_tier())),
            "tier": (f"{_escaped(tier)}|{user_id}", f"tier {tier} of {user_id}", (self.tier,)),
            "global": ("", "everyone", (self.pool,)),
        }
        return tuple(
            Claim(
                key=f"{prefix}{scope}|{period}|{(span := window(period, timezone, now)).label}|{owner}",
                cap=_nanousd(usd),
                label=f"{name}, {period}",
                resets_at=span.resets_at,
                scope=scope,
                period=period,
            )
            for scope, (owner, name, configs) in owners.items()
            for period, usd, timezone in _limits(configs)
        )


def status_of(claim: Claim, balance: Balance) -> BudgetStatus:
    """A claim beside what its counter says."""
    return BudgetStatus(
        label=claim.label,
        scope=claim.scope,
        period=claim.period,
        spent=balance.spent,
        held=balance.held,
        limit=claim.cap or 0,
        resets_at=claim.resets_at,
    )


def _limits(configs: tuple[BudgetConfig | None, ...]) -> Iterator[tuple[Period, float, str]]:
    """Each period that is limited, by the first budget that names it."""
    for period in PERIODS:
        for config in configs:
            if config is not None and (usd := getattr(config, period)) is not None:
                yield period, usd, config.timezone
                break


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("|", "%7C")
