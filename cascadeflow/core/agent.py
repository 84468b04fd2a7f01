"""`CascadeAgent`: the public face of the engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cascadeflow.errors import CascadeFlowError, ConfigError
from cascadeflow.schema import CascadePlan, CascadeResult, LeftOut, Message, ModelConfig

if TYPE_CHECKING:
    from pathlib import Path

    from cascadeflow.client import ModelClient
    from cascadeflow.core.batch import BatchItem
    from cascadeflow.core.drift import DomainDrift
    from cascadeflow.core.run_stream import RunStream
    from cascadeflow.events import Event
    from cascadeflow.history import RunArchive
    from cascadeflow.quality import QualityValidator
    from cascadeflow.routing.domain_cascade import DomainCascadeStrategy
    from cascadeflow.routing.plan import Analyzer, Detector
    from cascadeflow.routing.selection import PlanRules
    from cascadeflow.routing.tier_routing import TierAwareRouter
    from cascadeflow.telemetry import BudgetConfig, CostTracker


class CascadeAgent:
    """Asks a cheap model first, checks the answer, and escalates only when the check fails.

    A run never changes the agent; one agent serves any number of runs at once.

    Args:
        models: what may be asked.
        client: who answers; None: LiteLLM for hosted models, embedded ones for ``provider="local"``.
            A client of your own needs no keys.
        quality_validator: checks the answers; None: mode ``balanced``.
        cost_tracker: budgets and bookings; None: nothing is limited or booked.
        domain_detector: tells the domain; giving one turns on routing by domain.
        complexity_analyzer: tells how hard a query is.
        domain_strategies: domain → cascade of its own; None: those for code, medical, legal and general.
        enable_multi_step_cascade: whether `domain_strategies` are used; else every domain gets the
            standard cascade.
        tier_router: which models each tier may use; None: `TIER_POLICIES_DEFAULT`.
        enable_tier_routing: whether every run is meant to name a tier; one that does not says so in
            a `Degraded` event. A tier that is named decides either way.
        enable_user_tiers: whether `tier_budgets` apply.
        tier_budgets: tier name → budget for each user of the tier; handed to the tracker.
        system: system message for every run; None: none.
        temperature: sampling temperature; None: the provider's default.
        max_tokens: completion tokens per answer.
        max_steps: different models a run asks at most.
        max_retries: repetitions of a call that failed for a passing reason.
        first_token_timeout: seconds until an answer must begin; None: no limit.
        total_timeout: seconds for one answer; None: no limit.
        stand_by: models that cost nothing, asked where a budget refuses every paid call.
        archive: where runs are recorded; None: nowhere.
        observers: called with every event of every run.
        preset: name of the preset behind this agent.
        rehearsal: whether embedded models stand in for hosted ones.
        audit_rate: share of the accepted drafts, from 0 to 1, that the strongest model answers too, for
            labels without a bias; paid and recorded, and the answer stays as it is.

    Raises:
        ConfigError: no models, two with one name, or an audit rate outside 0 to 1.

    Example:
        >>> from cascadeflow import CascadeAgent, ModelConfig
        >>> from cascadeflow.testing import ScriptedClient
        >>> agent = CascadeAgent(
        ...     [ModelConfig("gpt-4o-mini", "openai", quality_score=0.8), ModelConfig("gpt-4o", "openai", quality_score=0.95)],
        ...     client=ScriptedClient({"gpt-4o-mini": ["The answer is 381."], "gpt-4o": ["391"]}),
        ... )
        >>> agent.run_sync("What is 17 * 23?").model_used
        'gpt-4o'
    """

    def __init__(
        self,
        models: Sequence[ModelConfig],
        *,
        client: ModelClient | None = None,
        quality_validator: QualityValidator | None = None,
        cost_tracker: CostTracker | None = None,
        domain_detector: Detector | None = None,
        complexity_analyzer: Analyzer | None = None,
        domain_strategies: Mapping[str, DomainCascadeStrategy] | None = None,
        enable_multi_step_cascade: bool = False,
        tier_router: TierAwareRouter | None = None,
        enable_tier_routing: bool = False,
        enable_user_tiers: bool = True,
        tier_budgets: Mapping[str, BudgetConfig] | None = None,
        system: str | None = None,
        temperature: float | None = None,
        max_tokens: int = 1024,
        max_steps: int = 3,
        max_retries: int = 2,
        first_token_timeout: float | None = 60.0,
        total_timeout: float | None = 300.0,
        stand_by: Sequence[ModelConfig] = (),
        archive: RunArchive | None = None,
        observers: Sequence[Callable[[Event], None]] = (),
        preset: str | None = None,
        rehearsal: bool = False,
        audit_rate: float = 0.0,
    ) -> None:
        self.models = list(models)
        if not self.models:
            raise ConfigError("an agent needs at least one model", key="models")
        names = [model.name for model in self.models]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise ConfigError(f"two models are called {', '.join(sorted(doubled))}; names must differ", key="models")
        from cascadeflow.catalog import validate_provider
        from cascadeflow.core.breaker import Breakers

        for model in self.models:
            validate_provider(model.provider)
        self._client = client
        self._quality_validator = quality_validator
        self.cost_tracker = cost_tracker
        self.domain_routing = domain_detector is not None
        self._domain_detector = domain_detector
        self._complexity_analyzer = complexity_analyzer
        self.domain_strategies = _strategies(domain_strategies)
        self.enable_multi_step_cascade = enable_multi_step_cascade
        if enable_multi_step_cascade:
            _check_validations(self.domain_strategies.values())
        self._tier_router = tier_router
        self.enable_tier_routing = enable_tier_routing
        if tier_budgets and enable_user_tiers and cost_tracker is not None:
            cost_tracker.tier_budgets = {**(cost_tracker.tier_budgets or {}), **tier_budgets}
        self.system = system
        self.temperature = temperature
        self.max_tokens = max_tokens
        self.max_steps = max_steps
        self.max_retries = max_retries
        self.first_token_timeout = first_token_timeout
        self.total_timeout = total_timeout
        self.stand_by = list(stand_by)
        self.archive = archive
        self.observers = list(observers)
        self.preset = preset
        self.rehearsal = rehearsal
        if not 0 <= audit_rate <= 1:
            raise ConfigError(f"a share lies between 0 and 1; it is {audit_rate!r}", key="audit_rate")
        self.audit_rate = audit_rate
        self.breakers = Breakers()

    @property
    def client(self) -> ModelClient:
        """Who answers; made at first use."""
        if self._client is None:
            from cascadeflow.integrations.default import DefaultClient

            self._client = DefaultClient()
        return self._client

    @property
    def quality_validator(self) -> QualityValidator:
        """Checks the answers."""
        if self._quality_validator is None:
            from cascadeflow.quality import QualityValidator

            self._quality_validator = QualityValidator()
        return self._quality_validator

    @property
    def domain_detector(self) -> Detector:
        """Tells the domain of a query."""
        if self._domain_detector is None:
            from cascadeflow.routing import DomainDetector

            self._domain_detector = DomainDetector()
        return self._domain_detector

    @property
    def complexity_analyzer(self) -> Analyzer:
        """Tells how hard a query is."""
        if self._complexity_analyzer is None:
            from cascadeflow.routing import ComplexityAnalyzer

            self._complexity_analyzer = ComplexityAnalyzer()
        return self._complexity_analyzer

    @property
    def tier_router(self) -> TierAwareRouter:
        """Which models each tier may use."""
        if self._tier_router is None:
            from cascadeflow.routing.tier_routing import TIER_POLICIES_DEFAULT, TierAwareRouter

            self._tier_router = TierAwareRouter(TIER_POLICIES_DEFAULT, self.models)
        return self._tier_router

    @classmethod
    def from_toml(cls, path: str | Path, **overrides: Any) -> CascadeAgent:
        """Build an agent from a configuration file.

        Args:
            path: TOML file, schema version 1.
            **overrides: arguments of this class that replace what the file says.

        Raises:
            ConfigError: names file, line, key, value and what is allowed.
        """
        from cascadeflow.config import load

        return cls(**load(path).to_agent_config() | overrides)

    def plan_rules(self) -> PlanRules:
        """What of this agent's settings shapes a plan."""
        from cascadeflow.core.breaker import left_alone
        from cascadeflow.routing.selection import PlanRules

        look: Callable[[ModelConfig], LeftOut | None] = getattr(self.client, "unavailable", lambda _: None)
        seen: dict[str, LeftOut | None] = {}

        def lacks(model: ModelConfig) -> LeftOut | None:
            if model.name not in seen:
                seen[model.name] = look(model)
            return seen[model.name]

        alive = any(lacks(model) is None and left_alone(self.breakers, model) is None for model in self.models)

        def unavailable(model: ModelConfig) -> LeftOut | None:
            return lacks(model) or (left_alone(self.breakers, model) if alive else None)

        return PlanRules(
            threshold=self.quality_validator.effective_threshold,
            max_steps=self.max_steps,
            max_tokens=self.max_tokens,
            max_retries=self.max_retries,
            domain_routing=self.domain_routing,
            rehearsal=self.rehearsal,
            strategies=self.domain_strategies if self.enable_multi_step_cascade else {},
            stand_ins=getattr(self.client, "stand_ins", {}),
            unavailable=unavailable,
            certified=getattr(self.quality_validator, "certified", lambda _domain, _model: None),
        )

    def conversation(self, query: str | Sequence[Message], system: str | None = None) -> list[Message]:
        """A query as messages, with the system message that applies.

        Args:
            query: a question, or messages in OpenAI's form.
            system: replaces the agent's system message.

        Raises:
            ConfigError: there is no message from a user, or its form is wrong.
        """
        messages: list[Message] = [{"role": "user", "content": query}] if isinstance(query, str) else list(query)
        for number, message in enumerate(messages):
            if not isinstance(message, dict) or "role" not in message:
                raise ConfigError(
                    f"message {number} is {message!r}; write {{'role': 'user', 'content': …}}", key="query"
                )
        if not any(message["role"] == "user" for message in messages):
            raise ConfigError("the conversation holds no message of a user", key="query")
        system = self.system if system is None else system
        if system and messages[0]["role"] != "system":
            messages.insert(0, {"role": "system", "content": system})
        return messages

    def plan(
        self,
        query: str | Sequence[Message],
        *,
        user_tier: str | None = None,
        domain: str | None = None,
        system: str | None = None,
        budget_remaining: int | None = None,
    ) -> CascadePlan:
        """What a run would do and cost, without a call.

        Args:
            query: a question, or messages in OpenAI's form.
            user_tier: tier of the user.
            domain: known domain; None: detected.
            system: replaces the agent's system message.
            budget_remaining: nano-USD that may still be spent; None: no budget.

        Returns:
            The plan.

        Raises:
            UnknownTierError: no policy for the tier.
        """
        return self.plan_conversation(
            self.conversation(query, system),
            self.plan_rules(),
            user_tier=user_tier,
            domain=domain,
            budget_remaining=budget_remaining,
        )

    def plan_conversation(
        self,
        messages: Sequence[Message],
        rules: PlanRules,
        *,
        user_tier: str | None,
        domain: str | None,
        budget_remaining: int | None,
    ) -> CascadePlan:
        """`plan` for whoever has the messages and the rules already; the arguments are those of `plan`."""
        from cascadeflow.routing.plan import make_plan

        return make_plan(
            messages,
            models=self.models,
            detector=self.domain_detector,
            analyzer=self.complexity_analyzer,
            rules=rules,
            router=self.tier_router if user_tier is not None else None,
            user_tier=user_tier,
            domain=domain,
            budget_remaining=budget_remaining,
        )

    def stream(
        self,
        query: str | Sequence[Message],
        *,
        user_id: str | None = None,
        user_tier: str | None = None,
        domain: str | None = None,
        session: str | None = None,
        system: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
        seed: int | None = None,
        response_format: dict[str, Any] | None = None,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: str | dict[str, Any] | None = None,
        timeout: float | None = None,
        hold_drafts: bool = False,
        observers: Sequence[Callable[[Event], None]] = (),
    ) -> RunStream:
        """Run, and tell every step as it happens.

        Args:
            query: a question, or messages in OpenAI's form.
            user_id: whose budget it uses; None: ``anonymous``.
            user_tier: tier of the user; decides models, cost per query and budget.
            domain: known domain; None: detected.
            session: conversation under which the run is recorded.
            system: replaces the agent's system message.
            temperature: replaces the agent's.
            max_tokens: replaces the agent's, for answers of models without one of their own.
            stop: strings that end an answer.
            seed: for repeatable sampling where the provider can.
            response_format: OpenAI's; the answer is checked against it.
            tools: OpenAI's, passed through; tool calls come back as data.
            tool_choice: OpenAI's, passed through.
            timeout: seconds for the whole run; None: no limit.
            hold_drafts: show text only once it is accepted.
            observers: called with every event of this run.

        Returns:
            The stream of events; a failing run ends it with `RunFailed`.
        """
        from cascadeflow.core.execute import RunOptions, run_stream

        return run_stream(
            self,
            query,
            RunOptions(
                user_id=user_id,
                user_tier=user_tier,
                domain=domain,
                session=session,
                system=system,
                temperature=temperature,
                max_tokens=max_tokens,
                stop=tuple(stop),
                seed=seed,
                response_format=response_format,
                tools=tuple(tools),
                tool_choice=tool_choice,
                timeout=timeout,
                hold_drafts=hold_drafts,
                observers=tuple(observers),
            ),
        )

    async def run(
        self,
        query: str | Sequence[Message],
        *,
        user_id: str | None = None,
        user_tier: str | None = None,
        domain: str | None = None,
        **options: Any,
    ) -> CascadeResult:
        """Run to the end.

        Args:
            query: a question, or messages in OpenAI's form.
            user_id: whose budget it uses; None: ``anonymous``.
            user_tier: tier of the user; decides models, cost per query and budget.
            domain: known domain; None: detected.
            **options: the others of `stream`.

        Returns:
            What the stream's last event says.

        Raises:
            BudgetExceededError: a budget refused every paid call, and no free model answered.
            NoModelsError: no model can be called.
            AllModelsFailedError: no model answered.
            UnknownTierError: no policy for the tier.
        """
        stream = self.stream(query, user_id=user_id, user_tier=user_tier, domain=domain, **options)
        await stream.until_done()
        if stream.result is not None:
            return stream.result
        raise stream.error or CascadeFlowError("the run was cancelled")

    def run_sync(self, query: str | Sequence[Message], **options: Any) -> CascadeResult:
        """`run` for scripts without an event loop.

        Args:
            query: a question, or messages in OpenAI's form.
            **options: as for `stream`.

        Raises:
            ConfigError: called inside a running event loop; use ``await agent.run(…)`` there.
        """
        import asyncio

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self.run(query, **options))
        raise ConfigError("run_sync was called inside a running event loop; use `await agent.run(…)` there")

    def run_many(
        self, queries: Iterable[str | Sequence[Message]], *, concurrency: int = 8, **options: Any
    ) -> AsyncGenerator[BatchItem, None]:
        """Run many queries at once.

        Args:
            queries: questions, or conversations; taken from the iterable as there is room.
            concurrency: runs under way at most.
            **options: as for `stream`, the same for all.

        Returns:
            Items as they finish, each with the index of its query. A failing run is an item with
            its error. Once a budget refuses, no further query is started and the iteration ends
            when those under way have finished; leaving the iteration stops them.

        Example:
            >>> async def show(agent, questions):
            ...     async for item in agent.run_many(questions, concurrency=4):
            ...         print(item.index, item.result.text if item.result else item.error)
        """
        from cascadeflow.core.batch import run_many

        return run_many(self, queries, concurrency=concurrency, options=options)

    def drift(self) -> list[DomainDrift]:
        """Where the gate is calibrated and runs are recorded: whether it accepts as many answers as it did then.

        Returns:
            One for each certified domain that has answers since the calibration.

        Raises:
            HistoryError: the history could not be read.
        """
        from cascadeflow.core.drift import drifts

        certificate = getattr(self.quality_validator, "certificate", None)
        if self.archive is None or certificate is None or self.quality_validator.certificate_is_void:
            return []
        return list(drifts(certificate, self.archive))

    def to_toml(self) -> str:
        """This agent's configuration as TOML; `from_toml` builds one that plans the same.

        Raises:
            ConfigError: something in it has no name in a file, such as a function of yours.
        """
        from cascadeflow.config import Configuration, dumps

        return dumps(Configuration.of_agent(self))

    async def aclose(self) -> None:
        """Free what the agent holds: client, ledger, archive."""
        if self._client is not None:
            await self._client.aclose()
        if self.cost_tracker is not None:
            await self.cost_tracker.aclose()
        if self.archive is not None:
            self.archive.close()


def _strategies(given: Mapping[str, DomainCascadeStrategy] | None) -> dict[str, DomainCascadeStrategy]:
    if given is not None:
        return dict(given)
    from cascadeflow.routing.domain_cascade import DEFAULT_STRATEGIES

    return dict(DEFAULT_STRATEGIES)


def _check_validations(strategies: Iterable[DomainCascadeStrategy]) -> None:
    """Refuse a validation that nobody registered now, not in the middle of a run."""
    from cascadeflow.quality.validators import validator_names

    known = validator_names()
    for strategy in strategies:
        for number, step in enumerate(strategy.steps, 1):
            if isinstance(step.validation, str) and step.validation not in known:
                raise ConfigError(
                    f"there is no validator {step.validation!r}; known are {', '.join(known)}; "
                    "add yours with register_validator",
                    key=f"strategies.{strategy.domain}.steps[{number}].validation",
                )
