"""Defines `query_scope`, `statement_scope` and `row_scope`: what a statement names, each name with the
relations in whose reach it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rung.migrations.dialects.postgres_columns import figured_name
from rung.migrations.dialects.postgres_expressions import expression
from rung.migrations.dialects.postgres_grouping import grouped, single
from rung.migrations.dialects.postgres_named import (
    collation_things,
    column_named,
    type_things,
    written_things,
)
from rung.migrations.dialects.postgres_parser import node_of, parts_of, pb
from rung.migrations.dialects.postgres_sources import aliased, function_source
from rung.migrations.dialects.postgres_types import relation, words
from rung.migrations.expressions import Expression, SqlType
from rung.migrations.scopes import Clauses, Named, Place, Scope, Sorted, Source, Thing

_Queries = Mapping[str, "Scope | tuple[str, ...] | None"]
"""What the names that a WITH gives stand for."""


@dataclass(slots=True)
class _Found:
    """What is named in one reach, and the queries inside."""

    queries: _Queries
    named: dict[Named, None] = field(default_factory=dict)
    among: dict[Named, None] = field(default_factory=dict)
    inner: list[Scope] = field(default_factory=list)
    beside: list[Scope] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    merged: set[str] = field(default_factory=set)
    things: dict[Thing, None] = field(default_factory=dict)
    natural: bool = False
    given: tuple[Expression | None, ...] = ()
    rows: tuple[tuple[Expression | None, ...], ...] = ()
    values: list[Expression] = field(default_factory=list)
    conditions: list[Expression] = field(default_factory=list)
    assigned: tuple[tuple[str, Expression], ...] = ()
    subqueries: list[tuple[int, Scope]] = field(default_factory=list)
    having: tuple[Expression, ...] = ()
    ordered: list[Sorted] = field(default_factory=list)
    limits: tuple[Expression, ...] = ()
    distinct: bool = False

    def scope(self, outputs: tuple[str | Named, ...] | None = None) -> Scope:
        return Scope(
            tuple(self.sources),
            tuple(self.named),
            tuple(self.among),
            tuple(self.inner),
            tuple(self.beside),
            None if self.natural else frozenset(self.merged),
            outputs,
            things=tuple(self.things),
            clauses=Clauses(
                self.given,
                self.rows,
                tuple(self.values),
                tuple(self.conditions),
                self.assigned,
                tuple(self.subqueries),
                self.having,
                tuple(self.ordered),
                self.limits,
                self.distinct,
            ),
        )

    def read(self, message: Any) -> None:
        """Adds what a message names, up to the queries inside it."""
        match message.DESCRIPTOR.name:
            case "ColumnRef":
                self.named[column_named(message)] = None
                return
            case "SelectStmt":
                self.inner.append(_select(message, self.queries))
                return
            case "SubLink":
                self.read(message.testexpr)
                query = _select(message.subselect.select_stmt, self.queries)
                self.inner.append(query)
                self.subqueries.append((message.location, query))
                return
            case "TypeName":
                self.things.update(dict.fromkeys(type_things(message)))
                return
            case "CollateClause":
                self.things.update(dict.fromkeys(collation_things(message.collname)))
            case "TypeCast":
                self.things.update(dict.fromkeys(written_things(message)))
            case "FuncCall":
                self.things.update(dict.fromkeys(written_things(message)))
                self._add_sorted("ORDER BY in a call", message.agg_order)
                if message.agg_distinct:
                    self._add_sorted("DISTINCT in a call", message.args)
                if message.HasField("agg_filter"):
                    self.conditions.append(expression(message.agg_filter))
            case "WindowDef":
                self._add_sorted("PARTITION BY", message.partition_clause)
                self._add_sorted("ORDER BY in a call", message.order_clause)
        for part in parts_of(message):
            self.read(part)

    def read_all(self, nodes: Iterable[pb.Node]) -> None:
        for node in nodes:
            if node.WhichOneof("node") != "a_const":
                self.read(node)

    def read_condition(self, node: pb.Node) -> None:
        self.read(node)
        self.conditions.append(expression(node))

    def _add_sorted(self, place: Place, nodes: Iterable[pb.Node]) -> None:
        for node in nodes:
            sorted_by = node.sort_by.node if node.HasField("sort_by") else node
            self.ordered.append(Sorted(place, expression(sorted_by)))

    def read_among(self, place: Place, nodes: Iterable[pb.Node]) -> None:
        """Adds what is named where a name may be that of an output."""
        for node in nodes:
            kind, message = node_of(node)
            if kind == "grouping_set":
                self.read_among(place, message.content)
                continue
            if kind == "sort_by":
                kind, message = node_of(message.node)
            if kind == "column_ref":
                self.among[column_named(message)] = None
            elif kind:
                self.read(message)
            if kind:
                self._add_sorted(place, [node])

    def add(self, node: pb.Node) -> list[Source]:
        """Adds an item of FROM; the answer is the relations in it."""
        kind, message = node_of(node)
        match kind:
            case "range_var":
                found = [_relation(message, self.queries)]
            case "join_expr":
                return self._add_join(message)
            case "range_subselect":
                query = _select(message.subquery.select_stmt, self.queries)
                (self.inner if message.lateral else self.beside).append(query)
                found = [aliased(message.alias, query)]
            case "range_function":
                self.read_all(message.functions)
                self.values += [expression(each.list.items[0]) for each in message.functions]
                found = [function_source(message)]
            case "range_table_sample":
                self.read_all(message.args)
                return self.add(message.relation)
            case _:
                self.read(message)
                found = [aliased(message.alias, None) if hasattr(message, "alias") else Source("", None)]
        self.sources += found
        return found

    def _add_join(self, message: Any) -> list[Source]:
        left, right = self.add(message.larg), self.add(message.rarg)
        both = [*left, *right]
        if message.is_natural:
            self.natural = True
        for column in words(message.using_clause):
            # a column that an earlier USING made one is still one
            for side in (left, right):
                self.beside.append(Scope(tuple(side), (Named(column),), merged=frozenset(self.merged)))
            self.merged.add(column)
        if message.HasField("quals"):
            quals = _Found(self.queries)
            quals.read_condition(message.quals)
            quals.sources, quals.merged, quals.natural = both, self.merged, self.natural
            self.beside.append(quals.scope())
        for alias in ("alias", "join_using_alias"):
            if message.HasField(alias):
                self.sources.append(Source(getattr(message, alias).aliasname, None, qualified=True))
        return both


def _relation(message: pb.RangeVar, queries: _Queries) -> Source:
    name = relation(message)
    if name.schema is None and name.name in queries:
        return aliased(message.alias, queries[name.name], name.name)
    return aliased(message.alias, name, name.name)


def query_scope(query: pb.Node) -> Scope:
    """What a query names."""
    _, statement = node_of(query)
    return _statement(statement, {})


def statement_scope(statement: Any) -> Scope:
    """What a SELECT, INSERT, UPDATE or DELETE names."""
    return _statement(statement, {})


def row_scope(sources: Iterable[Source], *nodes: Any) -> Scope:
    """What expressions name that see the columns of `sources`."""
    found = _Found({}, sources=list(sources))
    for node in nodes:
        found.read(node)
    return found.scope()


def condition_scope(sources: Iterable[Source], *nodes: pb.Node) -> Scope:
    """What conditions name that see the columns of `sources`."""
    found = _Found({}, sources=list(sources))
    for node in nodes:
        found.read_condition(node)
    return found.scope()


def body_scope(
    name: str, parameters: Iterable[tuple[str, SqlType]], statements: Iterable[Any]
) -> Scope | None:
    """What a function's body names, which sees its parameters; None where it does more than that tells."""
    found = list(statements)
    kinds = {"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "ReturnStmt"}
    if any(each.DESCRIPTOR.name not in kinds for each in found):
        return None
    known = [each for each in parameters if each[0]]
    names, types = tuple(each for each, _ in known), tuple(type_ for _, type_ in known)
    # a parameter may have parts
    rows = tuple(Source(each, None, qualified=True) for each in names if each != name)
    seen = Source(name, names, types=types)
    return Scope((seen, *rows), inner=tuple(_statement(each, {}) for each in found))


def _statement(statement: Any, queries: _Queries) -> Scope:
    match statement.DESCRIPTOR.name:
        case "SelectStmt":
            return _select(statement, queries)
        case "InsertStmt":
            return _insert(statement, queries)
        case "UpdateStmt" | "DeleteStmt":
            return _changed(statement, queries)
        case "ReturnStmt":
            found = _Found(queries, given=(expression(statement.returnval),))
            found.read(statement.returnval)
            return found.scope(("",))
        case _:
            return Scope()


def _with(statement: Any, queries: _Queries) -> tuple[_Queries, list[Scope]]:
    """The names that a statement's WITH gives, added to the others, and its queries."""
    known, found = dict(queries), []
    for node in statement.with_clause.ctes:
        part = node.common_table_expr
        _, query = node_of(part.ctequery)
        names = tuple(words(part.aliascolnames))
        extended = part.HasField("search_clause") or part.HasField("cycle_clause")
        if statement.with_clause.recursive:
            # those that come later may be named as well
            later = {each.common_table_expr.ctename: None for each in statement.with_clause.ctes}
            within: dict[str, Any] = {**later, **known}
            within[part.ctename] = None
            if query.DESCRIPTOR.name == "SelectStmt" and query.op != pb.SETOP_NONE and not extended:
                within[part.ctename] = _renamed(_select(query.larg, within), names)
            scope = _statement(query, within)
        else:
            scope = _statement(query, known)
        found.append(scope)
        known[part.ctename] = None if extended else _renamed(scope, names)
    return known, found


def _renamed(scope: Scope, names: tuple[str, ...]) -> Scope:
    """The query with its first columns under other names."""
    if not names:
        return scope
    return Scope((Source("", scope, names),), outputs=(Named(None),))


def _select(statement: Any, queries: _Queries) -> Scope:
    queries, beside = _with(statement, queries)
    found = _Found(queries, beside=beside)
    if statement.op != pb.SETOP_NONE:
        left, right = _select(statement.larg, queries), _select(statement.rarg, queries)
        found.beside += (left, right)
        found.sources.append(Source("", left))
        found.distinct = statement.op != pb.SETOP_UNION or not statement.all
        found.read_among("ORDER BY", statement.sort_clause)
        return replace(found.scope((Named(None),)), paired=(left, right))
    for node in statement.from_clause:
        found.add(node)
    if statement.values_lists:
        for row in statement.values_lists:
            found.read_all(row.list.items)
        found.rows = tuple(tuple(map(_row_value, row.list.items)) for row in statement.values_lists)
        width = len(statement.values_lists[0].list.items)
        return found.scope(tuple(f"column{at}" for at in range(1, width + 1)))
    found.read_all(statement.target_list)
    found.given = _given(statement.target_list)
    if statement.HasField("where_clause"):
        found.read_condition(statement.where_clause)
    if statement.HasField("having_clause"):
        found.read(statement.having_clause)
        found.having = (expression(statement.having_clause),)
    found.read_all(statement.window_clause)
    found.read_among("GROUP BY", statement.group_clause)
    found.read_among("ORDER BY", statement.sort_clause)
    found.read_among("DISTINCT ON", statement.distinct_clause)
    # plain DISTINCT is of nothing
    found.distinct = any(not node_of(node)[0] for node in statement.distinct_clause)
    limits = _Found(queries)
    for part in ("limit_count", "limit_offset"):
        if statement.HasField(part):
            node = getattr(statement, part)
            limits.read(node)
            limits.limits += () if node.a_const.HasField("ival") else (expression(node),)
    if limits.limits or limits.named or limits.inner or limits.things:
        found.beside.append(limits.scope())
    scope = found.scope(_outputs(statement.target_list))
    groups = grouped(statement)
    if groups is None:
        return scope
    return replace(scope, grouped=groups, single=tuple(single(statement)))


def _row_value(node: pb.Node) -> Expression | None:
    return None if node_of(node)[0] == "set_to_default" else expression(node)


def _given(targets: Iterable[pb.Node]) -> tuple[Expression | None, ...]:
    """What a query gives, None for a `*`."""
    return tuple(
        None if _is_star(node.res_target.val) else expression(node.res_target.val) for node in targets
    )


def _is_star(node: pb.Node) -> bool:
    kind, message = node_of(node)
    return kind == "column_ref" and column_named(message).column is None


def _assigned(targets: Iterable[pb.Node]) -> tuple[tuple[str, Expression], ...]:
    """What whole columns are set to, each by itself."""
    return tuple(
        (node.res_target.name, expression(node.res_target.val))
        for node in targets
        if not node.res_target.indirection
        and node_of(node.res_target.val)[0] not in ("multi_assign_ref", "set_to_default")
    )


def _outputs(targets: Iterable[pb.Node]) -> tuple[str | Named, ...] | None:
    found: list[str | Named] = []
    for node in targets:
        target = node.res_target
        kind, message = node_of(target.val)
        if kind == "column_ref" and (named := column_named(message)).column is None:
            found.append(named)
        elif kind == "a_indirection" and len(words(message.indirection)) < len(message.indirection):
            # `(x).*`: the columns of a composite; `x[1]` is one column, named as x is
            if any(node_of(part)[0] == "a_star" for part in message.indirection):
                return None
            found.append(target.name or figured_name(target.val) or "?column?")
        else:
            found.append(target.name or figured_name(target.val) or "?column?")
    return tuple(found)


def _target(statement: Any) -> Source:
    name = relation(statement.relation)
    return aliased(statement.relation.alias, name, name.name)


def _returning(statement: Any, found: _Found) -> tuple[str | Named, ...] | None:
    """Adds what RETURNING names; the answer is the columns that it gives."""
    if not statement.HasField("returning_clause"):
        return ()
    clause = statement.returning_clause
    target = _target(statement)
    versions = [Source(name, target.of, qualified=True) for name in ("old", "new")]
    versions += [Source(node.returning_option.value, target.of, qualified=True) for node in clause.options]
    returned = _Found(found.queries, sources=[*found.sources, *versions])
    returned.merged, returned.natural = found.merged, found.natural
    returned.read_all(clause.exprs)
    found.given = _given(clause.exprs)
    returned.values += [each for each in found.given if each is not None]
    found.beside.append(returned.scope())
    return _outputs(clause.exprs)


def _insert(statement: pb.InsertStmt, queries: _Queries) -> Scope:
    queries, beside = _with(statement, queries)
    target = _target(statement)
    found = _Found(queries, beside=beside, sources=[target])
    filling: tuple[Scope, ...] = ()
    if node_of(statement.select_stmt)[0]:
        given = _select(statement.select_stmt.select_stmt, queries)
        found.beside.append(given)
        filling = (given,)
    clause = statement.on_conflict_clause
    if clause.HasField("infer"):
        found.read(clause.infer)
        for node in clause.infer.index_elems:
            if node.index_elem.name:
                found.named[Named(node.index_elem.name)] = None
    if clause.target_list or clause.HasField("where_clause"):
        update = _Found(queries, sources=[target, Source("excluded", target.of)])
        update.read_all(clause.target_list)
        update.assigned = _assigned(clause.target_list)
        if clause.HasField("where_clause"):
            update.read_condition(clause.where_clause)
        found.beside.append(update.scope())
    outputs = _returning(statement, found)
    return replace(found.scope(outputs), paired=filling)


def _changed(statement: Any, queries: _Queries) -> Scope:
    """UPDATE and DELETE: what they name sees the target and the tables that are joined to it."""
    queries, beside = _with(statement, queries)
    found = _Found(queries, beside=beside, sources=[_target(statement)])
    update = statement.DESCRIPTOR.name == "UpdateStmt"
    for node in statement.from_clause if update else statement.using_clause:
        found.add(node)
    if update:
        found.read_all(statement.target_list)
        found.assigned = _assigned(statement.target_list)
    if statement.HasField("where_clause"):
        found.read_condition(statement.where_clause)
    return found.scope(_returning(statement, found))
