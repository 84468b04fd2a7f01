"""Court decisions and statutes cited in a text: is there a reporter of that name, as eyecite knows them?

eyecite (extra ``legal``) knows the reporters of the United States and a few others. A citation that has the form of a case in a
reporter and names none that exists is taken for invented, unless it is one of another country. Whether the
case stands at that place is not asked of anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from cascadeflow.quality.identifiers import MOST, NOT_INSTALLED, Citation
from cascadeflow.quality.text import pattern

MARGIN = 2
"""Years by which a decision may lie before or after the series that prints it."""

_WORD = r"(?:[A-Z][A-Za-z'’]*\.?|&|of)"
_SERIES = r"\d{1,2}(?:d|st|nd|rd|th)\.?"
_CASE = (
    rf"(?<![\w.$€£§/-])(?P<volume>\d{{1,4}})\s+(?P<reporter>[A-Z][A-Za-z'’]*\.?(?:\s?(?:{_WORD}|{_SERIES})){{0,6}}?)\s+"
    r"(?P<page>\d{1,5}|_{2,4})(?![\w%°:])"
)
_STATUTE = r"\b\d{1,3}\s+(?:[A-Z][\w.]*\s?){1,4}(?:Ann\.\s*)?§§?\s*\d[\w.()-]*|\b(?:[A-Z][\w.&]*\s){1,5}§§?\s*\d[\w.()-]*|§§?\s*\d+[\w.]*\s+(?:BGB|StGB|ZPO|HGB|GG)\b"
_NEUTRAL = r"\[(?P<year>(?:19|20|2[1-9])\d\d)\]\s+(?P<court>[A-Z][A-Za-z]{1,8}(?:\s(?:Civ|Crim|Admin))?)\s+\d{1,5}\b"
_ELSEWHERE = frozenset(
    "ALLER ALLERD WLR QB KB AC CH FAM CRAPPR CRAPPRS LLOYDSREP TLR LR COXCC ER BCC BCLC FCR FLR ICR IRLR RPC FSR EMLR PNLR LGR STC DLR SCR "
    "FC OR OAC BCLR WWR AR CCC RFL CLR ALR ALJR NSWLR VR QDR SASR WAR TASR FCR NZLR NZFLR IR ILRM SLT SC JC SCCR AIR SCC ECR CMLR EHRR "
    "ILR MLJ SLR HKLRD HKC SALR SA BVERFGE BGHZ".split()
)
"""Series of reports outside the United States, without dots and blanks; they are not checked."""


def find_legal_citations(text: str) -> tuple[Citation, ...]:
    """The court decisions and statutes that a text cites.

    Args:
        text: at most a few thousand characters; the caller caps it.

    Returns:
        Each with what is wrong with its form. Without eyecite none is checked, and each says so.
    """
    return (*islice(_cases(text), MOST), *islice(_neutral(text), MOST), *islice(_statutes(text), MOST))


def _cases(text: str) -> Iterator[Citation]:
    reader: Any = None
    for found in islice(pattern(_CASE).finditer(text), 2 * MOST):
        if "." not in found["reporter"] and not found["reporter"].isupper():
            continue
        if reader is None:
            reader = _reader()
        citation = _case(found, text, reader)
        if citation is not None:
            yield citation


def _case(found: re.Match[str], text: str, reader: Any) -> Citation | None:
    said = " ".join(found[0].split())
    around = text[max(0, found.start() - 150) : found.start()].rsplit("\n\n", 1)[-1]
    of_a_case = (
        pattern(r"\b[A-Z][\w.'’&-]*,? (?:v|vs)\.? [A-Z]|\bIn re [A-Z]|\bEx parte [A-Z]").search(around) is not None
    )
    series = pattern(rf"{_SERIES}$").search(found["reporter"]) is not None
    likely = series or (of_a_case and "." in found["reporter"])
    year = pattern(r"\W*(?:[\d,\s–-]*)\((?:[^()]{0,50}?)\b((?:1[6-9]|2\d)\d\d)\)").match(text, found.end())
    decided = int(year[1]) if year else None
    if reader is None:
        return Citation("court decision", said, unchecked=NOT_INSTALLED) if likely else None
    known = reader(said)
    if not known:
        elsewhere = pattern(r"[^A-Z]").sub("", found["reporter"].upper()) in _ELSEWHERE
        if elsewhere:
            return Citation("court decision", said, unchecked="reporters of its country are not known here")
        return Citation("court decision", said, f"there is no reporter {found['reporter']}") if likely else None
    return Citation("court decision", said, _year_problem(known[0], found["reporter"], decided))


def _reader() -> Any:
    try:
        from eyecite import get_citations
        from eyecite.models import FullCaseCitation, FullJournalCitation, FullLawCitation
    except ImportError:
        return None
    kinds = (FullCaseCitation, FullJournalCitation, FullLawCitation)
    return lambda said: [item for item in get_citations(said) if isinstance(item, kinds)]


def _year_problem(known: Any, reporter: str, decided: int | None) -> str:
    if decided is None:
        return ""
    if decided > datetime.now(UTC).year:
        return f"{decided} is in the future"
    # The dates of first series are not reliable: early volumes were counted in later.
    editions = [item for item in known.all_editions if item.start] if pattern(_SERIES).search(reporter) else []
    fits = [
        item.start.year - MARGIN <= decided <= (item.end.year if item.end else decided) + MARGIN for item in editions
    ]
    if not editions or any(fits):
        return ""
    edition = editions[0]
    until = f" to {edition.end.year}" if edition.end else ""
    return f"{edition.short_name} runs from {edition.start.year}{until}, the decision is of {decided}"


def _neutral(text: str) -> Iterator[Citation]:
    for found in pattern(_NEUTRAL).finditer(text):
        future = int(found["year"]) > datetime.now(UTC).year
        yield Citation("neutral citation", found[0], f"{found['year']} is in the future" if future else "")


def _statutes(text: str) -> Iterator[Citation]:
    for found in pattern(_STATUTE).finditer(text):
        yield Citation("statute", " ".join(found[0].split()), unchecked="sections of statutes are not looked up")
