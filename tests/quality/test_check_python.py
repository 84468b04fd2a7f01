"""Python in an answer is parsed, and what was asked for must be defined in it."""

import warnings

import pytest

from cascadeflow.quality.checks import find_check
from cascadeflow.quality.context import CheckContext

ASK = "Write a Python function that reverses a string."
NAMED = "Write a Python function called `reverse_words` that reverses the words of a sentence."
STUB = 'def add(a, b):\n    """Add two numbers."""\n'


def fenced(code, label="python"):
    return f"Here it is:\n```{label}\n{code}\n```\nIt works."


BAD = [
    (ASK, fenced("def rev(s)\n    return s[::-1]"), "does not parse"),
    (ASK, fenced("def rev(s):\n    retrun s[::-1"), "does not parse"),
    (ASK, "def rev(s:\n    return s", "does not parse"),
    (ASK, fenced("def add(a, b)\n    retrun a +* b"), "does not parse"),
    (ASK, fenced("def rev(s):\nreturn s[::-1]"), "does not parse"),
    (ASK, fenced("print('olleh')"), "a function was asked for, none is defined"),
    (ASK, fenced("def rev(s):\n    pass"), "has no body"),
    (ASK, fenced('def rev(s):\n    """Reverse."""\n    ...'), "has no body"),
    (ASK, fenced("def rev(s):\n    raise NotImplementedError"), "has no body"),
    (NAMED, fenced("def reverse(s):\n    return s[::-1]"), "reverse_words, is not defined"),
    (STUB, "def subtract(a, b):\n    return a - b", "add, is not defined"),
    (STUB, "    return a +", "does not parse"),
    (ASK, fenced("function rev(s) { return s }", "python"), "does not parse"),
]
GOOD = [
    (ASK, fenced("def rev(s):\n    return s[::-1]")),
    (ASK, fenced("def rev(s):\n    return s[::-1]", "")),
    (ASK, "def rev(s):\n    return s[::-1]"),
    (ASK, "def rev(s):\n    return s[::-1]\n\nThis uses a slice with a negative step."),
    (ASK, "Sure, here it is:\n\ndef rev(s):\n    return s[::-1]\n\nCall it with a string."),
    (ASK, fenced("rev = lambda s: s[::-1]")),
    (ASK, fenced("class Text:\n    def rev(self):\n        return 1")),
    (ASK, fenced("async def rev(s):\n    return s[::-1]")),
    (NAMED, fenced("def reverse_words(s):\n    return ' '.join(s.split()[::-1])")),
    (STUB, "def add(a, b):\n    return a + b"),
    (STUB, "    return a + b"),
    (ASK, fenced("def rev(s):\n    return s[::-1]") + "\n```python\n>>> rev('ab')\n'ba'\n```"),
    (ASK, "1. Use this:\n   ```python\n   def rev(s):\n       return s[::-1]\n   ```"),
]
NOTHING_TO_SAY = [
    ("What is the capital of France?", "Paris"),
    ("Write a JavaScript function that adds.", "```js\nconst add = (a, b) => a + b;\n```"),
    ("Write a Java class that prints.", "```\nimport java.util.*;\nclass A { void f() { } }\n```"),
    ("Write a Python 2 script that prints.", fenced("print 'hello'")),
    ("Explain imports.", "import is a keyword that loads a module."),
]


@pytest.mark.parametrize(("prompt", "text", "reason"), BAD)
def test_broken_or_missing_python_is_found(prompt, text, reason):
    result = find_check("python_code")(CheckContext(prompt, text))
    assert result.score == 0
    assert reason in result.reason


@pytest.mark.parametrize(("prompt", "text"), GOOD)
def test_python_that_parses_passes(prompt, text):
    result = find_check("python_code")(CheckContext(prompt, text))
    assert result.passed
    assert result.score == 0.75


@pytest.mark.parametrize(("prompt", "text"), NOTHING_TO_SAY)
def test_other_languages_and_prose_are_left_alone(prompt, text):
    assert find_check("python_code")(CheckContext(prompt, text)).score is None


def test_a_fragment_in_an_explanation_is_only_a_doubt():
    text = "The loop is never entered:\n```python\nif position < 0:\n```\nso the result is 3."
    result = find_check("python_code")(CheckContext("What does f(3) return?", text))
    assert 0.4 < result.score < 0.5


def test_parsing_is_quiet_and_leaves_the_filters_alone():
    before = list(warnings.filters)
    code = fenced('import re\ndef f(s):\n    return re.sub("\\d", "", s)')
    assert find_check("python_code")(CheckContext(ASK, code)).passed
    assert warnings.filters == before


@pytest.mark.parametrize("code", ["(" * 5000, "-" * 15000, "x" + ".a" * 7000, "[" * 300 + "]" * 300, "1+" * 7000 + "1"])
def test_deep_nesting_never_raises(code):
    assert find_check("python_code")(CheckContext(ASK, f"```python\n{code}\n```")).name == "python_code"
