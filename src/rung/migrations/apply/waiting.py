"""Defines which steps leave checks of rows for the end of the transaction (`waiting`), and which the server
refuses for a table whose checks wait (`reshaped`)."""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.apply.lookup import find
from rung.migrations.schema import (
    Exclusion,
    ForeignKey,
    Kind,
    Name,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from rung.migrations.steps import (
    ColumnChange,
    ConstraintChange,
    Copy,
    CreateIndex,
    Delete,
    Drop,
    Insert,
    NoEffect,
    RenameColumn,
    RenameConstraint,
    Step,
    TableChange,
    Truncate,
    Update,
)

# what ALTER TABLE does besides, and CLUSTER
_ALTERING = {
    "ALTER COLUMN SET (sequence option)",
    "CLUSTER",
    "CLUSTER ON",
    "NO FORCE ROW LEVEL SECURITY",
    "OWNER TO",
    "REPLICA IDENTITY",
}
_SETTING = ("RESET ", "SET ")


def waiting(schema: Schema, step: Step) -> Iterator[Name]:
    """The tables of which checks may wait once the step has changed rows."""
    if not isinstance(step, (Insert, Copy, Update, Delete)) or schema.dialect != "postgres":
        return
    table = schema.table(step.table)
    if table is None:
        return
    changed = frozenset(each.column for each in step.assignments) if isinstance(step, Update) else None
    events = {"insert", "update"} if isinstance(step, Insert) else {_event(step)}
    if any(trigger.deferrable and events & set(trigger.events) for trigger in table.triggers):
        yield table.name
    if not isinstance(step, Delete) and any(_is_late(key, changed) for key in table.constraints):
        yield table.name
    if isinstance(step, (Update, Delete)):
        for other in schema.tables.values():
            for key in other.constraints:
                if not (isinstance(key, ForeignKey) and key.table == table.name and key.deferrable):
                    continue
                if changed is None or changed & set(key.referenced):
                    # what CASCADE and SET NULL change is checked late as well
                    yield from (table.name, other.name)


def _event(step: Copy | Update | Delete) -> str:
    match step:
        case Copy():
            return "insert"
        case Update():
            return "update"
        case Delete():
            return "delete"


def _is_late(constraint: object, changed: frozenset[str] | None) -> bool:
    """Whether the constraint may be checked late where these columns change (None: all of them)."""
    match constraint:
        case ForeignKey() | Unique() | PrimaryKey():
            return constraint.deferrable and (changed is None or not changed.isdisjoint(constraint.columns))
        case Exclusion():
            return constraint.deferrable
        case _:
            return False


def reshaped(schema: Schema, step: Step) -> Table | None:
    """The table that the server must find unused for the step to pass."""
    match step:
        case RenameColumn() | RenameConstraint():
            return None
        case NoEffect(table=Name() as name, what=what) if what in _ALTERING or what.startswith(_SETTING):
            return find(schema.tables, schema, name)
        case Drop(kind=Kind.TABLE, name=name):
            return find(schema.tables, schema, name)
        case Truncate() | CreateIndex():
            return find(schema.tables, schema, step.table)
        case _ if isinstance(step, (ColumnChange, ConstraintChange, TableChange)):
            return find(schema.tables, schema, step.table)
        case _:
            return None
