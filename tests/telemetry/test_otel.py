"""Spans and metrics of runs, as OpenTelemetry's own collectors would receive them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.errors import AllModelsFailedError, AuthenticationError, MissingExtraError, RateLimitError
from cascadeflow.events import RunStarted, StepFinished, StepStarted
from cascadeflow.schema import Usage
from cascadeflow.telemetry import CostTracker
from cascadeflow.telemetry.otel import OTelObserver
from cascadeflow.testing import Answer, ScriptedClient

QUESTION = "What is 17 * 23? canary-question"
SMALL = ModelConfig("small", "openai", cost=0.001, quality_score=0.5)
LARGE = ModelConfig("large", "vertex_ai", cost=0.01, quality_score=0.9)
LOCAL = ModelConfig("mine", "local", quality_score=0.3)
WRONG = Answer("17 * 23 = 381. canary-draft", prompt_tokens=10, completion_tokens=5, cached_tokens=4)
RIGHT = Answer("17 * 23 = 391. canary-answer", prompt_tokens=12, completion_tokens=6)
NANO = 1e-9


class Collected:
    """What the exporters in memory received."""

    def __init__(self) -> None:
        self._spans, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers, self.meters = TracerProvider(), MeterProvider([self._reader])
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))

    def observer(self, **options: Any) -> OTelObserver:
        return OTelObserver(self.tracers, self.meters, **options)

    @property
    def spans(self) -> list[ReadableSpan]:
        return sorted(self._spans.get_finished_spans(), key=lambda span: span.start_time)

    def metrics(self) -> dict[str, list[Any]]:
        data = self._reader.get_metrics_data()
        scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics] if data else []
        return {metric.name: list(metric.data.data_points) for scope in scopes for metric in scope.metrics}


@pytest.fixture
def collected() -> Iterator[Collected]:
    found = Collected()
    yield found
    found.tracers.shutdown()
    found.meters.shutdown()


def agent_of(observer: OTelObserver, answers: dict[str, list[Any]], **options: Any) -> CascadeAgent:
    models = [model for model in (SMALL, LARGE, LOCAL) if model.name in answers]
    return CascadeAgent(models, client=ScriptedClient(answers), observers=[observer], **options)


async def test_one_span_a_run_and_one_a_call_below_it(collected: Collected) -> None:
    agent = agent_of(collected.observer(), {"small": [WRONG], "large": [RIGHT]}, preset="mine")
    result = await agent.run(QUESTION, session="talk", user_tier="pro", user_id="me")
    run, first, second = collected.spans
    assert [span.name for span in (run, first, second)] == ["invoke_agent mine", "chat small", "chat large"]
    assert [span.kind for span in (run, first)] == [SpanKind.INTERNAL, SpanKind.CLIENT]
    assert run.parent is None
    assert {span.parent.span_id for span in (first, second) if span.parent} == {run.context.span_id}
    assert all(run.start_time <= span.start_time <= span.end_time <= run.end_time for span in (first, second))
    assert first.end_time <= second.start_time
    facts = dict(run.attributes or {})
    assert (facts["gen_ai.operation.name"], facts["gen_ai.agent.name"]) == ("invoke_agent", "mine")
    assert (facts["gen_ai.conversation.id"], facts["cascadeflow.tier"]) == ("talk", "pro")
    assert (facts["cascadeflow.run_id"], facts["cascadeflow.outcome"]) == (result.run_id, "finished")
    assert (facts["cascadeflow.model"], facts["gen_ai.response.model"]) == ("large", "large")
    assert (facts["cascadeflow.steps"], facts["cascadeflow.validated"]) == (2, True)
    assert facts["cascadeflow.cost"] == pytest.approx(result.total_cost)
    assert facts["cascadeflow.domain"] == result.domain
    assert run.status.status_code is StatusCode.UNSET
    assert run.instrumentation_scope is not None
    assert run.instrumentation_scope.version == "0.2.0"


async def test_a_call_says_what_it_took_and_what_the_checks_found(collected: Collected) -> None:
    agent = agent_of(collected.observer(), {"small": [WRONG], "large": [RIGHT]})
    await agent.run(QUESTION)
    _, first, second = (dict(span.attributes or {}) for span in collected.spans)
    assert (
        first.items()
        >= {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "small",
            "gen_ai.request.max_tokens": 1024,
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 5,
            "gen_ai.usage.cache_read.input_tokens": 4,
            "gen_ai.response.finish_reasons": ("stop",),
            "cascadeflow.cost": 15 * 1000 * NANO,
            "cascadeflow.attempt": 1,
            "cascadeflow.role": "answer",
            "cascadeflow.verdict.accepted": False,
            "cascadeflow.verdict.deciding": "arithmetic",
        }.items()
    )
    assert first["gen_ai.response.time_to_first_chunk"] >= 0
    assert second["gen_ai.provider.name"] == "gcp.vertex_ai"
    assert second["cascadeflow.verdict.accepted"] is True
    checks = [event.attributes or {} for event in collected.spans[1].events if event.name == "gen_ai.evaluation.result"]
    labels = {check["gen_ai.evaluation.name"]: check["gen_ai.evaluation.score.label"] for check in checks}
    assert labels["arithmetic"] == "fail"
    assert "pass" in labels.values()


async def test_repetitions_and_fallbacks_are_spans_with_their_errors(collected: Collected) -> None:
    busy = RateLimitError("busy", status=429, retry_after=0.001)
    agent = agent_of(collected.observer(), {"small": [busy, AuthenticationError("key", status=401)], "large": [RIGHT]})
    await agent.run(QUESTION)
    run, *calls = collected.spans
    assert [span.name for span in calls] == ["chat small", "chat small", "chat large"]
    assert [(span.attributes or {})["cascadeflow.attempt"] for span in calls] == [1, 2, 1]
    assert [span.status.status_code for span in calls] == [StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET]
    assert all("error.type" in (span.attributes or {}) for span in calls[:2])
    assert all(span.status.description is None for span in calls), "an error's text may quote the question"
    assert [event.name for event in run.events] == ["cascadeflow.retry", "cascadeflow.fallback"]
    assert (run.events[0].attributes or {})["cascadeflow.wait"] == 0.001
    assert calls[0].end_time <= run.events[0].timestamp, "the wait is no part of the call"


def test_an_error_s_class_is_told_where_it_is_known(collected: Collected) -> None:
    observer = collected.observer()
    head = {"run_id": "r", "t": 0.0}
    observer(RunStarted(query="q", seq=0, **head))
    for number, kind in enumerate(("RateLimitError", "")):
        observer(
            StepStarted(
                step=0, attempt=number, model="m", provider="p", resolved_model="m", max_tokens=1, seq=1, **head
            )
        )
        observer(
            StepFinished(
                step=0, attempt=number, model="m", usage=Usage(), cost=None, first_token_ms=None, latency_ms=1,
                error="m: no", error_type=kind, seq=2, **head,
            )
        )  # fmt: skip
    observer(RunStarted(query="another", run_id="r2", seq=0, t=0.0))
    observer(StepStarted(step=0, attempt=3, model="m", provider="p", resolved_model="m", max_tokens=1, seq=3, **head))
    assert [(span.attributes or {}).get("error.type") for span in collected.spans] == ["RateLimitError", "_OTHER"]
    points = collected.metrics()["gen_ai.client.operation.duration"]
    assert sorted(point.attributes["error.type"] for point in points) == ["RateLimitError", "_OTHER"]


async def test_a_failed_run_is_an_error_and_a_cancelled_one_is_not(collected: Collected) -> None:
    observer = collected.observer()
    with pytest.raises(AllModelsFailedError):
        await agent_of(observer, {"small": [AuthenticationError("key", status=401)]}).run(QUESTION)
    slow = agent_of(observer, {"small": [Answer("some words that come slowly", delay=0.001)]})
    slow.client.tokens_per_second = 50  # type: ignore[attr-defined]
    stream = slow.stream(QUESTION)
    async for event in stream:
        if type(event).__name__ == "TokenDelta":
            stream.cancel()
    failed, _, cancelled, call = collected.spans
    assert failed.status.status_code is StatusCode.ERROR
    assert (failed.attributes or {})["error.type"] == "AllModelsFailedError"
    assert (failed.attributes or {})["cascadeflow.outcome"] == "failed"
    for span in (cancelled, call):
        assert span.status.status_code is StatusCode.UNSET
        assert (span.attributes or {})["cascadeflow.outcome"] == "cancelled"
    assert (call.attributes or {})["cascadeflow.usage_source"] == "at_least"


async def test_the_run_is_below_the_span_that_was_current(collected: Collected) -> None:
    agent = agent_of(collected.observer(), {"small": [RIGHT]})
    with collected.tracers.get_tracer("web").start_as_current_span("GET /") as request:
        await agent.run(QUESTION)
    run = next(span for span in collected.spans if span.name.startswith("invoke_agent"))
    assert run.parent is not None
    assert run.parent.span_id == request.get_span_context().span_id


async def test_runs_at_once_do_not_mix(collected: Collected) -> None:
    import asyncio

    answers = [Answer("17 * 23 is 391.", prompt_tokens=10, completion_tokens=5, delay=0.001)]
    agent = agent_of(collected.observer(), {"small": answers})
    results = await asyncio.gather(*(agent.run(QUESTION) for _ in range(20)))
    runs = {span.context.span_id: span for span in collected.spans if span.parent is None}
    assert {(span.attributes or {})["cascadeflow.run_id"] for span in runs.values()} == {
        item.run_id for item in results
    }
    assert sorted(span.parent.span_id for span in collected.spans if span.parent) == sorted(runs)


def total(points: list[Any], **attributes: Any) -> float:
    wanted = {name.replace("__", "."): value for name, value in attributes.items()}
    matching = [point for point in points if wanted.items() <= dict(point.attributes).items()]
    return sum(getattr(point, "sum", None) if hasattr(point, "sum") else point.value for point in matching)


async def test_metrics_of_tokens_cost_escalations_and_durations(collected: Collected) -> None:
    agent = agent_of(collected.observer(), {"small": [WRONG], "large": [RIGHT]}, preset="mine")
    results = [await agent.run(QUESTION, user_tier="pro") for _ in range(2)]
    found = collected.metrics()
    tokens = found["gen_ai.client.token.usage"]
    assert total(tokens, gen_ai__token__type="input", gen_ai__request__model="small") == 20
    assert total(tokens, gen_ai__token__type="output", gen_ai__provider__name="gcp.vertex_ai") == 12
    assert total(found["cascadeflow.cost"]) == pytest.approx(sum(result.total_cost for result in results))
    assert total(found["cascadeflow.cost"], gen_ai__request__model="small", cascadeflow__tier="pro") == pytest.approx(
        2 * 15e-6
    )
    assert total(found["cascadeflow.escalations"], cascadeflow__from_model="small", cascadeflow__to_model="large") == 2
    assert sum(point.count for point in found["gen_ai.client.operation.duration"]) == 4
    assert sum(point.count for point in found["gen_ai.client.operation.time_to_first_chunk"]) == 4
    [runs] = found["cascadeflow.run.duration"]
    assert (runs.count, runs.attributes["cascadeflow.outcome"], runs.attributes["gen_ai.agent.name"]) == (
        2,
        "finished",
        "mine",
    )
    assert runs.explicit_bounds[0] == 0.01
    assert tokens[0].explicit_bounds[-1] == 67_108_864


async def test_an_unknown_price_adds_nothing_and_is_not_zero(collected: Collected) -> None:
    agent = CascadeAgent(
        [ModelConfig("mystery", "openai")],
        client=ScriptedClient({"mystery": [RIGHT]}),
        observers=[collected.observer()],
    )
    await agent.run(QUESTION)
    run, call = collected.spans
    assert "cascadeflow.cost" not in (call.attributes or {})
    assert (run.attributes or {})["cascadeflow.cost_known"] is False
    assert "cascadeflow.cost" not in collected.metrics()


async def test_rehearsed_cost_can_be_told_from_real_cost(collected: Collected) -> None:
    for rehearsal in (False, True):
        await agent_of(collected.observer(), {"small": [RIGHT]}, rehearsal=rehearsal).run(QUESTION)
    cost = collected.metrics()["cascadeflow.cost"]
    assert total(cost, cascadeflow__rehearsal=True) == total(cost, cascadeflow__rehearsal=False) > 0


def everything(collected: Collected) -> str:
    found = collected.metrics()
    labels = [str(point.attributes) for points in found.values() for point in points]
    return "\n".join([*(span.to_json() for span in collected.spans), *labels])


async def troubled(observer: OTelObserver) -> None:
    """Runs with every kind of text: question, system, answers, reasons, provider's words, names of users."""
    tracker = CostTracker(budget_limit=0.000_03, enforcement="warn")
    script = {"small": [RateLimitError("you said canary-question", retry_after=0.001), WRONG], "large": [RIGHT]}
    agent = agent_of(observer, script, cost_tracker=tracker, system="canary-system")
    await agent.run(QUESTION, user_id="canary-user")
    with pytest.raises(AllModelsFailedError):
        await agent_of(observer, {"small": [AuthenticationError("canary-question is bad", status=401)]}).run(QUESTION)


