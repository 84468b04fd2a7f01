"""The export screen: the configuration in use as TOML, previewed and written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from cascadeflow.sanitise import one_line, visible
from tui.widgets.lines import LineView
from tui.wrap import wrap

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui.words import Line


class ExportScreen(ModalScreen[str | None]):
    """Shows the configuration and writes it to a file.

    Args:
        text: the configuration as TOML.
        path: where it is written unless the user says otherwise.

    Returns:
        What to tell the user; None: nothing was written.
    """

    CSS_PATH = "export.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", id="export.close", tooltip="Closes without writing"),
        Binding("ctrl+o,alt+o", "write", "Write", id="export.write", tooltip="Writes the file", priority=True),
    ]

    def __init__(self, text: str, path: Path) -> None:
        super().__init__()
        self._text, self._path = text, path

    def compose(self) -> ComposeResult:
        """The preview, and the path below it."""
        with Vertical(id="export"):
            yield LineView(id="preview")
            yield Input(str(self._path), id="path", select_on_focus=False)
            yield LineView(id="told")

    def on_mount(self) -> None:
        """Show the text and take the keyboard."""
        self.query_one("#export").border_title = "Export: this configuration as TOML"
        self.query_one("#path").border_title = "File"
        lines: list[Line] = [[(row, "")] for row in visible(self._text).replace("\t", "    ").split("\n")]
        self.query_one("#preview", LineView).show(lines)
        self.query_one(Input).focus()
        self._tell()

    @on(Input.Changed)
    def _tell(self) -> None:
        path = self._chosen()
        words = "Enter writes it. Esc closes. In Python: CascadeAgent.from_toml(path)"
        if path.exists():
            words = "That file exists: its comments are kept, and what it was stays beside it as .bak. Enter writes it."
        self._say(words, "warn" if path.exists() else "dim")

    def _say(self, words: str, style: str) -> None:
        told = self.query_one("#told", LineView)
        told.show([[(row, style)] for row in wrap(one_line(words), max(20, self.size.width - 16))])

    def _chosen(self) -> Path:
        return Path(self.query_one(Input).value.strip() or str(self._path)).expanduser()

    @on(Input.Submitted)
    def action_write(self) -> None:
        """Write the file, whole or not at all."""
        from cascadeflow.config import dump, loads
        from cascadeflow.errors import CascadeFlowError

        try:
            written = dump(loads(self._text), self._chosen().resolve())
        except (CascadeFlowError, OSError) as error:
            self._say(str(error), "bad")
            return
        self.dismiss(f"Written: {written}. In Python: CascadeAgent.from_toml({str(written)!r})")

    def action_leave(self) -> None:
        """Close without writing."""
        self.dismiss(None)
