"""`medical_fact_checker`: doses, units and whom they are for, held against a table and the question.

It checks figures, not medicine: an answer that passes may still be wrong in everything the table and
the question do not speak of. The table is `medicines.json`; what it leaves out is not judged.
"""

from __future__ import annotations

from collections.abc import Sequence

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.doses import Dose, read_doses, speaks_of_child
from cascadeflow.quality.medicines import Medicine, find_medicines, show
from cascadeflow.quality.sentences import ends, sentences
from cascadeflow.quality.text import pattern, plain
from cascadeflow.schema import CheckResult, Verdict

NAME = "medical_fact_checker"
TINY = 200
"""A dose under this part of the largest one is a slip of the unit: no medicine of the table spans as much."""
SLIP = 10
"""A dose this many times the largest one is most likely a slip of the unit."""

OPENING = 2
"""Sentences that tell what an answer is about."""

_OTHER_WANTED = (
    r"\b(?:alternatives?|instead|substitut\w*|replac\w*|other than|switch\w*|interact\w*|compar\w*|versus|vs|differ\w*|similar|"
    r"antidote|which|with|combin\w*|together|allerg\w*|else|better|treat\w*|overdos\w*)\b"
)
_ABOUT_ONE = r"\b(?:dos(?:e|es|age|ing)|how (?:much|many|often|does|do)|max\w*|side effects?|what (?:is|are|does)|used for|strength)\b"
_ANIMAL = r"\b(?:dogs?|cats?|pupp(?:y|ies)|kittens?|horses?|ponies|pony|cattle|hamsters?|rabbits?|veterinar\w+|vet)\b"
_ADULT = r"\badults?\b|\bgrown[- ]?ups?\b|\bi(?:'m| am)(?: an?)? (?:[2-9]\d)[\s-]*(?:years?|yo)\b|\b(?:[2-9]\d)[\s-]*year[\s-]*old\b"
_FITTED = (
    r"\b(?:kg|kilos?|kilograms?|pounds?|lbs?|weigh\w*|ages?|aged|year(?:s|-olds?)?|months?|children|child(?:'s)?|p(?:a)?ediatric\w*|"
    r"infants?|bab(?:y|ies)|toddlers?|kids?)\b"
)


def medical_fact_checker(text: str, context: CheckContext | None = None) -> Verdict:
    """Checks doses against a table and against the question; it verifies no medical fact.

    Fails where a dose is larger than the table's largest adult dose by mouth, or so small that its unit
    must be a slip; where the question is about one medicine and the answer about others only; where
    the question is about a child or an adult and the answer's doses are for the other.

    Args:
        text: the answer.
        context: question and answer; None: the text alone is judged.

    Returns:
        The verdict, with one `CheckResult` each for ``dose``, ``medicine`` and ``age``. A passing
        reason says which doses were found within the table, or that there was none to check.

    Example:
        >>> medical_fact_checker("Take 40 grams of paracetamol a day.").reason
        'medical_fact_checker: dose outside the table: 40 g of paracetamol a day, at most 4 g a day (BNF, 2023); check the unit'
        >>> medical_fact_checker("Adults take at most 4 g of paracetamol a day.").is_valid
        True
    """
    context = context or CheckContext("", text)
    answer, question = ends(context), context.prompt[:4000]
    asked = tuple(dict.fromkeys(item.medicine for item in find_medicines(question)))
    animal = pattern(_ANIMAL).search(plain(question)) is not None
    doses = () if animal else read_doses(answer, question)
    results = (_doses(doses, animal=animal), _medicine(question, asked, answer), _age(question, answer, doses))
    failed = [item for item in results if not item.passed]
    reason = "; ".join(item.reason for item in failed) or results[0].reason
    return Verdict(is_valid=not failed, reason=f"{NAME}: {reason}", deciding=NAME, checks=results)


