"""A past question asked once more under another preset, beside what came of it the first time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import Screen

from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line, visible
from tui.history_words import run_text
from tui.restore import turn_of
from tui.runner import Runner
from tui.screens.pace import Pace
from tui.state import Session, Turn
from tui.widgets.chrome import KeyLine
from tui.widgets.lines import LineView
from tui.words import footer, timeline
from tui.wrap import wrap

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cascadeflow.events import Event
    from cascadeflow.history import StoredRun
    from cascadeflow.schema import Message
    from tui.engine import Engine
    from tui.words import Line


class AgainScreen(Screen[None]):
    """The first answer on the left, the new one on the right as it comes.

    Args:
        run: what came of the question the first time.
        before: what was said before it in its conversation.
        engine: asks; its agent is that of the other preset.
    """

    CSS_PATH = "again.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "leave",
            "Stop, or back",
            id="again.back",
            tooltip="Stops the answer; once it has ended, goes back",
        ),
    ]

    def __init__(self, run: StoredRun, before: list[Message], engine: Engine) -> None:
        super().__init__()
        self._run, self._before, self._engine = run, before, engine
        self._turn = Turn(run.query, status="waiting")
        self._runner = Runner(_Continued(before), self._on_event)
        self._pace = Pace(self, self._draw)

    def compose(self) -> ComposeResult:
        """Two columns."""
        with Horizontal(id="both"):
            yield LineView(f"First: {one_line(self._run.preset or 'no preset')}".replace("[", "("), id="first")
            yield LineView(f"Now: {one_line(self._engine.preset)}".replace("[", "("), id="second")
        yield KeyLine(id="again-keys")

    def on_mount(self) -> None:
        """Ask."""
        self.query_one("#again-keys", KeyLine).show(
            [("Esc", "stop, or back", "screen.leave"), ("Tab", "other side", "screen.focus_next")]
        )
        self.query_one("#second").focus()
        self._ask()

    def on_resize(self) -> None:
        """Draw for another width."""
        self.call_after_refresh(self._draw_both)

    @work(group="run")
    async def _ask(self) -> None:
        await self._runner.run(self._turn, self._engine)

    def _on_event(self, turn: Turn, event: Event | None) -> None:
        del turn, event
        self._pace.draw_soon(panes=True)

    def _draw_both(self) -> None:
        left = self.query_one("#first", LineView)
        width = max(20, left.scrollable_content_region.width)
        left.show([*run_text(self._run, None, width), *timeline(turn_of(self._run), width, whole=True)])
        self._draw(panes=True)

    def _draw(self, *, panes: bool) -> bool:
        del panes
        view = self.query_one("#second", LineView)
        width = max(20, view.scrollable_content_region.width)
        turn = self._turn
        lines: list[Line] = [[("you", "you")], *[[(f"  {row}", "")] for row in wrap(visible(turn.question), width - 2)]]
        if turn.standing is not None:
            lines.append([(one_line(turn.standing.model), "model")])
            lines += [[(f"  {row}", "")] for row in wrap(visible(turn.answer), width - 2)]
        lines += footer(turn, width)
        if turn.ended:
            difference = turn.spent - self._run.cost_nanousd
            word = "more" if difference > 0 else "less"
            same = (
                format_usd(abs(difference)) + f" {word} than the first time"
                if difference
                else "as much as the first time"
            )
            lines.append([(f"  {same}", "money")])
        view.show([*lines, [], *timeline(turn, width, time.monotonic(), whole=turn.ended)])
        return not turn.ended

    def action_leave(self) -> None:
        """Stop the answer; once it has ended, go back."""
        if not self._runner.stop():
            self.dismiss(None)


class _Continued(Session):
    """The conversation up to a question."""

    def __init__(self, before: list[Message]) -> None:
        super().__init__()
        self._before = before

    def messages(self, question: str) -> list[Message]:
        """What was said before, then the question."""
        return [*self._before, {"role": "user", "content": question}]
