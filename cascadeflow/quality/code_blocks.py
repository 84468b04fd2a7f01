r"""The code of an answer: its code blocks, or code that stands there bare; each with its language."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.languages import of_label, recognise
from cascadeflow.quality.python_code import LIMIT, bare_python
from cascadeflow.quality.text import Fence, find_fences, pattern

MOST = 20
"""Code blocks of an answer that are judged."""

_WRONG = (
    r"(?i)^\W*(?:the )?(?:wrong|incorrect|invalid|bad|broken|buggy|faulty|don't|do not|avoid|pseudo-?code)\b"
    r"(?: \w+){0,2}\W*$|^\W*instead of\W*$|\b(?:is|are|was) (?:wrong|incorrect|invalid|broken|buggy|faulty)\b|"
    r"\b(?:won't|doesn't|will not|does not|can't|cannot) (?:work|compile|parse|run)\b|"
    r"\b(?:is|has|gives|raises|causes) an? (?:\w+ )?syntax ?error|\byour (?:original|current|existing) code\b|\boutput:?\W*$|❌|✗"
)
_COMMENT = r"\s*(?://|#(?=\s|$)|--|/\*|\*|<!--|$)"


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A piece of code.

    Attributes:
        number: which block of the answer, from 1; 0: it stands there bare.
        language: a name of `languages`; empty: nobody knows.
        sure: whether a label said so.
        code: the text, not indented as a whole.
        cut: whether the end is missing because only so much of an answer is read.
        aside: why it is no part of what the answer offers as working code; else empty.
    """

    number: int
    language: str
    sure: bool
    code: str
    cut: bool = False
    aside: str = ""


def find_blocks(context: CheckContext) -> tuple[CodeBlock, ...]:
    r"""The code of an answer.

    Args:
        context: question and answer; the first 50,000 characters are read.

    Returns:
        Every code block with more than comments in it; where there is none, the code that stands
        there bare; empty where the answer is prose.

    Example:
        >>> find_blocks(CheckContext("", "See:\\n```js\\nf()\\n```"))[0].language
        'javascript'
    """
    text = _readable(context.text[:LIMIT])
    fences = find_fences(text)
    if not fences:
        return tuple(filter(None, [_bare(context, text)]))
    longest = max(fences, key=lambda fence: len(fence.body))
    found = []
    for number, fence in enumerate(fences, 1):
        code = _body(fence, text)
        if all(pattern(_COMMENT).match(line) for line in code.splitlines()):
            continue
        language = of_label(fence.language)
        sure = bool(language)
        if not language:
            language = recognise(code) or (demanded(context) if fence is longest and len(fences) == 1 else "")
        cut = not fence.closed and len(context.text) > LIMIT
        found.append(CodeBlock(number, language, sure, code, cut, _aside(context, text, fence, code)))
    return tuple(found[:MOST])


def demanded(context: CheckContext) -> str:
    """The language the question asks for, beyond doubt; else empty."""
    asked = context.asked
    if asked.completion:
        return "python"
    if not asked.code or not asked.language:
        return ""
    words = context.prompt[:4000].lower()
    name = pattern(r"([^\w])").sub(r"\\\1", asked.language)
    near = rf"\b(?:in|using) (?:plain |pure |modern |vanilla )?{name}(?![\w+#])|(?<![\w+#]){name} (?:\w+ )?(?:code|program|function|script|class|method|query)s?\b"
    return of_label(asked.language) if pattern(near).search(words) else ""


def _readable(text: str) -> str:
    # Half a character can come out of a stream that was cut; no parser takes it.
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")


def _body(fence: Fence, text: str) -> str:
    body = fence.body
    if text[fence.start : fence.end].lstrip(" \t").startswith(">"):
        body = pattern(r"(?m)^[ \t]*>[ \t]?").sub("", body)
    return dedent(body).strip("\n")


def _aside(context: CheckContext, text: str, fence: Fence, code: str) -> str:
    if code.strip() and code.strip() in context.prompt:
        return "quoted from the question"
    before = text[max(0, fence.start - 300) : fence.start].rstrip().rsplit("\n", 1)[-1]
    if "```" not in before and pattern(_WRONG).search(before):
        return "shown as an example of what does not work"
    return ""


def _bare(context: CheckContext, text: str) -> CodeBlock | None:
    asked = context.asked
    wanted = demanded(context)
    python = bare_python(context) if len(context.text) <= LIMIT else ""
    if python:
        return CodeBlock(0, "python", sure=wanted == "python", code=python)
    lines = text.strip().splitlines()
    first = next((i for i, line in enumerate(lines) if line.strip() and not is_prose(line)), len(lines))
    if first > 0 and not asked.code:
        return None
    code = "\n".join(lines[first : _end(lines, first)]).strip("\n")
    language = recognise(code)
    if language or (asked.code and _looks_like_code(code)):
        return CodeBlock(0, language or wanted, sure=False, code=code, cut=len(context.text) > LIMIT)
    return _inline(text, wanted) if asked.code else None


def _end(lines: list[str], first: int) -> int:
    """Where words begin again behind the code."""
    for i in range(first + 1, len(lines)):
        if not lines[i - 1].strip() and is_prose(lines[i]):
            return i
    return len(lines)


def is_prose(line: str) -> bool:
    """Whether a line is a sentence: it begins like one, has three words, and ends like one or has no sign of code."""
    words = line.rstrip()
    if len(words.split()) < 3 or not pattern(r"(?:[*_#>“\"'-]+ ?|\d+[.)] )?[A-Z]").match(words):
        return False
    if pattern(r"[a-z)’\"”`*_][.!?:]$").search(words):
        return True
    # Words in capitals are those of SQL.
    return pattern(r"[A-Z][A-Z]|.*[(){}\[\]=;<>]").match(words) is None


def _looks_like_code(code: str) -> bool:
    lines = [line for line in code.splitlines() if line.strip()]
    coded = [
        line
        for line in lines
        if pattern(r"[;{}]\s*$|^\s*[\w.]+\s*(?:=|:=|<-)\s*\S|^\s*\w+\(.*\)\s*$|=>|->|^\s*[#/]").search(line)
    ]
    return bool(lines) and (len(coded) * 2 >= len(lines))


def _inline(text: str, wanted: str) -> CodeBlock | None:
    """Code in a sentence, in backticks or as an expression between slashes."""
    found = pattern(r"`([^`\n]{4,})`|(/[^/\n ]{3,}/)").findall(text)
    spans = [quoted or slashed for quoted, slashed in found if pattern(r"[^\w\s.,'-]").search(quoted or slashed)]
    if not spans:
        return None
    code = max(spans, key=len)
    return CodeBlock(0, recognise(code) or wanted, sure=False, code=code)
