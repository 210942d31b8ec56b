"""Defines which tables a step concerns (`touches`), when it leaves nothing known of their rows
(`obscures`), and what they are called afterwards (`changed_name`).
"""

from __future__ import annotations

from rung.migrations.rollout import Moment
from rung.migrations.schema import Kind, Name, Schema, Table
from rung.migrations.steps import (
    AlterColumnType,
    Copy,
    Delete,
    Insert,
    Opaque,
    Rename,
    SetSchema,
    Truncate,
    Update,
)


def touches(moment: Moment, name: Name) -> bool:
    """Whether the step may concern the table, its rows, or the types of its columns."""
    before, after = moment.before, moment.after
    table, step = before.tables.get(name), moment.step
    if table is None:
        return name in after.tables
    if after.tables.get(name) is not table or after.opaque != before.opaque:
        return True
    if after.enums is not before.enums or after.domains is not before.domains:
        return any(column.type.schema is not None for column in table.columns)
    if isinstance(step, Opaque):
        return opaque_touches(step, before, table)
    if isinstance(step, Truncate) and step.cascade:
        return True
    if isinstance(step, AlterColumnType) and step.using is not None:
        target = before.table(step.table)
        return target is not None and target.name == name
    if isinstance(step, Update | Insert | Copy | Delete | Truncate):
        target = before.table(step.table)
        return target is not None and target.name == name
    return False


def obscures(moment: Moment, before: Table | None, after: Table | None) -> tuple[str, ...]:
    """Why nothing is known of the rows of a table after the step; no reasons where something is."""
    step = moment.step
    if before is None or after is None:
        return ()
    new = after.opaque[len(before.opaque) :] + moment.after.opaque[len(moment.before.opaque) :]
    if new:
        return tuple(reason.reason for reason in new)
    if isinstance(step, Opaque):
        return (step.reason,) if opaque_touches(step, moment.before, before) else ()
    target = moment.before.table(step.table) if isinstance(step, Copy | Insert) else None
    if target is None or target.name != before.name:
        return ()
    if isinstance(step, Copy):
        return ("COPY",)
    if isinstance(step, Insert) and step.rows is None:
        return ("INSERT from a query",)
    if isinstance(step, Insert) and step.conflict == "update":
        return ("INSERT … ON CONFLICT DO UPDATE",)
    return ()


def changed_name(moment: Moment, name: Name) -> Name | None:
    """What the table is called after the step; None where it is gone."""
    if name in moment.after.tables:
        return name
    match moment.step:
        case Rename(kind=Kind.TABLE, new_name=new_name):
            renamed = Name(name.schema, new_name)
            return renamed if renamed in moment.after.tables else None
        case SetSchema(kind=Kind.TABLE, new_schema=new_schema):
            moved = Name(new_schema, name.name)
            return moved if moved in moment.after.tables else None
        case _:
            return None


def opaque_touches(step: Opaque, schema: Schema, table: Table) -> bool:
    """Whether an opaque statement may change rows of the table (its marks on the schema are seen apart)."""
    footprint = step.footprint
    if footprint.tables is None:
        return True
    if any(
        (found := schema.table(name)) is not None and found.name == table.name for name in footprint.tables
    ):
        return True
    for call in footprint.calls:
        known = [
            function
            for key, functions in schema.functions.items()
            if key.name == call.name and call.schema in (None, key.schema)
            for function in functions
        ]
        if not known or any(function.tables is None for function in known):
            return True
        for function in known:
            for name in function.tables or ():
                found = schema.table(name)
                if found is not None and found.name == table.name:
                    return True
    return False
