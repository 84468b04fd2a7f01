"""What holds for every check: it never raises, it is pure, and its work is bounded."""

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cascadeflow.quality import CheckContext, judge
from cascadeflow.quality.checks import registry
from cascadeflow.quality.context import HEAD
from cascadeflow.quality.text import TAIL

PROMPTS = [
    "What is 17 * 23?",
    "Write a Python function that reverses a string.",
    "List three primes as a JSON array.",
    "How many eggs are left?",
    "Why is the sky blue?",
    'def f(a):\n    """Do."""\n',
]
PIECES = st.sampled_from(
    ["1", "+", "= ", "(", ")", "[", "{", '"', "```", "```python\n", "\n", "def f(x):\n", "  ", "\\frac{1}{2}", "%", "x", ".",
     ",", "I can't help", "sorry ", "12:30", "é", "字", "\x00", "\u202e", "\ud800", "🙂", "answer is ", "$", "≈", "-", "|", "3.5e8"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=60).map("".join))
JUNK = [
    "\n",
    "a(",
    "1+",
    "[",
    "- ",
    '"',
    "= 1 ",
    "```\n",
    "1. ",
    "\\frac{",
    "“",
    "1=",
    "the ",
    "a",
    "字",
    "{",
    "answer 1 ",
]


@settings(deadline=None, max_examples=200)
@given(prompt=st.one_of(st.sampled_from(PROMPTS), TEXTS), text=TEXTS)
@example(prompt="What is 0 / 0?", text="0")
@example(prompt="What is 2 ** 99?", text="9" * 5000)
@example(prompt="List 3 primes as a JSON array.", text="[" * 3000)
@example(prompt="List 3 primes as a JSON array.", text="9" * 5000)
def test_no_check_raises_and_every_score_is_in_range(prompt, text):
    context = CheckContext(prompt, text, response_format=None)
    for name, check in registry().items():
        result = check(context)
        assert result.name == name
        assert result.score is None or 0 <= result.score <= 1
        assert result.passed or result.reason
        if result.threshold is not None and result.score is not None:
            assert result.passed is (result.score >= result.threshold)
    verdict = judge(context)
    assert 0 <= verdict.score <= 1
    assert verdict.is_valid is (verdict.score >= verdict.threshold)
    assert judge(CheckContext(prompt, text)) == verdict


class Watched(str):
    """A long text that may be cut, measured and searched, and never be copied whole by Python code."""

    __slots__ = ()

    def _refuse(self, *_args, **_options):
        raise AssertionError("a check works on the whole of a long answer")

    split = rsplit = splitlines = lower = upper = casefold = encode = replace = partition = translate = join = _refuse
    __iter__ = __add__ = _refuse


@pytest.mark.parametrize("unit", JUNK)
def test_a_long_answer_is_only_read_at_its_ends(unit):
    """What lies between the first and the last few thousand characters changes nothing."""
    ends = (unit * HEAD)[:HEAD], (unit * HEAD)[-TAIL:]
    for prompt in PROMPTS:
        one = CheckContext(prompt, Watched(ends[0] + unit * 10_000 + ends[1]))
        two = CheckContext(prompt, Watched(ends[0] + "different " * 30_000 + ends[1]))
        for name, check in registry().items():
            # Those two ask how long it is, and whether anything is said anywhere.
            if name not in {"length", "empty"}:
                assert check(one) == check(two), name


def test_ten_megabytes_of_one_line_are_judged():
    verdict = judge(CheckContext("What is the capital of France?", "la femme, " * 1_000_000))
    assert verdict.deciding == "repetition"


def test_importing_the_room_compiles_nothing():
    """Patterns are compiled at first use, and no optional package is imported."""
    code = (
        "import re, sys; made = []; old = re.compile; re.compile = lambda *a: made.append(a) or old(*a)\n"
        "import cascadeflow.quality, cascadeflow.quality.gate, cascadeflow.quality.validator\n"
        "from cascadeflow.quality.checks import registry; registry()\n"
        "ours = [a for a in made if 'cascadeflow' in str(sys._getframe().f_code.co_filename)]\n"
        "assert not {'simpleeval', 'jsonschema', 'numpy', 'litellm'} & set(sys.modules)\n"
        "from cascadeflow.quality.text import pattern; assert pattern.cache_info().currsize == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
