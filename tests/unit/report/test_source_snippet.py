"""Carets stand under exactly what a span means, whatever the line is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rung.diagnostics import Source, Span
from rung.report.plain import width
from rung.report.source_snippet import Row, rows

FILE = "f"


def shown(text: str, start: int, end: int, room: int = 80) -> list[Row]:
    return rows(Source(FILE, text), Span(FILE, start, end), room)


def test_one_line() -> None:
    assert shown("one\ntwo three\n", 8, 13) == [Row(2, "two three", "    ^^^^^")]


def test_an_empty_span_is_one_caret() -> None:
    assert shown("one", 3, 3) == [Row(1, "one", "   ^")]
    assert shown("", 0, 0) == [Row(1, "", "^")]
    assert shown("one\n", 4, 4) == [Row(2, "", "^")]


def test_tabs_go_to_the_next_stop_before_and_within_the_span() -> None:
    assert shown("\ta\tbc", 3, 5) == [Row(1, "    a   bc", "        ^^")]
    assert shown("ab\tcd", 1, 4) == [Row(1, "ab  cd", " ^^^^")]


def test_wide_and_combining_characters_take_their_columns() -> None:
    assert shown("世界 x", 3, 4) == [Row(1, "世界 x", "     ^")]
    assert shown("世界 x", 0, 2) == [Row(1, "世界 x", "^^^^")]
    assert shown("e\u0301 x", 3, 4) == [Row(1, "e\u0301 x", "  ^")]


def test_what_a_terminal_would_obey_is_replaced() -> None:
    assert shown("a\x1b[31m\u202eb", 7, 8) == [Row(1, "a�[31m�b", "       ^")]


def test_a_span_of_several_lines_shows_the_first_and_the_last() -> None:
    assert shown("one {\n  two\n  three\n}\n", 4, 22) == [
        Row(1, "one {", "    ^"),
        Row(None, "", ""),
        Row(4, "}", "^"),
    ]
    assert shown("ab\n  cd e", 1, 7) == [Row(1, "ab", " ^"), Row(2, "  cd e", "  ^^")]


def test_a_span_that_ends_with_its_line_feed_is_of_one_line() -> None:
    assert shown("ab\ncd\n", 0, 3) == [Row(1, "ab", "^^")]


@pytest.mark.parametrize("room", [20, 40, 80])
@pytest.mark.parametrize("start", [0, 7, 500, 4990])
@pytest.mark.parametrize("length", [0, 1, 5, 300])
@pytest.mark.parametrize("letter", ["x", "世"])
def test_of_a_long_line_the_part_around_the_span_is_shown(
    room: int, start: int, length: int, letter: str
) -> None:
    text = letter * start + "M" * length + letter * (5000 - start - length)
    [row] = shown(text, start, start + length, room)
    assert width(row.text) <= room
    assert width(row.marks) <= room
    marked = row.marks.count("^")
    columns = "".join(each * width(each) for each in row.text)
    under = columns[len(row.marks) - marked : len(row.marks)]
    if 0 < length < room // 4:
        assert under == "M" * length
    elif length:
        assert set(under) <= set("M…")
        assert "M" in under


@given(st.data())
def test_no_row_is_wider_than_the_room_and_marks_lie_under_its_text(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="ab 世\t\n\x1be\u0301", max_size=120))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    room = data.draw(st.integers(20, 60))
    found = shown(text, start, end, room)
    assert 1 <= len(found) <= 3
    for row in found:
        assert width(row.text) <= room
        assert len(row.marks) <= max(room, width(row.text) + 1)
