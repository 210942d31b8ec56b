"""Defines how a place in a text is shown: its line, and carets under the exact characters."""

from __future__ import annotations

from typing import NamedTuple

from rung.diagnostics import Source, Span
from rung.report.plain import plain, width

TAB = 4
_CUT = "…"


class Row(NamedTuple):
    """A line of the text by its number, and a line of marks under it; no number where lines are left out."""

    number: int | None
    text: str
    marks: str


def rows(source: Source, span: Span, room: int, mark: str = "^") -> list[Row]:
    """The lines of a span in at most `room` columns each; of a long span the first and the last one."""
    first, column = source.place(span.start)
    last, end_column = source.place(max(span.start, span.end))
    if last > first and end_column == 1:  # the span ends with the line feed
        last, end_column = last - 1, len(source.line(last - 1)) + 1
    if first == last:
        return [_row(source, first, column - 1, end_column - 1, room, mark)]
    shown = [_row(source, first, column - 1, len(source.line(first)), room, mark)]
    if last > first + 1:
        shown.append(Row(None, "", ""))
    line = source.line(last)
    return [*shown, _row(source, last, len(line) - len(line.lstrip()), end_column - 1, room, mark)]


def _row(source: Source, number: int, start: int, end: int, room: int, mark: str) -> Row:
    """The line of a number with its characters [start, end) marked; at least one column is."""
    line = source.line(number)
    before = _expanded(line[:start], 0)
    marked = _expanded(line[start:end], width(before))
    after = _expanded(line[max(start, end) :], width(before) + width(marked)).rstrip()
    marked_width = max(1, width(marked))
    if width(before) + width(marked) + width(after) > room:
        # What is marked stays in sight: as much of it as there is room for, with some text before it.
        lead = max(room - marked_width - room // 4, room // 4)
        if width(before) > lead:
            before = _CUT + _end_of(before, lead - 1)
        marked = _cut(marked, room - width(before))
        after = _cut(after, room - width(before) - width(marked))
        marked_width = max(1, width(marked))
    return Row(number, before + marked + after, " " * width(before) + mark * marked_width)


def _expanded(text: str, column: int) -> str:
    """Printable text with tabs as spaces; `column` is where it begins."""
    if "\t" not in text:
        return plain(text)
    first, *others = text.split("\t")
    done = plain(first)
    for piece in others:
        done += " " * (TAB - (column + width(done)) % TAB) + plain(piece)
    return done


def _end_of(text: str, room: int) -> str:
    while text and width(text) > room:
        text = text[max(1, (width(text) - room) // 2) :]
    return text


def _cut(text: str, room: int) -> str:
    """The beginning of a text for which there is room, and a sign that it goes on."""
    if width(text) <= room:
        return text
    while text and width(text) > room - 1:
        text = text[: -max(1, (width(text) - room) // 2)]
    return text + _CUT if room > 0 else ""
