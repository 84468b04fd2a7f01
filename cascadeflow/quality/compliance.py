"""`compliance_validator`: what a legal answer owes its reader where it gives advice.

Advice is told from information by its address: "you should sue", "your landlord must", "you are entitled
to". It then has to name a jurisdiction and say that it is no substitute for a lawyer. Reporters are
checked in every answer. Whether the law is right is not judged.
"""

from __future__ import annotations

import re
from functools import cache

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.legal_citations import find_legal_citations
from cascadeflow.quality.sentences import ends, sentences
from cascadeflow.quality.text import find_fences, pattern, plain, unquoted, without
from cascadeflow.schema import CheckResult, Verdict

NAME = "compliance_validator"

_STATES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|"
    "Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|"
    "New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|"
    "South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming|Puerto Rico"
)
_COUNTRIES = (
    "United States|U\\.S\\.|US|USA|United Kingdom|UK|U\\.K\\.|Britain|British|England|English|Wales|Scotland|Scottish|Scots|Northern Ireland|"
    "Ireland|Irish|Canada|Canadian|Ontario|Quebec|British Columbia|Alberta|Australia|Australian|New South Wales|Queensland|New Zealand|"
    "India|Indian|Pakistan|Bangladesh|Singapore|Malaysia|Hong Kong|China|Chinese|Japan|Japanese|South Korea|Korean|Philippines|Philippine|"
    "Indonesia|Thailand|Vietnam|South Africa|Nigeria|Kenya|Ghana|Egypt|Israel|Israeli|Turkey|Turkish|Germany|German|Austria|Austrian|"
    "Switzerland|Swiss|France|French|Belgium|Belgian|Netherlands|Dutch|Luxembourg|Spain|Spanish|Portugal|Portuguese|Italy|Italian|Greece|"
    "Greek|Poland|Polish|Czech|Hungary|Romania|Bulgaria|Sweden|Swedish|Norway|Norwegian|Denmark|Danish|Finland|Finnish|Russia|Russian|"
    "Ukraine|Brazil|Brazilian|Mexico|Mexican|Argentina|Chile|Colombia|Peru|United Arab Emirates|UAE|Saudi Arabia|European Union|EU|E\\.U\\."
)
_LAWS = (
    r"GDPR|HIPAA|FLSA|FMLA|Title VII|FDCPA|ERISA|FCRA|Internal Revenue Code|IRS|EEOC|U\.S\.C\.|C\.F\.R\.|BGB|KSchG|Employment Rights Act|"
    r"Consumer Rights Act|Fair Work Act|Civil Rights Act|First Amendment|Fourth Amendment|Fifth Amendment|Sixth Amendment"
)
_VARIES = (
    r"\b(?:laws?|rules?|rights?|deadlines?|limits?|it|this|they|answers?|requirements?|protections?|periods?|statutes?)\b[^.]{0,60}"
    r"\b(?:var(?:y|ies)|differ\w*|depends?)\b[^.]{0,40}\b(?:states?|countr(?:y|ies)|jurisdictions?|where you (?:live|are)|locations?|provinces?)\b"
    r"|\bdepending on (?:your|the|which) (?:state|country|jurisdiction|province|location)\b"
    r"|\b(?:which|what) (?:state|country|jurisdiction) (?:are you|do you|you)\b|\bin most (?:u\.?s\.? )?(?:states|countries|jurisdictions)\b"
)
_DISCLAIMS = (
    r"\bnot (?:\w+ ){0,4}?legal advice\b|\bgeneral (?:legal )?information\b|\binformational purposes\b|\blegal aid\b|\blaw (?:clinic|cent(?:er|re))\b"
    r"|\b(?:consult|contact|speak|talk|see|hire|ask|find|retain|seek|get|reach out|meet|advice|guidance|help)\b[^.]{0,60}?"
    r"\b(?:lawyers?|attorneys?|solicitors?|barristers?|counsel|legal (?:advice|professional|help|counsel|adviser|advisor|expert)|"
    r"citizens advice|tenant union|union representative|legal services|notary)\b"
    r"|\b(?:lawyers?|attorneys?|solicitors?|barristers?|counsel)\b[^.]{0,40}\b(?:can|could|should|will|may|might) (?:\w+ )?(?:review|advise|help|tell|assist|explain|look)\b"
    r"|\bnot (?:a|your) (?:lawyer|attorney|solicitor)\b|\bno substitute for (?:\w+ ){0,3}?(?:lawyer|attorney|solicitor|counsel|advice)\b"
)
_NOT_NEEDED = r"\b(?:no need|don't need|do not need|needn't|without|unnecessary|never|not necessary|skip|don't bother)\b[^.]{0,40}$"
_DUTY = (
    r"(?:sue|file|appeal|claim|plead|testify|refuse|withhold|terminate|evict|demand|serve|send (?:a |the |your )?(?:\w+ )?(?:letter|notice)|sign|settle|"
    r"press charges|report|break (?:the|your) (?:lease|contract)|stop paying|contest|challenge|invoke|remain silent|waive|record|"
    r"(?:go|take \w+) to court|take (?:\w+ ){0,3}?to (?:\w+ )?court|represent yourself|(?:dis)?obey|comply|ignore (?:the|it|this|that|him|her|them)|keep the|deduct|object|argue|seek damages|recover|"
    r"repair and deduct|void|cancel|rescind|walk away|move to|remove|tear (?:it )?down|dispute|complain|patent|trademark|incorporate|register|divorce|disinherit|probate|draft|notarize|give notice)"
)
_ADVISES = (
    rf"\byou (?:should|must|can|could|may|might|need to|have to|ought to|will want to|are free to|are able to|would|have the right to|'d better)(?: \w+){{0,3}}? {_DUTY}\b"
    r"|\byou (?:should|must|need to|have to|ought to)(?: not)? (?!be\b|know|note|understand|remember|consult|see\b|contact|seek|speak|talk|ask|look|check|read\b|"
    r"consider|hire|get (?:a|legal)|find (?:a|an)\b|first\b|also\b|always\b|not\b|keep in mind|expect|think)[a-z]+"
    r"|\byou (?:can't|cannot|can not|won't|could|can|may) be (?:sued|fired|evicted|arrested|charged|fined|jailed|prosecuted|deported)\b|\byou don't need (?:permission|consent|to|a)\b"
    r"|\byou(?:'re| are) (?:legally |probably |likely |clearly )?(?:entitled to|liable|not liable|obliged|required to|allowed to|protected|within your rights|guilty|not guilty|at fault)\b"
    r"|\byou (?:probably |likely |may |might |clearly |do |don't )?(?:have|had) (?:a |an |the |no |every )?(?:\w+ )?(?:case|claim|right|grounds|cause of action|legal claim)\b"
    r"|\byour (?:[\w-]+ ){1,2}(?:is|are) (?:probably |likely |clearly )?(?:void|invalid|valid|(?:un)?enforceable|illegal|legal|(?:un)?lawful)\b"
    r"|\byour (?:landlord|employer|boss|neighbou?r|tenant|ex|spouse|contract|lease|former employer|bank|insurer|company) (?:is|must|can(?:not|'t)?|has to|had to|may(?: not)?|violated|broke|breached|owes|isn't|doesn't|does not)\b"
    rf"|\bi (?:would |strongly |'d )?(?:advise|recommend|suggest)\b[^.]{{0,60}}\b{_DUTY}\b|\bmy advice\b"
    rf"|(?:^|[,:] )(?:then |first |just |simply |don't |do not |never )?(?:{_DUTY}) (?:the|your|a|an|him|her|them|for|any|all|it|to|nothing)\b"
)
_LEGAL = (
    r"\b(?:law(?:s|ful|suit|yer)?|legal(?:ly)?|illegal|courts?|judge|statute|rights|the right to|contracts?|lease|landlord|tenant|evict\w*|sue|suing|lawsuit|"
    r"liab\w+|damages|attorney|solicitor|custody|divorce|wills?|estate|copyright|patent|trademark|defamation|libel|negligence|"
    r"deposit|rent|tenancy|inherit\w*|probate|bankrupt\w*|visas?|immigration|employer|fired|dismiss\w*|discriminat\w+|police|arrest\w*|charges?|crimin\w+|claim|plaintiff|defendant|jurisdiction|enforceable|plead|guilty|nda|infring\w+)\b"
)


