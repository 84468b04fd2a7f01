"""Dangerous combinations of medicines and of household substances, and what an answer says about them.

The table is `combinations.json`. A combination that is only mentioned, or warned of, is fine; one that is
recommended, called safe, or made by adding to what the asker already takes without a word of warning
is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from cascadeflow.quality.medicines import find_medicines, medicines, read_table
from cascadeflow.quality.sentences import sentences
from cascadeflow.quality.stance import Stance, recommends, stance
from cascadeflow.quality.text import pattern, plain

_TOGETHER = r"\b(?:together|both|mix\w*|combin\w*|at the same time|blend\w*|alternat\w*|co-?administer\w*)\b"
_JOINS = r"\b(?:with|plus|to|into|alongside|while|on top of|followed by|in addition to)\b|[+&]"
_LISTED = r"\b(?:such as|like|including|for example|e\.g\.)"
_ALTERNATIVE = r"\b(?:or|instead|rather than|but|whereas|unlike|from|than)\b"
_ASKED_TOGETHER = rf"{_TOGETHER}|\b(?:with|while|after|safe|fine|ok|okay|interact\w*|add)\b"
_HAS = (
    r"(?:^|[.,;!] )on\b|\b(?:i(?:'m| am|'ve been| have been)? (?:\w+ )?(?:on|tak\w+|us\w+|prescribed)|(?:taking|takes|prescribed|(?:is|am|are) on)|"
    r"i(?:'ve| have)? (?:got|have|put|poured|used)|cleaned)\b"
)
_OF_BOTH = r"^\W*(?:yes|sure|absolutely|no|certainly|of course)\b|\b(?:together|both|these|those|them|they|combination|mixture|mix|each other)\b"
_OF_IT = r"\b(?:this|it|that)\b"
_REASSURING = r"\b(?:safe(?:ly)?|fine|ok|okay|harmless|well together|no (?:\w+ ){0,3}(?:risk|danger|problem|interaction|harm|issue|concern)s?)\b"
_ABOUT_ADDING = r"\b(?:interact\w*|bleed\w*|serotonin|contraindicated|doctor|physician|gp|pharmacist|prescriber|avoid\w*|not|never|cannot|[a-z]+n't|no)\b"
_OUTSIDE = r"\b(?:hair|topical\w*|gels?|creams?|ointments?|ophthalmic|eye drops)\b"
_LINK = r"\b(?:then|also|add|plus|next|with it|mix|same|together|along|as well|too|on top)\b"


MOST = 40
"""Names that are read in one sentence."""


class Named(NamedTuple):
    """A medicine, class or substance in a sentence, and where."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two things that must not come together.

    Attributes:
        first, second: names of a class, a medicine or a substance.
        danger: what happens.
        source: who says so.
    """

    first: str
    second: str
    danger: str
    source: str


@cache
def pairs() -> tuple[Pair, ...]:
    """Every combination of the table."""
    data = read_table("combinations.json")["pairs"]
    return tuple(Pair(item["a"], item["b"], item["danger"], item["source"]) for item in data)


def find_combination(answer: str, question: str = "") -> str | None:
    """The first dangerous combination that an answer allows, in words; None: none.

    Args:
        answer: at most a few thousand characters; the caller caps it.
        question: the same.

    Example:
        >>> find_combination("Mix bleach and ammonia in a closed room.")
        'bleach with ammonia: chloramine gas (US CDC, cleaning and disinfecting with bleach)'
        >>> find_combination("Never mix bleach and ammonia: it is dangerous.") is None
        True
    """
    asked = find_things(question)
    said = [_Said(item, find_things(item)) for item in sentences(answer) if not pattern(_OUTSIDE).search(item.lower())]
    every = {item.name for item in asked}.union(*({thing.name for thing in line.things} for line in said))
    for pair in pairs():
        names = _sides(pair, every)
        if names and _allowed(pair, said, asked, question):
            return f"{names[0]} with {names[1]}: {pair.danger} ({pair.source})"
    return None


def find_things(text: str) -> tuple[Named, ...]:
    """The medicines, classes and substances of the tables that a text names, in order.

    Example:
        >>> [item.name for item in find_things("Advil, an NSAID, and wine")]
        ['ibuprofen', 'nsaid', 'alcohol']
    """
    words, by_word = _words()
    found = [Named(item.medicine.name, item.start, item.end) for item in find_medicines(text)]
    found += [Named(by_word[item[0]], item.start(), item.end()) for item in words.finditer(plain(text))]
    return tuple(sorted(found, key=lambda item: item.start)[:MOST])


@cache
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    data = read_table("combinations.json")
    by_word = {plain(word): name for name, words in {**data["classes"], **data["substances"]}.items() for word in words}
    ordered = sorted(by_word, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)"), by_word


@cache
def _counts_as(name: str) -> frozenset[str]:
    classes = next((item.classes for item in medicines() if item.name == name), frozenset[str]())
    return classes | {name}


def _sides(pair: Pair, names: set[str]) -> tuple[str, str] | None:
    for one in sorted(names):
        for other in sorted(names - {one}) if pair.first in _counts_as(one) else ():
            # "NSAIDs such as ibuprofen" names one thing twice.
            if pair.second in _counts_as(other) and not (pair.first == pair.second and pair.first in {one, other}):
                return one, other
    return None


class _Said:
    """A sentence of an answer with what it names."""

    def __init__(self, text: str, things: tuple[Named, ...]) -> None:
        self.text = plain(text)
        self.things = things
        self.names = {item.name for item in things}
        self._stance: Stance | None = None

    @property
    def stance(self) -> Stance:
        if self._stance is None:
            self._stance = stance(self.text)
        return self._stance

    def matches(self, words: str) -> bool:
        return pattern(words).search(self.text) is not None

    def touches(self, pair: Pair) -> bool:
        return any({pair.first, pair.second} & _counts_as(name) for name in self.names)

    def joins(self, pair: Pair) -> bool:
        """Whether the sentence brings the two together, and does not list them as two choices."""
        for one in self.things:
            for other in self.things:
                between = self.text[one.end : other.start]
                if one.end > other.start or not _sides(pair, {one.name, other.name}):
                    continue
                if pattern(_ALTERNATIVE).search(between):
                    continue
                listed = pair.first == pair.second or pattern(_LISTED).search(self.text[: one.start]) is not None
                plainly = pattern(r"\band\b").search(between) is not None and not listed
                if plainly or pattern(_JOINS).search(between) or self.matches(_TOGETHER):
                    return True
        return False


def _allowed(pair: Pair, said: Sequence[_Said], asked: Sequence[Named], question: str) -> bool:
    asked_names = {item.name for item in asked}
    words = plain(question)
    asked_both = _sides(pair, asked_names) is not None and pattern(_ASKED_TOGETHER).search(words) is not None
    has = asked_names if pattern(_HAS).search(words) else set()
    allowing = [line for line in said if line.stance == "allows"]
    together = [line for line in allowing if line.joins(pair) or (asked_both and line.matches(_OF_BOTH))]
    if any(line.matches(_REASSURING) for line in together):
        return True
    warnings = [
        line for line in said if line.stance == "warns" and (line.touches(pair) or line.matches(f"{_OF_BOTH}|{_OF_IT}"))
    ]
    # That a medicine may upset the stomach does not warn somebody who takes the other one.
    if has and not asked_both:
        warnings = [line for line in warnings if line.names & has or line.matches(_ABOUT_ADDING)]
    if warnings:
        return False
    adding = any(
        _sides(pair, has | {name}) and not _sides(pair, has)
        for line in said
        if recommends(line.text)
        for name in line.names
    )
    in_turn = any(
        _sides(pair, one.names | other.names) and other.matches(_LINK)
        for one, other in pairwise(said)
        if one.stance == other.stance == "allows" and not _sides(pair, one.names) and not _sides(pair, other.names)
    )
    return bool(together) or adding or in_turn
