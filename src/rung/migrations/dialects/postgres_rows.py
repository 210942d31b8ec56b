"""Defines the steps of statements about rows: INSERT, UPDATE, DELETE, TRUNCATE, COPY, SELECT."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from rung.diagnostics import Span
from rung.migrations.dialects.postgres_expressions import expression, opaque
from rung.migrations.dialects.postgres_footprint import touched
from rung.migrations.dialects.postgres_harmless import is_harmless
from rung.migrations.dialects.postgres_parser import Context, messages_in, node_of, pb
from rung.migrations.dialects.postgres_scopes import statement_scope
from rung.migrations.dialects.postgres_types import relation, words, written_name
from rung.migrations.expressions import Expression
from rung.migrations.schema import Name
from rung.migrations.steps import (
    AlterSequence,
    Assignment,
    Copy,
    Delete,
    Footprint,
    Insert,
    JoinedTable,
    NoEffect,
    Opaque,
    Query,
    Requires,
    SetParameter,
    Step,
    Truncate,
    Update,
)

# of longer lists, which fill tables, the values are not kept
_MOST_ROWS = 1_000
_LEFT_OPTIONAL = (pb.JOIN_RIGHT, pb.JOIN_FULL)
_RIGHT_OPTIONAL = (pb.JOIN_LEFT, pb.JOIN_FULL)
_WRITES = {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}


def insert(context: Context, statement: pb.InsertStmt, span: Span) -> Iterator[Step]:
    table = relation(statement.relation)
    conflict: Literal["nothing", "update"] | None = None
    if statement.HasField("on_conflict_clause"):
        update = statement.on_conflict_clause.action == pb.ONCONFLICT_UPDATE
        conflict = "update" if update else "nothing"
    columns = tuple(node.res_target.name for node in statement.cols)
    target = _target(statement.on_conflict_clause.infer) if conflict else None
    overriding = statement.override == pb.OVERRIDING_SYSTEM_VALUE
    # of a column, a part may be given alone
    filled = tuple("" if node.res_target.indirection else node.res_target.name for node in statement.cols)
    yield Requires(span, scope=statement_scope(statement), fills=(table, filled))
    yield Insert(span, table, columns, _rows(statement.select_stmt), conflict, target, overriding)
    yield from _beside(statement, span)


def _target(infer: pb.InferClause) -> tuple[str, ...] | str | None:
    if infer.conname:
        return str(infer.conname)
    return tuple(node.index_elem.name for node in infer.index_elems) or None


def _rows(query: pb.Node) -> tuple[tuple[Expression | None, ...], ...] | None:
    kind, select = node_of(query)
    if not kind:
        # DEFAULT VALUES: one row, of defaults alone
        return ((),)
    if not select.values_lists or len(select.values_lists) > _MOST_ROWS:
        return None
    return tuple(tuple(_value(item) for item in row.list.items) for row in select.values_lists)


def _value(node: pb.Node) -> Expression | None:
    return None if node_of(node)[0] == "set_to_default" else expression(node)


def update(context: Context, statement: pb.UpdateStmt, span: Span) -> Iterator[Step]:
    table = relation(statement.relation)
    assignments = tuple(_assignment(node) for node in statement.target_list)
    where = expression(statement.where_clause) if statement.HasField("where_clause") else None
    yield Requires(span, scope=statement_scope(statement))
    joined = _joined(statement, statement.from_clause)
    yield Update(span, table, assignments, where, _alias(statement.relation), *joined)
    yield from _beside(statement, span)


def _assignment(node: pb.Node) -> Assignment:
    target = node.res_target
    if target.indirection:
        # `SET items[1] = …`: a part of the column
        return Assignment(target.name, opaque(target.val, "assignment to a part of a column"))
    kind, message = node_of(target.val)
    if kind == "multi_assign_ref":
        source_kind, source = node_of(message.source)
        if source_kind == "row_expr":
            return Assignment(target.name, expression(source.args[message.colno - 1]))
        return Assignment(target.name, opaque(message.source, "assignment from a subquery"))
    return Assignment(target.name, expression(target.val))


def delete(context: Context, statement: pb.DeleteStmt, span: Span) -> Iterator[Step]:
    table = relation(statement.relation)
    where = expression(statement.where_clause) if statement.HasField("where_clause") else None
    yield Requires(span, scope=statement_scope(statement))
    joined = _joined(statement, statement.using_clause)
    yield Delete(span, table, where, _alias(statement.relation), *joined)
    yield from _beside(statement, span)


def _alias(range_var: pb.RangeVar) -> str | None:
    return range_var.alias.aliasname if range_var.HasField("alias") else None


def _joined(statement: Any, clause: Any) -> tuple[tuple[Name, ...], tuple[JoinedTable, ...], bool]:
    """All tables that the clause names; those that stand in it by themselves or in joins, and are not
    defined by WITH; and whether it computes what may fail."""
    queries = {node.common_table_expr.ctename for node in statement.with_clause.ctes}
    named: dict[Name, None] = {}
    for node in clause:
        named.update(touched(node).relations)
    sources = [source for node in clause for source in _sources(node, False)]
    tables = tuple(one for one in sources if one.table.schema is not None or one.table.name not in queries)
    plain = all(is_harmless(node) for node in (*clause, *statement.with_clause.ctes))
    return tuple(named), tables, not plain


def _sources(node: pb.Node, optional: bool) -> Iterator[JoinedTable]:
    kind, message = node_of(node)
    if kind == "range_var" and not message.alias.colnames:
        table = relation(message)
        yield JoinedTable(_alias(message) or table.name, table, optional)
    elif kind == "join_expr" and not message.HasField("alias"):
        left, right = message.jointype in _LEFT_OPTIONAL, message.jointype in _RIGHT_OPTIONAL
        yield from _sources(message.larg, optional or left)
        yield from _sources(message.rarg, optional or right)


def merge(context: Context, statement: pb.MergeStmt, span: Span) -> Iterator[Step]:
    yield Opaque(span, "MERGE", _rows_touched(statement))


def truncate(context: Context, statement: pb.TruncateStmt, span: Span) -> Iterator[Step]:
    together = tuple(relation(node.range_var) for node in statement.relations)
    for table in together:
        yield Truncate(span, table, statement.behavior == pb.DROP_CASCADE, together)


def copy(context: Context, statement: pb.CopyStmt, span: Span) -> Iterator[Step]:
    if statement.is_from:
        yield Copy(span, relation(statement.relation), tuple(words(statement.attlist)))
    else:
        yield NoEffect(span, "COPY TO")


def select(context: Context, statement: pb.SelectStmt, span: Span) -> Iterator[Step]:
    if statement.HasField("into_clause"):
        yield Opaque(span, "SELECT INTO", Footprint((relation(statement.into_clause.rel),)))
        return
    parameter = _set_config(statement)
    if parameter is not None:
        name, value, local = parameter
        yield SetParameter(span, name, value, local)
        return
    yield Requires(span, scope=statement_scope(statement))
    sequence = _setval(statement)
    if sequence is not None:
        yield AlterSequence(span, sequence, settings=("setval",), if_exists=True)
        return
    beside = list(_beside(statement, span))
    yield from beside or [Query(span, tuple(touched(statement).relations))]


def _set_config(statement: pb.SelectStmt) -> tuple[str, tuple[str, ...], bool] | None:
    """What `SELECT set_config('name', 'value', is_local)` sets, where these are literals."""
    if len(statement.target_list) != 1 or statement.from_clause:
        return None
    kind, call = node_of(statement.target_list[0].res_target.val)
    if kind != "func_call" or words(call.funcname)[-1] != "set_config" or len(call.args) != 3:
        return None
    name, value, local = (node.a_const for node in call.args)
    if not name.HasField("sval") or not value.HasField("sval"):
        return None
    values = tuple(part.strip().strip('"') for part in value.sval.sval.split(","))
    return name.sval.sval, tuple(part for part in values if part), local.boolval.boolval


def _setval(statement: pb.SelectStmt) -> Name | None:
    """The sequence that `SELECT setval('name', 1)` sets to a number which is not computed."""
    if len(statement.target_list) != 1 or statement.from_clause:
        return None
    kind, call = node_of(statement.target_list[0].res_target.val)
    if kind != "func_call" or words(call.funcname)[-1] != "setval" or len(call.args) < 2:
        return None
    name, value = call.args[0].a_const, call.args[1].a_const
    if not name.HasField("sval") or not value.WhichOneof("val"):
        return None
    return written_name(name.sval.sval)


def _beside(statement: Any, span: Span) -> Iterator[Step]:
    """What a statement does beside its own purpose: writes inside WITH, and calls of functions."""
    found = touched(statement)
    if statement.HasField("with_clause"):
        for written in _written(statement.with_clause):
            yield Opaque(span, "data-modifying WITH", Footprint((written,), schema=False))
    if found.calls:
        names = ", ".join(f"`{name.name}`" for name in found.calls)
        # a function may run any statement, a schema change too
        yield Opaque(span, f"call of {names}", Footprint((), calls=tuple(found.calls)))


def _written(clause: Any) -> Iterator[Name]:
    """The tables that the queries of a WITH write."""
    for message in messages_in(clause):
        if message.DESCRIPTOR.name in _WRITES:
            yield relation(message.relation)


def _rows_touched(statement: Any) -> Footprint:
    found = touched(statement)
    return Footprint(found.tables, schema=False, calls=tuple(found.calls))
