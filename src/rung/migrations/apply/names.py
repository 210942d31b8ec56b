"""Defines the names PostgreSQL gives to what a migration leaves unnamed: numbered, and cut to fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import assert_never

from rung.migrations.expressions import Expression, columns
from rung.migrations.schema import (
    Check,
    Constraint,
    Exclusion,
    ForeignKey,
    IndexKey,
    Name,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)

_MOST_BYTES = 63


def object_name(first: str, second: str | None, label: str) -> str:
    """`first_second_label`, the longer of the first two cut byte by byte until the whole fits."""
    room = _MOST_BYTES - len(label.encode()) - 1 - (1 if second is not None else 0)
    lengths = [len(first.encode()), len((second or "").encode())]
    while sum(lengths) > room:
        lengths[0 if lengths[0] > lengths[1] else 1] -= 1
    parts = [_cut(first, lengths[0])]
    if second is not None:
        parts.append(_cut(second, lengths[1]))
    return "_".join([*parts, label])


def identifier(text: str) -> str:
    """The name that the server keeps of one that is written."""
    return _cut(text, _MOST_BYTES)


def _cut(text: str, most_bytes: int) -> str:
    """At most so many bytes of the text, never half a character."""
    return text.encode()[:most_bytes].decode(errors="ignore")


def _first_free(first: str, second: str | None, label: str, taken: Callable[[str], bool]) -> str:
    name = object_name(first, second, label)
    for number in count(1):
        if not taken(name):
            break
        name = object_name(first, second, f"{label}{number}")
    return name


def relation_exists(schema: Schema, place: str, name: str) -> bool:
    """Whether a table, view, sequence, index or composite type of this name is in the schema `place`."""
    key = Name(place, name)
    if key in schema.tables or key in schema.views or key in schema.sequences:
        return True
    if key in schema.types and schema.types[key].kind == "composite":
        return True
    if schema.dialect == "mysql":
        # there an index belongs to its table, and so does its name
        return False
    return index_owner(schema, key) is not None


_INDEXED = (PrimaryKey, Unique, Exclusion)


def index_owner(schema: Schema, name: Name) -> Name | None:
    """The table or view whose index, or index of a constraint, has this name."""
    for table in schema.tables.values():
        if table.name.schema == name.schema and _has_index(table, name.name):
            return table.name
    for view in schema.views.values():
        if view.name.schema == name.schema and any(index.name == name.name for index in view.indexes):
            return view.name
    return None


def _has_index(table: Table, name: str) -> bool:
    # asked of every table for every name that PostgreSQL picks: lists are faster than `any`
    if name in [index.name for index in table.indexes]:
        return True
    return name in [each.name for each in table.constraints if isinstance(each, _INDEXED)]


def constraint_exists(schema: Schema, place: str, name: str) -> bool:
    """Whether any constraint of the schema `place` has this name: PostgreSQL picks names unique there."""
    for table in schema.tables.values():
        if table.name.schema == place and has_constraint(table, name):
            return True
    return any(
        domain.name.schema == place and any(check.name == name for check in domain.checks)
        for domain in schema.domains.values()
    )


def has_constraint(table: Table, name: str) -> bool:
    if name in [constraint.name for constraint in table.constraints]:
        return True
    return name in [column.not_null.name for column in table.columns if column.not_null is not None]


def relation_name(schema: Schema, table: Name, second: str | None, label: str) -> str:
    """A name for an index without constraint, or for a sequence."""
    place = table.schema or ""
    return _first_free(table.name, second, label, lambda name: relation_exists(schema, place, name))


def key_name(schema: Schema, table: Table, second: str | None, label: str) -> str:
    """A name for a constraint that owns an index: free among relations and among constraints."""
    place = table.name.schema or ""
    return _first_free(
        table.name.name,
        second,
        label,
        lambda name: (
            has_constraint(table, name)
            or _has_index(table, name)
            or relation_exists(schema, place, name)
            or constraint_exists(schema, place, name)
        ),
    )


def constraint_name(schema: Schema, table: Table, second: str | None, label: str) -> str:
    """A name for a constraint without an index. `table` may be one that the schema does not hold yet."""
    place = table.name.schema or ""
    return _first_free(
        table.name.name,
        second,
        label,
        lambda name: has_constraint(table, name) or constraint_exists(schema, place, name),
    )


def mysql_name(table: Table, constraint: Constraint) -> str:
    """The name that MySQL gives to an unnamed constraint of a table."""
    match constraint:
        case PrimaryKey():
            return "PRIMARY"
        case Unique() | Exclusion():
            first = constraint.columns[0] if isinstance(constraint, Unique) else ""
            names = (first if number == 1 else f"{first}_{number}" for number in count(1))
            return next(name for name in names if not _has_index(table, name))
        case Check():
            return _numbered(table, "chk")
        case ForeignKey():
            return _numbered(table, "ibfk")
        case _:
            assert_never(constraint)


def _numbered(table: Table, label: str) -> str:
    names = (f"{table.name.name}_{label}_{number}" for number in count(1))
    return next(name for name in names if not has_constraint(table, name))


def check_column(expression: Expression, of: Table) -> str | None:
    """The column a check is named after: the only one it reads."""
    found = {column.name for column in columns(expression) or () if of.column(column.name)}
    return found.pop() if len(found) == 1 else None


def index_columns(keys: Iterable[IndexKey], include: Iterable[str]) -> list[str]:
    """The names of an index's own columns, from its keys and included columns, numbered where they repeat."""
    names: list[str] = []
    for label in [*(key.label for key in keys), *include]:
        name, number = label, 0
        while name in names:
            number += 1
            name = f"{_cut(label, _MOST_BYTES - len(str(number)))}{number}"
        names.append(name)
    return names


def addition(names: Iterable[str]) -> str:
    """The columns' part of an index's or foreign key's name."""
    joined = ""
    for name in names:
        joined = f"{joined}_{name}" if joined else name
        if len(joined.encode()) > _MOST_BYTES:
            break
    return joined
