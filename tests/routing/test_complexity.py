"""How hard a question is: levels, order, and what moves the score."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascadeflow.routing import ComplexityAnalyzer

SIMPLE = [
    "hi",
    "What is the capital of France?",
    "Who wrote Faust?",
    "Translate 'good morning' into Japanese",
    "What is 17 * 23?",
    "start the timer",
    "Write a function to trim each tuple by k in the given tuple list.",
]
HIGH = [
    (
        "Design a horizontally scalable, distributed rate limiter. Compare at least three algorithms, analyze their "
        "trade-offs under clock skew, implement the best one in Go with unit tests, and prove that it never admits "
        "more than N requests."
    ),
    (
        r"Let $f$ be a function such that $f(x+y) = f(x) + f(y)$ for all $x, y \in \mathbb{R}$. Prove that if $f$ is "
        r"bounded on $[0, 1]$, then $f(x) = cx$, and derive the value of $\sum_{n=1}^{\infty} \frac{f(n)}{n^3}$."
    ),
]


@pytest.mark.parametrize("query", SIMPLE)
def test_plain_questions_are_simple(query):
    assert ComplexityAnalyzer().analyze(query)["complexity"] == "simple"


@pytest.mark.parametrize("query", HIGH)
def test_long_formal_demanding_questions_are_high(query):
    assert ComplexityAnalyzer().analyze(query)["complexity"] == "high"


def test_a_word_problem_of_several_steps_is_medium():
    query = (
        "Mrs. Harrington bought 12 boxes of oranges at the market for 3 dollars each. She gave 2 boxes to her mom and 2 to her "
        "sister, kept a quarter of the rest, and sold what was left for 5 dollars a box. How much did she earn?"
    )
    assert ComplexityAnalyzer().analyze(query)["complexity"] == "medium"


@pytest.mark.parametrize(
    ("easier", "harder"),
    [
        ("Sort a list.", "Sort a list. You must not allocate, and then prove that it terminates."),
        ("Describe rivers.", "Describe rivers, and critically assess and compare the implications of damming them."),
        ("Find the sum of the roots.", r"Find the sum of the roots of $x^3 - \frac{2}{3}x^2 + x_1 = 0$."),
        ("Sam has 3 eggs.", "Sam has 3 eggs, Ann 4, Tom 12, Eve 7 and Joe 31 of 60."),
        ("What makes people ill?", "What makes insulin and metformin fail in sepsis, pancreatitis and cirrhosis?"),
        ("Fix it:\nx = 1", "Fix it:\nx = 1\n" + "\n".join(f"    y = {n}" for n in range(12))),
    ],
)
def test_more_demands_score_higher(easier, harder):
    analyze = ComplexityAnalyzer().analyze
    assert analyze(harder)["score"] > analyze(easier)["score"]


def test_the_last_message_counts_and_the_conversation_a_little():
    analyze = ComplexityAnalyzer().analyze
    question = {"role": "user", "content": "What is the capital of France?"}
    earlier = [{"role": "user", "content": HIGH[0]}, {"role": "assistant", "content": "…"}]
    alone, later = analyze([question])["score"], analyze([*earlier, question])["score"]
    assert alone == analyze(question["content"])["score"]
    assert alone < later < alone + 0.1


def test_the_factors_explain_the_score():
    found = ComplexityAnalyzer().analyze(HIGH[0])
    assert {"length", "wording", "terms"} <= found["factors"].keys()
    assert found["factors"]["wording"] > 0


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=300))
def test_any_text_has_a_level_and_a_score(text):
    found = ComplexityAnalyzer().analyze(text)
    assert found["complexity"] in {"simple", "medium", "high"}
    assert 0 <= found["score"] <= 1


def test_a_huge_question_is_read_at_its_ends():
    analyze = ComplexityAnalyzer().analyze
    assert analyze("prove " * 1_000_000) == analyze("prove " * 2_000_000)
    assert analyze([]) == analyze("")
