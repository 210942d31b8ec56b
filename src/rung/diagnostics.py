"""Defines where things stand in a file (`Source`, `Span`) and what is said about them (`Diagnostic`).

Data only: every other module may import this one, and this one imports none of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from rung.frozen import field, frozen

Severity = Literal["error", "warning"]


class Source:
    """A text and the name under which its reader knows it (a path, or `<stdin>`)."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @cached_property
    def line_starts(self) -> Sequence[int]:
        """The offset of the first character of each line; lines end with a line feed alone."""
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return starts

    def place(self, offset: int) -> Place:
        """The place of a character offset (0-based); an offset past the end is the end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.line_starts, offset)
        return Place(line, offset - self.line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Line `number` (1-based) without its line feed."""
        start = self.line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")


class Place(NamedTuple):
    """A line and a column, both 1-based, the column in characters."""

    line: int
    column: int


class Span(NamedTuple):
    """The characters [start, end) of the file named `file`; offsets are 0-based, in characters."""

    file: str
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`, in the same file."""
        return Span(self.file, self.start, other.end)


class Related(NamedTuple):
    """Another place that a diagnostic speaks of, and what is there."""

    span: Span
    message: str


@frozen
class Diagnostic:
    """One finding about a text: lowercase message without full stop, user text in backticks.

    `code` is stable and kebab-case, and `rung explain CODE` prints its page. `span` is None only
    for a finding about a whole input (`file` then names it).
    """

    code: str
    message: str
    span: Span | None
    hint: str | None = None
    related: tuple[Related, ...] = ()
    severity: Severity = "error"
    file: str | None = field(default=None)

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """A hint that names the candidate nearest to `word`, or None where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, sorted(set(candidates)), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None
