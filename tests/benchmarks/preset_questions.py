"""The questions that `presets.py` rehearses, each with an exact check of the answer.

Easy ones, because models of this size answer them: what counts is how a cascade behaves when some answers
are wrong, not how hard a test it is.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A question that has one right answer.

    Attributes:
        field: what it is about.
        text: the question.
        right: whether an answer is right.
    """

    field: str
    text: str
    right: Callable[[str], bool]


def says(pattern: str) -> Callable[[str], bool]:
    return lambda answer: re.search(pattern, answer, re.IGNORECASE) is not None


def opens_with(pattern: str) -> Callable[[str], bool]:
    """The first sentence says it: small models drop the right words somewhere into much nonsense."""
    return lambda answer: says(pattern)(re.split(r"(?<=[.!?])\s", answer.strip(), maxsplit=1)[0])


def ends_with(number: int) -> Callable[[str], bool]:
    """The last number of the answer is this one."""

    def right(answer: str) -> bool:
        numbers = re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", answer))
        return bool(numbers) and float(numbers[-1]) == number

    return right


def defines(assertion: str) -> Callable[[str], bool]:
    """The code of the answer makes the assertion hold, in a Python of its own."""

    def right(answer: str) -> bool:
        fenced = re.search(r"```(?:python)?\n(.*?)(?:```|\Z)", answer, re.DOTALL | re.IGNORECASE)
        code = f"{fenced.group(1) if fenced else answer}\n{assertion}\n"
        command = [sys.executable, "-I", "-S", "-c", code]
        with tempfile.TemporaryDirectory() as folder:
            try:
                return subprocess.run(command, cwd=folder, capture_output=True, timeout=5).returncode == 0
            except subprocess.TimeoutExpired:
                return False

    return right


QUESTIONS = (
    Question("general", "What is the capital of Australia?", opens_with(r"\bCanberra\b")),
    Question("general", "In which year did the Berlin Wall fall? Answer with the year alone.", ends_with(1989)),
    Question("arithmetic", "What is 17 * 23?", ends_with(391)),
    Question(
        "arithmetic",
        "A bakery sells 14 loaves at 3 dollars each and 9 rolls at 2 dollars each. How many dollars does it take in? "
        "End with the number.",
        ends_with(60),
    ),
    Question(
        "arithmetic",
        "A train leaves at 9:40 and arrives 2 hours and 35 minutes later. At what time does it arrive?",
        says(r"\b12:15\b"),
    ),
    Question(
        "code",
        "Write a Python function is_palindrome(text) that returns True if the text reads the same backwards, "
        "ignoring case.",
        defines('assert is_palindrome("Level") and is_palindrome("") and not is_palindrome("Python")'),
    ),
    Question(
        "code",
        "Write a Python function count_vowels(text) that returns how many of the letters a, e, i, o, u are in the "
        "text, ignoring case.",
        defines('assert count_vowels("Education") == 5 and count_vowels("rhythm") == 0 and count_vowels("AEIou") == 5'),
    ),
    Question(
        "code",
        "What does this Python code print? Answer with the number alone.\n\n"
        "print(sum(n for n in range(10) if n % 3 == 0))",
        ends_with(18),
    ),
    Question(
        "medical",
        "What is the maximum daily dose of paracetamol for a healthy adult?",
        opens_with(r"\b4(?:\.0)?\s*(?:g\b|grams?)|\b4[,.]?000\s*(?:mg|milligrams?)"),
    ),
    Question("medical", "A lack of which vitamin causes scurvy?", opens_with(r"\bvitamin\s+C\b|ascorbic")),
    Question(
        "legal",
        "Which standard of proof must the prosecution meet in a criminal trial in the United States?",
        opens_with(r"\bbeyond\s+(?:a\s+|all\s+|any\s+)?reasonable\s+doubt"),
    ),
    Question(
        "legal",
        "How many justices sit on the Supreme Court of the United States? Answer with the number alone.",
        opens_with(r"\b(?:9|nine)\b"),
    ),
)
