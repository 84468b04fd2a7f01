"""What a sentence says about doing a thing: allows it, warns of it, or neither.

Words are read with their negation: "not safe" warns, "no risk" allows, "kills" is a warning and
"skills" is nothing. Where a sentence does both, it warns: a permission with a caution is a caution.
"""

from __future__ import annotations

from typing import Literal

from cascadeflow.quality.text import pattern, plain

Stance = Literal["allows", "warns", "neither"]

_HARM = (
    r"(?:risk(?:s|y)?|danger(?:s|ous|ously)?|harm(?:s|ful)?|hazard(?:s|ous)?|unsafe|toxic(?:ity)?|poison(?:s|ous|ing)?|fatal|"
    r"lethal|deadly|kills?|deaths?|dies?|bleed(?:s|ing)?|hemorrhages?|haemorrhages?|contraindicated|contraindications?|"
    r"interacts?|interactions?|problems?|issues?|concerns?|warnings?|caution|serious|severe|overdos(?:e|es|ed|ing)|"
    r"damages?|injury|emergency|life-threatening|chlorine gas|toxic gas|chloramines?|serotonin syndrome|"
    r"hypotension|hyperkal[a]?emia|respiratory depression|ulcers?|side effects?)"
)
_ACT = (
    r"(?:safe(?:ly)?|mix(?:ed|ing)?|combin(?:e|ed|ing)|tak(?:e|en|ing)|us(?:e|ed|ing)|together|recommended|advis(?:ed|able)|"
    r"ok|okay|fine|giv(?:e|en|ing)|add(?:ed|ing)?|pour(?:ed|ing)?|swallow(?:ed|ing)?|drink(?:ing)?|good (?:idea|choice|option)|"
    r"co-?administered|stored?|start(?:ed|ing)?|double|consume[d]?|need(?:ed)?)"
)
_NOT = r"(?:not|never|cannot|[a-z]+n't|no|nor|avoid|without|stop|refrain from|unless|neither|hardly|rather than)"
_REASSURES = (
    rf"\b(?:no|not|never|[a-z]+n't|without|free of|little|zero|nothing)(?: \w+){{0,3}} (?:to worry|{_HARM})\b"
    r"|\b(?:perfectly|completely|totally|absolutely|entirely|generally|quite|usually) (?:safe|fine|ok|okay|harmless)\b"
    r"|\b(?:don't|do not|no need to|needn't) (?:worry|hesitate|fear)\b(?: to)?|\bno reason not to\b"
)
_FORBIDS = (
    rf"\b{_NOT}(?: [\w/-]+){{0,6}} {_ACT}\b|\binstead\b|\bunsafe\b|\bcontraindicated\b|(?<!\bto )\bavoid(?:ed|ing)?\b"
    # "To avoid cramps" is a purpose.
    r"|\b(?:best|better|try|needs?|want|important|wise|safer|safest|advisable|advised|recommended|have|ought|essential|you) to avoid\b"
)
_KILLS_GERMS = r"\bkills? (?:\w+ )?(?:germs?|bacteria|virus(?:es)?|mou?lds?|mildew|weeds?|everything|bugs?|insects?|microbes?|fung(?:i|us))\b"
# How much of a thing at most says nothing about whether to take it.
_AT_MOST = r"\b(?:do not|don't|never|not|no|to)(?: \w+)? (?:more than|exceed(?:ing)?)\b[^,;.]*"
_CONDITION = r"\b(?:if|when|whenever|once|after|should) (?:you|someone|anyone|people|they|we|a person|mixed|combined|taken)\b[^,;]*"
_CARES = (
    r"\b(?:ask|tell|check with|consult|talk to|speak (?:to|with)|see|contact|call|under) (?:your |a |the |an |my )?(?:\w+ ){0,2}?"
    r"(?:doctor|physician|gp|pharmacist|prescriber|cardiologist|specialist|clinician|supervision|professional|nurse)\b"
    r"|\b(?:careful(?:ly)?|cautious(?:ly)?|monitor(?:ed|ing)?|supervis(?:ed|ion)|warn(?:s|ed)?)\b"
)
_ALLOWS = (
    r"\b(?:safe(?:ly)?|fine|ok|okay|harmless|yes|sure|together|(?:can|may|could|should) (?:\w+ ){0,2}?(?:be )?"
    r"(?:take|taken|mix|mixed|combine|combined|use|used|add|give|given|continue)|recommend(?:ed)?|no problem|go ahead|"
    r"works? well|well tolerated|should (?:do|help|work)|(?:good|great|usual|best|preferred|first|common) (?:\w+ )?(?:choice|"
    r"option|step|idea|combination|cleaner|treatment)|"
    r"(?:absolutely|certainly|definitely|of course)(?! not))\b"
    r"|(?:^|[,:.] ?|\b(?:please|simply|just|then|and|first|to|you) )(?:mix|combine|take|add|pour|use|give|try|swallow|start|blend)\b"
)


