"""Defines `change_policy`: how policies of row security come, change and go."""

from __future__ import annotations

from dataclasses import replace

from rung.diagnostics import Diagnostic, Span
from rung.migrations.apply.lookup import Result, exists_already, missing_part, with_table
from rung.migrations.apply.objects import uses_of
from rung.migrations.schema import Condition, Policy, Schema, Table
from rung.migrations.steps import ChangePolicy, Demand


def change_policy(schema: Schema, step: ChangePolicy) -> Result:
    table = schema.table(step.table)
    if table is None:
        # the statement requires it
        return schema
    old = next((found for found in table.policies if found.name == step.policy), None)
    if step.action != "create" and old is None:
        return schema if step.if_exists else missing_part(schema, "policy", step.policy, table, step.span)
    made = step.policy if step.action == "create" else step.new_name
    if any(found.name == made for found in table.policies):
        return _taken(schema, table, made, step.span)
    others = [found for found in table.policies if found is not old]
    if step.action == "drop":
        return with_table(schema, replace(table, policies=tuple(others)))
    policy = old or Policy(made)
    if step.new_name:
        policy = replace(policy, name=step.new_name)
    if step.seen is not None:
        policy = replace(policy, seen=_condition(schema, step.seen, step.span))
    if step.written is not None:
        policy = replace(policy, written=_condition(schema, step.written, step.span))
    return with_table(schema, replace(table, policies=(*others, policy)))


def _taken(schema: Schema, table: Table, name: str, span: Span) -> Diagnostic:
    taken = exists_already(schema, "policy", f"{name}` of `{table.name}", span)
    return replace(taken, severity="warning") if table.opaque else taken


def _condition(schema: Schema, demand: Demand, span: Span) -> Condition:
    uses = uses_of(schema, demand.references, span)
    # that a relation is not there has been said of the statement
    return Condition(() if isinstance(uses, Diagnostic) else uses, demand.calls)
