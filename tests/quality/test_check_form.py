"""An answer must have the form that was asked for: JSON, N items, code, a number, yes or no, one word."""

import pytest

from cascadeflow.quality.asked import read_request
from cascadeflow.quality.checks import find_check
from cascadeflow.quality.context import CheckContext

PRIMES = "List three prime numbers greater than 50 as a JSON array."
REVERSE = "Write a Python function that reverses a string."
PROGRAM = "```python\nimport json\nprint(json.dumps([61, 67, 71]))\n```"

BAD = [
    (PRIMES, '{"name": "warrior", "level": 3}'),
    (PRIMES, PROGRAM),
    (PRIMES, "import json\nprint(json.dumps([61, 67, 71]))"),
    (PRIMES, "primes = [61, 67, 71]"),
    (PRIMES, "[61, 67]"),
    (PRIMES, "```json\n[61, 67, 71\n```"),
    (PRIMES, "The primes are 61, 67 and 71."),
    ("Give me a JSON object with name and age.", '["Ada", 36]'),
    ("Return the result as JSON: what is 2 + 2?", "It is four."),
    ("List five fruits.", "1. Apple\n2. Pear\n3. Plum"),
    ("Name three primary colors.", "Red and blue"),
    ("Give me 3 tips for sleeping.", "1. Dark\n2. Cold\n3. Quiet\n4. Early"),
    (REVERSE, "You walk over the characters from the end and join them."),
    ("Is 91 a prime number? Answer yes or no.", "91 is 7 times 13."),
    ("True or false: the sky is green.", "It depends on the weather."),
    ("In one word, what is the capital of France?", "The capital of that country is Paris."),
    ("How many legs does a spider have?", "Spiders have many legs."),
    ("Respond with only the number: how many days has a week?", "There are several of them."),
    ("Write a Python function that adds.", "```javascript\nconst add = (a, b) => a + b\n```"),
]
GOOD = [
    (PRIMES, "[61, 67, 71]"),
    (PRIMES, "Here you are:\n```json\n[61, 67, 71]\n```\nAll are prime."),
    (PRIMES, "```\n[61, 67, 71]\n```"),
    (PRIMES, "The array is: [61, 67, 71]"),
    ("Give me a JSON object with name and age.", '{"name": "Ada", "age": 36}'),
    ("Return the result as JSON: what is 2 + 2?", '{"result": 4}'),
    ("List five fruits.", "1. Apple\n2. Pear\n3. Plum\n4. Fig\n5. Kiwi"),
    ("Name three primary colors.", "Red, yellow and blue"),
    ("Name at least three rivers.", "- Rhine\n- Elbe\n- Oder\n- Spree"),
    ("Give me 3 tips for sleeping.", "1. Dark\n   - curtains\n   - no screens\n2. Cold\n3. Quiet"),
    (REVERSE, "def reverse(s):\n    return s[::-1]"),
    (REVERSE, "```python\ndef reverse(s):\n    return s[::-1]\n```"),
    ("Is 91 a prime number? Answer yes or no.", "No."),
    ("True or false: the sky is green.", "False: it is blue."),
    ("In one word, what is the capital of France?", "**Paris**"),
    ("How many legs does a spider have?", "Eight."),
    ("How many legs does a spider have?", "A spider has 8 legs."),
    ("Respond with only the number: how many days has a week?", "7"),
    ("What is the area of a circle of radius r?", "πr²"),
    ("Write a regex that matches a word.", r"\w+"),
]


@pytest.mark.parametrize(("prompt", "text"), BAD)
def test_the_wrong_form_does_not_pass(prompt, text):
    result = find_check("form")(CheckContext(prompt, text))
    assert not result.passed
    assert result.reason


@pytest.mark.parametrize(("prompt", "text"), GOOD)
def test_the_right_form_passes(prompt, text):
    assert find_check("form")(CheckContext(prompt, text)).passed


