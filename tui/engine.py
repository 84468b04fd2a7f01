"""The console's hold on the engine: the agent in use, the settings of the user, and nothing else.

Imported after the first frame, because it brings the engine with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cascadeflow.catalog import EMBEDDED
from cascadeflow.errors import CascadeFlowError, ConfigError
from cascadeflow.money import format_usd, parse_usd, to_usd
from cascadeflow.presets import PRESETS, own_presets
from tui.own import Own, comparable, preset_or_none

if TYPE_CHECKING:
    from cascadeflow.config import Configuration
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.core.run_stream import RunStream
    from cascadeflow.schema import CascadePlan, Message
    from cascadeflow.telemetry.budgets import BudgetStatus

_RECALLED = 200
"""Questions of earlier conversations that the arrow keys bring back."""

_FORECAST_EVERY = 30.0
"""Seconds between two forecasts: one reads 60 days of bookings."""

Opener = Callable[[str | None, "CascadeAgent | None"], "CascadeAgent"]
"""Opens the agent of a preset; its second argument is the agent in use, whose client and ledger are shared."""


def opener(config: str | None, rehearse: bool | None) -> Opener:
    """The opener of the real console.

    Args:
        config: a configuration file to begin with instead of a preset.
        rehearse: let embedded models stand in; None: where no hosted model has a key.
    """

    def open_one(preset: str | None, current: CascadeAgent | None) -> CascadeAgent:
        from cascadeflow.workspace import open_agent, with_preset

        if current is None or preset is None:
            return open_agent(preset, config=config, rehearse=rehearse)
        return with_preset(current, preset, rehearse=rehearse)

    return open_one


class Engine:
    """The agent in use and for whom it answers.

    Args:
        open_one: opens agents.
        preset: to begin with; None: the configuration file's, or the default.
        user: whose budget is used.
        tier: of the user; None: none.
        domain: of every question; None: detected.
        rehearse: let embedded models stand in for those of a changed configuration; None: where no key is found.

    Attributes:
        agent: answers the next question.
        config: the configuration file to begin with; None: a preset was given.
        file: file behind the agent in use; None: there is none.
        own: what the pane lists beside the presets: a configuration file, and what was changed in the settings.

    Raises:
        CascadeFlowError: the first agent cannot be opened.
    """

    def __init__(
        self,
        open_one: Opener,
        *,
        preset: str | None = None,
        config: str | None = None,
        user: str | None = None,
        tier: str | None = None,
        domain: str | None = None,
        rehearse: bool | None = None,
    ) -> None:
        from cascadeflow.config import load

        self._open, self._rehearse = open_one, rehearse
        self.agent = open_one(preset, None)
        self.own: list[Own] = []
        self._in_use: Own | None = None
        self.config = Path(config).expanduser() if config else None
        self.file = self.config
        self._left: list[CascadeAgent] = []
        if self.config is not None:
            self._in_use = Own(self.config.name, "file", self.agent, load(self.config), self.config)
            self.own = [self._in_use]
        else:
            self.file = own_presets().get(self.agent.preset or "")
        self.user, self.tier, self.domain = user, tier, domain
        self.remaining: int | None = None
        """Nano-USD that may still be spent, as last asked; None: no budget."""
        self.runs_out: datetime | None = None
        """When the first budget runs out at the pace of the last days; None: none does, or nobody knows."""
        self._forecast_at = float("-inf")
        if tier is not None:
            self.agent.tier_router.policy(tier)

    @property
    def preset(self) -> str:
        """What the pane marks as chosen."""
        return self._in_use.label if self._in_use is not None else self.agent.preset or "own models"

    @property
    def tiers(self) -> list[tuple[str, str]]:
        """Names of the tiers, each with its daily budget in words, if it has one."""
        tracker = self.agent.cost_tracker
        budgets = (tracker.tier_budgets or {}) if tracker is not None else {}
        listed = []
        for name in self.agent.tier_router.tier_policies:
            budget = budgets.get(name)
            daily = budget.daily if budget is not None else None
            listed.append((name, f"${daily:g}/day" if daily is not None else ""))
        return listed

    @property
    def presets(self) -> list[str]:
        """What can be chosen."""
        return [*(own.label for own in self.own), *PRESETS, *own_presets()]

    @property
    def built_in(self) -> list[str]:
        """The names of the presets, without a configuration file."""
        return list(PRESETS)

    def candidates(self) -> dict[str, CascadeAgent]:
        """Every preset that can be chosen, opened beside the agent in use; that one included."""
        found: dict[str, CascadeAgent] = {}
        for name in self.presets:
            own = next((own for own in self.own if own.label == name), None)
            found[name] = self.agent if name == self.preset else own.agent if own else self._open(name, self.agent)
        return found

    def beside(self, name: str) -> Engine:
        """Another engine that asks under another preset; client, ledger and history are shared.

        Args:
            name: of the preset.

        Raises:
            CascadeFlowError: it cannot be opened.
        """
        other = copy(self)
        other.own = list(self.own)
        other.choose_preset(name)
        return other

    def set_budget(self, amount: str) -> str:
        """Set the budget of a day for each user; it holds from the next call on.

        Args:
            amount: USD, such as ``0.50``; ``off``: no limit.

        Returns:
            What holds now, for people.

        Raises:
            ConfigError: it is no amount, or this preset counts no money.
        """
        tracker = self.agent.cost_tracker
        self._forecast_at = float("-inf")
        if tracker is None:
            raise ConfigError(f"{self.preset} counts no money: its models cost nothing", key="budget")
        if amount.strip().lower() == "off":
            tracker.budget_limit = None
            return "No daily budget for each user from the next call on; other budgets still hold."
        try:
            tracker.budget_limit = to_usd(parse_usd(amount))
        except ValueError:
            raise ConfigError(
                f"{amount!r} is not an amount; write USD a day such as 0.50, or off", key="budget"
            ) from None
        return f"{format_usd(parse_usd(amount))} a day for each user from the next call on."

    def earlier_questions(self) -> list[str]:
        """Questions of earlier conversations, the latest last; none where texts are not kept."""
        archive = self.agent.archive
        if archive is None:
            return []
        try:
            found = [run.query for run in archive.runs(_RECALLED) if run.query]
        except CascadeFlowError:
            return []  # the history says what is wrong where it is asked for
        return list(dict.fromkeys(found))[::-1]

    def choose_preset(self, name: str) -> None:
        """Take another preset from the next question on.

        Raises:
            CascadeFlowError: it cannot be opened; the agent in use stays.
        """
        own = next((own for own in self.own if own.label == name), None)
        if own is None:
            self._use(self._open(name, self.agent), None, own_presets().get(name))
        else:
            self._use(own.agent, own, own.file)

    def _use(self, agent: CascadeAgent, own: Own | None, file: Path | None) -> None:
        self._forecast_at, self.runs_out = float("-inf"), None
        before, self.agent, self._in_use, self.file = self.agent, agent, own, file
        if before not in self._left and _kept(before) != _kept(agent):
            self._left.append(before)
        if self.tier is not None and self.tier not in agent.tier_router.tier_policies:
            self.tier = None

    def configuration(self) -> Configuration:
        """What the agent in use is made of by now, with what only its file says of it.

        Raises:
            ConfigError: something in it has no name in a file.
        """
        from cascadeflow.config import Configuration
        from cascadeflow.workspace import with_defaults

        found, said = Configuration.of_agent(self.agent), None
        if self._in_use is not None:
            said = self._in_use.configuration
        elif self.agent.preset is not None:
            said = preset_or_none(self.agent.preset)
        if said is not None:
            found.description, found.based_on = said.description, said.based_on
        if self.agent.cost_tracker is None:  # what it would count, and where, only its file can tell
            whole = with_defaults(said or found)
            found.ledger, found.tiers = whole.ledger, comparable(whole).tiers
            found.budget = whole.budget.model_copy(update={"tracking": False})
        return found

    def apply(self, configuration: Configuration) -> None:
        """Take a changed configuration from the next question on.

        Raises:
            CascadeFlowError: it cannot be used; the agent in use stays.
        """
        changed_before = self._in_use is not None and self._in_use.kind == "changed"
        label = self.preset if changed_before else f"{self.preset}, changed"
        self._take(configuration, label, "changed", self.file)

    def reload(self) -> None:
        """Read the file behind the agent in use again, and take what it says from the next question on.

        Raises:
            CascadeFlowError: it cannot be read or used; the agent in use stays.
        """
        from cascadeflow.config import load

        if self.file is None:
            return
        if self.file == self.config:
            self._take(load(self.file), self.file.name, "file", self.file)
        else:
            self.choose_preset(self.file.stem)

    def _take(
        self, configuration: Configuration, label: str, kind: Literal["file", "changed"], file: Path | None
    ) -> None:
        from cascadeflow.workspace import with_configuration

        agent = with_configuration(self.agent, configuration, rehearse=self._rehearse)
        own = Own(label, kind, agent, configuration, file)
        self.own = [other for other in self.own if other.kind != kind] + [own]
        self._use(agent, own, file)

    @property
    def own_steps(self) -> str:
        """Domains for which the agent in use has a cascade of its own; empty: none is used."""
        return ", ".join(self.agent.domain_strategies) if self.agent.enable_multi_step_cascade else ""

    def switch_own_steps(self) -> None:
        """Use the cascades that domains have of their own from the next question on, or the standard one."""
        from cascadeflow.workspace import use_own_steps

        use_own_steps(self.agent, on=not self.agent.enable_multi_step_cascade)

    def plan(self, messages: Sequence[Message]) -> CascadePlan:
        """What the conversation would do and cost if it were sent now."""
        return self.agent.plan(
            messages, user_tier=self.tier, domain=self.domain, budget_remaining=self.remaining
        )  # fmt: skip

    def lacking(self) -> dict[str, str]:
        """Models of the agent in use that cannot be called, and what each lacks."""
        unavailable = self.agent.plan_rules().unavailable
        lacks = [lack for model in self.agent.models if (lack := unavailable(model)) is not None]
        return {lack.model: lack.reason for lack in lacks}

    def stream(self, messages: Sequence[Message], session: str) -> RunStream:
        """Send the conversation."""
        return self.agent.stream(
            messages, user_id=self.user, user_tier=self.tier, domain=self.domain, session=session
        )  # fmt: skip

    async def warm_up(self) -> None:
        """Have the client import what its first model needs, so that the first question need not wait for it.

        Raises:
            CascadeFlowError: it cannot be started; a run would say the same.
        """
        client = getattr(self.agent.client, "inner", self.agent.client)
        warm_up = getattr(client, "warm_up", None)
        if warm_up is not None:
            await warm_up("local" if self.agent.rehearsal else self.agent.models[0].provider)

    async def budgets(self) -> tuple[BudgetStatus, ...]:
        """Every budget that applies to the user.

        Raises:
            LedgerError: the store did not answer.
        """
        tracker = self.agent.cost_tracker
        if tracker is None:
            self.remaining = None
            return ()
        self.remaining = None if tracker.enforcement == "warn" else await tracker.remaining(self.user, self.tier)
        if time.monotonic() - self._forecast_at > _FORECAST_EVERY:
            self._forecast_at = time.monotonic()
            forecast = await tracker.forecast(self.user, self.tier)
            self.runs_out = forecast.runs_out_at if forecast is not None else None
        return await tracker.status(self.user, self.tier)

    def drifted(self) -> list[str]:
        """Where accepted answers have become more or fewer than the calibration lets expect; reads the history."""
        return [item.drift.words for item in self.agent.drift() if item.drift.drifted]

    @property
    def warn_at(self) -> float:
        """Share of a budget from which it warns."""
        tracker = self.agent.cost_tracker
        return tracker.warn_threshold if tracker is not None else 1.0

    def needed(self) -> list[str]:
        """Embedded models that the agent in use answers with, smallest file first."""
        names = {model.name for model in self.agent.models if model.provider == "local" and model.path is None}
        if self.agent.rehearsal:
            from cascadeflow.integrations.rehearsal import stand_ins

            names |= set(stand_ins(self.agent.models).values())
        return [model.name for model in sorted(EMBEDDED, key=lambda model: model.bytes) if model.name in names]

    def missing(self) -> list[str]:
        """Those of `needed` that are not on this disk; reads whole files the first time, so not for the loop."""
        from cascadeflow.integrations.model_store import ModelStore

        store = ModelStore()
        return [name for name in self.needed() if store.status(name).state != "ready"]

    async def aclose(self) -> None:
        """Free client, ledger and history."""
        for agent in self._left:
            if agent.archive is not None:
                agent.archive.close()
            if agent.cost_tracker is not None:
                await agent.cost_tracker.aclose()
        await self.agent.aclose()


def preset_domains() -> list[tuple[str, str]]:
    """Every built-in preset by name, with the domains for which it has a cascade of its own."""
    return [
        (name, ", ".join(preset.domain_strategies or {}) if preset.enable_multi_step_cascade else "")
        for name, preset in PRESETS.items()
    ]


def _kept(agent: CascadeAgent) -> tuple[object, object]:
    """Archive and ledger of an agent; most agents share them."""
    return agent.archive, agent.cost_tracker.store if agent.cost_tracker is not None else None
