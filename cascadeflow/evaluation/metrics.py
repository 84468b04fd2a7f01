"""How well a score tells right from wrong, and whether it means what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

BINS = 10
"""Groups of the calibration error."""


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """What accepting everything from a score on means.

    Attributes:
        threshold: the score from which answers are accepted.
        accepted: how many are.
        wrong: how many of those are wrong.
    """

    threshold: float
    accepted: int
    wrong: int


class ScoredLabels:
    """Scores with labels, sorted once so that resamples of them are measured in one pass.

    Args:
        scores: one for each answer, higher meaning more surely right.
        right: whether each answer is right.
    """

    def __init__(self, scores: Sequence[float], right: Sequence[bool]) -> None:
        self._levels = sorted(set(scores))
        place = {score: level for level, score in enumerate(self._levels)}
        # levels of right answers come first, so that one list counts both kinds
        self._slots = [place[score] + (0 if good else len(place)) for score, good in zip(scores, right, strict=True)]

    def auroc(self, sample: Sequence[int] | None = None) -> float | None:
        """Probability that a right answer scores above a wrong one; ties count a half.

        Args:
            sample: positions of the answers that count, each as often as it is named; None: all once.

        Returns:
            From 0 to 1; None where all answers are right, or all are wrong.

        Example:
            >>> ScoredLabels([0.9, 0.6, 0.6, 0.2], [True, True, False, False]).auroc()
            0.875
        """
        right = wrong = twice_won = 0
        for right_here, wrong_here in self._tally(sample):
            twice_won += right_here * (2 * wrong + wrong_here)
            right += right_here
            wrong += wrong_here
        return twice_won / (2 * right * wrong) if right and wrong else None

    def calibration_error(self, sample: Sequence[int] | None = None) -> float:
        """Expected calibration error: how far, on average, the score is from the share of right answers.

        Answers are put in order of their score into about `BINS` groups of the same size, equal
        scores into the same group (Nixon et al. 2019, "Measuring Calibration in Deep Learning",
        adaptive calibration error).

        Args:
            sample: as for `auroc`.
        """
        total = len(self._slots) if sample is None else len(sample)
        gap = score_sum = 0.0
        size = right = seen = 0
        for score, (right_here, wrong_here) in zip(self._levels, self._tally(sample), strict=True):
            here = right_here + wrong_here
            size += here
            seen += here
            score_sum += here * score
            right += right_here
            if size * BINS >= total or seen == total:
                gap += abs(score_sum - right)
                size, right, score_sum = 0, 0, 0.0
        return gap / total if total else 0.0

    def risk_coverage(self) -> Iterator[RiskPoint]:
        """What each threshold accepts, from the strictest to the laxest."""
        accepted = wrong = 0
        for score, (right_here, wrong_here) in reversed(list(zip(self._levels, self._tally(None), strict=True))):
            accepted += right_here + wrong_here
            wrong += wrong_here
            yield RiskPoint(score, accepted, wrong)

    def _tally(self, sample: Sequence[int] | None) -> Iterator[tuple[int, int]]:
        """Right and wrong answers at each level, from the lowest."""
        slots = self._slots if sample is None else map(self._slots.__getitem__, sample)
        levels = len(self._levels)
        counts = [0] * (2 * levels)
        for slot, count in Counter(slots).items():
            counts[slot] = count
        return zip(counts[:levels], counts[levels:], strict=True)
