"""DOI, PMID, PMCID, arXiv, ISBN and ISSN in a text, held against the form their issuers publish.

Form and check digit only: whether a work of that number exists is not asked of anybody. Check digits
of ISBN and ISSN are computed by idutils (extra ``legal``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from cascadeflow.quality.text import pattern

MOST = 60
"""Citations of one kind that are read in one answer."""
NOT_INSTALLED = "not installed: pip install 'cascadeflow-console[legal]'"

_PMID_END = 60_000_000
"""PubMed counted 40 million entries in 2025 and adds less than two million a year."""
_ARXIV_START = 704
"""April 2007, when arXiv's numbers took their present form."""
_ARXIV_FIVE = 1501
"""January 2015, since when they have five digits behind the dot."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Something cited, and what its form says.

    Attributes:
        kind: ``DOI``, ``URL``, ``court decision``, ….
        said: as it stands in the text.
        problem: what is wrong with its form; empty: nothing.
        unchecked: why its form was not checked; empty: it was.
    """

    kind: str
    said: str
    problem: str = ""
    unchecked: str = ""


def find_identifiers(text: str) -> tuple[Citation, ...]:
    """The identifiers in a text, each with what its form says.

    Args:
        text: at most a few thousand characters; the caller caps it.

    Example:
        >>> [(item.said, item.problem) for item in find_identifiers("PMID: 31452104, arXiv:2113.00001")]
        [('PMID 31452104', ''), ('arXiv:2113.00001', 'there is no month 13')]
    """
    kinds = (_dois, _pmids, _pmcids, _arxiv, _isbns, _issns)
    return tuple(item for kind in kinds for item in islice(kind(text), MOST))


def trimmed(said: str) -> str:
    """A token without the punctuation of the sentence around it; brackets that open inside stay."""
    said = said.rstrip(".,;:!?*_'\"”’>…")
    while said and said[-1] in ")]}" and said.count(said[-1]) > said.count({")": "(", "]": "[", "}": "{"}[said[-1]]):
        said = said[:-1].rstrip(".,;:*_'\"")
    return said


def _dois(text: str) -> Iterator[Citation]:
    labelled = r"\bdoi(?:\.org/|\s*:\s*(?:https?://(?:dx\.)?doi\.org/)?)\s*(?P<named>[^\s<>\"]{3,200})"
    bare = r"(?<![\w./])(?P<bare>10\.\d{4,9}(?:\.\d+)*/[^\s<>\"]{2,200})"
    for found in pattern(f"{labelled}|{bare}", 2).finditer(text):
        said = trimmed(found["named"] or found["bare"])
        parts = pattern(r"10\.([1-9]\d{3,8})(?:\.\d+)*/(\S+)").fullmatch(said)
        # "DOI: the identifier of …" speaks about DOIs.
        if parts is None and not pattern(r"\d|x{3}").search(said.lower()):
            continue
        if parts is None:
            yield Citation("DOI", said, "a DOI is 10., a registrant of 4 to 9 digits, a slash and a name")
        elif pattern(r"^(?:x{3,}|xyz|abc-?123|example|placeholder|your)|x{4,}").search(parts[2].lower()):
            yield Citation("DOI", said, "a placeholder")
        else:
            yield Citation("DOI", said)


def _pmids(text: str) -> Iterator[Citation]:
    named = r"\bPMIDs?\s*[:#]?\s*(?P<a>\d[\d,]*|x{3,})(?!\w)|pubmed(?:\.ncbi\.nlm\.nih\.gov|/)/?(?P<b>\d+|x{3,})"
    for found in pattern(named, 2).finditer(text):
        number = (found["a"] or found["b"]).rstrip(",")
        said = f"PMID {number}"
        if not number.isdecimal() or len(number) > 8 or number.startswith("0"):
            yield Citation("PMID", said, "a PMID is a number of one to eight digits")
        elif int(number) > _PMID_END:
            yield Citation("PMID", said, "PubMed's numbers have not come so far")
        else:
            yield Citation("PMID", said)


