"""Plain text on the screen: breaking it into rows, and taking it while it streams."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from cascadeflow.sanitise import one_line, visible
from tui.streamed import SHOWN_CHARACTERS, TAIL_ROWS, StreamedText
from tui.wrap import rows, shorten, wrap

DANGEROUS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300)


@given(st.text(st.one_of(st.characters(), st.sampled_from("\x1b\x9b\r\u202e\u200b\ufeff\x07"))))
@settings(deadline=None, max_examples=200)
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    """No control, format, surrogate or separator character is left but newline and tab."""
    left = {character for character in visible(text) if unicodedata.category(character) in DANGEROUS}
    assert left <= {"\n", "\t"}
    assert "\n" not in one_line(text)


@given(LINES, st.integers(min_value=1, max_value=60))
@settings(deadline=None, max_examples=200)
def test_rows_are_the_line_again_and_fit(line: str, width: int) -> None:
    """Joined they lose nothing; a row is at most one hanging space, or one wide character, too wide."""
    broken = list(rows(line, width))
    assert "".join(broken) == line
    for row in broken:
        assert cell_len(row.rstrip(" ")) <= max(width, 2) or len(row) == 1


def test_words_stay_whole_where_they_fit() -> None:
    assert wrap("one two three\nfour", 8) == ["one two", "three", "four"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_shorten_marks_what_is_missing() -> None:
    assert shorten("gpt-4o-mini", 8) == "gpt-4o-…"
    assert shorten("日本語日本語", 5) == "日本…"
    assert shorten("short", 8) == "short"


TEXT = (
    "First line\nsecond line\n\n```python\ndef f():\n\n    return 1\n```\nafter the fence\n\n"
    + "word " * 900
    + "\n\n| a | b |\n|---|---|\n"
    + "| 1 | 2 |\n" * 30
    + "\r\nthe end"
)


def streamed(pieces: list[str], width: int = 40) -> StreamedText[str]:
    text = StreamedText[str](width, lambda row: row, lambda block: [f"|{line}" for line in block.split("\n")])
    for piece in pieces:
        text.feed(piece)
        assert len(text.tail) <= TAIL_ROWS
    return text


@given(st.lists(st.integers(min_value=1, max_value=200), min_size=1, max_size=80))
@settings(deadline=None, max_examples=50)
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    """However the stream was cut, the finished rows are those of the whole text."""
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(TEXT[at : at + cut])
        at += cut
    pieces.append(TEXT[at:])
    cut_up, whole = streamed(pieces), streamed([TEXT])
    assert cut_up.drawn() == whole.drawn()
    cut_up.close()
    whole.close()
    assert cut_up.rows == whole.rows


def test_a_closed_block_is_drawn_once_and_an_open_one_stays_plain() -> None:
    text = streamed(["A **bold** word\n\n```python\nx = 1\n\ny = 2\n"])
    assert text.rows == ["|A **bold** word"]
    assert text.tail == ["```python", "x = 1", "", "y = 2"]
    text.feed("```\n")
    assert text.rows[2:] == ["|```python", "|x = 1", "|", "|y = 2", "|```"]
    assert text.tail == []


def test_everything_that_came_can_be_seen() -> None:
    """A block that outgrows the tail is not hidden: its first rows are finished as plain ones."""
    text = streamed([f"line {number}\n" for number in range(40)])
    assert [row for row in text.drawn() if row] == [f"line {number}" for number in range(40)]


def test_a_huge_line_is_cut_and_counted() -> None:
    text = streamed(["x" * 10_000_000], width=80)
    assert text.hidden == 10_000_000 - SHOWN_CHARACTERS
    assert sum(len(row) for row in text.drawn()) == SHOWN_CHARACTERS


def test_a_carriage_return_cut_from_its_newline_is_no_character() -> None:
    assert streamed(["one\r", "\ntwo"]).drawn() == ["one", "two"]


@pytest.mark.parametrize("width", [1, 2, 7])
def test_narrow_widths_do_not_loop(width: int) -> None:
    assert "".join(wrap("日本語 text", width)).replace(" ", "") == "日本語text"
