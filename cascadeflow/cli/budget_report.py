"""What ``cascadeflow budget show`` tells: budgets, spend, what is to come, what stands out, and holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from cascadeflow.cli.output import table
from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line

if TYPE_CHECKING:
    from cascadeflow.telemetry import Anomaly, BudgetStatus, CostTracker, Forecast
    from cascadeflow.telemetry.ledger import Hold, Spend, SpendBy

_HOLDS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetReport:
    """Everything about the money of a user, or of everyone.

    Attributes:
        user: whose budgets.
        tier: the user's tier; None: none.
        namespace: of the counters; ``rehearsal`` is money that nobody pays.
        enforcement: what happens to a call that does not fit.
        budgets: those that apply.
        spend: what it is summed by → name → sums; everyone's where no user was named.
        forecast: of the user's spend; None: too little is known.
        anomalies: days that cost unusually much.
        open_holds, abandoned_holds: of this namespace.
    """

    user: str
    tier: str | None
    namespace: str
    enforcement: str
    budgets: tuple[BudgetStatus, ...]
    spend: dict[SpendBy, dict[str, Spend]]
    forecast: Forecast | None
    anomalies: tuple[Anomaly, ...]
    open_holds: list[Hold]
    abandoned_holds: list[Hold]


async def make_report(
    tracker: CostTracker, *, user: str | None, tier: str | None, by: Sequence[SpendBy], since: date | None
) -> BudgetReport:
    """Ask a tracker for everything.

    Args:
        tracker: whose ledger is read.
        user: whose budgets and spend; None: budgets of ``anonymous``, spend of everyone.
        tier: the user's tier.
        by: what spend is summed by.
        since: first day of the spend; None: all there is.

    Raises:
        LedgerError: the store failed.
    """
    from cascadeflow.telemetry import ANONYMOUS

    tracker.enable_forecasting = True
    await tracker.store.expire(tracker.clock())
    return BudgetReport(
        user=user or ANONYMOUS,
        tier=tier,
        namespace=tracker.namespace,
        enforcement=tracker.enforcement,
        budgets=await tracker.status(user, tier),
        spend={name: await tracker.spend(name, since=since, user_id=user, tier=tier) for name in by},
        forecast=await tracker.forecast(user, tier),
        anomalies=await tracker.anomalies(user, tier),
        open_holds=_of(tracker.namespace, await tracker.store.open_holds()),
        abandoned_holds=_of(tracker.namespace, await tracker.store.abandoned_holds()),
    )


def _of(namespace: str, holds: Sequence[Hold]) -> list[Hold]:
    prefix = f"{namespace}/" if namespace else ""
    scopes = tuple(f"{prefix}{scope}|" for scope in ("user", "tier", "global"))
    return [hold for hold in holds if any(key.startswith(scopes) for key in hold.keys)]


def report_data(report: BudgetReport) -> dict[str, Any]:
    """The report as JSON data."""
    from cascadeflow.plain import to_plain

    return {
        "user": report.user,
        "tier": report.tier,
        "namespace": report.namespace,
        "enforcement": report.enforcement,
        "budgets": [
            {**to_plain(status), "left": status.left, "fraction": status.fraction, "resets_at": _iso(status.resets_at)}
            for status in report.budgets
        ],
        "spend": {by: {name: to_plain(sums) for name, sums in spend.items()} for by, spend in report.spend.items()},
        "forecast": _forecast_data(report.forecast),
        "anomalies": [{**found._asdict(), "day": found.day.isoformat()} for found in report.anomalies],
        "open_holds": [to_plain(hold) for hold in report.open_holds],
        "abandoned_holds": [to_plain(hold) for hold in report.abandoned_holds],
    }


def _forecast_data(forecast: Forecast | None) -> dict[str, Any] | None:
    if forecast is None:
        return None
    return {
        "method": forecast.method,
        "known_days": forecast.known_days,
        "daily": [{**day._asdict(), "day": day.day.isoformat()} for day in forecast.daily],
        "run_outs": [
            {"budget": item.budget, "at": _iso(item.at), "earliest": _iso(item.earliest)} for item in forecast.run_outs
        ],
        "runs_out_at": _iso(forecast.runs_out_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def report_words(report: BudgetReport) -> str:
    """The report for people."""
    parts = [f"enforcement {report.enforcement}"]
    if report.namespace:
        parts.append(report.namespace)
    blocks = [
        " · ".join([_whose(report), *parts]),
        budgets_table(report.budgets) if report.budgets else "No budget applies.",
        *(_spend_table(by, spend) for by, spend in report.spend.items()),
        "\n".join(_forecast_words(report.forecast)),
        "\n".join(_anomaly_words(report.anomalies)),
        "\n".join(_hold_words("open", report.open_holds)),
        "\n".join(_hold_words("abandoned", report.abandoned_holds)),
    ]
    return "\n\n".join(block for block in blocks if block)


def _whose(report: BudgetReport) -> str:
    tier = f", tier {one_line(report.tier)}" if report.tier else ""
    return f"user {one_line(report.user)}{tier}"


def budgets_table(budgets: Sequence[BudgetStatus]) -> str:
    """How far each budget is used up."""
    rows: list[tuple[str, ...]] = [("budget", "spent", "held", "limit", "left", "used", "resets")]
    for status in budgets:
        amounts = (status.spent, status.held, status.limit, status.left)
        used = f"{100 * status.fraction:.0f} %"
        rows.append((one_line(status.label), *map(format_usd, amounts), used, _when(status.resets_at)))
    return table(rows, right=(1, 2, 3, 4, 5))


def _spend_table(by: str, spend: dict[str, Spend]) -> str:
    if not spend:
        return f"No spend by {by} is booked."
    rows: list[tuple[str, ...]] = [(f"spend by {by}", "cost", "calls", "prompt tokens", "completion tokens")]
    for name, sums in spend.items():
        counts = (sums.calls, sums.prompt_tokens, sums.completion_tokens)
        rows.append((one_line(name) or "(unknown)", format_usd(sums.nanousd), *(f"{count:,}" for count in counts)))
    return table(rows, right=(1, 2, 3, 4))


def _forecast_words(forecast: Forecast | None) -> Iterator[str]:
    if forecast is None:
        yield "No forecast: fewer than three whole days of spend are known."
        return
    rows: list[tuple[str, ...]] = [("forecast", "expected", "4 in 5 times between", "and")]
    rows += [(day.day.isoformat(), *map(format_usd, (day.expected, day.low, day.high))) for day in forecast.daily]
    yield table(rows, right=(1, 2, 3))
    yield f"By {forecast.method}, from {forecast.known_days} days."
    for item in forecast.run_outs:
        label = one_line(item.budget)
        if item.at is not None:
            yield f"{label}: runs out {_when(item.at)}, at the earliest {_when(item.earliest)}"
        elif item.earliest is not None:
            yield f"{label}: lasts; at the earliest it runs out {_when(item.earliest)}"
        else:
            yield f"{label}: lasts"


def _anomaly_words(anomalies: Sequence[Anomaly]) -> Iterator[str]:
    for found in anomalies:
        usual = f"usually {format_usd(found.usual)}; {found.score:.1f} deviations above"
        yield f"{found.day} cost unusually much: {format_usd(found.spent)} ({usual})"


def _hold_words(kind: str, holds: Sequence[Hold]) -> Iterator[str]:
    if not holds:
        return
    rows = [(f"{kind} hold of run", "amount", "expires" if kind == "open" else "expired")]
    for hold in holds[:_HOLDS_SHOWN]:
        expires = datetime.fromtimestamp(hold.expires_at).astimezone()
        rows.append((one_line(hold.run_id)[:8], format_usd(hold.amount), _when(expires)))
    yield table(rows, right=(1,))
    total = format_usd(sum(hold.amount for hold in holds))
    more = f", {len(holds) - _HOLDS_SHOWN} more than shown" if len(holds) > _HOLDS_SHOWN else ""
    yield f"{len(holds)} {kind}, {total} in all{more}"


def _when(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M %Z}"
