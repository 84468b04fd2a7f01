"""The learned part of the gate: what it tells apart, what it admits not to know, and its file."""

import json
from importlib.resources import files

import pytest

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.errors import ConfigError
from cascadeflow.quality import CheckContext, QualityValidator, judge
from cascadeflow.quality.asked import read_request
from cascadeflow.quality.features import answer_features, read_question
from cascadeflow.quality.final_answer import final_answer
from cascadeflow.quality.gate import decide
from cascadeflow.quality.kinds import kind_of
from cascadeflow.quality.learned import NUDGE, Estimate, family_of, find_gate, gate_training_rows, row_hash
from cascadeflow.quality.tracing import trace_features
from cascadeflow.quality.working import working_features
from cascadeflow.testing import Answer, ScriptedClient

EGGS = (
    "Janet's ducks lay 16 eggs per day. She eats three for breakfast and bakes muffins with four. She sells the rest at $2 "
    "each. How much does she make every day?"
)
SOUND = (
    "Janet's ducks lay 16 eggs per day.\nShe eats 3 and bakes with 4, so she uses 3 + 4 = 7 eggs.\nShe has 16 - 7 = 9 eggs left "
    "to sell.\nAt $2 each she makes 9 * 2 = $18 every day.\nThe answer is 18."
)
ASTRAY = (
    "Janet's ducks lay 16 eggs per day, which is 16 * 7 = 112 eggs per week. However, she needs some of them. If we assume that "
    "she keeps about 37.5 eggs, then 112 / 37.5 = 2.9867 is the ratio. She may need 45 * 3 = 135 more. So she makes about "
    "2.99 dollars. The answer is 2.99 dollars."
)
ESSAY = "Explain why the sky is blue."
LONG = "Air scatters blue light more than red light, because the molecules of air are small. " * 6


def gate_data():
    return json.loads(files("cascadeflow.quality").joinpath("learned_gate.json").read_text("utf-8"))


def test_working_from_the_question_scores_above_numbers_from_nowhere():
    sound, astray = (judge(CheckContext(EGGS, text, "math")) for text in (SOUND, ASTRAY))
    assert sound.is_valid
    assert sound.score > 0.85
    assert not astray.is_valid
    assert astray.deciding == "gate"


def test_a_recorded_model_gets_its_own_level_and_others_the_pooled_one():
    known, weak, other = (
        judge(CheckContext(EGGS, SOUND, "math", model=name))
        for name in ("openai/gpt-4o-mini-2024-07-18", "gemma-2-2b-it", "some-new-model")
    )
    assert known.calibrated
    assert weak.calibrated
    assert not other.calibrated
    assert known.score > other.score > weak.score
    assert "gpt-4o-mini" in known.reason
    assert "pooled" in other.reason


@pytest.mark.parametrize("text", ["Paris.", LONG, "no " * 400, "1. a\n2. b\n" * 60, "However, I would assume. " * 20])
def test_where_the_level_is_not_known_wording_alone_never_rejects(text):
    estimate = find_gate().estimate(CheckContext(ESSAY, text))
    assert estimate is None or (not estimate.absolute and not estimate.calibrated and abs(estimate.evidence) <= NUDGE)
    assert decide((), 0.70, estimate).is_valid
    assert decide((), 0.70, Estimate(-NUDGE, absolute=False, calibrated=False, reason="")).is_valid


def test_a_bare_result_is_not_held_against_an_answer():
    verdict = judge(
        CheckContext("If I buy 3 apples at $2 and 2 pears at $3, how much do I pay?", "You pay $12.", "math")
    )
    assert verdict.is_valid
    assert not verdict.calibrated


def test_a_proof_counts_for_an_answer_and_other_praise_is_in_the_estimate_already():
    context = CheckContext(EGGS, SOUND, "math")
    alone = judge(context, checks=("empty",)).score
    assert judge(context).score == pytest.approx(alone, abs=0.02)


def test_working_is_followed_back_to_the_question():
    sound, astray = (working_features(EGGS, text, final_answer(text)) for text in (SOUND, ASTRAY))
    assert sound["groundless"] == 0
    assert astray["groundless"] > 1
    assert sound["final_is_last"] == 1
    assert sound["numbers_left"] == 0
    assert "final_is_last" not in working_features(EGGS, "Eighteen", final_answer("Eighteen"))


