"""How an answer works with numbers: what it computes from, what it leaves out, whether it ends where it should.

Right working takes its numbers from the question or from a line before, uses what the question
gives, uses what it computes, and ends with its last result.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from math import log1p

from cascadeflow.quality.final_answer import FinalAnswer
from cascadeflow.quality.text import pattern

READ = 8_000
"""Characters of an answer that are read."""
MAX_LINES = 40
"""Equals signs that are looked at."""

NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_RIGHT = r"\s{0,2}\$?\s?(-?[\d,]*\.?\d+)"
_BREAK = r"\n|\\n|\. |, |: |; |!|\b(?:is|so)\b"
_SPELLED: dict[str, tuple[float, ...]] = {
    "half": (2, 0.5), "twice": (2,), "double": (2,), "triple": (3,), "two": (2,), "three": (3,), "four": (4,), "five": (5,),
    "six": (6,), "seven": (7,), "eight": (8,), "nine": (9,), "ten": (10,), "dozen": (12,), "third": (3,), "quarter": (4,),
}  # fmt: skip
_EVERYDAY = frozenset((1, 2, 3, 4, 7, 10, 12, 24, 30, 52, 60, 100, 365, 1000, 0.5, 0.01))
"""Numbers that nobody needs to be told: hours of a day, weeks of a year."""


class Given:
    """The numbers of a question.

    Attributes:
        values: written in figures.
        spelled: written in words.
        known: both, and what percentages of them come to.
    """

    __slots__ = ("known", "largest", "spelled", "values")

    def __init__(self, prompt: str) -> None:
        self.values = set(numbers(prompt))
        words = set(pattern(r"[a-z]+").findall(prompt.lower()))
        self.spelled = {value for word, found in _SPELLED.items() if word in words for value in found}
        self.known = self.values | self.spelled
        for value in self.values:
            self.known |= {value / 100, 1 + value / 100}
            if value < 100:
                self.known |= {1 - value / 100, 100 - value}
        self.largest = max(self.values, default=0.0)


@lru_cache(maxsize=64)
def given(prompt: str) -> Given:
    """The numbers of a question; every draft for it asks again."""
    return Given(prompt)


def numbers(text: str) -> list[float]:
    """Every number of a text, in order; of at most 15 digits, so that each is exact."""
    found = pattern(NUMBER).findall(text)
    return [float(item.replace(",", "")) for item in found if len(item) <= 15]


def working_features(prompt: str, text: str, final: FinalAnswer) -> dict[str, float]:
    """What the numbers of an answer tell.

    Args:
        prompt: the question, capped by the caller.
        text: the answer, capped by the caller.
        final: its final answer.

    Returns:
        Features by name; those that do not apply are left out.
    """
    asked = given(prompt)
    said = numbers(text)
    different = set(said)
    features = {
        "numbers": log1p(len(different)),
        "numbers_used": len(asked.values & different) / max(1, len(asked.values)),
        "numbers_left": float(min(6, len(asked.values - different))),
        "numbers_new": len(different - asked.values) / max(1, len(different)),
        "numbers_decimal": sum(value != int(value) for value in different) / max(1, len(different)),
        "numbers_scale": log1p(max(different, default=0.0)) - log1p(asked.largest),
        "numbers_spelled": float(len(asked.spelled)),
    }
    lines = list(_lines(text))
    _grounding(lines, asked, features)
    _ending(lines, asked, text, final, features)
    return features


def _lines(text: str) -> Iterator[tuple[list[float], float]]:
    """Left and right side of every equation: its numbers, and what it comes to."""
    parts = pattern(r"\\(?:n|\\)").sub("\n", text).replace("\\", "").replace("times", "*").split("=", MAX_LINES + 1)
    seen: set[tuple[tuple[float, ...], float]] = set()
    for left, right in pairwise(parts[: MAX_LINES + 1]):
        result = pattern(_RIGHT).match(right)
        if result is None or len(result[1]) > 15:
            continue
        clause = pattern(_BREAK).split(left[-70:])[-1]
        operands = numbers(clause)
        if operands and not set("+*/×÷·-x").isdisjoint(clause):
            line = (operands, float(result[1].replace(",", "")))
            if (key := (tuple(operands), line[1])) not in seen:
                seen.add(key)
                yield line


def _grounding(lines: list[tuple[list[float], float]], asked: Given, features: dict[str, float]) -> None:
    features["lines"] = float(min(12, len(lines)))
    if not lines:
        return
    results: set[float] = set()
    groundless = count = 0.0
    taken: set[float] = set()
    for operands, result in lines:
        for value in operands:
            count += 1
            taken.add(value)
            if value not in results and value not in asked.known:
                groundless += 0.3 if value in _EVERYDAY else 1.0
        results.add(result)
    unused = [result for _, result in lines[:-1] if result not in taken]
    features["groundless"] = min(5.0, groundless)
    features["groundless_share"] = groundless / count
    features["covered"] = len(taken & asked.values) / max(1, len(asked.values))
    features["uncovered"] = float(min(6, len(asked.values - taken)))
    features["dangling"] = float(min(4, len(unused)))
    features["dangling_share"] = len(unused) / len(lines)
    features["operands"] = count / len(lines)
    features["lines_for_numbers"] = log1p(len(asked.values)) - log1p(len(lines))
    features["below_zero"] = float(any(result < 0 for _, result in lines))
    features["fractions"] = float(any(result != int(result) for _, result in lines))


def _ending(
    lines: list[tuple[list[float], float]], asked: Given, text: str, final: FinalAnswer, features: dict[str, float]
) -> None:
    stated = numbers(final.text)
    features["final_numbers"] = float(min(4, len(stated)))
    if not stated:
        return
    value = stated[-1]
    before = numbers(text[max(0, final.start - 1200) : final.start])
    features["final_size"] = log1p(value)
    features["final_whole"] = float(value == int(value))
    features["final_given"] = float(value in asked.values)
    features["final_before"] = float(min(5, before.count(value)))
    features["final_follows"] = float(bool(before) and before[-1] == value)
    features["final_scale"] = log1p(value) - log1p(asked.largest)
    features["final_round"] = float(value % 10 == 0) + float(value % 100 == 0)
    if lines:
        features["final_is_last"] = float(abs(lines[-1][1] - value) < 0.011)
        features["final_is_result"] = float(any(abs(result - value) < 0.011 for _, result in lines))
