"""Does the answer agree with itself?

An answer that states its result twice, differently, or gives a number that its own working does not
arrive at, is wrong in at least one of the two places.
"""

from __future__ import annotations

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.text import pattern, plain
from cascadeflow.schema import CheckResult

NAME = "coherence"
READ = 6_000
"""Characters of an answer that are read."""

_VALUE = r"[$€£]?\s?(-?\d[\d,]*(?:\.\d+)?)"
_STATED = rf"(?:\\boxed\{{|####|\b(?:final answer|answer|result)\W{{0,3}}\s?(?:is|are|=|:|equals)?\W{{0,8}}?){_VALUE}"


def check_coherence(context: CheckContext) -> CheckResult:
    """Compares the stated results of an answer with each other and with its working.

    Args:
        context: the answer; only questions for a quantity are looked at.

    Returns:
        None where no result is stated; 0.1 for two results that differ; 0.3 for a result that never
        came up before; 0.3 for a fraction or a negative number of things; 0.8 where all agree.
    """
    if not context.asked.number:
        return CheckResult(name=NAME)
    said = context.words_and_data if context.whole else context.head
    said = plain(said[:READ] if context.whole else said[-READ:])
    stated = [(match.start(), _value(match[1])) for match in pattern(_STATED).finditer(said)]
    final = _only_number(said) if not stated else stated[-1][1]
    if final is None:
        return CheckResult(name=NAME)
    if context.asked.whole and (final < 0 or final != int(final)) and not _fractional(context.prompt):
        return _odd(f"{final:g} is no number of things", 0.3)
    if not stated:
        return CheckResult(name=NAME)
    if len({value for _, value in stated}) > 1 and abs(stated[0][1] - final) > 1e-9 and len(stated) == 2:
        return _odd(f"it says {stated[0][1]:g} first and {final:g} in the end", 0.2)
    working = said[: stated[-1][0]]
    found = {_value(text) for text in pattern(r"\d[\d,]*(?:\.\d+)?").findall(working)}
    if len(found) >= 3 and not any(abs(abs(final) - value) < 1 for value in found):
        return _odd(f"{final:g} does not follow from its own working", 0.3)
    return CheckResult(name=NAME, score=0.8, threshold=0.5, reason="agrees with itself")


def _odd(reason: str, score: float) -> CheckResult:
    return CheckResult(name=NAME, score=score, threshold=0.5, passed=False, reason=reason)


def _value(text: str) -> float:
    return float(text.replace(",", ""))


def _only_number(said: str) -> float | None:
    match = pattern(rf"^\W*{_VALUE}\W*$").match(said.strip()[:40])
    return _value(match[1]) if match else None


def _fractional(prompt: str) -> bool:
    # Hours, litres and dollars come in parts; people and eggs do not.
    return (
        pattern(
            r"\bhow many (?:\w+ ){0,2}?(?:hours?|minutes?|days?|weeks?|months?|years?|pounds?|ounces?|grams?|kilo\w*|liters?|litres?|"
            r"gallons?|cups?|miles?|feet|foot|inch\w*|meters?|metres?|dollars?|cents?|percent|degrees?|units?|square|cubic|times|"
            r"acres?|tons?|teaspoons?|tablespoons?|more|less|fewer|yards?|pieces?|slices?|calories)\b"
        ).search(plain(prompt))
        is not None
    )
