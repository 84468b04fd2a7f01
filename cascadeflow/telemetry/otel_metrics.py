"""The metrics of calls and runs, by the conventions for generative AI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cascadeflow.events import StepFinished
from cascadeflow.money import to_usd
from cascadeflow.telemetry import otel_names as names
from cascadeflow.telemetry.otel_names import ours

if TYPE_CHECKING:
    from opentelemetry.metrics import Histogram, Meter

Labels = Mapping[str, str | bool]


class Metrics:
    """Tokens, durations, cost and escalations.

    Args:
        meter: makes the instruments.
    """

    def __init__(self, meter: Meter) -> None:
        def histogram(name: str, unit: str, what: str, buckets: tuple[float, ...] = names.SECOND_BUCKETS) -> Histogram:
            return meter.create_histogram(name, unit, what, explicit_bucket_boundaries_advisory=buckets)

        self._tokens = histogram(names.TOKEN_USAGE, "{token}", "Input and output tokens.", names.TOKEN_BUCKETS)
        self._duration = histogram(names.DURATION, "s", "Duration of calls.")
        self._first_chunk = histogram(names.TIME_TO_FIRST_CHUNK, "s", "Time to the first chunk of an answer.")
        self._run_duration = histogram(ours("run.duration"), "s", "Duration of runs.")
        self._cost = meter.create_counter(ours("cost"), "USD", "Cost of calls whose price is known.")
        self._escalations = meter.create_counter(
            ours("escalations"), "{escalation}", "Steps that ran because the answers before did not pass."
        )

    def call(self, event: StepFinished, labels: Labels) -> None:
        """A call ended."""
        labels = dict(labels)
        self._duration.record(event.latency_ms / 1000, labels)
        if event.first_token_ms is not None:
            self._first_chunk.record(event.first_token_ms / 1000, labels)
        self._tokens.record(event.usage.prompt_tokens, labels | {names.TOKEN_TYPE: "input"})
        self._tokens.record(event.usage.completion_tokens, labels | {names.TOKEN_TYPE: "output"})
        if event.cost:
            self._cost.add(to_usd(event.cost), labels)

    def escalation(self, labels: Labels) -> None:
        """The next step runs."""
        self._escalations.add(1, dict(labels))

    def run(self, seconds: float, labels: Labels) -> None:
        """A run ended."""
        self._run_duration.record(seconds, dict(labels))
