"""The table of medicines: their names, classes and largest adult doses, each dose with its source."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from cascadeflow.quality.text import plain

MILLIGRAMS = {"µg": 0.001, "mg": 1.0, "g": 1000.0}
"""Units of mass in milligrams."""


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine of the table.

    Attributes:
        name: its international name, or the one a reader knows.
        names: other names and brands, lower case.
        classes: what it belongs to, such as ``nsaid``.
        single: largest adult dose taken at once, by mouth, in mg; None: the table has none.
        daily: largest adult dose a day, by mouth, in mg; None: the table has none.
        weekly: the same a week, for a medicine that is taken once a week.
        source: who says so; empty where there is no dose.
    """

    name: str
    names: tuple[str, ...]
    classes: frozenset[str]
    single: float | None = None
    daily: float | None = None
    weekly: float | None = None
    source: str = ""

    @property
    def largest(self) -> float | None:
        """The largest amount of it in the table, in mg; None: no dose is known."""
        return max((item for item in (self.single, self.daily, self.weekly) if item is not None), default=None)


@dataclass(frozen=True, slots=True)
class Mention:
    """A medicine named in a text, and where."""

    medicine: Medicine
    start: int
    end: int


def milligrams(said: str) -> float:
    """An amount of the table in mg.

    Example:
        >>> milligrams("300 µg")
        0.3
    """
    number, unit = said.split()
    return float(number) * MILLIGRAMS[unit]


def show(amount: float) -> str:
    """An amount in mg in the unit that reads best.

    Example:
        >>> show(4000), show(12.5), show(0.3)
        ('4 g', '12.5 mg', '300 µg')
    """
    unit = "g" if amount >= MILLIGRAMS["g"] else "mg" if amount >= MILLIGRAMS["mg"] else "µg"
    return f"{amount / MILLIGRAMS[unit]:.6g} {unit}"


def read_table(name: str) -> Any:
    """The content of a JSON file beside this one."""
    from importlib.resources import files

    return json.loads(files("cascadeflow.quality").joinpath(name).read_text("utf-8"))


@cache
def medicines() -> tuple[Medicine, ...]:
    """Every medicine of the table, those with a dose first."""
    data = read_table("medicines.json")
    return tuple(_medicine(item) for item in (*data["with_dose"], *data["without_dose"]))


def _medicine(item: dict[str, Any]) -> Medicine:
    amounts = {key: milligrams(item[key]) for key in ("single", "daily", "weekly") if key in item}
    source = f"{item['source']}, {item['year']}" if amounts else ""
    return Medicine(item["name"], tuple(item["names"]), frozenset(item["classes"]), source=source, **amounts)


@cache
def _names() -> tuple[re.Pattern[str], dict[str, Medicine]]:
    by_name = {plain(name): item for item in medicines() for name in (item.name, *item.names)}
    words = "|".join(re.escape(name) for name in sorted(by_name, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)"), by_name


def find_medicines(text: str) -> tuple[Mention, ...]:
    """The medicines of the table that a text names, in order.

    Args:
        text: at most a few thousand characters; the caller caps it.

    Example:
        >>> [item.medicine.name for item in find_medicines("Tylenol or Advil?")]
        ['paracetamol', 'ibuprofen']
    """
    names, by_name = _names()
    return tuple(Mention(by_name[found[0]], found.start(), found.end()) for found in names.finditer(plain(text)))
