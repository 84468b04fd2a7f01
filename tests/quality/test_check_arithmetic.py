"""Arithmetic is recomputed: questions that are expressions, and equations in answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascadeflow.quality.arithmetic import question_value
from cascadeflow.quality.checks import find_check
from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.equations import find_equations

Q = "What is 17 * 23?"

BAD = [
    (Q, "The answer is 381.", "17 * 23 = 391, the answer says 381"),
    (Q, "17 * 23 = 411", "17 * 23 = 391, the answer says 411"),
    (Q, "17 * 23 = 391, no: 17 * 23 = 381.", "17 * 23 = 391, the answer says 381"),
    (Q, "381", "17 * 23 = 391, the answer says 381"),
    (Q, "To solve it: 17 * 20 = 340, 17 * 3 = 51, so 340 + 51 = 391. The answer is 381.", "the answer says 381"),
    ("What is the product of 17 and 23?", "It is 390.", "17 * 23 = 391, the answer says 390"),
    ("Calculate 12.5% of 80.", "8", "12.5% of 80 = 10, the answer says 8"),
    ("What's 144 divided by 12?", "14", "the answer says 14"),
    ("What is 144 divided by 12?", "144 divided by 12 equals 11.", "144 / 12 = 12, the answer says 11"),
    ("What is 144 divided by 12?", "144 divided by 12 is 1.44.", "the answer says 1.44"),
    ("What is 144 / 12?", "The result of dividing 144 by 12 is 13.", "the answer says 13"),
    ("What is 144 / 12?", "If you divide 144 by 12 you get 11.", "the answer says 11"),
    ("Compute (3 + 4) * 5", "3 + 4 is 7, so the result is 12", "the answer says 12"),
    ("2+2=?", "5", "2 + 2 = 4, the answer says 5"),
    ("What is 10 / 3?", "3", "the answer says 3"),
    ("What is 1,000 - 1?", "1,999", "1,000 - 1 = 999, the answer says 1,999"),
    ("How many eggs?", "She has 3 + 4 = 8 eggs.", "3 + 4 = 8 is wrong: it is 7"),
    ("How many eggs?", "9 eggs * $2/egg = $19", "9 eggs * $2/egg = $19 is wrong: it is 18"),
    ("How many eggs?", "16-3-4=8", "it is 9"),
    ("How many eggs?", r"\frac{1}{2} \times 8 = 5", "it is 4"),
    ("How many eggs?", "12 times 3 equals 35", "it is 36"),
    ("How many eggs?", "First 2 * 6 = 12, then 12 + 9 = 23.", "12 + 9 = 23 is wrong: it is 21"),
    ("How many eggs?", "The total is 20% of 50 = 12", "it is 10"),
    ("How many eggs?", "2^5 = 30", "it is 32"),
]
GOOD = [
    (Q, "391"),
    (Q, "17 * 23 = 391"),
    (Q, "**391**"),
    (Q, "17 times 23 is 391. Check: 391 / 23 = 17."),
    (Q, "(17 * 20) + (17 * 3) = 340 + 51 = 391"),
    (Q, "17 * 23 = 381. Let me check again: 17 * 23 = 391."),
    (Q, "391 is the product of 17 and 23"),
    ("What is 144 / 12?", "12"),
    ("What is 144 / 12?", "144 / 12 = 12, because 12 * 12 = 144."),
    ("What is 144 / 12?", "If you divide 144 by 12 you get 12."),
    ("What is 5 - 5?", "0"),
    ("What is 1 / 80000000?", "1/80000000"),
    ("What is 10 / 3?", "3.33"),
    ("What is 10 / 3?", "3.3333333333"),
    ("What is 10 / 3?", "3 1/3"),
    ("What is 10 / 3?", "10/3"),
    ("What is 10 / 3?", "about 3"),
    ("What is 1 / 4?", "25%"),
    ("What is 1,000 * 12?", "12,000"),
    ("What is 5 - 8?", "-3"),
    ("Calculate 12.5% of 80.", "12.5% of 80 is 10."),
    ("How many eggs?", "9 eggs * $2/egg = $18"),
    ("How many eggs?", "16 - 3 - 4 = 9 eggs * $2 = $18"),
    ("How many eggs?", "a = 3 * 4 = 12"),
    ("How many eggs?", "16 - 7 = 9 * 2 = 18"),
]
NOTHING_TO_SAY = [
    "2x = 6 so x = 3",
    "x + 3 = 7",
    "n! = 24 and 4! = 24",
    "f(2) = 5",
    "5 m = 500 cm",
    "3 1/2 + 1 = 4.5",
    "1 hour + 30 minutes = 90 minutes",
    "60 + 120 = 3 hours",
    "10-15 = moderate",
    "10 % 3 = 1",
    "50 + 10% = 55",
    "2 + 2 = 5 is wrong",
    "If 3/4 = 9, then the whole is 12.",
    "6 feet + 2 inches = 74",
    "In binary, 1 + 1 = 10.",
    "9:40 + 2:35 = 12:15",
    "a[2] + 1 = 4",
    "2 * 3 = 6x",
    "x == 2 + 3 == 6",
]


@pytest.mark.parametrize(("prompt", "text", "reason"), BAD)
def test_wrong_arithmetic_is_found(prompt, text, reason):
    result = find_check("arithmetic")(CheckContext(prompt, text))
    assert result.score == 0
    assert reason in result.reason


@pytest.mark.parametrize(("prompt", "text"), GOOD)
def test_right_arithmetic_passes(prompt, text):
    result = find_check("arithmetic")(CheckContext(prompt, text))
    assert result.passed
    assert result.score > 0.5


@pytest.mark.parametrize("text", NOTHING_TO_SAY)
def test_what_cannot_be_recomputed_for_sure_is_left_alone(text):
    assert find_check("arithmetic")(CheckContext("How long?", text)).score is None


def test_rounding_to_whole_numbers_is_only_a_doubt():
    result = find_check("arithmetic")(CheckContext("How many?", "100 / 7 = 14"))
    assert 0.4 < result.score < 0.5


@pytest.mark.parametrize(
    "prompt",
    [
        "Janet has 3 + 4 eggs and sells two. What is left?",
        "What is the capital of France?",
        "Explain why 2 + 2 = 4.",
        "What is 17?",
        "What is 5!?",
        "Solve 2x + 3 = 7",
        "What is 9" + "9" * 40 + " * 3?",
        "What is 2 ** 9999999?",
        "What is 1 / 0?",
    ],
)
def test_only_a_question_that_is_an_expression_has_a_value(prompt):
    assert question_value(prompt) is None


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 9999), st.integers(1, 9999), st.sampled_from("+-*"), st.integers(-50, 50))
def test_every_small_sum_is_judged_rightly(left, right, sign, error):
    """The right value passes and any other fails, as an answer and as an equation."""
    value = {"+": left + right, "-": left - right, "*": left * right}[sign]
    said = value + error
    answer = find_check("arithmetic")(CheckContext(f"What is {left} {sign} {right}?", f"The answer is {said}."))
    assert answer.passed is (error == 0)
    equations = find_equations(f"So {left} {sign} {right} = {said}.")
    assert [equation.holds for equation in equations] == [error == 0]
