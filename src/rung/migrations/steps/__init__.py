"""Defines what a migration does, in order: a `Script` of `Statement`s, each some `Step`s.

A step is a change of the schema, a fact about rows, a word to the session, nothing at all (said so),
or opaque: then it names what it may touch and why it is not understood. No statement has no step.
Names in steps are as written (`Name.schema` is None where unqualified); `apply` resolves them.
"""

from __future__ import annotations

from dataclasses import dataclass

from rung.diagnostics import Diagnostic, Source, Span
from rung.migrations.steps.conditional import (
    CURRENT_SCHEMA,
    Attempt,
    Calls,
    CatalogHas,
    Handler,
    Query,
    Refused,
    Requires,
    When,
)
from rung.migrations.steps.objects import (
    AddEnumValue,
    AlterDomain,
    AlterSequence,
    CreateDomain,
    CreateEnum,
    CreateExtension,
    CreateFunction,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTrigger,
    CreateType,
    CreateView,
    Drop,
    Rename,
    RenameEnumValue,
    SetSchema,
)
from rung.migrations.steps.rows import Assignment, Copy, Delete, Insert, JoinedTable, Truncate, Update
from rung.migrations.steps.session import Footprint, LockTable, NoEffect, Opaque, SetParameter, Transaction
from rung.migrations.steps.tables import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterConstraint,
    AttachPartition,
    ChangePolicy,
    CreateTable,
    Demand,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropNotNull,
    Like,
    LikeOption,
    Limits,
    Output,
    Reference,
    RenameColumn,
    RenameConstraint,
    SetDefault,
    SetExpression,
    SetIdentity,
    SetInherit,
    SetNotNull,
    SetRowSecurity,
    SetTriggers,
    ValidateConstraint,
)

ColumnChange = (
    AddColumn
    | DropColumn
    | RenameColumn
    | AlterColumnType
    | SetDefault
    | SetNotNull
    | DropNotNull
    | SetIdentity
    | SetExpression
)
ConstraintChange = AddConstraint | DropConstraint | ValidateConstraint | AlterConstraint | RenameConstraint
TableChange = AttachPartition | DetachPartition | SetInherit | SetRowSecurity | SetTriggers | ChangePolicy
Creation = (
    CreateTable
    | CreateIndex
    | CreateTrigger
    | CreateEnum
    | CreateDomain
    | CreateType
    | CreateSequence
    | CreateView
    | CreateFunction
    | CreateSchema
    | CreateExtension
)
ObjectChange = Drop | Rename | SetSchema | AddEnumValue | RenameEnumValue | AlterDomain | AlterSequence
SchemaChange = ColumnChange | ConstraintChange | TableChange | Creation | ObjectChange
RowChange = Insert | Update | Delete | Truncate | Copy
SessionChange = SetParameter | Transaction | LockTable
Conditional = When | Attempt | Query | Calls | Requires
"""Steps that are others, or none, by what the schema holds: `resolve` in `apply` says which."""
Step = SchemaChange | RowChange | SessionChange | Conditional | Refused | NoEffect | Opaque


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its steps happen together, in order. `tag` is its command (`ALTER TABLE`)."""

    span: Span
    tag: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A file read. After a syntax error nothing of the file is known: one opaque statement over all of it."""

    source: Source
    statements: tuple[Statement, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


__all__ = [
    "CURRENT_SCHEMA",
    "AddColumn",
    "AddConstraint",
    "AddEnumValue",
    "AlterColumnType",
    "AlterConstraint",
    "AlterDomain",
    "AlterSequence",
    "Assignment",
    "AttachPartition",
    "Attempt",
    "Calls",
    "CatalogHas",
    "ChangePolicy",
    "ColumnChange",
    "Conditional",
    "ConstraintChange",
    "Copy",
    "CreateDomain",
    "CreateEnum",
    "CreateExtension",
    "CreateFunction",
    "CreateIndex",
    "CreateSchema",
    "CreateSequence",
    "CreateTable",
    "CreateTrigger",
    "CreateType",
    "CreateView",
    "Creation",
    "Delete",
    "Demand",
    "DetachPartition",
    "Drop",
    "DropColumn",
    "DropConstraint",
    "DropNotNull",
    "Footprint",
    "Handler",
    "Insert",
    "JoinedTable",
    "Like",
    "LikeOption",
    "Limits",
    "LockTable",
    "NoEffect",
    "ObjectChange",
    "Opaque",
    "Output",
    "Query",
    "Reference",
    "Refused",
    "Rename",
    "RenameColumn",
    "RenameConstraint",
    "RenameEnumValue",
    "Requires",
    "RowChange",
    "SchemaChange",
    "Script",
    "SessionChange",
    "SetDefault",
    "SetExpression",
    "SetIdentity",
    "SetInherit",
    "SetNotNull",
    "SetParameter",
    "SetRowSecurity",
    "SetSchema",
    "SetTriggers",
    "Statement",
    "Step",
    "TableChange",
    "Transaction",
    "Truncate",
    "Update",
    "ValidateConstraint",
    "When",
]
