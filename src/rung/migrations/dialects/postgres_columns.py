"""Defines how columns, constraints and indexes are written: libpg_query's nodes → the schema's objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from rung.diagnostics import Span
from rung.migrations.dialects.postgres_expressions import expression, sql_value_name
from rung.migrations.dialects.postgres_parser import Context, node_of, pb
from rung.migrations.dialects.postgres_types import qualified, relation, serial_type, sql_type, words
from rung.migrations.expressions import SqlType
from rung.migrations.schema import (
    Action,
    Check,
    Column,
    Constraint,
    Exclusion,
    ForeignKey,
    Generated,
    Identity,
    Index,
    IndexKey,
    NotNull,
    PrimaryKey,
    Unique,
)

_ACTIONS: dict[str, Action] = {
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}
_WITHOUT_EFFECT = {
    pb.CONSTR_ATTR_NOT_DEFERRABLE,
    pb.CONSTR_ATTR_IMMEDIATE,
    pb.CONSTR_ATTR_ENFORCED,
    pb.CONSTR_NULL,
}


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column as written, the table constraints written with it, and whether its type was serial."""

    column: Column
    constraints: tuple[Constraint, ...]
    serial: bool


def identity_kind(letter: str) -> Identity:
    return "always" if letter == "a" else "by default"


def with_attributes(constraints: Iterable[pb.Node]) -> Iterator[tuple[pb.Constraint, bool, bool]]:
    """Each constraint of a column with (deferrable, enforced): DEFERRABLE and NOT ENFORCED stand after it."""
    found: list[tuple[Any, bool, bool]] = []
    for node in constraints:
        constraint = node.constraint
        match constraint.contype:
            case pb.CONSTR_ATTR_DEFERRABLE | pb.CONSTR_ATTR_DEFERRED if found:
                found[-1] = (found[-1][0], True, found[-1][2])
            case pb.CONSTR_ATTR_NOT_ENFORCED if found:
                found[-1] = (*found[-1][:2], False)
            case kind if kind in _WITHOUT_EFFECT:
                pass
            case _:
                found.append((constraint, constraint.deferrable, constraint.is_enforced))
    return iter(found)


def column_definition(context: Context, definition: pb.ColumnDef, within: Span) -> ColumnDefinition:
    """A column definition; `within` is the statement that holds it."""
    span = context.element(definition.location, within)
    typed = definition.HasField("type_name")
    serial = serial_type(definition.type_name) if typed else None
    column = Column(
        name=definition.colname,
        # a partition may add to a column of its parent, without a type
        type=serial or (sql_type(definition.type_name) if typed else SqlType("")),
        not_null=None if serial is None else NotNull(),
        collation=qualified(definition.coll_clause.collname) if definition.HasField("coll_clause") else None,
        span=span,
    )
    constraints = []
    for constraint, deferrable, enforced in with_attributes(definition.constraints):
        match constraint.contype:
            case pb.CONSTR_NOTNULL:
                column = replace(column, not_null=not_null(constraint))
            case pb.CONSTR_DEFAULT:
                column = replace(column, default=expression(constraint.raw_expr))
            case pb.CONSTR_IDENTITY:
                identity = identity_kind(constraint.generated_when)
                column = replace(column, identity=identity, not_null=column.not_null or NotNull())
            case pb.CONSTR_GENERATED:
                stored = constraint.generated_kind != "v"
                column = replace(column, generated=Generated(expression(constraint.raw_expr), stored))
            case _:
                found = table_constraint(context, constraint, within, definition.colname)
                constraints.append(_adjusted(found, deferrable, enforced))
    return ColumnDefinition(column, tuple(constraints), serial is not None)


def _adjusted(constraint: Constraint, deferrable: bool, enforced: bool) -> Constraint:
    match constraint:
        case Check():
            return replace(constraint, enforced=enforced, validated=constraint.validated and enforced)
        case ForeignKey():
            validated = constraint.validated and enforced
            return replace(constraint, deferrable=deferrable, enforced=enforced, validated=validated)
        case _:
            return replace(constraint, deferrable=deferrable)


def not_null(constraint: pb.Constraint) -> NotNull:
    return NotNull(constraint.conname, constraint.initially_valid, constraint.is_no_inherit)


