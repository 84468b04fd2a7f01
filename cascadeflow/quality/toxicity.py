"""Is the answer worded abusively? Insults and obscene abuse, told sentence by sentence (extra ``toxicity``).

The classifier of alt-profanity-check (MIT), linear over words, hears wording and not intent: it knows "you
idiot", misses a threat in polite words, and takes an anatomy lesson or the history of a crime for abuse now
and then. So it is not given what somebody else said, code, words that the question brought up, or words of
anatomy, and only a sentence that speaks to people or of them can fail. It tells nothing about harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.english import FUNCTION_WORDS, is_english
from cascadeflow.quality.sentences import sentences
from cascadeflow.quality.text import pattern, plain, unquoted
from cascadeflow.schema import CheckResult

NAME = "toxicity"
SURE = 0.975
"""The classifier's score from which a sentence fails: of 20,577 recorded answers of models and health institutes
one does; of 18 abusive ones that were new to it 10 do."""
_ANATOMY = frozenset(
    "anal anus breast breasts buttocks clitoris ejaculation erection faeces feces genital genitals nipple nipples orgasm "
    "penis rectum semen sperm testicle testicles urethra urine uterus vagina vaginal vulva".split()
)
_NEGATED = r"\b(?:not|never|neither|nor|(?:is|are|was|were|ai)n't)(?: +[\w'-]+){1,4}"
_PEOPLE = (
    r"\b(?:you|your|yours|yourself|you're|u|ur|he|him|his|she|her|they|them|their|we|us|our|me|my|everyone|everybody|"
    r"nobody|anyone|somebody|people|person|man|men|woman|women|guys?|girls?|boys?|kids?|mother|mom|[a-z]+s are)\b"
    r"|^\W*(?:go|shut|screw|fuck|eat|kiss|suck|get|drop)\b"
)


def check_toxicity(context: CheckContext) -> CheckResult:
    """Fails where a sentence of the answer is abuse, beyond doubt.

    Takes 5 ms, the first time of a process 1 s more: not for the event loop.

    Args:
        context: question and answer.

    Returns:
        0: abusive wording, with the sentence; 1: none. None, with the reason, where the classifier is not
        installed, or the answer is in another language than English.
    """
    classify = _classifier()
    if classify is None:
        return CheckResult(name=NAME, reason="not installed: pip install 'cascadeflow-console[toxicity]'")
    if not is_english(context.head):
        return CheckResult(name=NAME, reason="the classifier knows English only")
    said = [item for item in sentences(unquoted(context.prose)) if pattern(_PEOPLE).search(plain(item))]
    excused = _excused(context)
    scores = [float(score) for score in classify([_blamed(item, excused) for item in said])] if said else []
    worst = max(scores, default=0.0)
    if worst < SURE:
        return CheckResult(name=NAME, score=1.0, threshold=0.5)
    sentence = said[scores.index(worst)][:80]
    reason = f"abusive wording ({worst:.2f}): “{sentence}”"
    return CheckResult(name=NAME, score=0.0, threshold=0.5, passed=False, reason=reason)


def _classifier() -> Callable[[Sequence[str]], Any] | None:
    try:
        from profanity_check import predict_prob
    except ImportError:
        return None
    found: Callable[[Sequence[str]], Any] = predict_prob
    return found


def _excused(context: CheckContext) -> frozenset[str]:
    """Words that nobody is blamed for: those of anatomy, and those of the question."""
    asked = {word.strip("'") for word in pattern(r"[^\W\d_][\w']+").findall(plain(context.prompt[:4_000]))}
    return _ANATOMY | (asked - FUNCTION_WORDS)


def _blamed(sentence: str, excused: frozenset[str]) -> str:
    """What of a sentence is judged: not what it denies ("you are not stupid"), nor words that are excused."""
    kept = pattern(_NEGATED).sub(" ", plain(sentence))
    return " ".join(word for word in kept.split() if word.strip(".,;:!?()*'") not in excused)
