"""What a configuration file may say: TOML schema version 1, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from cascadeflow.errors import ConfigError
from cascadeflow.quality.certificate import Certificate
from cascadeflow.schema import ModelConfig, QualityMode, Role, RunWhen
from cascadeflow.telemetry.budgets import BudgetConfig
from cascadeflow.validated import refusal

if TYPE_CHECKING:
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.presets import CascadePreset

SCHEMA_VERSION: Literal[1] = 1


class _Section(BaseModel):
    """What refuses wrong values with `ConfigError`, when it is made and when an attribute is set."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise self._refusal(error) from None

    # so that sections within a file are read without this method, and their errors keep the path to the key
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]  # how pydantic marks its own

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            super().__setattr__(name, value)
        except ValidationError as error:
            raise self._refusal(error) from None

    @classmethod
    def _refusal(cls, error: ValidationError) -> ConfigError:
        return refusal(error, cls.__name__, list(cls.model_fields))


class QualitySection(_Section):
    """How answers are checked.

    Attributes:
        mode: how strictly; each mode has a threshold and checks of its own.
        threshold: score from which an answer is accepted; None: the mode's.
        hedging: whether doubt in the wording counts.
        coherence: whether loops and contradictions in the answer count.
        semantic_similarity: whether question and answer are compared by meaning; no such check is installed yet.
        toxicity: whether insults and threats are looked for; no such check is installed yet.
    """

    mode: QualityMode = "balanced"
    threshold: float | None = Field(default=None, ge=0, le=1)
    hedging: bool = True
    coherence: bool = True
    semantic_similarity: bool = False
    toxicity: bool = False


class GateSection(Certificate, _Section):
    """What is certified of the gate, written by ``cascadeflow calibrate``; how much is audited; a gate of one's own.

    Attributes:
        threshold: score from 0 to 1 an answer needs, in domains without a line of their own; None: the mode's.
        model: whose answers were labelled; None: anybody's.
        target: share of right answers among the accepted that is certified, from 0 to 1.
        delta: probability, at most, that any of it is not so.
        n: labelled answers.
        accepted: how many of them reach the threshold.
        wrong_bound: exact upper bound on the share of wrong answers among those.
        date: of the calibration.
        gate: print of the checks that gave the scores; with others nothing of this holds.
        domains: domain → what is certified there.
        audit_rate: share of the accepted drafts that the strongest model answers too.
        file: a learned gate as ``cascadeflow train`` writes it; one that is not given in full is looked for
            beside the configuration. None: the gate that is shipped.
    """

    audit_rate: float = Field(default=0.0, ge=0, le=1)
    file: str | None = None

    @property
    def certificate(self) -> Certificate:
        """What is certified, alone."""
        return Certificate.model_validate(self.model_dump(include=set(Certificate.model_fields)))


class BudgetSection(_Section):
    """What may be spent, in USD.

    Attributes:
        tracking: whether spend is counted and limited at all.
        enforcement: what follows where a call does not fit: models that cost nothing answer
            (``degrade``), the run is refused (``block``), or it is only said (``warn``).
        warn_threshold: part of a budget from which a warning is given, above 0 up to 1.
        forecast: whether spend is forecast.
        on_store_error: what follows where the ledger fails: paid calls are refused, or allowed unguarded.
        user: for each user.
        users: user id → that user's own budget.
        pool: for everyone together.
    """

    tracking: bool = True
    enforcement: Literal["degrade", "block", "warn"] = "degrade"
    warn_threshold: float = Field(default=0.8, gt=0, le=1)
    forecast: bool = False
    on_store_error: Literal["refuse", "allow"] = "refuse"
    user: BudgetConfig | None = None
    users: dict[str, BudgetConfig] = Field(default_factory=dict)
    pool: BudgetConfig | None = Field(
        default=None, validation_alias=AliasChoices("global", "pool"), serialization_alias="global"
    )


class TierSection(_Section):
    """What a tier may use and spend.

    Attributes:
        allowed_models: names of models; None: as built in. A tier of your own needs the list.
        max_cost_per_query: USD for a whole run, drafts included; None: no limit.
        prefer_cheap_first: whether the cheapest is asked first, else the dearest.
        budget: for each user of the tier, in the periods it names instead of the user's.
    """

    allowed_models: list[str] | None = None
    max_cost_per_query: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    prefer_cheap_first: bool = True
    budget: BudgetConfig | None = None


