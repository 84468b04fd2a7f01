"""Reading and recomputing arithmetic as people and models write it.

`read` turns a stretch of text into tokens; `evaluate` computes them exactly, with fractions, through
simpleeval's whitelisted grammar. Sizes are limited, so that no text can make this slow.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any, Literal, NamedTuple

from cascadeflow.quality.text import pattern

Kind = Literal["number", "op", "open", "close", "equals", "word", "other"]

MAX_DIGITS = 24
"""Digits of one number; longer ones are not judged."""
MAX_TOKENS = 40
"""Tokens of one expression."""
MAX_EXPONENT = 64
"""Highest power that is computed."""

_PIECE = (
    r"(?P<number>(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w.]*[A-Za-z_])|(?<![\w.])\.\d+(?!\w))"
    r"|(?P<op>\*\*|//|[-+*/^×·⋅÷−–∗%])|(?P<open>\()|(?P<close>\))"
    r"|(?P<equals>(?<![=<>!:≠])=(?![=<>])|≈|≃)"
    r"|(?P<word>[^\W\d_](?:[^\W\d_]|[ '’](?=[^\W\d_])|-(?=[^\W\d_]))*)"
    r"|(?P<other>[^\s$€£])"
)
_SPOKEN = {
    "times": "*", "multiplied by": "*", "plus": "+", "added to": "+", "minus": "-", "divided by": "/",
    "over": "/", "to the power of": "**", "equals": "=", "is equal to": "=", "equal": "=", "is equal": "=",
    "mod": "%", "modulo": "%",
}  # fmt: skip
_SIGNS = {"×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "−": "-", "–": "-", "^": "**"}
_SIMPLE: dict[str, Any] = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": Fraction}


class Token(NamedTuple):
    """One piece of an expression.

    Attributes:
        kind: what it is.
        text: as written; operators as Python writes them.
        start, end: where it stands.
    """

    kind: Kind
    text: str
    start: int
    end: int


class NotComputable(Exception):  # noqa: N818  # it is a finding, not a fault
    """The tokens are no arithmetic that can be recomputed for sure."""


def plain_signs(text: str) -> str:
    r"""LaTeX and ``17x23`` as plain signs: ``\frac{1}{2} \times 3`` becomes ``(1)/(2) * 3``."""
    text = pattern(r"[xX](?:(?<=\dx)(?<!\b0x)(?=\d)|(?<=\dX)(?=\d)|(?<=[\d)%] .)(?= [\d($]))").sub("*", text)
    if "\\" not in text:
        return text
    text = pattern(r"\\+(?:times|cdot|ast)\b").sub("*", text)
    text = pattern(r"\\+div\b").sub("/", text)
    text = pattern(r"\\+d?frac\{([^{}\\]{1,40})\}\{([^{}\\]{1,40})\}").sub(r"(\1)/(\2)", text)
    text = pattern(r"\\+(?:text|mathrm)\{([^{}\\]{0,40})\}").sub(r" \1 ", text)
    text = pattern(r"\\+([$%*])").sub(r"\1", text)
    text = pattern(r"\^\{(\d{1,3})\}").sub(r"^\1", text)
    text = pattern(r"(\d)\{,\}(\d)").sub(r"\1,\2", text)
    return pattern(r"\\+(?:left|right|[,;! ()\[\]])").sub(" ", text)


def read(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """The tokens of a text; currency signs are left out.

    Args:
        text: after `plain_signs`.
        start: where to begin.
        end: where to stop; None: at its end.

    Yields:
        Tokens in order; ``word`` for a stretch of words, ``other`` for whatever is no arithmetic.
    """
    for match in pattern(_PIECE).finditer(text, start, len(text) if end is None else end):
        kind: Any = match.lastgroup
        word = match[0]
        if kind == "op":
            word = _SIGNS.get(word, word)
        elif kind == "equals":
            word = "≈" if word != "=" else "="
        elif kind == "word":
            spoken = _SPOKEN.get(word.lower())
            if spoken:
                kind, word = ("equals" if spoken == "=" else "op"), spoken
        yield Token(kind, word, *match.span())


def number(text: str) -> Fraction:
    """A number as written, exactly.

    Raises:
        NotComputable: it is too long.
    """
    if len(text) > MAX_DIGITS:
        raise NotComputable("a number is too long")
    plain = text.replace(",", "")
    return Fraction(plain) if "." in plain else Fraction(int(plain))


def decimals(text: str) -> int:
    """How many digits stand behind the point."""
    return len(text.partition(".")[2])


def evaluate(tokens: list[Token]) -> Fraction:
    """What an expression comes to.

    Percent signs count as hundredths and "of" behind one as multiplication; ``10 % 3`` and
    ``50 + 10 %`` mean different things to different people and are not computed.

    Args:
        tokens: numbers, operators and brackets.

    Returns:
        The exact value.

    Raises:
        NotComputable: it is not arithmetic, ambiguous, or too large.
    """
    if not tokens or len(tokens) > MAX_TOKENS:
        raise NotComputable("nothing, or too much, to compute")
    if len(tokens) == 1 and tokens[0].kind == "number":
        return number(tokens[0].text)
    source: list[str] = []
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        if token.kind == "number":
            _check_digits(token)
            source.append(f"n{token.text.replace(',', '').replace('.', '_')}")
        elif token.kind == "op" and token.text == "%":
            after = tokens[index + 1] if index + 1 < len(tokens) else None
            if before is None or before.kind != "number" or (after is not None and after.kind in {"number", "open"}):
                raise NotComputable("% may be a remainder")
            if any(item.text in {"+", "-"} for item in tokens):
                raise NotComputable("a percentage is added")
            source[-1] = f"({source[-1]}/n100)"
        elif token.kind == "op":
            if token.text == "//":
                raise NotComputable("rounds down")
            source.append(token.text)
        elif token.kind == "open":
            if before is not None and before.kind in {"number", "close"}:
                if before.end != token.start:
                    raise NotComputable("two values side by side")
                source.append("*")
            source.append("(")
        elif token.kind == "close":
            source.append(")")
        elif token.kind == "word" and token.text.lower() == "of" and before is not None and before.text in {"%", ")"}:
            source.append("*")
        else:
            raise NotComputable("words")
    if len(source) == 3 and source[1] in _SIMPLE and source[0][0] == source[2][0] == "n":
        # Most equations are two numbers; a parser would cost ten times as much.
        try:
            return Fraction(_SIMPLE[source[1]](_number(source[0]), _number(source[2])))
        except ZeroDivisionError:
            raise NotComputable("division by zero") from None
    return _compute(" ".join(source))


def _check_digits(token: Token) -> None:
    if len(token.text) > MAX_DIGITS:
        raise NotComputable("a number is too long")


def _compute(source: str) -> Fraction:
    from simpleeval import InvalidExpression

    try:
        value = _evaluator().eval(source)
    except (
        InvalidExpression,
        SyntaxError,
        ValueError,
        TypeError,
        ArithmeticError,
        RecursionError,
        MemoryError,
    ) as error:
        raise NotComputable(str(error)) from None
    return Fraction(value)


@cache
def _evaluator() -> Any:
    from simpleeval import SimpleEval

    operators = {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: Fraction,
        ast.Pow: _power,
        ast.USub: operator.neg,
        ast.UAdd: operator.pos,
    }
    # Numbers reach it as names, because Python would read 0.1 as a binary fraction.
    return SimpleEval(operators=operators, functions={}, names=_value_of)


def _value_of(node: ast.Name) -> Fraction | int:
    return _number(node.id)


def _number(name: str) -> Fraction | int:
    return Fraction(name[1:].replace("_", ".")) if "_" in name else int(name[1:])


def _power(base: Fraction | int, exponent: Fraction | int) -> Fraction:
    large = abs(base.numerator) > 10**6 or base.denominator > 10**6 or abs(int(exponent)) > MAX_EXPONENT
    if exponent.denominator != 1 or large:
        raise NotComputable("the power is too large")
    return Fraction(base) ** int(exponent)
