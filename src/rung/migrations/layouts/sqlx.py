"""sqlx: `20240131120000_name.sql`, or `.up.sql` and `.down.sql`; first line perhaps `-- no-transaction`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rung.migrations.layouts.golang_migrate import PAIRED, add_pairs
from rung.migrations.layouts.model import File, Found, Layout, Migration, Strength, Wrapping

_SIMPLE = re.compile(r"(?P<version>[0-9]+)_(?P<title>.*)\.sql", re.ASCII)
_TIMESTAMP_DIGITS = 14
_OPT_OUT = "-- no-transaction"


def recognise(files: Sequence[File]) -> Strength:
    named = [(file, match) for file in files if (match := _SIMPLE.fullmatch(file.name)) and file.is_sql]
    if any(file.text.startswith(_OPT_OUT) for file, _ in named):
        return 2
    simple = [match for file, match in named if not PAIRED.fullmatch(file.name)]
    return 1 if simple and all(len(match["version"]) == _TIMESTAMP_DIGITS for match in simple) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    add_pairs(found, files, _wrapping)
    for file in files:
        match = _SIMPLE.fullmatch(file.name)
        if match and file.is_sql and file.path not in found.used:
            name = file.name.removesuffix(".sql")
            migration = Migration(match["version"], name, file.shown, (file.script(_wrapping(file)),))
            found.add(((int(match["version"]),), ""), migration, file)
    return found


def _wrapping(file: File) -> Wrapping:
    # sqlx sends an opted-out script as one request
    return "batch" if file.text.startswith(_OPT_OUT) else "transaction"


LAYOUT = Layout("sqlx", "files like 20240131120000_name.sql", 0, recognise, read)
