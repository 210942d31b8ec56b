"""Defines `read_queries`: the code's own queries, in PostgreSQL's grammar, plain or annotated for sqlc.

`@name` and `sqlc.arg(name)` are parameters, `sqlc.embed(t)` is `t.*`. What a query names is taken widely: a
column without a table counts for each relation of its statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from rung.diagnostics import Diagnostic, Source
from rung.migrations.dialects.postgres_expressions import column_reference, expression
from rung.migrations.dialects.postgres_footprint import touched
from rung.migrations.dialects.postgres_parser import (
    Context,
    RawStatement,
    messages_in,
    node_of,
    pb,
    raw_statements,
)
from rung.migrations.dialects.postgres_types import relation, sql_type, words
from rung.migrations.expressions import Expression, SqlType
from rung.migrations.queries import Queries, Query, Write
from rung.migrations.schema import Name

_ANNOTATION = re.compile(r"^[ \t]*(?:--|/\*)[ \t]*name:[ \t]*(\w+)[ \t]+:\w+", re.MULTILINE)
_READABLE = frozenset({"select_stmt", "insert_stmt", "update_stmt", "delete_stmt"})
# They touch no table's rows or columns.
_INERT = frozenset(
    {
        "transaction_stmt",
        "variable_set_stmt",
        "variable_show_stmt",
        "listen_stmt",
        "notify_stmt",
        "unlisten_stmt",
    }
)


def read_queries(sources: Iterable[Source]) -> tuple[Queries, tuple[Diagnostic, ...]]:
    """The queries of the files, and the statements that do not parse."""
    found: list[Query] = []
    diagnostics: list[Diagnostic] = []
    for source in sources:
        names = [(match.end(), match[1]) for match in _ANNOTATION.finditer(source.text)]
        previous = 0
        for number, raw in enumerate(raw_statements(Context.of(source)), 1):
            start, end = raw.span.start, raw.span.end
            annotated = [name for at, name in names if previous <= at <= start]
            previous, text = end, source.text[start:end]
            if names and not annotated and isinstance(raw, RawStatement) and raw.kind not in _READABLE:
                # sqlc lets a file of queries carry the schema that they are for.
                continue
            name = annotated[-1] if annotated else f"query {number}"
            if isinstance(raw, RawStatement):
                found.append(_query(raw, name, text))
                continue
            hint = "the query was not read: it may use anything"
            diagnostics.append(Diagnostic("sql-syntax", raw.message, raw.at, hint))
            found.append(Query(name, text, raw.span, opaque="a query that does not parse"))
    return Queries(tuple(found)), tuple(diagnostics)


def _query(raw: RawStatement, name: str, text: str) -> Query:
    if raw.kind in _INERT:
        return Query(name, text, raw.span)
    kinds = {message.DESCRIPTOR.name for message in messages_in(raw.message)}
    if raw.kind not in _READABLE or "MergeStmt" in kinds:
        return Query(name, text, raw.span, opaque=f"a query of kind `{raw.kind.removesuffix('_stmt')}`")
    writes = [write for message in messages_in(raw.message) for write in _writes(message)]
    deletes = [
        relation(message.relation)
        for message in messages_in(raw.message)
        if message.DESCRIPTOR.name == "DeleteStmt"
    ]
    return Query(
        name,
        text,
        raw.span,
        tuple(_uses(raw.message).items()),
        tuple(writes),
        tuple(deletes),
        tuple(_types(raw.message)),
        tuple(call for call in touched(raw.message).calls if call.schema != "sqlc"),
        tuple(_conflict_constraints(raw.message)),
        tuple(touched(raw.message).relations) if _is_shaped(raw.message) else (),
    )


def _conflict_constraints(statement: Any) -> Iterator[tuple[Name, str]]:
    """The constraints that ON CONFLICT ON CONSTRAINT names."""
    for message in messages_in(statement):
        if message.DESCRIPTOR.name == "InsertStmt" and message.on_conflict_clause.infer.conname:
            yield relation(message.relation), message.on_conflict_clause.infer.conname


def _is_shaped(statement: Any) -> bool:
    """Whether another column would change its meaning: NATURAL, and `*` where columns must pair."""
    for message in messages_in(statement):
        match message.DESCRIPTOR.name:
            case "JoinExpr" if message.is_natural:
                return True
            case "InsertStmt" if message.HasField("select_stmt") and _has_star(message.select_stmt):
                return True
            case "SelectStmt" if message.op != pb.SETOP_NONE and _has_star(message):
                return True
            case _:
                continue
    return False


def _has_star(statement: Any) -> bool:
    """Whether there is a `*` among what the query gives; one of a call (`count(*)`) is none."""
    return any(
        node_of(node.res_target.val)[0] == "column_ref"
        and column_reference(node.res_target.val.column_ref) is None
        for message in messages_in(statement)
        if message.DESCRIPTOR.name == "SelectStmt"
        for node in message.target_list
    )


def _types(statement: Any) -> Iterator[SqlType]:
    for message in messages_in(statement):
        if message.DESCRIPTOR.name == "TypeName" and message.names:
            yield sql_type(message)


def _uses(statement: Any) -> dict[Name, frozenset[str] | None]:
    """Each relation with the columns that may be named of it; None for all."""
    relations = touched(statement).relations
    aliases: dict[str, set[Name]] = {}
    for message in messages_in(statement):
        if message.DESCRIPTOR.name == "RangeVar":
            name = relation(message)
            if name in relations:
                alias = message.alias.aliasname if message.HasField("alias") else name.name
                aliases.setdefault(alias, set()).add(name)
    named: dict[Name, set[str]] = {name: set() for name in relations}
    whole: set[Name] = set()
    for message in _outside_parameters(statement):
        match message.DESCRIPTOR.name:
            case "ColumnRef":
                parts = words(message.fields)
                reference = column_reference(message)
                qualifier = reference.table if reference is not None else (parts[-1] if parts else None)
                targets = set(named) if qualifier is None else aliases.get(qualifier, set())
                if reference is None:
                    whole |= targets
                    continue
                # `SELECT t FROM t` and `row_to_json(t)` take the whole row.
                whole |= aliases.get(reference.name, set()) if reference.table is None else set()
                for target in targets:
                    named[target].add(reference.name)
            case "FuncCall" if words(message.funcname) == ["sqlc", "embed"]:
                for argument in message.args:
                    kind, column = node_of(argument)
                    if kind == "column_ref":
                        whole |= aliases.get(words(column.fields)[-1], set())
            case "JoinExpr":
                for columns in named.values():
                    columns.update(words(message.using_clause))
                if message.is_natural:
                    whole |= set(named)
    return {name: None if name in whole else frozenset(columns) for name, columns in named.items()}


def _is_parameter(message: Any) -> bool:
    """`@name`, which the grammar takes for an operator before a column, or a call of sqlc's own."""
    match message.DESCRIPTOR.name:
        case "A_Expr":
            return words(message.name) == ["@"] and not message.HasField("lexpr")
        case "FuncCall":
            return words(message.funcname)[:1] == ["sqlc"] and words(message.funcname) != ["sqlc", "embed"]
        case _:
            return False


