"""Stops an answer that goes round in circles: it would be rejected at its end, and every token costs."""

from __future__ import annotations

from dataclasses import dataclass, field

PROBE_TOKENS = 64
"""Tokens between two looks at the text."""
_TAIL_PIECES = 4 * PROBE_TOKENS

FINISH_REASON = "loop"
"""What the record of a stopped answer says in the place of the provider's word."""


@dataclass(slots=True)
class LoopWatch:
    """Watches one answer while it comes.

    Args:
        prompt: the question; one that asks for repetition is believed.

    Attributes:
        next_probe: tokens at which the text is looked at again.
        suspected: whether the last look found a loop; two in a row are one.
    """

    prompt: str
    next_probe: int = PROBE_TOKENS
    suspected: bool = field(default=False, init=False)

    def stuck(self, pieces: list[str], tokens: int) -> bool:
        """Whether the answer should be stopped.

        Args:
            pieces: what has come so far.
            tokens: how many tokens that is.
        """
        if tokens < self.next_probe:
            return False
        self.next_probe = tokens + PROBE_TOKENS
        from cascadeflow.quality.context import CheckContext
        from cascadeflow.quality.repetition import check_repetition

        tail = "".join(pieces[-_TAIL_PIECES:])
        loops = not check_repetition(CheckContext(prompt=self.prompt, text=tail)).passed
        stuck = loops and self.suspected
        self.suspected = loops
        return stuck
