"""What if: plans side by side for one question, and one's own history under other settings. No model is called."""

from cascadeflow.whatif.compare import Comparer, CompareRow, Comparison, compare
from cascadeflow.whatif.figures import Figure
from cascadeflow.whatif.outcome import Outcome, Outcomes, Values
from cascadeflow.whatif.replay import Replayer, replay
from cascadeflow.whatif.results import Curve, CurvePoint, ReplayResult, SideBySide
from cascadeflow.whatif.settings import NO_TIER, ReplaySettings

__all__ = [
    "NO_TIER",
    "CompareRow",
    "Comparer",
    "Comparison",
    "Curve",
    "CurvePoint",
    "Figure",
    "Outcome",
    "Outcomes",
    "ReplayResult",
    "ReplaySettings",
    "Replayer",
    "SideBySide",
    "Values",
    "compare",
    "replay",
]
