"""`budget show`, `budget set` and `budget reset`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from cascadeflow import workspace
from cascadeflow.config import load
from cascadeflow.paths import ledger_path
from cascadeflow.telemetry import BudgetConfig, CostTracker
from cascadeflow.telemetry.ledger import LedgerRow, RedisLedger, SQLiteLedger
from cascadeflow.testing import FakeClock

Command = Callable[..., Result]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
TODAY = date(2026, 11, 24)
CENT = 10_000_000
BUDGETS = """
[budget.user]
daily = 1.0
[budget.users.ann]
daily = 0.5
monthly = 20.0
[budget.global]
total = 100.0
[tiers.pro.budget]
weekly = 4.0
"""


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every tracker that the command opens tells the same time."""
    open_agent = workspace.open_agent

    def opened(*given: Any, **options: Any) -> Any:
        agent = open_agent(*given, **options)
        if agent.cost_tracker is not None:
            agent.cost_tracker.clock = FakeClock(NOON)
        return agent

    monkeypatch.setattr(workspace, "open_agent", opened)


@pytest.fixture
def budgets(two: str) -> str:
    """A configuration with a budget of each scope."""
    path = Path(two)
    path.write_text(f"# mine\n{path.read_text()}{BUDGETS}")
    return two


def spend(*calls: tuple[str, int, int], namespace: str = "") -> None:
    """Book calls in the user's ledger: user, days ago, cents; and leave one hold open and one abandoned."""

    async def work() -> None:
        ledger = SQLiteLedger(ledger_path())
        for number, (user, ago, cents) in enumerate(calls):
            row = LedgerRow(
                hold_id="", user_id=user, tier="pro", model="small" if number % 2 else "large", domain="code",
                preset="two", day=str(TODAY - timedelta(days=ago)), namespace=namespace, prompt_tokens=1000,
                completion_tokens=5,
            )  # fmt: skip
            await ledger.settle(f"{namespace}{number}", cents * CENT, row)
        await ledger.aclose()

    asyncio.run(work())


def use(budget: float, cents: int, *, namespace: str = "", user: str | None = None) -> None:
    """Book a call today, leave a hold of 2 cents open, and one of 3 abandoned."""

    async def work() -> None:
        tracker = CostTracker(budget, store=SQLiteLedger(ledger_path()), clock=FakeClock(NOON), namespace=namespace)
        await tracker.settle(await tracker.reserve("booked", user, None, cents * CENT), cents * CENT, model="small")
        await tracker.reserve("openrun1-and-more", user, None, 2 * CENT)
        tracker.clock = FakeClock(NOON - 601)
        await tracker.reserve("lostrun1-and-more", user, None, 3 * CENT)
        await tracker.aclose()

    asyncio.run(work())


