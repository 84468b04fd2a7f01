"""What the learned gate reads off a question and an answer: a few dozen numbers, each with a name.

Shape and wording are read of every answer; the numbers in it where the question has some or asks for
some; the code where there is code. All of it is plain text work, bounded by `READ`.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import log1p
from typing import NamedTuple

from cascadeflow.quality.asked import Asked
from cascadeflow.quality.final_answer import final_answer
from cascadeflow.quality.kinds import Kind, kind_of
from cascadeflow.quality.text import pattern
from cascadeflow.quality.tracing import trace_features, written_features
from cascadeflow.quality.working import working_features

READ = 6_000
"""Characters of a question and of an answer that are read; of longer ones the start and the end."""
_EDGE = 1_500
BARE = 60
"""Characters below which an answer is a bare result: its shape and wording tell nothing."""
_WORD = r"[a-z]+(?:'[a-z]+)?"

_SAID = frozenset(
    "however but so therefore since because if assume we i need now next must no would should same error note correct "
    "given using total step all times are to the of result returns return string list empty index value function quadratic symmetry unchanged".split()
)
_SAYS = {word: f"says:{word}" for word in _SAID}
_ASKED = frozenset(
    "if each every per percent half twice than more less times total left remaining how many much after before all first "
    "week day year hour price cost same average ratio what find prove value possible distinct probability function "
    "polynomial triangle circle let integers positive sum write explain code python list string for while return in not "
    "given using check number".split()
)
_SIGNS = (
    ("mark_bold", "**"), ("mark_tick", "`"), ("mark_latex", "\\"), ("mark_dollar", "$"), ("mark_equals", "="),
    ("mark_quote", '"'), ("mark_single", "'"), ("mark_paragraph", "\n\n"), ("mark_bullet", "\n- "), ("mark_heading", "\n#"),
    ("mark_question", "?"), ("mark_shout", "!"), ("mark_bracket", "("), ("mark_colon", ":"), ("mark_comma", ","),
    ("mark_stop", "."), ("mark_fence", "```"),
)  # fmt: skip


class Question(NamedTuple):
    """What is read of a question; every draft for it asks again.

    Attributes:
        kind: its kind.
        text: what is read of it.
        words: its different words, lower case.
        features: by name.
    """

    kind: Kind
    text: str
    words: frozenset[str]
    features: dict[str, float]


def answer_features(question: Question, text: str) -> dict[str, float]:
    """What the learned gate looks at in an answer.

    Args:
        question: from `read_question`.
        text: the answer.

    Returns:
        Features by name; those that do not apply are left out.
    """
    prompt, kind = question.text, question.kind
    text, size = _cut(text), len(text)
    features: dict[str, float] = {}
    if size >= BARE:
        _shape(question, text, size, features)
    final = final_answer(text)
    features["final_field"] = float(final.source == "field")
    features["final_stated"] = float(final.source == "stated")
    features["final_length"] = log1p(len(final.text))
    features["final_place"] = final.start / max(1, len(text))
    features["final_words"] = float(min(6, final.text.count(" ")))
    features["final_fraction"] = float("frac" in final.text or "/" in final.text)
    features["final_root"] = float("sqrt" in final.text or "√" in final.text)
    features["final_equation"] = float("=" in final.text)
    features["final_minus"] = float(final.text[:3].lstrip("$ ").startswith("-"))
    if kind in {"sums", "notation"}:
        features.update(working_features(prompt, text, final))
        _unit(prompt, text[max(0, final.start - 150) :], features)
    elif kind == "trace":
        features.update(trace_features(prompt, text, final))
    elif kind == "function":
        features.update(written_features(text))
    return features


def _cut(text: str) -> str:
    return text if len(text) <= READ else f"{text[: READ - _EDGE]}\n{text[-_EDGE:]}"


@lru_cache(maxsize=64)
def read_question(prompt: str, asked: Asked, domain: str = "general") -> Question:
    """Kind and features of a question.

    Args:
        prompt: the question.
        asked: the form of answer that is asked for.
        domain: its domain.
    """
    prompt = _cut(prompt)
    words = pattern(_WORD).findall(prompt.lower())
    counts = Counter(words)
    digits = pattern(r"\d+").findall(prompt)
    features = {
        "asked_length": log1p(len(prompt)),
        "asked_words": log1p(len(words)),
        "asked_lines": log1p(prompt.count("\n")),
        "asked_numbers": log1p(len(digits)),
        "asked_latex": log1p(prompt.count("\\")),
        "asked_dollar": log1p(prompt.count("$")),
        "asked_figure": float("[asy]" in prompt),
        "asked_sentences": log1p(prompt.count(". ") + prompt.count("? ")),
        "asked_percent": float(min(4, prompt.count("%"))),
        "asked_decimals": float(min(4, len(pattern(r"\d\.\d").findall(prompt)))),
        "asked_brackets": log1p(prompt.count("(")),
        "asked_equals": log1p(prompt.count("=")),
        "asked_largest": float(min(8, max(map(len, digits), default=0))),
        "asked_word_size": sum(map(len, words)) / max(1, len(words)),
    }
    for word in counts.keys() & _ASKED:
        features[f"asks:{word}"] = float(min(3, counts[word]))
    for word in _ASKED - counts.keys():
        features[f"asks:{word}"] = 0.0
    return Question(kind_of(prompt, asked, domain), prompt, frozenset(words), features)


def _shape(question: Question, text: str, size: int, features: dict[str, float]) -> None:
    words = pattern(_WORD).findall(text.lower())
    counts = Counter(words)
    total = max(1, len(words))
    features["length"] = log1p(size)
    features["length_for_question"] = log1p(size) - log1p(len(question.text))
    features["brevity"] = 1 / (1 + (size / 500) ** 0.5)
    features["words"] = log1p(len(words))
    features["lines"] = log1p(text.count("\n") + text.count("\\n"))
    features["word_size"] = sum(map(len, words)) / total
    features["variety"] = len(counts) / total**0.7
    features["json"] = float(text.lstrip()[:1] == "{")
    features["json_block"] = float("```json" in text)
    features["ends"] = float(text.rstrip()[-1:] in tuple('.!?}`)]"'))
    shared = len(question.words & counts.keys())
    features["shared_of_question"] = shared / max(1, len(question.words))
    features["shared_of_answer"] = shared / max(1, len(counts))
    for name, sign in _SIGNS:
        features[name] = log1p(text.count(sign))
    enough = total > 20
    for word in _SAID:
        count = counts.get(word, 0)
        features[_SAYS[word]] = (min(4.0, count * 100 / total) if enough else 1.0) if count else 0.0


def _unit(prompt: str, ending: str, features: dict[str, float]) -> None:
    """Whether the answer ends in the unit that is asked for."""
    question = prompt[max(0, prompt.lower().rfind("how ")) :][-300:].lower()
    unit = pattern(r"how (?:many|much) (?:more |fewer |less |total |additional )?([a-z]+)").search(question)
    ending = ending.lower()
    features["unit_asked"] = float(unit is not None)
    features["unit_said"] = float(unit is not None and unit[1].rstrip("s") in ending)
    money = pattern(r"\b(?:dollars?|cost|money|earn|pay)|\$").search(question) is not None
    features["money_asked"] = float(money)
    features["money_said"] = float(money and ("$" in ending or "dollar" in ending or "cent" in ending))
    features["asks_difference"] = float(pattern(r"\b(?:more|less|fewer|left|remain\w*)\b").search(question) is not None)
    features["asks_share"] = float(pattern(r"\b(?:each|average|per|percent)\b|%").search(question) is not None)
