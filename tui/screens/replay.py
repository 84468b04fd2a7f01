"""One's own history under other settings: what it would have cost, and which answers would have been others."""

from __future__ import annotations

from asyncio import to_thread
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Input

from cascadeflow.errors import CascadeFlowError
from cascadeflow.history import RunFilter
from cascadeflow.quality.modes import MODES
from cascadeflow.sanitise import one_line
from cascadeflow.whatif import NO_TIER, Replayer, ReplaySettings
from cascadeflow.whatif.command import history_command
from tui import whatif_words as say
from tui.history_query import KEYS, QueryError, filter_of
from tui.screens.dialogs import LineDialog
from tui.screens.keys import NARROW
from tui.widgets.choices import Choice, Choices
from tui.widgets.chrome import KeyLine
from tui.widgets.lines import LineView
from tui.widgets.sliders import Slider, Sliders

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cascadeflow.history import RunArchive
    from cascadeflow.whatif import Curve, ReplayResult
    from tui.engine import Engine

_BUDGETS = (0.001, 0.01, 0.05, 0.10, 0.50, 1.0, 5.0, 10.0)
_BEHIND = 200
"""Runs listed behind a figure."""
_TYPED_FOR = 0.2
_BESIDE = 120
"""Columns from which the figures, with their intervals, have room beside the settings."""
_HELP = (
    "Your history under other settings. Left and right move a setting; the figures follow at once. A plain figure was "
    "recorded, one with ≈ is an estimate with its interval of 95 %. Enter on a figure lists the runs behind it. "
    f"The filter takes {', '.join(f'{key}:' for key in KEYS)}."
)


