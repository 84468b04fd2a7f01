"""Is the answer about the question? Told by how near the two are in meaning (extra ``semantic``).

Question and answer become vectors of a sentence encoder; the cosine between them is near 0 for unrelated
texts. It tells that an answer is about something else, never that it is right: among answers that are about
the question, right and wrong ones are equally near (AUROC 0.45 to 0.51 on recorded answers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cascadeflow.embedding import NotInstalled, load_encoder
from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.english import FUNCTION_WORDS, is_english
from cascadeflow.quality.text import pattern, plain
from cascadeflow.schema import CheckResult

if TYPE_CHECKING:
    from cascadeflow.embedding import Encoder

NAME = "semantic_similarity"
COSINE = 0.25
"""An answer that is nowhere nearer to its question fails. Of 2,093 recorded answers to their own question 3 do;
of answers to a question of another kind 81 to 96 %; of answers to another question of the same kind 7 % (Python
functions that look alike) to 97 % (questions of chat users)."""
SHORTEST = 12
"""Tokens of an answer below which it has no subject of its own ("391", "Paris")."""
SEGMENTS = 4
"""Pieces of the answer that are looked at, of 254 tokens each."""
_AROUND = 2_000
"""Characters of question and earlier conversation that are read at either end."""
_OPEN = FUNCTION_WORDS | frozenset(
    "continue create describe example explain fact fun funny generate give go haiku hello help hey idea joke let like "
    "make mean motivational name interesting please poem quote random riddle say short shorter something song story "
    "surprise tell thank thanks thing think want word words write".split()
)
"""What a question may be made of and still leave its subject open ("Tell me a joke")."""


def check_semantic_similarity(context: CheckContext) -> CheckResult:
    """Fails where no part of the answer is about the question, or about the conversation before it.

    Takes 40 to 800 ms, the first time of a process 0.5 s more: not for the event loop.

    Args:
        context: question, earlier messages and answer.

    Returns:
        Twice the cosine, from 0 to 1, of the first part of the answer that is about the question, else of
        the nearest. None, with the reason, where the encoder is not installed or the cosine says nothing:
        a short answer, a question that leaves its subject open, another language than English.
    """
    try:
        encoder = load_encoder()
    except NotInstalled as error:
        return CheckResult(name=NAME, reason=f"not installed: {error}")
    answer = encoder.segments(context.head)
    silence = _silence(context, len(answer[0]) if answer else 0)
    if silence:
        return CheckResult(name=NAME, reason=silence)
    cosine = _nearest(encoder, _asked(encoder, context), answer[:SEGMENTS])
    return CheckResult(
        name=NAME,
        score=min(1.0, max(0.0, 2 * cosine)),
        threshold=2 * COSINE,
        passed=cosine >= COSINE,
        reason=f"the answer is {'about' if cosine >= COSINE else 'not about'} the question (cosine {cosine:.2f})",
    )


def _silence(context: CheckContext, tokens: int) -> str:
    """Why the cosine would say nothing; empty: it does."""
    if tokens < SHORTEST:
        return "the answer is too short to have a subject"
    if not is_english(context.prompt) or not is_english(context.head):
        return "the encoder knows English only"
    subject = {word for word in pattern(r"[^\W_]{2,}").findall(plain(context.prompt[:_AROUND])) if word not in _OPEN}
    if len(subject) < 2:
        return "the question leaves its subject open"
    return ""


def _asked(encoder: Encoder, context: CheckContext) -> list[list[int]]:
    """What the answer may be about: start and end of the question, and what was said before it."""
    start = encoder.segments(context.prompt[:_AROUND])
    asked = start[:1]
    if len(start) > 1:
        asked.append(encoder.segments(context.prompt[-_AROUND:])[-1])
    said = [item["content"] for item in context.messages[:-1] if item["role"] != "system"]
    before = "\n".join(content[-_AROUND:] for content in said if isinstance(content, str))
    return asked + encoder.segments(before[-_AROUND:])[-1:]


def _nearest(encoder: Encoder, asked: list[list[int]], answer: list[list[int]]) -> float:
    questions = [encoder.encode(segment) for segment in asked]
    best = -1.0
    for segment in answer:
        vector = encoder.encode(segment)
        best = max(best, *(float(question @ vector) for question in questions))
        if best >= COSINE:
            break
    return best
