"""Defines the steps that write rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rung.diagnostics import Span
from rung.migrations.expressions import Expression
from rung.migrations.schema import Name


@dataclass(frozen=True, slots=True)
class Assignment:
    column: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT. `columns` is empty where none were written (then all, in order).

    `rows` is None where a query gives them, or more than a thousand are listed. An item None in a row is
    DEFAULT. `conflict` is None without ON CONFLICT; `target` are the columns of the key that it is about, or
    the name of its constraint (None: any key; a column that is an expression is empty). `overriding` where
    values may be given for an identity that is always generated.
    """

    span: Span
    table: Name
    columns: tuple[str, ...]
    rows: tuple[tuple[Expression | None, ...], ...] | None
    conflict: Literal["nothing", "update"] | None = None
    target: tuple[str, ...] | str | None = None
    overriding: bool = False


@dataclass(frozen=True, slots=True)
class JoinedTable:
    """A table that a statement joins, and what it is called there; `optional` where none of its rows need be
    found."""

    alias: str
    table: Name
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """UPDATE. `where` is None for all rows. `alias` is the name the table goes by.

    `joined` are the tables that FROM brings in: the assignments and `where` may then refer to them, to those
    in `sources` by their own columns. `computes` says that FROM itself does what may fail.
    """

    span: Span
    table: Name
    assignments: tuple[Assignment, ...]
    where: Expression | None
    alias: str | None = None
    joined: tuple[Name, ...] = ()
    sources: tuple[JoinedTable, ...] = ()
    computes: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE; as `Update` for `where`, `alias` and what is joined (USING)."""

    span: Span
    table: Name
    where: Expression | None
    alias: str | None = None
    joined: tuple[Name, ...] = ()
    sources: tuple[JoinedTable, ...] = ()
    computes: bool = False


@dataclass(frozen=True, slots=True)
class Truncate:
    """TRUNCATE of one table. `together` are the tables that the same statement empties."""

    span: Span
    table: Name
    cascade: bool = False
    together: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """COPY … FROM: rows of unknown values."""

    span: Span
    table: Name
    columns: tuple[str, ...]
