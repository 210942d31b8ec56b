"""Defines how text that others wrote becomes safe to print, how wide it is, and how it is wrapped."""

from __future__ import annotations

import re

# Controls (ESC among them), what turns the direction of writing, what cannot be seen, and halves of
# surrogate pairs, which a file name may have and no output can.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffc\ud800-\udfff\U000e0000-\U000e0fff]"
)
REPLACEMENT = "\ufffd"


def plain(text: str) -> str:
    """The text on one line, with a replacement for each character that could do more than be read."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda match: " " if match[0] in "\t\n" else REPLACEMENT, text)


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
