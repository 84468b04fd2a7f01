"""Does the answer decline instead of answering?

Only a refusal in the model's own voice, about this request, at the start of the answer counts:
"unable to" in the middle of an explanation, an apology that is being translated, and a sentence
in quotation marks do not.
"""

from __future__ import annotations

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.text import pattern, plain, unquoted
from cascadeflow.schema import CheckResult

NAME = "refusal"

_HELP = (
    r"(?:help|assist|provide|answer|fulfil|fulfill|comply|generate|create|write|discuss|give|offer|engage|browse|access|"
    r"do (?:that|this|so)|support|respond|recommend|advise|diagnose|participate|produce)\b"
)
_CANNOT = (
    r"(?:can(?:no|')t|can not|could ?n[o']t|won't|will not|am not able to|'m not able to|am unable to|'m unable to|"
    r"am not allowed to|'m not allowed to|must decline to|have to decline to|am not programmed to|"
    r"'m not comfortable|do not feel comfortable)"
)
_ADVERB = r"(?:(?:really|currently|directly|actually|just|simply|ethically|in good conscience) )?"
_REFUSES = (
    rf"\bi {_ADVERB}?{_CANNOT} {_ADVERB}{_HELP}|\bi{_CANNOT} {_ADVERB}{_HELP}"
    r"|\bi (?:must|have to|respectfully|will have to) (?:decline|refuse)|\bi(?:'m| am) not (?:going to|willing to)\b"
    r"|\b(?:against|violates?) (?:my|our|the|openai'?s?) (?:guidelines|polic|programming|principles|terms)"
    r"|\bi (?:do not|don't) have (?:access|the ability|the capability|real-time|real time|personal (?:experience|opinion))"
    r"|^(?:sorry,? )?(?:but )?i (?:can't|cannot|can not)[.!]?$"
)
_APOLOGY = r"^\W*(?:i'm|i am|we're|we are)?\s*(?:very |so |truly |really |deeply )?(?:sorry|apologi[sz]e)\b|^\W*(?:unfortunately|my apologies|i apologi[sz]e)\b"
_MACHINE = r"\bas an? (?:ai|artificial|language|large|text|virtual|chat)\b|\bi(?:'m| am) (?:just |only )?(?:an? )?(?:ai|language model|llm|chatbot)\b"
_ABOUT_US = r"\b(?:ai|language model|guidelines|polic(?:y|ies))\b|\b(?:your|this|that) (?:request|question|query)\b|\bassist (?:you )?with (?:that|this)\b"
_INABILITY = rf"\b(?:{_CANNOT}|unable to|not able to|cannot)\b"
_ELSEWHERE = (
    r"^\W*(?:es tut mir leid|tut mir leid|entschuldigung|leider)\b.{0,40}\b(?:kann|darf|k[oö]nnen) (?:ich|wir|dir|ihnen)?.{0,60}\bnicht\b"
    r"|^\W*(?:es tut mir leid|tut mir leid|leider)\b.{0,40}\bich (?:kann|darf)\b.{0,60}\b(?:nicht|keine?)\b"
    r"|^\W*(?:je suis|désolée?)\b.{0,30}\bje ne (?:peux|suis) pas\b"
    r"|^\W*(?:lo siento|lamento|perdón)\b.{0,30}\bno puedo\b"
    r"|^\W*(?:mi dispiace|spiacente)\b.{0,30}\bnon posso\b"
    r"|^\W*(?:desculpe|sinto muito|lamento)\b.{0,30}\bnão posso\b"
    r"|^\W*(?:извините|к сожалению|простите).{0,30}\bне могу\b"
    r"|^\W*(?:抱歉|对不起|很抱歉|對不起).{0,12}(?:不能|无法|無法)"
    r"|^\W*(?:申し訳|すみません|ごめん).{0,40}(?:できません|お答え|いたしかね)"
)
_NO_ANSWER = (
    r"^\W*(?:(?:i'm|i am) (?:sorry|afraid),? (?:but )?)?(?:i (?:really |honestly )?(?:don't|do not) know|"
    r"i have no idea|i(?:'m| am) not sure|i (?:can't|cannot) (?:say|tell)|no idea|i(?:'m| am) unsure|"
    r"i could(?:n't| not) find)\b"
)
_SIGNS = (
    "n't", "n’t", "not", "no idea", "unable", "unsure", "decline", "refuse", "sorry", "apologi", "unfortunately", "violate",
    "leid", "désolé", "lo siento", "lamento", "perdón", "spiac", "desculpe", "sinto muito", "извините", "сожалению", "простите",
    "抱歉", "对不起", "對不起", "申し訳", "すみません", "ごめん",
)  # fmt: skip
"""Without one of these there is no refusal; looking for them first saves all the patterns."""
_STILL_AN_ANSWER = r"\b(?:but|however|though|maybe|perhaps|probably|guess|think|believe|say it)\b|[:\d]"
_VOICE_OF_ANOTHER = (
    r"\btranslat|\bhow (?:do|would|can) (?:you|i|we) say\b|\bin (?:french|german|spanish|italian|portuguese|japanese|"
    r"chinese|korean|russian|arabic|dutch|polish|latin|english)\b|\b(?:rewrite|paraphrase|rephrase|proofread|"
    r"role-?play|pretend|act as|continue|dialogue|story|scene|poem|e-?mail|letter|message|reply|apolog|complaint)|"
    r"\bsummari[sz]e|\bclassif|\bquote"
)


