"""Defines what is asked of tables, columns and indexes that are made or changed: `check_table`,
`check_column`, `check_identity`, `check_retyped` and `check_keys`.

Each yields what is in doubt, and raises `NoMeaningError` where the server refuses it whatever the rows are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rung.migrations.apply.constraints import read_columns
from rung.migrations.apply.expression_types import Reader
from rung.migrations.apply.index_methods import check_index
from rung.migrations.apply.key_types import (
    check_comparable,
    check_constraint,
    check_stored,
    column_types,
)
from rung.migrations.apply.kinds import check_type, kind_of
from rung.migrations.apply.lookup import (
    children,
    creation_name,
    known_table,
    resolve_type,
)
from rung.migrations.apply.partition_bounds import check_bound
from rung.migrations.apply.partition_types import check_limits, check_partitioning
from rung.migrations.apply.places import (
    check_default,
    check_fixed,
    check_generated,
    check_named,
    check_special,
)
from rung.migrations.expressions import ColumnRef, SqlType, walk
from rung.migrations.resolution import NoMeaningError, coercible
from rung.migrations.schema import (
    Check,
    Column,
    ForeignKey,
    Index,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from rung.migrations.steps import (
    AlterColumnType,
    CreateTable,
)

INTEGERS = ("int2", "int4", "int8")


def check_table(schema: Schema, step: CreateTable) -> Iterator[str]:
    table = step.table
    if step.if_not_exists and schema.table(table.name) is not None:
        return
    above = [known_table(schema, name) for name in (*table.parents, *(like.table for like in step.likes))]
    inherited = [column for each in above if each is not None for column in each.columns]
    if step.of_type is not None or None in above:
        return
    own = [
        column
        for column in table.columns
        if column.type.name or column.name not in {c.name for c in inherited}
    ]
    names = [column.name for column in table.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise NoMeaningError(f"column `{twice}` is written twice")
    types = {column.name: column.type for column in (*inherited, *own)}
    columns = (*inherited, *own)
    for column in own:
        yield from check_column(schema, table, column, types, columns)
    if table.bounds is not None and any(each is not None and each.partitioning is None for each in above):
        raise NoMeaningError(f"`{table.name}` is made a partition of a table that has none")
    if table.bounds is not None and above[0] is not None:
        _bounds(schema, above[0], table.bounds)
    if table.partitioning is not None:
        yield from check_partitioning(schema, table.partitioning, step.computed, types, columns)
    if table.bounds is not None and len(above) == 1 and above[0] is not None:
        yield from check_limits(schema, above[0], step.limits)
        if table.bound is not None:
            yield from check_bound(schema, above[0], creation_name(schema, table.name), table.bound)
    for constraint in table.constraints:
        yield from check_constraint(schema, table, constraint, types, columns)


def check_column(
    schema: Schema,
    table: Table,
    column: Column,
    types: Mapping[str, SqlType],
    columns: Iterable[Column] | None = None,
) -> Iterator[str]:
    if (column.default is not None) + (column.identity is not None) + (column.generated is not None) > 1:
        raise NoMeaningError(f"column `{column.name}` has two sources of values")
    kind = kind_of(schema, column.type)
    check_type(column.type, kind, column.collation is not None)
    if kind is not None and kind.removeprefix("_") == f"row {table.name}":
        raise NoMeaningError(f"column `{column.name}` is of the rows that it is part of")
    if column.identity is not None:
        check_identity(schema, column)
    if column.default is not None:
        yield from check_default(schema, column.default, column.type, column.name)
    if column.generated is not None:
        among = table.columns if columns is None else columns
        yield from check_generated(schema, among, column, column.generated.expression, types)


def check_identity(schema: Schema, column: Column) -> None:
    kind = kind_of(schema, column.type)
    if kind is not None and kind not in INTEGERS:
        raise NoMeaningError(f"identity column `{column.name}` is of type {kind}, which is no integer")
    if column.nullable:
        raise NoMeaningError(f"column `{column.name}` may be NULL, and becomes an identity column")
    if column.default is not None:
        raise NoMeaningError(f"column `{column.name}` has a default, and becomes an identity column")


_BOUNDS = {"list": "IN", "range": "FROM", "hash": "WITH"}


def _bounds(schema: Schema, parent: Table, bounds: str) -> None:
    """Refuses a partition of another kind than its table's, and a second one of the same bounds."""
    words = bounds.upper().split("(")[0].split()
    by = parent.partitioning
    if by is not None and (
        by.strategy == "hash" if words == ["DEFAULT"] else words[-1:] != [_BOUNDS[by.strategy]]
    ):
        raise NoMeaningError(f"a partition by {by.strategy} is made {bounds}")
    for other in children(schema, parent.name):
        if other.bounds is not None and other.bounds.split() == bounds.split():
            raise NoMeaningError(f"partition `{other.name}` is made {bounds} already")


