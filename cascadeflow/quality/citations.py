"""`citation_validator`: form and check digits of what an answer cites; nothing is looked up.

An identifier of the right form may still name another work, or none: the verdict says "citation form
checked" and means no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.identifiers import Citation, find_identifiers
from cascadeflow.quality.legal_citations import find_legal_citations
from cascadeflow.quality.sentences import ends
from cascadeflow.quality.text import find_fences, pattern, plain, without
from cascadeflow.quality.urls import find_urls
from cascadeflow.schema import CheckResult, Verdict

NAME = "citation_validator"

_WANTED = (
    r"\b(?:with|include|including|provide|give|add|list|supply|show|need|want|your)\b(?: (?!no\b|not\b|without\b)[\w-]+){0,4}? (?:citations?|"
    r"references(?! (?:to|range|values?|implementation|letters?|points?|frames?|counts?))|sources(?! (?:of|codes?|files?))|dois?|pmids?|bibliography|footnotes)\b"
    r"|(?:^|[.!?;,] |\b(?:and|please|to|must|should|you) )cite\b|\bciting (?:sources|studies|cases|papers|your|relevant|the)\b"
    r"|\bback (?:it|this|that|everything) up with (?:sources|references|studies)\b"
)
_NOT_WANTED = r"\b(?:no|without(?: any)?|don't|do not|not|never|omit|skip|leave out)\b[\w\s]{0,20}\b(?:cit(?:e|es|ing|ations?)|references|sources)\b"
_ABOUT_FORM = (
    r"\bhow (?:do|to|should|can|would)\b[\w\s]{0,12}\b(?:cite|reference)\b|\bcitation (?:style|format)|\bformat\b|\btemplate\b|\bplaceholder|"
    r"\bwhat (?:is|are|does) (?:an? )?(?:dois?|urls?|isbns?|pmids?|citations?|arxiv)\b|\b(?:example|sample|valid|invalid|regex)\b|\bhtml\b|\bcurl\b|\bhttp"
)
_BY_NAME = (
    r"\((?:see )?[A-Z][\w'’-]+(?: et al\.?| (?:and|&) [A-Z][\w'’-]+)?,? (?:1[89]|20)\d\d[a-z]?\)|\b[A-Z][\w'’-]+ et al\.?,? \(?(?:19|20)\d\d\b"
    r"|\b(?:19|20)\d\d\s?;\s?\d+(?:\(\d+\))?\s?:\s?[\de]\d*|\b[A-Z][\w.'’-]+ v\.? [A-Z][\w'’-]+|^\[\d{1,2}\] [A-Z]"
)


def citation_validator(text: str, context: CheckContext | None = None) -> Verdict:
    """Checks the form of citations: identifiers, their check digits, web addresses, court reporters.

    Fails where an identifier cannot be one (a DOI without registrant, a wrong check digit, an arXiv number of
    month 13), an address is impossible or a placeholder, a reporter does not exist, or citations were
    asked for and none came. Code blocks are not read.

    Args:
        text: the answer.
        context: question and answer; None: the text alone is judged.

    Returns:
        The verdict, with one `CheckResult` for each kind found. What needs a package that is not installed
        is named and does not count.

    Example:
        >>> citation_validator("See doi:10.1038/nature14539.").reason
        'citation_validator: citation form checked: 1 DOI; existence and content were not'
        >>> citation_validator("Paris is the capital of France.").reason
        'citation_validator: no citations'
    """
    context = context or CheckContext("", text)
    read = ends(context)
    prose = pattern(r"`[^`\n]{0,400}`").sub(" ", without(read, find_fences(read)))
    question = plain(context.prompt[:4000])
    found = [*find_identifiers(prose), *find_urls(prose), *find_legal_citations(prose)]
    if pattern(_ABOUT_FORM).search(question):
        found = [item for item in found if not item.problem.endswith(("placeholder", "for examples"))]
    results = _by_kind(found)
    missing = _missing(question, prose, found)
    failed = [item.reason for item in results if not item.passed] + ([missing] if missing else [])
    if missing:
        results = (*results, CheckResult(name="asked", score=0.0, threshold=0.5, passed=False, reason=missing))
    reason = "; ".join(failed) or _passed(found, by_name=_named(prose))
    return Verdict(is_valid=not failed, reason=f"{NAME}: {reason}", deciding=NAME, checks=results)


def _by_kind(found: Sequence[Citation]) -> tuple[CheckResult, ...]:
    results = []
    for kind in dict.fromkeys(item.kind for item in found):
        of_kind = [item for item in found if item.kind == kind]
        wrong = next((item for item in of_kind if item.problem), None)
        unchecked = {item.unchecked for item in of_kind if item.unchecked}
        if wrong:
            reason = f"{kind} {wrong.said[:120]}: {wrong.problem}"
            results.append(CheckResult(name=kind, score=0.0, threshold=0.5, passed=False, reason=reason))
        elif unchecked:
            results.append(CheckResult(name=kind, reason=f"{len(of_kind)} found; {', '.join(sorted(unchecked))}"))
        else:
            results.append(CheckResult(name=kind, score=1.0, threshold=0.5, reason=f"form of {len(of_kind)} checked"))
    return tuple(results)


def _named(prose: str) -> int:
    return sum(1 for _ in pattern(_BY_NAME, 8).finditer(prose))


def _missing(question: str, prose: str, found: Sequence[Citation]) -> str:
    if (
        not pattern(_WANTED).search(question)
        or pattern(_NOT_WANTED).search(question)
        or pattern(_ABOUT_FORM).search(question)
    ):
        return ""
    for kind, words in (("DOI", r"\bdois?\b"), ("PMID", r"\bpmids?\b"), ("ISBN", r"\bisbns?\b")):
        if pattern(words).search(question) and not any(item.kind == kind for item in found):
            return f"a {kind} was asked for, none was found"
    return "" if found or _named(prose) else "citations were asked for, none was found"


def _passed(found: Sequence[Citation], *, by_name: int) -> str:
    checked = Counter(item.kind for item in found if not item.unchecked)
    unchecked = Counter(f"{item.kind} ({item.unchecked})" for item in found if item.unchecked)
    parts = []
    if checked:
        counted = ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in checked.items())
        parts.append(f"citation form checked: {counted}; existence and content were not")
    if unchecked:
        parts.append("not checked: " + ", ".join(f"{count} {kind}" for kind, count in unchecked.items()))
    if by_name and not parts:
        parts.append(f"{by_name} citation{'s' if by_name > 1 else ''} by name only, whose form cannot be checked")
    return "; ".join(parts) or "no citations"
