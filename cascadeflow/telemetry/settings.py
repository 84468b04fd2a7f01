"""Which values the attributes of a `CostTracker` take, and what is said about the others."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, get_args

from cascadeflow.errors import ConfigError
from cascadeflow.telemetry.budgets import BudgetConfig
from cascadeflow.telemetry.ledger import SpendBy


def checked(name: str, value: Any) -> Any:
    """The value of an attribute, if it can be used.

    Raises:
        ConfigError: it cannot; the text says what is allowed.
    """
    check = _CHECKS.get(name)
    return value if check is None else check(name, value)


def budget_in(all_budgets: Mapping[str, BudgetConfig], name: str, attribute: str) -> BudgetConfig | None:
    """The budget of a user or tier, if there is one; dictionaries may have been changed by hand."""
    budget = all_budgets.get(name)
    return None if budget is None else _budget(f"{attribute}.{name}", budget)


@lru_cache(maxsize=256)
def per_day(usd: float) -> BudgetConfig:
    """A plain amount as a daily budget."""
    return BudgetConfig(daily=usd)


def check_spend_by(by: str) -> None:
    """Refuse to sum by what is not recorded.

    Raises:
        ConfigError: with what there is.
    """
    if by not in get_args(SpendBy):
        raise ConfigError(f"spending is not summed by {by!r}; by {_listed(get_args(SpendBy))}", key="by")


def _limit(name: str, value: Any) -> Any:
    if value is None or isinstance(value, BudgetConfig):
        return value
    if not _is_number(value) or not 0 <= value < math.inf:
        raise ConfigError(f"{value!r} is not a budget; write USD a day such as 10.00, or None for no limit", key=name)
    return value


def _budget(name: str, value: Any) -> BudgetConfig:
    if not isinstance(value, BudgetConfig):
        raise ConfigError(f"{value!r} is not a budget; write BudgetConfig(daily=1.00)", key=name)
    return value


def _optional_budget(name: str, value: Any) -> BudgetConfig | None:
    return None if value is None else _budget(name, value)


def budgets(name: str, value: Any) -> dict[str, BudgetConfig]:
    """Budgets by name; None is none.

    Raises:
        ConfigError: something else.
    """
    if value is not None and not isinstance(value, Mapping):
        raise ConfigError(f'{value!r} is not a dictionary; write {{"name": BudgetConfig(daily=1.00)}}', key=name)
    for key, budget in (value or {}).items():
        _budget(f"{name}.{key}", budget)
    return dict(value or {})


def _threshold(name: str, value: Any) -> float:
    if not _is_number(value) or not 0 < value <= 1:
        raise ConfigError(f"{value!r} is not a part of a budget; write a number above 0 up to 1, such as 0.8", key=name)
    return float(value)


def _seconds(name: str, value: Any) -> float:
    if not _is_number(value) or not 0 < value < math.inf:
        raise ConfigError(f"{value!r} is not a time; write seconds above 0, such as 600", key=name)
    return float(value)


def _one_of(*allowed: str) -> Callable[[str, Any], str]:
    def check(name: str, value: Any) -> str:
        if value not in allowed:
            raise ConfigError(f"{value!r} is not known; write {_listed(allowed)}", key=name)
        return str(value)

    return check


def _callback(name: str, value: Any) -> Any:
    if value is not None and not callable(value):
        raise ConfigError(f"{value!r} cannot be called; give a function that takes a BudgetStatus, or None", key=name)
    return value


def _namespace(name: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[\w.-]*", value):
        raise ConfigError(f"{value!r} is not a namespace; use letters, digits, '.', '-' and '_'", key=name)
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(repr(name) for name in names)


_CHECKS: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "budget_limit": _limit,
    "user_budgets": budgets,
    "tier_budgets": budgets,
    "global_budget": _optional_budget,
    "warn_threshold": _threshold,
    "enforcement": _one_of("degrade", "block", "warn"),
    "on_store_error": _one_of("refuse", "allow"),
    "on_warning": _callback,
    "on_exceeded": _callback,
    "hold_seconds": _seconds,
    "namespace": _namespace,
}
