"""The export screen: a configuration as TOML or Python, compared with its preset, written or copied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from cascadeflow.errors import CascadeFlowError
from cascadeflow.sanitise import one_line, visible
from tui.widgets.lines import LineView, as_title
from tui.wrap import TAB, wrap

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cascadeflow.config import Configuration
    from tui.words import Line

Form = Literal["toml", "python"]
_SUFFIXES: dict[Form, str] = {"toml": ".toml", "python": ".py"}
_BEFORE = 3
"""Lines shown before the first difference."""
_MARGIN = 16
"""Cells of the terminal's width that are no text."""


class ExportScreen(ModalScreen[str | None]):
    """Shows a configuration, and writes or copies it.

    Args:
        configuration: which.
        path: where it is written unless the user says otherwise.

    Returns:
        What to tell the user; None: nothing was written.
    """

    CSS_PATH = "export.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", id="export.close", tooltip="Closes without writing"),
        Binding("ctrl+o,alt+o", "write", "Write", id="export.write", tooltip="Writes the file", priority=True),
        Binding(
            "f2,alt+f", "form", "TOML or Python", id="export.form", priority=True,
            tooltip="Shows it as Python, or as TOML again",
        ),
        Binding(
            "f3,alt+d", "difference", "Difference", id="export.difference", priority=True,
            tooltip="Shows how it differs from the preset, or the text alone",
        ),
        Binding("f5,alt+c", "copy", "Copy", id="export.copy", tooltip="Copies it, and says how", priority=True),
        Binding("pageup", "page(-1)", "Page up", id="export.page_up", tooltip="Scrolls the text up", priority=True),
        Binding("pagedown", "page(1)", "Page down", id="export.page_down", tooltip="Scrolls the text down", priority=True),
    ]  # fmt: skip

    def __init__(self, configuration: Configuration, path: Path) -> None:
        from tui.own import preset_or_none

        super().__init__()
        self._configuration, self._path = configuration, path
        self._base = preset_or_none(configuration.based_on) if configuration.based_on else None
        self._form: Form = "toml"
        self._compares = self._base is not None

    def compose(self) -> ComposeResult:
        """The preview, and the path below it."""
        with Vertical(id="export"):
            yield LineView(id="preview")
            yield Input(str(self._path), id="path", select_on_focus=False)
            yield LineView(id="told")

    def on_mount(self) -> None:
        """Show the text and take the keyboard."""
        self.query_one("#path").border_title = "File"
        self.query_one("#told").can_focus = False
        self.query_one(Input).focus()
        self._show()
        self._tell()

    # -- the text

    def _text(self, configuration: Configuration) -> str:
        from cascadeflow.config import dumps
        from cascadeflow.config.python_source import python_source

        return dumps(configuration) if self._form == "toml" else python_source(configuration)

    def _show(self) -> None:
        words = "TOML" if self._form == "toml" else "Python"
        text = self._text(self._configuration)
        if self._compares and self._base is not None:
            name = self._configuration.based_on or ""
            title = f"Export as {words}: + is in this one, - is in {name}"
            lines = compared(self._text(self._base), text)
        else:
            title, lines = f"Export as {words}", [[(row, "")] for row in _rows(text)]
        self.query_one("#export").border_title = as_title(title)
        preview = self.query_one("#preview", LineView)
        preview.show(lines)
        first = next((row for row, line in enumerate(lines) if line[0][1] in ("good", "bad")), 0)
        self.call_after_refresh(preview.scroll_to, y=max(0, first - _BEFORE), animate=False, immediate=True)

    def action_form(self) -> None:
        """Show it as Python, or as TOML again."""
        before = _SUFFIXES[self._form]
        self._form = "python" if self._form == "toml" else "toml"
        box = self.query_one(Input)
        if box.value.endswith(before):
            box.value = box.value.removesuffix(before) + _SUFFIXES[self._form]
        self._show()
        self._tell()

    def action_difference(self) -> None:
        """Show how it differs from the preset, or the text alone."""
        if self._base is None:
            self._say("It is not based on a preset, so there is nothing to compare it with.", "warn")
            return
        self._compares = not self._compares
        self._show()

    def action_page(self, pages: int) -> None:
        """Scroll the text."""
        preview = self.query_one("#preview", LineView)
        preview.scroll_relative(y=pages * (preview.size.height - 1), animate=False, immediate=True)

    # -- where it goes

    @on(Input.Changed)
    def _tell(self) -> None:
        path = self._chosen()
        use = "CascadeAgent.from_toml(path)" if self._form == "toml" else "from module import agent"
        words = f"Enter writes it · F5 copies · F2 TOML or Python · F3 difference · Esc closes. Then: {use}"
        if path.exists():
            comments = "its comments are kept, and " if self._form == "toml" else ""
            words = f"That file exists: {comments}what it was stays beside it as .bak. Enter writes it."
        self._say(words, "warn" if path.exists() else "dim")

    def _say(self, words: str, style: str) -> None:
        told = self.query_one("#told", LineView)
        told.show([[(row, style)] for row in wrap(one_line(words), max(20, self.size.width - _MARGIN))])

    def _chosen(self) -> Path:
        return Path(self.query_one(Input).value.strip() or str(self._path)).expanduser()

    @on(Input.Submitted)
    def action_write(self) -> None:
        """Write the file, whole or not at all."""
        from cascadeflow.config import dump
        from cascadeflow.config.files import write_keeping_backup

        path = self._chosen().resolve()
        try:
            if self._form == "toml":
                dump(self._configuration, path)
            else:
                write_keeping_backup(path, self._text(self._configuration))
        except CascadeFlowError as error:
            self._say(str(error), "bad")
            return
        use = f" In Python: CascadeAgent.from_toml({str(path)!r})" if self._form == "toml" else ""
        self.dismiss(f"Written: {path}.{use}")

    @work(group="copy", exclusive=True)
    async def action_copy(self) -> None:
        """Copy the text, and say how."""
        from tui.clipboard import copy

        name = f"{self._path.stem}{_SUFFIXES[self._form]}"
        self._say(await copy(self.app, self._text(self._configuration), name), "good")

    def action_leave(self) -> None:
        """Close without writing."""
        self.dismiss(None)


def compared(before: str, after: str) -> list[Line]:
    """A text with marks before the lines that another text has not, and that text's lines that are not in it.

    Args:
        before: the other text.
        after: the text.
    """
    from difflib import SequenceMatcher

    old, new = _rows(before), _rows(after)
    lines: list[Line] = []
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += [[("  " + row, "dim")] for row in new[start:end]]
            continue
        lines += [[("- " + row, "bad")] for row in old[first:last]]
        lines += [[("+ " + row, "good")] for row in new[start:end]]
    return lines


def _rows(text: str) -> list[str]:
    return visible(text).replace("\t", TAB).rstrip("\n").split("\n")
