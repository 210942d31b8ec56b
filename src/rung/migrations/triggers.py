"""Defines what triggers do to a row written: `assigned`, of a plain kind, and `unread`, of which not."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rung.migrations.schema import Schema, Table, Trigger

_BODY = re.compile(
    r"\$(\w*)\$\s*BEGIN\b(?P<assignments>(?:[^;]*;)*?)\s*RETURN\s+NEW\s*;\s*END\s*(?:\w+\s*)?;?\s*\$\1\$",
    re.IGNORECASE,
)
_ASSIGNMENT = re.compile(r'\s*NEW\.(?P<column>\w+|"[^"]+")\s*:?=\s*(?P<value>[^;]+?)\s*;', re.IGNORECASE)
_CLOCKS = "(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\\s*\\(\\s*\\)"
_NOW = re.compile(f"(?:{_CLOCKS}|current_timestamp|localtimestamp)", re.IGNORECASE)
_TIMES = frozenset({"timestamp", "timestamptz", "date"})


def assigned(schema: Schema, table: Table, trigger: Trigger) -> frozenset[str] | None:
    """The columns that the trigger sets to the time of the write, where that is all it does, and it fails for
    no row; None where it may do anything else."""
    functions = [
        one
        for name, found in schema.functions.items()
        if name.name == trigger.function.name and trigger.function.schema in (None, name.schema)
        for one in found
    ]
    if len(functions) != 1 or functions[0].language != "plpgsql" or trigger.timing == "instead of":
        return None
    body = _BODY.search(functions[0].text)
    if body is None:
        return None
    written = body["assignments"]
    columns = _times(table, _ASSIGNMENT.finditer(written))
    if columns is None or _ASSIGNMENT.sub("", written).strip():
        return None
    return columns if trigger.timing == "before" else frozenset()


def _times(table: Table, assignments: Iterable[re.Match[str]]) -> frozenset[str] | None:
    found: set[str] = set()
    for each in assignments:
        name = each["column"]
        column = table.column(name[1:-1] if name.startswith('"') else name.lower())
        if column is None or column.generated is not None or column.type.array:
            return None
        if (
            column.type.schema is not None
            or column.type.name not in _TIMES
            or not _NOW.fullmatch(each["value"])
        ):
            return None
        found.add(column.name)
    return frozenset(found)


def fired(table: Table, event: str) -> list[Trigger]:
    """The triggers that the event fires."""
    return [one for one in table.triggers if one.enabled and event in one.events]


def unread(schema: Schema, table: Table, event: str) -> list[Trigger]:
    """The triggers fired that may do more than note the time. One before a DELETE that returns no row keeps
    the row."""
    return [
        one
        for one in fired(table, event)
        if assigned(schema, table, one) is None or (event == "delete" and one.timing == "before")
    ]
