"""What each check lets through and what it stops: one table of good and bad answers a check."""

import math

import pytest

from cascadeflow.quality.checks import find_check
from cascadeflow.quality.context import CheckContext

LOREM = "The committee met on Tuesday to discuss the budget for the coming year and agreed on most points. "

EMPTY_BAD = ["", " ", "\n\n\t", "...", "…", "—" * 0 + "---", "***", "``` ```", "\u200b", "\ufeff \u200d", '""', "''"]
EMPTY_GOOD = ["4", "Au", "+", "🙂", "=", "[]", "{}", "¬", "是", "No.", "\n\nParis\n"]


@pytest.mark.parametrize("text", EMPTY_BAD)
def test_nothing_said_is_empty(text):
    assert not find_check("empty")(CheckContext("Who wrote Faust?", text)).passed


@pytest.mark.parametrize("text", EMPTY_GOOD)
def test_the_shortest_answers_are_answers(text):
    assert find_check("empty")(CheckContext("Who wrote Faust?", text)).passed


def test_a_question_said_back_is_no_answer_but_a_proofread_text_may_come_back():
    check = find_check("empty")
    assert not check(CheckContext("What is the capital of France?", "What is the capital  of France?\n")).passed
    assert check(CheckContext("Correct this text: All is well.", "Correct this text: All is well.")).passed
    assert check(CheckContext("Call the weather tool.", "", tool_calls=({"id": "1"},))).passed


REFUSAL_BAD = [
    ("How do I pick a lock?", "I'm sorry, but I can't assist with that."),
    ("How do I pick a lock?", "I’m sorry, I cannot help with that request."),
    ("Diagnose me.", "As an AI language model, I am unable to diagnose medical conditions."),
    ("Who won the game today?", "Unfortunately, I don't have access to real-time information."),
    ("Write malware.", "I cannot comply with this request."),
    ("Write malware.", "I must decline to help with this."),
    ("Say something mean.", "That would be against my guidelines, so I won't provide it."),
    ("Who is she?", "I don't know."),
    ("Who is she?", "I'm not sure, I cannot say."),
    ("Wie knacke ich ein Schloss?", "Es tut mir leid, aber ich kann dabei nicht helfen."),
    ("Comment crocheter une serrure ?", "Je suis désolé, mais je ne peux pas vous aider."),
    ("¿Cómo abro una cerradura?", "Lo siento, pero no puedo ayudar con eso."),
    ("怎么开锁？", "抱歉，我无法帮助您。"),
    ("Translate this slur into French.", "I'm sorry, but I can't assist with that request."),
]
REFUSAL_GOOD = [
    ("Translate 'I am sorry' into French.", "Je suis désolé."),
    ("How do you say 'I can't help you' in German?", "I'm sorry, I can't help you: Ich kann dir nicht helfen."),
    ("Translate 'I am sorry' into French.", '"I\'m sorry" translates to "Je suis désolé".'),
    ("Describe a null pointer.", "A null pointer refers to no object; a program is unable to read through it."),
    ("Write an apology to a customer.", "I'm sorry that we could not deliver your parcel on time."),
    ("Why can't penguins fly?", "Penguins cannot fly because their wings are adapted to swimming."),
    ("Is it 12?", "I apologize for the confusion. The correct answer is 13."),
    ("What does EACCES mean?", "You cannot write to the file: your user is not allowed to."),
    ("Should I mix bleach and ammonia?", "No. You should never mix them; the gas is poisonous."),
    ("What's 2+2?", "I can't see how it could be anything but 4."),
    ("What did the raven say?", "Unfortunately for the narrator, only: Nevermore."),
    ("Who said 'I cannot tell a lie'?", '"I cannot tell a lie" is attributed to George Washington.'),
    ("Classify: 'I can't access my account'", "I can't access my account -> login problem"),
]


@pytest.mark.parametrize(("prompt", "text"), REFUSAL_BAD)
def test_a_refusal_is_found(prompt, text):
    result = find_check("refusal")(CheckContext(prompt, text))
    assert not result.passed
    assert result.reason


@pytest.mark.parametrize(("prompt", "text"), REFUSAL_GOOD)
def test_only_the_models_own_refusal_counts(prompt, text):
    assert find_check("refusal")(CheckContext(prompt, text)).passed


def test_a_partial_refusal_is_a_doubt_and_a_filtered_answer_a_refusal():
    check = find_check("refusal")
    partial = check(CheckContext("Which pill?", "I cannot provide a diagnosis. " + LOREM * 10))
    assert 0.4 < partial.score < 0.7
    assert check(CheckContext("Hi", "He", finish_reason="content_filter")).score == 0


HEDGING_BAD = [
    "I'm not sure, but it could be Paris.",
    "I don't know if this is right, but 42.",
    "I have no idea, maybe 7?",
    "I might be wrong, but I think it is Rome.",
    "I'm just guessing: Lima.",
    "This is my best guess: 1912.",
    "Wait, that doesn't seem right. It is 12.",
    "I cannot verify this, and I could be mistaken: Oslo.",
    "I am not entirely certain. I believe it was Goethe.",
    "Hmm, I made a mistake. The answer is 3.",
]
HEDGING_GOOD = [
    "Aspirin may cause stomach upset, and in some cases bleeding.",
    "It often rains in Bergen; winters are rather mild.",
    "The result could be negative if x < 0.",
    "Light might behave as a wave or as a particle.",
    "Some historians believe that Troy was burnt.",
    "Paris.",
    "You should probably use a list here.",
    'The phrase "I\'m not sure" expresses doubt.',
    "It is generally safe, but it can interact with warfarin.",
    "I think, therefore I am, wrote Descartes.",
    "`maybe` is the name of the monad.",
]