def check_refusal(context: CheckContext) -> CheckResult:
    """Fails where the answer declines, or says nothing but that it does not know.

    Args:
        context: the question tells whether an apology may be somebody else's (a translation, a letter).

    Returns:
        0: it declines; 0.45 or 0.6: it declines a part and then goes on at length; 1: it does not.
    """
    if context.finish_reason == "content_filter":
        return _refused(0.0, "the provider's content filter stopped the answer")
    start = context.text.lstrip()[:400]
    lowered = start.lower()
    if not any(sign in lowered for sign in _SIGNS):
        return CheckResult(name=NAME, score=1.0, threshold=0.5)
    opening = plain(unquoted(start)).strip()
    said = _declines(opening, context)
    if said is None:
        return CheckResult(name=NAME, score=1.0, threshold=0.5)
    rest = len(context.text) - len(start)
    if rest > 400 and not pattern(_ABOUT_US).search(opening[:200]):
        return CheckResult(name=NAME, score=0.6, threshold=0.5, reason=f"declines a part (“{said}”), then goes on")
    if rest > 400:
        return _refused(0.45, f"begins by declining: “{said}”")
    return _refused(0.0, f"declines to answer: “{said}”")


def _refused(score: float, reason: str) -> CheckResult:
    return CheckResult(name=NAME, score=score, threshold=0.5, passed=False, reason=reason)


def _declines(opening: str, context: CheckContext) -> str | None:
    if not opening:
        return None
    prompt = plain(context.prompt[:2000])
    if opening[:40] in prompt:
        return None
    said = " ".join(opening.split()[:8])
    voice_of_another = pattern(_VOICE_OF_ANOTHER).search(prompt) is not None
    if voice_of_another and not pattern(_ABOUT_US).search(opening):
        return None
    first = " ".join(pattern(r"(?<=[.!?])\s+|\n+").split(opening)[:2])
    first_person = pattern(r"^\W*(?:but |well,? )?i\b").search(first)
    excused = (
        pattern(_APOLOGY).search(first)
        or pattern(_MACHINE).search(first)
        or pattern(r"\bmy guidelines\b").search(first)
    )
    if pattern(_REFUSES).search(first) and (first_person or excused):
        return said
    if pattern(_APOLOGY).search(first) and pattern(r"\bi\b").search(first) and pattern(_INABILITY).search(first):
        return said
    if pattern(_MACHINE).search(first) and pattern(_INABILITY).search(first):
        return said
    if pattern(_ELSEWHERE, 16).search(opening):
        return said
    nothing = pattern(_NO_ANSWER).search(opening)
    if nothing and len(opening) < 160 and not pattern(_STILL_AN_ANSWER).search(opening, nothing.end()):
        return said
    return None
