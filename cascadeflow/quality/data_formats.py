"""JSON, TOML and YAML in answers: read by real parsers, built into nothing."""

from __future__ import annotations

import json
from itertools import takewhile

from cascadeflow.quality.grammars import Fault, NotJudged
from cascadeflow.quality.jsontext import NoJson
from cascadeflow.quality.jsontext import parse as parse_json
from cascadeflow.quality.text import pattern

DEPTH = 100
"""Levels of YAML that are read; more is not judged."""

_DOTS = r"(?:\.\.\.|…)"


def json_fault(code: str) -> Fault | None:
    """Where JSON breaks. Comments, omissions (``...``), a part without its braces, and values line by line are fine.

    Args:
        code: the text of a code block.

    Returns:
        The first fault of the text as it stands; None: it can be read.
    """
    try:
        parse_json(code)
    except NoJson as error:
        first = str(error)
    else:
        return None
    bare = _without_comments(code)
    part = f"{{{bare.strip().rstrip(',')}}}" if pattern(r"\s*\"[^\"\n]*\"\s*:").match(bare) else bare
    if _reads(part) or (bare.strip() and _are_values(bare.strip())):
        return None
    at = pattern(r"at line (\d+)").search(first)
    return Fault(first, int(at[1]) if at else 1)


def _without_comments(code: str) -> str:
    string = r"\"(?:[^\"\\\n]|\\.)*\""
    kept = pattern(rf"({string})|//[^\n]*|/\*[\s\S]*?\*/|(?<=[\s,\[{{]){_DOTS}(?=[\s,\]}}])").sub(
        lambda found: found[1] or "", code
    )
    kept = pattern(rf"({string})|,(?:\s*,)+").sub(lambda found: found[1] or ",", kept)
    return pattern(rf"({string})|,(?=\s*[\]}}])").sub(lambda found: found[1] or "", kept)


def _are_values(code: str) -> bool:
    """Whether it is several values one after another, as lines of JSON or a request with its response."""
    decoder = json.JSONDecoder()
    position = 0
    while position < len(code):
        if code[position].isspace():
            position += 1
            continue
        if code[position] not in "{[":
            return False
        try:
            _, position = decoder.raw_decode(code, position)
        except (ValueError, RecursionError):
            return False
    return True


def _reads(code: str) -> bool:
    try:
        parse_json(code)
    except NoJson:
        return False
    return True


def toml_fault(code: str) -> Fault | None:
    """Where TOML breaks; lines of dots stand for what was left out."""
    import tomllib

    text = pattern(rf"(?m)^[ \t]*{_DOTS}[ \t]*$").sub("", code)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = pattern(r"at line (\d+)").search(str(error))
        return Fault(str(error), int(at[1]) if at else text.count("\n") + 1)
    except RecursionError:
        raise NotJudged("nested too deep") from None
    return None


def yaml_fault(code: str) -> Fault | None:
    """Where YAML breaks. Its events are read and no value is built, so that a bomb of references stays one line.

    Raises:
        NotJudged: PyYAML is missing, or it is nested too deep.
    """
    try:
        import yaml
    except ImportError:
        raise NotJudged("not installed: pip install 'cascadeflow-console[code]'") from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    anchors: set[str] = set()
    depth = 0
    try:
        for event in yaml.parse(code, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEPTH:
                raise NotJudged("nested too deep")
            if isinstance(event, yaml.AliasEvent) and event.anchor not in anchors:
                line = event.start_mark.line + 1
                return Fault(f"*{event.anchor} at line {line} refers to nothing", line)
            anchors.update(filter(None, [getattr(event, "anchor", None)]))
    except yaml.MarkedYAMLError as error:
        if "nesting depth" in str(error.problem):
            raise NotJudged("nested too deep") from None
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return Fault(f"{error.problem} at line {line}", line)
    except yaml.YAMLError as error:
        said = "".join(takewhile(lambda mark: mark != "\n", str(error)))
        return Fault(said, 1)
    return None