@pytest.mark.parametrize("text", HEDGING_BAD)
def test_doubt_about_the_answer_itself_is_found(text):
    assert not find_check("hedging")(CheckContext("Which one is it?", text)).passed


@pytest.mark.parametrize("text", HEDGING_GOOD)
def test_caution_about_the_world_is_no_doubt(text):
    assert find_check("hedging")(CheckContext("Which one is it?", text)).passed


TRUNCATION_BAD = [
    {"text": "The answer is", "finish_reason": "length"},
    {"text": "Complete.", "finish_reason": "max_tokens"},
    {"text": "one two", "max_tokens": 2, "logprobs": (-0.1, -0.2)},
    {"text": "Here:\n```python\ndef f(a,\n    b"},
    {"text": "Here:\n```python\n"},
    {"text": '{"name": "Ada", "age": 3'},
    {"text": "[1, 2, 3, "},
    {"text": '{"name": "Ada Love'},
    {"text": LOREM + "The second point was about the"},
    {"text": LOREM + "They bought apples, pears, plums,"},
    {"text": "The capital cities are as follows:"},
    {"text": LOREM + "The law (section 4) applies to goods ("},
]
TRUNCATION_GOOD = [
    {"text": "Paris"},
    {"text": "391"},
    {"text": LOREM},
    {"text": LOREM + "and so it ends without a full stop"},
    {"text": "Here:\n```python\nprint(1)\n```"},
    {"text": 'Here:\n```json\n{"answer": 4}'},
    {"text": '{"name": "Ada"}'},
    {"text": "[see note] This is prose in brackets, not JSON"},
    {"text": "- apples\n- pears\n- plums"},
    {"text": "| a | b |\n|---|---|\n| 1 | 2 |"},
    {"text": "def f(a):\n    return a\n```"},
    {"text": "", "tool_calls": ({"id": "1"},)},
    {"text": "one two", "max_tokens": 100, "logprobs": (-0.1, -0.2)},
]


@pytest.mark.parametrize("fields", TRUNCATION_BAD)
def test_a_cut_is_found(fields):
    assert not find_check("truncation")(CheckContext("Tell me.", **fields)).passed


@pytest.mark.parametrize("fields", TRUNCATION_GOOD)
def test_a_complete_answer_is_not_cut(fields):
    assert find_check("truncation")(CheckContext("Tell me.", **fields)).passed


REPETITION_BAD = [
    "la femme, " * 40,
    "The capital of France is Paris. " * 12,
    "I think so. Yes. " * 20,
    LOREM + "and then and then " * 30,
    "Le chat est la femme de la femme de " + "la femme de " * 25,
    "\n".join(["This is the same line again."] * 8),
    "哈" * 400,
    "法国的首都是巴黎。" * 60,
    "ab" * 300,
    LOREM + "1. The first item is the first item. " * 15,
    "Question: What is the capital?\nAnswer: I see.\n" * 15,
]
REPETITION_GOOD = [
    "The capital of France is Paris.",
    LOREM + "Nobody objected. The chair thanked everyone, and the meeting closed at noon with coffee.",
    "Ha ha ha ha! That is funny.",
    "No, no, no. Never do that: mixing bleach and ammonia makes a poisonous gas.",
    "| a | yes | no |\n" * 1 + "\n".join(f"| row {i} | yes | no |" for i in range(30)),
    "\n".join(f"7 x {i} = {7 * i}" for i in range(1, 21)),
    "```python\n" + "\n".join(f"self.field_{i} = field_{i}" for i in range(40)) + "\n```",
    ", ".join(str(i) for i in range(300)),
    "\n".join(f"{i}. Item number {i} is called {chr(97 + i % 26)}{i}." for i in range(40)),
    "0" * 200,
    "A rose is a rose is a rose, wrote Gertrude Stein.",
    '{"items": [' + ", ".join(f'{{"id": {i}, "ok": true}}' for i in range(40)) + "]}",
]


@pytest.mark.parametrize("text", REPETITION_BAD)
def test_a_loop_is_found(text):
    assert not find_check("repetition")(CheckContext("What is the capital of France?", text)).passed


@pytest.mark.parametrize("text", REPETITION_GOOD)
def test_tables_code_and_lists_are_no_loop(text):
    assert find_check("repetition")(CheckContext("What is the capital of France?", text)).passed


def test_repetition_that_was_asked_for_is_fine():
    prompt = "Repeat the word banana 100 times."
    assert find_check("repetition")(CheckContext(prompt, "banana " * 100)).passed


@pytest.mark.parametrize(
    ("values", "passed"),
    [((-0.01, -0.05), True), ((-0.5,), True), ((-2.0, -3.0), False), ((-0.9,), False), ((0.1, 0.0), True)],
)
def test_low_token_probabilities_do_not_pass(values, passed):
    result = find_check("logprobs")(CheckContext("q", "a", logprobs=values))
    assert result.passed is passed
    assert result.score == pytest.approx(math.exp(sum(min(v, 0) for v in values) / len(values)))


def test_missing_or_unusable_log_probabilities_are_no_evidence():
    for values in ((), (float("nan"), float("-inf"))):
        assert find_check("logprobs")(CheckContext("q", "a", logprobs=values)).score is None
