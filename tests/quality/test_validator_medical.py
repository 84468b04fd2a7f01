"""`medical_fact_checker`: realistic answers with the verdict each must get, and how doses are read."""

import json
from importlib.resources import files

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from medical_answers import BAD, GOOD, MORE

from cascadeflow.quality import CheckContext, run_validator
from cascadeflow.quality.doses import read_doses
from cascadeflow.quality.medical_facts import medical_fact_checker
from cascadeflow.quality.medicines import medicines, milligrams
from cascadeflow.quality.sentences import sentences


@pytest.mark.parametrize(("question", "answer"), GOOD)
async def test_a_sound_answer_passes(question, answer):
    verdict = await run_validator("medical_fact_checker", CheckContext(question, answer, "medical"))
    assert verdict.is_valid, verdict.reason
    assert all(check.passed for check in verdict.checks)


@pytest.mark.parametrize(("question", "answer", "reason"), BAD)
async def test_a_wrong_figure_or_subject_fails_and_is_named(question, answer, reason):
    verdict = await run_validator("medical_fact_checker", CheckContext(question, answer, "medical"))
    assert not verdict.is_valid, verdict.reason
    assert reason in verdict.reason
    assert verdict.deciding == "medical_fact_checker"


@pytest.mark.parametrize(("valid", "question", "answer"), MORE)
async def test_more_answers_get_the_verdict_they_must(valid, question, answer):
    verdict = await run_validator("medical_fact_checker", CheckContext(question, answer, "medical"))
    assert verdict.is_valid is valid, verdict.reason


def test_the_text_alone_can_be_judged_and_the_verdict_unpacks():
    valid, reason = medical_fact_checker("Take 40 grams of paracetamol.")
    assert not valid
    assert reason.startswith("medical_fact_checker: dose outside the table: 40 g of paracetamol")
    assert tuple(medical_fact_checker("At most 4 g of paracetamol a day.")) == (
        True,
        "medical_fact_checker: dose within the table: 4 g of paracetamol a day (BNF, 2023)",
    )


def test_a_pass_never_says_that_facts_were_verified():
    for question, answer in GOOD:
        reason = medical_fact_checker(answer, CheckContext(question, answer)).reason
        assert "dose within the table" in reason or "none was checked" in reason or "no dose was checked" in reason
        assert not {"verified", "correct", "true", "safe"} & set(reason.split())
    assert "verifies no medical fact" in medical_fact_checker.__doc__


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paracetamol 500 mg to 1 g every 4 to 6 hours.", [(500, "dose", None), (1000, "dose", 4000)]),
        ("Take two 500 mg tablets of Tylenol four times a day.", [(1000, "dose", 4000)]),
        ("2 x 500 mg paracetamol q6h", [(1000, "dose", 4000)]),
        ("Take 2 tablets (500 mg each) of paracetamol.", [(1000, "dose", None)]),
        ("Take 2 tablets (1 g) of paracetamol.", [(1000, "dose", None)]),
        ("ibuprofen 400mg tid", [(400, "dose", 1200)]),
        ("Ibuprofen: every 8 hours, take 400 mg.", [(400, "dose", 1200)]),
        ("Ibuprofen 1,200 mg daily in 3 divided doses", [(1200, "day", None)]),
        ("Metformin 1,5 g/day", [(1500, "day", None)]),
        ("Methotrexate 15 mg once a week", [(15, "week", None)]),
        ("half a gram of paracetamol", [(500, "dose", None)]),
        ("In 24 hours take no more than 4 g of paracetamol", [(4000, "day", None)]),
        ("Ibuprofen 10 mg/kg", []),
        ("Ibuprofen 100 mg/5 mL", []),
        ("Paracetamol 1 g IV", []),
        ("Paracetamol plasma level of 150 mg/L", []),
        ("Never take 10 g of paracetamol.", []),
        ("With metformin eat 60 g of carbohydrate.", []),
        ("Metformin and sitagliptin 100 mg", []),
        ("Paracetamol: 4 g (4,000 mg) per 24 hours", [(4000, "day", None)]),
        ("Metformin: up to 2,000 mg per day (2,550 mg in some countries)", [(2000, "day", None), (2550, "day", None)]),
        ("Naproxen sodium 550 mg", [(550, "dose", None)]),
        ("Take 20 Advil tablets of 200 mg each", [(4000, "dose", None)]),
        ("Take calcium 1,000 mg four hours after levothyroxine 100 mcg", [(0.1, "dose", None)]),
        ("Take amlodipine 10 mg daily and keep sodium below 2,300 mg a day", [(10, "day", None)]),
        ("Ciprofloxacin; tamsulosin 0.4 mg", []),
        ("Tablets with acetaminophen and codeine 300 mg/30 mg", []),
        ("The largest dose of simvastatin reported was 3.6 g", []),
        ("Prednisone 40 mg", [(40, "dose", None)]),
    ],
)
def test_how_a_dose_is_read(text, expected):
    assert [(dose.amount, dose.per, dose.a_day) for dose in read_doses(text)] == expected


