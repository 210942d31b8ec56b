"""Defines what a step does with a table's rows while it holds its lock: read, index or rewrite them.

A table that is not known is taken to be as bad as it can be: nullable columns, no helpful constraint.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import Literal

from rung.migrations.apply.lookup import find
from rung.migrations.expressions import (
    And,
    Call,
    Cast,
    ColumnRef,
    Expression,
    IsNull,
    Opaque,
    SqlType,
    walk,
)
from rung.migrations.schema import (
    Check,
    Constraint,
    Exclusion,
    ForeignKey,
    Index,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from rung.migrations.steps import AddColumn, AddConstraint, AlterColumnType, SetNotNull

Work = Literal["none", "scan", "index build", "rewrite"]
"""From instant to slowest; a rewrite builds all indexes anew as well."""

_ORDER: tuple[Work, ...] = ("none", "scan", "index build", "rewrite")

# functions whose value within one statement is one value, so that it is stored once for all old rows
STABLE = frozenset(
    {
        "now",
        "current_timestamp",
        "current_date",
        "current_time",
        "localtime",
        "localtimestamp",
        "current_user",
        "session_user",
        "transaction_timestamp",
        "statement_timestamp",
    }
)
IMMUTABLE = frozenset(
    {
        "lower",
        "upper",
        "abs",
        "length",
        "char_length",
        "btrim",
        "concat",
        "coalesce",
        "nullif",
        "to_jsonb",
        "jsonb_build_object",
        "jsonb_build_array",
        "json_build_object",
        "json_build_array",
        "make_interval",
        "make_date",
        "timezone",
        "date_trunc",
        "date_part",
        "md5",
        "greatest",
        "least",
        "array",
    }
)
# casts that keep the stored bytes; a length is looked at apart
_SAME_BYTES = frozenset(
    {("varchar", "text"), ("text", "varchar"), ("cidr", "inet"), ("bit", "varbit"), ("xml", "text")}
)
_TEXT = ("varchar", "text")
_PRECISION = frozenset({"timestamp", "timestamptz", "time", "timetz", "interval"})


def worst(works: list[Work]) -> Work:
    return max(works, key=_ORDER.index, default="none")


def is_volatile(expression: Expression) -> bool:
    """Whether each row may get a value of its own. A function that is not known may be volatile."""
    for part in walk(expression):
        match part:
            case Call(name=name) if name not in STABLE and name not in IMMUTABLE:
                return True
            case Opaque(text=text) if "(" in text:
                return True
            case _:
                continue
    return False


def work_of_column(step: AddColumn, before: Schema) -> Work:
    """What ADD COLUMN does with the rows that are there."""
    column = step.column
    table = find(before.tables, before, step.table)
    if step.if_not_exists and table is not None and table.column(column.name) is not None:
        return "none"
    stored = column.generated is not None and column.generated.stored
    constrained_domain = any(
        name.name == column.type.name and (domain.checks or domain.not_null)
        for name, domain in before.domains.items()
        if column.type.schema is not None
    )
    if step.serial or column.identity or stored or constrained_domain:
        return "rewrite"
    if column.default is not None and is_volatile(column.default):
        return "rewrite"
    works: list[Work] = ["scan"] if column.not_null is not None and column.default is None else []
    for constraint in step.constraints:
        match constraint:
            case Check() if constraint.enforced:
                works.append("scan")
            case Unique() | PrimaryKey() | Exclusion():
                works.append("index build")
            case ForeignKey() if column.default is not None:
                # all old rows hold NULL otherwise, and none needs a look
                works.append("scan")
            case _:
                continue
    return worst(works)


def work_of_constraint(step: AddConstraint | SetNotNull, before: Schema) -> Work:
    """What a new constraint does with the rows that are there."""
    table = find(before.tables, before, step.table)
    if isinstance(step, SetNotNull):
        if not step.not_null.validated or is_never_null(table, step.column):
            return "none"
        return "scan"
    match step.constraint:
        case Check() | ForeignKey() as constraint:
            return "scan" if constraint.validated and constraint.enforced else "none"
        case PrimaryKey(columns=columns) if step.using_index is not None:
            return "none" if all(is_never_null(table, column) for column in columns) else "scan"
        case Unique() if step.using_index is not None:
            return "none"
        case _:
            return "index build"


def is_never_null(table: Table | None, name: str) -> bool:
    """Whether a column holds no NULL by a constraint that was checked for all rows."""
    if table is None:
        return False
    column = table.column(name)
    if column is not None and column.not_null is not None and column.not_null.validated:
        return True
    return any(
        _excludes_null(constraint.expression, name)
        for constraint in table.constraints
        if isinstance(constraint, Check) and constraint.validated and constraint.enforced
    )


def _excludes_null(expression: Expression, name: str) -> bool:
    match expression:
        case And(operands=operands):
            return any(_excludes_null(operand, name) for operand in operands)
        case IsNull(operand=ColumnRef(name=found), negated=True):
            return found == name
        case _:
            return False


def work_of_type(step: AlterColumnType, before: Schema, *, utc: bool = False) -> Work:
    """What ALTER COLUMN TYPE does: nothing where old values are stored as the new type stores them."""
    table = find(before.tables, before, step.table)
    column = table.column(step.column) if table is not None else None
    if table is None or column is None or not _is_plain(step):
        return "rewrite"
    only_in_utc = {column.type.name, step.type.name} == {"timestamp", "timestamptz"}
    old = replace(column.type, name=step.type.name) if only_in_utc else column.type
    if not keeps_bytes(old, step.type) or (only_in_utc and not utc):
        return "rewrite"
    works: list[Work] = []
    if any(_is_checked_again(found, step.column) for found in table.constraints):
        works.append("scan")
    collated = step.collation is not None and step.collation != column.collation
    if any(_is_built_again(index, step.column) for index in table.indexes) or (
        (collated or only_in_utc) and _is_indexed(table, step.column)
    ):
        works.append("index build")
    return worst(works)


def _is_checked_again(constraint: Constraint, column: str) -> bool:
    return (
        isinstance(constraint, Check)
        and constraint.validated
        and constraint.enforced
        and any(isinstance(part, ColumnRef) and part.name == column for part in walk(constraint.expression))
    )


def _is_plain(step: AlterColumnType) -> bool:
    """Whether the values are converted by a cast alone: no USING, or of the column itself."""
    match step.using:
        case None:
            return True
        case ColumnRef(name=name):
            return name == step.column
        case Cast(operand=ColumnRef(name=name), type=type_):
            return name == step.column and type_ == step.type
        case _:
            return False


def keeps_bytes(old: SqlType, new: SqlType) -> bool:
    """Whether every value of `old` is stored the same way in `new`, and fits."""
    if old == new:
        return True
    if old.array or new.array or old.schema is not None or new.schema is not None:
        return False
    if old.name in _TEXT and new.name in _TEXT:
        return not new.modifiers or (bool(old.modifiers) and old.modifiers[0] <= new.modifiers[0])
    if old.name != new.name:
        return (old.name, new.name) in _SAME_BYTES and not new.modifiers
    if old.name == "varbit":
        return not new.modifiers or (bool(old.modifiers) and old.modifiers[0] <= new.modifiers[0])
    if old.name == "numeric":
        return not new.modifiers or (
            len(old.modifiers) == len(new.modifiers) == 2
            and old.modifiers[1] == new.modifiers[1]
            and old.modifiers[0] <= new.modifiers[0]
        )
    if old.name in _PRECISION:
        return not new.modifiers or (bool(old.modifiers) and old.modifiers[0] <= new.modifiers[0])
    return False


def _is_built_again(index: Index, column: str) -> bool:
    """Whether an expression of the index reads the column: then it is not seen to mean the same as before."""
    read = [key.expression for key in index.keys if key.expression is not None]
    read += [index.where] if index.where is not None else []
    return any(
        isinstance(part, ColumnRef) and part.name == column for part in chain.from_iterable(map(walk, read))
    )


def _is_indexed(table: Table, name: str) -> bool:
    keys = [found.columns for found in table.constraints if isinstance(found, (Unique, PrimaryKey))]
    keys += [tuple(key.column or "" for key in index.keys) for index in table.indexes]
    return any(name in columns for columns in keys)
