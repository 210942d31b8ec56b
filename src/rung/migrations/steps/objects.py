"""Defines the steps that make and change indexes, types, views, functions and what may be of any kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rung.diagnostics import Span
from rung.migrations.expressions import Expression, SqlType
from rung.migrations.schema import (
    Check,
    Domain,
    EnumType,
    Function,
    Index,
    Kind,
    Name,
    NotNull,
    Sequence,
    Trigger,
    UserType,
    View,
)
from rung.migrations.steps.tables import Output, Reference


@dataclass(frozen=True, slots=True)
class Drop:
    """DROP of one object. `arguments` are a function's (None: not given); `table` a trigger's.

    `together` are the objects that the same statement drops: they do not hold each other back.
    """

    span: Span
    kind: Kind
    name: Name
    if_exists: bool = False
    cascade: bool = False
    concurrently: bool = False
    arguments: tuple[SqlType, ...] | None = None
    table: Name | None = None
    together: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Rename:
    """ALTER … RENAME TO of a whole object; `table` for a trigger."""

    span: Span
    kind: Kind
    name: Name
    new_name: str
    if_exists: bool = False
    table: Name | None = None


@dataclass(frozen=True, slots=True)
class SetSchema:
    span: Span
    kind: Kind
    name: Name
    new_schema: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateIndex:
    span: Span
    table: Name
    index: Index
    if_not_exists: bool = False
    concurrently: bool = False


@dataclass(frozen=True, slots=True)
class CreateTrigger:
    span: Span
    table: Name
    trigger: Trigger
    or_replace: bool = False


@dataclass(frozen=True, slots=True)
class CreateEnum:
    """CREATE TYPE … AS ENUM. `if_not_exists` where a DO block swallows the duplicate."""

    span: Span
    enum: EnumType
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddEnumValue:
    """ADD VALUE, after the last one unless `before` or `after` names another."""

    span: Span
    enum: Name
    value: str
    if_not_exists: bool = False
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class RenameEnumValue:
    span: Span
    enum: Name
    value: str
    new_value: str


@dataclass(frozen=True, slots=True)
class CreateDomain:
    span: Span
    domain: Domain


@dataclass(frozen=True, slots=True)
class AlterDomain:
    """One ALTER DOMAIN action, with what it sets, adds, or names."""

    span: Span
    domain: Name
    action: Literal[
        "set default", "set not null", "drop not null", "add check", "drop constraint", "validate", "rename"
    ]
    default: Expression | None = None
    not_null: NotNull | None = None
    check: Check | None = None
    constraint: str = ""
    new_name: str = ""
    missing_ok: bool = False


@dataclass(frozen=True, slots=True)
class CreateType:
    span: Span
    type: UserType


@dataclass(frozen=True, slots=True)
class CreateSequence:
    span: Span
    sequence: Sequence
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class AlterSequence:
    """AS type or OWNED BY; None leaves it. `owner` of an empty column name is OWNED BY NONE."""

    span: Span
    sequence: Name
    type: SqlType | None = None
    owner: tuple[Name, str] | None = None
    settings: tuple[str, ...] = ()
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE VIEW. `apply` fills in what the view uses, and its columns, from what its query names."""

    span: Span
    view: View
    references: tuple[Reference, ...] = ()
    outputs: tuple[Output, ...] | None = None
    or_replace: bool = False
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateFunction:
    """`defaults` are those of its arguments, with their types."""

    span: Span
    function: Function
    or_replace: bool = False
    defaults: tuple[tuple[SqlType, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class CreateSchema:
    span: Span
    name: str
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateExtension:
    span: Span
    name: str
    schema: str | None = None
    if_not_exists: bool = False
