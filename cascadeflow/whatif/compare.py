"""Plans of presets and tiers side by side for one question, without a call.

A `Comparer` is built once and asked at every keystroke: which models can be called, and what is left of the
budgets, is looked up when it is built and when `Comparer.refresh` is awaited; the domain and the complexity
of a question are worked out once for all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cascadeflow.routing.plan import make_plan
from cascadeflow.schema import CascadePlan, LeftOut, Message, ModelConfig
from cascadeflow.whatif.known import Known

if TYPE_CHECKING:
    from cascadeflow.client import ModelClient
    from cascadeflow.config import Configuration
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.presets import CascadePreset
    from cascadeflow.routing.selection import PlanRules


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRow:
    """One preset with one tier.

    Attributes:
        preset: name of the preset, or of another configuration.
        tier: name of the tier; None: none.
        plan: what a run would do; without steps where none can run.
        fits: whether tier and budget let a model answer.
        reason: why it does not fit; empty if it does.
        lacking: what each model lacks, where none can be called now; the plan is what it would be if they could.
        kept_out: models that tier or budget keep out, each with the reason.
    """

    preset: str
    tier: str | None
    plan: CascadePlan
    fits: bool
    reason: str
    lacking: tuple[LeftOut, ...]
    kept_out: tuple[LeftOut, ...]

    @property
    def ready(self) -> bool:
        """Whether models can be called now."""
        return not self.lacking

    @property
    def models(self) -> tuple[str, ...]:
        """Configured names, in the order in which they are asked."""
        return tuple(step.model for step in self.plan.steps)

    @property
    def p_escalate(self) -> float:
        """Estimated probability that the first answer is not accepted."""
        return self.plan.p_escalate

    @property
    def cost_expected(self) -> int | None:
        """Nano-USD over all ways through the plan; None: a price is unknown, or nothing can run."""
        return self.plan.cost_expected if self.plan.steps else None

    @property
    def cost_worst(self) -> int | None:
        """Nano-USD of the dearest way; None: a price is unknown, or nothing can run."""
        return self.plan.cost_worst if self.plan.steps else None

    @property
    def latency_expected_ms(self) -> float:
        """Milliseconds over all ways through the plan."""
        return sum(path.probability * path.latency_expected_ms for path in self.plan.paths)

    @property
    def latency_p95_ms(self) -> float:
        """Milliseconds of the slowest way, where its calls are slow too."""
        return max((path.latency_p95_ms for path in self.plan.paths), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One question under several presets and tiers.

    Attributes:
        rows: one per preset and tier, those that do not fit included.
    """

    rows: tuple[CompareRow, ...]

    @property
    def cheapest(self) -> CompareRow | None:
        """The row with the least expected cost among those that fit and are ready."""
        usable = [row for row in self.rows if row.fits and row.ready and row.cost_expected is not None]
        return min(usable, key=lambda row: row.cost_expected or 0, default=None)


