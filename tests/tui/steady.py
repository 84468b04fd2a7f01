"""An agent whose figures never change: scripted answers, scripted verdicts, fixed times."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from console_support import SMALL, STRONG

from cascadeflow import CascadeAgent
from cascadeflow.core.run_stream import RunStream
from cascadeflow.events import Event, RunFinished, StepFinished
from cascadeflow.quality import QualityValidator
from cascadeflow.quality.context import CheckContext
from cascadeflow.schema import CheckResult, Verdict
from cascadeflow.telemetry import CostTracker
from cascadeflow.testing import Answer, ScriptedClient

REJECTED = "17 * 23 = 381"
REASON = "17 * 23 = 391, the answer says 381"


class SteadyValidator(QualityValidator):
    """Rejects one text, accepts every other."""

    def validate(self, context: CheckContext) -> Verdict:
        """A verdict that no change of the gate moves."""
        if context.text.startswith(REJECTED):
            check = CheckResult(name="arithmetic", score=0.0, threshold=0.5, passed=False, reason=REASON)
            return Verdict(
                is_valid=False, reason=REASON, score=0.0, threshold=0.7, deciding="arithmetic", checks=(check,),
                p_correct=0.03,
            )  # fmt: skip
        return Verdict(is_valid=True, reason="passed", score=0.94, threshold=0.7, p_correct=0.94)


class SteadyStream:
    """The events of a run with fixed times in them."""

    def __init__(self, inner: RunStream) -> None:
        self._inner = inner
        self._steps = 0

    async def __aiter__(self) -> AsyncIterator[Event]:
        async for event in self._inner:
            yield self._steady(event)

    def _steady(self, event: Event) -> Event:
        if isinstance(event, StepFinished):
            self._steps += 1
            return replace(event, latency_ms=800.0 + 300.0 * self._steps)
        if isinstance(event, RunFinished):
            return replace(event, result=replace(event.result, latency_ms=1_900.0))
        return event

    def cancel(self) -> None:
        """Stop the run."""
        self._inner.cancel()

    async def aclose(self) -> None:
        """Stop the run and wait for its end."""
        await self._inner.aclose()


class SteadyAgent(CascadeAgent):
    """A real agent but for the clock and the gate."""

    def stream(self, *arguments: Any, **options: Any) -> Any:
        """The events of a run with fixed times in them."""
        return SteadyStream(super().stream(*arguments, **options))


def steady_agent(
    small: Sequence[Any], strong: Sequence[Any] = (), *, budget: float = 1.0, rehearsal: bool = False
) -> SteadyAgent:
    """Two models; the small one says the rejected text unless told otherwise."""
    return SteadyAgent(
        [SMALL, STRONG],
        client=ScriptedClient({SMALL.name: list(small), STRONG.name: list(strong) or ["17 * 23 = 391"]}),
        quality_validator=SteadyValidator(),
        cost_tracker=CostTracker(budget_limit=budget),
        preset="production_ready",
        rehearsal=rehearsal,
    )


def answer(text: str, tokens: int = 200, **options: Any) -> Answer:
    """An answer with fixed tokens."""
    return Answer(text, prompt_tokens=20, completion_tokens=tokens, **options)