def compliance_validator(text: str, context: CheckContext | None = None) -> Verdict:
    """Checks that legal advice names a jurisdiction and a disclaimer, and that no reporter is invented.

    Fails where advice is given without a jurisdiction (or the words that it varies), without a disclaimer
    or a pointer to a lawyer, or about another state than the question's; and where a reporter does not
    exist. Text that only informs needs neither.

    Args:
        text: the answer.
        context: question and answer; None: the text alone is judged.

    Returns:
        The verdict, with one `CheckResult` each for ``jurisdiction``, ``disclaimer`` and ``reporters``.

    Example:
        >>> compliance_validator("You should sue your landlord for the deposit.").reason
        'compliance_validator: advice without a jurisdiction; advice without a disclaimer'
    """
    context = context or CheckContext("", text)
    read = ends(context)
    answer = without(read, find_fences(read))
    question = context.prompt[:4000]
    advice = _advice(answer, question, context.domain)
    results = (_jurisdiction(question, answer, advice=advice), _disclaimer(answer, advice=advice), _reporters(answer))
    failed = [item.reason for item in results if not item.passed]
    passed = (
        "advice with jurisdiction and disclaimer"
        if advice
        else "no advice, so neither jurisdiction nor disclaimer is needed"
    )
    reason = "; ".join(failed) or f"{passed}; {results[-1].reason}"
    return Verdict(is_valid=not failed, reason=f"{NAME}: {reason}", deciding=NAME, checks=results)


