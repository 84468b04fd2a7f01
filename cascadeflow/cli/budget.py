"""``cascadeflow budget``: how much is spent, set and left; set budgets in a file; reset counters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from cascadeflow.cli.options import check_settings, json_option, settings_options
from cascadeflow.cli.output import echo_json, note
from cascadeflow.errors import ConfigError

if TYPE_CHECKING:
    from cascadeflow.config import Configuration
    from cascadeflow.telemetry import BudgetConfig, BudgetStatus, CostTracker
    from cascadeflow.telemetry.budgets import Scope
    from cascadeflow.telemetry.ledger import SpendBy

_BY = ("model", "user", "tier", "domain", "preset", "day")
_SCOPES = ("user", "tier", "global")
_PERIODS = ("daily", "weekly", "monthly", "total")
_NONE = "none"

_user = click.option("--user", metavar="ID", help="Whose budget.")
_tier = click.option("--tier", metavar="NAME", help="Tier of the user.")
_rehearse = click.option(
    "--rehearse/--no-rehearse",
    default=None,
    help="The counters of rehearsal, or of real money.  [rehearsal where no hosted model has a key]",
)


def _amount(text: str) -> float | str:
    """USD, or ``none`` to take a limit away."""
    if text.lower() == _NONE:
        return _NONE
    try:
        return float(text.removeprefix("$"))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not an amount of USD; write a number such as 0.50, or none") from None


@click.group("budget", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Show, set and reset budgets."""
    given = ctx.default_map
    ctx.default_map = dict.fromkeys(("show", "set", "reset"), given)
    if ctx.invoked_subcommand is None:
        ctx.invoke(show, **{name: (given or {}).get(name) for name in ("preset", "config", "user", "tier", "rehearse")})


@command.command("show")
@settings_options
@_user
@_tier
@_rehearse
@click.option(
    "--by", type=click.Choice(_BY), multiple=True, default=("model",), show_default=True,
    help="Sum spend by this; may be repeated.",
)  # fmt: skip
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Sum spend from this day on.")
@json_option("As JSON; money in nano-USD.")
def show(
    preset: str | None,
    config: Path | None,
    user: str | None,
    tier: str | None,
    rehearse: bool | None,
    by: tuple[str, ...],
    since: datetime | None,
    as_json: bool,
) -> None:
    """Show budgets, spend, forecast, unusual days and holds.

    Without --user the budgets are those of runs without a user, and the spend is everyone's.
    """
    from cascadeflow.cli.budget_report import make_report, report_data, report_words

    async def read() -> Any:
        async with _tracker(preset, config, rehearse) as tracker:
            sums = cast("tuple[SpendBy, ...]", by)
            return await make_report(tracker, user=user, tier=tier, by=sums, since=since.date() if since else None)

    report = asyncio.run(read())
    if as_json:
        echo_json(report_data(report), pretty=True)
    else:
        click.echo(report_words(report))


@command.command("set")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration file to write.")
@click.option("--scope", type=click.Choice(_SCOPES), help="Of users, of each user of a tier, or of everyone together.")
@_user
@_tier
@click.option("--daily", type=_amount, metavar="USD", help="From midnight to midnight; `none`: no limit.")
@click.option("--weekly", type=_amount, metavar="USD", help="From Monday to Monday.")
@click.option("--monthly", type=_amount, metavar="USD", help="From the first of a month to the next.")
@click.option("--total", type=_amount, metavar="USD", help="For ever.")
@click.option("--timezone", metavar="NAME", help="Whose midnight counts, such as Europe/Berlin.  [UTC]")
def set_budget(
    config: Path | None, scope: str | None, user: str | None, tier: str | None, timezone: str | None, **limits: Any
) -> None:
    """Write a budget into a configuration file.

    With --user it is that user's own, with --tier each user's of the tier, with neither every user's, and with
    --scope global everyone's together. What is not named stays as it is.
    """
    from cascadeflow.config import dump, load

    if config is None:
        raise click.UsageError(
            "Which file? Give it with --config FILE; `cascadeflow export --output FILE` makes one from a preset."
        )
    changes = {name: None if value == _NONE else value for name, value in limits.items() if value is not None}
    if timezone is not None:
        changes["timezone"] = timezone
    if not changes:
        raise click.UsageError("Give at least one of --daily, --weekly, --monthly, --total and --timezone.")
    place = scope or ("tier" if tier is not None and user is None else "user")
    _check_place(place, user, tier)
    configuration = load(config)
    budget = _put(configuration, place, user, tier, changes)
    dump(configuration, config)
    click.echo(f"{_place_words(place, user, tier)}: {_budget_words(budget)}")
    note(f"Written: {config}" if configuration.budget.tracking else f"Written: {config}; its [budget] is not tracked")