def test_a_value_is_compared_with_the_program_it_comes_from():
    prompt = "def f(a):\n    return a.upper()\nassert f('ab') == ??"
    fitting, foreign = (trace_features(prompt, text, final_answer(text)) for text in ("answer: 'AB'", "answer: [7, 9]"))
    assert fitting["value_as_returned"] == 1
    assert foreign["value_as_returned"] == 0
    assert fitting["value_str"] == foreign["value_list"] == 1


@pytest.mark.parametrize(
    ("prompt", "domain", "kind"),
    [
        (EGGS, "general", "sums"),
        ("A robe takes 2 bolts of blue fiber and half that much white. How many bolts in total?", "general", "sums"),
        ("Find $x$ if $x^2 - 4x + 4 = 0$.", "math", "notation"),
        ("def f(a):\n    return a[::-1]\nassert f('ab') == ??", "code", "trace"),
        ("Write a Python function that reverses a string.", "code", "function"),
        (ESSAY, "science", "open"),
        ("How many legs does a spider have?", "general", "open"),
        ("Give me a recipe for 4 people with 2 eggs.", "general", "open"),
    ],
)
def test_kinds_are_told_by_the_question(prompt, domain, kind):
    assert kind_of(prompt, read_request(prompt), domain) == kind


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"reasoning": "3 + 4", "answer": "7"}', "7"),
        ("So the total is 9. The final answer is 12", "12"),
        ("We get 3.\n\\boxed{42}", "42"),
        ("First 3, then 4.\nSeven", "Seven"),
        ("", ""),
    ],
)
def test_the_final_answer_is_the_last_one_stated(text, found):
    assert final_answer(text).text == found


def test_a_long_answer_is_read_at_its_ends_only():
    question = read_question(EGGS, read_request(EGGS), "math")
    one, two = (answer_features(question, SOUND * 40 + filler * 40_000 + SOUND * 40) for filler in ("a ", "b "))
    assert one == two


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("openai/gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet"),
        ("groq/llama-3.1-8b-instant", "llama-3.1-8b"),
        ("gpt-3.5-turbo-0125", "gpt-3.5"),
        ("", ""),
    ],
)
def test_a_family_is_the_name_without_provider_and_date(name, family):
    assert family_of(name) == family


def test_the_rows_a_gate_was_fitted_on_are_listed_and_the_sample_is_not_among_them():
    rows = gate_training_rows()
    assert isinstance(rows, frozenset)
    assert len(rows) > 1_000
    assert row_hash("gsm8k-4") in rows
    assert row_hash("gsm8k-799") not in rows


def test_a_gate_of_ones_own_decides(tmp_path):
    data = gate_data()
    data["calibration"]["sums"]["intercept"] = -5
    data["calibration"]["sums"]["families"] = {}
    path = tmp_path / "gate.json"
    path.write_text(json.dumps(data))
    context = CheckContext(EGGS, SOUND, "math")
    assert QualityValidator().validate(context).is_valid
    assert not QualityValidator(gate_file=str(path)).validate(context).is_valid
    data["calibration"]["sums"]["intercept"] = 5
    path.write_text(json.dumps(data))
    assert QualityValidator(gate_file=str(path)).validate(context).is_valid, "a changed file is read again"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2}', json.dumps({**gate_data(), "calibration": {}})])
def test_a_file_that_is_no_gate_is_named(tmp_path, text):
    path = tmp_path / "gate.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match="gate"):
        find_gate(path)
    with pytest.raises(ConfigError, match="nowhere"):
        gate_training_rows(tmp_path / "nowhere.json")


async def test_the_model_of_a_step_reaches_the_gate():
    models = [
        ModelConfig("gpt-4o-mini", "openai", quality_score=0.7),
        ModelConfig("gpt-4o", "openai", quality_score=0.9),
    ]
    client = ScriptedClient({"gpt-4o-mini": [Answer(SOUND)], "gpt-4o": [Answer(SOUND)]})
    agent = CascadeAgent(models, client=client)
    result = await agent.run(EGGS, domain="math")
    await agent.aclose()
    verdict = result.trace[0].verdict
    assert verdict.calibrated
    assert "gpt-4o-mini" in verdict.reason
