"""Defines how text that others wrote becomes safe to print, how wide it is, and how it is wrapped."""

from __future__ import annotations

REPLACEMENT = "\ufffd"


def plain(text: str) -> str:
    """The text on one line, with a replacement for each character that could do more than be read.

    These are controls (ESC among them), what turns the direction of writing or cannot be seen, and the
    halves of surrogate pairs, which a file name may have and no output can.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else " " if each.isspace() else REPLACEMENT for each in text)


def width(text: str) -> int:
    """How many columns a terminal takes for a text that is plain."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)


def wrapped(text: str, room: int) -> list[str]:
    """The text in lines of at most `room` columns, but for words that are longer."""
    if width(text) <= room:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        if line and width(line) + 1 + width(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
