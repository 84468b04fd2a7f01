"""`DomainDetector`: which field a question belongs to, by words and by the look of it.

Words and phrases of each domain stand with a weight in ``domain_words.json``; a question is split
into words once and each is looked up, so the time grows with its length only. Signs that no word
list can hold (code blocks, LaTeX, doses, legal citations, chemical formulas) count beside them. Where
nothing speaks clearly for a domain, the answer is ``general``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from math import exp, sqrt
from typing import Any, NamedTuple

from cascadeflow.errors import ConfigError
from cascadeflow.routing.signs import signs
from cascadeflow.schema import Message

GENERAL = "general"
DOMAINS = ("code", "math", "medical", "legal", "finance", "science", GENERAL)
"""The domains known without configuration."""

HEAD, TAIL = 3_000, 1_000
"""Characters read from the start and the end of each message."""
MESSAGES = 8
"""Messages of a conversation that are looked at, from the last."""
DECAY = 0.5
"""What a message of the user counts against the one after it; an answer counts half of that."""
NEEDED = 3.0
"""Weight that speaks for a domain: one sure word, or two or three likely ones; more in a long text."""
USER_WEIGHT = 3.0
"""Weight of the words of a user's own domain."""

_WORD = r"[\w'’#+]+"


class _Lexicon(NamedTuple):
    """Words and phrases, each with the domains it speaks for and how loudly."""

    entries: dict[str, tuple[tuple[str, float], ...]]
    known: frozenset[str]


class DomainDetector:
    """Tells the domain of a question or a conversation.

    Args:
        extra: further domains, each with words and phrases of two words that mark it. They count as
            much as the surest built-in words; a built-in domain may be given more words that way.

    Raises:
        ConfigError: a domain has no words, or a phrase has more than two.

    Example:
        >>> DomainDetector().detect("Which class of antibiotics treats strep throat?")[0]
        'medical'
        >>> DomainDetector(extra={"gaming": ["raid boss", "respawn"]}).detect("Where do I respawn?")[0]
        'gaming'
    """

    def __init__(self, extra: Mapping[str, Sequence[str]] | None = None) -> None:
        self.extra = {domain: tuple(words) for domain, words in (extra or {}).items()}
        self._own = _own_lexicon(self.extra)

    @property
    def domains(self) -> tuple[str, ...]:
        """Every domain this detector can answer with."""
        return tuple(dict.fromkeys((*DOMAINS, *self.extra)))

    def detect(self, query: str | Sequence[Message]) -> tuple[str, float]:
        """The domain of a question.

        Args:
            query: the question, or a conversation in OpenAI's form. Earlier messages count less and
                less, so that "and in reverse?" stays in the domain of what came before.

        Returns:
            Domain and confidence from 0 to 1.
        """
        totals: dict[str, float] = {}
        needed = NEEDED
        for position, (text, share) in enumerate(_parts(query)):
            found, words = self._weigh(text)
            if position == 0:
                # Hints pile up in a long text whatever it is about.
                needed *= max(1.0, sqrt(words / 40))
            for domain, weight in found.items():
                totals[domain] = totals.get(domain, 0.0) + share * weight
        best = max(totals, key=totals.__getitem__, default=GENERAL)
        if not totals.get(best):
            return GENERAL, 1.0
        confidence = totals[best] / sum(totals.values()) * (1 - exp(-totals[best] / needed))
        if totals[best] < needed or confidence < 1 / 3:
            return GENERAL, 1 - confidence
        return best, confidence

    def _weigh(self, text: str) -> tuple[dict[str, float], int]:
        """What speaks for each domain in one text, and how many words it has."""
        words = words_of(text.lower())
        singles = set(words)
        pairs = set(map(" ".join, pairwise(words)))
        totals = dict(signs(text, singles))
        lexicon = _lexicon()
        for entries in (singles, pairs):
            for entry in entries.intersection(lexicon.known):
                _add(totals, lexicon.entries[entry])
            for entry in entries.intersection(self._own.known):
                _add(totals, self._own.entries[entry])
        return totals, len(words)


@lru_cache(maxsize=1)  # a question is asked for its words twice in a row: for its domain and its complexity
def words_of(lowered: str) -> tuple[str, ...]:
    """The words of a text in lower case, in order."""
    return tuple(_word_pattern().findall(lowered))


def _add(totals: dict[str, float], found: Iterable[tuple[str, float]]) -> None:
    for domain, weight in found:
        totals[domain] = totals.get(domain, 0.0) + weight


def _parts(query: str | Sequence[Message]) -> Iterator[tuple[str, float]]:
    """Texts to weigh, the last first, each with what it counts."""
    if isinstance(query, str):
        yield cut(query), 1.0
        return
    share, behind = 1.0, False
    for message in list(query)[: -MESSAGES - 1 : -1]:
        role = message.get("role")
        if role == "user":
            share, behind = (share * DECAY if behind else share), True
            yield cut(text_of(message)), share
        elif role == "assistant" and behind:
            yield cut(text_of(message)), share * DECAY / 2


def text_of(message: Message) -> str:
    """The text of a message in OpenAI's form; of several parts, those that are text."""
    content: Any = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def cut(text: str) -> str:
    """The part of a long text that is read: its start and its end."""
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"


@cache
def _word_pattern() -> re.Pattern[str]:
    return re.compile(_WORD)


@cache
def _lexicon() -> _Lexicon:
    import json
    from importlib.resources import files

    data = json.loads(files("cascadeflow.routing").joinpath("domain_words.json").read_text("utf-8"))
    entries = (
        (entry, domain, float(weight))
        for domain, kinds in data.items()
        for kind, separator in (("words", " "), ("phrases", "; "))
        for weight, listed in kinds[kind].items()
        for entry in listed.split(separator)
        if entry
    )
    return _by_entry(entries)


@cache
def sure_words() -> frozenset[str]:
    """The words that surely mark a domain: the more of them in a question, the more there is to know."""
    return frozenset(entry for entry, found in _lexicon().entries.items() if any(weight >= 3 for _, weight in found))


def _own_lexicon(extra: Mapping[str, tuple[str, ...]]) -> _Lexicon:
    for domain, words in extra.items():
        if not domain or not words or not all(isinstance(word, str) and word.split() for word in words):
            raise ConfigError(f"the domain {domain!r} needs a name and a list of words", key=f"extra.{domain}")
        long = next((word for word in words if len(word.split()) > 2), None)
        if long is not None:
            raise ConfigError(f"{long!r} has more than two words; give one or two", key=f"extra.{domain}")
    entries = (
        (" ".join(word.lower().split()), domain, USER_WEIGHT) for domain, words in extra.items() for word in words
    )
    return _by_entry(entries)


def _by_entry(entries: Iterable[tuple[str, str, float]]) -> _Lexicon:
    grouped: dict[str, tuple[tuple[str, float], ...]] = {}
    for entry, domain, weight in entries:
        grouped[entry] = (*grouped.get(entry, ()), (domain, weight))
    return _Lexicon(grouped, frozenset(grouped))
