"""Defines what a query names, as it is written: a `Scope`, the relations of one FROM with what is named under
them. Which of it is there is for `apply` to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from rung.migrations.expressions import Expression, SqlType
from rung.migrations.schema import Name


class Thing(NamedTuple):
    """Something that a statement names, by the word for its kind. `part` is the name of a column, trigger or
    constraint, `name` then its table's. `arguments` are a function's (None: not given)."""

    kind: str
    name: Name
    part: str | None = None
    arguments: tuple[SqlType, ...] | None = None


class Named(NamedTuple):
    """A column as named: `column` is None for `*`."""

    column: str | None
    table: str | None = None
    schema: str | None = None


class Source(NamedTuple):
    """An item of a FROM: a relation, a query, or columns; None where its columns are not known.

    `columns` are the names that an alias gives to the first of them. `qualified` where its columns are seen
    only under its alias. `types` are those of columns, where they are known.
    """

    alias: str
    of: Name | Scope | tuple[str, ...] | None
    columns: tuple[str, ...] = ()
    qualified: bool = False
    types: tuple[SqlType, ...] = ()


Place = Literal[
    "ORDER BY", "GROUP BY", "DISTINCT ON", "PARTITION BY", "ORDER BY in a call", "DISTINCT in a call"
]


class Sorted(NamedTuple):
    """An expression by which rows are sorted or told apart, and the clause that does. In those of the query
    itself a number means one of its outputs, and a name may."""

    place: Place
    value: Expression


class Clauses(NamedTuple):
    """The expressions of a query. `given` are what it gives, as many as its outputs, None for `*`.

    `rows` are those of VALUES, None for a default; `values` stand in FROM or RETURNING. `assigned` are what
    columns of the first item of FROM become. `subqueries` are the queries inside by where they are written.
    Where `distinct`, rows that are the same are one.
    """

    given: tuple[Expression | None, ...] = ()
    rows: tuple[tuple[Expression | None, ...], ...] = ()
    values: tuple[Expression, ...] = ()
    conditions: tuple[Expression, ...] = ()
    assigned: tuple[tuple[str, Expression], ...] = ()
    subqueries: tuple[tuple[int, Scope], ...] = ()
    having: tuple[Expression, ...] = ()
    ordered: tuple[Sorted, ...] = ()
    limits: tuple[Expression, ...] = ()
    distinct: bool = False


_NONE = Clauses()


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A query: its FROM, what is named there (`among` may be the query's own outputs too), what it gives.

    `inner` are the queries inside that see its FROM, `beside` those that see only what it sees itself.
    `merged` are the columns that joins make one (None: not known which). `outputs` is None where it is not
    known what the query gives. `paired` are the parts of a UNION, or what an INSERT is given; `things` are
    named besides. Where rows are grouped, by `grouped`, the columns in `single` need one value a group.
    """

    sources: tuple[Source, ...] = ()
    named: tuple[Named, ...] = ()
    among: tuple[Named, ...] = ()
    inner: tuple[Scope, ...] = ()
    beside: tuple[Scope, ...] = ()
    merged: frozenset[str] | None = frozenset()
    outputs: tuple[str | Named, ...] | None = None
    paired: tuple[Scope, ...] = ()
    things: tuple[Thing, ...] = ()
    grouped: tuple[Named, ...] | None = None
    single: tuple[Named, ...] = ()
    clauses: Clauses = _NONE
