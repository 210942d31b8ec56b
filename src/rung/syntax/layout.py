"""Defines `lay_out`: a document of words and possible line breaks → text, with every comment in its place.

A group stands on one line where it fits and no comment stands at its breaks; else all of its own
breaks are taken. Comments belong to breaks, and are given to them before any line is chosen: that
is why laying out the result again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rung.syntax.tree import Comment

WIDTH = 100
INDENT = "    "

_TO_BRACKET = re.compile(r"(?:[\s,{]|#[^\n]*+)*+")
_TO_WORD = re.compile(r"(?:[^\w#]|#[^\n]*+)*+")


@dataclass(frozen=True, slots=True)
class Words:
    """A text that is never broken, and the characters [start, end) of the source that it stands for."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or closing bracket, of which the tree does not tell the place: the next one there is."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Break:
    """A place where a line may end; `depth` is how many steps the next line is indented in its group."""

    flat: str = " "
    depth: int = 1
    comma: bool = False  # a line that ends here ends with a comma
    opens: bool = False  # no blank line comes right after
    closes: bool = False  # comments stand one step deeper than what follows; no blank line right before that
    keeps_blank: bool = False  # a blank line of the source is kept


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Parts in order; the breaks among them are all taken or none. `hard`: always taken."""

    parts: tuple[Part, ...]
    hard: bool = False


Part = str | Words | Token | Break | Group


def group(*parts: Part, hard: bool = False) -> Group:
    """A group of these parts."""
    return Group(parts, hard)


def lay_out(document: Group, comments: Sequence[Comment], source: str) -> str:
    """The text of a document; `comments` are those of the source that its words stand for."""
    printer = _Printer(_attach(document, comments, source))
    # A whole document is a block whose braces are not written: its members are not indented.
    printer.put(document, -1, 0)
    return "\n".join(printer.lines[1:]) + "\n"


# ---------------------------------------------------------------- comments


@dataclass(slots=True)
class _Gap:
    """What stands at a break: a comment that ends the line, then lines (blank line before, comment)."""

    trailing: str | None = None
    above: list[tuple[bool, str]] = field(default_factory=list)
    blank: bool = False  # a blank line before what follows

    @property
    def has_comments(self) -> bool:
        return self.trailing is not None or bool(self.above)


def _leaves(document: Group) -> Iterator[Words | Token | Break]:
    for part in document.parts:
        if isinstance(part, Group):
            yield from _leaves(part)
        elif not isinstance(part, str):
            yield part


def _atoms(leaves: Iterable[Words | Token | Break], source: str) -> tuple[list[tuple[int, int]], list[Break]]:
    """The unbreakable stretches of a document as [start, end) of the source, and the breaks between them."""
    atoms: list[tuple[int, int]] = []
    breaks: list[Break] = []
    end = 0
    for leaf in leaves:
        if isinstance(leaf, Break):
            breaks.append(leaf)
            continue
        if isinstance(leaf, Token):
            skipped = (_TO_WORD if leaf.text[0].isalpha() else _TO_BRACKET).match(source, end)
            start = skipped.end() if skipped else end
            leaf = Words(leaf.text, start, start + 1)
        end = leaf.end
        if len(atoms) == len(breaks):
            atoms.append((leaf.start, end))
        else:
            atoms[-1] = (atoms[-1][0], max(atoms[-1][1], end))
    return atoms, breaks


def _attach(document: Group, comments: Sequence[Comment], source: str) -> dict[Break, _Gap]:
    """Give each comment to a break: at the end of the line before it, or above the line after it.

    A comment within an unbreakable stretch goes above the stretch, unless it is the last there and
    ends a line. Comments keep their order.
    """
    atoms, breaks = _atoms(_leaves(document), source)
    gaps: list[_Gap] = []
    queue = iter([*comments, None])
    comment = next(queue)
    for _, ((_, end), (following, _)) in zip(breaks, pairwise(atoms), strict=True):
        here: list[Comment] = []
        while comment is not None and comment.span.start < following:
            here.append(comment)
            comment = next(queue)
        mine = max((n for n, c in enumerate(here, 1) if not c.own_line or c.span.start < end), default=0)
        inside, later = here[:mine], here[mine:]
        gap = _Gap(blank=_blank_before(source, following))
        gap.above += [(_blank_before(source, c.span.start), c.text) for c in later]
        if inside and not inside[-1].own_line:
            gap.trailing = inside.pop().text
        if inside:
            before = gaps[-1]
            texts = [c.text for c in inside]
            before.above += [(before.blank, texts[0]), *((False, text) for text in texts[1:])]
            before.blank = False
        gaps.append(gap)
    return dict(zip(breaks, gaps, strict=True))


def _blank_before(source: str, offset: int) -> bool:
    newlines = 0
    while offset > 0 and source[offset - 1].isspace():
        offset -= 1
        newlines += source[offset] == "\n"
    return newlines > 1


# ---------------------------------------------------------------- lines


class _Printer:
    """Collects lines; `line` is the one being written."""

    def __init__(self, gaps: dict[Break, _Gap]) -> None:
        self.gaps = gaps
        self.lines: list[str] = []
        self.line = ""
        self.flats: dict[Group, str | None] = {}

    def put(self, document: Group, base: int, rest: int) -> None:
        """Write a group, indented by `base` steps; `rest` characters follow it on its last line."""
        flat = self.flat(document)
        if flat is not None and len(self.line) + len(flat) + rest <= WIDTH:
            self.line += flat
            return
        parts = document.parts
        # What stands before the first break counts as deep as the line after it.
        inner = base + next((part.depth for part in parts if isinstance(part, Break)), 0)
        for index, part in enumerate(parts):
            if isinstance(part, Group):
                self.put(part, inner, self.until_break(parts, index + 1, rest))
            elif isinstance(part, Break):
                inner = base + part.depth
                self.end_line(part, inner)
            else:
                self.line += part if isinstance(part, str) else part.text

    def end_line(self, at: Break, depth: int) -> None:
        gap = self.gaps[at]
        line = self.line + "," * at.comma
        self.lines.append(f"{line}  {gap.trailing}" if gap.trailing else line)
        entries = [(blank, INDENT * (depth + at.closes) + text) for blank, text in gap.above]
        for index, (blank, text) in enumerate(entries):
            if blank and at.keeps_blank and not (at.opens and index == 0):
                self.lines.append("")
            self.lines.append(text)
        if gap.blank and at.keeps_blank and not at.closes and (entries or not at.opens):
            self.lines.append("")
        self.line = INDENT * depth

    def flat(self, document: Group) -> str | None:
        """The group on one line, or None where it cannot stand on one."""
        if document not in self.flats:
            self.flats[document] = self._flat(document)
        return self.flats[document]

    def _flat(self, document: Group) -> str | None:
        if document.hard:
            return None
        texts: list[str] = []
        for part in document.parts:
            if isinstance(part, Group):
                flat = self.flat(part)
                if flat is None:
                    return None
                texts.append(flat)
            elif isinstance(part, Break):
                if self.gaps[part].has_comments:
                    return None
                texts.append(part.flat)
            else:
                texts.append(part if isinstance(part, str) else part.text)
        return "".join(texts)

    def until_break(self, parts: Sequence[Part], start: int, rest: int) -> int:
        """How many characters follow on the line, at least, before the first break from part `start` on."""
        width = 0
        for index in range(start, len(parts)):
            part = parts[index]
            if isinstance(part, Break):
                return width
            if isinstance(part, Group):
                return width + self.until_break(part.parts, 0, self.until_break(parts, index + 1, rest))
            width += len(part if isinstance(part, str) else part.text)
        return width + rest
