"""How an answer compares with the code of a question or of itself. Nothing is run: texts are compared."""

from __future__ import annotations

from functools import lru_cache
from math import log1p

from cascadeflow.quality.final_answer import FinalAnswer
from cascadeflow.quality.text import pattern

_OPENING = {"'": "str", '"': "str", "[": "list", "(": "tuple", "{": "dict", "T": "bool", "F": "bool", "N": "none"}
_RETURNS = (
    ("str", r"join\(|\.(?:lower|upper|replace|strip|title|swapcase|format)\(|^f?['\"]|str\("),
    ("list", r"^\[|list\(|sorted\(|\.split\("),
    ("bool", r"==|!=| in |is\w+\(|True|False|startswith|endswith| and | or "),
    ("number", r"len\(|sum\(|count\(|index\(|find\(|int\("),
    ("tuple", r","),
    ("dict", r"dict|^\{"),
)
_VALUES = ("number", "str", "list", "tuple", "dict", "bool")
_MARKS = ("sort", "pop(", "split(", "join(", "replace(", "range(", "append(", "index(", "upper", "lower", "strip(", "elif",
          "while", "not ", "[::-1]", "isalpha", "find(", "-1", "remove(", "count(")  # fmt: skip


class Program:
    """What is seen of a program that a question gives."""

    __slots__ = ("features", "given", "returns")

    def __init__(self, prompt: str) -> None:
        end = prompt.rfind("==")
        start = max(prompt.rfind("assert"), prompt.rfind("print("))
        body = prompt[max(0, prompt.find("def ")) : start if start > 0 else len(prompt)]
        self.given = prompt[start:end] if 0 <= start < end else prompt[-200:]
        lines = [line for line in body.splitlines() if line.strip()]
        last = pattern(r"return ([^\n]+)").findall(body)[-1:]
        self.returns = next((kind for kind, words in _RETURNS if last and pattern(words).search(last[0])), "")
        self.features = {
            "program_lines": float(len(lines)),
            "program_depth": max((len(line) - len(line.lstrip()) for line in lines), default=0) / 4,
            "program_loops": float(len(pattern(r"\b(?:for|while)\b").findall(body))),
            "program_branches": float(len(pattern(r"\bif\b").findall(body))),
            "program_calls": float(body.count(".")),
            "program_input": log1p(len(self.given)),
            "program_items": log1p(self.given.count(",")),
        }
        for mark in _MARKS:
            self.features[f"program_has_{mark}"] = float(mark in body)


@lru_cache(maxsize=64)
def _program(prompt: str) -> Program:
    return Program(prompt)


def trace_features(prompt: str, text: str, final: FinalAnswer) -> dict[str, float]:
    """How the value an answer gives compares with the program and its input.

    Args:
        prompt: a question that gives a program and asks for its output.
        text: the answer, capped by the caller.
        final: its final answer.

    Returns:
        Features by name.
    """
    program = _program(prompt)
    said = final.text.strip().strip("`")
    core = said.strip("'\"")
    kind = "number" if pattern(r"-?\d").match(said) else _OPENING.get(said[:1], "other")
    letters = {letter for letter in core if letter.isalnum()}
    features = dict(program.features)
    features.update((f"value_{name}", float(name == kind)) for name in _VALUES)
    features.update(
        value_length=log1p(len(said)),
        value_for_input=log1p(len(said)) - log1p(len(program.given)),
        value_is_input=float(len(core) > 2 and core in program.given),
        value_new_letters=float(min(8, len(letters - set(program.given)))),
        value_foreign_letters=float(min(8, len(letters - set(prompt)))),
        value_items=log1p(said.count(",")),
        value_spaces=float(min(6, core.count(" "))),
        value_escaped=float("\\" in said),
        value_unbalanced=float(
            any(said.count(a) != said.count(b) for a, b in ("[]", "()", "{}")) or said.count("'") % 2
        ),
        value_in_working=float(min(3, text.count(core, 0, final.start))) if core else 0.0,
        value_just_before=float(bool(core) and core in text[max(0, final.start - 200) : final.start]),
        value_variety=len(set(core)) / max(1, len(core)),
        value_as_returned=float(kind == program.returns) if program.returns else 0.5,
        working_for_program=log1p(len(text))
        - 0.5 * log1p(len(program.given)) * max(1.0, program.features["program_loops"]),
    )
    return features


def written_features(code: str) -> dict[str, float]:
    """What is seen of a program that an answer writes.

    Args:
        code: the answer's code, or the whole answer; capped by the caller.

    Returns:
        Features by name.
    """
    lines = [line for line in code.splitlines() if line.strip()]
    head = pattern(r"def \w+\(([^)]{0,200})\)").search(code)
    body = code[max(head.end() if head else 0, code.rfind('"""') + 3 if '"""' in code else 0) :]
    parameters = [item.split(":")[0].split("=")[0].strip(" *") for item in head[1].split(",")] if head else []
    return {
        "code_lines": float(min(60, len(lines))),
        "code_functions": float(min(6, code.count("def "))),
        "code_branches": float(min(12, len(pattern(r"\bif\b").findall(body)))),
        "code_loops": float(min(8, len(pattern(r"\b(?:for|while)\b").findall(body)))),
        "code_returns": float(min(8, body.count("return"))),
        "code_imports": float(min(4, code.count("import "))),
        "code_depth": max((len(line) - len(line.lstrip()) for line in lines), default=0) / 4,
        "code_prints": float(min(4, code.count("print("))),
        "code_comments": float(min(8, code.count("#"))),
        "code_body": log1p(len(body)),
        "code_pass": float(body.rstrip().endswith("pass")),
        "code_parameters": float(min(6, len(parameters))),
        "code_unused": float(sum(bool(name) and name not in body for name in parameters)),
        "code_sorts": float("sort" in body),
        "code_matches": float("re." in body),
        "code_choices": float(min(6, body.count("elif"))),
    }