class StepSection(_Section):
    """One step of a strategy; validations stand under their registered names.

    Attributes:
        model: its name; it may be outside the models of the configuration.
        provider: of the model.
        validation: name of the validator that decides; None: the gate does.
        max_retries: repetitions of a call that failed for a passing reason.
        fallback_model: asked once where this one fails or is rejected; None: nobody.
        role: ``answer`` afresh, or ``verify`` the draft before it.
        run: ``if_needed``, where the answer before did not pass, or ``always``.
    """

    model: str = Field(min_length=1)
    provider: str = Field(min_length=1)
    validation: str | None = None
    max_retries: int = Field(default=1, ge=0, le=10)
    fallback_model: str | None = None
    role: Role = "answer"
    run: RunWhen = "if_needed"


class StrategySection(_Section):
    """A cascade of its own for one domain.

    Attributes:
        description: for people.
        steps: 2 to 5, in order.
    """

    description: str = ""
    steps: list[StepSection] = Field(min_length=2, max_length=5)


class RoutingSection(_Section):
    """Who is asked.

    Attributes:
        by_domain: whether the detected domain decides who is asked.
        multi_step: whether domains use the strategies; else each gets the standard cascade.
        expect_tier: whether a run without a tier says so in an event.
        max_steps: different models that a run of the standard cascade asks at most.
    """

    by_domain: bool = False
    multi_step: bool = False
    expect_tier: bool = False
    max_steps: int = Field(default=3, ge=1, le=5)


class GenerationSection(_Section):
    """What every request says.

    Attributes:
        system: system message; None: none.
        temperature: of sampling; None: the provider's default.
        max_tokens: completion tokens per answer.
    """

    system: str | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int = Field(default=1024, ge=1)


class CallsSection(_Section):
    """Time-outs, and repetitions.

    Attributes:
        first_token_timeout: seconds until an answer must begin; 0: no limit.
        total_timeout: seconds for one answer; 0: no limit.
        max_retries: repetitions of a call that failed for a passing reason.
    """

    first_token_timeout: float = Field(default=60.0, ge=0)
    total_timeout: float = Field(default=300.0, ge=0)
    max_retries: int = Field(default=2, ge=0, le=10)


class LedgerSection(_Section):
    """Where budget counters are kept.

    A Redis address may hold a password, so it is named by the environment variable that holds it. ``prefix``,
    ``cluster`` and ``keep_rows`` are for Redis, ``patience`` for Redis and SQLite; they mean what they mean there.

    Attributes:
        kind: this process's memory, a file of SQLite, or a Redis that many machines share.
        path: file of SQLite; None: ``ledger.db`` in the user's data folder.
        url_env: environment variable with the address of Redis, which may hold a password.
        prefix: of Redis: beginning of every key; ledgers with different ones are apart.
        cluster: of Redis: whether the address is that of a node of a cluster.
        patience: of Redis and SQLite: seconds they may take before they count as failed.
        keep_rows: of Redis: bookings remembered one by one; sums by day are kept all the same.
    """

    kind: Literal["memory", "sqlite", "redis"] = "memory"
    path: str | None = None
    url_env: str = Field(default="CASCADEFLOW_REDIS_URL", min_length=1)
    prefix: str = Field(default="cascadeflow", pattern=r"^[\w.:-]+$")
    cluster: bool = False
    patience: float = Field(default=5.0, gt=0, allow_inf_nan=False)
    keep_rows: int = Field(default=100_000, ge=1)


class HistorySection(_Section):
    """Whether runs are recorded, and for how long.

    Attributes:
        mode: with questions and answers, without these texts, or not at all.
        path: the file; None: ``history.db`` in the user's data folder.
        retention_days: days after which runs are deleted, pinned conversations excepted; None: never.
    """

    mode: Literal["full", "no_text", "off"] = "off"
    path: str | None = None
    retention_days: int | None = Field(default=None, ge=1)


