"""`ComplexityAnalyzer`: how much a question asks of a model, from its length, wording and notation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from math import exp, log2
from typing import Any

from cascadeflow.routing.domain import cut, sure_words, text_of, words_of
from cascadeflow.routing.signs import numbers_in
from cascadeflow.schema import Complexity, Message

MEDIUM, HIGH = 0.35, 0.65
"""Scores from which a question is ``medium`` and ``high``."""

_HARD = frozenset(
    "prove proving proof proofs derive derivation design designing architecture architect optimize optimise optimization "
    "optimal scalable scalability tradeoff tradeoffs analyze analyse analyzing analysis critical critically evaluate compare "
    "comparing contrast strategy strategies refactor concurrent concurrency distributed implement implementation debug "
    "formal formally theorem comprehensive detailed thorough justify assess implications synthesize synthesise research "
    "simulate simulation scratch production".split()
)
_DEMANDS = frozenset(
    "must should ensure also additionally furthermore moreover then exactly except unless assume assuming suppose without "
    "given subject respectively".split()
)
_EASY = (
    r"\s*(?:hi|hello|hey|thanks|thank you|what(?:'s| is| are| was)|who|when|where|which|define|translate|spell|name|list|"
    r"convert|set|start|play|call|turn|tell me|show me|is|are|do|does|did|can|how (?:do you say|old|tall))\b"
)
_ITEM = r"\n\s{0,4}(?:[-*•]|\d{1,2}[.)])\s"
_NOTATION = r"\\[a-zA-Z]{2,}|\$[^$\n]{1,80}\$|[∑∫√≤≥∞∈∀∃]|[a-z]\^\{?\w|[a-z]_\{?\w\b"


class ComplexityAnalyzer:
    """Tells how hard a question is, by rules.

    Example:
        >>> ComplexityAnalyzer().analyze("What is the capital of France?")["complexity"]
        'simple'
    """

    def analyze(self, query: str | Sequence[Message]) -> dict[str, Any]:
        """How hard a question is.

        Args:
            query: the question, or a conversation in OpenAI's form, whose last message of the user
                counts; each exchange before it adds a little.

        Returns:
            ``complexity`` (``simple``, ``medium`` or ``high``), ``score`` from 0 to 1, and ``factors``: what
            moved the score, in log-odds by name.
        """
        text, before = _question(query)
        factors = _factors(text, before)
        score = 1 / (1 + exp(-sum(factors.values())))
        level: Complexity = "simple" if score < MEDIUM else "medium" if score < HIGH else "high"
        return {"complexity": level, "score": score, "factors": factors}


def _question(query: str | Sequence[Message]) -> tuple[str, int]:
    """The text to judge, and how many messages of the user came before it."""
    if isinstance(query, str):
        return query, 0
    asked = [message for message in query if message.get("role") == "user"]
    return (text_of(asked[-1]) if asked else ""), max(0, len(asked) - 1)


def _factors(text: str, before: int) -> dict[str, float]:
    text = cut(text)
    lowered = text.lower()
    words = words_of(lowered)
    different = set(words)
    demands = sum(word in _DEMANDS for word in words) + text.count("?") + len(_pattern(_ITEM).findall(text))
    marked = not text.isascii() or any(mark in text for mark in "\\$^_")
    notation = len(_pattern(_NOTATION).findall(text)) if marked else 0
    numbers = numbers_in(text)
    code = len(_pattern(r"\n[ \t]{2,}\S").findall(text))
    factors = {
        "start": -2.4,
        "length": 0.55 * min(6.0, max(-1.0, log2(max(len(words), 1) / 8))),
        "wording": 0.7 * min(3, len(different & _HARD)),
        "demands": 0.2 * min(6, max(0, demands - 1)),
        "notation": min(2.0, 0.8 + 0.15 * notation) if notation else 0.0,
        "numbers": 0.12 * min(8, numbers),
        "terms": 0.2 * min(6, len(different & sure_words())),
        "code": 0.05 * min(20, code),
        "conversation": 0.1 * min(5, before),
    }
    if len(words) < 25 and _pattern(_EASY).match(lowered):
        factors["plain question"] = -0.6
    return {name: value for name, value in factors.items() if value}


@cache
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source)
