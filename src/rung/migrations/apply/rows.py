"""Defines what a statement about rows names that is not there: `missing`, `missing_in`."""

from __future__ import annotations

from collections.abc import Iterable

from rung.migrations.apply.lookup import is_catalog, relation
from rung.migrations.schema import Name, Schema, View
from rung.migrations.steps import Copy, Delete, Insert, Truncate, Update


def missing(schema: Schema, names: Iterable[Name]) -> str | None:
    """What to say where one of the relations is not there, as far as is known."""
    for name in names:
        if not is_catalog(name) and relation(schema, name) is None:
            return f"statement about `{name}`, which is not known to exist"
    return None


def missing_in(schema: Schema, step: Insert | Update | Delete | Truncate | Copy) -> str | None:
    """What to say where a table or column that the statement names is not there."""
    joined = step.joined if isinstance(step, (Update, Delete)) else ()
    unknown = missing(schema, (step.table, *joined))
    found = relation(schema, step.table)
    if unknown is not None or found is None:
        return unknown
    if isinstance(found, View):
        return None
    for name in _columns(step):
        if found.column(name) is None:
            return f"statement about `{found.name}.{name}`, which is not known to exist"
    return None


def _columns(step: Insert | Update | Delete | Truncate | Copy) -> Iterable[str]:
    match step:
        case Update():
            return (assignment.column for assignment in step.assignments)
        case Insert() if isinstance(step.target, tuple):
            return (*step.columns, *filter(None, step.target))
        case Insert() | Copy():
            return step.columns
        case Delete() | Truncate():
            return ()
