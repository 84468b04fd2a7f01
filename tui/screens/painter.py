"""Fills the panes of the main screen from what the console knows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cascadeflow.errors import CascadeFlowError
from cascadeflow.money import format_usd
from cascadeflow.presets import PRESETS, own_presets
from cascadeflow.sanitise import one_line
from tui import gauge, words
from tui.attachments import joined
from tui.commands import is_command, told
from tui.engine import preset_domains
from tui.widgets.ask import Ask
from tui.widgets.choices import Choice, Choices
from tui.widgets.chrome import HeaderLine
from tui.widgets.conversation import Conversation
from tui.widgets.lines import LineView
from tui.wrap import wrap

if TYPE_CHECKING:
    from cascadeflow.schema import CascadePlan
    from tui.engine import Engine
    from tui.pulls import Pull
    from tui.runner import Runner
    from tui.screens.asking import AskingScreen
    from tui.state import Turn
    from tui.words import Line

_WIDTH_UNKNOWN = 30
_WELCOME = (
    "Ask a question below. The cheapest model answers first; its answer is checked, and only when the check fails a "
    "stronger model is asked."
)
_REHEARSAL = (
    "REHEARSAL: embedded models on this machine stand in for the hosted ones of the preset. Prices are those of the "
    "hosted models; nothing is charged. Set the keys of the providers to ask them for real."
)


class Painter:
    """Fills the panes.

    Args:
        screen: the main screen, with engine and runner.

    Attributes:
        last_plan: of what is in the input; None: it is empty.
    """

    def __init__(self, screen: AskingScreen) -> None:
        self._screen = screen
        self.last_plan: CascadePlan | None = None
        self._problem = ""

    @property
    def _engine(self) -> Engine:
        assert self._screen.engine is not None  # noqa: S101  # the painter is made with it
        return self._screen.engine

    @property
    def _runner(self) -> Runner:
        assert self._screen.runner is not None  # noqa: S101  # the painter is made with it
        return self._screen.runner

    def _pane(self, name: str) -> LineView:
        return self._screen.query_one(f"#{name}", LineView)

    def _width(self, name: str) -> int:
        return self._pane(name).scrollable_content_region.width or _WIDTH_UNKNOWN

    def introduction(self) -> None:
        """What stands in the conversation before the first question."""
        paragraphs = [(_WELCOME, "")]
        if self._engine.agent.rehearsal:
            paragraphs.append((_REHEARSAL, "warn"))
        self._screen.query_one(Conversation).introduce(paragraphs)

    def all(self) -> None:
        """Every pane, for another width."""
        self.settings()
        self.budget()
        self.pulls()

    def settings(self) -> None:
        """Presets, tiers and header."""
        engine = self._engine

        def choice(name: str, note: str = "", domains: str = "") -> Choice:
            in_use = engine.own_steps if name == engine.preset else None
            return Choice(name, one_line(name), note=note, hint=words.own_steps(domains, in_use))

        presets = [
            *(choice(own.label, "(file)" if own.kind == "file" else "") for own in engine.own),
            *(choice(name, domains=domains) for name, domains in preset_domains()),
            *(choice(name, "(own)") for name in own_presets()),
        ]
        self._screen.query_one("#presets", Choices).offer(presets, engine.preset)
        tiers = [Choice(name, one_line(name), note=budget) for name, budget in engine.tiers]
        pane = self._screen.query_one("#tiers", Choices)
        pane.offer([Choice(None, "none", note="" if tiers else "(this preset has no tiers)"), *tiers], engine.tier)
        self.run()

    def run(self) -> bool:
        """Everything that a run moves.

        Returns:
            Whether the conversation will change again by time alone.
        """
        self._header()
        self._cascade()
        self._pane("cost").show(words.sums(self._runner.session, self._width("cost")))
        return self.conversation()

    def conversation(self) -> bool:
        """The last turn of the conversation alone: the text that streams.

        Returns:
            Whether it will change again by time alone.
        """
        turns = self._runner.session.turns
        return bool(turns) and self._screen.query_one(Conversation).update_turn(turns[-1])

    def _header(self) -> None:
        engine, session = self._engine, self._runner.session
        narrow = self._screen.has_class("-narrow")
        left = words.header(
            engine.preset,
            engine.tier or "none",
            engine.user or "anonymous",
            rehearsal=engine.agent.rehearsal,
            narrow=narrow,
        )
        right = f"session {format_usd(session.spent)}  {words.saving(session)}".rstrip()
        self._screen.query_one("#header", HeaderLine).show(left, right)
        status = gauge.tightest(self._screen.budgets)
        strip = words.strip(session, engine.preset, engine.tier, status, self._screen.size.width - 2)
        self._screen.query_one("#strip", HeaderLine).show([(" ", ""), *strip], "F5 F6 F7")

    def _cascade(self) -> None:
        pane, width = self._pane("timeline"), self._width("timeline")
        turn = self._shown_turn()
        if turn is not None:
            pane.border_title = "Cascade"
            whole = turn is self._screen.query_one(Conversation).chosen
            pane.show(words.timeline(turn, width, self._runner.session.clock(), whole=whole), to_end=not turn.ended)
        elif self.last_plan is not None:
            pane.border_title = "Cascade: plan"
            pane.show(words.plan_lines(self.last_plan, width, self._screen.before))
        elif self._problem:
            pane.border_title = "Cascade: plan"
            pane.show([[(row, "bad")] for row in wrap(self._problem, width)])
        else:
            pane.border_title = "Cascade"
            pane.show(self._about_preset(width))

    def _shown_turn(self) -> Turn | None:
        """The turn whose calls are shown: one under way, else the last while nothing is typed."""
        screen = self._screen
        under_way = self._runner.active or screen.waiting
        if under_way is not None:
            return under_way
        chosen = screen.query_one(Conversation).chosen
        if chosen is not None:
            return chosen
        turns = self._runner.session.turns
        return turns[-1] if turns and not screen.query_one(Ask).text.strip() and screen.before is None else None

    def _about_preset(self, width: int) -> list[Line]:
        about = PRESETS[self._engine.preset].description if self._engine.preset in PRESETS else ""
        lines: list[Line] = [[(row, "dim")] for row in wrap(about, width)] if about else []
        return lines + words.about_models(self._engine.agent.models, self._engine.lacking(), width)

    def plan(self, text: str) -> None:
        """Plan what is in the input, and tell in its border what it may cost.

        Args:
            text: as far as it is typed.
        """
        self.last_plan, self._problem = None, ""
        ask = self._screen.query_one(Ask)
        if is_command(text):
            ask.tell_cost(told(text))
            self._cascade()
            return
        if text.strip():
            try:
                self.last_plan = self._engine.plan(self._runner.session.messages(joined(text, ask.attached)))
            except CascadeFlowError as error:
                self._problem = one_line(str(error))
        ask.tell_cost(self._problem or (words.projected(self.last_plan) if self.last_plan is not None else ""))
        self._cascade()

    def budget(self) -> None:
        """The budget pane, and the strip."""
        screen, width = self._screen, self._width("budget")
        now = datetime.now().astimezone()
        self._pane("budget").show(gauge.gauge(screen.budgets, self._engine.warn_at, width, now, self._engine.runs_out))
        self._header()

    def pulls(self) -> None:
        """How far the downloads are."""
        screen, pane = self._screen, self._pane("downloads")
        if screen.pulls is None:
            return
        width = self._width("downloads")
        under_way, failed = screen.pulls.under_way, screen.pulls.failed
        lines: list[Line] = [pull_line(under_way, width)] if under_way is not None else []
        waiting = sum(pull.stage == "waiting" and pull is not under_way for pull in screen.pulls.items)
        if lines and waiting:
            lines.append(
                [(f"then {words.counted(waiting, 'more model')}; you can plan and choose presets meanwhile", "dim")]
            )
        for pull in failed:
            text = f"{pull.name} could not be fetched: {pull.error} Ctrl+R tries again."
            lines += [[(row, "bad")] for row in wrap(text, width)]
        pane.set_class(bool(lines), "-shown")
        pane.show(lines)


def pull_line(pull: Pull, width: int) -> Line:
    """One download as a line with a bar."""
    amount = f" {pull.done_bytes / 1e6:.0f} of {pull.total_bytes / 1e6:.0f} MB" if pull.total_bytes else ""
    source = f" from {pull.source}" if pull.source and pull.stage == "download" else ""
    head = f"{pull.name} {pull.stage}{source} {100 * pull.share:.0f} %{amount} "
    cells = max(0, min(30, width - len(head)))
    full = round(cells * pull.share)
    return [(head, "strong"), ("█" * full + "░" * (cells - full), "good")]
