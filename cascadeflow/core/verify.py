"""How the reply of a verify step is read (what it is asked: `cascadeflow.routing.verify_prompt`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cascadeflow.schema import CheckResult


@dataclass(frozen=True, slots=True)
class VerifyReply:
    """What a verifying model said.

    Attributes:
        correct: its verdict; None: it gave none that can be read.
        problems: mistakes it named.
        corrected: the answer as it should be; empty if it gave none.
    """

    correct: bool | None
    problems: tuple[str, ...] = ()
    corrected: str = ""

    def as_check(self) -> CheckResult:
        """The reply among the checks of the step."""
        if self.correct is None:
            return CheckResult(name="verify", reason="the reply holds no readable verdict, which counts as none")
        reason = "the draft is confirmed" if self.correct else "; ".join(self.problems) or "the draft is wrong"
        return CheckResult(name="verify", score=float(self.correct), threshold=0.5, passed=self.correct, reason=reason)


def read_reply(text: str, draft: str = "") -> VerifyReply:
    """Read a verdict out of a reply, with or without words or a fence around the JSON.

    Args:
        text: the reply.
        draft: the answer it is about; one that is called wrong and handed back unchanged gets no verdict.

    Returns:
        The verdict; ``correct`` is None where there is none.

    Example:
        >>> read_reply('{"verdict": "incorrect", "problems": ["17 * 23 is 391"], "corrected_answer": "391"}').corrected
        '391'
        >>> read_reply("Looks fine to me!").correct is None
        True
    """
    data = _first_object(text)
    verdict = str(data.get("verdict", "")).strip().lower() if data is not None else ""
    if data is None or verdict not in ("correct", "incorrect"):
        return VerifyReply(None)
    problems = data.get("problems")
    listed = tuple(str(item) for item in problems) if isinstance(problems, list) else ()
    corrected = data.get("corrected_answer")
    better = corrected.strip() if isinstance(corrected, str) else ""
    if verdict == "incorrect" and better and better == draft.strip():
        return VerifyReply(None)
    return VerifyReply(verdict == "correct", listed, better)


def _first_object(text: str) -> dict[str, Any] | None:
    decoder = json.JSONDecoder(strict=False)
    start = text.find("{")
    while start != -1:
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
            continue
        if isinstance(value, dict) and "verdict" in value:
            return value
        start = text.find("{", start + 1)
    return None