def test_a_dose_without_a_name_belongs_to_the_medicine_of_the_question():
    assert [dose.medicine.name for dose in read_doses("Take 400 mg.", "How much Advil?")] == ["ibuprofen"]
    assert read_doses("Take 400 mg.") == ()
    assert read_doses("Take 400 mg.", "Advil or Tylenol?") == ()


def test_every_row_of_the_table_is_complete_and_has_its_source():
    rows = json.loads(files("cascadeflow.quality").joinpath("medicines.json").read_text("utf-8"))["with_dose"]
    assert len(rows) >= 40
    for row in rows:
        assert row["route"] == "oral", row
        assert row["source"], row
        assert 2000 <= row["year"] <= 2026, row
        amounts = [milligrams(row[key]) for key in ("single", "daily", "weekly") if key in row]
        assert amounts, row
        assert all(amount > 0 for amount in amounts), row
    names = [name.lower() for item in medicines() for name in (item.name, *item.names)]
    assert len(names) == len(set(names)), "a name stands for two medicines"


@pytest.mark.parametrize("item", [item for item in medicines() if item.largest], ids=lambda item: item.name)
def test_for_every_medicine_the_largest_dose_passes_and_ten_times_as_much_fails(item):
    unit, amount = ("micrograms", item.largest * 1000) if item.largest < 1 else ("mg", item.largest)
    period = " once a week" if item.weekly else " a day" if item.daily == item.largest else ""
    assert medical_fact_checker(f"Take at most {amount:g} {unit} of {item.name}{period}.").is_valid
    for name in (item.name, *item.names):
        assert not medical_fact_checker(f"Take {10 * amount:g} {unit} of {name}{period}.").is_valid, name


PIECES = st.sampled_from(
    "ibuprofen Tylenol methotrexate 400 4 40 , . 1,000 mg g µg mg/kg every 6 hours daily a week x × ( ) two tablets of per day not "
    "more than child - – \n max fatal \x00 \u202e \ud800 é 字 0 1e9 24 bid 999999999999999999999999".split(" ")
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=50).map(" ".join))


@settings(deadline=None, max_examples=150)
@given(prompt=TEXTS, text=TEXTS)
@example(prompt="", text="paracetamol " + "9" * 5000 + " mg every 0 hours")
@example(prompt="ibuprofen?", text=", mg ,,, mg 1,,2 mg")
def test_it_never_raises_and_always_gives_a_reason(prompt, text):
    context = CheckContext(prompt, text)
    verdict = medical_fact_checker(text, context)
    assert verdict.reason.startswith("medical_fact_checker: ")
    assert verdict.is_valid is all(check.passed for check in verdict.checks)
    assert medical_fact_checker(text, CheckContext(prompt, text)) == verdict


def test_of_a_huge_answer_the_ends_are_read():
    filler = "Drink water and rest. " * 200_000
    assert not medical_fact_checker(f"Take 40 g of paracetamol. {filler}").is_valid
    assert not medical_fact_checker(f"{filler} Take 40 g of paracetamol.").is_valid
    assert medical_fact_checker(f"{filler} Take 40 g of paracetamol. {filler}").is_valid


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Rest. Drink water.", 2),
        ("Take max. 4 g. Ask Dr. Smith first!", 2),
        ("See e.g. the leaflet (approx. 2.5 mg).", 1),
        ("- one\n- two\n\n# Three", 3),
    ],
)
def test_where_a_sentence_ends(text, parts):
    assert len(sentences(text)) == parts
