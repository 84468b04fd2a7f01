"""Periods begin and end where people say they do, and every budget that applies becomes a claim."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascadeflow.errors import ConfigError
from cascadeflow.telemetry.budgets import BudgetConfig, Budgets, BudgetStatus, window


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("period", "now", "label", "resets"),
    [
        ("daily", "2026-11-24 00:00", "2026-11-24", "2026-11-25T00:00:00+00:00"),
        ("daily", "2026-11-24 23:59", "2026-11-24", "2026-11-25T00:00:00+00:00"),
        ("weekly", "2026-11-23 00:00", "2026-11-23", "2026-11-30T00:00:00+00:00"),
        ("weekly", "2026-11-29 23:59", "2026-11-23", "2026-11-30T00:00:00+00:00"),
        ("monthly", "2026-12-31 12:00", "2026-12-01", "2027-01-01T00:00:00+00:00"),
        ("monthly", "2028-02-29 12:00", "2028-02-01", "2028-03-01T00:00:00+00:00"),
    ],
)
def test_periods_in_utc(period, now: str, label: str, resets: str) -> None:
    span = window(period, "UTC", at(now))
    assert span.label == label
    assert span.resets_at is not None
    assert span.resets_at.isoformat() == resets


def test_a_total_never_resets() -> None:
    assert window("total", "UTC", at("2026-11-24 00:00")).resets_at is None


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Africa/Cairo", "2026-04-24", 23),  # clocks skip midnight: the day begins at 01:00
        ("America/Havana", "2026-11-01", 25),  # clocks show midnight twice: the first one counts
    ],
)
def test_a_day_on_which_the_clocks_change(zone: str, day: str, hours: float) -> None:
    span = window("daily", zone, at(f"{day} 12:00", zone))
    assert span.label == day
    assert (span.stops - span.starts) / 3600 == hours


def test_a_midnight_that_the_clocks_skip_is_told_as_the_clocks_show_it() -> None:
    span = window("daily", "Africa/Cairo", at("2026-04-23 12:00", "Africa/Cairo"))
    assert span.resets_at is not None
    assert span.resets_at.isoformat() == "2026-04-24T01:00:00+03:00"


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001  # hypothesis wants them naive
    st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia", "America/Havana", "Africa/Cairo", "Asia/Kathmandu"]),
    st.sampled_from(["daily", "weekly", "monthly"]),
)
def test_periods_follow_each_other_without_gap(moment: datetime, zone: str, period) -> None:
    now = moment.replace(tzinfo=UTC).timestamp()
    span = window(period, zone, now)
    assert span.starts <= now < span.stops
    following = window(period, zone, span.stops)
    assert following.starts == span.stops
    assert following.label > span.label
    assert window(period, zone, span.stops - 1).label == span.label


def test_every_budget_that_applies_becomes_a_claim() -> None:
    budgets = Budgets(
        user=BudgetConfig(daily=1, total=9),
        tier=BudgetConfig(weekly=2, timezone="Europe/Berlin"),
        pool=BudgetConfig(monthly=3),
    )
    claims = budgets.claims(user_id="me", tier="pro", now=at("2026-11-24 23:30"))
    assert [(claim.label, claim.cap, claim.key) for claim in claims] == [
        ("user me, daily", 10**9, "user|daily|2026-11-24|me"),
        ("user me, total", 9 * 10**9, "user|total||me"),
        ("tier pro of me, weekly", 2 * 10**9, "tier|weekly|2026-11-23|pro|me"),
        ("everyone, monthly", 3 * 10**9, "global|monthly|2026-11-01|"),
    ]
    assert claims[2].resets_at == datetime(2026, 11, 30, tzinfo=ZoneInfo("Europe/Berlin"))


def test_the_default_fills_the_periods_that_a_user_s_budget_does_not_name() -> None:
    budgets = Budgets(user=BudgetConfig(monthly=5), default=BudgetConfig(daily=1, monthly=2))
    claims = budgets.claims(user_id="me", tier="", now=0)
    assert {claim.period: claim.cap for claim in claims} == {"daily": 10**9, "monthly": 5 * 10**9}


def test_names_cannot_be_mixed_up() -> None:
    """A tier called ``a|b`` and a user called ``b|c`` never share a counter."""
    tier = BudgetConfig(daily=1)
    one = Budgets(tier=tier).claims(user_id="c", tier="a|b", now=0)
    other = Budgets(tier=tier).claims(user_id="b|c", tier="a", now=0)
    assert one[0].key != other[0].key


def test_a_namespace_has_counters_of_its_own() -> None:
    budgets = Budgets(pool=BudgetConfig(total=1))
    assert budgets.claims(user_id="me", tier="", now=0, namespace="rehearsal")[0].key == "rehearsal/global|total||"


@pytest.mark.parametrize("wrong", [{"daily": -1}, {"weekly": float("inf")}, {"monthly": "much"}, {"yearly": 1}])
def test_a_budget_that_makes_no_sense_is_refused(wrong) -> None:
    with pytest.raises(ConfigError):
        BudgetConfig(**wrong)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "America"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="no time zone is called .*Europe/Berlin"):
        BudgetConfig(daily=1, timezone=name)


def test_a_budget_may_be_changed_but_not_broken() -> None:
    budget = BudgetConfig(daily=1)
    budget.daily = 2
    with pytest.raises(ConfigError):
        budget.daily = -2
    assert budget.daily == 2


@pytest.mark.parametrize(("spent", "limit", "fraction", "left"), [(0, 10, 0.0, 7), (12, 10, 1.2, 0), (0, 0, 1.0, 0)])
def test_fraction_and_rest(spent: int, limit: int, fraction: float, left: int) -> None:
    status = BudgetStatus(label="", scope="user", period="daily", spent=spent, held=3, limit=limit, resets_at=None)
    assert (status.fraction, status.left) == (fraction, left)