def shown(cascadeflow: Command, *arguments: str) -> dict[str, Any]:
    result = cascadeflow("budget", "show", "--json", "--no-rehearse", *arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


# -- show


def test_budgets_of_every_scope_are_shown(cascadeflow: Command, budgets: str) -> None:
    """With what is spent, held and left, and when each resets."""
    use(0.5, 10, user="ann")
    found = shown(cascadeflow, "--config", budgets, "--user", "ann", "--tier", "pro")
    assert [(item["label"], item["spent"] // CENT, item["held"] // CENT, item["left"] // CENT) for item in found["budgets"]] == [
        ("user ann, daily", 10, 2, 38),
        ("user ann, monthly", 0, 0, 2000),
        ("tier pro of ann, weekly", 0, 0, 400),
        ("everyone, total", 0, 0, 10_000),
    ]  # fmt: skip
    assert found["budgets"][0]["resets_at"] == "2026-11-25T00:00:00+00:00"
    assert found["budgets"][3]["resets_at"] is None
    words = cascadeflow("budget", "show", "--no-rehearse", "--config", budgets, "--user", "ann").stdout
    for part in ("user ann", "enforcement degrade", "$0.10", "$0.38", "20 %", "2026-11-25 00:00 UTC", "never"):
        assert part in words


def test_without_a_command_it_shows(cascadeflow: Command, budgets: str) -> None:
    """With the options given before it, as for every command."""
    use(1.0, 10, user="me")
    result = cascadeflow("--config", budgets, "--user", "me", "--no-rehearse", "budget")
    assert result.exit_code == 0
    assert "user me, daily" in result.stdout
    again = cascadeflow("--config", budgets, "--user", "me", "--no-rehearse", "budget", "show")
    assert again.stdout == result.stdout
    assert cascadeflow("budget").exit_code == 0


def test_spend_is_summed_by_whatever_is_asked(cascadeflow: Command, budgets: str) -> None:
    """Everyone's, or one user's; from a day on."""
    spend(("me", 0, 3), ("you", 1, 5), ("me", 9, 7))
    every = ("model", "user", "tier", "domain", "preset", "day")
    found = shown(cascadeflow, "--config", budgets, *(part for by in every for part in ("--by", by)))["spend"]
    assert {by: {name: sums["nanousd"] // CENT for name, sums in spent.items()} for by, spent in found.items()} == {
        "model": {"large": 10, "small": 5},
        "user": {"me": 10, "you": 5},
        "tier": {"pro": 15},
        "domain": {"code": 15},
        "preset": {"two": 15},
        "day": {"2026-11-15": 7, "2026-11-23": 5, "2026-11-24": 3},
    }
    assert shown(cascadeflow, "--config", budgets, "--user", "me")["spend"]["model"] == {
        "large": {"nanousd": 10 * CENT, "calls": 2, "prompt_tokens": 2000, "completion_tokens": 10}
    }
    assert list(shown(cascadeflow, "--config", budgets, "--by", "day", "--since", "2026-11-20")["spend"]["day"]) == [
        "2026-11-23", "2026-11-24",
    ]  # fmt: skip
    words = cascadeflow("budget", "show", "--no-rehearse", "--config", budgets, "--by", "user").stdout
    assert "spend by user" in words
    assert "2,000" in words


def test_nothing_spent_and_no_budget_is_said(cascadeflow: Command, two: str) -> None:
    """In words, and exit code 0."""
    result = cascadeflow("budget", "show", "--config", two, "--no-rehearse")
    assert result.exit_code == 0
    for part in ("No budget applies", "No spend by model is booked", "No forecast: fewer than three whole days"):
        assert part in result.stdout


def test_the_forecast_has_an_interval_and_a_date(cascadeflow: Command, budgets: str) -> None:
    """The budget that runs out is named with when; the file need not have turned forecasts on."""
    spend(*(("me", ago, 80 + 3 * (ago % 4)) for ago in range(1, 12)), ("me", 0, 40))
    use(1.0, 40, user="me")
    forecast = shown(cascadeflow, "--config", budgets, "--user", "me")["forecast"]
    first = forecast["daily"][0]
    assert first["day"] == "2026-11-24"
    assert first["low"] < first["expected"] < first["high"]
    assert forecast["known_days"] == 11
    assert [item["budget"] for item in forecast["run_outs"]] == ["user me, daily", "everyone, total"]
    words = cascadeflow("budget", "show", "--no-rehearse", "--config", budgets, "--user", "me").stdout
    assert "4 in 5 times between" in words
    assert "from 11 days" in words
    assert "user me, daily: lasts" in words
    assert "everyone, total: runs out 2027-0" in words


def test_unusual_days_are_told(cascadeflow: Command, budgets: str) -> None:
    """With what they cost and what is usual."""
    spend(*(("me", ago, 500 if ago == 5 else 10 + ago % 3) for ago in range(1, 12)))
    [found] = shown(cascadeflow, "--config", budgets)["anomalies"]
    assert (found["day"], found["spent"] // CENT, found["usual"] // CENT) == ("2026-11-19", 500, 11)
    words = cascadeflow("budget", "show", "--no-rehearse", "--config", budgets).stdout
    assert "2026-11-19 cost unusually much: $5.00 (usually $0.11" in words


def test_open_and_abandoned_holds_are_listed(cascadeflow: Command, budgets: str) -> None:
    """With their run and amount."""
    use(1.0, 10)
    found = shown(cascadeflow, "--config", budgets)
    assert [(hold["run_id"], hold["amount"] // CENT) for hold in found["open_holds"]] == [("openrun1-and-more", 2)]
    assert [(hold["run_id"], hold["amount"] // CENT) for hold in found["abandoned_holds"]] == [("lostrun1-and-more", 3)]
    words = cascadeflow("budget", "show", "--no-rehearse", "--config", budgets).stdout
    assert "1 open, $0.02 in all" in words
    assert "1 abandoned, $0.03 in all" in words
    assert "lostrun1" in words


def test_overdue_holds_are_abandoned_even_where_no_budget_applies_any_more(cascadeflow: Command, two: str) -> None:
    """The list tells what is so now."""
    use(1.0, 10)
    found = shown(cascadeflow, "--config", two)
    assert [hold["run_id"][:4] for hold in found["open_holds"] + found["abandoned_holds"]] == ["open", "lost"]
    assert (len(found["budgets"]), len(found["abandoned_holds"])) == (0, 1)


def test_rehearsal_has_counters_of_its_own(cascadeflow: Command, budgets: str) -> None:
    """It is what is shown where no hosted model has a key, and it says so."""
    use(1.0, 10)
    use(1.0, 90, namespace="rehearsal")
    rehearsed = json.loads(cascadeflow("budget", "show", "--json", "--config", budgets).stdout)
    assert (rehearsed["namespace"], rehearsed["budgets"][0]["spent"] // CENT) == ("rehearsal", 90)
    assert len(rehearsed["open_holds"]) == len(rehearsed["abandoned_holds"]) == 1
    real = shown(cascadeflow, "--config", budgets)
    assert (real["namespace"], real["budgets"][0]["spent"] // CENT) == ("", 10)
    assert "rehearsal" in cascadeflow("budget", "show", "--config", budgets, "--rehearse").stdout


def test_names_from_outside_are_made_harmless(cascadeflow: Command, budgets: str) -> None:
    """A user's name that a terminal would obey is shown instead."""
    spend(("\x1b[2Jevil", 0, 3))
    result = cascadeflow(
        "budget", "show", "--no-rehearse", "--config", budgets, "--by", "user", "--user", "\x1b[2Jevil"
    )
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "evil" in result.stdout


def test_where_nothing_is_tracked_that_is_the_error(cascadeflow: Command, two: str) -> None:
    """And a preset beside a file is refused, as everywhere."""
    path = Path(two)
    path.write_text(f"{path.read_text()}\n[budget]\ntracking = false\n")
    for arguments in (("show",), ("reset",)):
        result = cascadeflow("budget", *arguments, "--config", two)
        assert result.exit_code == 2
        assert "tracks no costs" in result.stderr
    assert cascadeflow("budget", "show", "--config", two, "--preset", "local").exit_code == 2


def test_a_ledger_in_redis_is_read_and_reset_like_any_other(
    cascadeflow: Command, budgets: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its address stands in the environment, and is never shown."""
    path = Path(budgets)
    path.write_text(f'{path.read_text()}\n[ledger]\nkind = "redis"\nurl_env = "MY_REDIS"\n')
    monkeypatch.setenv("MY_REDIS", redis_url)

    async def work() -> None:
        tracker = CostTracker(1.0, store=RedisLedger(redis_url), clock=FakeClock(NOON))
        await tracker.settle(await tracker.reserve("booked", "me", None, CENT), CENT, model="small")
        await tracker.reserve("openrun1", "me", None, 2 * CENT)
        await tracker.aclose()

    asyncio.run(work())
    found = shown(cascadeflow, "--config", budgets, "--user", "me")
    assert (found["budgets"][0]["spent"], found["budgets"][0]["held"]) == (CENT, 2 * CENT)
    assert [hold["run_id"] for hold in found["open_holds"]] == ["openrun1"]
    assert list(found["spend"]["model"]) == ["small"]
    assert cascadeflow("budget", "reset", "--no-rehearse", "--config", budgets, "--user", "me").exit_code == 0
    assert shown(cascadeflow, "--config", budgets, "--user", "me")["budgets"][0]["spent"] == 0
    monkeypatch.setenv("MY_REDIS", "redis://:hush-hush@127.0.0.1:1/0")
    result = cascadeflow("budget", "show", "--no-rehearse", "--config", budgets)
    assert result.exit_code == 1
    assert "Redis at 127.0.0.1:1/0 failed" in result.stderr
    assert "hush" not in result.stderr


# -- set


@pytest.mark.parametrize(
    ("arguments", "where", "words"),
    [
        (("--daily", "2.50"), ("user",), "each user: daily $2.5, UTC"),
        (("--user", "bob", "--daily", "0.25", "--total", "$9"), ("users", "bob"), "user bob: daily $0.25, total $9, UTC"),
        (("--user", "ann", "--daily", "none"), ("users", "ann"), "user ann: monthly $20, UTC"),
        (("--user", "ann", "--daily", "none", "--monthly", "none"), ("users",), "user ann: no limit"),
        (("--tier", "pro", "--weekly", "5"), ("pro",), "each user of tier pro: weekly $5, UTC"),
        (("--tier", "free", "--daily", "0.1"), ("free",), "each user of tier free: daily $0.1, UTC"),
        (("--scope", "global", "--monthly", "1000", "--timezone", "Europe/Berlin"), ("pool",),
         "everyone together: monthly $1,000, total $100, Europe/Berlin"),
        (("--daily", "none"), ("user",), "each user: no limit"),
    ],
)  # fmt: skip
def test_a_budget_is_written_into_the_file(
    cascadeflow: Command, budgets: str, arguments: tuple[str, ...], where: tuple[str, ...], words: str
) -> None:
    """And nothing else of it is changed; comments stay, and the old text is kept beside it."""
    before, old = load(budgets), Path(budgets).read_text()
    result = cascadeflow("budget", "set", "--config", budgets, *arguments)
    assert (result.exit_code, result.stdout) == (0, f"{words}\n")
    after = load(budgets)
    for configuration in (before, after):
        if where[0] in ("pro", "free"):
            configuration.tiers.pop(where[0], None)
        elif where == ("users", "bob"):
            configuration.budget.users.pop("bob", None)
        else:
            setattr(configuration.budget, where[0], {} if where[0] == "users" else None)
    assert after == before
    assert Path(budgets).read_text().startswith("# mine\n")
    assert Path(f"{budgets}.bak").read_text() == old


def test_what_is_set_acts(cascadeflow: Command, budgets: str) -> None:
    """The tracker of that file holds to it."""
    cascadeflow("budget", "set", "--config", budgets, "--user", "ann", "--daily", "0.07")
    cascadeflow("budget", "set", "--config", budgets, "--tier", "pro", "--daily", "0.06")
    found = shown(cascadeflow, "--config", budgets, "--user", "ann", "--tier", "pro")["budgets"]
    limits = {item["label"]: item["limit"] // CENT for item in found}
    assert limits["user ann, daily"] == 7
    assert limits["tier pro of ann, daily"] == 6
    assert load(budgets).tiers["pro"].budget == BudgetConfig(daily=0.06, weekly=4.0)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--daily", "much"), "write a number such as 0.50, or none"),
        (("--daily", "-1"), "greater than or equal to 0"),
        (("--daily", "inf"), "finite"),
        (("--daily", "1", "--timezone", "Mars/Olympus"), "no time zone is called"),
        ((), "at least one of --daily"),
        (("--tier", "gold", "--daily", "1"), "no tier is called 'gold'; tiers: pro"),
        (("--scope", "tier", "--daily", "1"), "Which tier?"),
        (("--scope", "tier", "--tier", "pro", "--user", "me", "--daily", "1"), "leave out --user"),
        (("--scope", "user", "--tier", "pro", "--daily", "1"), "--tier does not go with"),
        (("--user", "me", "--tier", "pro", "--daily", "1"), "--tier does not go with"),
        (("--scope", "global", "--user", "me", "--daily", "1"), "leave out --user"),
    ],
)  # fmt: skip
def test_what_cannot_be_set_leaves_the_file_alone(
    cascadeflow: Command, budgets: str, arguments: tuple[str, ...], text: str
) -> None:
    """Exit code 2, with what is allowed."""
    old = Path(budgets).read_text()
    result = cascadeflow("budget", "set", "--config", budgets, *arguments)
    assert result.exit_code == 2
    assert text in result.stderr
    assert Path(budgets).read_text() == old


def test_set_needs_a_file(cascadeflow: Command, tmp_path: Path) -> None:
    """The error says how to make one."""
    result = cascadeflow("budget", "set", "--daily", "1")
    assert result.exit_code == 2
    assert "cascadeflow export" in result.stderr
    result = cascadeflow("budget", "set", "--config", str(tmp_path / "none.toml"), "--daily", "1")
    assert result.exit_code == 2
    assert "cannot read it" in result.stderr


def test_a_budget_set_where_nothing_is_tracked_is_said(cascadeflow: Command, two: str) -> None:
    """It is written all the same."""
    path = Path(two)
    path.write_text(f"{path.read_text()}\n[budget]\ntracking = false\n")
    result = cascadeflow("budget", "set", "--config", two, "--daily", "1")
    assert result.exit_code == 0
    assert "not tracked" in result.stderr


# -- reset


def test_a_reset_gives_the_budget_back_and_keeps_the_bookings(cascadeflow: Command, budgets: str) -> None:
    """Only that user's, only that scope, only that namespace."""
    use(1.0, 10, user="me")
    use(1.0, 20, user="you")
    use(1.0, 30, user="me", namespace="rehearsal")
    result = cascadeflow("budget", "reset", "--config", budgets, "--no-rehearse", "--user", "me")
    assert (result.exit_code, result.stdout) == (0, "user me, daily: $0.10 set back to $0 of $1.00\n")

    def spent(*arguments: str) -> int:
        result = cascadeflow("budget", "show", "--json", "--config", budgets, *arguments)
        return json.loads(result.stdout)["budgets"][0]["spent"] // CENT

    assert spent("--no-rehearse", "--user", "me") == 0
    assert spent("--no-rehearse", "--user", "you") == 20
    assert spent("--rehearse", "--user", "me") == 30
    assert shown(cascadeflow, "--config", budgets, "--user", "me")["spend"]["model"]["small"]["nanousd"] == 10 * CENT


def test_a_reset_of_a_scope_without_budget_is_an_error(cascadeflow: Command, two: str) -> None:
    """Instead of saying that it was done."""
    result = cascadeflow("budget", "reset", "--config", two, "--no-rehearse", "--scope", "global")
    assert result.exit_code == 2
    assert "no budget of scope global applies" in result.stderr
