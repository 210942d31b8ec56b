"""Defines a schema as rows that compare: `of_schema` from the model, `of_database` from a real catalog.

A row is an object and what is true of it. Two schemas are equal where their rows are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, assert_never

from rung.migrations.catalog_query import CATALOG
from rung.migrations.expressions import SqlType, columns
from rung.migrations.oracle import Database
from rung.migrations.schema import (
    TEMPORARY,
    Check,
    Column,
    Constraint,
    Exclusion,
    ForeignKey,
    Index,
    Name,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)


class Row(NamedTuple):
    """`kind` and `name` say which object; `facts` what is so of it."""

    kind: str
    name: str
    facts: tuple[object, ...]


# what `format_type` calls the types whose catalog name is another
_FORMATTED = {
    "bool": "boolean",
    "bpchar": "character",
    "char": '"char"',
    "float4": "real",
    "float8": "double precision",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "varbit": "bit varying",
    "varchar": "character varying",
}
_ZONED = {
    "time": ("time", " without time zone"),
    "timetz": ("time", " with time zone"),
    "timestamp": ("timestamp", " without time zone"),
    "timestamptz": ("timestamp", " with time zone"),
}


def format_type(type_: SqlType) -> str:
    """The type as PostgreSQL's `format_type` prints it, a user's type always with its schema."""
    modifiers = f"({','.join(map(str, type_.modifiers))})" if type_.modifiers else ""
    if type_.schema is not None:
        text = f"{type_.schema}.{type_.name}"
    elif type_.name in _ZONED:
        word, zone = _ZONED[type_.name]
        text = f"{word}{modifiers}{zone}"
    else:
        text = f"{_FORMATTED.get(type_.name, type_.name)}{modifiers}"
    return text + "[]" * bool(type_.array)


def of_schema(schema: Schema) -> frozenset[Row]:
    """The rows of the model. Temporary tables are left out: they end with their session."""
    return frozenset(_rows(schema))


def _rows(schema: Schema) -> Iterator[Row]:
    for table in schema.tables.values():
        if table.name.schema == TEMPORARY:
            continue
        yield Row("table", _key(table.name), (table.partitioning is not None, table.bounds is not None))
        for position, column in enumerate(table.columns):
            yield _column_row(table, position, column)
        for constraint in table.constraints:
            yield _constraint_row(table, constraint)
        for index in table.indexes:
            yield _index_row(table.name, index)
        for trigger in table.triggers:
            name = f"{_key(table.name)}.{trigger.name}"
            yield Row("trigger", name, (trigger.timing, trigger.events, _key(trigger.function)))
    for view in schema.views.values():
        yield Row("view", _key(view.name), (view.materialized, view.columns))
        for index in view.indexes:
            yield _index_row(view.name, index)
    for enum in schema.enums.values():
        yield Row("enum", _key(enum.name), enum.values)
    for domain in schema.domains.values():
        checks = tuple(sorted((check.name, check.validated) for check in domain.checks))
        facts = (format_type(domain.type), domain.not_null is not None, domain.default is not None, checks)
        yield Row("domain", _key(domain.name), facts)
    for type_ in schema.types.values():
        if type_.kind == "composite":
            parts = tuple((column.name, format_type(column.type)) for column in type_.columns)
            yield Row("composite", _key(type_.name), parts)
    for sequence in schema.sequences.values():
        owner = None if sequence.owner is None else f"{_key(sequence.owner[0])}.{sequence.owner[1]}"
        yield Row("sequence", _key(sequence.name), (format_type(sequence.type), owner))
    for place in schema.schemas:
        yield Row("schema", place, ())


def _key(name: Name) -> str:
    return f"{name.schema}.{name.name}"


def _column_row(table: Table, position: int, column: Column) -> Row:
    facts = (
        position,
        format_type(column.type),
        not column.nullable,
        column.not_null is None or column.not_null.validated,
        column.default is not None,
        column.identity or "",
        "" if column.generated is None else "stored" if column.generated.stored else "virtual",
    )
    return Row("column", f"{_key(table.name)}.{column.name}", facts)


def _constraint_row(table: Table, constraint: Constraint) -> Row:
    name = f"{_key(table.name)}.{constraint.name}"
    match constraint:
        case Check():
            found = {column.name for column in columns(constraint.expression) or ()}
            used = tuple(sorted(name for name in found if table.column(name)))
            return Row(
                "check", name, (used, constraint.validated, constraint.enforced, constraint.no_inherit)
            )
        case PrimaryKey():
            return Row("primary key", name, (constraint.columns, constraint.deferrable))
        case Unique():
            return Row("unique", name, (constraint.columns, constraint.deferrable, constraint.nulls_distinct))
        case ForeignKey():
            facts = (
                constraint.columns,
                _key(constraint.table),
                constraint.referenced,
                constraint.on_delete,
                constraint.on_update,
                constraint.match,
                constraint.deferrable,
                constraint.validated,
                constraint.enforced,
            )
            return Row("foreign key", name, facts)
        case Exclusion():
            return Row("exclusion", name, tuple(key.column or "" for key in constraint.keys))
        case _:
            assert_never(constraint)


def _index_row(owner: Name, index: Index) -> Row:
    facts = (
        _key(owner),
        index.unique,
        index.nulls_distinct,
        tuple(key.column or "" for key in index.keys),
        index.include,
        index.where is not None,
        index.method,
    )
    return Row("index", f"{owner.schema}.{index.name}", facts)


def of_database(database: Database) -> frozenset[Row]:
    """The rows of a real catalog, without what extensions brought and without system schemas."""
    found = (Row(kind, name, _frozen(facts)) for kind, name, facts in database.rows(CATALOG))
    return frozenset(found)


def _frozen(facts: object) -> tuple[object, ...]:
    """JSON's lists as tuples."""
    assert isinstance(facts, list)
    return tuple(_frozen(fact) if isinstance(fact, list) else fact for fact in facts)
