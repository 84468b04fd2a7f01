"""`code_quality_validator`: sound Python passes, unsound fails by its own check, nothing is run and nothing raises."""

import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from quality_answers import ASK, BAD, GOOD, HOW, code

from cascadeflow.quality import CheckContext, run_validator
from cascadeflow.quality.code_quality import code_quality_validator
from cascadeflow.quality.python_shape import MOST_BRANCHES, MOST_LEVELS


def judge(text, prompt=HOW):
    return code_quality_validator(text, CheckContext(prompt, text))


@pytest.mark.parametrize(("prompt", "text"), GOOD)
def test_sound_code_and_answers_without_code_pass(prompt, text):
    valid, reason = judge(text, prompt)
    assert valid, reason


@pytest.mark.parametrize(("prompt", "text", "check", "why"), BAD)
def test_each_fault_is_found_by_its_own_check(prompt, text, check, why):
    verdict = judge(text, prompt)
    assert not verdict.is_valid
    assert [item.name for item in verdict.checks if not item.passed] == [check]
    assert why in verdict.reason


async def test_it_is_found_by_name_and_takes_the_text_alone():
    verdict = await run_validator("code_quality_validator", CheckContext(ASK, code("def largest(items):\n    pass")))
    assert not verdict.is_valid
    assert verdict.deciding == "code_quality_validator"
    assert tuple(code_quality_validator("Paris.")) == (True, "code_quality_validator: no code")


def test_what_is_not_judged_is_said():
    script = judge(code("const f = () => 1;", "javascript"))
    assert script.reason == "code_quality_validator: the JavaScript parses; quality not judged for JavaScript"
    both = judge(code("x = 1") + code("ls -l", "bash"))
    assert both.reason == "code_quality_validator: no fault found in the Python; quality not judged for Bash"


