"""Value types of the engine: what a model is, what was planned, what happened, what came out.

`ModelConfig` is built by users and validates its input; the others are built by the engine and
are frozen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from cascadeflow.validated import value_type

Role = Literal["answer", "verify"]
CallRole = Literal["answer", "verify", "audit"]
RunWhen = Literal["if_needed", "always"]
Complexity = Literal["simple", "medium", "high"]
QualityMode = Literal["fast", "balanced", "strict", "cost-optimized"]
Message = dict[str, Any]
"""One message in OpenAI's form: ``{"role": …, "content": …}``."""


@value_type()
class ModelConfig:
    """A model the cascade may call.

    Attributes:
        name: the name used everywhere: results, tier lists, TOML.
        provider: one of the nine providers, an alias of one, or ``local``.
        cost: blended price in USD per 1,000 tokens; used only where the catalogue knows no price.
        quality_score: rank among the models, from 0 to 1; the best one is asked last.
        domains: what it is good at; ``expert`` models are asked last only.
        max_tokens: completion tokens per answer; None: the agent's setting.
        temperature: sampling temperature; None: the agent's setting.
        base_url: address of the server to ask instead of the provider's own.
        path: a GGUF file, for ``provider="local"`` models outside the catalogue.

    Raises:
        ConfigError: a value is not allowed, or a name is not known.

    Example:
        >>> ModelConfig("gpt-4o-mini", "openai", cost=0.00015, quality_score=0.8).domains
        []
    """

    name: str = Field(min_length=1)
    provider: str = Field(min_length=1)
    cost: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    quality_score: float = Field(default=0.5, ge=0, le=1)
    domains: list[str] = Field(default_factory=list)
    max_tokens: int | None = Field(default=None, ge=1, kw_only=True)
    temperature: float | None = Field(default=None, ge=0, le=2, kw_only=True)
    base_url: str | None = Field(default=None, kw_only=True)
    path: str | None = Field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call.

    Attributes:
        prompt_tokens: all prompt tokens, cached ones included.
        completion_tokens: all completion tokens, reasoning included.
        cached_tokens: prompt tokens read from the provider's cache.
        cache_write_tokens: prompt tokens written to that cache.
        reasoning_tokens: completion tokens spent on reasoning.
        source: ``exact`` as the provider said; ``estimated`` when it said nothing; ``at_least``
            when the answer broke off before it could say.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    source: Literal["exact", "estimated", "at_least"] = "exact"

    def __add__(self, other: Usage) -> Usage:
        source = "exact" if self.source == other.source == "exact" else "estimated"
        if "at_least" in (self.source, other.source):
            source = "at_least"
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            source=source,  # type: ignore[arg-type]  # a str variable narrows to no Literal
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What one check of an answer found.

    Attributes:
        name: the check, such as ``arithmetic``.
        score: from 0 (surely wrong) to 1 (surely fine); None when it had nothing to say.
        threshold: the score it takes to pass; None where the check only informs.
        passed: whether it passed; a check with nothing to say passes.
        reason: for people, such as ``17 * 23 = 391, the answer says 381``.
    """

    name: str
    score: float | None = None
    threshold: float | None = None
    passed: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an answer stands. Unpacks to ``(is_valid, reason)``.

    Attributes:
        is_valid: accepted or not.
        reason: for people; names what decided.
        score: the gate's score from 0 to 1.
        threshold: the score it takes to be accepted.
        deciding: name of the check that decided; ``gate`` when the combined score did.
        checks: every check that ran.
        p_correct: estimated probability that the answer is right; None where nobody can say.
        calibrated: whether ``p_correct`` was fitted to labelled answers.
        guarantee: what is certified of accepted answers like this one; empty: nothing.
    """

    is_valid: bool
    reason: str = ""
    score: float | None = None
    threshold: float | None = None
    deciding: str = "gate"
    checks: tuple[CheckResult, ...] = ()
    p_correct: float | None = None
    calibrated: bool = False
    guarantee: str = ""

    def comparison(self) -> str:
        """The deciding score against its threshold, such as ``0.41 < 0.70``; empty where there is none."""
        check = next((check for check in self.checks if check.name == self.deciding), None)
        score, threshold = self.score, self.threshold
        if check is not None and check.score is not None and check.threshold is not None:
            score, threshold = check.score, check.threshold
        if score is None or threshold is None:
            return ""
        return f"{score:.2f} {'≥' if score >= threshold else '<'} {threshold:.2f}"

    def __iter__(self) -> Iterator[Any]:
        return iter((self.is_valid, self.reason))

    def __bool__(self) -> bool:
        return self.is_valid


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One call a run may make.

    Attributes:
        index: position in the plan, from 0.
        model: configured name.
        provider: provider that is called.
        resolved_model: name that is called (a retired model's successor; an embedded stand-in).
        resolved_reason: why it differs from ``model``; empty if it does not.
        role: ``answer`` afresh, ``verify`` the draft before it, or ``audit`` one that was accepted.
        run: only if the answers before did not pass, or always.
        prompt_tokens: expected prompt tokens.
        max_tokens: completion tokens asked for at most.
        cost_low, cost_expected, cost_worst: nano-USD of this call alone; None: price unknown.
        latency_expected_ms, latency_p95_ms: milliseconds.
        p_accept: estimated probability that its answer passes.
        threshold: gate score it takes to pass.
        max_retries: how often a failed call is repeated.
        fallback_model: asked where this one fails or is rejected.
        validation: name of the validator that decides; None: the gate.
    """

    index: int
    model: str
    provider: str
    resolved_model: str
    resolved_reason: str = ""
    role: CallRole = "answer"
    run: RunWhen = "if_needed"
    prompt_tokens: int
    max_tokens: int
    cost_low: int | None
    cost_expected: int | None
    cost_worst: int | None
    latency_expected_ms: float
    latency_p95_ms: float
    p_accept: float
    threshold: float
    max_retries: int
    fallback_model: str | None = None
    validation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPath:
    """One way through a plan: which steps run, how likely, what it costs and takes.

    Attributes:
        steps: indices of the steps that run.
        probability: from 0 to 1; all paths of a plan sum to 1.
        cost_low, cost_expected, cost_worst: nano-USD; None: a price is unknown.
        latency_expected_ms, latency_p95_ms: milliseconds.
    """

    steps: tuple[int, ...]
    probability: float
    cost_low: int | None
    cost_expected: int | None
    cost_worst: int | None
    latency_expected_ms: float
    latency_p95_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A model that the plan does not use.

    Attributes:
        model: configured name.
        reason: for people, such as ``OPENAI_API_KEY is not set``.
        kind: what it lacks.
    """

    model: str
    reason: str
    kind: Literal["key", "file", "tier", "budget", "domain", "context", "breaker", "rank"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadePlan:
    """What a run would do, worked out without a call.

    Attributes:
        domain: detected or given.
        domain_confidence: from 0 to 1; 1 when given.
        complexity: ``simple``, ``medium`` or ``high``.
        complexity_score: from 0 to 1.
        tier: the user's tier, if any.
        strategy: ``standard`` or the name of a domain strategy.
        steps: the calls in order.
        paths: each way through, with probability, cost and latency.
        left_out: models that are not used, and why.
        prompt_tokens: estimated tokens of the conversation.
        cut_messages: how many of the oldest messages do not fit and are not sent.
        rehearsal: whether embedded models stand in for hosted ones.
        guarantee: what is certified of the first step's answers, if they are accepted; empty: nothing.
    """

    domain: str
    domain_confidence: float
    complexity: Complexity
    complexity_score: float
    tier: str | None
    strategy: str
    steps: tuple[PlannedStep, ...]
    paths: tuple[PlannedPath, ...]
    left_out: tuple[LeftOut, ...] = ()
    prompt_tokens: int = 0
    cut_messages: int = 0
    rehearsal: bool = False
    guarantee: str = ""

    @property
    def cost_expected(self) -> int | None:
        """Nano-USD over all paths, weighted by probability; None: a price is unknown."""
        total = 0.0
        for path in self.paths:
            if path.cost_expected is None:
                return None
            total += path.probability * path.cost_expected
        return round(total)

    @property
    def cost_worst(self) -> int | None:
        """Nano-USD of the dearest path at full length; None: a price is unknown."""
        costs = [path.cost_worst for path in self.paths]
        return None if None in costs else max((cost for cost in costs if cost is not None), default=0)

    @property
    def p_escalate(self) -> float:
        """Estimated probability that the first answer is not accepted."""
        return 1 - self.steps[0].p_accept if len(self.steps) > 1 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One call that was made.

    Attributes:
        step: index of the step in the plan.
        attempt: from 1; counts retries of the same model.
        model: configured name.
        provider: provider that was called.
        resolved_model: name that was called.
        role: ``answer``, ``verify`` or ``audit``.
        outcome: what became of it; ``audit`` for an answer that was only asked for to compare.
        text: the answer, whole or as far as it came.
        usage: tokens.
        cost_nanousd: nano-USD; None: price unknown.
        first_token_ms: milliseconds to the first token; None: there was none.
        latency_ms: milliseconds in all.
        finish_reason: the provider's word: ``stop``, ``length``, …; empty when it broke off.
        verdict: what the checks said; None when it was not checked.
        error: what went wrong, for people.
        fallback: whether it stood in as a fallback.
    """

    step: int
    attempt: int
    model: str
    provider: str
    resolved_model: str
    role: CallRole = "answer"
    outcome: Literal["accepted", "rejected", "failed", "cancelled", "best", "audit"]
    text: str = ""
    usage: Usage = field(default_factory=Usage)
    cost_nanousd: int | None = 0
    first_token_ms: float | None = None
    latency_ms: float = 0.0
    finish_reason: str = ""
    verdict: Verdict | None = None
    error: str = ""
    fallback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeResult:
    """What a run came to.

    Attributes:
        text: the answer.
        model_used: configured name of the model whose answer stands.
        provider: its provider.
        resolved_model: the name that was called.
        total_cost: USD of every call of the run.
        total_cost_nanousd: the same, exact.
        cost_known: False when some call had no known price; then the totals are a lower bound.
        cost_saved: USD, an estimate: against the plan's strongest model answering directly.
        steps: how many steps ran; an audit is none.
        strategy: ``standard`` or the domain strategy.
        domain: domain of the query.
        complexity: ``simple``, ``medium`` or ``high``.
        user_tier: the user's tier, if given.
        validated: whether the answer passed its checks.
        reason: why it passed, or why it did not.
        p_correct: estimated probability that it is right; None where nobody can say.
        calibrated: whether ``p_correct`` was fitted to labelled answers.
        usage: tokens of the whole run.
        latency_ms: milliseconds of the whole run.
        run_id: identifier, also in events and history.
        trace: every call, in order.
        tool_calls: tool calls of the answer, as data; never executed.
        rehearsal: whether embedded models stood in for hosted ones.
        guarantee: what is certified of accepted answers like this one; empty: nothing.
    """

    text: str
    model_used: str
    provider: str
    resolved_model: str
    total_cost: float
    total_cost_nanousd: int
    cost_known: bool = True
    cost_saved: float
    steps: int
    strategy: str
    domain: str
    complexity: Complexity
    user_tier: str | None
    validated: bool
    reason: str
    p_correct: float | None
    calibrated: bool
    usage: Usage
    latency_ms: float
    run_id: str
    trace: tuple[StepRecord, ...]
    tool_calls: tuple[dict[str, Any], ...] = ()
    rehearsal: bool = False
    guarantee: str = ""