def _advice(answer: str, question: str, domain: str) -> bool:
    legal = domain == "legal" or pattern(_LEGAL).search(plain(question)) is not None
    for sentence in sentences(unquoted(answer)):
        said = plain(sentence)
        # Elsewhere the advice itself has to speak of law: "you should rest" is a doctor's.
        if (legal or pattern(_LEGAL).search(said)) and pattern(_ADVISES).search(said):
            return True
    return False


def _fails(name: str, reason: str) -> CheckResult:
    return CheckResult(name=name, score=0.0, threshold=0.5, passed=False, reason=reason)


def _holds(name: str, reason: str) -> CheckResult:
    return CheckResult(name=name, score=1.0, threshold=0.5, reason=reason)


@cache
def _places() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?:{_STATES}|{_COUNTRIES}|{_LAWS})(?!\w)")


def _jurisdiction(question: str, answer: str, *, advice: bool) -> CheckResult:
    if not advice:
        return CheckResult(name="jurisdiction", reason="no advice")
    states = pattern(rf"\b(?:{_STATES})\b")
    asked, named = set(states.findall(question)), set(states.findall(answer))
    if asked and named and not asked & named:
        return _fails(
            "jurisdiction",
            f"asked about {', '.join(sorted(asked))}, the answer is about {', '.join(sorted(named)[:3])}",
        )
    place = _places().search(answer) or _places().search(question)
    if place:
        return _holds("jurisdiction", f"names {place[0]}")
    if pattern(_VARIES).search(plain(answer)):
        return _holds("jurisdiction", "says that it varies")
    return _fails("jurisdiction", "advice without a jurisdiction")


def _disclaimer(answer: str, *, advice: bool) -> CheckResult:
    if not advice:
        return CheckResult(name="disclaimer", reason="no advice")
    said = plain(answer)
    for found in pattern(_DISCLAIMS).finditer(said):
        if not pattern(_NOT_NEEDED).search(said[max(0, found.start() - 60) : found.start()]):
            return _holds("disclaimer", "has a disclaimer")
    return _fails("disclaimer", "advice without a disclaimer")


def _reporters(answer: str) -> CheckResult:
    found = [item for item in find_legal_citations(answer) if item.kind == "court decision"]
    wrong = next((item for item in found if item.problem), None)
    if wrong:
        return _fails("reporters", f"{wrong.said}: {wrong.problem}")
    unchecked = next((item.unchecked for item in found if item.unchecked), None)
    if unchecked:
        return CheckResult(name="reporters", reason=f"reporters not checked: {unchecked}")
    checked = sum(1 for item in found if not item.unchecked)
    if not checked:
        return CheckResult(name="reporters", reason="no court decision is cited by reporter")
    return _holds("reporters", f"reporters of {checked} cited decision{'s' if checked > 1 else ''} exist")
