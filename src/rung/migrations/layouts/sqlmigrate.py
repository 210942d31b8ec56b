"""The output of Django's `sqlmigrate`, one file for each migration, ordered by the number in its name.

Django prints each operation under a comment of three lines; what it cannot print as SQL it says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rung.migrations.layouts.model import File, Found, Layout, Strength
from rung.migrations.layouts.plain import numbered, ordered

_OPERATIONS = (
    "Create model",
    "Delete model",
    "Rename model",
    "Add field",
    "Alter field",
    "Remove field",
    "Rename field",
    "Create index",
    "Remove index",
    "Rename index",
    "Concurrently create index",
    "Concurrently remove index",
    "Create constraint",
    "Remove constraint",
    "Alter constraint",
    "Alter unique_together",
    "Alter index_together",
    "Alter order_with_respect_to",
    "Set order_with_respect_to",
    "Rename table",
    "Change Meta options",
    "Change managers",
    "Raw SQL operation",
    "Raw Python operation",
    "Custom state/database change combination",
)
_HEADING = re.compile(
    rf"^--\r?\n-- (?P<text>[-+~]? ?(?:{'|'.join(map(re.escape, _OPERATIONS))})\b.*)\r?\n--\r?$", re.MULTILINE
)
_NOT_SQL = re.compile(
    r"^-- (?:THIS|MIGRATION NOW PERFORMS) OPERATION (?:THAT )?CANNOT BE WRITTEN AS SQL", re.MULTILINE
)
_PYTHON = re.compile(r"^-- Raw Python operation\r?$", re.MULTILINE)


def recognise(files: Sequence[File]) -> Strength:
    return 2 if any(file.is_sql and _HEADING.search(file.text) for file in files) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    for file in ordered(files):
        key, migration = numbered(file)
        found.add(key, replace(migration, opaque_reason=_opaque_reason(file)), file)
    return found


def _opaque_reason(file: File) -> str | None:
    if _NOT_SQL.search(file.text) or _PYTHON.search(file.text):
        return "it has an operation in Python, which `sqlmigrate` cannot print"
    return None


LAYOUT = Layout("sqlmigrate", "the comments that Django's `sqlmigrate` prints", 0, recognise, read)
