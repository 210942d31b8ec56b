"""Defines the steps that make and change tables: columns, constraints, partitions, policies, triggers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from rung.diagnostics import Span
from rung.migrations.expressions import Expression, SqlType
from rung.migrations.schema import Bound, Column, Constraint, Identity, Name, NotNull, Table

LikeOption = Literal["comments", "compression", "constraints", "defaults", "generated", "identity", "indexes"]


@dataclass(frozen=True, slots=True)
class Like:
    """`LIKE table INCLUDING …` in CREATE TABLE, at `position` among the columns written."""

    table: Name
    options: frozenset[LikeOption]
    position: int


class Reference(NamedTuple):
    """A column that a query names: None for all columns, empty for the relation alone.

    It is of a relation in the first group of `candidates` that has one with such a column.
    """

    column: str | None
    candidates: tuple[tuple[Name, ...], ...]


class Output(NamedTuple):
    """A column that a query gives: its type, or the column it is from; neither where it is not known.

    `name` is None for all the columns of the relation in `source`. `computed` where a call gives the
    value: it then has the type of its source without the modifiers.
    """

    name: str | None
    type: SqlType | None
    source: Reference | None = None
    computed: bool = False


Limits = tuple[tuple[Expression | None, ...], ...]
"""The values that bound a partition, each for a key of its table; None for MINVALUE and MAXVALUE."""


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE TABLE. `table` is as written: parents' columns and copied ones are added by `apply`.

    `serials` are the columns written as serial: `apply` makes their sequences and defaults.
    `outputs` are the columns of the query of CREATE TABLE AS; `columns_known` is False where it is not
    known which they are, and `reads` the relations it reads. `filled` where the query's rows go in.
    `computed` are the expressions that partitions are made by, `limits` those that bound this partition.
    """

    span: Span
    table: Table
    if_not_exists: bool = False
    serials: tuple[str, ...] = ()
    likes: tuple[Like, ...] = ()
    of_type: Name | None = None
    outputs: tuple[Output, ...] | None = None
    reads: tuple[Name, ...] = ()
    columns_known: bool = True
    filled: bool = False
    computed: tuple[Expression, ...] = ()
    limits: Limits = ()


@dataclass(frozen=True, slots=True)
class AddColumn:
    """ADD COLUMN; `constraints` are those written with the column (a foreign key, a check).

    `serial` where the type was written as serial: `apply` makes its sequence and default.
    """

    span: Span
    table: Name
    column: Column
    constraints: tuple[Constraint, ...] = ()
    serial: bool = False
    if_not_exists: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropColumn:
    span: Span
    table: Name
    column: str
    missing_ok: bool = False
    cascade: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameColumn:
    span: Span
    table: Name
    column: str
    new_name: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AlterColumnType:
    """ALTER COLUMN TYPE; `using` is None where the assignment cast converts the values."""

    span: Span
    table: Name
    column: str
    type: SqlType
    using: Expression | None = None
    collation: Name | None = None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetDefault:
    """SET DEFAULT, or DROP DEFAULT where `default` is None."""

    span: Span
    table: Name
    column: str
    default: Expression | None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetNotNull:
    """SET NOT NULL, or ADD CONSTRAINT … NOT NULL column (which may be NOT VALID)."""

    span: Span
    table: Name
    column: str
    not_null: NotNull
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropNotNull:
    span: Span
    table: Name
    column: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetIdentity:
    """ADD GENERATED … AS IDENTITY (`adds`) or SET GENERATED; DROP IDENTITY where `identity` is None."""

    span: Span
    table: Name
    column: str
    identity: Identity | None
    missing_ok: bool = False
    if_exists: bool = False
    adds: bool = False


@dataclass(frozen=True, slots=True)
class SetExpression:
    """SET EXPRESSION of a generated column; DROP EXPRESSION where `expression` is None."""

    span: Span
    table: Name
    column: str
    expression: Expression | None
    missing_ok: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """ADD CONSTRAINT. `using_index` names the index that becomes the constraint's own."""

    span: Span
    table: Name
    constraint: Constraint
    using_index: str | None = None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropConstraint:
    span: Span
    table: Name
    constraint: str
    missing_ok: bool = False
    cascade: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class ValidateConstraint:
    span: Span
    table: Name
    constraint: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AlterConstraint:
    """ALTER CONSTRAINT: None leaves a property as it is."""

    span: Span
    table: Name
    constraint: str
    deferrable: bool | None = None
    enforced: bool | None = None
    no_inherit: bool | None = None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameConstraint:
    span: Span
    table: Name
    constraint: str
    new_name: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AttachPartition:
    span: Span
    table: Name
    partition: Name
    bounds: str
    limits: Limits = ()
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class DetachPartition:
    span: Span
    table: Name
    partition: Name
    concurrently: bool = False


@dataclass(frozen=True, slots=True)
class SetInherit:
    """INHERIT parent, or NO INHERIT parent where `inherit` is False."""

    span: Span
    table: Name
    parent: Name
    inherit: bool


@dataclass(frozen=True, slots=True)
class SetRowSecurity:
    span: Span
    table: Name
    enabled: bool


class Demand(NamedTuple):
    """A condition of a policy as written: the columns that it names, and the functions that it calls."""

    references: tuple[Reference, ...]
    calls: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class ChangePolicy:
    """What CREATE, ALTER or DROP POLICY makes of the policies of a table: what it does to those who may no
    longer read or write is said by a `NoEffect` beside it."""

    span: Span
    table: Name
    policy: str
    action: Literal["create", "alter", "drop", "rename"]
    seen: Demand | None = None
    written: Demand | None = None
    new_name: str = ""
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetTriggers:
    """ENABLE or DISABLE TRIGGER; `trigger` is None for ALL or USER."""

    span: Span
    table: Name
    trigger: str | None
    enabled: bool
