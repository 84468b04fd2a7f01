"""What-if as a command line, so that what a screen shows can be had in a shell."""

from __future__ import annotations

import shlex
from datetime import datetime

from cascadeflow.history.filters import RunFilter
from cascadeflow.money import to_usd
from cascadeflow.whatif.settings import ReplaySettings, name_of

RECORDED = "recorded"
"""What stands for settings that change nothing."""
_ALL = RunFilter()


def question_command(
    query: str,
    *,
    preset: str | None = None,
    tier: str | None = None,
    user: str | None = None,
    domain: str | None = None,
    as_json: bool = True,
) -> str:
    """The command that compares plans for a question.

    Args:
        query: the question.
        preset: only this preset.
        tier: only this tier.
        user: whose budgets count.
        domain: known domain.
        as_json: whether for programs.

    Example:
        >>> question_command("What is 17 * 23?", tier="free")
        "cascadeflow whatif --tier free --json -- 'What is 17 * 23?'"
    """
    given = {"--preset": preset, "--tier": tier, "--user": user, "--domain": domain}
    words = [word for option, value in given.items() if value is not None for word in (option, value)]
    return shlex.join(["cascadeflow", "whatif", *words, *(["--json"] * as_json), "--", query])


def history_command(
    settings: ReplaySettings,
    *,
    matching: RunFilter = _ALL,
    against: ReplaySettings | None = None,
    as_json: bool = True,
) -> str:
    """The command that replays history.

    Args:
        settings: what is changed; a preset that is not named by a text appears under its name, and has to be
            exported to be found.
        matching: which runs.
        against: settings to compare with.
        as_json: whether for programs.

    Example:
        >>> history_command(ReplaySettings(mode="strict"), matching=RunFilter(domain="code"))
        'cascadeflow whatif --history --domain code --set mode=strict --json'
    """
    words = ["cascadeflow", "whatif", "--history", *_filter(matching), *_pairs("--set", settings)]
    if against is not None:
        words += _pairs("--against", against) or ["--against", RECORDED]
    return shlex.join([*words, *(["--json"] * as_json)])


def _pairs(option: str, settings: ReplaySettings) -> list[str]:
    preset = settings.preset
    named = preset if preset is None or isinstance(preset, str) else name_of(preset)
    given = {"preset": named, "tier": settings.tier, "mode": settings.mode}
    numbers = {"threshold": settings.threshold, "budget": settings.budget}
    pairs = [f"{name}={value}" for name, value in given.items() if value is not None]
    pairs += [f"{name}={value!r}" for name, value in numbers.items() if value is not None]
    pairs += [f"price={model}={price[0]!r},{price[1]!r}" for model, price in settings.prices.items()]
    return [word for pair in pairs for word in (option, pair)]


def _filter(matching: RunFilter) -> list[str]:
    verdict: str | None = matching.status
    if matching.validated is not None:
        verdict = "accepted" if matching.validated else "not-validated"
    given = {
        "--session": matching.session,
        "--since": _minute(matching.since),
        "--until": _minute(matching.until),
        "--domain": matching.domain,
        "--model": matching.model,
        "--made-with": matching.preset,
        "--tag": matching.tag,
        "--verdict": verdict,
        "--cost-from": _usd(matching.cost_from),
        "--cost-to": _usd(matching.cost_to),
    }
    words = [word for option, value in given.items() if value is not None for word in (option, value)]
    if matching.labelled is not None:
        words.append("--labelled" if matching.labelled else "--unlabelled")
    if matching.rehearsal is not None:
        words.append("--rehearsed" if matching.rehearsal else "--real")
    return words


def _minute(instant: float | None) -> str | None:
    return None if instant is None else datetime.fromtimestamp(instant).astimezone().strftime("%Y-%m-%dT%H:%M")


def _usd(amount: int | None) -> str | None:
    return None if amount is None else f"{to_usd(amount):.9f}".rstrip("0").rstrip(".")
