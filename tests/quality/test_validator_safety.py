"""`medical_safety_checker`: realistic answers with the verdict each must get."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from safety_answers import BAD, GOOD, MORE

from cascadeflow.quality import CheckContext, run_validator
from cascadeflow.quality.combinations import _counts_as, find_combination, find_things, pairs
from cascadeflow.quality.emergencies import advises_help, emergency_asked
from cascadeflow.quality.medical_safety import medical_safety_checker
from cascadeflow.quality.stance import stance


@pytest.mark.parametrize(("question", "answer"), GOOD)
async def test_a_careful_or_harmless_answer_passes(question, answer):
    verdict = await run_validator("medical_safety_checker", CheckContext(question, answer, "medical"))
    assert verdict.is_valid, verdict.reason


@pytest.mark.parametrize(("question", "answer", "reason"), BAD)
async def test_what_is_left_out_fails_and_is_named(question, answer, reason):
    verdict = await run_validator("medical_safety_checker", CheckContext(question, answer, "medical"))
    assert not verdict.is_valid, verdict.reason
    assert reason in verdict.reason
    assert verdict.deciding == "medical_safety_checker"


@pytest.mark.parametrize(("valid", "question", "answer"), MORE)
async def test_more_answers_get_the_verdict_they_must(valid, question, answer):
    verdict = await run_validator("medical_safety_checker", CheckContext(question, answer, "medical"))
    assert verdict.is_valid is valid, verdict.reason


def test_the_text_alone_can_be_judged_and_a_pass_claims_no_safety():
    valid, reason = medical_safety_checker("Mix bleach and ammonia in a closed room.")
    assert not valid
    assert "recommends or allows bleach with ammonia: chloramine gas" in reason
    passed = medical_safety_checker("Never mix bleach and ammonia: it is dangerous.")
    assert passed.is_valid
    assert passed.reason == "medical_safety_checker: no emergency, dose or combination without its caution was found"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("You can take them together.", "allows"),
        ("Mix the two.", "allows"),
        ("It is not dangerous.", "allows"),
        ("There is no reason not to mix them.", "allows"),
        ("Don't hesitate to combine them.", "allows"),
        ("You should never take them together.", "warns"),
        ("It isn't safe.", "warns"),
        ("There is no safe way to mix them.", "warns"),
        ("They can be taken together under your doctor's supervision.", "warns"),
        ("Together they kill.", "warns"),
        ("It is best to avoid it.", "warns"),
        ("Take it with food to avoid cramps.", "allows"),
        ("Do not take more than 1,200 mg a day.", "neither"),
        ("If you mix them, chloramine forms.", "warns"),
        ("People skills matter in a pharmacy.", "neither"),
        ("When you mix them, the colour changes.", "neither"),
        ("Ammonia is a base.", "neither"),
    ],
)
def test_words_are_read_with_their_negation(sentence, expected):
    assert stance(sentence) == expected


@pytest.mark.parametrize(
    ("question", "sign"),
    [
        ("My chest hurts after the gym", "chest pain"),
        ("what to do if someone has a seizure", "a seizure"),
        ("my daughter says she wants to die", "thoughts of suicide"),
        ("He won't wake up", "loss of consciousness"),
        ("I'm bleeding heavily after the extraction", "severe bleeding"),
        ("This is the worst headache of my life", "a sudden severe headache"),
        ("I have no chest pain, but my knee hurts", None),
        ("My laptop won't wake up from sleep", None),
        ("How does unconscious bias affect hiring?", None),
        ("The market collapsed; what should I do with my shares?", None),
        ("Plot of Suicide Squad?", None),
        ("This homework is killing me", None),
        ("I had a stroke two years ago. Which diet helps?", None),
        ("What is the incidence of seizures in dogs?", None),
        ("Translate 'I have chest pain' into French", None),
    ],
)
def test_an_emergency_is_one_that_somebody_has(question, sign):
    assert emergency_asked(question) == sign


@pytest.mark.parametrize(
    ("answer", "advises"),
    [
        ("Seek immediate medical attention.", True),
        ("Go to the ER.", True),
        ("Contact a poison control center.", True),
        ("See a doctor right away.", True),
        ("You should not call 911 for this.", False),
        ("No need to go to the hospital.", False),
        ("See a doctor next week if it goes on.", False),
        ("911 is a Porsche.", False),
    ],
)
def test_advice_to_seek_help_is_advice_for_now_and_not_denied(answer, advises):
    assert advises_help(answer) is advises


def test_things_are_found_under_every_name_and_whole_words_only():
    assert [item.name for item in find_things("Coumadin, Advil and Clorox")] == ["warfarin", "ibuprofen", "bleach"]
    assert find_things("skills, pharmacy, advilish, bleached") == ()


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: f"{pair.first}+{pair.second}")
def test_each_pair_of_the_table_has_a_source_and_is_caught_by_its_own_words(pair):
    assert pair.source
    assert pair.danger
    one, other = _example(pair.first, ()), _example(pair.second, (pair.first,))
    assert find_combination(f"Mix {one} with {other}.")
    assert find_combination("Yes, that combination is fine.", f"Can I take {one} with {other}?")
    assert find_combination(f"Never take {one} with {other}.") is None
    assert find_combination(f"{one} was first sold long before {other}.") is None


def _example(word, used):
    from cascadeflow.quality.medicines import medicines

    names = [item.name for item in medicines() if word in _counts_as(item.name)]
    words = {"acid": "vinegar"}
    return names[-1 if used else 0] if names else words.get(word, word)


PIECES = st.sampled_from(
    "bleach ammonia warfarin ibuprofen Viagra nitrates chest pain 911 call not never safe mix and with take 400 mg together I have my "
    "suicidal . ! ? \n yes no ' ’ ( \x00 \u202e \ud800 é 字 overdose it's don't".split(" ")
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=50).map(" ".join))


@settings(deadline=None, max_examples=150)
@given(prompt=TEXTS, text=TEXTS)
@example(prompt="", text="no " * 5000 + "risk")
@example(prompt="my " * 5000, text="if you have " * 3000)
def test_it_never_raises_and_always_gives_a_reason(prompt, text):
    verdict = medical_safety_checker(text, CheckContext(prompt, text))
    assert verdict.reason.startswith("medical_safety_checker: ")
    assert verdict.is_valid is all(check.passed for check in verdict.checks)
    assert medical_safety_checker(text, CheckContext(prompt, text)) == verdict


def test_of_a_huge_answer_the_ends_are_read():
    filler = "Drink water and rest. " * 200_000
    question = "I have chest pain."
    assert medical_safety_checker("", CheckContext(question, f"{filler} Call 911 now.")).is_valid
    assert not medical_safety_checker("", CheckContext(question, f"{filler} Call 911 now. {filler}")).is_valid
    assert not medical_safety_checker(f"Mix bleach and ammonia. {filler}").is_valid
