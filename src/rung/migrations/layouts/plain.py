"""Plain files of SQL, ordered by the number that their names begin with, each statement run on its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rung.migrations.layouts.golang_migrate import PAIRED
from rung.migrations.layouts.model import File, Found, Layout, Migration, OrderKey, Strength

_NUMBERED = re.compile(r"[vV]?(?P<version>[0-9]+)(?P<title>[^0-9].*)?\.sql", re.ASCII | re.IGNORECASE)
_UNDO = re.compile(r"(.*[._-])?(down|rollback|undo|revert)\.sql", re.ASCII | re.IGNORECASE)
_TIMESTAMP_DIGITS = 14


def recognise(files: Sequence[File]) -> Strength:
    numbered = [match for file in files if (match := _number(file)) and not PAIRED.fullmatch(file.name)]
    if numbered:
        return 1 if any(len(match["version"]) != _TIMESTAMP_DIGITS for match in numbered) else 0
    return 1 if any(file.listed and file.is_sql for file in files) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    for file in ordered(files):
        found.add(*numbered(file), file)
    return found


def ordered(files: Sequence[File]) -> list[File]:
    """The files whose order is known: by number, by their place in the user's list, or as the only one."""
    scripts = [file for file in files if file.is_sql]
    return [file for file in scripts if _number(file) or file.listed or len(scripts) == 1]


def numbered(file: File) -> tuple[OrderKey, Migration]:
    """The migration that a whole file is, by the number in its name, or by its name where it has none."""
    match = _number(file)
    stem = file.name.rsplit(".", 1)[0]
    migration = Migration(match["version"] if match else stem, stem, file.shown, (file.script("statements"),))
    return (((int(match["version"]),), "") if match else ((), stem)), migration


def _number(file: File) -> re.Match[str] | None:
    if not file.is_sql or _UNDO.fullmatch(file.name):
        return None
    return _NUMBERED.fullmatch(file.name)


LAYOUT = Layout("plain", "files like 001_name.sql", 0, recognise, read)
