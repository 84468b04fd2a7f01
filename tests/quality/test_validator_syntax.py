"""`syntax_validator`: code that parses passes, code that does not fails with its line, and nothing makes it raise."""

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from syntax_answers import BAD, GOOD, HOW, fenced

from cascadeflow.quality import CheckContext, grammars, run_validator
from cascadeflow.quality.languages import of_label, recognise
from cascadeflow.quality.syntax import syntax_validator
from cascadeflow.quality.text import find_fences

INSTALL = "not installed: pip install 'cascadeflow-console[code]'"


def judge(text, prompt=HOW):
    return syntax_validator(text, CheckContext(prompt, text))


@pytest.mark.parametrize(("prompt", "text"), GOOD)
def test_code_that_parses_and_answers_without_code_pass(prompt, text):
    valid, reason = judge(text, prompt)
    assert valid, reason


@pytest.mark.parametrize(("prompt", "text", "why"), BAD)
def test_broken_and_missing_code_fails_with_its_place(prompt, text, why):
    verdict = judge(text, prompt)
    assert not verdict.is_valid
    assert why in verdict.reason
    assert verdict.deciding == "syntax_validator"
    assert next(check.reason for check in verdict.checks if not check.passed) in verdict.reason


def test_every_language_of_the_promise_is_in_both_tables():
    def languages(rows):
        return {of_label(fence.language) for row in rows for fence in find_fences(row[1])}

    promised = {*"python javascript typescript go rust java c bash sql html css json toml yaml".split()}
    assert promised <= languages(GOOD)
    assert promised <= languages(BAD)


async def test_it_is_found_by_name_and_takes_the_text_alone():
    verdict = await run_validator("syntax_validator", CheckContext("Write a Go function.", fenced("go", "func f( {}")))
    assert not verdict.is_valid
    assert syntax_validator("```go\nfunc f( {}\n```").is_valid is False
    assert tuple(syntax_validator("Paris.")) == (True, "syntax_validator: no code")
    # The text it is handed counts, not the one in the context.
    assert not syntax_validator("```go\nfunc f( {}\n```", CheckContext(HOW, "Paris.")).is_valid


def test_what_decides_without_a_label_is_the_content():
    assert recognise("public class A { }") == "java"
    assert recognise("const x = 1;") == "javascript"
    assert recognise("total 12\ndrwxr-xr-x 2 root root") == ""
    assert "the Rust does not parse" in judge(fenced("", "fn main() { let x = ; }")).reason
    assert "TypeScript parses" in judge(fenced("js", "interface A { b: string }")).reason
    # A label that is wrong is no excuse where this very language was asked for.
    assert not judge(fenced("python", "const x = () => 1;"), "Write a Python script that prints 1.").is_valid


@pytest.mark.parametrize(
    ("label", "language"),
    [
        ("jsx", "javascript"),
        ("src/app.ts", "typescript"),
        ("python3.12", "python"),
        ("c++", "cpp"),
        ("{.rust", "rust"),
        ("text", ""),
        ("", ""),
        ("elixir", "elixir"),
    ],
)
def test_labels_name_their_language(label, language):
    assert of_label(label) == language


def test_an_answer_of_tool_calls_or_json_owes_no_code_block():
    asked = "Write a Python function that adds."
    call = {"id": "1", "type": "function", "function": {"name": "run", "arguments": "{}"}}
    assert syntax_validator("", CheckContext(asked, "", tool_calls=(call,))).is_valid
    assert not syntax_validator("", CheckContext(asked, "")).is_valid
    form = {"type": "json_object"}
    assert syntax_validator('{"code": "f("}', CheckContext(asked, '{"code": "f("}', response_format=form)).is_valid
    assert not syntax_validator('{"code": ', CheckContext(asked, '{"code": ', response_format=form)).is_valid


@pytest.mark.parametrize(
    "language", ["javascript", "typescript", "go", "rust", "java", "c", "bash", "sql", "html", "css"]
)
def test_a_grammar_that_is_not_installed_does_not_count(language, monkeypatch):
    monkeypatch.setitem(sys.modules, f"tree_sitter_{language}", None)
    grammars._language.cache_clear()
    verdict = judge(fenced(language, "(((<div"))
    assert verdict.is_valid
    assert INSTALL in verdict.reason
    assert [(check.score, check.passed) for check in verdict.checks] == [(None, True)]
    monkeypatch.undo()
    assert not judge(fenced(language, "(((<div")).is_valid


