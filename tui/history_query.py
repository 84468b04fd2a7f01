"""What is typed into the search of the history: words, and filters such as ``model:gpt-4o`` or ``cost:>0.01``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from cascadeflow.history import RunFilter
from cascadeflow.money import parse_usd

KEYS = {
    "model": "a model that was asked", "domain": "code, medical, …", "preset": "a preset", "tag": "a tag",
    "verdict": "passed or rejected", "cost": ">0.01 or <0.01, in USD", "since": "2026-11-01", "until": "2026-11-30",
    "marked": "yes or no (as right or wrong)", "status": "finished, failed or cancelled",
}  # fmt: skip
_YES_NO = {"yes": True, "no": False}
_VERDICTS = {"passed": True, "rejected": False}
_STATUSES = ("finished", "failed", "cancelled")


class QueryError(Exception):
    """A filter is not understood; its text says what is allowed."""


def parse(text: str) -> tuple[str, RunFilter]:
    """Split what was typed into words to search for and a filter.

    Args:
        text: as typed; what has no ``key:`` is a word.

    Raises:
        QueryError: a filter is not understood.

    Example:
        >>> words, wanted = parse("rome domain:general cost:>0.01")
        >>> words, wanted.domain, wanted.cost_from
        ('rome', 'general', 10000000)
    """
    words: list[str] = []
    wanted: dict[str, Any] = {}
    for part in text.split():
        key, colon, value = part.partition(":")
        if not colon or key not in KEYS or not value:
            words.append(part)
            continue
        wanted |= _filter(key, value)
    return " ".join(words), replace(RunFilter(), **wanted)


def filter_of(text: str) -> RunFilter:
    """What was typed where words are not searched for.

    Raises:
        QueryError: it is not understood, or holds words.
    """
    words, wanted = parse(text)
    if words:
        raise QueryError(f"{words!r} is no filter; search words in the history (F3)")
    return wanted


def _filter(key: str, value: str) -> dict[str, Any]:
    try:
        match key:
            case "model" | "domain" | "preset" | "tag":
                return {key: value}
            case "verdict":
                return {"validated": _VERDICTS[value]}
            case "marked":
                return {"labelled": _YES_NO[value]}
            case "status" if value in _STATUSES:
                return {"status": value}
            case "cost" if value[0] in "<>":
                return {"cost_from" if value[0] == ">" else "cost_to": parse_usd(value[1:])}
            case "since" | "until":
                return {key: datetime.fromisoformat(value).astimezone().timestamp()}
    except (KeyError, ValueError):
        pass
    raise QueryError(f"{key}:{value} is not understood; write {key}: and {KEYS[key]}")
