"""Defines which locks each step takes on which tables, whom they block, and what work is done under them.

The levels are PostgreSQL's own (the manual's "Explicit Locking" and, for ALTER TABLE, its source); the
tests take each statement to a real server and compare `pg_locks`, the tables' files and their scan
counts with this table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import assert_never

from rung.migrations.apply.lookup import find
from rung.migrations.hazards.reach import (
    all_reached,
    calling,
    constraint_of,
    owners_of_index,
    partners,
    qualified,
    reading,
    referencing,
    targets,
    users_of_domain,
)
from rung.migrations.hazards.work import Work, work_of_column, work_of_constraint, work_of_type
from rung.migrations.schema import ForeignKey, Kind, Name, Schema, Table
from rung.migrations.steps import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterColumnType,
    AlterConstraint,
    AlterDomain,
    AlterSequence,
    AttachPartition,
    Attempt,
    Calls,
    ChangePolicy,
    Copy,
    CreateDomain,
    CreateEnum,
    CreateExtension,
    CreateFunction,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateTrigger,
    CreateType,
    CreateView,
    Delete,
    DetachPartition,
    Drop,
    DropColumn,
    DropConstraint,
    DropNotNull,
    Insert,
    LockTable,
    NoEffect,
    Opaque,
    Query,
    Refused,
    Rename,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    Requires,
    SetDefault,
    SetExpression,
    SetIdentity,
    SetInherit,
    SetNotNull,
    SetParameter,
    SetRowSecurity,
    SetSchema,
    SetTriggers,
    Step,
    Transaction,
    Truncate,
    Update,
    ValidateConstraint,
    When,
)


class Mode(IntEnum):
    """A table's lock, from the weakest to the strongest; its number is the server's own."""

    ACCESS_SHARE = 1
    ROW_SHARE = 2
    ROW_EXCLUSIVE = 3
    SHARE_UPDATE_EXCLUSIVE = 4
    SHARE = 5
    SHARE_ROW_EXCLUSIVE = 6
    EXCLUSIVE = 7
    ACCESS_EXCLUSIVE = 8

    @property
    def words(self) -> str:
        return self.name.replace("_", " ")

    @property
    def blocks(self) -> str:
        """Whom it keeps waiting, as a phrase; empty for a lock that lets all queries through."""
        if self is Mode.ACCESS_EXCLUSIVE:
            return "reads and writes"
        return "writes" if self >= Mode.SHARE else ""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on one table, and how the time it is held grows with that table's rows."""

    table: Name
    mode: Mode
    work: Work = "none"


# storage and properties of a table; what is absent keeps no query of it waiting
_PROPERTIES: dict[str, tuple[Mode, Work]] = {
    "SET STATISTICS": (Mode.SHARE_UPDATE_EXCLUSIVE, "none"),
    "SET (attribute option)": (Mode.SHARE_UPDATE_EXCLUSIVE, "none"),
    "RESET (attribute option)": (Mode.SHARE_UPDATE_EXCLUSIVE, "none"),
    "SET STORAGE": (Mode.ACCESS_EXCLUSIVE, "none"),
    "SET COMPRESSION": (Mode.ACCESS_EXCLUSIVE, "none"),
    "OWNER TO": (Mode.ACCESS_EXCLUSIVE, "none"),
    "CLUSTER ON": (Mode.SHARE_UPDATE_EXCLUSIVE, "none"),
    "SET WITHOUT CLUSTER": (Mode.SHARE_UPDATE_EXCLUSIVE, "none"),
    "SET LOGGED": (Mode.ACCESS_EXCLUSIVE, "rewrite"),
    "SET UNLOGGED": (Mode.ACCESS_EXCLUSIVE, "rewrite"),
    "SET ACCESS METHOD": (Mode.ACCESS_EXCLUSIVE, "rewrite"),
    "SET TABLESPACE": (Mode.ACCESS_EXCLUSIVE, "rewrite"),
    "SET (storage parameter)": (Mode.SHARE_UPDATE_EXCLUSIVE, "none"),
    "RESET (storage parameter)": (Mode.SHARE_UPDATE_EXCLUSIVE, "none"),
    "REPLICA IDENTITY": (Mode.ACCESS_EXCLUSIVE, "none"),
    "NO FORCE ROW LEVEL SECURITY": (Mode.ACCESS_EXCLUSIVE, "none"),
    "CREATE POLICY": (Mode.ACCESS_EXCLUSIVE, "none"),
    "ALTER POLICY": (Mode.ACCESS_EXCLUSIVE, "none"),
    "ALTER COLUMN SET (sequence option)": (Mode.ACCESS_EXCLUSIVE, "none"),
    "CLUSTER": (Mode.ACCESS_EXCLUSIVE, "rewrite"),
    "VACUUM": (Mode.SHARE_UPDATE_EXCLUSIVE, "none"),
    "ANALYZE": (Mode.SHARE_UPDATE_EXCLUSIVE, "none"),
    "VACUUM FULL": (Mode.ACCESS_EXCLUSIVE, "rewrite"),
    "REINDEX TABLE": (Mode.SHARE, "index build"),
    "REINDEX TABLE CONCURRENTLY": (Mode.SHARE_UPDATE_EXCLUSIVE, "index build"),
    "REFRESH MATERIALIZED VIEW": (Mode.ACCESS_EXCLUSIVE, "rewrite"),
    "REFRESH MATERIALIZED VIEW CONCURRENTLY": (Mode.EXCLUSIVE, "scan"),
}


