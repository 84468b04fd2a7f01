"""A print of the gate: two gates with the same print give answers the same scores."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from cascadeflow.quality.context import CheckContext

if TYPE_CHECKING:
    from cascadeflow.quality.learned import LearnedGate

_PROBES = (
    CheckContext("What is 17 * 23?", "17 * 23 = 391"),
    CheckContext("What is 17 * 23?", "17 * 23 = 381, so the answer is 381.", "math"),
    CheckContext("What is the capital of France?", "I am not sure, but it might be Paris, I think.", "general"),
    CheckContext("What is the capital of France?", "I'm sorry, but I can't help with that."),
    CheckContext("What is the capital of France?", ""),
    CheckContext("Name three primes.", "1. 2\n2. 3\n3. 5"),
    CheckContext("Name three primes as a JSON array.", "Sure! Here they are: 2, 3, and 5."),
    CheckContext("Explain gravity.", "Gravity pulls masses towards each other, and the", finish_reason="length"),
    CheckContext("Explain gravity.", "It pulls. " * 40, "science"),
    CheckContext("Explain gravity.", "Gravity always pulls. Gravity never pulls. However, it does.", "science"),
    CheckContext("Write a function that adds.", "```python\ndef add(a, b):\n    return a + b\n```", "code"),
    CheckContext("Write a function that adds.", "```python\ndef add(a, b)\n    return a +\n```", "code"),
    CheckContext(
        "What is 2 + 2?", "Let me think about it. 2 + 2 = 4. So the total is 4 apples.", "math", logprobs=(-0.1,)
    ),
    CheckContext("How many apples are 3 and 4?", "The answer is 8. We add 3 and 4. The answer is 7.", "math"),
    CheckContext(
        "What time is it?",
        "",
        tools=({"type": "function", "function": {"name": "clock"}},),
        tool_calls=({"type": "function", "function": {"name": "clock", "arguments": "{}"}},),
    ),
    CheckContext("Translate to French: good morning", "Bonjour", "general", logprobs=(-2.0, -3.0)),
)
"""Answers that between them set off every check."""


def gate_print(checks: tuple[str, ...], gate_file: str | None = None) -> str:
    """The print of the gate that runs these checks.

    It is taken from the scores of a few fixed answers, so it changes with the checks that run, with
    their weights and with their code, with what the gate has learned, and a certificate can tell that
    it is not of this gate.

    Args:
        checks: names of the checks that run.
        gate_file: a learned gate of one's own; None: the one that is shipped.

    Raises:
        ConfigError: the file is no gate.
    """
    from cascadeflow.quality.learned import find_gate

    return print_of(checks, find_gate(gate_file))


@lru_cache(maxsize=16)
def print_of(checks: tuple[str, ...], learned: LearnedGate) -> str:
    """`gate_print` for whoever has the learned gate already."""
    from cascadeflow.quality.gate import decide, run_checks

    scores = (decide(run_checks(probe, checks), 0.0, learned.estimate(probe)).score for probe in _PROBES)
    return sha256(" ".join(f"{score:.6f}" for score in scores).encode()).hexdigest()[:12]
