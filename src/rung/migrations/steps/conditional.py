"""Defines the steps that are others, or none, by what the schema holds, and the word that one is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rung.diagnostics import Span
from rung.migrations.expressions import SqlType
from rung.migrations.schema import Name
from rung.migrations.scopes import Scope, Thing

if TYPE_CHECKING:
    from rung.migrations.steps import Step


@dataclass(frozen=True, slots=True)
class Calls:
    """That the statement calls `functions` that are not PostgreSQL's own, each with what it is given: the
    name, where that may be a row, since `f(t)` may be the column `f` of `t`."""

    span: Span
    functions: tuple[tuple[Name, str | None], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT that changes nothing: the relations that it `reads` must be there."""

    span: Span
    reads: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Requires:
    """What must be there for a statement to pass, and none of its other steps says.

    `scope` is what its query names. `named` are the names that it gives to the first of the query's columns,
    which must then all differ; `fills` the table that they go into, and its columns as they are listed. Of a
    function's body, `returns` are the types of the columns that it is to give.
    """

    span: Span
    things: tuple[Thing, ...] = ()
    scope: Scope | None = None
    named: tuple[str, ...] | None = None
    fills: tuple[Name, tuple[str, ...]] | None = None
    returns: tuple[SqlType, ...] | None = None


CURRENT_SCHEMA = Name(None, "")
"""What `current_schema()` answers."""


class CatalogHas(NamedTuple):
    """Whether a catalog (`pg_type`, `information_schema.columns`) has a row with these values.

    A column of a catalog to which it refers is written after the key: `conrelid.relname`. What a key itself
    is compared with (`'t'::regclass`) is a name as written; the server fails where there is no such thing.
    """

    catalog: str
    where: tuple[tuple[str, str | Name], ...]


@dataclass(frozen=True, slots=True)
class When:
    """IF in a block: `then` where each of `conditions` is as expected, else `otherwise`.

    `conditions` is None where it is not the catalog that decides.
    """

    span: Span
    conditions: tuple[tuple[CatalogHas, bool], ...] | None
    then: tuple[Step, ...]
    otherwise: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Handler:
    """What a block runs instead where one of `conditions` (`duplicate_object`) makes it fail."""

    conditions: frozenset[str]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A block with handlers of its failures: all that it did is undone before one runs."""

    span: Span
    steps: tuple[Step, ...]
    handlers: tuple[Handler, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """That the server refuses the step after this one whatever the rows are; `message` says why. The step
    is there all the same, for those who look at what it locks."""

    span: Span
    message: str