def _outside_parameters(message: Any) -> Iterator[Any]:
    """The message and every message inside it, but for the names of parameters."""
    if _is_parameter(message):
        return
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for item in value if field.is_repeated else (value,):
                yield from _outside_parameters(item)


def _writes(message: Any) -> Iterator[Write]:
    match message.DESCRIPTOR.name:
        case "InsertStmt":
            yield from _inserts(message)
        case "UpdateStmt":
            yield Write("update", relation(message.relation), _assigned(message.target_list))


def _inserts(statement: pb.InsertStmt) -> Iterator[Write]:
    table = relation(statement.relation)
    columns = [node.res_target.name for node in statement.cols]
    conflict: tuple[str, ...] | None = None
    if statement.HasField("on_conflict_clause"):
        clause = statement.on_conflict_clause
        names = [node.index_elem.name for node in clause.infer.index_elems]
        conflict = tuple(names) if names and all(names) else None
        if clause.action == pb.ONCONFLICT_UPDATE:
            yield Write("update", table, _assigned(clause.target_list))
    _, select = node_of(statement.select_stmt)
    rows = [row.list.items for row in select.values_lists] if select is not None else []
    if not columns:
        # Values for all columns in their order, or a query's: which ones is for the schema to say.
        yield Write("insert", table, {"*": None}, conflict)
        return
    for row in rows or [[None] * len(columns)]:
        values = {
            column: None if value is None else _constant(value)
            for column, value in zip(columns, row, strict=False)
            if value is None or node_of(value)[0] != "set_to_default"
        }
        yield Write("insert", table, values, conflict)


def _assigned(targets: Iterable[pb.Node]) -> dict[str, Expression | None]:
    return {node.res_target.name: _constant(node.res_target.val) for node in targets}


def _constant(node: pb.Node) -> Expression | None:
    """The value where it is a literal; None where it may be any value."""
    kind, inner = node_of(node)
    while kind == "type_cast":
        kind, inner = node_of(inner.arg)
    return expression(node) if kind == "a_const" else None
