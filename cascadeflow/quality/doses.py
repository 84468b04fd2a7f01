"""Doses as a text gives them: which medicine, how much, how often.

In doubt an amount is not read: what belongs to another substance, a body weight, a concentration, an
injection, an animal, a trial or a poisoning is no dose that the table could be asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from cascadeflow.quality.medicines import MILLIGRAMS, Medicine, Mention, find_medicines, show
from cascadeflow.quality.sentences import sentences
from cascadeflow.quality.stance import speaks_of_harm, without_reassurance
from cascadeflow.quality.text import pattern, plain

MOST = 40
"""Amounts that are read in one sentence."""
Period = Literal["dose", "day", "week"]

_WORDS = {
    word: value
    for value, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1
    )
} | {"half a": 0.5, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}  # fmt: skip
_UNITS = {"mg": "mg", "milligram": "mg", "g": "g", "gm": "g", "gram": "g", "gramme": "g"}
_NUMBER = rf"(?:\d[\d,]*(?:\.\d+)?|{'|'.join(_WORDS)})"
_AMOUNT = (
    rf"(?<![\w.,/$€£])(?P<low>{_NUMBER})(?:\s*(?:-|–|to|or)\s*(?P<high>{_NUMBER}))?[\s-]*"
    r"(?P<unit>mg|milligrams?|mcg|µg|μg|ug|micrograms?|microgrammes?|g|gm|gms|grams?|grammes?)(?![\w²])"
)
_NO_DOSE = (
    r"^\s*(?:/|per|a|each|of body|for (?:each|every))\s*(?:\d+(?:\.\d+)?\s*)?(?:kg|kilo\w*|m2|m²|sq\w*|ml|millilit\w+|l|lit(?:er|re)s?|"
    r"dl|hours?|h|hr|min\w*|lb|pounds?|serving|cup)\b"
    r"|^\s*(?:of )?FOOD\b|^\s*/\s*\d"
)
_FOOD = r"(?:carb\w*|protein|fats?|sugar|glucose|salt|sodium|fib(?:er|re)|alcohol|charcoal|honey|water|cholesterol)"
_TIMES = (
    r"(?:(?P<word>once|twice|thrice)|(?P<count>\d{1,2}|one|two|three|four|five|six|eight)\s*(?:-|–|to|or)?\s*(?:\d{1,2}|two|three|four|five|six)?"
    r"\s*(?:times|x|×|doses|tablets))\s*(?:a|per|each|every|/|in a)?\s*(?:day|daily|24)\b"
    r"|\b(?P<latin>b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|b\.?d|t\.?d\.?s|q\.?d\.?s|o\.?d|q\.?d)\b(?!\w)"
)
_LATIN = {"bid": 2, "bd": 2, "tid": 3, "tds": 3, "qid": 4, "qds": 4, "od": 1, "qd": 1}
_HOURS = (
    r"\bevery\s+(?P<least>\d{1,2}|NUMBERS)(?:\s*(?:-|–|to|or)\s*(?P<most>\d{1,2}|NUMBERS))?\s*(?:hours?|hrs?|h)\b"
    r"|\bq\s?(?P<latin>\d{1,2})\s?h\b|\b(?P<hourly>\d{1,2})-?hourly\b"
)  # fmt: skip
_WEEK = r"\b(?:a|per|each|every|once a|one day a)\s+week\b|\bweekly\b|/\s*(?:week|wk)\b"
_DAY = (
    r"\b(?:a|per|each|every|any|one)\s+(?:single )?day\b|\bdaily\b|/\s*(?:day|d)\b"
    r"|\b(?:24|twenty-four)[\s-]*(?:hours?|hrs?|h)\b|\bday's\b|\bat bedtime\b|\bat night\b|\bevery (?:morning|evening|night)\b"
    r"|\btotal\b"
)
_ONCE = r"\b(?:single|at once|at a time|per dose|one dose|each dose|initial\w*|loading)\b"
_TOTAL = r"\b(?:daily|total|maximum|max\.?|limit)\b|\bin (?:any |a )?(?:24|one day)|\bper day\b|\ba day\b"
_OVER = r"\b(?:more than|over|above|exceed(?:s|ing|ed)?|beyond|greater than|higher than|larger than)\s*(?:the |a total of |about )?$"
_NOT = r"\b(?:not|never|no|[a-z]+n't|avoid|without)\b[^,;:.]{0,60}$"
_OTHER_ROUTE = (
    r"\b(?:iv|i\.v\.|im|intraven\w+|intramusc\w+|infus\w+|inject\w+|subcutan\w+|topical\w*|gels?|creams?|ointments?|inhal\w+|nebuli\w+|"
    r"suppositor\w+|rectal\w*|eye|ear|drops?|patch\w*|dialysis|chemotherapy|cancers?|leuk\w+|lymphoma|off-label|unlicensed|specialists?|"
    r"trials?|stud(?:y|ies)|mice|rats?|patients? received|were given|was given|received|overdosage|ingested|taken was|reported|dogs?|cats?|horses?|puppy|kitten|vet|veterinar\w+)\b"
)
_CHILD = (
    r"\b(?:child(?:ren)?(?:'s)?|kids?|toddlers?|infants?|bab(?:y|ies)|newborns?|p(?:a)?ediatric\w*|my (?:little )?(?:son|daughter))\b"
    r"|\b(?:\d|1[0-5])[\s-]*(?:year|yr|month|week)s?[\s-]*olds?\b|\baged? (?:\d|1[01])\b"
)
_LEADS = frozenset(
    "a about above additional adult adults after all an and another any approximately are around as at average be before below between by can "
    "capsule capsules combined common commonly consume contain containing contains daily day dosage dosages dose doses dosing drink each either eight "
    "er even every evening exactly exceed exceeding extra extra-strength five for four from further get give given gives half high higher "
    "hours if in increase increased increasing ingest initial initially is it its just least less limit limited low lower maintenance "
    "max maximum may morning most mouth much need needs night no normal of "
    "once one only or oral orally over per pill pills prescribe prescribed raise raised reach receive receives recommended recommend reduce reduced "
    "regular release result safe safely should single six standard start started starting starts strength swallow tablet tablets take taken "
    "takes taking than that the them then therapeutic this three to total try twice two typical typically under until up use used uses using usual "
    "usually was week weekly when with within would xl xr sr cr ir maintained tolerated needed necessary i you "
    "eating patients patient people gout pain headache required equal equals i.e e.g exceeds allowed permitted have having like down these range on".split()
)
"""Words that may stand between a medicine and its amount; another word may be another substance."""
_SALTS = (
    r"[\s,(]*(?:(?:sodium|calcium|potassium|hydrochloride|hcl|hydrobromide|phosphate|sulfate|succinate|tartrate|maleate|mesylate|besylate|citrate|"
    r"xl|xr|sr|cr|er|ir|ds|(?:extended|immediate|modified)-release|usp|tablets?|capsules?|oral)\b[\s,)(]*)+"
)
_OF_ANOTHER = (
    r"(?:cillin|mycin|floxacin|cycline|statin|pril|sartan|olol|azole|sone|olone|azepam|azolam|oxetine|triptan|gliptin|gliflozin|"
    r"glitazone|mab|nib|vir|parin|xaban|gatran|tidine|prazole|profen|codone|morphone|phylline|barbital|thiazide|semide|setron|"
    r"dronate|amide|caine|amine|xacin|micin|zine|pine|pam|phen|osin)"
)
_ADVISES = r"\b(?:tak(?:e|es|ing|en)|giv(?:e|en)|swallow|dos(?:e|es|age)|start\w*|initiat\w+|increas\w+|use|recommend\w*|max\w*)\b"
_DESCRIBES = r"\b(?:contain\w*|available|strengths?|white|colou?r\w*|debossed|imprint\w*|engraved|supplied|bottles?|looks? like|equivalent)\b"


@dataclass(frozen=True, slots=True)
class Dose:
    """An amount of a medicine, as a text gives it.

    Attributes:
        medicine: of the table.
        amount: mg at once, or within ``per``.
        per: whether ``amount`` is one dose, a day's or a week's.
        a_day: mg a day that follow where one dose is repeated; None: not said.
        child: whether the sentence speaks of a child.
        limit: whether it is given as a limit.
        advised: whether it is something to take, not what a tablet holds.
    """

    medicine: Medicine
    amount: float
    per: Period
    a_day: float | None = None
    child: bool = False
    limit: bool = False
    advised: bool = True

    @property
    def said(self) -> str:
        """The dose in words, such as ``4 g of paracetamol a day``."""
        period = "" if self.per == "dose" else f" a {self.per}"
        return f"{show(self.amount)} of {self.medicine.name}{period}"


def speaks_of_child(text: str) -> bool:
    """Whether a text speaks of a child."""
    return pattern(_CHILD).search(plain(text)) is not None


def read_doses(text: str, question: str = "") -> tuple[Dose, ...]:
    """The doses that a text gives of medicines of the table.

    Args:
        text: at most a few thousand characters; the caller caps it.
        question: the same; a dose without a name is taken as one of the single medicine it names, and one
            without a period as a day's where it asks for a day's.

    Example:
        >>> dose = read_doses("Take 400 mg of ibuprofen every 6 to 8 hours.")[0]
        >>> dose.amount, dose.per, dose.a_day
        (400.0, 'dose', 1200.0)
    """
    found: list[Dose] = []
    asked = {item.medicine for item in find_medicines(question)}
    carried = asked.pop() if len(asked) == 1 else None
    a_day = pattern(_DAY).search(plain(question)) is not None
    for sentence in sentences(text):
        named = find_medicines(sentence)
        if not speaks_of_harm(sentence) or pattern(_TOTAL).search(plain(sentence)):
            found += _in_sentence(without_reassurance(sentence), carried, a_day=a_day)
        carried = named[-1].medicine if named else carried
    return tuple(found)


def _in_sentence(sentence: str, carried: Medicine | None, *, a_day: bool) -> list[Dose]:
    amounts = list(islice(pattern(_AMOUNT).finditer(sentence), MOST))
    if not amounts or pattern(_OTHER_ROUTE).search(sentence):
        return []
    child = speaks_of_child(sentence)
    harm = speaks_of_harm(sentence)
    named = find_medicines(sentence)
    advised = pattern(_ADVISES).search(sentence) is not None and not pattern(_DESCRIBES).search(sentence)
    found: list[Dose] = []
    for index, amount in enumerate(amounts):
        before = sentence[amounts[index - 1].end() if index else 0 : amount.start()]
        after = sentence[amount.end() : amounts[index + 1].start() if index + 1 < len(amounts) else len(sentence)]
        medicine = _whose(sentence, named, amount, before, after, carried)
        over = pattern(_OVER).search(before)
        denied = pattern(_NOT).search(before) is not None
        limit = (over is not None and denied) or pattern(r"\b(?:max\w*\.?|limit|up to|at most)\b").search(
            before
        ) is not None
        if medicine is None or (over and not denied) or (denied and not limit) or (harm and not limit):
            continue
        if pattern(_NO_DOSE.replace("FOOD", _FOOD)).search(after) or before.strip() == "/":
            continue
        size = _milligrams(amount) * _count(before, after)
        # "4 g (4,000 mg) a day" is one dose, said twice.
        if (
            index + 1 < len(amounts)
            and pattern(r"\s*[(=]\s*").fullmatch(after)
            and size == _milligrams(amounts[index + 1])
        ):
            continue
        dose = _repeated(Dose(medicine, size, "dose", child=child, limit=limit), before, after, first=not index)
        if dose.per == "dose" and dose.a_day is None and not pattern(_ONCE).search(f"{before} {after}"):
            in_brackets = bool(found) and pattern(r"[^()]*\(\s*").fullmatch(before) is not None
            period = found[-1].per if in_brackets else "day" if limit or a_day else "dose"
            dose = replace(dose, per=period, advised=advised)
        found.append(dose)
    return found


def _number(said: str) -> float:
    if said in _WORDS:
        return float(_WORDS[said])
    thousands = pattern(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?").fullmatch(said)
    return float(said.replace(",", "") if thousands else said.rstrip(",").replace(",", ".", 1).replace(",", ""))


def _milligrams(amount: re.Match[str]) -> float:
    unit = amount["unit"].removesuffix("s")
    return _number(amount["high"] or amount["low"]) * MILLIGRAMS[_UNITS.get(unit, "µg")]


def _whose(
    sentence: str, named: Sequence[Mention], amount: re.Match[str], before: str, after: str, carried: Medicine | None
) -> Medicine | None:
    follows = next((item for item in named if 0 <= item.start - amount.end() <= len(after)), None)
    if follows and pattern(r"\s*(?:tablets? |capsules? |doses? )?(?:of )?(?:oral |regular )?").fullmatch(
        sentence[amount.end() : follows.start]
    ):
        return follows.medicine
    if pattern(r"^\s*of\s+(?!(?:it|this|the (?:drug|medicine|medication)|that|them|body)\b)[a-z]").search(after):
        return None
    preceding = next((item for item in reversed(named) if item.end <= amount.start()), None)
    gap = sentence[preceding.end : amount.start()] if preceding else before
    if preceding and (not gap.strip(" ,:(–-") or pattern(_SALTS).fullmatch(gap)):
        return preceding.medicine
    last = pattern(r"([a-z][\w.-]*)[\s,–-]*$").search(before)
    if last and last[1].rstrip(".-") not in _LEADS:
        return None
    # "Keep sodium below 2 g."
    nearer = gap if len(gap) < len(before) else before
    if pattern(rf"^\s+[a-z-]*{_OF_ANOTHER}\b").search(after) or pattern(rf"\b{_FOOD}\b").search(nearer):
        return None
    if preceding or named:
        return preceding.medicine if preceding else named[0].medicine
    return None if pattern(rf"\b{_FOOD}\b").search(sentence) else carried


def _count(before: str, after: str) -> float:
    times = pattern(r"^\s*[x×]\s*(\d{1,2})\b(?!\s*(?:days?|weeks?|daily|times|/|a day))").search(after)
    if times:
        return float(times[1])
    tablets = pattern(
        rf"\b({'|'.join(_WORDS)}|\d{{1,2}})\s*(?P<kind>[x×*]|(?:[a-z-]+ )?(?:tablets?|pills?|capsules?|caplets?)\s*(?:of|at|,|\()?|)\s*$"
    ).search(before)
    if tablets is None:
        return 1.0
    kind = tablets["kind"].strip()
    each = kind in {"x", "×", "*"} or kind.endswith(("of", "at")) or pattern(r"^\s*(?:each|apiece)").search(after)
    strength = not kind and pattern(r"^\s*(?:tablets?|pills?|capsules?|caplets?)\b").search(after)
    return _number(tablets[1]) if each or strength else 1.0


def _repeated(dose: Dose, before: str, after: str, *, first: bool) -> Dose:
    for words in (after, before) if first else (after,):
        if pattern(_WEEK).search(words):
            return replace(dose, per="week")
        if pattern(r"\b(?:every other|alternate|every second) days?\b").search(words):
            return dose
        hours = pattern(_HOURS.replace("NUMBERS", "four|six|eight|twelve")).search(words)
        if hours:
            gap = _number(hours["most"] or hours["least"] or hours["latin"] or hours["hourly"])
            return replace(dose, a_day=dose.amount * int(24 // gap) if 0 < gap <= 24 else None)
        times = pattern(_TIMES).search(words)
        if times and not pattern(r"\bdivided|\bin (?:\w+ ){0,3}doses").search(words):
            return replace(dose, a_day=dose.amount * _times(times))
        if pattern(_DAY).search(words):
            return replace(dose, per="day")
    return dose


def _times(found: re.Match[str]) -> float:
    if found["latin"]:
        return float(_LATIN[found["latin"].replace(".", "")])
    if found["word"]:
        return float({"once": 1, "twice": 2, "thrice": 3}[found["word"]])
    return _number(found["count"])
