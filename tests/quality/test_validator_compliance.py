"""`compliance_validator`: realistic answers with the verdict each must get."""

import builtins
import sys

import pytest
from compliance_answers import BAD, GOOD, MORE
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cascadeflow.quality import CheckContext, run_validator
from cascadeflow.quality.compliance import compliance_validator


@pytest.mark.parametrize(("question", "answer"), GOOD)
async def test_information_and_complete_advice_pass(question, answer):
    verdict = await run_validator("compliance_validator", CheckContext(question, answer))
    assert verdict.is_valid, verdict.reason
    assert not {"verified", "correct", "compliant"} & set(verdict.reason.split())


@pytest.mark.parametrize(("question", "answer", "reasons"), BAD)
async def test_what_is_missing_fails_and_is_named(question, answer, reasons):
    verdict = await run_validator("compliance_validator", CheckContext(question, answer))
    assert not verdict.is_valid, verdict.reason
    assert all(reason in verdict.reason for reason in reasons), verdict.reason
    assert verdict.deciding == "compliance_validator"


@pytest.mark.parametrize(("valid", "question", "answer"), MORE)
async def test_more_answers_get_the_verdict_they_must(valid, question, answer):
    verdict = await run_validator("compliance_validator", CheckContext(question, answer, "legal"))
    assert verdict.is_valid is valid, verdict.reason


def test_the_text_alone_can_be_judged_and_the_verdict_unpacks():
    valid, reason = compliance_validator("You should sue your landlord.")
    assert not valid
    assert reason == "compliance_validator: advice without a jurisdiction; advice without a disclaimer"
    assert tuple(compliance_validator("A tort is a civil wrong.")) == (
        True,
        "compliance_validator: no advice, so neither jurisdiction nor disclaimer is needed; no court decision is cited by reporter",
    )


def test_what_the_reason_says_of_complete_advice():
    reason = compliance_validator(
        "In Texas you should sue. Consult an attorney. See Brown v. Board of Education, 347 U.S. 483 (1954)."
    ).reason
    assert reason == (
        "compliance_validator: advice with jurisdiction and disclaimer; reporters of 1 cited decision exist"
    )


def test_in_the_legal_domain_advice_needs_no_legal_words():
    text = "You should sign it today."
    assert compliance_validator(text, CheckContext("Shall I?", text)).is_valid
    assert not compliance_validator(text, CheckContext("Shall I?", text, "legal")).is_valid


def test_words_in_quotation_marks_are_somebody_elses_advice():
    text = 'The court asked whether "you should sue your landlord" is an opinion.'
    assert compliance_validator(text, CheckContext("What was the case about?", text, "legal")).is_valid


def test_without_the_extra_reporters_are_named_as_not_checked_and_the_rest_is(monkeypatch):
    real = builtins.__import__

    def without_extra(name, *args, **kwargs):
        if name.split(".")[0] == "eyecite":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.split(".")[0] == "eyecite"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without_extra)
    verdict = compliance_validator("In Doe v. Roe, 999 F.9d 1 (2019), the claim failed.")
    assert verdict.is_valid
    assert "reporters not checked: not installed: pip install 'cascadeflow-console[legal]'" in verdict.reason
    assert not compliance_validator("You should sue your landlord.").is_valid


PIECES = st.sampled_from(
    "you should sue your landlord must not consult a lawyer in Texas law varies by state . , \n 347 U.S. 483 v. Doe Roe legal advice is "
    "\x00 \u202e \ud800 é 字 file the claim".split(" ")
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=50).map(" ".join))


@settings(deadline=None, max_examples=150)
@given(prompt=TEXTS, text=TEXTS)
@example(prompt="law", text="you should " * 3000)
@example(prompt="law", text="laws " * 5000)
def test_it_never_raises_and_always_gives_a_reason(prompt, text):
    verdict = compliance_validator(text, CheckContext(prompt, text))
    assert verdict.reason.startswith("compliance_validator: ")
    assert verdict.is_valid is all(check.passed for check in verdict.checks)
    assert compliance_validator(text, CheckContext(prompt, text)) == verdict


def test_of_a_huge_answer_the_ends_are_read():
    filler = "The history of the law is long. " * 200_000
    advice = "In Texas you should sue your landlord."
    assert not compliance_validator(f"{advice} {filler}").is_valid
    assert compliance_validator(f"{advice} {filler} Consult an attorney.").is_valid
