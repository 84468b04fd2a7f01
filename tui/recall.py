"""Earlier questions, walked through with the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence


class Recall:
    """The questions asked before, the latest last, and where the user is among them.

    What stood in the input when the walk began comes back at its end.

    Example:
        >>> recall = Recall(["first", "second"])
        >>> recall.older("half a"), recall.older("second"), recall.older("first")
        ('second', 'first', None)
        >>> recall.newer("first"), recall.newer("second"), recall.newer("half a")
        ('second', 'half a', None)
    """

    def __init__(self, questions: Sequence[str] = ()) -> None:
        self._questions = list(questions)
        self._at = len(self._questions)
        self._typed = ""

    def begin_with(self, questions: Sequence[str]) -> None:
        """Put questions of earlier days before those of today."""
        self._questions[:0] = questions
        self._at += len(questions)

    def asked(self, question: str) -> None:
        """Add a question, and stand behind it."""
        if not self._questions or self._questions[-1] != question:
            self._questions.append(question)
        self._at = len(self._questions)

    def older(self, current: str) -> str | None:
        """The question before; None: there is none.

        Args:
            current: what is in the input now.
        """
        if self._at == 0:
            return None
        if self._at == len(self._questions):
            self._typed = current
        self._at -= 1
        return self._questions[self._at]

    def newer(self, current: str) -> str | None:
        """The question after, at last what had been typed; None: that is where one is.

        Args:
            current: what is in the input now.
        """
        if self._at >= len(self._questions) or current != self._questions[self._at]:
            return None
        self._at += 1
        return self._typed if self._at == len(self._questions) else self._questions[self._at]
