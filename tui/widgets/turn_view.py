"""`TurnView`: one turn of the conversation as strips, redrawn only where something changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.strip import Strip

from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line, visible
from tui import words
from tui.streamed import SHOWN_CHARACTERS, StreamedText
from tui.wrap import shorten, wrap

if TYPE_CHECKING:
    from tui.state import Call, Turn
    from tui.widgets.conversation import Conversation
    from tui.words import Line

DRAWN_AT_ONCE = 4_000
"""Characters; a longer message gets its final drawing in a thread, and is shown as it streamed until then."""

_INDENT = "  "
_QUESTION_ROWS = 200


class TurnView:
    """What is drawn of a turn.

    Args:
        turn: what is known of it.
        canvas: the widget it is drawn in, for its colours and its clock.

    Attributes:
        strips: the rows.
        folds: row → the withdrawn draft that it opens or folds.
        unfinished: whether time alone will change the rows (a draft that is about to fold).
        final: the drawn message, once it is there.
    """

    def __init__(self, turn: Turn, canvas: Conversation) -> None:
        self.turn = turn
        self.strips: list[Strip] = []
        self.folds: dict[int, Call] = {}
        self.unfinished = False
        self.width = 0
        self.final: list[Strip] | None = None
        self._canvas = canvas
        self._question: list[Strip] = []
        self._stream: StreamedText[Strip] | None = None
        self._streaming: Call | None = None
        self._read = 0
        self._opened: set[int] = set()
        self._struck: dict[int, list[Strip]] = {}

    def resize(self, width: int) -> None:
        """Take another width; what was drawn for the old one is forgotten."""
        self.width = width
        self._question = []
        self._stream = self._streaming = self.final = None
        self._struck.clear()

    def forget_question(self) -> None:
        """Draw the question anew: the turn is chosen, or not any more."""
        self._question = []

    def toggle(self, call: Call) -> None:
        """Open a folded draft, or fold it."""
        self._opened.symmetric_difference_update({id(call)})

    def update(self, now: float) -> None:
        """Bring the rows up to date.

        Args:
            now: clock; decides which drafts have been struck out long enough to fold.
        """
        self.unfinished = False
        self.folds = {}
        strips = list(self._question_strips())
        drafts = self.turn.drafts
        folded = [call for call in drafts if self._folds(call, now)]
        for call in drafts:
            if call not in folded:
                strips += self._draft(call)
        strips += self._body()
        strips += [self._row(line) for line in self._ending()]
        for call in folded:
            self.folds[len(strips)] = call
            strips.append(self._row(self._fold_line(call)))
            if id(call) in self._opened:
                strips += [*self._struck_text(call), *self._rows(words.draft_reason(call), "bad")]
        strips.append(Strip([]))
        self.strips = strips

    def message(self) -> str | None:
        """The text that still waits for its final drawing; None: nothing does."""
        if self.final is not None or not self.turn.ended or self.turn.standing is None:
            return None
        return visible(self.turn.standing.text[:SHOWN_CHARACTERS])

    def _row(self, line: Line) -> Strip:
        return self._canvas.strip_of([(_INDENT, ""), *line])

    def _rows(self, text: str, style: str) -> list[Strip]:
        return [self._row([(row, style)]) for row in wrap(text, self.width - len(_INDENT))]

    def _question_strips(self) -> list[Strip]:
        if not self._question:
            text = visible(self.turn.question[:SHOWN_CHARACTERS]).strip("\n")
            body = self._rows(text, "")
            if len(body) > _QUESTION_ROWS:
                more = len(body) - _QUESTION_ROWS
                body = [*body[:_QUESTION_ROWS], self._row([(f"… {more} more rows", "dim")])]
            for attachment in self.turn.attached:
                body += self._rows(f"with {one_line(attachment.told)}", "dim")
            chosen = self._canvas.chosen is self.turn
            label: Line = [("you", "you"), (" ◂ chosen" if chosen else "", "cursor")]
            self._question = [self._canvas.strip_of(label), *body]
        return self._question

    def _label(self, call: Call) -> Strip:
        name = one_line(call.model)
        told = " (rehearsal)" if self.turn.rehearsal else ""
        if call.resolved_model != call.model:
            told += f" → {one_line(call.resolved_model)}"
        return self._canvas.strip_of([(name, "model"), (shorten(told, self.width - cell_len(name)), "dim")])

    def _body(self) -> list[Strip]:
        call = self.turn.standing
        if call is None:
            return [] if self.turn.ended else [self._row([(self._waiting(), "dim")])]
        if self.turn.ended and self.final is None:
            text = self.message()
            if text is not None and len(text) <= DRAWN_AT_ONCE:
                self.final = self._canvas.markdown(text, self.width)
        strips = [self._label(call), *(self.final if self.final is not None else self._streamed(call))]
        hidden = sum(map(len, call.pieces)) - SHOWN_CHARACTERS if self.turn.ended else self._stream_hidden()
        if hidden > 0:
            strips.append(
                self._row([(f"… {hidden:,} more characters are not drawn. Ctrl+S saves the whole answer.", "warn")])
            )
        return strips

    def _stream_hidden(self) -> int:
        return self._stream.hidden if self._stream is not None else 0

    def _streamed(self, call: Call) -> list[Strip]:
        if self._stream is None or self._streaming is not call or self._read > len(call.pieces):
            width = self.width
            self._stream = StreamedText(
                width - len(_INDENT), self._plain, lambda text: self._canvas.markdown(text, width)
            )
            self._streaming, self._read = call, 0
        if self._read < len(call.pieces):
            self._stream.feed("".join(call.pieces[self._read :]))
            self._read = len(call.pieces)
        return self._stream.drawn()

    def _plain(self, row: str) -> Strip:
        return self._row([(row, "")])

    def _waiting(self) -> str:
        if self.turn.status == "waiting":
            return f"waits for {self.turn.waits_for}; Esc takes the question back"
        calls = self.turn.calls
        return f"asking {one_line(calls[-1].model)}…" if calls else "planning…"

    def _ending(self) -> list[Line]:
        turn, width = self.turn, self.width - len(_INDENT)
        lines: list[Line] = []
        if turn.result is not None:
            lines += [[(row, "warn")] for row in self._told_notes(width)]
            lines += words.footer(turn, width)
        elif turn.status == "failed":
            lines += [[(row, "bad")] for row in wrap(visible(turn.error[:4_000]), width)]
        elif turn.status == "stopped":
            told = f"stopped by you · {format_usd(turn.spent)} spent · not sent on with the next question"
            lines += [[(row, "warn")] for row in wrap(told, width)]
        return lines

    def _told_notes(self, width: int) -> list[str]:
        """What a reader must know although the answer stands: budgets, and models that were replaced."""
        from tui.state import Note

        notes = [entry for entry in self.turn.log if isinstance(entry, Note)]
        told = [note.text for note in notes if note.kind in ("budget", "degraded", "context")]
        return [row for text in dict.fromkeys(told) for row in wrap(one_line(text), width)]

    def _folds(self, call: Call, now: float) -> bool:
        """Whether a draft has given way: something replaces it, and it was seen struck out for a moment."""
        if not (self.turn.ended or self.turn.standing is not None):
            return False
        if now - call.withdrawn_at < self._canvas.linger:
            self.unfinished = True
            return False
        return True

    def _draft(self, call: Call) -> list[Strip]:
        """A draft that was withdrawn a moment ago: struck out, with the reason."""
        label = self._canvas.strip_of([(one_line(call.model), "model"), (" draft withdrawn", "bad")])
        return [label, *self._struck_text(call), *self._rows(words.draft_reason(call), "bad")]

    def _struck_text(self, call: Call) -> list[Strip]:
        if id(call) not in self._struck:
            self._struck[id(call)] = self._rows(visible(call.text[:SHOWN_CHARACTERS]).strip("\n"), "struck")
        return self._struck[id(call)]

    def _fold_line(self, call: Call) -> Line:
        opened = id(call) in self._opened
        style = "cursor" if self._canvas.selected is call else "dim"
        told = f"{'▾' if opened else '▸'} draft withdrawn: {one_line(call.model)}, {words.fold_reason(call)}"
        return [(shorten(told, self.width - len(_INDENT)), style)]
