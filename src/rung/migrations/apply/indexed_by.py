"""Defines `unfit`: that an index cannot order the rows of a table, or tell them apart for a replica."""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Span
from rung.migrations.apply.lookup import missing, missing_part, relation
from rung.migrations.schema import Exclusion, Index, PrimaryKey, Schema, Table, Unique, View
from rung.migrations.scopes import Thing

_ORDERED = ("btree", "gist")


def unfit(schema: Schema, thing: Thing, span: Span) -> Iterator[Diagnostic]:
    """`thing` is the index that is to be of a table: its `order`, by which it is clustered, or `identity`."""
    owner, name = relation(schema, thing.name), str(thing.part)
    if owner is None:
        yield missing(schema, "table", thing.name, span)
        return
    index = next((found for found in _indexes(owner) if found.name == name), None)
    if index is None:
        if isinstance(owner, Table):
            yield missing_part(schema, "index", name, owner, span)
        elif not owner.opaque:
            yield Diagnostic("unknown-index", f"index `{name}` of `{owner.name}` does not exist", span)
        return
    wrong = _no_order(index) if thing.kind == "order" else _no_identity(owner, index)
    if wrong is not None and not (owner.opaque or schema.opaque):
        yield Diagnostic("wrong-object", f"index `{name}` {wrong}", span)


Kept = Index | PrimaryKey | Unique | Exclusion


def _indexes(owner: Table | View) -> Iterator[Kept]:
    yield from owner.indexes
    for found in owner.constraints if isinstance(owner, Table) else ():
        if isinstance(found, (PrimaryKey, Unique, Exclusion)):
            yield found


def _no_order(index: Kept) -> str | None:
    if isinstance(index, (Index, Exclusion)) and index.method not in _ORDERED:
        return f"is of the kind {index.method}, which has no order"
    if isinstance(index, Index) and index.where is not None:
        return "has not all the rows"
    return None


def _no_identity(owner: Table | View, index: Kept) -> str | None:
    match index:
        case Index():
            columns = [key.column for key in index.keys]
            if not index.unique:
                return "is not unique"
            if index.where is not None:
                return "has not all the rows"
        case PrimaryKey() | Unique():
            columns = list(index.columns)
            if index.deferrable:
                return "is not always unique, being deferrable"
        case Exclusion():
            return "is not unique"
    for name in columns:
        if name is None:
            return "is over an expression"
        column = owner.column(name) if isinstance(owner, Table) else None
        if column is not None and column.nullable:
            return f"is over `{name}`, which may be NULL"
    return None
