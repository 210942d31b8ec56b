"""Defines what a query names: `query_references`, each column with the relations that it could belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rung.migrations.dialects.postgres_expressions import column_reference
from rung.migrations.dialects.postgres_parser import node_of, parts_of, pb
from rung.migrations.dialects.postgres_types import relation, words
from rung.migrations.schema import Name
from rung.migrations.steps import Reference


@dataclass(frozen=True, slots=True)
class _Scope:
    """The relations of one FROM, by the names they go by there; what is not a table is None."""

    sources: Mapping[str, Name | None]
    outer: _Scope | None
    ctes: frozenset[str]

    def chain(self) -> Iterator[_Scope]:
        scope: _Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def named(self, alias: str) -> Name | None:
        """The relation that goes by this name, innermost first."""
        return next((scope.sources[alias] for scope in self.chain() if alias in scope.sources), None)

    def groups(self) -> tuple[tuple[Name, ...], ...]:
        return tuple(tuple(filter(None, scope.sources.values())) for scope in self.chain())


def query_references(query: pb.Node) -> tuple[Reference, ...]:
    """What a query names, without repetition: a relation that it reads has a reference at least to itself."""
    _, statement = node_of(query)
    found: dict[Reference, None] = {}
    for reference in _references(statement, None, frozenset()):
        found[reference] = None
    return tuple(found)


def _references(message: Any, scope: _Scope | None, ctes: frozenset[str]) -> Iterator[Reference]:
    """The references in a message, up to the queries inside it, which have scopes of their own."""
    match message.DESCRIPTOR.name:
        case "SelectStmt":
            yield from _select(message, scope, ctes)
            return
        case "ColumnRef" if scope is not None:
            yield from _column(message, scope)
        case "JoinExpr" if scope is not None:
            columns: list[str | None] = [*words(message.using_clause)]
            for name in filter(None, scope.sources.values()):
                yield from (
                    Reference(column, ((name,),)) for column in (columns + [None] * message.is_natural)
                )
    for part in parts_of(message):
        yield from _references(part, scope, ctes)


def _select(statement: Any, outer: _Scope | None, ctes: frozenset[str]) -> Iterator[Reference]:
    if statement.HasField("with_clause"):
        names = {node.common_table_expr.ctename for node in statement.with_clause.ctes}
        ctes = ctes | names
        for node in statement.with_clause.ctes:
            yield from _references(node.common_table_expr.ctequery, outer, ctes)
    if statement.op != pb.SETOP_NONE:
        yield from _select(statement.larg, outer, ctes)
        yield from _select(statement.rarg, outer, ctes)
        return
    scope = _Scope(dict(_sources(statement.from_clause, ctes)), outer, ctes)
    for name in filter(None, scope.sources.values()):
        yield Reference("", ((name,),))
    for part in parts_of(statement):
        if part.DESCRIPTOR.name != "WithClause":
            yield from _references(part, scope, ctes)


def _sources(nodes: Iterable[pb.Node], ctes: frozenset[str]) -> Iterator[tuple[str, Name | None]]:
    """The names in a FROM clause with the tables they stand for."""
    for node in nodes:
        kind, message = node_of(node)
        match kind:
            case "range_var":
                name = relation(message)
                alias = message.alias.aliasname if message.HasField("alias") else name.name
                yield alias, None if name.schema is None and name.name in ctes else name
            case "join_expr":
                yield from _sources((message.larg, message.rarg), ctes)
            case "range_subselect" | "range_function" | "range_table_func":
                yield message.alias.aliasname, None
            case "range_table_sample":
                yield from _sources((message.relation,), ctes)


def _column(message: Any, scope: _Scope) -> Iterator[Reference]:
    reference = column_reference(message)
    if reference is None:
        qualifier = words(message.fields)
        targets = [scope.named(qualifier[-1])] if qualifier else scope.sources.values()
        yield from (Reference(None, ((name,),)) for name in targets if name is not None)
    elif reference.table is not None:
        name = scope.named(reference.table)
        if name is not None:
            yield Reference(reference.name, ((name,),))
    else:
        yield Reference(reference.name, scope.groups())
        # `SELECT t FROM t`: the whole row
        row = scope.named(reference.name)
        if row is not None:
            yield Reference(None, ((row,),))
