"""Defines what a version of the code does to the database: `Queries`, each `Query` with what it uses.

Without queries, code may use everything in its own schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rung.diagnostics import Span
from rung.migrations.expressions import Expression, SqlType
from rung.migrations.schema import Name


@dataclass(frozen=True, slots=True)
class Write:
    """An INSERT or UPDATE: the columns that it names, each with its value (None: any value).

    A column of an INSERT that is not named gets its default; `*` stands for all columns. `conflict` are the
    columns of ON CONFLICT, which need a key of their own.
    """

    kind: Literal["insert", "update"]
    table: Name
    values: Mapping[str, Expression | None]
    conflict: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One query: which columns of which relations it names (None: all), what it writes and calls.

    `opaque` says why it is not understood; it then may do anything.
    """

    name: str
    text: str
    span: Span
    uses: tuple[tuple[Name, frozenset[str] | None], ...] = ()
    writes: tuple[Write, ...] = ()
    deletes: tuple[Name, ...] = ()
    types: tuple[SqlType, ...] = ()
    functions: tuple[Name, ...] = ()
    opaque: str | None = None


@dataclass(frozen=True, slots=True)
class Queries:
    """All the queries of a version of the code."""

    queries: tuple[Query, ...] = field(default=())
