"""Recorded runs, boiled down to what a replay needs: each is read once and asked thousands of times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from math import exp, log
from typing import Any

from cascadeflow.history.records import RunMarks, RunSummary, StoredRun, find_standing
from cascadeflow.money import Price, parse_usd
from cascadeflow.plain import to_plain
from cascadeflow.quality.gate import WEIGHTS, combine, influence
from cascadeflow.quality.modes import STRUCTURE
from cascadeflow.schema import CheckResult
from cascadeflow.whatif.steps import Step, recorded_steps

_ROUNDING = 1e-6
"""By how much a score may differ from the sum of its parts."""


@dataclass(slots=True)
class Call:
    """What one model said in one run, its repetitions included.

    Attributes:
        model: configured name.
        role: ``answer`` or ``verify``.
        answers: whether it was asked for an answer: a verify step is, where there is no draft to verify.
        audit: whether it was only asked for to compare; nobody judged it then.
        validation: what decided; None: the gate.
        position: in the trace, of the last repetition.
        cost: nano-USD of all repetitions.
        cost_known: whether each had a price.
        usages: prompt, completion, cached and cache-write tokens of each.
        latency_ms: of all repetitions.
        failed: there is no answer.
        stopped: the user stopped it.
        passes: whether the text that would stand passed.
        score: the gate's score; None: it was not asked.
        threshold: that the score had to reach.
        names: of the checks that had a say.
        checks: the same as a set, one object for all calls with those.
        moved: log-odds by which each of them moved the score.
        additive: whether they and the gate's prior explain the score; else something more did.
        p_correct: estimated probability that the answer is right.
        confirms: of a verify step: whether it found no fault.
        corrects: of a verify step: whether it gave an answer of its own.
        readable: of a verify step: whether its reply held a verdict.
        shown: of a verify step: index of the call whose answer it saw.
        text: stands for the answer; None: it is not kept.
        right: whether the user marked the answer as right; None: it is not marked.
    """

    model: str
    role: str
    answers: bool
    audit: bool
    validation: str | None
    position: int
    cost: int
    cost_known: bool
    usages: tuple[tuple[int, int, int, int], ...]
    latency_ms: float
    failed: bool
    stopped: bool
    passes: bool = False
    score: float | None = None
    threshold: float = 0.0
    names: tuple[str, ...] = ()
    checks: frozenset[str] = frozenset()
    moved: tuple[float, ...] = ()
    additive: bool = False
    p_correct: float | None = None
    confirms: bool = False
    corrects: bool = False
    readable: bool = True
    shown: int | None = None
    text: int | None = None
    right: bool | None = None

    def price_at(self, price: Price) -> int:
        """Nano-USD at another price."""
        return sum(price.cost(*usage) for usage in self.usages)


@dataclass(slots=True)
class Recorded:
    """One run.

    Attributes:
        run_id: identifier.
        started: seconds since the epoch.
        user: whose budget it used.
        tier, preset: recorded names, if any.
        rehearsal: whether embedded models stood in.
        domain, complexity: of the question.
        planned_tokens: prompt tokens as the plan estimated them.
        prompt_tokens: as the first answer was billed for; where there is none, as estimated.
        plan: key of its steps in `Recordings.plans`.
        calls: in order.
        standing: index of the call whose answer stood; None: none did.
        kind: the same for runs that can only differ in domain, lengths, prices and scores.
        called_ms: milliseconds of all calls together.
        saved: nano-USD, as recorded.
        latency_ms: of the whole run.
        escalated: whether a later step had to run.
        labelled: whether one of its answers is marked.
    """

    run_id: str
    started: float
    user: str
    tier: str | None
    preset: str | None
    rehearsal: bool
    domain: str
    complexity: str
    planned_tokens: int
    prompt_tokens: int
    plan: tuple[Any, ...]
    calls: list[Call]
    standing: int | None
    kind: int
    called_ms: float
    saved: int
    latency_ms: float
    escalated: bool
    labelled: bool


class Recordings:
    """Runs in the order in which they were made.

    Args:
        runs: whole runs, or JSON data in their shape as `RunArchive.plain_runs` gives it.
        marks: run → what the user noted on it.

    Attributes:
        runs: those that got as far as a plan.
        skipped: how many did not; they asked nobody.
        plans: key → steps, with the prices and guesses of the latest plan of that kind.
    """

    def __init__(
        self, runs: Iterable[StoredRun | Mapping[str, Any]], marks: Mapping[str, RunMarks] | None = None
    ) -> None:
        self.plans: dict[tuple[Any, ...], tuple[Step, ...]] = {}
        self.runs: list[Recorded] = []
        self._kinds: dict[tuple[Any, ...], int] = {}
        self.skipped = 0
        marks = marks or {}
        for run in runs:
            data = _plain(run) if isinstance(run, StoredRun) else run
            if data["plan"] is None:
                self.skipped += 1
                continue
            noted = marks.get(data["run_id"])
            self.runs.append(self._record(data, {} if noted is None else noted.labels))
        self.runs.sort(key=lambda run: run.started)
        prices = {step.model: step.price for steps in self.plans.values() for step in steps if step.price is not None}
        for key, steps in self.plans.items():
            self.plans[key] = tuple(step._replace(price=step.price or prices.get(step.model)) for step in steps)

    def _record(self, run: Mapping[str, Any], labels: Mapping[int, bool]) -> Recorded:
        plan = run["plan"]
        steps = recorded_steps(plan)
        key = (tuple(step.what for step in steps), run["complexity"])
        self.plans[key] = steps
        calls = _calls(run["trace"], [step["validation"] for step in plan["steps"]], labels, kept=bool(run["query"]))
        answers = ((run["trace"][call.position]["outcome"], call.answers or call.corrects) for call in calls)
        standing = find_standing(answers) if run["status"] == "finished" else None
        answered = next((call for call in calls if call.answers and call.usages[-1][0]), None)
        return Recorded(
            run_id=run["run_id"],
            started=run["started"],
            user=run["user_id"] or "",
            tier=run["tier"],
            preset=run["preset"],
            rehearsal=run["rehearsal"],
            domain=run["domain"],
            complexity=run["complexity"],
            planned_tokens=plan["prompt_tokens"],
            prompt_tokens=plan["prompt_tokens"] if answered is None else answered.usages[-1][0],
            plan=key,
            calls=calls,
            standing=standing,
            kind=self._kinds.setdefault(_kind(run, key, calls, standing), len(self._kinds)),
            called_ms=sum(call.latency_ms for call in calls),
            saved=parse_usd(round(run["cost_saved"], 9)) if run["status"] == "finished" else 0,
            latency_ms=run["latency_ms"],
            escalated=run["escalated"],
            labelled=bool(labels),
        )


def ranks_of(scores: Iterable[float]) -> tuple[int, ...]:
    """The rank of each score, from 0 for the highest; equal scores share one.

    Example:
        >>> ranks_of([0.2, 0.9, 0.2])
        (1, 0, 1)
    """
    listed = list(scores)
    rank = {score: number for number, score in enumerate(sorted(set(listed), reverse=True))}
    return tuple([rank[score] for score in listed])


def _plain(run: StoredRun) -> dict[str, Any]:
    """A whole run as JSON data, as far as it is needed."""
    data = {item.name: getattr(run, item.name) for item in fields(RunSummary)}
    return data | {"plan": to_plain(run.plan), "trace": to_plain(run.trace)}


def _kind(
    run: Mapping[str, Any], plan: tuple[Any, ...], calls: Sequence[Call], standing: int | None
) -> tuple[Any, ...]:
    """All that decides on the shape of a run beside how the scores compare with a threshold."""
    what = tuple(
        (
            call.model,
            call.role,
            call.answers,
            call.audit,
            call.validation,
            call.failed,
            call.stopped,
            call.passes,
            call.confirms,
            call.corrects,
            call.readable,
            call.shown,
        )
        for call in calls
    )
    return plan, run["rehearsal"], run["escalated"], standing, ranks_of(call.score or 0.0 for call in calls), what


def _calls(
    trace: Sequence[Mapping[str, Any]], validations: Sequence[str | None], labels: Mapping[int, bool], *, kept: bool
) -> list[Call]:
    calls: list[Call] = []
    accepted: int | None = None
    last: int | None = None
    for position, record in enumerate(trace):
        step = record["step"]
        validation = validations[step] if step < len(validations) else None
        call = _call(record, position, validation, labels.get(position), kept=kept)
        if record["attempt"] > 1 and calls:
            before = calls.pop()
            call.cost += before.cost
            call.cost_known = call.cost_known and before.cost_known
            call.usages = (*before.usages, *call.usages)
            call.latency_ms += before.latency_ms
        calls.append(call)
        index = len(calls) - 1
        if call.role == "verify" and last is None:
            call.answers = True  # there was no draft to verify
        if call.failed or call.stopped or call.audit:
            continue
        if not call.answers:
            call.shown = last if accepted is None else accepted
            accepted = accepted if call.passes and call.confirms else None
        if call.answers or call.corrects:
            last = index
            accepted = index if call.passes else accepted
    return calls


def _call(record: Mapping[str, Any], position: int, validation: str | None, right: bool | None, *, kept: bool) -> Call:
    usage, verdict, text = record["usage"], record["verdict"], record["text"]
    call = Call(
        model=record["model"],
        role=record["role"],
        answers=record["role"] == "answer",
        audit=record["role"] == "audit",
        validation=validation,
        position=position,
        cost=record["cost_nanousd"] or 0,
        cost_known=record["cost_nanousd"] is not None,
        usages=(
            (
                usage["prompt_tokens"],
                usage["completion_tokens"],
                usage["cached_tokens"],
                usage["cache_write_tokens"],
            ),
        ),
        latency_ms=record["latency_ms"],
        failed=verdict is None and record["outcome"] not in ("cancelled", "audit"),
        stopped=record["outcome"] == "cancelled",
        text=hash(text.strip()) if kept else None,
        right=right,
    )
    if verdict is not None:
        _judge(call, verdict, stands=record["outcome"] == "best")
    return call


@lru_cache(maxsize=1)
def _prior() -> float:
    """Log-odds of an answer that no check has anything to say about."""
    score = combine(())
    return log(score / (1 - score))


@lru_cache(maxsize=256)
def _set_of(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


@lru_cache(maxsize=4096)
def _influence(name: str, score: float | None) -> float:
    return influence(CheckResult(name=name, score=score))


def _judge(call: Call, verdict: Mapping[str, Any], *, stands: bool) -> None:
    checks = verdict["checks"]
    call.score, call.threshold, call.p_correct = verdict["score"], verdict["threshold"] or 0.0, verdict["p_correct"]
    own = max((at for at, check in enumerate(checks) if check["name"] == "empty"), default=0)
    weighed = [check for check in checks[own:] if check["name"] in WEIGHTS]  # before it stand those of a validation
    call.names = tuple([check["name"] for check in weighed])
    call.checks = _set_of(call.names)
    call.moved = tuple([_influence(check["name"], check["score"]) for check in weighed])
    from_checks = 1 / (1 + exp(-_prior() - sum(call.moved)))
    call.additive = call.score is not None and abs(from_checks - call.score) < _ROUNDING
    if call.validation is None:
        call.passes = call.score is not None and call.score >= call.threshold
    else:
        broken = any(not check["passed"] for check in checks if check["name"] in STRUCTURE)
        call.passes = not broken and any(check["passed"] for check in checks if check["name"] == call.validation)
    if not call.answers:
        reply = next((check for check in checks if check["name"] == "verify"), None)
        if reply is None:
            return
        call.readable, call.confirms = reply["score"] is not None, reply["passed"]
        call.corrects = not call.confirms and (verdict["is_valid"] or stands)
