"""`syntax_validator`: does the code of an answer parse, and is there any where code was asked for?"""

from __future__ import annotations

import time
from dataclasses import replace

from cascadeflow.quality.code_blocks import CodeBlock, demanded, find_blocks
from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.grammars import NotJudged
from cascadeflow.quality.jsontext import NoJson, answered_json
from cascadeflow.quality.languages import display, recognise
from cascadeflow.quality.snippets import find_fault
from cascadeflow.schema import CheckResult, Verdict

NAME = "syntax_validator"
CHECK = "syntax"
PATIENCE = 1.0
"""Seconds after which no further code block of an answer is begun."""

_KIN = (
    {"javascript", "typescript", "tsx", "html"},
    {"c", "cpp"},
    {"bash", "console"},
    {"json", "jsonc", "jsonl"},
    {"python", "pycon"},
    {"css", "html"},
)


def syntax_validator(text: str, context: CheckContext | None = None) -> Verdict:
    r"""Parses the code of an answer: code blocks by their label or content, or code that stands there bare.

    Python is read by Python's own parser, JSON, TOML and YAML by theirs, and JavaScript, TypeScript, Go,
    Rust, Java, C, Bash, SQL, HTML and CSS by tree-sitter's grammars (extra ``code``). Nothing is run.
    Parts of programs, ``...`` for what is left out, templates and examples of what does not work are
    no faults. A language without a parser here, or whose package is not installed, does not count, and
    the reason says so.

    Args:
        text: the answer; its first 50,000 characters are read.
        context: the question with it; None: the text alone is judged.

    Returns:
        Invalid where a piece of code does not parse (the reason has the line), where code was asked
        for and none came, and where it came in another language than the one asked for.

    Example:
        >>> valid, reason = syntax_validator("```python\nprint('hi'\n```")
        >>> reason
        "syntax_validator: the Python does not parse: '(' was never closed at line 1: “print('hi'”"
    """
    asking = with_text(text, context)
    return verdict(NAME, judge_blocks(asking, find_blocks(asking)))


def with_text(text: str, context: CheckContext | None) -> CheckContext:
    """The context a validator judges by: the one it was given, about this text."""
    if context is None:
        return CheckContext("", text)
    return context if context.text == text else replace(context, text=text)


def judge_blocks(context: CheckContext, blocks: tuple[CodeBlock, ...]) -> tuple[CheckResult, ...]:
    """What the parsers say of each piece of code; one result where there is none, or none of those asked for.

    Args:
        context: question and answer.
        blocks: the answer's, from `code_blocks.find_blocks`.
    """
    if context.asked.json or (context.response_format or {}).get("type") in {"json_object", "json_schema"}:
        return (_asked_json(context),)
    if not blocks:
        missing = context.asked.code and not context.tool_calls
        return (_wrong("code was asked for, none came") if missing else CheckResult(name=CHECK, reason="no code"),)
    wanted = demanded(context)
    others = {block.language for block in blocks}
    if wanted and "" not in others and not any(_related(language, wanted) for language in others):
        came = " and ".join(sorted(map(display, others)))
        return (_wrong(f"{display(wanted)} was asked for, {came} came"),)
    until = time.monotonic() + PATIENCE
    many = len(blocks) > 1
    return tuple(
        _judge(block, wanted, f"of block {block.number} " if many else "")
        if time.monotonic() < until
        else CheckResult(name=CHECK, reason=f"block {block.number} is not judged: the ones before took too long")
        for block in blocks
    )


def verdict(name: str, results: tuple[CheckResult, ...]) -> Verdict:
    """The verdict of a validator of code: invalid with the first result that failed.

    Args:
        name: the validator's.
        results: of its checks.
    """
    failed = next((result for result in results if not result.passed), None)
    counted = [result.reason for result in results if result.score is not None]
    said = failed.reason if failed else "; ".join(counted or [result.reason for result in results if result.reason])
    return Verdict(is_valid=failed is None, reason=f"{name}: {said}", deciding=name, checks=results)


def _asked_json(context: CheckContext) -> CheckResult:
    try:
        answered_json(context)
    except NoJson as error:
        return _wrong(f"JSON was asked for: {error}")
    return CheckResult(name=CHECK, score=1.0, threshold=0.5, reason="the JSON parses")


def _judge(block: CodeBlock, wanted: str, where: str) -> CheckResult:
    language = block.language
    what = f"the {display(language)} {where}".rstrip()
    try:
        fault = find_fault(language, block.code)
        other = recognise(block.code) if fault else ""
        # A label can be wrong: what another language accepts is that language, unless this one was asked for.
        mislabelled = other and other != language and (not wanted or _related(other, wanted))
        if fault and mislabelled and find_fault(other, block.code) is None:
            what = f"the {display(other)} {where}".rstrip()
            fault = None
    except NotJudged as why:
        return CheckResult(name=CHECK, reason=f"{what} is not judged: {why}")
    if fault is None:
        return CheckResult(name=CHECK, score=1.0, threshold=0.5, reason=f"{what} parses")
    if block.cut or block.aside:
        why_not = block.aside or "its end was not read"
        return CheckResult(name=CHECK, reason=f"{what} is not judged: {why_not}")
    return _wrong(f"{what} does not parse: {fault.reason}")


def _related(language: str, wanted: str) -> bool:
    return language == wanted or any({language, wanted} <= family for family in _KIN)


def _wrong(reason: str) -> CheckResult:
    return CheckResult(name=CHECK, score=0.0, threshold=0.5, passed=False, reason=reason)