def test_without_pyflakes_names_do_not_count(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyflakes", None)
    verdict = judge(code("def largest(items):\n    return np.max(items)"), ASK)
    assert verdict.is_valid
    assert "not installed: pip install 'cascadeflow-console[code]'" in verdict.reason
    assert not judge(code("try:\n    run()\nexcept:\n    pass")).is_valid


def test_a_name_that_the_question_or_another_block_gives_is_defined():
    text = code("def largest(items):\n    return helper(items)")
    assert not judge(text, ASK).is_valid
    assert judge(text, f"{ASK} You may use helper(items).").is_valid
    assert judge(text + code("def helper(items):\n    return max(items)"), ASK).is_valid
    # What is local to a function elsewhere is not defined here.
    assert not judge(text + code("def other():\n    helper = 1\n    return helper"), ASK).is_valid


def test_an_example_of_what_is_wrong_is_not_the_answers_code():
    wrong = "This is wrong:\n```python\ntry:\n    run()\nexcept:\n    pass\n```\n"
    assert judge(wrong + code("try:\n    run()\nexcept OSError:\n    pass")).is_valid


def test_names_may_stay_open_where_no_code_was_asked_for():
    verdict = judge(code("def index():\n    return render('x')"))
    assert verdict.is_valid
    assert "left open: render on line 2" in verdict.reason


def test_the_bounds_of_complexity_are_those_stated():
    def nested(levels):
        return code(
            "def f(a):\n"
            + "".join(f"{'    ' * n}for x in a:\n" for n in range(1, levels + 1))
            + "    " * (levels + 1)
            + "pass"
        )

    def branched(branches):
        return code("def f(a):\n    pass\n" + "    if a:\n        pass\n" * (branches - 1))

    assert judge(nested(MOST_LEVELS)).is_valid
    assert not judge(nested(MOST_LEVELS + 1)).is_valid
    assert judge(branched(MOST_BRANCHES)).is_valid
    assert not judge(branched(MOST_BRANCHES + 1)).is_valid
    # A long question may need more, and elif does not nest.
    assert judge(branched(MOST_BRANCHES + 1), "many words " * 40).is_valid
    assert judge(code("if a:\n    pass\n" + "elif a:\n    pass\n" * 10)).is_valid


@pytest.mark.parametrize(
    "body",
    [
        "def is_up(n):\n    while True:\n        if n:\n            return True",
        "def is_up(n):\n    with lock:\n        return n",
        "def is_up(n):\n    try:\n        return n\n    finally:\n        close()",
        "def is_up(n):\n    for x in n:\n        if x:\n            break\n    else:\n        return 1\n    return 2",
        "def is_up(n):\n    if n:\n        return 1\n    raise ValueError",
        "def is_up(n):\n    def inner():\n        return 1\n    print(inner())",
        "def is_up(n):\n    if n:\n        return None\n    return 1",
        "def is_up(n):\n    match n:\n        case 1:\n            return True\n        case 2:\n            return False",
        "def is_up(n):\n    if n:\n        return 1\n    yield 2",
        "def run():\n    return\n    yield",
        "while True:\n    if x:\n        break\nprint(1)",
        "while True:\n    for x in y:\n        pass\n    else:\n        break\nprint(1)",
        "with suppress(ValueError):\n    raise ValueError\nprint(1)",
        "match x:\n    case 1:\n        exit()\nprint(1)",
    ],
)
def test_ways_through_code_that_are_fine(body):
    valid, reason = judge(code(body))
    assert valid, reason


@pytest.mark.parametrize(
    "body",
    [
        "def is_up(n):\n    with suppress(ValueError):\n        return n",
        "def is_up(n):\n    while True:\n        if n:\n            break\n        return 1",
        "def is_up(n):\n    for x in n:\n        return 1",
        "while True:\n    for x in y:\n        break\nprint(1)",
        "match x:\n    case 1:\n        exit()\n    case _:\n        raise ValueError\nprint(1)",
        "try:\n    raise ValueError\nexcept TypeError:\n    raise\nprint(1)",
        "import sys\nsys.exit()\nprint(1)",
    ],
)
def test_ways_through_code_that_are_not(body):
    assert not judge(code(body)).is_valid


def test_code_is_read_and_never_run(tmp_path):
    trace = tmp_path / "ran"
    harmful = f"import pathlib\npathlib.Path({str(trace)!r}).write_text('x')"
    assert judge(code(harmful)).is_valid
    assert not trace.exists()


LINES = st.sampled_from(
    ["def f(x):", "    return x", "    if x:", "        return 1", "else:", "    pass", "try:", "except:", "    raise", "while True:",
     "    break", "class A:", "    yield", "match x:", "    case _:", "import os", "print('%s' % (1, 2))", "lambda: (yield)", "@x",
     "global a", "return", "async def g():", "    await x", "x: int", "del x", "from a import *", "    with a, b:", "\x00", "…"]
)  # fmt: skip
BODIES = st.one_of(st.text(max_size=60), st.lists(LINES, max_size=12).map("\n".join))


@settings(deadline=None, max_examples=150)
@given(prompt=st.sampled_from([HOW, ASK]), body=BODIES)
@example(prompt=ASK, body="def f():\n" + " if x:\n".join(" " * n for n in range(1, 95)) + "pass")
@example(prompt=ASK, body="x = " + "(" * 150 + ")" * 150)
@example(prompt=ASK, body="x = a" + ".b" * 900)
@example(prompt=ASK, body="def f():\n    return " + "+".join("x" * 2000))
@example(prompt=ASK, body="def f():\n if a:\n  raise X\n" + " elif a:\n  raise X\n" * 600)
@example(prompt=ASK, body="if a:\n  pass\n" + "elif a:\n  pass\n" * 3000)
def test_no_answer_makes_it_raise(prompt, body):
    verdict = judge(code(body), prompt)
    assert verdict.reason.startswith("code_quality_validator: ")
    assert verdict.is_valid is all(check.passed for check in verdict.checks)
