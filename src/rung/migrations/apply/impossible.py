"""Defines `impossible`: why PostgreSQL refuses a step whatever the rows are, by what its expressions, keys
and indexes come to; and what of that is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rung.migrations import server
from rung.migrations.apply.applied import check_without
from rung.migrations.apply.expression_types import Reader
from rung.migrations.apply.key_types import (
    check_conflict,
    check_constraint,
    check_partitions,
    column_types,
)
from rung.migrations.apply.kinds import kind_of
from rung.migrations.apply.lookup import (
    creation_name,
    find,
    in_doubt,
    known_table,
    relation,
    resolve_type,
    type_name,
    unresolved_type,
)
from rung.migrations.apply.made_tables import (
    INTEGERS,
    check_column,
    check_identity,
    check_keys,
    check_retyped,
    check_table,
)
from rung.migrations.apply.partition_bounds import check_bound
from rung.migrations.apply.partition_types import check_limits
from rung.migrations.apply.places import (
    check_condition,
    check_default,
    check_generated,
)
from rung.migrations.apply.query_types import check_given, check_query, check_returned
from rung.migrations.expressions import Expression, SqlType
from rung.migrations.resolution import NoMeaningError
from rung.migrations.schema import (
    Check,
    Column,
    Function,
    Name,
    Schema,
    Table,
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
            yield from check_table(schema, step)
        case AddColumn(column=column):
            table = known_table(schema, step.table)
            if table is not None and table.column(column.name) is None:
                columns = {**column_types(table), column.name: column.type}
                yield from check_column(schema, table, column, columns)
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
                check_identity(schema, column)
        case AttachPartition():
            whole = known_table(schema, step.table)
            if whole is not None:
                yield from check_limits(schema, whole, step.limits)
                partition = schema.table(step.partition)
                if step.bound is not None and partition is not None:
                    yield from check_bound(schema, whole, partition.name, step.bound)
        case AlterColumnType():
            for table, column in _place(schema, step.table, step.column):
                yield from check_retyped(schema, table, column, step)
        case AddConstraint(using_index=None):
            table = known_table(schema, step.table)
            if table is not None:
                yield from check_constraint(
                    schema, table, step.constraint, column_types(table), table.columns
                )
        case CreateIndex():
            target = relation(schema, step.table)
            if isinstance(target, View) and not target.materialized:
                raise NoMeaningError(f"an index on `{target.name}`, which is a view")
            if target is not None and not target.opaque:
                yield from check_keys(schema, step.index, *_shown(target))
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
            if kind_of(schema, sequence.type) not in INTEGERS:
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
            table = known_table(schema, step.table)
            if table is not None:
                check_conflict(table, step)
        case Update(where=where) | Delete(where=where):
            table = known_table(schema, step.table)
            if table is not None and not step.joined:
                yield from _changed_rows(schema, table, step, where)
        case _:
            return


def _place(schema: Schema, name: Name, column: str) -> Iterator[tuple[Table, Column]]:
    """The table and its column, where all of them is known."""
    table = known_table(schema, name)
    found = None if table is None else table.column(column)
    if table is not None and found is not None:
        yield table, found


def _shown(target: Table | View) -> tuple[dict[str, SqlType], tuple[Column, ...]]:
    if isinstance(target, Table):
        return column_types(target), target.columns
    types = target.types or (SqlType(""),) * len(target.columns or ())
    return dict(zip(target.columns or (), types, strict=False)), ()


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
