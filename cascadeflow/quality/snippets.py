"""Does a piece of code parse, as the whole or as the part of a program that it is?

People show code in parts: a method without its class, a clause without its statement, ``...`` for
what is left out. So a piece that does not parse alone is tried again with its dots replaced, then
inside what such a part stands in. Nothing is executed.
"""

from __future__ import annotations

from collections.abc import Iterator

from cascadeflow.quality import data_formats, grammars, markup, python_syntax, sql_dialects
from cascadeflow.quality.grammars import Fault, NotJudged
from cascadeflow.quality.languages import display
from cascadeflow.quality.text import pattern

_DOTS = r"(?:\.\.\.|…)"
_BLANK = r"[ \t]*"
_SCRIPT_WHOLES = ("class _ {{\n{}\n}}", "({{\n{}\n}})", "(\n{}\n)")
_WHOLES = {
    "javascript": _SCRIPT_WHOLES,
    "typescript": (*_SCRIPT_WHOLES, "interface _ {{\n{}\n}}"),
    "tsx": (*_SCRIPT_WHOLES, "interface _ {{\n{}\n}}"),
    "go": ("func _() {{\n{}\n}}", "type _ struct {{\n{}\n}}"),
    "rust": ("fn _() {{\n{}\n}}", "struct _ {{\n{}\n}}", "match _x {{\n{}\n}}"),
    "java": ("class _ {{\n{}\n}}",),
    "c": ("void _(void) {{\n{}\n}}",),
    "css": ("_ {{\n{}\n}}",),
}
_TEMPLATED = frozenset({"html", "css", "yaml", "toml", "json", "jsonc", "sql", "bash"})


def find_fault(language: str, code: str) -> Fault | None:
    """Where a piece of code does not parse.

    Args:
        language: a name of `languages`.
        code: the text of a code block.

    Returns:
        The first fault; None: it parses.

    Raises:
        NotJudged: no parser for the language, its package is not installed, the code is a template,
            or too tangled.

    Example:
        >>> find_fault("python", "def f(:").reason
        'invalid syntax at line 1: “def f(:”'
    """
    fault = _find(language, code)
    if fault is None:
        return None
    if language not in {"python", "pycon"} and pattern(rf"(?m)^[ \t]*{_DOTS}\s*\Z").search(code):
        raise NotJudged("its end is left out")
    if language in _TEMPLATED and pattern(r"\{\{[^{}:\n]*\}\}|\{%|<%|<\?(?:php|=)").search(code):
        raise NotJudged("a template")
    return fault


def _find(language: str, code: str) -> Fault | None:
    match language:
        case "python" | "pycon":
            return python_syntax.find_fault(code)
        case "json" | "jsonc" | "jsonl":
            return data_formats.json_fault(code)
        case "toml":
            return data_formats.toml_fault(code)
        case "yaml":
            return data_formats.yaml_fault(code)
        case "html":
            return markup.find_fault(code)
        case "bash" | "console":
            return _shell_fault(code, session=language == "console")
        case "sql":
            return _sql_fault(code)
        case _ if language in grammars.LANGUAGES:
            return _parsed(language, code)
    raise NotJudged(f"there is no parser for {display(language)} here" if language else "its language is not known")


def _parsed(language: str, code: str) -> Fault | None:
    """The fault of the code as it stands, unless it parses in one of the ways it can be meant."""
    first: Fault | None = None
    for grammar, text in _readings(language, code):
        fault = grammars.find_fault(grammar, text)
        if fault is None:
            return None
        first = first or fault
    return first


def _readings(language: str, code: str) -> Iterator[tuple[str, str]]:
    yield language, code
    if language == "typescript":
        yield "tsx", code
    settled = undotted(code)
    if settled != code:
        yield language, settled
    if settled.rstrip().endswith("{") and settled.strip().count("\n") < 8:
        # The head of a function or class, shown alone.
        yield language, f"{settled}\n}}"
    if "\n" not in settled.strip() and language in {"c", "java", "rust"}:
        yield language, f"{settled};"
    for whole in _WHOLES.get(language, ()):
        yield language, whole.format(settled)


def undotted(code: str) -> str:
    """The code with ``...`` put so that it parses; line breaks stay where they were."""
    text = pattern(rf"(?m)^([ \t]*)(?://|#)?[ \t]*{_DOTS}[ \t]*[,;]?[ \t]*$").sub(r"\1", code)
    text = pattern(rf"(?<=[{{(\[]){_BLANK}{_DOTS}{_BLANK}(?=[}})\]])").sub(" ", text)
    text = pattern(rf"(?<=[{{(\[]){_BLANK}{_DOTS}{_BLANK},").sub(" ", text)
    text = pattern(rf",{_BLANK}{_DOTS}{_BLANK}(?=[}})\]])").sub(" ", text)
    return pattern(rf"(=>|[=:]|\breturn\b)[ \t]*{_DOTS}(?=[ \t]*(?:[;,)}}\n]|$))").sub(r"\1 0", text)


def _shell_fault(code: str, *, session: bool) -> Fault | None:
    if pattern(r"(?m)^(?:PS )?[A-Z]:\\[^\n]*>").search(code):
        raise NotJudged("a Windows prompt")
    text = code
    if session or pattern(r"(?m)^[ \t]*\$ ").search(code):
        typed = pattern(r"(?m)^[^\n$#]{0,60}\$ ([^\n]*(?:\\\n[^\n]*)*)").findall(code)
        if not typed:
            raise NotJudged("a session without prompts")
        text = "\n".join(typed)
    fault = grammars.find_fault("bash", text)
    filled = pattern(r"<[A-Za-z][\w ./:-]*>|\[[A-Z_]+\]").sub("p", text)
    if fault is not None and filled != text and grammars.find_fault("bash", filled) is None:
        return None
    return fault


def _sql_fault(code: str) -> Fault | None:
    comma = sql_dialects.stray_comma(code)
    if comma is not None:
        return comma
    fault = grammars.find_fault("sql", code)
    if fault is None:
        return None
    if sql_dialects.is_procedural(code):
        raise NotJudged("a procedure in a dialect of its own")
    if sql_dialects.shows_result(code):
        raise NotJudged("a result stands with the statement")
    rewritten = sql_dialects.rewrite(code)
    return grammars.find_fault("sql", rewritten) and grammars.find_fault("sql", sql_dialects.completed(rewritten))