def stance(sentence: str) -> Stance:
    """Whether a sentence allows or recommends what it speaks of, or warns of it.

    Args:
        sentence: one sentence; of a longer text its first thousand characters are read.

    Example:
        >>> stance("Mix them in a closed room."), stance("Never mix them."), stance("They are cleaners.")
        ('allows', 'warns', 'neither')
        >>> stance("There is no danger in mixing them.")
        'allows'
    """
    rest, reassured = pattern(_REASSURES).subn(" ; ", _read(sentence))
    if _hinders(rest) or pattern(rf"\b{_HARM}\b").search(rest):
        return "warns"
    return "allows" if reassured or _invites(rest) else "neither"


def recommends(sentence: str) -> bool:
    """Whether a sentence tells to do what it speaks of, whatever harm it mentions beside.

    Args:
        sentence: one sentence; of a longer text its first thousand characters are read.

    Example:
        >>> recommends("Take it with food to prevent ulcers."), recommends("Don't take it."), recommends("Ask a doctor.")
        (True, False, False)
    """
    rest = pattern(_REASSURES).sub(" ; ", _read(sentence))
    return _invites(rest) and not _hinders(rest)


def _read(sentence: str) -> str:
    return pattern(f"{_AT_MOST}|{_KILLS_GERMS}").sub(" ; ", plain(sentence[:1000]))


def _hinders(rest: str) -> bool:
    return pattern(_FORBIDS).search(rest) is not None or pattern(_CARES).search(rest) is not None


def _invites(rest: str) -> bool:
    return pattern(_ALLOWS).search(pattern(_CONDITION).sub(" , ", rest)) is not None


def without_reassurance(sentence: str) -> str:
    """A sentence in lower case, with every denial of harm cut out, so that no "not" of it is taken for a ban.

    Args:
        sentence: one sentence; of a longer text its first thousand characters are read.
    """
    return pattern(_REASSURES).sub(" ; ", plain(sentence[:1000]))


def speaks_of_harm(sentence: str) -> bool:
    """Whether a sentence tells of poisoning or overdose, so that its figures are no advice.

    Args:
        sentence: one sentence; of a longer text its first thousand characters are read.

    Example:
        >>> speaks_of_harm("10 g can be fatal."), speaks_of_harm("10 g is not dangerous.")
        (True, False)
    """
    rest = without_reassurance(sentence)
    harm = (
        r"\b(?:toxic(?:ity)?|fatal|lethal|deadly|poison(?:s|ous|ing)?|overdos(?:e|es|ed|ing)|kills?|deaths?|danger(?:s|ous)?|"
        r"liver (?:damage|failure|injury)|too much|serious (?:\w+ )?effects|harmful|unsafe|wrong|mistake|error|hospitali[sz]ed)\b"
    )
    return pattern(harm).search(rest) is not None