async def test_no_text_and_no_user_is_told_unless_asked(collected: Collected) -> None:
    await troubled(collected.observer())
    told = everything(collected)
    assert "cascadeflow.retry" in told
    assert "cascadeflow.budget_warning" in told
    assert "canary" not in told
    assert "is wrong" not in told


async def test_texts_are_told_when_asked(collected: Collected) -> None:
    await troubled(collected.observer(include_text=True))
    run, _, draft, answer, failed, _ = collected.spans
    facts = dict(run.attributes or {})
    assert json.loads(facts["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": QUESTION}]}
    ]
    assert json.loads(facts["gen_ai.output.messages"]) == [
        {"role": "assistant", "parts": [{"type": "text", "content": RIGHT.text}], "finish_reason": "stop"}
    ]
    for span, said in ((draft, WRONG), (answer, RIGHT)):
        assert said.text in json.loads((span.attributes or {})["gen_ai.output.messages"])[0]["parts"][0]["content"]
    assert "canary-question is bad" in failed.status.description
    assert "17 * 23 = 381 is wrong" in everything(collected), "the reason of the check"
    assert "canary-user" not in everything(collected)


async def test_an_embedded_model_is_no_client_of_another_service(collected: Collected) -> None:
    await agent_of(collected.observer(), {"mine": [RIGHT]}).run(QUESTION)
    assert collected.spans[1].kind is SpanKind.INTERNAL


