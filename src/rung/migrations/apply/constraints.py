"""Defines how constraints and indexes come, change and go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from rung.diagnostics import Diagnostic, Span
from rung.migrations.apply.lookup import (
    Result,
    children,
    creation_name,
    exists_already,
    held_back,
    missing,
    missing_part,
    with_table,
)
from rung.migrations.apply.names import (
    addition,
    check_column,
    constraint_name,
    has_constraint,
    index_columns,
    key_name,
    mysql_name,
    relation_exists,
)
from rung.migrations.expressions import NULL, Expression, columns
from rung.migrations.schema import (
    Check,
    Column,
    Constraint,
    Exclusion,
    ForeignKey,
    IndexKey,
    Name,
    NotNull,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from rung.migrations.steps import (
    AddConstraint,
    DropConstraint,
)

Key = PrimaryKey | Unique | Exclusion
_SYSTEM_COLUMNS = {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"}


def with_constraints(schema: Schema, table: Table, constraints: Iterable[Constraint], span: Span) -> Result:
    """The schema with `table`, and these constraints on it, named in the order in which PostgreSQL does.

    That order is: checks, then keys with the primary key first, then foreign keys.
    """
    given = list(constraints)
    keys = _without_repeats([found for found in given if isinstance(found, Key)])
    checks = [found for found in given if isinstance(found, Check)]
    foreign = [found for found in given if isinstance(found, ForeignKey)]
    for constraint in (*checks, *keys, *foreign):
        found = with_constraint(schema, table, constraint, span)
        if isinstance(found, Diagnostic):
            return found
        schema, table = found, found.tables[table.name]
    return with_table(schema, table)


def _without_repeats(keys: list[Key]) -> list[Key]:
    """The keys, primary first; a key over the same columns as an earlier one is the same index."""
    kept: list[Key] = []
    for key in sorted(keys, key=lambda key: not isinstance(key, PrimaryKey)):
        twin = next((at for at, earlier in enumerate(kept) if _same_index(earlier, key)), None)
        if twin is None:
            kept.append(key)
        elif not kept[twin].name:
            kept[twin] = replace(kept[twin], name=key.name)
    return kept


def _same_index(left: Key, right: Key) -> bool:
    if isinstance(left, Exclusion) or isinstance(right, Exclusion):
        return False
    distinct = all(key.nulls_distinct for key in (left, right) if isinstance(key, Unique))
    return distinct and (left.columns, left.include, left.deferrable) == (
        right.columns,
        right.include,
        right.deferrable,
    )


def with_constraint(schema: Schema, table: Table, constraint: Constraint, span: Span) -> Result:
    """The schema with `table` and one more constraint on it, and on the tables below it."""
    if schema.dialect == "mysql" and not constraint.name:
        constraint = replace(constraint, name=mysql_name(table, constraint))
    if constraint.name and has_constraint(table, constraint.name):
        return exists_already(schema, "constraint", constraint.name, span)
    match constraint:
        case Check():
            column = check_column(constraint.expression, table)
            name = constraint.name or constraint_name(schema, table, column, "check")
            constraint = replace(constraint, name=name)
        case PrimaryKey() | Unique() | Exclusion():
            if isinstance(constraint, PrimaryKey) and table.primary_key is not None:
                message = f"`{table.name}` has a primary key already: `{table.primary_key.name}`"
                return Diagnostic("duplicate-object", message, span)
            found = _named_key(schema, table, constraint, span)
            if isinstance(found, Diagnostic):
                return found
            constraint = found
        case ForeignKey():
            found_key = _resolved_foreign_key(schema, table, constraint, span)
            if isinstance(found_key, Diagnostic):
                return found_key
            constraint = found_key
        case _:
            assert_never(constraint)
    # `t` alone is the whole row of `t`
    named = (
        name for name in _columns(constraint) if name != table.name.name or not isinstance(constraint, Check)
    )
    unknown = next((name for name in named if table.column(name) is None), None)
    if unknown is not None:
        return missing_part(schema, "column", unknown, table, span)
    table = replace(table, constraints=(*table.constraints, constraint))
    # SQLite lets a primary key's columns be NULL
    if isinstance(constraint, PrimaryKey) and schema.dialect != "sqlite":
        table = not_null_columns(schema, table, constraint.columns)
    schema = with_table(schema, table)
    return _below(schema, table, constraint, span)


def _columns(constraint: Constraint) -> tuple[str, ...]:
    match constraint:
        case PrimaryKey() | Unique():
            return (*constraint.columns, *constraint.include)
        case ForeignKey():
            return constraint.columns
        case Check():
            return read_columns(constraint.expression)
        case Exclusion():
            return key_columns(constraint.keys)
        case _:
            assert_never(constraint)


def read_columns(expression: Expression) -> tuple[str, ...]:
    """The columns that an expression names; those that every table has are left out."""
    return tuple(part.name for part in columns(expression) or () if part.name not in _SYSTEM_COLUMNS)


def key_columns(keys: Iterable[IndexKey]) -> tuple[str, ...]:
    """The columns that the keys of an index name."""
    found: list[str] = []
    for key in keys:
        found.extend([key.column] if key.column is not None else read_columns(key.expression or NULL))
    return tuple(found)


def _named_key(schema: Schema, table: Table, key: Key, span: Span) -> Key | Diagnostic:
    if key.name:
        if relation_exists(schema, table.name.schema or "", key.name):
            return exists_already(schema, "relation", key.name, span)
        return key
    match key:
        case PrimaryKey():
            return replace(key, name=key_name(schema, table, None, "pkey"))
        case Unique():
            columns = addition(index_columns(map(_as_key, key.columns), key.include))
            return replace(key, name=key_name(schema, table, columns, "key"))
        case Exclusion():
            columns = addition(index_columns(key.keys, ()))
            return replace(key, name=key_name(schema, table, columns, "excl"))
        case _:
            assert_never(key)


def _as_key(column: str) -> IndexKey:
    return IndexKey(column, label=column)


def _resolved_foreign_key(
    schema: Schema, table: Table, key: ForeignKey, span: Span
) -> ForeignKey | Diagnostic:
    target = schema.table(key.table)
    # a key of a table on itself may stand in its own CREATE TABLE
    if key.table.name == table.name.name and key.table.schema in (None, table.name.schema):
        target = target or table
        if target.name == table.name:
            target = table
    if target is None and schema.dialect == "sqlite":
        # there the table is looked up when a row is written
        name = key.name or constraint_name(schema, table, addition(key.columns), "fkey")
        return replace(key, name=name, table=creation_name(schema, key.table))
    if target is None:
        return missing(schema, "table", key.table, span)
    referenced = key.referenced or (target.primary_key.columns if target.primary_key else ())
    unknown = next((name for name in referenced if target.column(name) is None), None)
    if unknown is not None:
        return missing_part(schema, "column", unknown, target, span)
    is_known = schema.dialect == "postgres" and not (schema.opaque or target.opaque)
    if is_known and not any(set(unique) == set(referenced) for unique in _unique(target)):
        listed = ", ".join(f"`{each}`" for each in referenced)
        what = f"unique key of {listed}" if referenced else "primary key"
        return Diagnostic(
            "unmatched-key", f"`{target.name}` has no {what} for a foreign key to refer to", span
        )
    name = key.name or constraint_name(schema, table, addition(key.columns), "fkey")
    return replace(key, name=name, table=target.name, referenced=referenced)


def _unique(table: Table) -> Iterator[tuple[str | None, ...]]:
    """The columns of each key, or index, that lets foreign keys refer to them."""
    for constraint in table.constraints:
        if isinstance(constraint, (PrimaryKey, Unique)) and not constraint.deferrable:
            yield constraint.columns
    for index in table.indexes:
        if index.unique and index.where is None:
            yield tuple(key.column for key in index.keys)


def not_null_columns(schema: Schema, table: Table, columns: Iterable[str]) -> Table:
    """The table with these columns NOT NULL, each constraint named."""
    wanted = set(columns)
    for position, column in enumerate(table.columns):
        if column.name not in wanted or (column.not_null is not None and column.not_null.name):
            continue
        named = replace(
            column.not_null or NotNull(), name=constraint_name(schema, table, column.name, "not_null")
        )
        table = replace(table, columns=replaced(table.columns, position, replace(column, not_null=named)))
    return table


def replaced(columns: tuple[Column, ...], position: int, column: Column) -> tuple[Column, ...]:
    return (*columns[:position], column, *columns[position + 1 :])


def _below(schema: Schema, table: Table, constraint: Constraint, span: Span) -> Result:
    """The same constraint on the tables that inherit from this one; partitions name their keys anew."""
    for child in children(schema, table.name):
        match constraint:
            case Check(no_inherit=True):
                continue
            case Check():
                if has_constraint(child, constraint.name):
                    continue
                copied: Constraint = constraint
            case _ if child.bounds is None:
                continue
            case ForeignKey():
                taken = has_constraint(child, constraint.name)
                copied = replace(constraint, name="") if taken else constraint
            case _:
                copied = replace(constraint, name="")
                if _has_same_key(child, copied):
                    continue
        found = with_constraint(schema, child, copied, span)
        if isinstance(found, Diagnostic):
            return found
        schema = found
    return schema


def _has_same_key(table: Table, constraint: Constraint) -> bool:
    return any(replace(found, name="") == constraint for found in table.constraints)


def add_constraint(schema: Schema, step: AddConstraint) -> Result:
    table = schema.table(step.table)
    if table is None:
        return schema if step.if_exists else missing(schema, "table", step.table, step.span)
    constraint = step.constraint
    if step.using_index is not None:
        index = table.index(step.using_index)
        if index is None:
            return missing_part(schema, "index", step.using_index, table, step.span)
        table = replace(table, indexes=tuple(found for found in table.indexes if found is not index))
        schema = with_table(schema, table)
        columns = tuple(key.column or "" for key in index.keys)
        name = constraint.name or index.name
        if isinstance(constraint, Unique):
            distinct, include = index.nulls_distinct, index.include
            constraint = replace(
                constraint, name=name, columns=columns, nulls_distinct=distinct, include=include
            )
        elif isinstance(constraint, PrimaryKey):
            constraint = replace(constraint, name=name, columns=columns, include=index.include)
    return with_constraint(schema, table, constraint, step.span)


def drop_constraint(schema: Schema, step: DropConstraint) -> Result:
    table = schema.table(step.table)
    if table is None:
        return schema if step.if_exists else missing(schema, "table", step.table, step.span)
    constraint = table.constraint(step.constraint)
    if constraint is None:
        return _drop_not_null(schema, table, step)
    needed = _users(schema, table, constraint)
    if needed and not step.cascade:
        return held_back("constraint", step.constraint, f"a foreign key of `{needed[0]}`", step.span)
    return without_constraint(schema, table, constraint)


def _drop_not_null(schema: Schema, table: Table, step: DropConstraint) -> Result:
    for column in table.columns:
        if column.not_null is not None and column.not_null.name == step.constraint:
            changed = replace(column, not_null=None)
            columns = tuple(changed if found is column else found for found in table.columns)
            return with_table(schema, replace(table, columns=columns))
    if step.missing_ok:
        return schema
    return missing_part(schema, "constraint", step.constraint, table, step.span)


def _users(schema: Schema, table: Table, constraint: Constraint) -> list[Name]:
    """The tables with a foreign key that needs this key."""
    if not isinstance(constraint, (PrimaryKey, Unique)):
        return []
    others = [
        set(found.columns)
        for found in (*table.constraints, *table.indexes)
        if isinstance(found, (PrimaryKey, Unique)) and found is not constraint
    ]
    if set(constraint.columns) in others:
        # which of two equal keys a foreign key leans on is not in the model
        return []
    return [
        other.name
        for other in schema.tables.values()
        for key in other.constraints
        if isinstance(key, ForeignKey)
        and key.table == table.name
        and set(key.referenced) == set(constraint.columns)
    ]


def without_constraint(schema: Schema, table: Table, constraint: Constraint) -> Schema:
    """The schema without the constraint, the foreign keys that need it, and its copies below."""
    users = set(_users(schema, table, constraint))
    schema = with_table(
        schema,
        replace(table, constraints=tuple(found for found in table.constraints if found is not constraint)),
    )
    for name in users:
        schema = without_keys_to(schema, schema.tables[name], table.name, constraint)
    for child in children(schema, table.name):
        inherited = _inherited_copy(child, constraint)
        if inherited is not None:
            schema = without_constraint(schema, child, inherited)
    return schema


def _inherited_copy(child: Table, constraint: Constraint) -> Constraint | None:
    match constraint:
        case Check(no_inherit=False) | ForeignKey() if child.bounds is not None or isinstance(
            constraint, Check
        ):
            found = child.constraint(constraint.name)
            return found if type(found) is type(constraint) else None
        case PrimaryKey() | Unique() if child.bounds is not None:
            bare = replace(constraint, name="")
            return next((found for found in child.constraints if replace(found, name="") == bare), None)
        case _:
            return None


def without_keys_to(schema: Schema, table: Table, target: Name, key: Constraint | None = None) -> Schema:
    """The schema without the foreign keys of `table` to `target` (those that need `key`, if given)."""
    columns = set(key.columns) if isinstance(key, (PrimaryKey, Unique)) else None

    def kept(found: Constraint) -> bool:
        if not isinstance(found, ForeignKey) or found.table != target:
            return True
        return columns is not None and set(found.referenced) != columns

    return with_table(schema, replace(table, constraints=tuple(filter(kept, table.constraints))))