def check_retyped(schema: Schema, table: Table, column: Column, step: AlterColumnType) -> Iterator[str]:
    type_ = resolve_type(schema, step.type)
    check_type(type_, kind_of(schema, type_), step.collation is not None)
    kind, wanted = kind_of(schema, column.type), kind_of(schema, type_)
    place = f"`{table.name}.{column.name}`"
    for view in schema.views.values():
        for used, names in view.uses:
            if used == table.name and (names is None or column.name in names):
                raise NoMeaningError(f"the type of {place}, which view `{view.name}` reads, is changed")
    for other in table.columns:
        made_from = () if other.generated is None else read_columns(other.generated.expression)
        if column.name in made_from:
            raise NoMeaningError(f"the type of {place}, from which `{other.name}` is generated, is changed")
    converts = kind is None or wanted is None or coercible(kind, wanted, "assignment")
    if step.using is None and not converts:
        raise NoMeaningError(f"{place}, of type {kind}, becomes {wanted} only by USING")
    if step.using is not None:
        if table.name.name not in read_columns(step.using):
            check_named(step.using, column_types(table), "USING")
        reader = Reader(schema, column_types(table))
        reader.assigned(step.using, type_, place)
        check_special(reader, "USING")
        yield from reader.doubts
    if column.default is not None and not converts:
        raise NoMeaningError(f"the default of {place}, of type {kind}, does not become {wanted}")
    types = {**column_types(table), column.name: type_}
    changed = tuple(found for found in table.columns)
    for constraint in table.constraints:
        match constraint:
            case Check(expression=expression):
                named = {part.name for part in walk(expression) if isinstance(part, ColumnRef)}
            case ForeignKey() | PrimaryKey() | Unique():
                named = set(constraint.columns)
            case _:
                named = set()
        if column.name in named:
            yield from check_constraint(schema, table, constraint, types, changed)
    for index in table.indexes:
        if any(key.column == column.name for key in index.keys):
            yield from check_keys(schema, index, types, changed)
    for other_table in schema.tables.values():
        for key in other_table.constraints:
            if isinstance(key, ForeignKey) and key.table == table.name and column.name in key.referenced:
                place_in = key.referenced.index(column.name)
                own = other_table.column(key.columns[place_in])
                if own is not None and other_table.name != table.name:
                    yield from check_comparable(schema, own.type, type_, f"`{own.name}`", place)


def check_keys(
    schema: Schema, index: Index, types: Mapping[str, SqlType], columns: Iterable[Column]
) -> Iterator[str]:
    named = [key.column for key in index.keys if key.column is not None]
    check_stored((*named, *index.include), columns, "an index")
    kinds = []
    for key in index.keys:
        if key.column is not None:
            kinds.append(kind_of(schema, types[key.column]) if key.column in types else None)
            continue
        assert key.expression is not None
        check_stored(read_columns(key.expression), columns, "an index")
        reader = Reader(schema, types)
        kinds.append(reader.kind(key.expression))
        yield from check_fixed(reader, "an index")
    if index.where is not None:
        reader = Reader(schema, types)
        reader.boolean(index.where, "the condition of an index")
        yield from check_fixed(reader, "the condition of an index")
    yield from check_index(schema, index, kinds)