class Comparer:
    """Compares the same agents for one question after another.

    Args:
        agents: name of the row → the agent whose plans are shown; they stay as they are, and changes to
            their settings count from the next `refresh`.
        tiers: names of tiers, None for a row without one; None: no tier, then every tier that any of the
            agents has a policy for.
        domain: of every question; None: detected.
        user: whose budgets count.
        budget_remaining: nano-USD that may still be spent in every row; None: no budget, until
            `refresh` has asked those of the agents.

    Example:
        >>> from cascadeflow import CascadeAgent, PRESET_LOCAL, PRESET_PRODUCTION_READY
        >>> from cascadeflow.testing import ScriptedClient
        >>> agents = {
        ...     preset.name: CascadeAgent(**preset.to_agent_config(), client=ScriptedClient({}))
        ...     for preset in (PRESET_LOCAL, PRESET_PRODUCTION_READY)
        ... }
        >>> rows = Comparer(agents, tiers=[None, "free"]).compare("What is 17 * 23?").rows
        >>> [(row.preset, row.tier, row.models[0]) for row in rows][-1]
        ('production_ready', 'free', 'gpt-4o-mini')
    """

    def __init__(
        self,
        agents: Mapping[str, CascadeAgent],
        tiers: Sequence[str | None] | None = None,
        *,
        domain: str | None = None,
        user: str | None = None,
        budget_remaining: int | None = None,
    ) -> None:
        self.agents = dict(agents)
        known = dict.fromkeys(name for agent in self.agents.values() for name in agent.tier_router.tier_policies)
        self.tiers: tuple[str | None, ...] = (None, *known) if tiers is None else tuple(tiers)
        self.domain, self.user = domain, user
        self._remaining: dict[tuple[str, str | None], int | None] = {
            (name, tier): budget_remaining for name in self.agents for tier in self.tiers
        }
        self._look()

    async def refresh(self) -> None:
        """Look again at which models can be called, and at what is left of the agents' budgets.

        Raises:
            LedgerError: the store of the budgets did not answer.
        """
        self._look()
        for name, agent in self.agents.items():
            tracker = agent.cost_tracker
            for tier in self.tiers:
                self._remaining[name, tier] = None if tracker is None else await tracker.remaining(self.user, tier)

    def compare(self, query: str | Sequence[Message]) -> Comparison:
        """Plans for a question.

        Args:
            query: a question, or messages in OpenAI's form.

        Returns:
            A row per agent and tier.

        Raises:
            ConfigError: the messages hold none of a user, or have another form.
        """
        found: dict[Any, Known] = {}
        rows: list[CompareRow] = []
        for name, agent in self.agents.items():
            messages = agent.conversation(query)
            rows += [self._row(name, agent, tier, messages, found) for tier in self.tiers]
        return Comparison(rows=tuple(rows))

    def _look(self) -> None:
        self._rules: dict[str, PlanRules] = {}
        self._lacking: dict[str, tuple[LeftOut, ...]] = {}
        for name, agent in self.agents.items():
            rules = agent.plan_rules()
            lacking = [lack for model in agent.models if (lack := rules.unavailable(model)) is not None]
            nobody = len(lacking) == len(agent.models)
            self._lacking[name] = tuple(lacking) if nobody else ()
            look = (lambda _: None) if nobody else _remembered(rules.unavailable)
            self._rules[name] = replace(rules, unavailable=look)

    def _row(
        self, name: str, agent: CascadeAgent, tier: str | None, messages: list[Message], found: dict[Any, Known]
    ) -> CompareRow:
        domain = _once(found, agent.domain_detector, lambda: agent.domain_detector.detect(messages))
        complexity = _once(found, agent.complexity_analyzer, lambda: agent.complexity_analyzer.analyze(messages))
        remaining = self._remaining[name, tier]
        known = tier is None or tier in agent.tier_router.tier_policies
        plan = make_plan(
            messages,
            models=agent.models,
            detector=domain,
            analyzer=complexity,
            rules=self._rules[name],
            router=agent.tier_router if tier is not None and known else None,
            user_tier=tier if known else None,
            domain=self.domain,
            budget_remaining=remaining,
        )
        kept_out = tuple(item for item in plan.left_out if item.kind in ("tier", "budget"))
        reason = ""
        if not known:
            plan = replace(plan, tier=tier, steps=(), paths=(), left_out=())
            reason = f"{name} has no tier {tier!r}; it has {', '.join(agent.tier_router.tier_policies)}"
        elif not plan.steps:
            reason = "; ".join(f"{item.model}: {item.reason}" for item in kept_out or plan.left_out)
        return CompareRow(
            preset=name,
            tier=tier,
            plan=plan,
            fits=bool(plan.steps),
            reason=reason,
            lacking=self._lacking[name],
            kept_out=kept_out,
        )


def _remembered(look: Callable[[ModelConfig], LeftOut | None]) -> Callable[[ModelConfig], LeftOut | None]:
    """The same look, taken once for each model."""
    seen: dict[str, LeftOut | None] = {}

    def unavailable(model: ModelConfig) -> LeftOut | None:
        if model.name not in seen:
            seen[model.name] = look(model)
        return seen[model.name]

    return unavailable


def _once(found: dict[Any, Known], finder: Any, find: Any) -> Known:
    """What a detector or analyser says, asked once; built-in ones without words of the user's say the same."""
    built_in = type(finder).__module__.startswith("cascadeflow.routing") and not getattr(finder, "extra", None)
    key = type(finder) if built_in else id(finder)
    if key not in found:
        found[key] = Known(find())
    return found[key]


def compare(
    query: str | Sequence[Message],
    presets: Sequence[str | CascadePreset | Configuration] | None = None,
    tiers: Sequence[str | None] | None = None,
    *,
    domain: str | None = None,
    budget_remaining: int | None = None,
    rehearse: bool | None = None,
    client: ModelClient | None = None,
) -> Comparison:
    """Plans of presets and tiers side by side for one question, without a call.

    Args:
        query: a question, or messages in OpenAI's form.
        presets: names of presets, presets, or configurations; None: every built-in preset.
        tiers: names of tiers, None for a row without one; None: no tier, then every tier there is.
        domain: known domain; None: detected.
        budget_remaining: nano-USD that may still be spent in every row; None: no budget.
        rehearse: plan with the embedded models that stand in for hosted ones; None: where no hosted
            model of a preset has a key.
        client: who would answer, and says which models can be called; None: the usual one.

    Returns:
        A row per preset and tier, those that do not fit included with the reason.

    Raises:
        UnknownPresetError: no preset has that name.
        ConfigError: the messages hold none of a user, or have another form.

    Example:
        >>> rows = compare("Prove that the square root of 2 is irrational.", ["cost_optimized_saas"], [None, "free"]).rows
        >>> [(row.preset, row.tier, row.fits) for row in rows]
        [('cost_optimized_saas', None, True), ('cost_optimized_saas', 'free', True)]
    """
    from cascadeflow.whatif.candidates import named_agents

    agents = named_agents(presets, rehearse=rehearse, client=client)
    return Comparer(agents, tiers, domain=domain, budget_remaining=budget_remaining).compare(query)
