"""Defines what every migration layout yields: `Migration`, its `Script`s, and the `Layout` record itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rung.diagnostics import Diagnostic, Source, Span

Wrapping = Literal["transaction", "batch", "unless-forbidden", "statements"]
"""How the tool sends a script to the server:

- `transaction`: inside a transaction that the tool opens;
- `batch`: as one request, which the server runs as one transaction where it holds two or more statements;
- `unless-forbidden`: in a transaction, except when each of its statements refuses to run in one;
- `statements`: one statement at a time, each committed on its own unless the script itself says BEGIN.
"""

OrderKey = tuple[tuple[int, ...], str]
"""Where a migration stands among its siblings: numbers first, then text."""


@dataclass(frozen=True, slots=True)
class Script:
    """A contiguous part of a file that is sent to the server: `text` stands at `start` in `source.text`."""

    source: Source
    start: int
    text: str
    wrapping: Wrapping

    def span(self, start: int, end: int) -> Span:
        """The place in the file of the characters [start, end) of `text`."""
        return Span(self.source.name, self.start + start, self.start + end)

    def sql(self) -> Source:
        """The script alone, with blanks for what stands before it: its offsets are those of the file."""
        if self.start == 0 and len(self.text) == len(self.source.text):
            return self.source
        before = re.sub(r"[^\n]", " ", self.source.text[: self.start])
        return Source(self.source.name, before + self.text)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a schema's history.

    `path` is the file or folder that holds it. `up` is empty only where the step is not SQL. Where
    `opaque_reason` is set, the text in `up` is not all that runs, and the reason says why.
    """

    version: str
    name: str
    path: str
    up: tuple[Script, ...]
    down: tuple[Script, ...] = ()
    opaque_reason: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file of the input: `path` relative to the folder; `source` None where its text is of no interest.

    `listed` says that the user named the file itself, so that its place in the list is its order.
    """

    path: str
    shown: str
    source: Source | None
    listed: bool = False

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def folder(self) -> str:
        """The path of the folder that holds it, empty for the input folder itself."""
        return self.path.rsplit("/", 1)[0] if "/" in self.path else ""

    @property
    def is_sql(self) -> bool:
        return self.source is not None and self.name.lower().endswith(".sql")

    @property
    def text(self) -> str:
        return self.source.text if self.source is not None else ""

    def script(self, wrapping: Wrapping, start: int = 0, end: int | None = None) -> Script:
        """The characters [start, end) of the file as a script."""
        assert self.source is not None
        return Script(self.source, start, self.source.text[start:end], wrapping)

    def span(self, start: int = 0, end: int = 0) -> Span:
        """The characters [start, end) of the file."""
        return Span(self.shown, start, end)


@dataclass(slots=True)
class Found:
    """What a layout makes of the files: its migrations by order, the files it used, and what is wrong."""

    migrations: list[tuple[OrderKey, Migration]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def add(self, key: OrderKey, migration: Migration, *files: File | None) -> None:
        self.migrations.append((key, migration))
        self.use(*files)

    def use(self, *files: File | None) -> None:
        """Note that the files belong to the layout, so that none is passed over unsaid."""
        self.used.update(file.path for file in files if file is not None)


Strength = Literal[0, 1, 2]
"""How surely files are of a layout: not at all, by their names alone, or by a mark that only it leaves."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which people keep migrations.

    `marks` completes the sentence "it is known by …". `depth` is how many folders below the one that holds
    the migrations a file of theirs may stand.
    """

    name: str
    marks: str
    depth: int
    recognise: Callable[[Sequence[File]], Strength]
    read: Callable[[Sequence[File]], Found]