def table_constraint(
    context: Context, constraint: pb.Constraint, within: Span, column: str | None = None
) -> Constraint:
    """A constraint of a table, or of `column` where it was written with one. NOT NULL is not among them."""
    span = context.element(constraint.location, within)
    name = constraint.conname
    columns = (column,) if column is not None else tuple(words(constraint.keys))
    include = tuple(words(constraint.including))
    match constraint.contype:
        case pb.CONSTR_CHECK:
            return Check(
                name,
                expression(constraint.raw_expr),
                constraint.initially_valid and constraint.is_enforced,
                constraint.is_no_inherit,
                constraint.is_enforced,
                span,
            )
        case pb.CONSTR_PRIMARY:
            overlaps = constraint.without_overlaps
            return PrimaryKey(name, columns, constraint.deferrable, include, overlaps, span)
        case pb.CONSTR_UNIQUE:
            distinct, overlaps = not constraint.nulls_not_distinct, constraint.without_overlaps
            return Unique(name, columns, distinct, constraint.deferrable, include, overlaps, span)
        case pb.CONSTR_FOREIGN:
            return ForeignKey(
                name,
                (column,) if column is not None else tuple(words(constraint.fk_attrs)),
                relation(constraint.pktable),
                tuple(words(constraint.pk_attrs)),
                _ACTIONS[constraint.fk_del_action or "a"],
                _ACTIONS[constraint.fk_upd_action or "a"],
                "full" if constraint.fk_matchtype == "f" else "simple",
                constraint.deferrable,
                constraint.initially_valid and constraint.is_enforced,
                constraint.is_enforced,
                span,
            )
        case pb.CONSTR_EXCLUSION:
            keys = tuple(index_key(pair.list.items[0].index_elem) for pair in constraint.exclusions)
            text = context.source.text[span.start : span.end]
            method = constraint.access_method
            return Exclusion(name, keys, text, constraint.deferrable, method, span)
        case kind:
            raise AssertionError(f"libpg_query gave a constraint of kind {pb.ConstrType.Name(kind)} here")


def index_key(element: pb.IndexElem) -> IndexKey:
    """One key of an index. An expression's `label` is what PostgreSQL puts in the names that it makes."""
    operators = qualified(element.opclass) if element.opclass else None
    ordered = element.ordering != pb.SORTBY_DEFAULT or element.nulls_ordering != pb.SORTBY_NULLS_DEFAULT
    if element.name:
        return IndexKey(element.name, None, element.name, operators, ordered)
    label = figured_name(element.expr) or "expr"
    return IndexKey(None, expression(element.expr), label, operators, ordered)


_JSON = {
    "json_array_agg": "json_arrayagg",
    "json_array_constructor": "json_array",
    "json_array_query_constructor": "json_array",
    "json_object_agg": "json_objectagg",
    "json_object_constructor": "json_object",
    "json_parse_expr": "json",
    "json_scalar_expr": "json_scalar",
    "json_serialize_expr": "json_serialize",
}


def figured_name(node: Any) -> str | None:
    """The name PostgreSQL gives to an expression without an alias; None where it has none to give."""
    return _weak_name(node) or _strong_name(node)


def _weak_name(node: Any) -> str | None:
    """The name of a cast or CASE of what has no better one."""
    kind, message = node_of(node)
    match kind:
        case "type_cast":
            return None if _strong_name(message.arg) else words(message.type_name.names)[-1]
        case "case_expr":
            return None if _strong_name(message.defresult) else "case"
        case "collate_clause":
            return _weak_name(message.arg)
        case "a_indirection":
            return None if words(message.indirection) else _weak_name(message.arg)
        case "sub_link" if message.sub_link_type == pb.EXPR_SUBLINK:
            targets = message.subselect.select_stmt.target_list
            return (
                _weak_name(targets[0].res_target.val) if targets and not targets[0].res_target.name else None
            )
        case _:
            return None


def _strong_name(node: Any) -> str | None:
    kind, message = node_of(node)
    match kind:
        case "column_ref":
            parts = words(message.fields)
            return parts[-1] if parts else None
        case "func_call":
            return words(message.funcname)[-1]
        case "type_cast":
            return _strong_name(message.arg)
        case "collate_clause":
            return _strong_name(message.arg)
        case "coalesce_expr":
            return "coalesce"
        case "min_max_expr":
            return "greatest" if message.op == pb.IS_GREATEST else "least"
        case "case_expr":
            return _strong_name(message.defresult)
        case "a_array_expr":
            return "array"
        case "row_expr":
            return "row"
        case "sqlvalue_function":
            return sql_value_name(message.op)
        case "a_expr" if message.kind == pb.AEXPR_NULLIF:
            return "nullif"
        case "a_indirection":
            fields = words(message.indirection)
            return fields[-1] if fields else _strong_name(message.arg)
        case "sub_link":
            return _figured_sublink(message)
        case "grouping_func":
            return "grouping"
        case "json_func_expr":
            operation: str = pb.JsonExprOp.Name(message.op)
            return operation.removesuffix("_OP").lower()
        case _ if kind in _JSON:
            return _JSON[kind]
        case _:
            return None


def _figured_sublink(message: Any) -> str | None:
    match message.sub_link_type:
        case pb.EXISTS_SUBLINK:
            return "exists"
        case pb.ARRAY_SUBLINK:
            return "array"
        case pb.EXPR_SUBLINK:
            targets = message.subselect.select_stmt.target_list
            if not targets:
                return None
            target = targets[0].res_target
            return str(target.name or _strong_name(target.val) or "") or None
        case _:
            return None


def index_definition(context: Context, statement: pb.IndexStmt, span: Span) -> Index:
    return Index(
        name=statement.idxname,
        keys=tuple(index_key(node.index_elem) for node in statement.index_params),
        unique=statement.unique,
        nulls_distinct=not statement.nulls_not_distinct,
        where=expression(statement.where_clause) if statement.HasField("where_clause") else None,
        method=statement.access_method or "btree",
        include=tuple(node.index_elem.name for node in statement.index_including_params),
        span=span,
    )
