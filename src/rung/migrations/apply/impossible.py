"""Defines `impossible`: why PostgreSQL refuses a step whatever the rows are, by what its expressions, keys
and indexes come to; and what of that is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from rung.migrations import server
from rung.migrations.apply.applied import check_without
from rung.migrations.apply.constraints import read_columns
from rung.migrations.apply.expression_types import Reader
from rung.migrations.apply.index_methods import check_index
from rung.migrations.apply.key_types import (
    check_comparable,
    check_conflict,
    check_constraint,
    check_partitions,
    check_stored,
    column_types,
)
from rung.migrations.apply.kinds import check_type, kind_of
from rung.migrations.apply.lookup import (
    children,
    creation_name,
    find,
    in_doubt,
    relation,
    resolve_type,
    type_name,
    unresolved_type,
)
from rung.migrations.apply.partition_bounds import check_bound
from rung.migrations.apply.partition_types import check_limits, check_partitioning
from rung.migrations.apply.places import (
    check_condition,
    check_default,
    check_fixed,
    check_generated,
    check_named,
    check_special,
)
from rung.migrations.apply.query_types import check_given, check_query, check_returned
from rung.migrations.expressions import ColumnRef, Expression, SqlType, walk
from rung.migrations.literals import is_written
from rung.migrations.resolution import NoMeaningError, coercible
from rung.migrations.schema import (
    Check,
    Column,
    ForeignKey,
    Function,
    Index,
    Name,
    PrimaryKey,
    Schema,
    Table,
    Unique,
    View,
)
from rung.migrations.steps import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterDomain,
    AttachPartition,
    Calls,
    CreateDomain,
    CreateEnum,
    CreateFunction,
    CreateIndex,
    CreateSequence,
    CreateTable,
    CreateTrigger,
    Delete,
    Insert,
    Requires,
    SetDefault,
    SetExpression,
    SetIdentity,
    Step,
    Update,
)

_INTEGERS = ("int2", "int4", "int8")
# those that every server has; of an aggregate it is none
_LANGUAGES = ("aggregate", "c", "internal", "plpgsql", "sql")


class Impossible(NamedTuple):
    """The refusal, where it is sure, and what may be refused and is not known well enough."""

    refusal: str | None = None
    doubts: tuple[str, ...] = ()


_FINE = Impossible()


def impossible(schema: Schema, step: Step) -> Impossible:
    """What is known before the step runs. Nothing is said of other servers than PostgreSQL."""
    if schema.dialect != "postgres" or schema.opaque:
        return _FINE
    doubts: list[str] = []
    try:
        for doubt in _read(schema, step):
            doubts.append(doubt)
    except NoMeaningError as refused:
        if not refused.sure or schema.own_operators or not all(map(server.contents_known, schema.extensions)):
            return Impossible(doubts=(*doubts, str(refused)))
        return Impossible(str(refused))
    return Impossible(doubts=tuple(dict.fromkeys(doubts)))


def _read(schema: Schema, step: Step) -> Iterator[str]:
    """What is in doubt about the step; raises `NoMeaningError` where it is refused."""
    match step:
        case CreateTable(outputs=None, columns_known=True):
            yield from _create_table(schema, step)
        case AddColumn(column=column):
            table = _known(schema, step.table)
            if table is not None and table.column(column.name) is None:
                columns = {**column_types(table), column.name: column.type}
                yield from _column(schema, table, column, columns)
                for constraint in step.constraints:
                    yield from check_constraint(schema, table, constraint, columns, (*table.columns, column))
        case SetDefault(default=default):
            for table, column in _place(schema, step.table, step.column):
                if column.generated is not None or column.identity is not None:
                    raise NoMeaningError(
                        f"column `{table.name}.{column.name}` is generated: it has no default"
                    )
                if default is not None:
                    yield from check_default(schema, default, column.type, column.name)
        case SetExpression(expression=expression):
            for table, column in _place(schema, step.table, step.column):
                if expression is not None:
                    yield from check_generated(schema, table.columns, column, expression, column_types(table))
        case SetIdentity(identity=identity):
            for table, column in _place(schema, step.table, step.column) if identity is not None else ():
                if step.adds is (column.identity is not None):
                    is_or_not = "is" if step.adds else "is not"
                    raise NoMeaningError(
                        f"column `{table.name}.{column.name}` {is_or_not} an identity column"
                    )
                _identity(schema, column)
        case AttachPartition():
            whole = _known(schema, step.table)
            if whole is not None:
                yield from check_limits(schema, whole, step.limits)
                partition = schema.table(step.partition)
                if step.bound is not None and partition is not None:
                    yield from check_bound(schema, whole, partition.name, step.bound)
        case AlterColumnType():
            for table, column in _place(schema, step.table, step.column):
                yield from _change_type(schema, table, column, step)
        case AddConstraint(using_index=None):
            table = _known(schema, step.table)
            if table is not None:
                yield from check_constraint(
                    schema, table, step.constraint, column_types(table), table.columns
                )
        case CreateIndex():
            target = relation(schema, step.table)
            if isinstance(target, View) and not target.materialized:
                raise NoMeaningError(f"an index on `{target.name}`, which is a view")
            if target is not None and not target.opaque:
                yield from _index(schema, step.index, *_shown(target))
                if step.index.unique and isinstance(target, Table) and target.partitioning is not None:
                    check_partitions(target.partitioning, [key.column for key in step.index.keys])
        case CreateTrigger(trigger=trigger):
            if not server.has_function(trigger.function.name):
                yield from _called(schema, trigger.function, None)
            _trigger(schema, step)
        case CreateFunction(function=function):
            _function(schema, function, step.or_replace)
            for type_, default in step.defaults:
                yield from check_default(schema, default, type_, function.name.name)
            if function.language not in (*_LANGUAGES, *schema.extensions):
                yield f"language `{function.language}`, which no migration makes"
        case CreateEnum(enum=enum):
            if len(set(enum.values)) < len(enum.values):
                raise NoMeaningError(f"enum `{enum.name}` has a value twice")
        case CreateSequence(sequence=sequence):
            if kind_of(schema, sequence.type) not in _INTEGERS:
                raise NoMeaningError(f"sequence `{sequence.name}` is of a type that is no integer")
        case CreateDomain():
            domain = step.domain
            if domain.default is not None:
                yield from check_default(schema, domain.default, domain.type, domain.name.name)
            for check in domain.checks:
                yield from check_condition(schema, check.expression, {"value": domain.type}, "CHECK")
        case AlterDomain(domain=name, check=Check() as check):
            found = schema.domains.get(creation_name(schema, name))
            if found is not None and not found.opaque:
                yield from check_condition(schema, check.expression, {"value": found.type}, "CHECK")
        case Calls(functions=functions):
            for name, given in functions:
                yield from _called(schema, name, given)
        case Requires(scope=scope) if scope is not None:
            yield from check_query(schema, scope, step.fills)
            if step.returns is not None:
                check_returned(schema, scope, step.returns)
            if step.named is not None:
                check_given(schema, scope)
        case Insert():
            table = _known(schema, step.table)
            if table is not None:
                check_conflict(table, step)
        case Update(where=where) | Delete(where=where):
            table = _known(schema, step.table)
            if table is not None and not step.joined:
                yield from _changed_rows(schema, table, step, where)
        case _:
            return


def _known(schema: Schema, name: Name) -> Table | None:
    """The table, where all of it is known."""
    table = schema.table(name)
    return None if table is None or table.opaque else table


def _place(schema: Schema, name: Name, column: str) -> Iterator[tuple[Table, Column]]:
    """The table and its column, where all of them is known."""
    table = _known(schema, name)
    found = None if table is None else table.column(column)
    if table is not None and found is not None:
        yield table, found


def _shown(target: Table | View) -> tuple[dict[str, SqlType], tuple[Column, ...]]:
    if isinstance(target, Table):
        return column_types(target), target.columns
    types = target.types or (SqlType(""),) * len(target.columns or ())
    return dict(zip(target.columns or (), types, strict=False)), ()


def _create_table(schema: Schema, step: CreateTable) -> Iterator[str]:
    table = step.table
    if step.if_not_exists and schema.table(table.name) is not None:
        return
    above = [_known(schema, name) for name in (*table.parents, *(like.table for like in step.likes))]
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
        yield from _column(schema, table, column, types, columns)
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


def _column(
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
        _identity(schema, column)
    if column.default is not None:
        yield from check_default(schema, column.default, column.type, column.name)
    if column.generated is not None:
        among = table.columns if columns is None else columns
        yield from check_generated(schema, among, column, column.generated.expression, types)


def _identity(schema: Schema, column: Column) -> None:
    kind = kind_of(schema, column.type)
    if kind is not None and kind not in _INTEGERS:
        raise NoMeaningError(f"identity column `{column.name}` is of type {kind}, which is no integer")
    if column.nullable:
        raise NoMeaningError(f"column `{column.name}` may be NULL, and becomes an identity column")
    if column.default is not None:
        raise NoMeaningError(f"column `{column.name}` has a default, and becomes an identity column")


_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_BOUNDS = {"list": "IN", "range": "FROM", "hash": "WITH"}


def _bounds(schema: Schema, parent: Table, bounds: str) -> None:
    """Refuses a partition of another kind than its table's, and a second one of the same bounds."""
    words = bounds.upper().split("(")[0].split()
    by = parent.partitioning
    if by is not None and (
        by.strategy == "hash" if words == ["DEFAULT"] else words[-1:] != [_BOUNDS[by.strategy]]
    ):
        raise NoMeaningError(f"a partition by {by.strategy} is made {bounds}")
    keys = by.columns if by is not None and by.strategy != "hash" else ()
    found = None if len(keys) != 1 or keys[0] is None else parent.column(keys[0])
    kind = None if found is None else kind_of(schema, found.type)
    for literal in _QUOTED.findall(bounds):
        value = literal.replace("''", "'")
        if kind is not None and not kind.startswith("enum ") and is_written(value, kind) is False:
            raise NoMeaningError(f"a bound of a partition is '{literal}', which is no value of type {kind}")
    for other in children(schema, parent.name):
        if other.bounds is not None and other.bounds.split() == bounds.split():
            raise NoMeaningError(f"partition `{other.name}` is made {bounds} already")


