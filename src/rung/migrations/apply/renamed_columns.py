"""Defines what renaming a column changes: the table, those below it, and whatever names the column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rung.diagnostics import Diagnostic
from rung.migrations.apply.columns import family, is_view
from rung.migrations.apply.lookup import Result, exists_already, find, missing, missing_part, with_table
from rung.migrations.expressions import ColumnRef, Expression, map_columns
from rung.migrations.schema import (
    Check,
    Column,
    Constraint,
    Exclusion,
    ForeignKey,
    Index,
    IndexKey,
    Name,
    PrimaryKey,
    RelationUses,
    Schema,
    Table,
    Unique,
)
from rung.migrations.steps import RenameColumn


def rename_column(schema: Schema, step: RenameColumn) -> Result:
    table = schema.table(step.table)
    if table is None:
        if schema.table(step.table) is None and is_view(schema, step.table):
            return _rename_view_column(schema, step)
        return schema if step.if_exists else missing(schema, "table", step.table, step.span)
    if table.column(step.column) is None:
        return missing_part(schema, "column", step.column, table, step.span)
    if table.column(step.new_name) is not None:
        return exists_already(schema, "column", f"{table.name}.{step.new_name}", step.span)
    for name in family(schema, table):
        if schema.tables[name].column(step.column) is not None:
            schema = _renamed(schema, schema.tables[name], step.column, step.new_name)
    return schema


def _rename_view_column(schema: Schema, step: RenameColumn) -> Result:
    views = dict(schema.views)
    found = find(schema.views, schema, step.table)
    if found is not None and found.columns is not None and step.column not in found.columns:
        message = f"column `{step.column}` of `{found.name}` does not exist"
        return Diagnostic("unknown-column", message, step.span)
    for key, view in views.items():
        if key.name == step.table.name and step.table.schema in (None, key.schema) and view.columns:
            names = tuple(step.new_name if name == step.column else name for name in view.columns)
            views[key] = replace(view, columns=names)
    return replace(schema, views=views)


def _renamed(schema: Schema, table: Table, old: str, new: str) -> Schema:
    def name(column: str) -> str:
        return new if column == old else column

    def rewritten(expression: Expression) -> Expression:
        def column(reference: ColumnRef) -> ColumnRef:
            mine = reference.name == old and reference.table in (None, table.name.name)
            return replace(reference, name=new) if mine else reference

        return map_columns(expression, column)

    def key(found: IndexKey) -> IndexKey:
        if found.expression is not None:
            return replace(found, expression=rewritten(found.expression))
        column = name(found.column or "")
        return replace(found, column=column, label=name(found.label))

    def index(found: Index) -> Index:
        where = None if found.where is None else rewritten(found.where)
        return replace(
            found, keys=tuple(map(key, found.keys)), include=tuple(map(name, found.include)), where=where
        )

    def constraint(found: Constraint) -> Constraint:
        match found:
            case Check():
                return replace(found, expression=rewritten(found.expression))
            case PrimaryKey() | Unique():
                include = tuple(map(name, found.include))
                return replace(found, columns=tuple(map(name, found.columns)), include=include)
            case Exclusion():
                return replace(found, keys=tuple(map(key, found.keys)))
            case ForeignKey():
                return replace(found, columns=tuple(map(name, found.columns)))

    def column(found: Column) -> Column:
        generated = found.generated
        if generated is not None:
            generated = replace(generated, expression=rewritten(generated.expression))
        return replace(found, name=name(found.name), generated=generated)

    partitioning = table.partitioning
    if partitioning is not None:
        keys = tuple(None if part is None else name(part) for part in partitioning.columns)
        partitioning = replace(partitioning, columns=keys)
    table = replace(
        table,
        columns=tuple(map(column, table.columns)),
        constraints=tuple(map(constraint, table.constraints)),
        indexes=tuple(map(index, table.indexes)),
        triggers=tuple(
            replace(found, columns=frozenset(map(name, found.columns))) for found in table.triggers
        ),
        partitioning=partitioning,
    )
    return _references_renamed(with_table(schema, table), table.name, name)


def _references_renamed(schema: Schema, table: Name, name: Callable[[str], str]) -> Schema:
    """Other objects that name a column of the table, with its name changed."""

    def constraint(found: Constraint) -> Constraint:
        if isinstance(found, ForeignKey) and found.table == table:
            return replace(found, referenced=tuple(map(name, found.referenced)))
        return found

    def uses(found: RelationUses) -> RelationUses:
        return tuple(
            (used, names if used != table or names is None else frozenset(map(name, names)))
            for used, names in found
        )

    tables = dict(schema.tables)
    for other in schema.tables.values():
        if any(isinstance(key, ForeignKey) and key.table == table for key in other.constraints):
            other = replace(other, constraints=tuple(map(constraint, other.constraints)))
        if other.policies:
            other = replace(other, policies=tuple(policy.used(uses) for policy in other.policies))
        tables[other.name] = other
    sequences = {
        key: replace(found, owner=(table, name(found.owner[1])))
        if found.owner is not None and found.owner[0] == table
        else found
        for key, found in schema.sequences.items()
    }
    views = {key: replace(view, uses=uses(view.uses)) for key, view in schema.views.items()}
    return replace(schema, tables=tables, sequences=sequences, views=views)
