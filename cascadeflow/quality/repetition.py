"""Does the answer go round in circles?

Tables, code and lists repeat by nature; a loop repeats the same words in the same order, again and
again, or the same line.
"""

from __future__ import annotations

import zlib
from collections import Counter

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.text import TAIL, pattern, plain
from cascadeflow.schema import CheckResult

NAME = "repetition"
LONGEST_LOOP = 60
"""Words in the longest loop that is looked for."""

_WANTED = r"\brepeat|\b\d{2,} times\b|\bover and over\b|\bascii\b|\blyrics\b|\bchorus\b|\bmantra\b|\bwrite out\b"


def check_repetition(context: CheckContext) -> CheckResult:
    """Fails on a phrase or a line that comes back until the answer is mostly that.

    Args:
        context: the end of the answer is read; a question that asks for repetition
            is believed.

    Returns:
        0: a loop; 1: none.
    """
    text = context.words_and_data[-TAIL:] if context.whole else context.tail
    packed = _packing(text)
    # Plain prose packs to about half its size; what packs no better holds no loop worth the search.
    if packed < 3 or len(text) < 40 or pattern(_WANTED).search(plain(context.prompt[:2000])):
        return CheckResult(name=NAME, score=1.0, threshold=0.5)
    found = _loop(_words(text)) or _same_line(text)
    # For scripts without spaces and for loops inside one word.
    if not found and packed > 15 and len(text) >= 300 and pattern(r"[^\W\d_]").search(text):
        found = "is the same few characters over and over"
    if found:
        return CheckResult(name=NAME, score=0.0, threshold=0.5, passed=False, reason=found)
    return CheckResult(name=NAME, score=1.0, threshold=0.5)


def _packing(text: str) -> float:
    raw = text.encode("utf-8", "replace")
    return len(raw) / len(zlib.compress(raw, 1))


def _words(text: str) -> list[str]:
    if "|" in text:
        text = pattern(r"^[ \t]*\|[^\n]*$", 8).sub("", text)
    return pattern(r"[^\W_]+").findall(text.lower())


def _loop(words: list[str]) -> str:
    if len(words) < 12:
        return ""
    for period in range(1, min(LONGEST_LOOP, len(words) // 3) + 1):
        run = 0
        for index in range(len(words) - 1, period - 1, -1):
            if words[index] != words[index - period]:
                break
            run += 1
        # Three full rounds and twelve words: "ha ha ha" in a story is no loop.
        if run >= max(2 * period, 12) and not all(word.isdigit() for word in words[-period:]):
            return f"ends in a loop of “{' '.join(words[-period:][:8])}”"
    grams = Counter(zip(words, words[1:], words[2:], words[3:], strict=False))
    gram, count = grams.most_common(1)[0]
    if count >= 8 and count * 4 > 0.5 * len(words) and not all(word.isdigit() for word in gram):
        return f"says “{' '.join(gram)}” {count} times"
    return ""


def _same_line(text: str) -> str:
    previous, run = "", 0
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped:
            continue
        run = run + 1 if stripped == previous else 1
        previous = stripped
        if run >= 5 and len(stripped) > 12 and pattern(r"[^\W\d_]{3}").search(stripped):
            return f"repeats the line “{stripped[:60]}”"
    return ""