def _function(schema: Schema, function: Function, replaces: bool) -> None:
    returns = None if function.returns is None else resolve_type(schema, function.returns)
    if returns is not None and function.language in ("sql", "plpgsql") and unresolved_type(schema, returns):
        raise NoMeaningError(f"type `{returns.name}` does not exist")
    arguments = tuple(resolve_type(schema, type_) for type_ in function.arguments)
    for other in schema.functions.get(creation_name(schema, function.name), ()) if replaces else ():
        if other.arguments != arguments:
            continue
        before = None if other.returns is None else resolve_type(schema, other.returns)
        if before is not None and returns is not None and before != returns:
            raise NoMeaningError(f"function `{function.name}` is replaced by one that returns another type")
        for old, new in zip(other.names, function.names, strict=False):
            if old not in ("", new):
                raise NoMeaningError(f"argument `{old}` of function `{function.name}` is renamed `{new}`")


def _trigger(schema: Schema, step: CreateTrigger) -> None:
    target, trigger = relation(schema, step.table), step.trigger
    if isinstance(target, Table) and trigger.timing == "instead of":
        raise NoMeaningError(f"a trigger INSTEAD OF on `{target.name}`, which is a table")
    for function in find(schema.functions, schema, trigger.function) or ():
        if not function.arguments and function.returns is not None and function.returns.name != "trigger":
            raise NoMeaningError(f"function `{function.name}` does not return a trigger")