@pytest.mark.parametrize(("module", "label", "code"), [("tree_sitter", "js", "((("), ("yaml", "yaml", "a: [")])
def test_a_parser_that_is_not_installed_does_not_count(module, label, code, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    grammars._language.cache_clear()
    assert INSTALL in judge(fenced(label, code)).reason
    # What needs no package is judged all the same.
    both = judge(fenced(label, code) + fenced("python", "f("))
    assert not both.is_valid
    assert "block 2" in both.reason


def test_a_tree_sitter_without_a_time_limit_is_not_used(monkeypatch):
    import tree_sitter

    def parser(_language, **options):
        raise TypeError(f"unexpected {options}")

    monkeypatch.setattr(tree_sitter, "Parser", parser)
    assert "tree-sitter<0.26" in judge(fenced("c", "int a = ;")).reason


def test_junk_that_no_parser_finishes_is_left_unjudged():
    verdict = judge(fenced("rust", "+-" * 8000))
    assert verdict.is_valid
    assert "too tangled" in verdict.reason


def test_references_that_multiply_in_yaml_build_nothing():
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))
    assert judge(fenced("yaml", f"a0: &a0 x\n{levels}")).is_valid
    assert "nested too deep" in judge(fenced("yaml", "[" * 5000)).reason
    assert "nested too deep" in judge(fenced("yaml", "- " * 300 + "x")).reason


def test_only_the_head_of_a_long_answer_is_read():
    long = judge("```python\nx = [\n" + "1,\n" * 20_000 + "]\n```")
    assert long.is_valid
    assert "is not judged: its end was not read" in long.reason
    assert judge("la femme, " * 1_000_000).is_valid
    assert not judge("```python\ndef f(:\n```\n" + "words " * 20_000).is_valid


def test_code_quoted_from_the_question_is_not_the_answers():
    broken = "def f(x)\n    return x"
    asked = f"Why does this fail?\n```python\n{broken}\n```"
    assert judge(fenced("python", broken) + fenced("python", "def f(x):\n    return x"), asked).is_valid
    assert not judge(fenced("python", broken)).is_valid


@pytest.mark.parametrize(
    ("before", "valid"),
    [
        ("**Wrong:**", True),
        ("❌ Bad", True),
        ("The next line is a syntax error:", True),
        ("This does not compile:", True),
        ("Your original code:", True),
        ("Output:", True),
        ("Here is your code:", False),
        ("This handles invalid input:", False),
        ("Instead of a loop, use this:", False),
        ("This version fixes the syntax error:", False),
        ("It prints the output of both:", False),
    ],
)
def test_the_words_before_a_block_say_whether_it_is_meant_to_work(before, valid):
    assert judge(fenced("js", "const a = ;", before=before)).is_valid is valid


def test_every_fault_says_its_line():
    verdict = judge(fenced("javascript", "const a = 1;\n\nconst b = ;\n"))
    assert verdict.reason == "syntax_validator: the JavaScript does not parse: unexpected “=” at line 3"
    page = fenced("html", "<p>a</p>\n<style>\n.a {\n  color red;\n}\n</style>")
    assert "at line 4" in judge(page).reason


def test_nothing_is_imported_before_code_is_judged():
    code = (
        "import sys; import cascadeflow.quality.validators as v; v.find_validator('syntax_validator')('Paris.'); "
        "v.find_validator('code_quality_validator')('Paris.'); "
        "assert not {'tree_sitter', 'pyflakes', 'yaml', 'tomllib', 'litellm'} & set(sys.modules), sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


LABELS = st.sampled_from(
    [*"python js ts tsx go rust java c bash console sql html css json toml yaml pycon diff kotlin".split(), ""]
)
PIECES = st.sampled_from(
    ["(", ")", "{", "}", "[", "]", "<", ">", '"', "'", "`", "\n", "    ", "\t", "def f(x):\n", "if x", "...", "…", "=", ";",
     "SELECT a FROM t", "<div>", "</div>", "<script>", "fn f() {", "&a ", "*a ", "- ", ": ", "#", "//", "/*", "$ ", ">>> ",
     "\x00", "\ud800", "é", "字", "{{", "%}", "case", "else:", "<<EOF", "@x", ":p", "\r\n", "\\", "return", "1", "x"]
)  # fmt: skip
CODE = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join))
PROMPTS = [
    HOW,
    "Write a Python function that adds.",
    "Write a SQL query.",
    "Give me a JSON object.",
    'def f(a):\n    """Do."""\n',
]


@settings(deadline=None, max_examples=150)
@given(prompt=st.sampled_from(PROMPTS), label=LABELS, code=CODE, bare=st.booleans())
@example(prompt=HOW, label="python", code="-" * 40_000 + "1", bare=False)
@example(prompt=HOW, label="python", code="a" + ".b" * 15_000, bare=False)
@example(prompt=HOW, label="html", code="<div>" * 9_000, bare=False)
@example(prompt=HOW, label="json", code="[" * 40_000, bare=False)
@example(prompt=HOW, label="toml", code="a = " + "[" * 40_000, bare=False)
@example(prompt=HOW, label="yaml", code="a: \ud800", bare=False)
@example(prompt=HOW, label="sql", code="select a," * 5_000, bare=True)
@example(prompt=HOW, label="", code="`" * 40_000, bare=False)
def test_no_answer_makes_it_raise(prompt, label, code, bare):
    text = code if bare else f"Look:\n```{label}\n{code}\n```\nDone."
    verdict = judge(text, prompt)
    assert verdict.reason.startswith("syntax_validator: ")
    assert verdict.is_valid is all(check.passed for check in verdict.checks)
    for check in verdict.checks:
        assert check.passed or (check.score == 0 and check.reason)