class Collector(BaseHTTPRequestHandler):
    """Takes what is posted to it."""

    bodies: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.bodies.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Address of a collector on this machine, and what it got."""
    handler = type("Handler", (Collector,), {"bodies": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", handler.bodies
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_collector_gets_spans_and_metrics_over_http(collector: tuple[str, list[tuple[str, bytes]]]) -> None:
    address, bodies = collector
    tracers = TracerProvider()
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{address}/v1/traces")))
    meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter(f"{address}/v1/metrics"))])
    await agent_of(OTelObserver(tracers, meters), {"small": [WRONG], "large": [RIGHT]}).run(QUESTION)
    tracers.shutdown()
    meters.shutdown()
    traces = [ExportTraceServiceRequest.FromString(body) for path, body in bodies if path == "/v1/traces"]
    spans = [
        span for item in traces for block in item.resource_spans for scope in block.scope_spans for span in scope.spans
    ]
    assert sorted(span.name for span in spans) == ["chat large", "chat small", "invoke_agent cascadeflow"]
    tokens = {
        span.name: next(item.value.int_value for item in span.attributes if item.key == "gen_ai.usage.output_tokens")
        for span in spans
        if span.name.startswith("chat")
    }
    assert tokens == {"chat small": 5, "chat large": 6}
    sums = [ExportMetricsServiceRequest.FromString(body) for path, body in bodies if path == "/v1/metrics"]
    found = {
        metric.name: metric
        for item in sums
        for block in item.resource_metrics
        for scope in block.scope_metrics
        for metric in scope.metrics
    }
    assert found["cascadeflow.cost"].unit == "USD"
    assert sum(point.as_double for point in found["cascadeflow.cost"].sum.data_points) == pytest.approx(15e-6 + 180e-6)
    assert not any(b"canary" in body for _, body in bodies)


def test_without_the_package_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'cascadeflow-console\[otel\]'"):
        OTelObserver()


def test_without_providers_the_global_ones_do_and_without_a_sdk_nothing_happens() -> None:
    """Also: the module alone does not import OpenTelemetry."""
    script = (
        "import asyncio, sys\n"
        "from cascadeflow import CascadeAgent, ModelConfig\n"
        "from cascadeflow.telemetry.otel import OTelObserver\n"
        "from cascadeflow.testing import ScriptedClient\n"
        "assert 'opentelemetry' not in sys.modules\n"
        "client = ScriptedClient({'m': ['391']})\n"
        "agent = CascadeAgent([ModelConfig('m', 'openai')], client=client, observers=[OTelObserver()])\n"
        "print(agent.run_sync('What is 17 * 23?').text)\n"
        "assert 'opentelemetry.sdk' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert (done.stdout, done.stderr) == ("391\n", "")
