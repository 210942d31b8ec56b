"""Defines what is known of the rows to which foreign keys lead: `references_held`, `may_remove`."""

from __future__ import annotations

from collections.abc import Iterable

from rung.migrations.keys import HOLDING, Reference, foreign_keys, implied, reference
from rung.migrations.rollout import Code
from rung.migrations.rows import Row, refers
from rung.migrations.schema import ForeignKey, Name, Schema, Table
from rung.migrations.terms import YES
from rung.migrations.values import Value


def may_remove(code: Code, child: Name, each: Reference) -> bool:
    """Whether the code may remove a row to which rows of `child` refer, by its own schema."""
    own = code.writes.tables.get(child)
    if own is None:
        return True
    return all(key.on_delete not in HOLDING for key in foreign_keys(own) if reference(key) == each)


def validated(table: Table) -> list[ForeignKey]:
    return [key for key in foreign_keys(table) if key.validated]


def references_held(schema: Schema, found: Iterable[ForeignKey], row: Row) -> dict[Reference, Value]:
    """When a row that obeys the foreign keys surely refers to a row, by each reference that this settles."""
    known: dict[Reference, Value] = {}
    for key in found:
        known |= {each: refers(key, row) for each in implied(schema, key) if each not in known}
    return known | {reference(key): YES for key in found}
