"""Does the answer doubt itself?

Caution about the world ("aspirin may cause…", "often", "in some cases") is how a right answer
sounds; only doubt about the answer itself counts, and it alone never decides more than a close case.
"""

from __future__ import annotations

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.text import pattern, plain, unquoted
from cascadeflow.schema import CheckResult

NAME = "hedging"

_STRONG = (
    r"\bi(?:'m| am) (?:really |still |honestly )?not (?:entirely |completely |quite |very |so |too |100% |absolutely )?"
    r"(?:sure|certain|confident)\b|\bi (?:don't|do not) (?:really |actually )?know\b|\bi (?:have no|haven't any) idea\b"
    r"|\bi (?:may|might|could) be (?:wrong|mistaken)\b|\bdon't quote me\b|\bi(?:'m| am) (?:just )?guessing\b"
    r"|\b(?:just|only|wild|rough|my best) guess\b|\bi (?:can't|cannot|could not|couldn't) (?:verify|confirm|be sure)\b"
    r"|\bplease (?:verify|double[- ]check)\b|\bthis (?:may|might) (?:not be|be (?:in)?)(?:correct|accurate|wrong)\b"
    r"|\b(?:that|this|it) (?:does not|doesn't) (?:seem|look) right\b|\bi made (?:a|an) (?:mistake|error)\b"
    r"|\b(?:wait|hold on|hmm)[,.! ]|\bthere (?:seems to be|must be|is) (?:a|an) (?:mistake|error|typo) in the (?:question|problem)\b"
)
_WEAK = (
    r"\bi (?:think|believe|guess|suppose|assume)\b|\bas far as i know\b|\bto the best of my knowledge\b|\bif i recall\b"
    r"|\bi(?:'m| am) pretty sure\b|\bprobably\b|\bperhaps\b|\bmaybe\b|\bhard to say\b|\bi would say\b|\bnot clear\b"
    r"|\b(?:not enough|insufficient) information\b|\bcannot be determined\b"
)

_SIGNS = (
    "sure", "certain", "confident", "n't know", "not know", "idea", "wrong", "mistake", "quote me", "guess", "verify",
    "confirm", "double", "accurate", "correct", "right", "wait", "hold on", "hmm", "error in", "typo", "i think", "believe",
    "suppose", "assume", "as far as", "best of my", "recall", "probably", "perhaps", "maybe", "hard to say", "would say",
    "not clear", "information", "be determined",
)  # fmt: skip
"""Without one of these there is no doubt; looking for them first saves the patterns."""
READ = 3_000
"""Characters read from each end of the answer: doubt stands where it begins and where it concludes."""


def check_hedging(context: CheckContext) -> CheckResult:
    """Weighs the phrases of self-doubt against the length of the answer.

    Args:
        context: quotations, code and what the question itself says are left out.

    Returns:
        1 without such phrases, falling with each one a hundred words; below 0.5 it does not pass.
    """
    said = context.prose if len(context.prose) <= 2 * READ else f"{context.prose[:READ]}\n{context.prose[-READ:]}"
    said = plain(said)
    if not any(sign in said for sign in _SIGNS):
        return CheckResult(name=NAME, score=1.0, threshold=0.5)
    said = unquoted(said)
    prompt = plain(context.prompt[:4000])
    strong = [match[0].strip() for match in pattern(_STRONG).finditer(said) if match[0] not in prompt]
    weak = [match[0] for match in pattern(_WEAK).finditer(said) if match[0] not in prompt]
    if not strong and not weak:
        return CheckResult(name=NAME, score=1.0, threshold=0.5)
    hundreds = max(1.0, said.count(" ") / 100)
    score = max(0.1, 1 - (0.55 * len(strong) + 0.12 * len(weak)) / hundreds)
    phrases = ", ".join(f"“{phrase}”" for phrase in dict.fromkeys((strong + weak)[:3]))
    return CheckResult(name=NAME, score=score, threshold=0.5, passed=score >= 0.5, reason=f"doubts itself: {phrases}")