def locks(step: Step, before: Schema, *, utc: bool = False) -> Iterator[Lock]:
    """The locks that a step takes on tables which exist before it, weak ones of reading left out.

    A table stands for its partitions too, which are locked with it. `utc` says that the session's time zone
    is surely UTC.
    """
    match step:
        case AddColumn(table=table, constraints=constraints):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE, work_of_column(step, before))
            yield from _all(targets(constraints, before), Mode.SHARE_ROW_EXCLUSIVE)
        case AlterColumnType(table=table):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE, work_of_type(step, before, utc=utc))
            yield from _all(partners(qualified(table, before), step.column, before))
        case SetExpression(table=table, expression=expression):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE, "rewrite" if expression else "none")
        case SetNotNull(table=table):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE, work_of_constraint(step, before))
        case AddConstraint(table=table, constraint=ForeignKey() as foreign):
            yield Lock(qualified(table, before), Mode.SHARE_ROW_EXCLUSIVE, work_of_constraint(step, before))
            yield from _all(targets([foreign], before), Mode.SHARE_ROW_EXCLUSIVE)
        case AddConstraint(table=table):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE, work_of_constraint(step, before))
        case ValidateConstraint(table=table, constraint=constraint):
            yield Lock(qualified(table, before), Mode.SHARE_UPDATE_EXCLUSIVE, "scan")
            yield from _all(targets([constraint_of(table, constraint, before)], before), Mode.ROW_SHARE)
        case DropConstraint(table=table, constraint=constraint):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE)
            yield from _all(targets([constraint_of(table, constraint, before)], before))
        case AlterConstraint(table=table):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE)
        case CreateIndex(table=table, concurrently=concurrently):
            mode = Mode.SHARE_UPDATE_EXCLUSIVE if concurrently else Mode.SHARE
            yield Lock(qualified(table, before), mode, "none" if _exists(step, before) else "index build")
        case CreateTrigger(table=table) | SetTriggers(table=table):
            yield Lock(qualified(table, before), Mode.SHARE_ROW_EXCLUSIVE)
        case CreateTable(table=table):
            yield from _created(table, before)
        case CreateView(view=view, or_replace=True) if qualified(view.name, before) in before.views:
            yield Lock(qualified(view.name, before), Mode.ACCESS_EXCLUSIVE)
        case AttachPartition(table=table, partition=partition):
            yield Lock(qualified(table, before), Mode.SHARE_UPDATE_EXCLUSIVE)
            yield Lock(qualified(partition, before), Mode.ACCESS_EXCLUSIVE, "scan")
        case DetachPartition(table=table, partition=partition, concurrently=concurrently):
            mode = Mode.SHARE_UPDATE_EXCLUSIVE if concurrently else Mode.ACCESS_EXCLUSIVE
            yield Lock(qualified(table, before), mode)
            yield Lock(qualified(partition, before), Mode.ACCESS_EXCLUSIVE)
        case SetInherit(table=table, parent=parent, inherit=inherit):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE)
            yield Lock(
                qualified(parent, before), Mode.SHARE_UPDATE_EXCLUSIVE if inherit else Mode.ACCESS_SHARE
            )
        case Drop():
            yield from _dropped(step, before)
        case Rename(kind=Kind.TABLE | Kind.VIEW | Kind.MATERIALIZED_VIEW, name=name):
            yield Lock(qualified(name, before), Mode.ACCESS_EXCLUSIVE)
        case Rename(kind=Kind.TRIGGER, table=Name() as table):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE)
        case SetSchema(kind=Kind.TABLE | Kind.VIEW | Kind.MATERIALIZED_VIEW, name=name):
            yield Lock(qualified(name, before), Mode.ACCESS_EXCLUSIVE)
        case Truncate(table=table, cascade=cascade):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE)
            if cascade:
                yield from _all(all_reached(qualified(table, before), referencing, before))
        case AlterDomain(domain=domain, action="add check" | "set not null" | "validate"):
            for table in users_of_domain(domain, before):
                yield Lock(table, Mode.SHARE, "scan")
        case LockTable(tables=tables, mode=mode_words):
            for table in tables:
                yield Lock(qualified(table, before), Mode[mode_words.replace(" ", "_")])
        case Insert(table=table) | Update(table=table) | Delete(table=table) | Copy(table=table):
            yield Lock(qualified(table, before), Mode.ROW_EXCLUSIVE)
        case NoEffect(what=what, table=Name() as table) if what in _PROPERTIES:
            mode, work = _PROPERTIES[what]
            yield Lock(qualified(table, before), mode, work)
        case DropColumn(table=table, column=column):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE)
            yield from _all(partners(qualified(table, before), column, before))
        case (
            RenameColumn(table=table)
            | RenameConstraint(table=table)
            | SetDefault(table=table)
            | DropNotNull(table=table)
            | SetIdentity(table=table)
            | SetRowSecurity(table=table)
        ):
            yield Lock(qualified(table, before), Mode.ACCESS_EXCLUSIVE)
        case (
            CreateView()
            | CreateEnum()
            | AddEnumValue()
            | RenameEnumValue()
            | CreateDomain()
            | AlterDomain()
            | CreateType()
            | CreateSequence()
            | AlterSequence()
            | CreateFunction()
            | CreateSchema()
            | CreateExtension()
            | Rename()
            | SetSchema()
            | SetParameter()
            | Transaction()
            | Refused()
            | ChangePolicy()
            | NoEffect()
        ):
            # no row is stored in what these make or change
            return
        case Opaque() | When() | Attempt() | Query() | Calls() | Requires():
            # not known, as `unread-statement` says; a block that can be followed is resolved before
            return
        case _:
            assert_never(step)


