"""`citation_validator`: realistic answers with the verdict each must get."""

import builtins
import sys

import pytest
from citations_answers import BAD, CHECKED, GOOD, MORE
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cascadeflow.quality import CheckContext, run_validator
from cascadeflow.quality.citations import citation_validator
from cascadeflow.quality.identifiers import find_identifiers
from cascadeflow.quality.legal_citations import find_legal_citations
from cascadeflow.quality.urls import find_urls


@pytest.mark.parametrize(("question", "answer", "reason"), GOOD)
async def test_sound_forms_pass_and_the_reason_says_what_was_checked(question, answer, reason):
    verdict = await run_validator("citation_validator", CheckContext(question, answer))
    assert verdict.is_valid, verdict.reason
    assert reason in verdict.reason
    assert "verified" not in verdict.reason
    if CHECKED in verdict.reason:
        assert "existence and content were not" in verdict.reason


@pytest.mark.parametrize(("question", "answer", "reason"), BAD)
async def test_an_impossible_citation_or_none_where_asked_fails_and_is_named(question, answer, reason):
    verdict = await run_validator("citation_validator", CheckContext(question, answer))
    assert not verdict.is_valid, verdict.reason
    assert reason in verdict.reason
    assert verdict.deciding == "citation_validator"


@pytest.mark.parametrize(("valid", "question", "answer"), MORE)
async def test_more_answers_get_the_verdict_they_must(valid, question, answer):
    verdict = await run_validator("citation_validator", CheckContext(question, answer, "general"))
    assert verdict.is_valid is valid, verdict.reason


def test_the_text_alone_can_be_judged_and_the_verdict_unpacks():
    valid, reason = citation_validator("See arXiv:2113.00001.")
    assert not valid
    assert reason == "citation_validator: arXiv arXiv:2113.00001: there is no month 13"
    assert tuple(citation_validator("Paris.")) == (True, "citation_validator: no citations")


def test_without_the_extra_it_says_not_installed_and_does_not_count(monkeypatch):
    real = builtins.__import__

    def without_extra(name, *args, **kwargs):
        if name.split(".")[0] in {"eyecite", "idutils"}:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.split(".")[0] in {"eyecite", "idutils"}]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without_extra)
    verdict = citation_validator("Smith v. Jones, 999 F.9d 1 (2019), ISBN 978-0-262-03384-7, PMID: 32678530")
    assert verdict.is_valid
    assert "1 PMID" in verdict.reason
    results = {check.name: check for check in verdict.checks}
    for kind in ("court decision", "ISBN"):
        assert results[kind].score is None
        assert "not installed: pip install 'cascadeflow-console[legal]'" in results[kind].reason
    assert not citation_validator("arXiv:2113.00001 and ISBN 978-0-262-03384-7").is_valid


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(doi: 10.1002/(SICI)1097-4571(199806)49:8<693).", "10.1002/(SICI)1097-4571(199806)49:8"),
        ("[link](https://doi.org/10.1000/182)", "10.1000/182"),
        ("DOI 10.1371/journal.pone.0000217, p. 3", "10.1371/journal.pone.0000217"),
        ("ISBN-13: 978 0 262 03384 8 (2009)", "978 0 262 03384 8"),
        ("978-0-262-03384-8", "978-0-262-03384-8"),
        ("arxiv.org/pdf/2101.00001v2.pdf", "arXiv:2101.00001v2"),
    ],
)
def test_where_an_identifier_begins_and_ends(text, said):
    assert [(item.said, item.problem) for item in find_identifiers(text)] == [(said, "")]


@pytest.mark.parametrize(
    "text", ["arXiv, 2023", "PMID is a number", "DOI: ask the publisher", "Call +1 978-026-2033", "10.5/20", "PMC"]
)
def test_what_only_looks_like_an_identifier_is_none(text):
    assert find_identifiers(text) == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://gov.uk", "https://bücher.de/x", "http://93.184.216.34/a", "https://a.museum", "https://xn--bcher-kva.de", "www.who.int/x",
        "https://user@host.org:8080/p?q=1#f", "https://archive.org/details/x_(y)", "https://a-b.co.jp",
    ],
)  # fmt: skip
def test_real_addresses_have_a_sound_form(url):
    assert [(item.said, item.problem) for item in find_urls(f"See {url}.")] == [(url, "")]


@pytest.mark.parametrize(
    "url",
    ["https://x.test/", "https://-a.com", "https://a.b1", "https://your-domain.com/x", "https://a.com/[...", "http://[::1", "https://a.com:99999/",
     "https://a.org/XXXX"],
)  # fmt: skip
def test_impossible_addresses_are_named(url):
    assert all(item.problem for item in find_urls(f"See {url} there"))
    assert find_urls(f"See {url} there")


@pytest.mark.parametrize(
    "text",
    [
        "Smith v. Jones, 2 S.C.R. 3",
        "R v X, 2 All E.R. 127",
        "In re Doe, 12 A.3d 4 (D.C. 2011)",
        "Roe v. Wade, 410 U.S. 113, 152–53 (1973)",
    ],
)
def test_real_reporters_at_home_and_abroad_are_not_invented(text):
    found = find_legal_citations(text)
    assert found
    assert not any(item.problem for item in found)


PIECES = st.sampled_from(
    "doi: 10. 10.1000/ /abc ISBN 978-0-262-03384-8 - ISSN PMID: 123 x arXiv: 2101. 00001 https:// http:// www. .com [ ] ( ) v. Smith 347 U.S. F.9d "
    "483 (1954) § et al. \n cite \x00 \u202e \ud800 é 字 ． 九 ２ %".split(" ")
)
TEXTS = st.one_of(
    st.text(max_size=200), st.lists(PIECES, max_size=50).map("".join), st.lists(PIECES, max_size=50).map(" ".join)
)


@settings(deadline=None, max_examples=150)
@given(prompt=TEXTS, text=TEXTS)
@example(prompt="cite", text="https://[")
@example(prompt="", text="https://" + "a." * 3000)
@example(prompt="", text="ISBN " + "9" * 5000 + " PMID: " + "9" * 5000)
def test_it_never_raises_and_always_gives_a_reason(prompt, text):
    verdict = citation_validator(text, CheckContext(prompt, text))
    assert verdict.reason.startswith("citation_validator: ")
    assert verdict.is_valid is all(check.passed for check in verdict.checks)
    assert citation_validator(text, CheckContext(prompt, text)) == verdict


def test_of_a_huge_answer_the_ends_are_read():
    filler = "Nothing is cited here. " * 200_000
    assert not citation_validator(f"arXiv:2113.00001 {filler}").is_valid
    assert not citation_validator(f"{filler} arXiv:2113.00001").is_valid
    assert citation_validator(f"{filler} arXiv:2113.00001 {filler}").is_valid
