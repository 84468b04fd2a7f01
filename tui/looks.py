"""The console's own themes beside Textual's: one for high contrast, dark and light."""

from __future__ import annotations

from textual.theme import Theme

HIGH_CONTRAST = (
    Theme(
        name="high-contrast", dark=True, primary="#ffff00", secondary="#00ffff", accent="#ffff00", warning="#ffd700",
        error="#ff8080", success="#80ff80", foreground="#ffffff", background="#000000", surface="#000000",
        panel="#202020",
    ),
    Theme(
        name="high-contrast-light", dark=False, primary="#0000a0", secondary="#004040", accent="#600060",
        warning="#603000", error="#a00000", success="#004000", foreground="#000000", background="#ffffff",
        surface="#ffffff", panel="#e8e8e8",
    ),
)  # fmt: skip
