"""Defines `raised`: by which condition of PL/pgSQL the database tells that it refuses a step."""

from __future__ import annotations

from rung.diagnostics import Diagnostic
from rung.migrations.schema import Kind, Name, PrimaryKey, Schema, Unique
from rung.migrations.steps import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    ChangePolicy,
    CreateFunction,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateView,
    Drop,
    DropColumn,
    DropConstraint,
    DropNotNull,
    NoEffect,
    Rename,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    SetNotNull,
    Step,
)

DUPLICATES = frozenset(
    {
        "duplicate_alias",
        "duplicate_column",
        "duplicate_function",
        "duplicate_object",
        "duplicate_schema",
        "duplicate_table",
    }
)
"""That something is there already."""

_CONDITIONS = {
    "dependent-objects": "dependent_objects_still_exist",
    "unknown-column": "undefined_column",
    "unknown-constraint": "undefined_object",
    "unknown-domain": "undefined_object",
    "unknown-enum": "undefined_object",
    "unknown-enum-value": "invalid_parameter_value",
    "unknown-materialized-view": "undefined_table",
    "unknown-policy": "undefined_object",
    "unknown-schema": "invalid_schema_name",
    "unknown-sequence": "undefined_table",
    "unknown-table": "undefined_table",
    "unknown-trigger": "undefined_object",
    "unknown-type": "undefined_object",
    "unknown-view": "undefined_table",
}

CONDITIONS = DUPLICATES | frozenset(_CONDITIONS.values())
"""The conditions of PL/pgSQL that what a schema holds decides alone."""


def only_names(step: Step) -> bool:
    """Whether the step is about things by their names alone, so that the model knows what it would miss."""
    match step:
        case NoEffect(what=what):
            return what == "RAISE"
        case Drop(kind=kind) | Rename(kind=kind):
            return kind in (Kind.TABLE, Kind.VIEW, Kind.INDEX, Kind.SEQUENCE, Kind.TYPE)
        case _:
            return isinstance(step, _BY_NAME)


_BY_NAME = (
    AddEnumValue,
    ChangePolicy,
    DropColumn,
    DropConstraint,
    DropNotNull,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    SetNotNull,
)


def raised(schema: Schema, step: Step, refusal: Diagnostic) -> frozenset[str] | None:
    """The condition that PostgreSQL raises, among these, where the step is refused so; None: not known."""
    if not refusal.is_error:
        return None
    if refusal.code == "duplicate-object":
        return _duplicate(step)
    if refusal.code == "unknown-index":
        return frozenset({"undefined_object" if isinstance(step, Drop) else "undefined_table"})
    named = getattr(step, "table", None) or getattr(step, "name", None) or getattr(step, "enum", None)
    if isinstance(named, Name) and named.schema not in (None, *schema.schemas):
        return frozenset({"invalid_schema_name"})
    condition = _CONDITIONS.get(refusal.code)
    return None if condition is None else frozenset({condition})


def _duplicate(step: Step) -> frozenset[str]:
    match step:
        case AddColumn() | RenameColumn():
            return frozenset({"duplicate_column"})
        case CreateTable() | CreateIndex() | CreateSequence() | CreateView():
            return frozenset({"duplicate_table"})
        case Rename(kind=Kind.TABLE | Kind.VIEW | Kind.INDEX | Kind.SEQUENCE):
            return frozenset({"duplicate_table"})
        case CreateSchema() | Rename(kind=Kind.SCHEMA):
            return frozenset({"duplicate_schema"})
        case CreateFunction():
            return frozenset({"duplicate_function"})
        case AddConstraint(constraint=PrimaryKey()):
            return frozenset({"duplicate_object", "duplicate_table", "invalid_table_definition"})
        case AddConstraint(constraint=Unique()) | RenameConstraint():
            return frozenset({"duplicate_object", "duplicate_table"})
        case _:
            return frozenset({"duplicate_object"})
