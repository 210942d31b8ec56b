"""Defines the columns that a query gives in a schema: `given_columns`, for CREATE TABLE AS and views."""

from __future__ import annotations

from dataclasses import replace

from rung.migrations.apply.lookup import relation, resolve_type
from rung.migrations.expressions import SqlType
from rung.migrations.schema import UNRESOLVED, Column, Schema, Table, View
from rung.migrations.steps import Output

_UNKNOWN = SqlType("", schema=UNRESOLVED)


def given_columns(schema: Schema, outputs: tuple[Output, ...] | None) -> tuple[Column, ...] | None:
    """The columns, those of unknown type with a type that has no name; None where not all are known."""
    if outputs is None:
        return None
    found: list[Column] = []
    for output in outputs:
        if output.name is not None:
            found.append(Column(output.name, _type(schema, output)))
            continue
        assert output.source is not None
        columns = columns_of(relation(schema, output.source.candidates[0][0]))
        if columns is None:
            return None
        found.extend(Column(column.name, column.type) for column in columns)
    return tuple(found)


def columns_of(found: Table | View | None) -> tuple[Column, ...] | None:
    """The columns of a table or view with their types; None where not all are known."""
    match found:
        case Table(opaque=()):
            return found.columns
        case View(columns=tuple() as names):
            types = found.types or (_UNKNOWN,) * len(names)
            return tuple(Column(name, type_) for name, type_ in zip(names, types, strict=True))
        case _:
            return None


def _type(schema: Schema, output: Output) -> SqlType:
    if output.type is not None:
        return resolve_type(schema, output.type)
    if output.source is None:
        return _UNKNOWN
    for name in (name for group in output.source.candidates for name in group):
        for column in columns_of(relation(schema, name)) or ():
            if column.name == output.source.column:
                return _computed(column.type) if output.computed else column.type
    return _UNKNOWN


def _computed(type_: SqlType) -> SqlType:
    """The type as a call gives it: most have no form for varchar, and take it as text."""
    return replace(type_, name="text" if type_.name == "varchar" else type_.name, modifiers=())