def _pmcids(text: str) -> Iterator[Citation]:
    for found in pattern(r"\b(?:PMCID\s*:?\s*(?P<a>(?:PMC)?[\dx]\w*)|(?P<b>PMC\d+))\b", 2).finditer(text):
        said = found["a"] or found["b"]
        right = pattern(r"(?:PMC)?[1-9]\d{0,7}", 2).fullmatch(said) is not None
        yield Citation("PMCID", said, "" if right else "a PMCID is PMC and a number of one to eight digits")


def _arxiv(text: str) -> Iterator[Citation]:
    for found in pattern(r"\barxiv(?:\.org/(?:abs|pdf)/|:\s*)(?P<id>[^\s<>\"\]\[)(,;]{4,40})", 2).finditer(text):
        said = trimmed(found["id"]).removesuffix(".pdf")
        if pattern(r"\d|x{4}").search(said.lower()):
            yield Citation("arXiv", f"arXiv:{said}", _arxiv_problem(said))


def _arxiv_problem(said: str) -> str:
    old = pattern(r"[a-z-]+(?:\.[A-Z]{2})?/(\d\d)(\d\d)\d{3}(?:v\d+)?").fullmatch(said)
    new = pattern(r"(\d\d)(\d\d)\.(\d{4,5})(?:v\d+)?").fullmatch(said)
    if old is None and new is None:
        return "an arXiv number is like 2101.00001 or hep-th/9901001"
    year, month = (int(part) for part in (old or new).groups()[:2])  # type: ignore[union-attr]  # one of them is there
    if not 1 <= month <= 12:
        return f"there is no month {month:02}"
    if new is None:
        return "" if year >= 91 or year <= 7 else "arXiv gave such numbers from 1991 to 2007 only"
    since = 100 * year + month
    today = datetime.now(UTC)
    if since < _ARXIV_START or since > 100 * (today.year - 2000) + today.month:
        return "arXiv gave such numbers from April 2007 on, and not in the future"
    wanted = 5 if since >= _ARXIV_FIVE else 4
    return "" if len(new[3]) == wanted else f"arXiv's numbers of that month have {wanted} digits behind the dot"


def _isbns(text: str) -> Iterator[Citation]:
    label = r"\bISBN(?:-1[03])?\s*(?:\(?1[03]\)?)?\s*[:#]?\s*"
    full = r"(?P<full>(?:97[89][\s–-]?)?\d(?:[\s–-]?\d){8}[\s–-]?[\dX])(?![\dX-])"
    bare = r"|(?<![\w-])(?P<bare>97[89]-\d{1,5}-\d{1,7}-\d{1,7}-\d)(?![\w-])"
    for found in pattern(rf"{label}(?:{full}|(?P<other>[\dX–-]{{4,24}}))(?!\w){bare}", 2).finditer(text):
        said = found["full"] or found["bare"] or found["other"]
        digits = pattern(r"[^\dX]").sub("", said.upper())
        yield _digits("ISBN", said, digits, right_length=len(digits) in {10, 13}, form="an ISBN has 10 or 13 digits")


def _issns(text: str) -> Iterator[Citation]:
    for found in pattern(r"\b[ep]?-?ISSN(?:-L)?\s*(?:\(\w{1,10}\))?\s*:?\s*(?P<id>\d[\dX–-]{3,12})(?!\w)", 2).finditer(
        text
    ):
        digits = pattern(r"[^\dX]").sub("", found["id"].upper())
        yield _digits("ISSN", found["id"], digits, right_length=len(digits) == 8, form="an ISSN has 8 digits")


def _digits(kind: str, said: str, digits: str, *, right_length: bool, form: str) -> Citation:
    if not right_length:
        return Citation(kind, said, form)
    holds = _check_digit(kind)
    if holds is None:
        return Citation(kind, said, unchecked=f"check digit: {NOT_INSTALLED}")
    return Citation(kind, said, "" if holds(digits) else "its check digit is wrong")


def _check_digit(kind: str) -> Callable[[str], bool] | None:
    try:
        import idutils
    except ImportError:
        return None
    check: Callable[[str], bool] = idutils.is_isbn if kind == "ISBN" else idutils.is_issn
    return check