NOTHING_ASKED = [
    "What is JSON?",
    "How do I parse JSON in Python?",
    "List the advantages of JSON.",
    "Write a short story about a class of students.",
    "Write a script for a play.",
    "Explain the function of the liver.",
    "Give a method for removing stains.",
    "Write 3 sentences about dogs.",
    "Give me 10 words that rhyme with cat.",
    "List two advantages and two disadvantages of trains.",
    "Name 2 rivers for each of these countries: France, Spain.",
    "What does yes mean in Spanish?",
    "Write a poem in C major.",
    "Write a program for my wedding day.",
]


@pytest.mark.parametrize("prompt", NOTHING_ASKED)
def test_no_form_is_read_into_a_question_that_asks_for_none(prompt):
    asked = read_request(prompt)
    assert (asked.json, asked.code, asked.count, asked.yes_no, asked.one_word) == (None, False, None, "", False)


ASKED = [
    (PRIMES, {"json": "array", "count": 3}),
    ("Give me a JSON object with name and age.", {"json": "object"}),
    ("Answer in JSON: what is the capital of France?", {"json": "any"}),
    ("Write a Python function that returns a JSON array of primes", {"json": None, "code": True, "function": True}),
    ("Write a function called is_prime that checks primality", {"code": True, "names": ("is_prime",)}),
    ("Write a function called when a button is pressed", {"code": True, "names": ()}),
    ('def foo(a):\n    """Return a."""\n', {"code": True, "completion": True, "names": ("foo",)}),
    ("Write a SQL query to find duplicates", {"code": True, "language": "sql"}),
    ("List up to four rivers", {"count": 4, "at_most": True}),
    ("What are three causes of the war?", {"count": 3}),
    ("How many eggs are left?", {"number": "quantity", "whole": True}),
]


@pytest.mark.parametrize(("prompt", "expected"), ASKED)
def test_what_a_question_asks_for_is_read(prompt, expected):
    asked = read_request(prompt)
    assert {name: getattr(asked, name) for name in expected} == expected


SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "person",
        "schema": {
            "type": "object",
            "properties": {
                "age": {"type": "integer", "minimum": 0},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["age"],
            "additionalProperties": False,
        },
    },
}


@pytest.mark.parametrize(
    ("text", "score", "reason"),
    [
        ('{"age": 3}', 1.0, "fits"),
        ('```json\n{"age": 3, "tags": ["a"]}\n```', 1.0, "fits"),
        ('{"age": "three"}', 0.0, "answer['age']"),
        ('{"age": -1}', 0.0, "answer['age']"),
        ("{}", 0.0, "'age' is a required property"),
        ('{"age": 1, "tags": [1]}', 0.0, "answer['tags'][0]"),
        ('{"age": 1, "more": 2}', 0.0, "more"),
        ("He is three.", 0.0, "JSON was required"),
        ('{"age": 3', 0.0, "JSON was required"),
        ('{"age": NaN}', 0.0, "NaN"),
    ],
)
def test_a_response_format_with_a_schema_must_hold(text, score, reason):
    result = find_check("form")(CheckContext("How old is he?", text, response_format=SCHEMA))
    assert result.score == score
    assert reason in result.reason


def test_a_json_object_format_takes_nothing_but_an_object():
    check, wanted = find_check("form"), {"type": "json_object"}
    assert check(CheckContext("q", '{"a": 1}', response_format=wanted)).passed
    assert not check(CheckContext("q", "[1]", response_format=wanted)).passed
    assert not check(CheckContext("q", "a = 1", response_format=wanted)).passed


def test_a_schema_nobody_can_use_is_no_evidence():
    bad = {"type": "json_schema", "json_schema": {"schema": {"$ref": "https://example.com/s.json"}}}
    assert find_check("form")(CheckContext("q", "{}", response_format=bad)).score is None


def test_the_reason_is_for_people():
    result = find_check("form")(CheckContext(PRIMES, '{"a": 1}'))
    assert result.reason == "a JSON array was asked for, an object came"