@command.command("reset")
@settings_options
@_user
@_tier
@_rehearse
@click.option(
    "--scope", type=click.Choice(_SCOPES), default="user", show_default=True,
    help="The user's budget, that of the tier for this user, or everyone's.",
)  # fmt: skip
def reset(
    preset: str | None, config: Path | None, user: str | None, tier: str | None, rehearse: bool | None, scope: str
) -> None:
    """Set what is spent of a budget in its current periods back to zero. Bookings stay listed."""
    place = cast("Scope", scope)

    async def work() -> list[BudgetStatus]:
        async with _tracker(preset, config, rehearse) as tracker:
            before = [status for status in await tracker.status(user, tier) if status.scope == place]
            await tracker.reset(user, tier, scope=place)
            return before

    from cascadeflow.money import format_usd
    from cascadeflow.sanitise import one_line

    before = asyncio.run(work())
    if not before:
        raise ConfigError(f"no budget of scope {scope} applies; `cascadeflow budget show` lists those that do")
    for status in before:
        click.echo(f"{one_line(status.label)}: {format_usd(status.spent)} set back to $0 of {format_usd(status.limit)}")


@asynccontextmanager
async def _tracker(preset: str | None, config: Path | None, rehearse: bool | None) -> AsyncIterator[CostTracker]:
    from cascadeflow.workspace import open_agent

    check_settings(preset, config)
    agent = open_agent(preset, config=config, rehearse=rehearse, history=False)
    try:
        if agent.cost_tracker is None:
            raise ConfigError("this configuration tracks no costs", key="budget.tracking")
        yield agent.cost_tracker
    finally:
        await agent.aclose()


def _check_place(scope: str, user: str | None, tier: str | None) -> None:
    if scope == "tier" and tier is None:
        raise click.UsageError("Which tier? Give it with --tier NAME.")
    if scope == "tier" and user is not None:
        raise click.UsageError("A tier's budget is each user's of the tier; leave out --user.")
    if scope != "tier" and tier is not None:
        raise click.UsageError(f"--tier does not go with a budget of scope {scope}.")
    if scope == "global" and user is not None:
        raise click.UsageError("The global budget is everyone's together; leave out --user.")


def _put(
    configuration: Configuration, scope: str, user: str | None, tier: str | None, changes: dict[str, Any]
) -> BudgetConfig | None:
    """Change one budget of a configuration; one without limits goes.

    Returns:
        The budget as it is now.
    """
    from cascadeflow.config.schema import TierSection
    from cascadeflow.routing.tier_routing import TIER_POLICIES_DEFAULT
    from cascadeflow.telemetry import BudgetConfig

    section = configuration.budget

    def changed(budget: BudgetConfig | None) -> BudgetConfig | None:
        budget = replace(budget or BudgetConfig(), **changes)
        return budget if any(getattr(budget, period) is not None for period in _PERIODS) else None

    if scope == "global":
        section.pool = changed(section.pool)
        return section.pool
    if scope == "tier":
        assert tier is not None  # noqa: S101  # _check_place saw to it
        if tier not in configuration.tiers and tier not in TIER_POLICIES_DEFAULT:
            known = ", ".join(dict.fromkeys([*configuration.tiers, *TIER_POLICIES_DEFAULT]))
            raise ConfigError(f"no tier is called {tier!r}; tiers: {known}", key="tiers")
        there = configuration.tiers.get(tier, TierSection())
        budget = changed(there.budget)
        configuration.tiers = configuration.tiers | {tier: there.model_copy(update={"budget": budget})}
        return budget
    if user is None:
        section.user = changed(section.user)
        return section.user
    budget = changed(section.users.get(user))
    section.users = {name: item for name, item in section.users.items() if name != user}
    if budget is not None:
        section.users = section.users | {user: budget}
    return budget


def _place_words(scope: str, user: str | None, tier: str | None) -> str:
    from cascadeflow.sanitise import one_line

    if scope == "global":
        return "everyone together"
    if scope == "tier":
        return f"each user of tier {one_line(tier or '')}"
    return "each user" if user is None else f"user {one_line(user)}"


def _budget_words(budget: BudgetConfig | None) -> str:
    if budget is None:
        return "no limit"
    limits = [f"{period} ${value:,.10g}" for period in _PERIODS if (value := getattr(budget, period)) is not None]
    return ", ".join([*limits, budget.timezone])
