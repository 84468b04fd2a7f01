"""Makes foreign text safe to draw: what a terminal would obey, or hide, is shown as what it is.

Every text that a model, a server or a file wrote passes through `visible` before it is drawn.
"""

from __future__ import annotations

import re
from functools import cache

_INVISIBLE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 (without tab and newline), delete, C1
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # drawn as nothing
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f"  # format characters
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"  # zero width, separators, bidi
    "\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # surrogates, tags
)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(f"\r\n|[\ufe0e\ufe0f{_INVISIBLE}]")


def _name(match: re.Match[str]) -> str:
    character = match.group()
    if character == "\r\n":
        return "\n"
    if character in "\ufe0e\ufe0f":  # only chooses between text and colour drawing, and terminals disagree on its width
        return ""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"⟨U+{code:04X}⟩"


def visible(text: str) -> str:
    r"""Show control, bidi and zero-width characters instead of letting the terminal act on them.

    Args:
        text: anything.

    Returns:
        The text with newlines and tabs as they are, C0 controls as control pictures, and every
        other character of that kind as its code point.

    Example:
        >>> visible("\x1b[31mred \u202e")
        '␛[31mred ⟨U+202E⟩'
    """
    return _pattern().sub(_name, text)


def one_line(text: str, limit: int = 500) -> str:
    r"""A text as one safe line of at most ``limit`` characters.

    Args:
        text: anything.
        limit: characters; what is longer ends in an ellipsis.

    Example:
        >>> one_line("first\n  second")
        'first second'
    """
    words = " ".join(visible(text[: 4 * limit]).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