class ReplayScreen(Screen[tuple[str, str | None] | None]):
    """History under other settings.

    Args:
        archive: where it is recorded.
        engine: whose presets and tiers can be taken.

    Returns:
        The preset and tier to take; None: none.
    """

    CSS_PATH = "whatif.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW, "-medium"), (_BESIDE, "-wide")]  # noqa: RUF012  # not a ClassVar in Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f2,alt+2", "leave", "Back", id="replay.back", tooltip="Goes back", priority=True),
        Binding(
            "b", "pin", "Pin", id="replay.pin", tooltip="Keeps these figures beside the next ones, or lets them go"
        ),
        Binding("u", "use", "Use", id="replay.use", tooltip="Takes preset and tier for the next question"),
        Binding("m", "price", "Price", id="replay.price", tooltip="Gives a model another price"),
        Binding("slash", "filter", "Filter", id="replay.filter", tooltip="Goes to the filter"),
        Binding("y", "copy", "Copy command", id="replay.copy", tooltip="Copies the command that prints the same"),
    ]
    _KEYS = (
        ("◂ ▸", "change", "screen.focus_next"), ("Tab", "next pane", "screen.focus_next"), ("Enter", "runs behind", "screen.behind"),
        ("b", "pin", "screen.pin"), ("u", "use", "screen.use"), ("m", "price", "screen.price"), ("/", "filter", "screen.filter"),
        ("y", "copy as command", "screen.copy"), ("Esc", "back", "screen.leave"),
    )  # fmt: skip

    def __init__(self, archive: RunArchive, engine: Engine) -> None:
        super().__init__()
        self._archive, self._engine = archive, engine
        self._replayer: Replayer | None = None
        self._wanted = RunFilter()
        self._questions: dict[str, str] = {}
        self._prices: dict[str, tuple[float, float]] = {}
        self._before: ReplayResult | None = None
        self._now: ReplayResult | None = None
        self._pinned: ReplayResult | None = None
        self._curve: Curve | None = None
        self._due = False

    def compose(self) -> ComposeResult:
        """Filter, settings and figures above; runs and curve below."""
        yield Input(
            placeholder="all runs; or model:, domain:, tag:, cost:>0.01, since:2026-11-01, marked:yes", id="filter"
        )
        with Horizontal(id="upper"):
            yield Sliders("Settings", id="settings", help_text=_HELP)
            yield Choices("Figures", id="figures", help_text=_HELP)
        with Horizontal(id="lower"):
            yield LineView("Runs behind it", id="behind")
            yield LineView("Cost against quality", id="curve")
        yield KeyLine(id="replay-keys")

    def on_mount(self) -> None:
        """Read the history."""
        self.query_one("#replay-keys", KeyLine).show(self._KEYS)
        tiers = [(name, name) for name, _ in self._engine.tiers]
        thresholds = [(step / 20, f"{step / 20:.2f} {'━' * (step // 2)}●") for step in range(21)]
        recorded: list[tuple[Any, str]] = [(None, "as recorded")]
        self.query_one("#settings", Sliders).set(
            [
                Slider("preset", [*recorded, *((name, name) for name in self._engine.built_in)]),
                Slider("tier", [*recorded, (NO_TIER, "none"), *tiers]),
                Slider("mode", [*recorded, *((name, name) for name in MODES)]),
                Slider("threshold", [*recorded, *thresholds]),
                Slider("budget", [*recorded, *((usd, f"${usd:g} a day") for usd in _BUDGETS)]),
            ]
        )
        self.query_one("#settings").focus()
        self._read()

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        try:
            wanted = filter_of(self.query_one("#filter", Input).value)
            replayer = await to_thread(Replayer.of_archive, self._archive, wanted)
            recorded = await to_thread(replayer.replay)
            runs = await to_thread(lambda: self._archive.runs(100_000, matching=wanted))
        except (QueryError, CascadeFlowError) as error:
            self.query_one("#behind", LineView).show([[(one_line(str(error)), "bad")]])
            return
        self._replayer, self._wanted, self._before = replayer, wanted, recorded
        self._questions = {run.run_id: run.query for run in runs}
        self._pinned = None
        self._replay()

    def _settings(self) -> ReplaySettings:
        sliders = self.query_one("#settings", Sliders)
        chosen = {name: sliders.value(name) for name in ("preset", "tier", "mode", "threshold", "budget")}
        return ReplaySettings(**chosen, prices=dict(self._prices))

    @on(Sliders.Changed)
    @work(group="replay", exclusive=True)
    async def _replay(self) -> None:
        if self._replayer is None:
            return
        replayer, settings = self._replayer, self._settings()

        def work_it_out() -> tuple[ReplayResult, Curve]:
            return replayer.replay(settings), replayer.curve(settings)

        try:
            self._now, self._curve = await to_thread(work_it_out)
        except CascadeFlowError as error:
            self.notify(one_line(str(error)), markup=False, severity="error")
            return
        self._show()

    def on_resize(self) -> None:
        """Draw for another width."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        if self._before is None or self._now is None or self._curve is None:
            return
        view = self.query_one("#curve", LineView)
        view.show(say.curve(self._curve, max(30, view.scrollable_content_region.width)))
        pane = self.query_one("#figures", Choices)
        width = max(60, pane.scrollable_content_region.width)
        rows = say.results(self._before, self._now, self._pinned, width)
        heads = Choice("", say.results_title(self._pinned is not None, width))
        pane.offer(
            [heads, *(Choice(field, "".join(text for text, _ in line)) for field, line in rows)], None, keep=True
        )
        pane.border_title = f"Figures: {one_line(self._now.settings.words)}"
        self._show_behind()

    @on(Choices.Moved, "#figures")
    @on(Choices.Chosen, "#figures")
    def _show_behind(self) -> None:
        view = self.query_one("#behind", LineView)
        if self._now is None:
            return
        width = max(30, view.scrollable_content_region.width)
        field = self.query_one("#figures", Choices).current or "changed"
        found = self._now.behind(field)  # type: ignore[arg-type]  # the names of the rows
        lines = say.notes(self._now, field, width)
        view.border_title = f"Runs behind: {say.FIGURES[field]} ({len(found)})"
        for outcome in found[:_BEHIND]:
            lines.append([(say.outcome_row(field, outcome, self._questions.get(outcome.run_id, ""), width), "")])
        view.show(lines)

    def action_behind(self) -> None:
        """Go to the runs behind the figure in focus."""
        self.query_one("#behind").focus()

    def action_pin(self) -> None:
        """Keep these figures beside the next ones, or let them go."""
        self._pinned = None if self._pinned is not None else self._now
        self._show()

    def action_use(self) -> None:
        """Take preset and tier for the next question."""
        settings = self._settings()
        if not isinstance(settings.preset, str):
            self.notify("Choose a preset first; “as recorded” may be several.", markup=False)
            return
        self.dismiss((settings.preset, settings.tier or None))

    @work
    async def action_price(self) -> None:
        """Give a model another price."""
        hint = "model=in,out in USD per 1,000,000 tokens, such as gpt-4o=2.5,10; empty: as it was"
        told = ", ".join(f"{name}={pair[0]:g},{pair[1]:g}" for name, pair in self._prices.items())
        text = await self.app.push_screen_wait(LineDialog("Price of a model", told, hint))
        if text is None:
            return
        try:
            self._prices = say.prices_of(text)
            self._settings()
        except (ValueError, CascadeFlowError) as error:
            self.notify(one_line(str(error)), markup=False, severity="error")
            return
        self._replay()

    @on(Input.Changed, "#filter")
    def _typed(self) -> None:
        if not self._due:
            self._due = True
            self.set_timer(_TYPED_FOR, self._filter)

    def _filter(self) -> None:
        self._due = False
        self._read()

    @on(Input.Submitted, "#filter")
    def _to_settings(self) -> None:
        self.query_one("#settings").focus()

    def action_filter(self) -> None:
        """Go to the filter."""
        self.query_one("#filter").focus()

    def action_leave(self) -> None:
        """Leave the filter; from elsewhere go back."""
        if self.query_one("#filter").has_focus:
            self.query_one("#settings").focus()
        else:
            self.dismiss(None)

    @work
    async def action_copy(self) -> None:
        """Copy the command that prints the same."""
        from tui.clipboard import copy

        pinned = None if self._pinned is None else self._pinned.settings
        text = history_command(self._settings(), matching=self._wanted, against=pinned)
        self.notify(f"{text}: {await copy(self.app, text, 'command.sh')}", markup=False)
