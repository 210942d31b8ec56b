"""Defines `recover`: what can be read of a text with syntax errors, and each of these errors once.

The text is cut at the words that begin a statement in column 1. In a broken statement, the broken
member of its block is reported, blanked out, and the rest is read again; else the statement is
set aside, and the names in it that others may refer to are remembered as broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from lark.exceptions import UnexpectedInput

from rung.diagnostics import Diagnostic, Source
from rung.syntax import tree
from rung.syntax.language import language
from rung.syntax.messages import MEMBERS, Mistake, mistake

# Reading goes on after each mistake, so without limits a long broken text would take forever.
MOST_ROUNDS = 20
MOST_MISTAKES = 100

_GAP = r"(?:[ \t\r\n]|#[^\n]*+)"
_HEADER = re.compile(rf'{_GAP}*+rung{_GAP}++[0-9]+{_GAP}++policy{_GAP}*+"(?:[^"\\\n]|\\["\\])*"')
_FIRST_WORD = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*", re.MULTILINE)
_MEMBER = re.compile(r"^[ \t]*(?:(require|needs|owes)(?![\w-])|\})", re.MULTILINE)
_LINE = re.compile(r"^([ \t]*)([A-Za-z_][A-Za-z0-9_-]*|\})", re.MULTILINE)
_BRACES = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[{}]')
# A word and the name after it, where a statement or member of that kind brings the name into use.
_NAMED = re.compile(
    r"(?:\b(?:environment|group|evidence|parameter|gate|rollback|needs)\s+|->\s*)([A-Za-z_][A-Za-z0-9_-]*)"
)
_SECOND_WORD = re.compile(r"\s*[A-Za-z_-]+\s+([A-Za-z_][A-Za-z0-9_-]*)")


class Recovered(NamedTuple):
    """`name` is the policy's, None where its header is broken."""

    name: tree.Text | None
    statements: list[tree.Statement]
    broken: frozenset[str]
    diagnostics: list[Diagnostic]


def recover(source: Source, first: UnexpectedInput) -> Recovered:
    """Read what can be read; `first` is the error at which reading the whole text stopped."""
    text = source.text
    reader = _Reader(source)
    header = _HEADER.match(text)
    name: tree.Text | None = None
    if header:
        (_, name), _ = language().run(source.name, header.group(), 0, "start")
    starts = [*([header.end()] if header else []), *_starts(text, header)]
    for start, end in pairwise([*starts, len(text)]):
        reader.read(start, end)
    if not header:
        found = mistake(source, text, 0, first).diagnostic
        # Of a file that is something else altogether, one error says enough.
        reader.diagnostics = [found, *reader.diagnostics] if reader.statements else [found]
    return Recovered(name, reader.statements, frozenset(reader.broken), reader.diagnostics)


def _starts(text: str, header: re.Match[str] | None) -> Iterator[int]:
    """Where statements begin in column 1: at their words, and outside of braces at any unknown word."""
    known, words = language().statements, set(language().words.values())
    scanned = header.end() if header else 0
    depth = 0
    for match in _FIRST_WORD.finditer(text, scanned):
        for brace in _BRACES.finditer(text, scanned, match.start()):
            depth += {"{": 1, "}": -1}.get(brace.group(), 0)
        scanned = match.start()
        word = match.group()
        if word in known or (header and depth <= 0 and word not in words):
            depth = 0
            yield match.start()


class _Reader:
    """Collects the statements, mistakes and broken names of the pieces of a source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.statements: list[tree.Statement] = []
        self.diagnostics: list[Diagnostic] = []
        self.broken: set[str] = set()

    def read(self, start: int, end: int) -> None:
        """Read a piece of the text, from one statement that could be read to the next."""
        position: int | None = start
        while position is not None:
            position = self._read_some(position, end)

    def _read_some(self, start: int, end: int) -> int | None:
        """Read statements up to `end`, or give the place after a broken one at which to read on."""
        text = self.source.text[start:end]
        for _ in range(MOST_ROUNDS):
            if len(self.diagnostics) >= MOST_MISTAKES:
                break
            try:
                self._take(text, start)
            except UnexpectedInput as error:
                found = mistake(self.source, text, start, error)
                self.diagnostics.append(found.diagnostic)
            else:
                return None
            if found.after_statement:
                self._take(text[: found.position], start)
                return start + self._set_aside(text, found.position)
            region = _member_region(text, found)
            if region is None:
                break
            self._blame(text[slice(*region)])
            text = text[: region[0]] + re.sub(r"[^\n]", " ", text[slice(*region)]) + text[region[1] :]
        self._blame(text)
        return None

    def _take(self, text: str, start: int) -> None:
        statements, mistakes = language().run(self.source.name, text, start, "fragment")
        self.statements += statements
        self.diagnostics += mistakes

    def _set_aside(self, text: str, position: int) -> int:
        """Skip to the next line that begins with a statement's word."""
        words = "|".join(language().statements)
        following = re.compile(rf"^[ \t]*(?:{words})(?![\w-])", re.MULTILINE).search(text, position + 1)
        resume = following.start() if following else len(text)
        self._blame(text[position:resume])
        return resume

    def _blame(self, text: str) -> None:
        """Remember the names that the lost text would have brought into use."""
        self.broken.update(_NAMED.findall(text))
        second = _SECOND_WORD.match(text)
        if second:
            self.broken.add(second.group(1))


def _member_region(text: str, found: Mistake) -> tuple[int, int] | None:
    """The member of a block in which the mistake lies, up to the next member or closing brace."""
    if found.at_end:
        return None
    start: int | None = None
    if found.begins_member:
        start = found.position
    else:
        for match in _MEMBER.finditer(text, 0, found.position):
            start = match.start(1) if match.group(1) else None
    if start is None:
        return None
    end = _block_end(text, start) if text.startswith("owes", start) else start
    return start, end if end > found.position else _member_end(text, start, found.position)


def _member_end(text: str, start: int, position: int) -> int:
    """Where the next member begins, which may be misspelt: an unknown word that is not indented deeper."""
    indent = start - (text.rfind("\n", 0, start) + 1)
    words = language().words.values()
    for match in _LINE.finditer(text, max(start + 1, position)):
        word = match.group(2)
        misspelt = len(match.group(1)) <= indent and word not in words
        if word in MEMBERS or word == "}" or misspelt:
            return match.start()
    return len(text)


def _block_end(text: str, start: int) -> int:
    depth = 0
    for match in _BRACES.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if match.group() == "}" and depth <= 0:
            # The brace is the block's own, or where the block has none, the one of what holds it.
            return match.end() if depth == 0 else match.start()
    return len(text)
