"""Is the arithmetic of an answer right? It is recomputed, exactly.

Two things are looked at: a question that is itself an expression ("What is 17 * 23?"), and every
equation the answer writes down ("3 * 4 = 12 eggs"). What is ambiguous (units that change, remainders,
other number bases, rounding) is left alone.
"""

from __future__ import annotations

from fractions import Fraction

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.equations import Equation, find_equations
from cascadeflow.quality.expressions import (
    MAX_DIGITS,
    NotComputable,
    Token,
    decimals,
    evaluate,
    number,
    plain_signs,
    read,
)
from cascadeflow.quality.text import pattern, plain
from cascadeflow.schema import CheckResult

NAME = "arithmetic"
READ = 6_000
"""Characters of an answer that are searched for equations."""

_FILLER = frozenset(
    "what what's whats is the result of answer value calculate compute evaluate solve work out find please can could "
    "you tell me do know how much many and give just only with a single number to now hey hi hello product sum "
    "difference quotient between show your final it exactly exact simplify equation expression be does s using no "
    "explanation words in for i need respond reply output return as an integer or step by steps think all each "
    "quick question math maths problem let let's us say want would like determine quickly question help".split()
)
_WORDS_WITHIN = frozenset("times plus minus divided multiplied by over added power percent x equals equal".split())
_PAIRS = {"sum": "+", "difference": "-", "product": "*", "quotient": "/"}
_OTHER_RULES = (
    "binary", "hexadecimal", "octal", "base-", "base 2", "base 3", "base 5", "base 7", "base 8", "base 9", "base 16",
    "modul", "mod ", "(mod", "pmod", "≡", "roman numeral", "clock arithmetic",
)  # fmt: skip
"""Where one of these is mentioned, 1 + 1 may well be 10."""
_FINAL = (
    r"(?:\\boxed\{|\b(?:final answer|answer|result|total|product|sum|quotient|difference|solution)\b[^\d\n=.]{0,40}?"
    r"(?:is|are|=|:|equals)\W{0,6}?|^\W*(?:it is|it's|that is|that's|this is)\s)([$€£]?\s?-?\d[\d,]*(?:\.\d+)?)"
)
_NUMBER = r"-?(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_ROUNDED = r"≈|\bapprox|\babout\b|\broughly\b|\baround\b|\bround|\bremainder\b|\bnearest\b|\bR\s?\d"


def check_arithmetic(context: CheckContext) -> CheckResult:
    """Recomputes the question and the equations of the answer.

    Args:
        context: question and answer.

    Returns:
        1 when the question is an expression and the answer has its value; 0 for a wrong value or a
        wrong equation; 0.45 where rounding may explain the difference; 0.75 when all equations hold;
        None when there is nothing to recompute.

    Example:
        >>> check_arithmetic(CheckContext("What is 17 * 23?", "381")).reason
        '17 * 23 = 391, the answer says 381'
    """
    if not pattern(r"\d").search(context.head):
        return CheckResult(name=NAME)
    topic = (context.prompt[:2000] + context.head[:1000]).lower()
    if any(word in topic for word in _OTHER_RULES):
        return CheckResult(name=NAME)
    equations = find_equations(context.words_and_data[:READ], context.prompt)
    asked = question_value(context.prompt)
    if asked is not None:
        verdict = _answer_to(asked, context, equations)
        if verdict is not None:
            return verdict
    for equation in equations:
        if not equation.holds and equation.certain:
            return _wrong(f"{equation.text} is wrong: it is {_show(equation.value)}", 0.0)
    for equation in equations:
        if not equation.holds:
            return _wrong(f"{equation.text} is not exact: it is {_show(equation.value)}", 0.45)
    if not equations:
        return CheckResult(name=NAME)
    reason = f"{len(equations)} equation{'s' * (len(equations) > 1)} recomputed"
    return CheckResult(name=NAME, score=0.75, threshold=0.5, reason=reason)


def _wrong(reason: str, score: float) -> CheckResult:
    return CheckResult(name=NAME, score=score, threshold=0.5, passed=False, reason=reason)


def _show(value: Fraction) -> str:
    if value.denominator == 1:
        return f"{value.numerator}"
    return f"{float(value):.6g}"