def _index(
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


def _change_type(schema: Schema, table: Table, column: Column, step: AlterColumnType) -> Iterator[str]:
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
            yield from _index(schema, index, types, changed)
    for other_table in schema.tables.values():
        for key in other_table.constraints:
            if isinstance(key, ForeignKey) and key.table == table.name and column.name in key.referenced:
                place_in = key.referenced.index(column.name)
                own = other_table.column(key.columns[place_in])
                if own is not None and other_table.name != table.name:
                    yield from check_comparable(schema, own.type, type_, f"`{own.name}`", place)


def _changed_rows(
    schema: Schema, table: Table, step: Update | Delete, where: Expression | None
) -> Iterator[str]:
    types = column_types(table)
    assignments = step.assignments if isinstance(step, Update) else ()
    reader = Reader(schema, types)
    if where is not None:
        reader.boolean(where, "WHERE")
    for assignment in assignments:
        if [other.column for other in assignments].count(assignment.column) > 1:
            raise NoMeaningError(f"column `{assignment.column}` is set twice")
        if assignment.column in types:
            reader.assigned(assignment.value, types[assignment.column], f"`{assignment.column}`")
    check_without(reader.special, "the statement", "aggregate", "window")
    yield from reader.doubts


def _called(schema: Schema, name: Name, given: str | None) -> Iterator[str]:
    """That a function is there: of the migrations, or of an extension that they make."""
    if find(schema.functions, schema, name) or in_doubt(schema, name):
        return
    type_ = type_name(schema, name)
    if type_ is not None and (type_ in schema.enums or type_ in schema.domains):
        # a type's name before one value is a cast, where the type has no columns
        return
    if given is not None and any(table.column(name.name) is not None for table in schema.tables.values()):
        return
    bringers = server.bringers(name.name)
    if bringers & schema.extensions or not all(map(server.contents_known, schema.extensions)):
        return
    if not bringers and name.schema in (None, "pg_catalog", *schema.schemas):
        raise NoMeaningError(f"function `{name}` does not exist")
    yield f"call of `{name}`, which no migration makes"
