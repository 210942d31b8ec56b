"""Defines what keys the server takes: `check_constraint`, and of ON CONFLICT `check_conflict`.

Each raises `NoMeaningError` where the server refuses it, and gives what is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rung.migrations import server
from rung.migrations.apply.index_methods import check_index, check_key
from rung.migrations.apply.kinds import kind_of
from rung.migrations.apply.lookup import resolve_type
from rung.migrations.apply.places import check_condition
from rung.migrations.expressions import SqlType
from rung.migrations.resolution import NoMeaningError, coercible
from rung.migrations.schema import (
    TEMPORARY,
    Check,
    Column,
    Constraint,
    Exclusion,
    ForeignKey,
    Index,
    Partitioning,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from rung.migrations.steps import Insert


def column_types(table: Table) -> dict[str, SqlType]:
    return {column.name: column.type for column in table.columns}


def check_constraint(
    schema: Schema,
    table: Table,
    constraint: Constraint,
    types: Mapping[str, SqlType],
    columns: Iterable[Column],
) -> Iterator[str]:
    match constraint:
        case Check(expression=expression):
            yield from check_condition(schema, expression, types, "CHECK")
        case PrimaryKey() | Unique():
            check_stored(constraint.columns, columns, "a key")
            twice = [name for name in constraint.columns if constraint.columns.count(name) > 1]
            if twice:
                raise NoMeaningError(f"column `{twice[0]}` stands twice in a key")
            if table.partitioning is not None:
                check_partitions(table.partitioning, constraint.columns)
            for name in () if constraint.without_overlaps else constraint.columns:
                if name in types:
                    check_key("btree", kind_of(schema, types[name]), f"`{name}`")
        case ForeignKey():
            check_stored(constraint.columns, columns, "a foreign key")
            yield from _foreign_key(schema, table, constraint, types, columns)
        case Exclusion():
            # an expression's type is not asked for
            named = [types.get(key.column or "") for key in constraint.keys]
            kinds = [None if type_ is None else kind_of(schema, type_) for type_ in named]
            index = Index(constraint.name, constraint.keys, method=constraint.method)
            yield from check_index(schema, index, kinds)


def check_stored(names: Iterable[str], columns: Iterable[Column], place: str) -> None:
    virtual = {found.name for found in columns if found.generated is not None and not found.generated.stored}
    for name in names:
        if name in virtual:
            raise NoMeaningError(f"{place} on `{name}`, which is generated and not stored")


def check_partitions(by: Partitioning, columns: Iterable[str | None]) -> None:
    """What is unique in all partitions together has the keys that tell them apart among its columns."""
    left_out = set(by.columns) - set(columns)
    if left_out or None in by.columns:
        raise NoMeaningError("a unique key of a table with partitions leaves out what they are made by")


def _foreign_key(
    schema: Schema,
    table: Table,
    key: ForeignKey,
    types: Mapping[str, SqlType],
    columns: Iterable[Column],
) -> Iterator[str]:
    itself = key.table.name == table.name.name and key.table.schema in (None, table.name.schema)
    target = schema.table(key.table)
    if target is None and not itself:
        return
    there = types if target is None or itself else column_types(target)
    if target is not None and target.opaque:
        return
    primary = (
        [found for found in table.constraints if isinstance(found, PrimaryKey)] if target is None else []
    )
    own_key = target.primary_key if target is not None else next(iter(primary), None)
    referenced = key.referenced or (() if own_key is None else own_key.columns)
    if referenced and len(referenced) != len(key.columns):
        raise NoMeaningError(f"a foreign key of {len(key.columns)} columns to {len(referenced)}")
    temporary = table.temporary or table.name.schema == TEMPORARY
    if target is not None and temporary != target.temporary:
        raise NoMeaningError(
            f"a foreign key between `{target.name}` and a table of which only one is temporary"
        )
    generated = {found.name for found in columns if found.generated is not None}
    if generated & set(key.columns) and (
        key.on_delete in ("set null", "set default")
        or key.on_update in ("cascade", "set null", "set default")
    ):
        raise NoMeaningError("a foreign key that would set a generated column")
    for name, other in zip(key.columns, referenced, strict=False):
        if name in types and other in there:
            yield from check_comparable(schema, types[name], there[other], f"`{name}`", f"`{other}`")


def check_comparable(
    schema: Schema, own: SqlType, other: SqlType, name: str, referenced: str
) -> Iterator[str]:
    kind, wanted = kind_of(schema, own), kind_of(schema, other)
    if kind is None or wanted is None:
        if resolve_type(schema, own) != resolve_type(schema, other):
            yield f"foreign key of {name} to {referenced}, whose type is another"
        return
    if kind == wanted:
        return
    of_key = check_key("btree", wanted, referenced)
    if of_key is None or kind in server.comparable(of_key):
        return
    if of_key.startswith("any") or not (coercible(kind, of_key) and coercible(wanted, of_key)):
        raise NoMeaningError(f"a foreign key of {name}, of type {kind}, to {referenced}, of type {wanted}")


def check_conflict(table: Table, step: Insert) -> None:
    """ON CONFLICT is about a key that is checked at once."""
    if step.conflict == "update" and step.target is None:
        raise NoMeaningError("ON CONFLICT DO UPDATE names no key")
    late = {
        found.name
        for found in table.constraints
        if isinstance(found, (PrimaryKey, Unique)) and found.deferrable
    }
    if isinstance(step.target, str):
        if step.target in late:
            raise NoMeaningError(f"ON CONFLICT names `{step.target}`, which is deferrable")
        if table.constraint(step.target) is None:
            raise NoMeaningError(
                f"ON CONFLICT names `{step.target}`, and `{table.name}` has no such constraint"
            )
    elif step.target is not None and "" not in step.target:
        wanted: set[str | None] = set(step.target)
        keys: list[set[str | None]] = [
            set(found.columns)
            for found in table.constraints
            if isinstance(found, (PrimaryKey, Unique)) and found.name not in late
        ]
        keys += [{key.column for key in found.keys} for found in table.indexes if found.unique]
        if wanted not in keys:
            listed = ", ".join(f"`{name}`" for name in step.target)
            raise NoMeaningError(f"`{table.name}` has no unique key of {listed} for ON CONFLICT to name")
