"""The equations of a text, recomputed: "16 - 7 = 9 eggs", "9 * $2/egg = $18", "a = 3 * 4 = 12"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from cascadeflow.quality.expressions import NotComputable, Token, decimals, evaluate, number, plain_signs, read
from cascadeflow.quality.text import pattern

MAX_EQUATIONS = 24
"""Equations of a text that are recomputed."""

_CLAUSE = r"(?:[^\n;\"!?.,:]+|[.,:](?!\s))+"
"""Up to the next mark that surely ends an equation; only clauses with an equals sign are read closer."""
_DENIED = r"\bnot\b|\bwrong\b|\bincorrect\b|\bfalse\b|\bmistake\b|n't\b|\berror\b|≠"
_NO_UNIT = frozenset(
    "and or of is are was were in on to at by for from with than then so plus more less dozen dozens hundred thousand "
    "million billion half double twice pair pairs percent when if where the a an total remaining times".split()
)
_SCALES = r"\s*(?:dozens?|hundreds?|thousands?|millions?|billions?|k|m|percent|cents?|pairs?)\b|\s*%"
_CONVERSIONS = frozenset((3, 4, 7, 10, 12, 16, 24, 30, 36, 52, 60, 100, 365, 1000, 3600))
_PUNCTUATION = frozenset(",.;:*&→\\\"'")


@dataclass(frozen=True, slots=True)
class Equation:
    """One equation of an answer.

    Attributes:
        text: as written.
        value: what its left side comes to.
        said: what its right side comes to.
        holds: whether the right side is that, rounding allowed.
        certain: whether a difference could not come from rounding.
    """

    text: str
    value: Fraction
    said: Fraction
    holds: bool
    certain: bool


@dataclass(frozen=True, slots=True)
class _Side:
    tokens: list[Token]
    units: frozenset[str]
    start: int
    end: int

    @property
    def operators(self) -> bool:
        behind = zip(self.tokens, self.tokens[1:], strict=False)
        signs = (token.text for last, token in behind if last.kind != "open" and token.kind in {"op", "word"})
        return any(sign != "%" for sign in signs)

    def decimals(self) -> int:
        return max((decimals(token.text) for token in self.tokens if token.kind == "number"), default=0)


def find_equations(text: str, prompt: str = "") -> list[Equation]:
    """The equations of a text that can be recomputed, each with what it comes to.

    Args:
        text: the answer, a few thousand characters.
        prompt: equations that stand in the question are left out.

    Returns:
        At most `MAX_EQUATIONS`, in order.

    Example:
        >>> [equation.holds for equation in find_equations("3 * 4 = 12 and 12 + 1 = 14")]
        [True, False]
    """
    found: list[Equation] = []
    text = plain_signs(text)
    if "=" not in text and "≈" not in text and "equal" not in text:
        return found
    for clause in pattern(_CLAUSE).finditer(text):
        part = clause[0]
        if "=" not in part and "≈" not in part and "equal" not in part:
            continue
        for left, sign, right in _pairs(text, *clause.span()):
            equation = _judge(left, sign, right, text, prompt)
            if equation is not None:
                found.append(equation)
            if len(found) >= MAX_EQUATIONS:
                return found
    return found


def _pairs(text: str, start: int, end: int) -> Iterator[tuple[_Side, str, _Side]]:
    for run in _runs(list(read(text, start, end))):
        sides: list[list[Token]] = [[]]
        signs: list[str] = []
        for token in run:
            if token.kind == "equals":
                sides.append([])
                signs.append(token.text)
            else:
                sides[-1].append(token)
        for left, sign, right in zip(sides, signs, sides[1:], strict=False):
            if left and right:
                yield _side(left, left=True), sign, _side(right, left=False)


def _runs(tokens: list[Token]) -> Iterator[list[Token]]:
    """Stretches that hold nothing but arithmetic and unit words behind numbers.

    A letter or a symbol right beside a number makes it something else (2x, n!, 9:40): what it
    touches is not judged, up to the next equals sign.
    """
    run: list[Token] = []
    spoiled = False
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.kind == "word" and _is_unit(token, before, after):
            run.append(token)
        elif token.kind in {"word", "other"}:
            if not spoiled:
                yield run
            run = []
            tight = after is not None and after.start == token.end and (token.text == ":" or after.kind == "open")
            spoiled = tight or (len(token.text) == 1 and token.text not in _PUNCTUATION)
        elif token.kind == "equals":
            if spoiled:
                run, spoiled = [], False
            run.append(token)
        elif token.kind == "number" and run and before is not None and _beside(before):
            # "3 1/2", "in 2020 3 + 4": whose number is it?
            run, spoiled = [], True
        elif not spoiled:
            run.append(token)
    if not spoiled:
        yield run


def _beside(before: Token) -> bool:
    return before.kind == "number" or (before.kind == "word" and before.text != "of")


def _is_unit(token: Token, before: Token | None, after: Token | None) -> bool:
    if before is None or after is None or len(token.text) < 2:
        return False
    words = token.text.lower().split()
    if token.text != "of" and (len(words) > 2 or len(words[-1]) < 2 or not _NO_UNIT.isdisjoint(words)):
        return False
    behind = before.kind in {"number", "close", "open"} or before.text in {"/", "%"}
    return (
        behind and after.kind in {"op", "equals", "close", "number"} and (after.kind != "number" or token.text == "of")
    )


def _side(tokens: list[Token], *, left: bool) -> _Side:
    kept: list[Token] = []
    for token in tokens:
        if token.kind != "word" or token.text == "of":
            kept.append(token)
        elif kept and kept[-1].text == "/":
            kept.pop()
    units = frozenset(token.text.lower() for token in tokens if token.kind == "word" and token.text != "of")
    kept = _without_opening(kept) if left else _without_closing(kept)
    return _Side(kept, units, tokens[0].start, tokens[-1].end)


def _without_opening(tokens: list[Token]) -> list[Token]:
    """Of the left side "(3 + 4" of "(3 + 4 = 7)" what stands inside the bracket."""
    depth = sum((token.kind == "open") - (token.kind == "close") for token in tokens)
    return tokens[depth:] if depth >= 0 and all(token.kind == "open" for token in tokens[:depth]) else []


def _without_closing(tokens: list[Token]) -> list[Token]:
    """Of the right side "7)" of "(3 + 4 = 7)" what stands before the bracket."""
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth < 0:
            return tokens[:index]
    return tokens if depth == 0 else []


def _judge(left: _Side, sign: str, right: _Side, text: str, prompt: str) -> Equation | None:
    if not left.operators or not right.tokens or left.tokens[0].kind == "op" or _is_range(left.tokens):
        return None
    if _mixes_units(left):
        return None
    try:
        value, said = evaluate(left.tokens), evaluate(right.tokens)
    except NotComputable:
        return None
    written = text[left.start : right.end].strip()
    rest = text[right.end : right.end + 40].partition("\n")[0]
    if written in prompt or pattern(r"\b(?:if|suppose|say|assume|let)\s*$").search(
        text[max(0, left.start - 12) : left.start].lower()
    ):
        return None
    if pattern(_DENIED).search(rest.lower()):
        return None
    if value == said or _runs_on(value, right):
        return Equation(written, value, said, holds=True, certain=True)
    if _converts(value, said, left, rest):
        return None
    other_unit = right.units and not right.units <= left.units
    percent = said in (value * 100, value / 100) and (left.units or "%" in rest + written)
    if other_unit or percent or pattern(r"[^\W_]|\s*[-+*/^(!]|[:\[{]").match(rest):
        return None
    return _nearly(value, said, sign, left, right, written)


def _mixes_units(side: _Side) -> bool:
    # "6 feet + 2 inches", "100 pages / 2 pages/1.5 minutes": what is meant is not in the signs.
    signs = [token.text for token in side.tokens]
    kinds = {unit.rstrip("s") for unit in side.units}
    return bool(side.units) and ((len(kinds) > 1 and ("+" in signs or "-" in signs)) or signs.count("/") > 1)


def _converts(value: Fraction, said: Fraction, left: _Side, rest: str) -> bool:
    # "60 + 120 = 3 hours": another unit, or a scale word, behind the right side.
    if pattern(_SCALES).match(rest.lower()):
        return True
    unit = pattern(r"\s*([^\W\d_]{2,})").match(rest.lower())
    if unit is None or not said or not value:
        return False
    ratio = abs(value / said)
    return ratio in _CONVERSIONS or 1 / ratio in _CONVERSIONS or bool(left.units and unit[1] not in left.units)


def _runs_on(value: Fraction, right: _Side) -> bool:
    # "16 - 7 = 9 * 2 = 18" is bad style and right arithmetic.
    first = right.tokens[0]
    return right.operators and first.kind == "number" and number(first.text) == value


def _nearly(value: Fraction, said: Fraction, sign: str, left: _Side, right: _Side, written: str) -> Equation:
    off = abs(value - said)
    digits = right.decimals()
    if off < Fraction(1, 10**digits) and (digits or value.denominator != 1):
        return Equation(written, value, said, holds=digits > 0 or sign == "≈", certain=False)
    if (sign == "≈" or left.decimals() >= 2 or right.operators) and off <= abs(value) / 50:
        return Equation(written, value, said, holds=True, certain=False)
    return Equation(written, value, said, holds=False, certain=True)


def _is_range(tokens: list[Token]) -> bool:
    if len(tokens) != 3 or tokens[1].text != "-":
        return False
    first, sign, second = tokens
    tight = first.end == sign.start and sign.end == second.start
    return tight and first.kind == second.kind == "number" and number(first.text) < number(second.text)
