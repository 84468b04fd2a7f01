"""Which steps recorded runs would have had under other settings.

The steps depend on a question's domain, complexity and length only. Ten thousand runs share a few hundred
such plans: for each domain, complexity and tier the plans of the shortest and the longest question are
made, and those in between only where the two differ.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cascadeflow.catalog.pricing import price_for
from cascadeflow.routing.plan import make_plan
from cascadeflow.routing.strategy_plan import models_of
from cascadeflow.schema import CascadePlan, LeftOut, ModelConfig
from cascadeflow.whatif.known import Known
from cascadeflow.whatif.records import Recorded
from cascadeflow.whatif.steps import Step

if TYPE_CHECKING:
    from cascadeflow.core.agent import CascadeAgent

_CLOSE = 2.0
"""Lengths whose ratio is below this and whose plans are the same have no other plan between them."""
_CHARACTERS_PER_TOKEN, _TOKENS_PER_MESSAGE = 3.6, 8
"""As `routing.context.estimate_prompt_tokens` counts."""


class Planner:
    """Plans recorded runs by one agent, as if all its models could be called.

    Args:
        agent: whose settings count; it stays as it is.
        runs: those that will be asked for.

    Attributes:
        agent: the agent.
        lacking: what models of the agent lack to be called on this machine now.
    """

    def __init__(self, agent: CascadeAgent, runs: Iterable[Recorded]) -> None:
        self.agent = agent
        rules = agent.plan_rules()
        self.lacking: tuple[LeftOut, ...] = tuple(
            lack for model in agent.models if (lack := rules.unavailable(model)) is not None
        )
        self._rules = replace(rules, unavailable=lambda _: None)
        lengths: dict[tuple[str, str], set[int]] = {}
        for run in runs:
            lengths.setdefault((run.domain, run.complexity), set()).add(run.planned_tokens)
        self._lengths = {key: sorted(found) for key, found in lengths.items()}
        self._plans: dict[tuple[str, str, str | None], list[tuple[Step, ...]]] = {}
        self._same: dict[tuple[Any, ...], tuple[Step, ...]] = {}

    def steps(self, run: Recorded, tier: str | None) -> tuple[Step, ...]:
        """The steps of a run; the same object for plans that are the same.

        Args:
            run: one of those given.
            tier: of the user; None, or one without a policy: none.
        """
        tier = tier if tier in self.agent.tier_router.tier_policies else None
        lengths = self._lengths[run.domain, run.complexity]
        key = (run.domain, run.complexity, tier)
        plans = self._plans.get(key)
        if plans is None:
            plans = self._plans[key] = self._fill(lengths, key)
        return plans[bisect_left(lengths, run.planned_tokens)]

    def _fill(self, lengths: Sequence[int], key: tuple[str, str, str | None]) -> list[tuple[Step, ...]]:
        """The plan for each length: those at both ends of a stretch are made, then those between where they may differ."""
        plans: dict[int, tuple[Step, ...]] = {}
        stretches = [(0, len(lengths) - 1)]
        while stretches:
            start, end = stretches.pop()
            for at in (start, end):
                if at not in plans:
                    plans[at] = self._plan(lengths[at], key)
            if plans[start] is plans[end] and lengths[end] < _CLOSE * lengths[start]:
                plans |= dict.fromkeys(range(start + 1, end), plans[start])
            elif end - start > 1:
                stretches += [(start, (start + end) // 2), ((start + end) // 2, end)]
        return [plans[at] for at in range(len(lengths))]

    def _plan(self, prompt_tokens: int, key: tuple[str, str, str | None]) -> tuple[Step, ...]:
        domain, complexity, tier = key
        text = " " * round(max(0, prompt_tokens - _TOKENS_PER_MESSAGE) * _CHARACTERS_PER_TOKEN)
        plan = make_plan(
            [{"role": "user", "content": text}],
            models=self.agent.models,
            detector=Known((domain, 1.0)),
            analyzer=Known({"complexity": complexity, "score": 0.0}),
            rules=self._rules,
            router=self.agent.tier_router if tier is not None else None,
            user_tier=tier,
        )
        steps = self._steps(plan)
        return self._same.setdefault((complexity, *(step[:6] for step in steps)), steps)

    def _steps(self, plan: CascadePlan) -> tuple[Step, ...]:
        models = {model.name: model for model in self.agent.models}
        strategy = self._rules.strategies.get(plan.strategy)
        if strategy is not None:
            models = models_of(strategy, self.agent.models) | models
        steps: list[Step] = []
        for planned in plan.steps:
            step = Step(
                model=planned.model,
                role=planned.role,
                run=planned.run,
                validation=planned.validation,
                fallback=False,
                price=price_for(models[planned.model], plan.prompt_tokens),
                p_accept=planned.p_accept,
                strength=models[planned.model].quality_score,
                latency_ms=planned.latency_expected_ms,
                threshold=planned.threshold,
            )
            steps.append(step)
            if planned.fallback_model is not None:
                stand_in: ModelConfig = models[planned.fallback_model]
                price = price_for(stand_in, plan.prompt_tokens)
                steps.append(step._replace(model=stand_in.name, fallback=True, price=price, strength=-1.0))
        return tuple(steps)
