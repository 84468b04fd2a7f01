"""The history (F3): conversations and their runs, searched, looked into, marked, named, exported, resumed."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Input

from cascadeflow.errors import CascadeFlowError
from cascadeflow.history import RunFilter
from cascadeflow.sanitise import one_line
from tui import history_words as say
from tui.history_export import EXPORTS, target, write
from tui.history_query import KEYS, QueryError, parse
from tui.restore import turn_of
from tui.screens.dialogs import LineDialog, YesNoDialog
from tui.widgets.choices import Choice, Choices
from tui.widgets.chrome import KeyLine
from tui.widgets.lines import LineView
from tui.words import about, timeline

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cascadeflow.history import RunArchive, RunMarks, RunSummary, SessionSummary, StoredRun
    from cascadeflow.schema import Message
    from tui.engine import Engine

T = TypeVar("T")
SESSIONS, RUNS = 300, 500
"""At most so many are listed; a search reaches the others."""
_TYPED_FOR = 0.15
"""Seconds after a key until the search begins."""
_HELP = (
    "The history. Type words to search questions and answers; "
    + ", ".join(f"{key}: ({told})" for key, told in KEYS.items())
    + " narrow the search. Enter on a conversation goes on with it."
)


class HistoryScreen(Screen[str | None]):
    """What was asked before.

    Args:
        archive: where it is recorded.
        engine: asks a question once more.

    Returns:
        The conversation to go on with; None: none.
    """

    CSS_PATH = "history.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f3,alt+3", "leave", "Back", id="history.back", tooltip="Goes back to the chat", priority=True),
        Binding("slash", "search", "Search", id="history.search", tooltip="Goes to the search"),
        Binding("r", "rename", "Rename", id="history.rename", tooltip="Gives the conversation another title"),
        Binding("t", "tag", "Tag", id="history.tag", tooltip="Sets the tags of the conversation"),
        Binding("p", "pin", "Pin", id="history.pin", tooltip="Pins the conversation to the top and keeps it, or unpins it"),
        Binding("delete,d", "delete", "Delete", id="history.delete", tooltip="Deletes the run or the conversation in focus"),
        Binding("plus,equals_sign", "mark(True)", "Right", id="history.right", tooltip="Marks the answer of the run as right"),
        Binding("minus", "mark(False)", "Wrong", id="history.wrong", tooltip="Marks the answer of the run as wrong"),
        Binding("0", "mark(None)", "No mark", id="history.unmark", tooltip="Takes the mark off the run"),
        Binding("a", "again", "Ask again", id="history.again", tooltip="Asks the question once more under another preset, beside this"),
        Binding("x", "export", "Export", id="history.export", tooltip="Writes the listed runs as Markdown, JSON or JSONL"),
    ]  # fmt: skip
    _KEYS = (
        ("Enter", "resume", "screen.resume"), ("/", "search", "screen.search"), ("+ -", "right, wrong", "screen.mark(True)"),
        ("r", "rename", "screen.rename"), ("t", "tag", "screen.tag"), ("p", "pin", "screen.pin"),
        ("d", "delete", "screen.delete"), ("a", "ask again", "screen.again"), ("x", "export", "screen.export"), ("Esc", "back", "screen.leave"),
    )  # fmt: skip

    def __init__(self, archive: RunArchive, engine: Engine) -> None:
        super().__init__()
        self._archive, self._engine = archive, engine
        self._sessions: list[SessionSummary] = []
        self._runs: list[RunSummary] = []
        self._marks: dict[str, RunMarks] = {}
        self._excerpts: dict[str, str] = {}
        self._due = False

    def compose(self) -> ComposeResult:
        """Search above, conversations left, runs and what one was right."""
        yield Input(
            placeholder="words, model:, domain:, verdict:, cost:>0.01, since:2026-11-01, tag:, marked:no", id="find"
        )
        with Horizontal(id="lists"):
            yield Choices("Conversations", id="sessions", help_text=_HELP)
            with Vertical(id="found"):
                yield Choices("Runs", id="runs", help_text=_HELP)
                yield LineView("Run", id="run")
        yield KeyLine(id="history-keys")

    def on_mount(self) -> None:
        """Show what there is."""
        self.query_one("#history-keys", KeyLine).show(self._KEYS)
        self.query_one("#sessions").focus()
        self._read_sessions()

    # -- reading

    async def _asked(self, question: Callable[[], T]) -> T | None:
        try:
            return await to_thread(question)
        except CascadeFlowError as error:
            self.notify(one_line(str(error)), markup=False, severity="error")
            return None

    @work(group="sessions", exclusive=True)
    async def _read_sessions(self) -> None:
        found = await self._asked(lambda: self._archive.sessions(SESSIONS))
        self._sessions = found or []
        choices = [Choice(item.session, say.session_title(item), say.session_note(item)) for item in self._sessions]
        pane = self.query_one("#sessions", Choices)
        pane.offer(choices, pane.current)
        if not self._sessions:
            self.query_one("#run", LineView).show([[("Nothing is recorded yet.", "dim")]])
        self._read_runs()

    @work(group="runs", exclusive=True)
    async def _read_runs(self) -> None:
        try:
            words, wanted = parse(self.query_one("#find", Input).value)
        except QueryError as error:
            self.query_one("#run", LineView).show([[(one_line(str(error)), "bad")]])
            return
        self._excerpts = {}
        session = None if words or wanted != RunFilter() else self.query_one("#sessions", Choices).current
        if words:
            hits = await self._asked(lambda: self._archive.search(words, RUNS, matching=wanted)) or []
            self._runs = [hit.run for hit in hits]
            self._excerpts = {hit.run.run_id: hit.excerpt for hit in hits}
        else:
            self._runs = await self._asked(lambda: self._archive.runs(RUNS, session=session, matching=wanted)) or []
        self._marks = await self._asked(lambda: self._archive.marks([run.run_id for run in self._runs])) or {}
        self._list_runs()

    def _list_runs(self) -> None:
        pane = self.query_one("#runs", Choices)
        width = max(20, pane.scrollable_content_region.width)
        rows = [
            Choice(run.run_id, say.run_title(run, width), hint=self._excerpts.get(run.run_id, ""),
                   note=say.mark_word(self._marks.get(run.run_id)))
            for run in self._runs
        ]  # fmt: skip
        pane.border_title = f"Runs ({len(rows)}{'+' if len(rows) == RUNS else ''})"
        pane.offer(rows, pane.current)
        self._read_run()

    @work(group="run", exclusive=True)
    async def _read_run(self) -> None:
        run_id = self.query_one("#runs", Choices).current
        view = self.query_one("#run", LineView)
        if run_id is None:
            view.show([[("No run matches.", "dim")]] if self._sessions else [])
            return
        run = await self._asked(lambda: self._archive.load(run_id))
        if run is not None:
            width = max(20, view.scrollable_content_region.width)
            view.show([*say.run_text(run, self._marks.get(run_id), width), *timeline(turn_of(run), width, whole=True)])

    @on(Choices.Moved, "#sessions")
    def _other_session(self) -> None:
        self._read_runs()

    @on(Choices.Moved, "#runs")
    def _other_run(self) -> None:
        self._read_run()

    @on(Input.Changed, "#find")
    def _typed(self) -> None:
        if not self._due:
            self._due = True
            self.set_timer(_TYPED_FOR, self._find)

    def _find(self) -> None:
        self._due = False
        self._read_runs()

    @on(Input.Submitted, "#find")
    def _to_runs(self) -> None:
        self.query_one("#runs").focus()

    # -- doing

    @on(Choices.Chosen)
    def _chosen(self) -> None:
        self.action_resume()

    def _session(self) -> str | None:
        """The conversation that a key means: that of the run in focus, else the one in the list."""
        if self.query_one("#runs").has_focus:
            run = self.query_one("#runs", Choices).current
            return next((item.session for item in self._runs if item.run_id == run), None)
        return self.query_one("#sessions", Choices).current

    def action_resume(self) -> None:
        """Go on with a conversation."""
        session = self._session()
        if session is None:
            self.notify("This run belongs to no conversation.", markup=False)
        else:
            self.dismiss(session)

    def action_search(self) -> None:
        """Go to the search."""
        self.query_one("#find").focus()

    def action_leave(self) -> None:
        """Leave the search; from the lists, go back to the chat."""
        if self.query_one("#find").has_focus:
            self.query_one("#sessions").focus()
        else:
            self.dismiss(None)

    @work
    async def action_rename(self) -> None:
        """Give a conversation another title."""
        session = self._session()
        known = next((item for item in self._sessions if item.session == session), None)
        if session is None or known is None:
            return
        title = await self.app.push_screen_wait(LineDialog("Title", known.title))
        if title and title.strip():
            await self._asked(lambda: self._archive.rename_session(session, title.strip()))
            self._read_sessions()

    @work
    async def action_tag(self) -> None:
        """Set the tags of a conversation."""
        session = self._session()
        known = next((item for item in self._sessions if item.session == session), None)
        if session is None or known is None:
            return
        told = await self.app.push_screen_wait(LineDialog("Tags", ", ".join(known.tags), "Separated by commas."))
        if told is None:
            return
        tags = [tag.strip() for tag in told.split(",") if tag.strip()]
        gone = [tag for tag in known.tags if tag not in tags]
        await self._asked(
            lambda: (self._archive.untag_session(session, *gone), self._archive.tag_session(session, *tags))
        )
        self._read_sessions()

    @work
    async def action_pin(self) -> None:
        """Pin a conversation, or unpin it."""
        session = self._session()
        known = next((item for item in self._sessions if item.session == session), None)
        if session is not None and known is not None:
            await self._asked(lambda: self._archive.pin_session(session, pinned=not known.pinned))
            self._read_sessions()

    @work
    async def action_delete(self) -> None:
        """Delete a run, or a whole conversation."""
        run_id = self.query_one("#runs", Choices).current if self.query_one("#runs").has_focus else None
        session = self._session()
        if run_id is not None:
            if await self.app.push_screen_wait(YesNoDialog("Delete this run, its texts and its marks?", "delete")):
                await self._asked(lambda: self._archive.delete(run_id))
        elif session is not None:
            count = next((item.runs for item in self._sessions if item.session == session), 0)
            if await self.app.push_screen_wait(
                YesNoDialog(f"Delete this conversation, {count} runs and all?", "delete")
            ):
                await self._asked(lambda: self._archive.delete_session(session))
        self._read_sessions()

    @work
    async def action_again(self) -> None:
        """Ask the question of a run once more under another preset, after telling what it will cost."""
        from tui.screens.again import AgainScreen

        run_id = self.query_one("#runs", Choices).current
        run = await self._asked(lambda: self._archive.load(run_id)) if run_id is not None else None
        if run is None or not run.query:
            return
        hint = f"One of {', '.join(self._engine.presets)}."
        name = await self.app.push_screen_wait(LineDialog("Ask again with the preset", self._engine.preset, hint))
        if not name:
            return
        try:
            engine = self._engine.beside(name.strip())
            before = await to_thread(self._said_before, run)
            plan = engine.plan([*before, {"role": "user", "content": run.query}])
        except CascadeFlowError as error:
            self.notify(one_line(str(error)), markup=False, severity="error")
            return
        cost = f"Expected {about(plan.cost_expected)}, at worst {about(plan.cost_worst)}."
        rehearsal = " Rehearsal: nothing is charged." if plan.rehearsal else ""
        if await self.app.push_screen_wait(YesNoDialog(f"{cost}{rehearsal} Ask {name.strip()}?", "ask")):
            await self.app.push_screen_wait(AgainScreen(run, before, engine))
            self._read_sessions()

    def _said_before(self, run: StoredRun) -> list[Message]:
        """What was said in the conversation of a run before it."""
        said: list[Message] = []
        for other in self._archive.conversation(run.session) if run.session is not None else ():
            if other.run_id == run.run_id:
                break
            if other.result is not None:
                said += [{"role": "user", "content": other.query}, {"role": "assistant", "content": other.answer}]
        return said

    @work
    async def action_mark(self, right: bool | None) -> None:
        """Mark the answer of a run as right or wrong, or take the mark off."""
        run_id = self.query_one("#runs", Choices).current
        if run_id is not None:
            await self._asked(lambda: self._archive.label(run_id, right))
            self._marks = await self._asked(lambda: self._archive.marks([run.run_id for run in self._runs])) or {}
            self._list_runs()

    @work
    async def action_export(self) -> None:
        """Write the runs that are listed."""
        if not self._runs:
            return
        hint = f"{len(self._runs)} runs; the ending decides: " + ", ".join(
            f"{end} {told}" for end, told in EXPORTS.items()
        )
        name = await self.app.push_screen_wait(LineDialog("Export to", "history.md", hint))
        if not name:
            return
        path = target(name)
        if path.exists() and not await self.app.push_screen_wait(YesNoDialog(f"{path} exists.", "replace it")):
            return
        try:
            count = await to_thread(write, self._archive, [run.run_id for run in self._runs], path)
        except (CascadeFlowError, OSError, ValueError) as error:
            self.notify(one_line(str(error)), markup=False, severity="error")
            return
        self.notify(f"{count} runs in {path.resolve()}", markup=False)
