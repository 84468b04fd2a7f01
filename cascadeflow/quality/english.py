"""Is a text English? Some checks know no other language, and say nothing about one they do not know.

Told by the small words that every sentence of a language needs. It takes no library, and a wrong guess
costs no more than a check that stays silent.
"""

from __future__ import annotations

from cascadeflow.quality.text import pattern, plain

READ = 4_000
"""Characters by which the language is told."""

FUNCTION_WORDS = frozenset(
    "a about after all also an and any are as at be because been but by can could did do does for from had has have he "
    "her his how i if in into is it its just may me more most my no not of on one only or other our out over she should "
    "so some such than that the their them then there these they this those to under up was we were what when where "
    "which while who why will with would you your".split()
)
"""Words that carry no topic."""
_ELSEWHERE = (
    frozenset(
        "der das und ist nicht ein eine einen mit für auf dem den sich von zu ich sie wir wie auch nach bei wird "
        "le la les des du est et une dans pour que qui pas sur avec au vous nous il elle ce "
        "el los las una es por con para del se como pero más su lo "
        "di che è non per sono della dei nel gli "
        "os um uma não da em ao mais você ele isso foi "
        "het een van niet dat op te zijn ik je voor met aan maar "
        "och att det som är på inte jag av til og "
        "jest się nie na że bir ve bu için".split()
    )
    - FUNCTION_WORDS
)


def is_english(text: str) -> bool:
    """Whether a text is in English, or in no language at all (code, numbers).

    Args:
        text: its first few thousand characters are read.

    Example:
        >>> is_english("What is 17 * 23?"), is_english("Wie spät ist es und wer kommt?"), is_english("x = f(y)")
        (True, False, True)
    """
    words = pattern(r"[^\W\d_]+").findall(plain(text[:READ]))
    letters = sum(map(len, words))
    foreign_script = sum(1 for word in words for letter in word if letter > "ɏ")
    if foreign_script * 4 > letters:
        return False
    english = sum(word in FUNCTION_WORDS for word in words)
    elsewhere = sum(word in _ELSEWHERE for word in words)
    return elsewhere < 2 or english >= elsewhere
