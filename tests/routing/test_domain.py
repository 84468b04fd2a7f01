"""Which domain a question belongs to: plain cases, traps, conversations, users' own domains."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascadeflow.errors import ConfigError
from cascadeflow.routing import DomainDetector
from cascadeflow.routing.domain import DOMAINS, HEAD, TAIL

CASES = [
    ("code", "Write a Python function that reverses a linked list"),
    ("code", "Why does my Rust borrow checker complain about this loop?"),
    ("code", "How do I centre a div with CSS flexbox?"),
    ("code", "Refactor this Go handler to use context cancellation"),
    ("code", "SELECT * FROM users WHERE id = 3 is slow"),
    ("code", "What does this do?\n```\nx = [i for i in range(3)]\n```"),
    ("code", "Write a function to find the area of a pentagon."),
    ("code", "main.py fails when I run it"),
    ("math", "What is 17 * 23?"),
    ("math", "Solve x^2 - 5x + 6 = 0"),
    ("math", "A train leaves at 9:40 and takes 2 h 35. When does it arrive?"),
    ("math", "Tom has 3 boxes with 12 apples each and eats 5. How many are left?"),
    ("math", r"Evaluate $\int_0^1 x^2 dx$."),
    ("medical", "Which class of antibiotics treats strep throat?"),
    ("medical", "Can I take ibuprofen together with warfarin?"),
    ("medical", "My chest hurts and my left arm feels numb, what should I do?"),
    ("medical", "Is a resting heart rate of 110 dangerous?"),
    ("medical", "A 45-year-old man presents with haematuria after 500 mg of it"),
    ("legal", "Is a verbal contract binding in Texas?"),
    ("legal", "Can the landlord evict a tenant without notice?"),
    ("legal", "What did the court hold in Marbury v. Madison?"),
    ("finance", "Explain compound interest on a savings account"),
    ("finance", "Should I buy bonds or an index fund for my pension?"),
    ("science", "Why is the sky blue?"),
    ("science", "What happens to electrons in a covalent bond?"),
    ("science", "Balance the reaction of Fe2O3 with CO"),
    ("general", "What is the capital of France?"),
    ("general", "Write a poem about autumn"),
    ("general", "hi"),
    ("general", ""),
    ("general", "¿Cuál es la capital de Francia?"),
]
NOT_CODE = [
    "Let me know how tall Mount Everest is",
    "Should we ban the import of Russian steel?",
    "Please select a good wine",
    "Which class of antibiotics treats strep throat?",
    "Translate 'good morning' into Japanese",
    "Summarize this article about birds",
    "Write a short script for a school play",
    "What is the function of the liver?",
    "Give me an example of a Greek island",
    "He had a string of bad luck; tell me about luck",
]


@pytest.mark.parametrize(("domain", "query"), CASES)
def test_plain_questions_find_their_domain(domain, query):
    found, confidence = DomainDetector().detect(query)
    assert found == domain
    assert 0 <= confidence <= 1


@pytest.mark.parametrize("query", NOT_CODE)
def test_everyday_words_that_are_keywords_elsewhere_are_not_code(query):
    assert DomainDetector().detect(query)[0] != "code"


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


CODE_TALK = [
    user("Write a Python function that sorts a list"),
    assistant("```python\ndef f(a):\n    return sorted(a)\n```"),
]


def test_a_follow_up_stays_in_the_domain_of_the_conversation():
    detector = DomainDetector()
    assert detector.detect("And now in reverse, please")[0] == "general"
    assert detector.detect([*CODE_TALK, user("And now in reverse, please")])[0] == "code"


def test_a_clear_last_message_changes_the_domain():
    query = [*CODE_TALK, user("Which antibiotics treat strep throat and which dose do children get?")]
    assert DomainDetector().detect(query)[0] == "medical"


def test_what_was_said_long_ago_is_forgotten():
    talk = [*CODE_TALK, *(user(f"Tell me about the town number {name}") for name in "abcdefgh")]
    assert DomainDetector().detect(talk)[0] == "general"


def test_a_conversation_of_parts_is_read_like_text():
    parts = [{"type": "text", "text": "Which antibiotics treat strep throat?"}, {"type": "image_url", "image_url": {}}]
    assert DomainDetector().detect([user(parts)])[0] == "medical"
    assert DomainDetector().detect([{"role": "system", "content": "You write Python"}, user(None)])[0] == "general"


def test_a_users_own_domain_is_found_beside_the_known_ones():
    detector = DomainDetector(extra={"gaming": ["raid boss", "respawn", "Speedrun"]})
    assert detector.detect("How do I beat the raid boss?")[0] == "gaming"
    assert detector.detect("What is a good SPEEDRUN?")[0] == "gaming"
    assert detector.detect("Write a Python function")[0] == "code"
    assert set(detector.domains) == {*DOMAINS, "gaming"}
    assert DomainDetector().detect("How do I beat the raid boss?")[0] == "general"


def test_more_words_for_a_known_domain():
    assert DomainDetector().detect("What is a frobnicator?")[0] == "general"
    assert DomainDetector(extra={"code": ["frobnicator"]}).detect("What is a frobnicator?")[0] == "code"


@pytest.mark.parametrize("extra", [{"x": []}, {"": ["a"]}, {"x": [" "]}, {"x": ["one two three"]}, {"x": [3]}])
def test_a_domain_without_usable_words_is_an_error_that_names_it(extra):
    with pytest.raises(ConfigError, match=r"extra\."):
        DomainDetector(extra=extra)


def test_confidence_falls_when_two_domains_speak():
    detector = DomainDetector()
    _, sure = detector.detect("Which antibiotics treat pneumonia in a patient with asthma?")
    _, torn = detector.detect("Which antibiotics treat pneumonia, and can the plaintiff sue the defendant in court?")
    assert torn < sure


def test_a_long_text_needs_more_than_a_stray_word():
    story = "The old man walked down to the harbour and looked at the boats for a long while. " * 20
    assert DomainDetector().detect(story + "He had a fever once.")[0] == "general"


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=300))
def test_any_text_has_a_known_domain(text):
    domain, confidence = DomainDetector().detect(text)
    assert domain in DOMAINS
    assert 0 <= confidence <= 1


def test_only_the_ends_of_a_long_message_are_read():
    detector = DomainDetector()
    ends = "word " * (HEAD // 5), "word " * (TAIL // 5)
    plain = detector.detect(ends[0] + "word " * 200_000 + ends[1])
    assert detector.detect(ends[0] + "python " * 200_000 + ends[1]) == plain
