"""Defines how constraints that are there change: validated, altered, renamed."""

from __future__ import annotations

from dataclasses import replace

from rung.diagnostics import Diagnostic
from rung.migrations.apply.constraints import Key
from rung.migrations.apply.lookup import (
    Result,
    children,
    exists_already,
    missing,
    missing_part,
    with_table,
)
from rung.migrations.apply.names import has_constraint, relation_exists
from rung.migrations.schema import Check, Constraint, ForeignKey, Schema, Table
from rung.migrations.steps import AlterConstraint, RenameConstraint, ValidateConstraint


def validate_constraint(schema: Schema, step: ValidateConstraint) -> Result:
    table = schema.table(step.table)
    if table is None:
        return schema if step.if_exists else missing(schema, "table", step.table, step.span)
    for column in table.columns:
        if column.not_null is not None and column.not_null.name == step.constraint:
            changed = replace(column, not_null=replace(column.not_null, validated=True))
            columns = tuple(changed if found is column else found for found in table.columns)
            return with_table(schema, replace(table, columns=columns))
    match table.constraint(step.constraint):
        case Check() | ForeignKey() as constraint:
            return _with_changed(schema, table, constraint, replace(constraint, validated=True))
        case None:
            return missing_part(schema, "constraint", step.constraint, table, step.span)
        case _:
            message = f"constraint `{step.constraint}` is neither a check nor a foreign key"
            return Diagnostic("wrong-object", message, step.span)


def alter_constraint(schema: Schema, step: AlterConstraint) -> Result:
    table = schema.table(step.table)
    if table is None:
        return schema if step.if_exists else missing(schema, "table", step.table, step.span)
    match table.constraint(step.constraint):
        case ForeignKey() as key:
            changed = replace(
                key,
                deferrable=key.deferrable if step.deferrable is None else step.deferrable,
                enforced=key.enforced if step.enforced is None else step.enforced,
                # ENFORCED checks the rows; NOT ENFORCED forgets that they were checked
                validated=key.validated if step.enforced is None else step.enforced,
            )
            return _with_changed(schema, table, key, changed)
        case None:
            return missing_part(schema, "constraint", step.constraint, table, step.span)
        case _:
            return schema


def rename_constraint(schema: Schema, step: RenameConstraint) -> Result:
    table = schema.table(step.table)
    if table is None:
        return schema if step.if_exists else missing(schema, "table", step.table, step.span)
    if has_constraint(table, step.new_name):
        return exists_already(schema, "constraint", step.new_name, step.span)
    for column in table.columns:
        if column.not_null is not None and column.not_null.name == step.constraint:
            changed = replace(column, not_null=replace(column.not_null, name=step.new_name))
            columns = tuple(changed if found is column else found for found in table.columns)
            return with_table(schema, replace(table, columns=columns))
    constraint = table.constraint(step.constraint)
    if constraint is None:
        return missing_part(schema, "constraint", step.constraint, table, step.span)
    if isinstance(constraint, Key) and relation_exists(schema, table.name.schema or "", step.new_name):
        return exists_already(schema, "relation", step.new_name, step.span)
    return _with_changed(schema, table, constraint, replace(constraint, name=step.new_name))


def _with_changed(schema: Schema, table: Table, old: Constraint, new: Constraint) -> Schema:
    constraints = tuple(new if found is old else found for found in table.constraints)
    schema = with_table(schema, replace(table, constraints=constraints))
    if isinstance(old, Check) and not old.no_inherit:
        for child in children(schema, table.name):
            copy = child.constraint(old.name)
            if isinstance(copy, Check):
                schema = _with_changed(schema, child, copy, new)
    return schema
