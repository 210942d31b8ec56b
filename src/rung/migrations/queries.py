"""Defines what a version of the code does to the database: `Queries`, each `Query` with what it uses.

Without queries, code may use everything in its own schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rung.diagnostics import Span
from rung.migrations.expressions import Expression, SqlType
from rung.migrations.schema import Name, Schema


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

    `constraints` are those that ON CONFLICT names, `shaped` the relations whose columns must be exactly those
    that they were. `opaque` says why the query is not understood; it then may do anything.
    """

    name: str
    text: str
    span: Span
    uses: tuple[tuple[Name, frozenset[str] | None], ...] = ()
    writes: tuple[Write, ...] = ()
    deletes: tuple[Name, ...] = ()
    types: tuple[SqlType, ...] = ()
    functions: tuple[Name, ...] = ()
    constraints: tuple[tuple[Name, str], ...] = ()
    shaped: tuple[Name, ...] = ()
    opaque: str | None = None

    def may_do_anything(self, schema: Schema) -> bool:
        """Whether what it does is not known: it is not understood, or calls a function of the schema's."""
        called = {name.name for name in self.functions}
        return self.opaque is not None or any(name.name in called for name in schema.functions)


@dataclass(frozen=True, slots=True)
class Queries:
    """All the queries of a version of the code."""

    queries: tuple[Query, ...] = field(default=())
