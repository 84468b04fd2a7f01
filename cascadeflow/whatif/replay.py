"""One's own history under other settings: what it would have cost, and which answers would have been others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from cascadeflow.errors import ConfigError
from cascadeflow.history.filters import RunFilter
from cascadeflow.history.records import RunMarks, StoredRun
from cascadeflow.money import parse_usd
from cascadeflow.presets import PRESETS
from cascadeflow.quality.gate import WEIGHTS
from cascadeflow.quality.modes import MODES, find_mode
from cascadeflow.whatif.evidence import Evidence
from cascadeflow.whatif.outcome import Outcomes
from cascadeflow.whatif.planner import Planner
from cascadeflow.whatif.records import Recorded, Recordings
from cascadeflow.whatif.results import Curve, ReplayResult, SideBySide, point_of
from cascadeflow.whatif.settings import ReplaySettings
from cascadeflow.whatif.steps import Step
from cascadeflow.whatif.walk import Walker

if TYPE_CHECKING:
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.history import RunArchive

Runs = Iterable[StoredRun | Mapping[str, Any]]

_DAY = 86_400
_AS_RECORDED = ReplaySettings()
_NO_PLAN = "ended before they were planned"


class _Gate(NamedTuple):
    """What decides on answers; None: as recorded, of the threshold also: as planned."""

    threshold: float | None
    checks: frozenset[str] | None


class Replayer:
    """Reads runs once, and replays them under any number of settings.

    Args:
        runs: whole runs, or JSON data in their shape as `RunArchive.plain_runs` gives it, which is faster.
        marks: run → what the user noted on it, as `RunArchive.marks` gives it.

    Example:
        >>> replayer = Replayer([])
        >>> replayer.replay(ReplaySettings(mode="strict")).cost.value
        0.0
    """

    def __init__(self, runs: Runs, marks: Mapping[str, RunMarks] | None = None) -> None:
        self._recordings = Recordings(runs, marks)
        self._evidence = Evidence(self._recordings.runs)
        self._planners: dict[Any, tuple[Any, Planner]] = {}
        needed = Counter(call.threshold for run in self._recordings.runs for call in run.calls if call.threshold)
        self._usual = max(needed, key=needed.__getitem__) if needed else MODES["balanced"].threshold

    @classmethod
    def of_archive(cls, archive: RunArchive, matching: RunFilter | None = None) -> Replayer:
        """The runs of an archive, with the user's marks.

        Args:
            archive: where they are recorded.
            matching: which of them; None: all.

        Raises:
            HistoryError: the archive could not be read.
        """
        return cls(archive.plain_runs(matching or RunFilter()), archive.marks())

    @property
    def runs(self) -> int:
        """How many runs can be replayed."""
        return len(self._recordings.runs)

    def replay(self, settings: ReplaySettings = _AS_RECORDED) -> ReplayResult:
        """The runs under other settings.

        Args:
            settings: what is changed.

        Returns:
            The sums, and what becomes of each run.

        Raises:
            UnknownPresetError: no preset has the name.
        """
        planned, skipped = self._planned(settings)
        gate = self._gate(settings)
        outcomes = self._outcomes(settings, gate, planned)
        planner = self._planner(settings.preset) if settings.preset is not None else None
        return ReplayResult(
            settings=settings,
            threshold=self._here(settings),
            outcomes=outcomes,
            cost=outcomes.total("cost"),
            saved=outcomes.total_saved(self._evidence.length_ratio()),
            latency_ms=outcomes.total("latency_ms"),
            calls=outcomes.total("calls"),
            escalated=outcomes.total("escalated"),
            validated=outcomes.total("validated"),
            changed=outcomes.total("changed"),
            refused=outcomes.total("refused"),
            quality=outcomes.total("quality"),
            right=outcomes.total("right") if outcomes.labelled else None,
            labelled=outcomes.labelled,
            unpriced=outcomes.unpriced,
            rehearsal=sum(run.rehearsal for run, _ in planned),
            skipped=skipped,
            lacking=() if planner is None else planner.lacking,
        )

    def side_by_side(self, one: ReplaySettings, other: ReplaySettings) -> SideBySide:
        """The runs under two settings, and where they differ.

        Args:
            one: the settings on the left.
            other: the settings on the right.

        Raises:
            UnknownPresetError: no preset has a name.
        """
        first, second = self.replay(one), self.replay(other)
        by_run = {outcome.run_id: outcome for outcome in second.outcomes}
        pairs = ((outcome, by_run.get(outcome.run_id)) for outcome in first.outcomes)
        differing = tuple((a, b) for a, b in pairs if b is not None and (a.model, a.values) != (b.model, b.values))
        return SideBySide(one=first, other=second, differing=differing)

    def curve(self, settings: ReplaySettings = _AS_RECORDED, thresholds: Sequence[float] | None = None) -> Curve:
        """Cost against quality over thresholds, with everything else as the settings say.

        Args:
            settings: what is changed; where they are themselves is the point ``here`` of the curve.
            thresholds: from 0 to 1; None: 0 to 1 in steps of 0.05.

        Raises:
            UnknownPresetError: no preset has the name.
            ConfigError: a threshold is outside 0 to 1.
        """
        given = [step / 20 for step in range(21)] if thresholds is None else sorted(set(thresholds))
        planned, _ = self._planned(settings)
        gate = self._gate(settings)
        here = point_of(self._here(settings), self._outcomes(settings, gate, planned))
        points = []
        outcomes = Outcomes(planned)
        until = [-1.0] * len(planned)
        walker: Walker | None = None
        for threshold in given:
            changed = replace(settings, threshold=threshold)  # refuses one outside 0 to 1
            at = gate._replace(threshold=threshold)
            if settings.budget is not None:
                points.append(point_of(threshold, self._outcomes(changed, at, planned)))
                continue
            walker = self._walker(changed, at, walker)
            for number, (run, steps) in enumerate(planned):
                if until[number] < threshold:
                    outcomes.put(number, walker.shape(run, steps))
                    until[number] = walker.holds_until(run) if outcomes.exact(number) else -1.0
            points.append(point_of(threshold, outcomes))
        return Curve(points=tuple(points), here=here)

    def _gate(self, settings: ReplaySettings) -> _Gate:
        threshold, checks = None, None
        if settings.preset is not None:
            checks = frozenset(self._planner(settings.preset).agent.quality_validator.checks)
        if settings.mode is not None:
            mode = find_mode(settings.mode)
            threshold, checks = mode.threshold, frozenset(mode.checks)
        if settings.threshold is not None:
            threshold = settings.threshold
        return _Gate(threshold, None if checks is None else checks.intersection(WEIGHTS))

    def _here(self, settings: ReplaySettings) -> float:
        """The threshold under the settings; the most frequent one where there are several."""
        threshold = self._gate(settings).threshold
        if threshold is None and settings.preset is not None:
            return self._planner(settings.preset).agent.quality_validator.effective_threshold
        return self._usual if threshold is None else threshold

    def _walker(self, settings: ReplaySettings, gate: _Gate, before: Walker | None = None) -> Walker:
        return Walker(
            self._evidence,
            threshold=gate.threshold,
            planned=settings.preset is not None,
            checks=gate.checks,
            prices=settings.nano_prices(),
            before=before,
        )

    def _planned(self, settings: ReplaySettings) -> tuple[list[tuple[Recorded, tuple[Step, ...]]], dict[str, int]]:
        """Each run with the steps it has under the settings, and why runs have none."""
        skipped = Counter({_NO_PLAN: self._recordings.skipped} if self._recordings.skipped else {})
        plans = self._recordings.plans
        if settings.preset is None and settings.tier is None:
            return [(run, plans[run.plan]) for run in self._recordings.runs], dict(skipped)
        chosen = None if settings.preset is None else self._planner(settings.preset)
        planned = []
        for run in self._recordings.runs:
            if chosen is None and run.preset not in PRESETS:
                made = f"made with {run.preset}" if run.preset else "made without a preset"
                skipped[f"{made}, by which nobody can plan: give a preset"] += 1
                continue
            planner = chosen or self._planner(run.preset)
            planned.append((run, planner.steps(run, run.tier if settings.tier is None else settings.tier)))
        return planned, dict(skipped)

    def _planner(self, preset: Any) -> Planner:
        key = preset if isinstance(preset, str) else id(preset)
        if key not in self._planners:
            self._planners[key] = (preset, Planner(_agent(preset), self._recordings.runs))
        return self._planners[key][1]

    def _outcomes(
        self, settings: ReplaySettings, gate: _Gate, planned: Sequence[tuple[Recorded, tuple[Step, ...]]]
    ) -> Outcomes:
        walker = self._walker(settings, gate)
        outcomes = Outcomes(planned)
        budget = None if settings.budget is None else parse_usd(settings.budget)
        spent: dict[tuple[str, int], float] = {}
        for number, (run, steps) in enumerate(planned):
            if budget is None:
                outcomes.put(number, walker.shape(run, steps))
                continue
            purse = (run.user, int(run.started // _DAY))  # what a run costs, the next one of that day has not
            outcomes.put(number, walker.shape(run, steps, budget - spent.get(purse, 0.0)))
            spent[purse] = spent.get(purse, 0.0) + outcomes.cost(number)
        return outcomes


def _agent(preset: Any) -> CascadeAgent:
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.whatif.candidates import agent_of

    return preset if isinstance(preset, CascadeAgent) else agent_of(preset, rehearse=False)


@overload
def replay(
    runs: Runs | RunArchive, settings: ReplaySettings = ..., *, marks: Mapping[str, RunMarks] | None = ...
) -> ReplayResult: ...
@overload
def replay(
    runs: Runs | RunArchive, settings: Sequence[ReplaySettings], *, marks: Mapping[str, RunMarks] | None = ...
) -> list[ReplayResult]: ...
def replay(
    runs: Runs | RunArchive,
    settings: ReplaySettings | Sequence[ReplaySettings] = _AS_RECORDED,
    *,
    marks: Mapping[str, RunMarks] | None = None,
) -> ReplayResult | list[ReplayResult]:
    """Recorded runs under other settings, without a call.

    Args:
        runs: an archive, whole runs, or JSON data in their shape.
        settings: what is changed; several are replayed one after the other, and the runs are read once.
        marks: run → what the user noted on it; an archive has its own.

    Returns:
        For each settings the sums, each with the part that was recorded and the interval of what was not, and
        what becomes of each run.

    Raises:
        UnknownPresetError: no preset has the name.
        HistoryError: the archive could not be read.
        ConfigError: marks are given beside an archive.

    Example:
        >>> from cascadeflow.history import RunArchive
        >>> from cascadeflow.paths import history_path
        >>> strict, cheap = replay(
        ...     RunArchive(history_path()), [ReplaySettings(mode="strict"), ReplaySettings(preset="cost_optimized_saas")]
        ... )
        >>> strict.runs
        0
    """
    from cascadeflow.history import RunArchive

    if isinstance(runs, RunArchive):
        if marks is not None:
            raise ConfigError("an archive has marks of its own; give runs or an archive", key="marks")
        replayer = Replayer.of_archive(runs)
    else:
        replayer = Replayer(runs, marks)
    if isinstance(settings, ReplaySettings):
        return replayer.replay(settings)
    return [replayer.replay(one) for one in settings]