def question_value(prompt: str) -> tuple[str, Fraction] | None:
    """The expression a question consists of, and its value.

    Args:
        prompt: the user's message.

    Returns:
        Expression as written and value; None when the question asks for anything more.

    Example:
        >>> question_value("What is 2 + 3 * 4?")
        ('2 + 3 * 4', Fraction(14, 1))
    """
    if len(prompt) > 400:
        return None
    words = pattern(r"[^\W\d_]+(?:'[a-z]+)?").findall(plain(prompt))
    if not set(words) <= _FILLER | _WORDS_WITHIN:
        return None
    text = plain_signs(prompt)
    tokens = [token for token in read(text) if not (token.kind == "other" and token.text in "?!.,:;'\"`")]
    first = next((i for i, token in enumerate(tokens) if token.kind in {"number", "open"}), None)
    last = next(
        (i for i in range(len(tokens) - 1, -1, -1) if tokens[i].kind in {"number", "close"} or tokens[i].text == "%"),
        None,
    )
    if first is None or last is None:
        return None
    if first and tokens[first - 1].text == "-":
        first -= 1
    before, inside, after = tokens[:first], tokens[first : last + 1], tokens[last + 1 :]
    outside = [token for token in (*before, *after) if token.kind != "equals"]
    if any(token.kind != "word" for token in outside) or any(token.text.lower() in _WORDS_WITHIN for token in outside):
        return None
    sign = next((_PAIRS[word] for word in words if word in _PAIRS), None)
    if sign and len(inside) == 3 and inside[1].text.lower() == "and":
        inside[1] = inside[1]._replace(kind="op", text=sign)
    if not any(token.kind in {"op", "open"} or token.text == "of" for token in inside):
        return None
    try:
        return _written(inside, text), evaluate(inside)
    except NotComputable:
        return None


def _written(tokens: list[Token], text: str) -> str:
    return (
        " ".join(token.text for token in tokens) if len(tokens) == 3 else text[tokens[0].start : tokens[-1].end].strip()
    )


def _answer_to(asked: tuple[str, Fraction], context: CheckContext, equations: list[Equation]) -> CheckResult | None:
    expression, value = asked
    said = plain_signs(context.words_and_data[:READ])
    restated = [equation for equation in equations if equation.value == value]
    # A model may correct itself, so the last time it says so counts.
    if restated and not restated[-1].holds:
        return _misses(asked, _show(restated[-1].said)) if restated[-1].certain else None
    stated = [match[1].lstrip("$€£ ") for match in pattern(_FINAL, 10).finditer(said)]
    if stated or not (restated or _as_fraction(said, value)):
        rounded = pattern(_ROUNDED, 2).search(said) is not None
        claims = stated or _claims(expression, said)
        if not claims:
            return None
        if not any(_agrees(text, value, rounded=rounded) for text in claims):
            return _misses(asked, claims[-1])
    reason = f"{expression} = {_show(value)}, as the answer says"
    return CheckResult(name=NAME, score=1.0, threshold=0.5, reason=reason)


def _misses(asked: tuple[str, Fraction], claimed: str) -> CheckResult:
    return _wrong(f"{asked[0]} = {_show(asked[1])}, the answer says {claimed}", 0.0)


def _claims(expression: str, said: str) -> list[str]:
    """The numbers an answer may mean as its result, when it marks none of them.

    Most answers repeat the numbers of the question; those count only where one comes last: the
    result may be one of them, as in 144 / 12.
    """
    operands = set(pattern(_NUMBER).findall(expression))
    numbers = [text for text in pattern(_NUMBER).findall(said.replace(expression, " ")) if len(text) <= MAX_DIGITS]
    others = [text for text in numbers if text.lstrip("-") not in operands]
    last = numbers[-1:] if numbers and numbers[-1] not in others else []
    return last + others


def _agrees(text: str, value: Fraction, *, rounded: bool) -> bool:
    said = number(text.lstrip("-").replace(",", ""))
    said = -said if text.startswith("-") else said
    if said in (value, value * 100) and (said == value or value.denominator != 1):
        return True
    digits = decimals(text)
    if digits == 0 and not rounded:
        return False
    return abs(said - value) < Fraction(1, 10**digits)


def _as_fraction(said: str, value: Fraction) -> bool:
    if value.denominator == 1:
        return False
    for whole, top, bottom in pattern(r"(?:(\d{1,9})\s+)?\(?(\d{1,9})\)?\s?/\s?\(?(\d{1,9})").findall(said):
        if int(bottom) and abs(value) in (
            Fraction(int(top), int(bottom)),
            Fraction(int(whole or 0)) + Fraction(int(top), int(bottom)),
        ):
            return True
    return False