def _doses(doses: Sequence[Dose], *, animal: bool) -> CheckResult:
    if animal:
        return CheckResult(name="dose", reason="no dose was checked: the table is for people")
    known = [dose for dose in doses if dose.medicine.largest is not None]
    limited = {dose.medicine for dose in known if dose.limit and dose.per == "day" and _outside(dose, ()) is None}
    for dose in known:
        wrong = _outside(dose, limited)
        if wrong:
            return CheckResult(
                name="dose", score=0.0, threshold=0.5, passed=False, reason=f"dose outside the table: {wrong}"
            )
    if not known:
        return CheckResult(name="dose", reason="no dose of a medicine of the table was found, none was checked")
    said = list(dict.fromkeys(f"{dose.said} ({dose.medicine.source})" for dose in known))
    more = f" and {len(said) - 3} more" if len(said) > 3 else ""
    return CheckResult(
        name="dose", score=1.0, threshold=0.5, reason=f"dose within the table: {', '.join(said[:3])}{more}"
    )


def _outside(dose: Dose, limited: Sequence[Medicine] | set[Medicine]) -> str | None:
    medicine = dose.medicine
    largest = medicine.largest
    if largest is None:
        return None
    if medicine.weekly is not None and (dose.per == "day" or dose.a_day is not None) and not dose.limit:
        return f"{dose.said}: it is taken once a week, at most {show(medicine.weekly)} (by mouth; {medicine.source})"
    singles = medicine.single or largest
    allowed = {"dose": singles, "day": medicine.daily or largest, "week": medicine.weekly}[dose.per]
    if allowed is not None and dose.amount > allowed * 1.001:
        unit = "; check the unit" if dose.amount >= SLIP * allowed else ""
        period = " at once" if dose.per == "dose" else f" a {dose.per}"
        return f"{dose.said}, at most {show(allowed)}{period} ({medicine.source}){unit}"
    # A daily limit beside "every 4 hours" is what a reader goes by.
    if dose.a_day is not None and medicine.daily and medicine not in limited and dose.a_day > medicine.daily * 1.001:
        return (
            f"{dose.said}, which comes to {show(dose.a_day)} a day, at most {show(medicine.daily)} ({medicine.source})"
        )
    if dose.amount * TINY < largest and not dose.child:
        return (
            f"{dose.said}, which is too little to be a dose ({medicine.source}: up to {show(largest)}); check the unit"
        )
    return None


def _medicine(question: str, asked: Sequence[Medicine], answer: str) -> CheckResult:
    words = plain(question)
    named = {item.medicine for item in find_medicines(answer)}
    subject = {item.medicine for item in find_medicines(" ".join(sentences(answer)[:OPENING]))}
    if (
        len(asked) != 1
        or not subject
        or asked[0] in named
        or not pattern(_ABOUT_ONE).search(words)
        or pattern(_OTHER_WANTED).search(words)
    ):
        return CheckResult(name="medicine", reason="")
    about = " and ".join(sorted(item.name for item in subject)[:3])
    reason = f"asked about {asked[0].name}, the answer names {about} only"
    return CheckResult(name="medicine", score=0.0, threshold=0.5, passed=False, reason=reason)


def _age(question: str, answer: str, doses: Sequence[Dose]) -> CheckResult:
    fine = CheckResult(name="age", reason="")
    if not doses:
        return fine
    said = plain(answer)
    child, adult = speaks_of_child(question), pattern(_ADULT).search(plain(question)) is not None
    if child and not adult and not pattern(_FITTED).search(said):
        return _wrong_age("asked about a child, the dose names neither age nor weight")
    if adult and not child and all(dose.child for dose in doses) and not pattern(_ADULT).search(said):
        return _wrong_age("asked about an adult, the doses are for children")
    return fine


def _wrong_age(reason: str) -> CheckResult:
    return CheckResult(name="age", score=0.0, threshold=0.5, passed=False, reason=reason)