def _all(tables: Iterable[Name], mode: Mode = Mode.ACCESS_EXCLUSIVE) -> Iterator[Lock]:
    return (Lock(table, mode) for table in tables)


def _exists(step: CreateIndex, before: Schema) -> bool:
    """Whether IF NOT EXISTS finds an index of the name."""
    return step.if_not_exists and owners_of_index(step.index.name, before) != []


def _created(table: Table, before: Schema) -> Iterator[Lock]:
    itself = qualified(table.name, before)
    others = [target for target in targets(table.constraints, before) if target != itself]
    yield from _all(others, Mode.SHARE_ROW_EXCLUSIVE)
    for parent in table.parents:
        mode = Mode.ACCESS_EXCLUSIVE if table.bounds is not None else Mode.SHARE_UPDATE_EXCLUSIVE
        yield Lock(qualified(parent, before), mode)


def _dropped(step: Drop, before: Schema) -> Iterator[Lock]:
    match step.kind:
        case Kind.TABLE | Kind.VIEW | Kind.MATERIALIZED_VIEW:
            name = qualified(step.name, before)
            yield Lock(name, Mode.ACCESS_EXCLUSIVE)
            if step.cascade:
                yield from _all(all_reached(name, reading, before))
            if name in before.tables:
                # the triggers of its foreign keys stand on the referenced tables
                constraints = before.tables[name].constraints
                yield from _all(target for target in targets(constraints, before) if target != name)
                # without CASCADE there is none
                yield from _all(referencing(name, before))
        case Kind.INDEX:
            mode = Mode.SHARE_UPDATE_EXCLUSIVE if step.concurrently else Mode.ACCESS_EXCLUSIVE
            yield from _all(owners_of_index(step.name.name, before), mode)
        case Kind.FUNCTION if step.cascade:
            yield from _all(calling(step.name.name, before))
        case Kind.TRIGGER if step.table is not None:
            table = find(before.tables, before, step.table)
            names = [trigger.name for trigger in table.triggers] if table is not None else [step.name.name]
            if step.name.name in names:
                yield Lock(qualified(step.table, before), Mode.ACCESS_EXCLUSIVE)
        case _:
            return