class Configuration(_Section):
    """Everything an agent needs, as one value that a file can hold.

    Attributes:
        version: of the format.
        name: shown as the preset's name.
        description: for people.
        based_on: name of the preset from which it was made; None: of none.
        models: what may be asked.
        quality: how answers are checked.
        gate: what is certified of the checks, how much is audited, and a learned gate of one's own.
        budget: what may be spent.
        tiers: name of a tier → what it may use and spend.
        strategies: domain → a cascade of its own; used while ``routing.multi_step`` is on.
        routing: who is asked.
        generation: what every request says.
        calls: time-outs, and repetitions.
        ledger: where budget counters are kept.
        history: whether runs are recorded.
    """

    version: Literal[1] = SCHEMA_VERSION
    name: str = "custom"
    description: str = ""
    based_on: str | None = None
    models: list[ModelConfig] = Field(min_length=1)
    quality: QualitySection = Field(default_factory=QualitySection)
    gate: GateSection = Field(default_factory=GateSection)
    budget: BudgetSection = Field(default_factory=BudgetSection)
    tiers: dict[str, TierSection] = Field(default_factory=dict)
    strategies: dict[str, StrategySection] = Field(default_factory=dict)
    routing: RoutingSection = Field(default_factory=RoutingSection)
    generation: GenerationSection = Field(default_factory=GenerationSection)
    calls: CallsSection = Field(default_factory=CallsSection)
    ledger: LedgerSection = Field(default_factory=LedgerSection)
    history: HistorySection = Field(default_factory=HistorySection)

    @classmethod
    def of_preset(cls, preset: CascadePreset) -> Configuration:
        """The configuration a preset stands for."""
        from cascadeflow.config.live import strategy_section, tier_sections

        budgets = preset.tier_budgets if preset.enable_user_tiers and preset.tier_budgets else {}
        daily = preset.default_budget_daily
        return cls(
            name=preset.name,
            description=preset.description,
            based_on=preset.name,
            models=[_copy(model) for model in preset.models],
            quality=QualitySection(
                mode=preset.quality_validation_mode,
                semantic_similarity=preset.enable_ml_quality,
                toxicity=preset.enable_ml_quality,
            ),
            budget=BudgetSection(
                tracking=preset.enable_cost_tracking,
                forecast=preset.enable_cost_forecasting,
                user=None if daily is None else BudgetConfig(daily=daily),
            ),
            tiers=tier_sections(preset.tier_policies or {}, budgets, say_defaults=True),
            strategies={name: strategy_section(item) for name, item in (preset.domain_strategies or {}).items()},
            routing=RoutingSection(by_domain=preset.enable_domain_routing, multi_step=preset.enable_multi_step_cascade),
        )

    @classmethod
    def of_agent(cls, agent: CascadeAgent) -> Configuration:
        """The configuration of a live agent.

        Raises:
            ConfigError: something in it has no name in a file.
        """
        from cascadeflow.config.live import configuration_of

        return configuration_of(agent)

    def to_agent_config(self) -> dict[str, Any]:
        """Arguments for `CascadeAgent`, made of live objects that may be changed before use."""
        from cascadeflow.config.live import agent_arguments

        return agent_arguments(self)

    def to_preset(self) -> CascadePreset:
        """The part of the configuration that a preset holds.

        Raises:
            ConfigError: it says something that a preset has no field for.
        """
        from cascadeflow.config.live import policies_of, strategy_of
        from cascadeflow.presets import CascadePreset

        budgets = {name: tier.budget for name, tier in self.tiers.items() if tier.budget is not None}
        strategies = {name: strategy_of(name, section) for name, section in self.strategies.items()}
        preset = CascadePreset(
            name=self.name,
            description=self.description,
            models=[_copy(model) for model in self.models],
            enable_cost_tracking=self.budget.tracking,
            default_budget_daily=None if self.budget.user is None else self.budget.user.daily,
            enable_cost_forecasting=self.budget.forecast,
            quality_validation_mode=self.quality.mode,
            enable_ml_quality=self.quality.semantic_similarity,
            enable_domain_routing=self.routing.by_domain,
            domain_strategies=strategies or None,
            enable_user_tiers=bool(budgets),
            tier_budgets=budgets or None,
            enable_multi_step_cascade=self.routing.multi_step,
            tier_policies=policies_of(self) or None,
        )
        again = self.of_preset(preset).model_copy(update={"based_on": self.based_on})
        lost = [key for key in type(self).model_fields if getattr(again, key) != getattr(self, key)]
        if lost:
            raise ConfigError(
                f"a preset has no field for what stands in {', '.join(lost)}; use CascadeAgent.from_toml", key=lost[0]
            )
        return preset


def _copy(model: ModelConfig) -> ModelConfig:
    from dataclasses import replace

    return replace(model, domains=list(model.domains))
