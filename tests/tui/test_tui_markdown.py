"""Messages as Markdown: what is interpreted, and what stays as it was written."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cascadeflow.sanitise import visible
from tui.markdown import LARGEST_BLOCK, render


def text_of(markdown: str, width: int = 60) -> str:
    return "\n".join(strip.text.rstrip() for strip in render(markdown, width, {}, code_theme="monokai"))


def test_blocks_are_drawn() -> None:
    shown = text_of(
        "# Title\n\ntwo\nlines\n\n- one\n- **two**\n\n```python\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    assert "Title" in shown
    assert "two\nlines" in shown
    assert " • one\n • two" in shown
    assert " x = 1" in shown
    assert " 1  2" in shown


def test_links_html_and_entities_stay_text() -> None:
    """Nothing of an answer becomes a link, an image, a tag or another character."""
    written = (
        "[bold]x[/bold] [link=http://a]y[/link] [text](http://evil) ![i](http://img) <b>t</b> <http://auto> &#8238;&lt;"
    )
    strips = render(written, 200, {}, code_theme="monokai")
    assert "\n".join(strip.text.rstrip() for strip in strips) == written
    assert not [segment for strip in strips for segment in strip if segment.style and segment.style.link]
    assert text_of("[note]: http://a.b\n\nafter") == "[note]: http://a.b\n\nafter"


def test_what_cannot_be_laid_out_is_shown_plain() -> None:
    """Deep nesting loses text in the parser, huge blocks take seconds: both are shown as written."""
    deep = ">" * 40 + " deep"
    assert "deep" in text_of(deep)
    fence = "```\n" + "x" * (LARGEST_BLOCK + 1) + "\n```"
    assert text_of(fence).startswith("```\nxxxx")
    table = "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 2_000
    assert text_of(table).startswith("| a | b |")


@given(st.text(max_size=400), st.integers(min_value=8, max_value=80))
@settings(deadline=None, max_examples=100)
def test_any_text_can_be_drawn_and_holds_no_control(text: str, width: int) -> None:
    for strip in render(visible(text), width, {}, code_theme="ansi_dark"):
        assert not [c for c in strip.text if unicodedata.category(c) in ("Cc", "Cf", "Cs")]


def test_every_style_sheet_stands_beside_what_it_styles_and_has_no_universal_pseudo_class() -> None:
    """A `*:hover` rule makes every change of the mouse restyle every widget."""
    sheets = list((Path(__file__).parents[2] / "tui").rglob("*.tcss"))
    assert sheets
    for sheet in sheets:
        assert "*" not in sheet.read_text().replace("/*", "").replace("*/", ""), sheet
        assert sheet.with_suffix(".py").exists(), sheet
