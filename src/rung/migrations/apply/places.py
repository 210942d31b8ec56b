"""Defines what each place takes of an expression: a default, CHECK, a generated column, an index.

Each raises `NoMeaningError` where the server refuses it, and gives what is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rung.migrations.apply.constraints import read_columns
from rung.migrations.apply.expression_types import Reader
from rung.migrations.apply.lookup import find, resolve_type
from rung.migrations.expressions import Call, ColumnRef, Expression, SqlType, walk
from rung.migrations.resolution import NoMeaningError
from rung.migrations.schema import Column, Name, Schema


def check_special(reader: Reader, place: str) -> None:
    """Refuses what the place does not take."""
    if reader.special:
        raise NoMeaningError(f"{place} holds {reader.special[0].shown}")


def check_fixed(reader: Reader, place: str) -> Iterator[str]:
    """Refuses what is not the same for the same row at any time."""
    check_special(reader, place)
    if reader.changing:
        raise NoMeaningError(f"{place} holds {reader.changing[0]}, which is not immutable")
    yield from reader.doubts
    for part in reader.unsure:
        yield f"{place} with {part}, of which it is not known whether it is immutable"


def check_default(schema: Schema, default: Expression, type_: SqlType, name: str) -> Iterator[str]:
    reader, place = Reader(schema, {}), f"the default of `{name}`"
    if any(isinstance(part, ColumnRef) for part in walk(default)):
        raise NoMeaningError(f"{place} names a column")
    reader.assigned(default, resolve_type(schema, type_), f"`{name}`")
    check_special(reader, place)
    yield from reader.doubts


def check_named(expression: Expression, types: Mapping[str, SqlType], place: str) -> None:
    """Refuses a column that is not there."""
    unknown = next((name for name in read_columns(expression) if name not in types), None)
    if unknown is not None:
        raise NoMeaningError(f"{place} names `{unknown}`, which is no column")


def check_generated(
    schema: Schema,
    columns: Iterable[Column],
    column: Column,
    expression: Expression,
    types: Mapping[str, SqlType],
) -> Iterator[str]:
    place = f"the expression of `{column.name}`"
    generated = {found.name for found in columns if found.generated is not None} | {column.name}
    for part in walk(expression):
        if isinstance(part, ColumnRef) and part.name in generated:
            raise NoMeaningError(f"{place} names the generated column `{part.name}`")
    check_named(expression, types, place)
    reader = Reader(schema, types)
    reader.assigned(expression, resolve_type(schema, column.type), f"`{column.name}`")
    yield from check_fixed(reader, place)
    if column.generated is not None and not column.generated.stored:
        calls = (Name(part.schema, part.name) for part in walk(expression) if isinstance(part, Call))
        if column.type.schema is not None or any(find(schema.functions, schema, name) for name in calls):
            raise NoMeaningError(
                f"{place}, which is not stored, has a type or function that is not PostgreSQL's own"
            )


def check_condition(
    schema: Schema, condition: Expression, types: Mapping[str, SqlType], place: str
) -> Iterator[str]:
    reader = Reader(schema, types)
    reader.boolean(condition, place)
    check_special(reader, place)
    yield from reader.doubts
