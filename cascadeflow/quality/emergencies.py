"""Signs of a medical emergency, and advice to seek help at once.

A sign counts where somebody has it now, or where a reader is told what to do about it. A
disease that is only talked about (its history, its statistics, a film of that name) is no emergency. The words
stand in `emergencies.json`.
"""

from __future__ import annotations

import re
from functools import cache

from cascadeflow.quality.medicines import read_table
from cascadeflow.quality.sentences import sentences
from cascadeflow.quality.text import pattern, plain, unquoted

SHORT = 14
"""Words of a message without a sentence."""

_SOMEBODY = (
    r"\b(?:he|she|he's|she's|they|they're|someone|somebody|your|the patient|a (?:friend|person|man|woman|child|patient|colleague|stranger)|"
    r"(?:father|mother|dad|mum|mom|son|daughter|wife|husband|partner|brother|sister|baby|toddler|friend|grand\w+)(?:'s)?)\b"
)
_TOLD = (
    r"\b(?:what (?:to do|should (?:i|you|we)|do (?:i|you|we) do|can (?:i|you|we) do)|how (?:do|should|can) (?:i|you|we) (?:help|treat|respond|"
    r"recogni[sz]e|react)|first aid|should i)\b"
)
_SIGNS_OF = r"\b(?:signs?|symptoms?) of (?:having )?(?:an? )?$"
_IN_SHORT = r"\b(?:severe|sudden|suddenly|bad|crushing|sharp|radiating|thinking|now|help|since|for the last|all night|every night)\b"
_ASKS = r"\?|\b(?:what|why|who|how|when|where|which|define|explain|describe|list|treatment|management|causes?|types?|diagnosis)\b"
_MINE = r"\b(?:i|i'm|i've|my|me)\b"
_PAST = (
    r"\b(?:(?:years?|months?|weeks?|decades?) (?:ago|later|before)|last (?:year|month|winter|summer)|(?:19|20)\d\d|as a child|used to|recover\w+|"
    r"in the past|previous\w*|once had|since|survived|story|poem|novel|character|scene|script|essay|translat\w*|song|film|movie)\b"
)
_SPOKEN_OF = (
    r"\b(?:histor\w+|book|fiction\w*|lyrics?|statistics?|rates?|prevalence|epidemiolog\w+|incidence|mortality|percent|define|definition|"
    r"etymolog\w+|squad|cohort|trials?|stud(?:y|ies)|paper|abstract|risk factors?|exam|died)\b"
)
_EXAM = (
    r"\b(?:presents? (?:to|with)|which of the following|most likely (?:diagnosis|cause)|differential|pathophysiolog\w+|"
    r"next (?:best )?step in management)\b"
)
_ASIDE = (
    r"\b(?:no|not|without|never|don't have|doesn't have|denies|denied|isn't|wasn't|didn't)\b"
    r"(?: (?!breath|stop|wake|move|lift|raise|want)[\w']+){0,3}\s*$"
    r"|\b(?:risks?|chances?|likelihood|prevent\w*|reduc\w+|afraid|fear\w*|history|against|odds)(?: (?:of|for|having|getting|suffering|a|an|another|my|the)){0,4}\s*$"
)
_ADVISED = r"\b(?:if|when|should) (?:you|your child|they|he|she|someone|anyone|the patient|there (?:is|are)) (?:\w+ ){0,3}?(?:have|has|had|having|experiences?|notices?|feels?|develops?|gets?|is|are|see|sees)\b"
_NO_HELP = (
    r"\b(?:no need|not? necessary|unnecessary|needn't|don't|do not|never|avoid|without|no reason|isn't|not|don't have|doesn't need|rather than|instead of)"
    r"(?: [\w-]+){0,5}\s*$"
)


def emergency_asked(question: str) -> str | None:
    """The emergency a question tells of, or asks what to do about; None: none.

    Args:
        question: at most a few thousand characters; the caller caps it.

    Example:
        >>> emergency_asked("My father's face is drooping and his speech is slurred.")
        'signs of a stroke'
        >>> emergency_asked("Did a stroke kill Lenin in 1924?") is None
        True
    """
    exam = pattern(_EXAM).search(plain(question)) is not None
    for sentence in sentences(unquoted(question)):
        said = plain(sentence)
        # "Severe chest pain radiating to the jaw": whoever writes so short speaks of now.
        short = said.count(" ") < SHORT and pattern(_IN_SHORT).search(said) and not pattern(_ASKS).search(said)
        mine = bool(short) or pattern(_MINE).search(said) is not None
        if pattern(_PAST).search(said) or (not mine and (exam or pattern(_SPOKEN_OF).search(said))):
            continue
        sign, before = _sign(said)
        of_it = pattern(_SIGNS_OF).search(before)
        if sign and (mine or of_it or pattern(_SOMEBODY).search(said) or pattern(_TOLD).search(said)):
            return sign
    return None


def emergency_in_answer(answer: str) -> str | None:
    """The emergency an answer tells its reader to expect ("if you have chest pain …"); None: none.

    Args:
        answer: at most a few thousand characters; the caller caps it.
    """
    for sentence in sentences(answer):
        said = plain(sentence)
        told = pattern(_ADVISED).search(said)
        sign = _sign(said[told.start() :])[0] if told else None
        # "Tell your doctor if you have chest pain" sends the reader on.
        if sign and not pattern(r"\b(?:doctor|physician|gp|provider|clinician|medical care)\b").search(said):
            return sign
    return None


def advises_help(answer: str) -> bool:
    """Whether an answer says to seek help at once.

    Args:
        answer: at most a few thousand characters; the caller caps it.

    Example:
        >>> advises_help("Call 911 now."), advises_help("There is no need to call 911.")
        (True, False)
    """
    for sentence in sentences(answer):
        said = plain(sentence)
        for found in _patterns()[1].finditer(said):
            if not pattern(_NO_HELP).search(said[max(0, found.start() - 80) : found.start()]):
                return True
    return False


@cache
def _patterns() -> tuple[dict[str, re.Pattern[str]], re.Pattern[str]]:
    data = read_table("emergencies.json")
    signs = {name: _any_of(words) for name, words in data["signs"].items()}
    return signs, _any_of(data["help"])


def _any_of(words: list[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})(?!\w)")


def _sign(said: str) -> tuple[str | None, str]:
    """The first sign of a sentence, and the words before it."""
    for name, words in _patterns()[0].items():
        for found in words.finditer(said):
            before = said[max(0, found.start() - 60) : found.start()]
            if not pattern(_ASIDE).search(before):
                return name, before
    return None, ""
