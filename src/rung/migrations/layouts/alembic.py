"""The output of `alembic upgrade --sql`: one file, a section `-- Running upgrade a -> b` for each migration.

`alembic downgrade --sql` in a second file gives the way back.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rung.migrations.layouts.errors import migration_malformed
from rung.migrations.layouts.model import File, Found, Layout, Migration, Strength, Wrapping

_MARK = re.compile(
    r"^-- Running (?P<kind>upgrade|downgrade|stamp_revision) (?P<old>[^\n]*?) ?-> ?(?P<new>[^\n]*?)\r?$",
    re.MULTILINE,
)
_TRANSACTION = re.compile(
    r"^(?P<word>BEGIN|COMMIT)(?: TRANSACTION)?;?[ \t]*\r?$", re.MULTILINE | re.IGNORECASE
)
_OPENING = re.compile(r"^BEGIN(?: TRANSACTION)?;?\s*\Z", re.MULTILINE | re.IGNORECASE)


def recognise(files: Sequence[File]) -> Strength:
    return 2 if any(file.is_sql and _MARK.search(file.text) for file in files) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    downs: dict[str, tuple[File, Migration]] = {}
    for file in files:
        marks = list(_MARK.finditer(file.text)) if file.is_sql else []
        # what stands before the first section (the version table) runs with it
        starts = [0, *(_section_start(file.text, mark.start()) for mark in marks[1:])]
        ends = [*starts[1:], len(file.text)]
        for mark, start, end, is_open in zip(
            marks, starts, ends, _open_transactions(file.text, starts), strict=False
        ):
            version = (mark["old"] if mark["kind"] == "downgrade" else mark["new"]).split(",")[0].strip()
            wrapping: Wrapping = "transaction" if is_open else "statements"
            step = Migration(version, version, file.shown, (file.script(wrapping, start, end),))
            match mark["kind"]:
                case "upgrade":
                    found.add(((len(found.migrations),), version), step, file)
                case "downgrade":
                    downs[version] = (file, step)
                case _:
                    found.use(file)
    _attach(found, downs)
    return found


def _attach(found: Found, downs: dict[str, tuple[File, Migration]]) -> None:
    for i, (key, migration) in enumerate(found.migrations):
        if migration.version in downs:
            file, down = downs.pop(migration.version)
            found.use(file)
            found.migrations[i] = (key, replace(migration, down=down.up))
    for version, (file, down) in downs.items():
        message = f"this undoes `{version}`, of which no upgrade is given"
        start = down.up[0].start
        found.diagnostics.append(migration_malformed(file.span(start, start), message))
        found.use(file)


def _section_start(text: str, mark: int) -> int:
    """The start of a section: with its BEGIN, where one stands just before the marker."""
    window = max(0, mark - 80)
    opening = _OPENING.search(text[window:mark])
    return window + opening.start() if opening else mark


def _open_transactions(text: str, starts: Sequence[int]) -> Iterator[bool]:
    """For each of the ascending offsets: whether a transaction that the output itself began is open there."""
    words = list(_TRANSACTION.finditer(text))
    for start in starts:
        before = bisect_left(words, start, key=lambda match: match.start())
        yield before > 0 and words[before - 1]["word"].upper() == "BEGIN"


LAYOUT = Layout("alembic", "the comments `-- Running upgrade a -> b`", 0, recognise, read)
