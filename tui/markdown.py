"""Turns a message in Markdown into strips of the line log.

Links, images, HTML and character entities are not interpreted: they are shown as they were
written. Line breaks stay where the model put them. Imported at the first answer, because Rich's
Markdown brings a parser and a highlighter with it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown
from rich.segment import Segment
from rich.style import Style
from rich.syntax import Syntax
from rich.theme import Theme
from textual.strip import Strip

from tui.wrap import wrap

LARGEST_BLOCK = 24_000
"""Characters. A longer paragraph, fence or table is drawn as plain text: laying it out would take seconds."""

_MOST_BARS = 4_000
"""Cell borders; a larger table is drawn as it was written."""

_DEEPEST = 10
"""Nesting from which on the parser starts to lose text, and there is no room to draw it either."""

_AS_WRITTEN = ("link", "image", "autolink", "reference", "html_block", "html_inline", "entity")


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(list(_AS_WRITTEN))


class _Code(CodeBlock):
    """A fence on the background of the message, whatever the highlighting theme."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Syntax(
            str(self.text).rstrip(),
            self.lexer_name,
            theme=self.theme,
            word_wrap=True,
            padding=(0, 1),
            background_color="default",
        )


class _Heading(Heading):
    LEVEL_ALIGN = dict.fromkeys(Heading.LEVEL_ALIGN, "left")


class _Message(Markdown):
    elements = Markdown.elements | {"fence": _Code, "code_block": _Code, "heading_open": _Heading}

    def __init__(self, tokens: list[Any], code_theme: str) -> None:
        super().__init__("", code_theme=code_theme, hyperlinks=False)
        self.parsed = tokens


def render(text: str, width: int, styles: dict[str, Style], *, code_theme: str, indent: int = 0) -> list[Strip]:
    """Draw a message.

    Args:
        text: Markdown, already made visible.
        width: cells.
        styles: Rich style name → definition, such as ``markdown.code``.
        code_theme: a Pygments theme, or ``ansi_dark`` / ``ansi_light``.
        indent: cells that every row begins with, part of the width.

    Returns:
        One strip per row. A text that cannot be laid out whole, or in time, is drawn as plain rows.
    """
    margin = Segment(" " * indent)
    tokens = _parser().parse(text)
    if text.count("|") > _MOST_BARS or any(
        token.level >= _DEEPEST or len(token.content) > LARGEST_BLOCK for token in tokens
    ):
        return [Strip([margin, Segment(row)]) for row in wrap(text, width - indent)]
    for token in tokens:
        for child in token.children or ():
            if child.type == "softbreak":
                child.type = "hardbreak"
    console = Console(
        width=width - indent, color_system="truecolor", force_terminal=True, legacy_windows=False, theme=Theme(styles)
    )
    segments = console.render(_Message(tokens, code_theme), console.options)
    return _without_blank_ends([Strip([margin, *line]) for line in Segment.split_lines(segments)])


def _without_blank_ends(strips: list[Strip]) -> list[Strip]:
    while strips and not strips[0].text.strip():
        strips.pop(0)
    while strips and not strips[-1].text.strip():
        strips.pop()
    return strips
