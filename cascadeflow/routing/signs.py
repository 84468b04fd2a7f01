"""Signs of a domain that are no words: code, LaTeX, doses, citations, formulas, word problems.

Each pattern is tried only where a character it needs occurs, so that plain prose costs next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from string import digits

# Every alternative begins with a literal character: the pattern engine then skips plain prose quickly.
_CODE_SURE = (
    r"def \w+\(|function \w*\(|class \w+(?:\(\w*\))?:|#include\b|(?:select|SELECT) [^.?!\n]{1,80} (?:from|FROM) \w"
    r"|</\w+>|\nimport \w+[ \t]*\n|\nfrom [\w.]+ import |console\.log|print\(|\n>>> |\n#!/"
)
_CODE_LIKELY = r";[ \t]*\n|\{[ \t]*\n|===?|!==?|(?:\(\))(?<=\w..)|_[a-z_]+\(|\[\w+\](?<!\W\[\w\])|=>"
_ASKS_FOR_CODE = (
    r"(?:write|implement|create|complete|define|fix|debug|refactor) (?:me )?(?:an?|the|this|my)? ?(?:\w+ ){0,2}?"
    r"(?:function|subroutine|unit tests?|regex)\b(?! of\b)"
)
_FILE = r"\.(?:py|js|ts|jsx|tsx|java|cpp|rs|go|rb|sh|sql|html|css|ipynb)\b"
_MATH = (
    r"\$[^$\n]{0,80}[\\^_=+<>/][^$\n]{0,80}\$|[∑∫√≤≥∞∈]"
    r"|\\(?:frac|sqrt|sum|int|leq?|geq?|pi|cdot|begin|boxed|angle|triangle|mathbb|equiv)\b"
)
_EQUATION = r"[xyzn](?<![a-z].)(?:\^\d|(?:\^\d)? ?[-+=<>] ?\d)"
_SUM = r"\d ?(?:[*/×÷^]|[-+] ) ?\d"
_SPOKEN_SUM = r"\d (?:times|plus|minus|divided by) \d"
_QUANTITY = (
    r"how (?:many|much|long|far|old|fast|tall)\b|when (?:does|will)\b"
    r"|what (?:is|was|will be) (?:the|his|her|their) (?:total|average|sum|cost)"
)
_DOSE = r"\d ?(?:mg|mcg|µg|ml|iu|mmol|mmhg|bpm)\b"
_AGE = r"\d[- ](?:year|month|week|day)s?[- ]old\b"
_REMEDIES = (
    "cillin", "mycin", "oxacin", "cycline", "statin", "sartan", "prazole", "olol", "azepam", "itis", "ectomy", "ostomy",
    "oscopy", "emia", "aemia", "uria", "algia", "opathy", "plasty",
)  # fmt: skip
"""Endings of drugs, diseases and operations."""
_CITATION = r" v\. [A-Z]| U\.S\. \d| U\.?S\.?C\b|§|Art(?:icle|\.) [\dIVX]+\b|Section \d+\("
_MONEY = r"(?:USD|EUR|GBP|JPY|CHF)\b|[$€£] ?\d[\d,.]* ?(?:million|billion|trillion|bn|[MBk])\b"
_WITH_DIGIT = r"[A-Z][A-Za-z]{0,6}\d[A-Za-z\d]{0,12}\b"
_FORMULA = r"(?:(?:H|He|Li|B|C|N|O|F|Na|Mg|Al|Si|P|S|Cl|K|Ca|Fe|Cu|Zn|Br|Ag|I|Pb|U)\d{0,2}){1,8}"
_UNIT = r"\d ?(?:m/s|km/s|mol|°C|°F|kJ|eV|MeV|GHz|kHz|Hz|nm|atm|kPa|Pa|kg/m|newtons?|joules?|volts?|ohms?|amps?)\b"


@cache
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source)


def signs(text: str, words: Iterable[str]) -> Iterator[tuple[str, float]]:
    """What the look of a text says about its domain.

    Args:
        text: a few thousand characters.
        words: its different words, lower case.

    Yields:
        Domains, each at most once, with a weight; 3 is as much as one sure word.
    """
    numbers = numbers_in(text)
    yield "code", _code(text)
    yield "math", _math(text, numbers)
    remedies = sum(word.endswith(_REMEDIES) for word in words if len(word) > 6)
    yield "medical", min(6.0, 2.0 * remedies) + (_measures(text) if numbers else 0.0)
    if ("v. " in text or "§" in text or numbers or "Art" in text) and _pattern(_CITATION).search(text):
        yield "legal", 3.0
    if numbers:
        yield "finance", 2.0 if _pattern(_MONEY).search(text) else 0.0
        yield "science", _science(text)


def numbers_in(text: str) -> int:
    """How many numbers a text holds."""
    return len(_pattern(r"\d+(?:[.,]\d+)*").findall(text)) if not text.isascii() or _has(text, digits) else 0


def _has(text: str, characters: str) -> bool:
    return any(character in text for character in characters)


def _code(text: str) -> float:
    weight = 4.0 if "```" in text else 0.0
    if _has(text, "(<#*\n") or "select" in text[:40].lower():
        weight += min(6.0, 3.0 * _kinds(_CODE_SURE, text))
    if _has(text, ";{=([!"):
        weight += min(6.0, 1.5 * _kinds(_CODE_LIKELY, text))
    start = text[:200].lower()
    # What a function is about does not matter: "write a function for the area of a circle" is code.
    if start.startswith(("def ", "class ", "import ", "from ")) or _pattern(_ASKS_FOR_CODE).search(start):
        weight += 6.0
    if "." in text and _pattern(_FILE).search(text):
        weight += 3.0
    return weight


def _kinds(source: str, text: str) -> int:
    """How many different things a pattern finds, of its first dozen finds."""
    found = _pattern(source).finditer(f"\n{text}\n")
    return len({match[0][:4] for _, match in zip(range(12), found, strict=False)})


def _math(text: str, numbers: int) -> float:
    weight = 5.0 if (_has(text, "$\\") or not text.isascii()) and _pattern(_MATH).search(text) else 0.0
    if not numbers:
        return weight
    lowered = text.lower()
    if _has(text, "+-=^<>*/×÷("):
        weight += 3.0 if "f(x)" in lowered or _pattern(_EQUATION).search(lowered) else 0.0
        weight += 3.0 if _pattern(_SUM).search(lowered) else 0.0
    if _pattern(_SPOKEN_SUM).search(lowered):
        weight += 3.0
    # A question for a quantity with numbers in it is a word problem.
    if numbers >= 2 and _pattern(_QUANTITY).search(lowered):
        weight += 2.0 + min(3.0, numbers / 2)
    return weight


def _measures(text: str) -> float:
    lowered = text.lower()
    return (3.0 if _pattern(_DOSE).search(lowered) else 0.0) + (2.0 if _pattern(_AGE).search(lowered) else 0.0)


def _science(text: str) -> float:
    formula = any(_pattern(_FORMULA).fullmatch(word) for word in _pattern(_WITH_DIGIT).findall(text)[:20])
    return (2.0 if formula else 0.0) + (2.0 if _pattern(_UNIT).search(text) else 0.0)
