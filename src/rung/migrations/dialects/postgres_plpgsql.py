"""Defines `block_steps`: a DO block whose course is certain → its steps; None where it is not.

Certain are plain statements, IF on what the catalog holds, a handler that passes over what exists already,
and whatever changes nothing. A loop is not, nor a text that is made to be run. Statements of schema change
cannot use a block's variables; those about rows can, and then their values are not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rung.diagnostics import Source, Span
from rung.migrations.dialects.postgres_footprint import Touched, as_select
from rung.migrations.dialects.postgres_parser import Context, Read, node_of, pb, plpgsql_tree, statement_tree
from rung.migrations.dialects.postgres_types import qualified, words
from rung.migrations.steps import (
    Attempt,
    CatalogHas,
    Delete,
    Footprint,
    Insert,
    NoEffect,
    Opaque,
    Step,
    Update,
    When,
)

# what a handler passes over when it tolerates that something is there already
_DUPLICATES = {
    "duplicate_object",
    "duplicate_table",
    "duplicate_column",
    "duplicate_schema",
    "duplicate_function",
    "duplicate_alias",
}
_OWN_VARIABLES = {"found", "sqlstate", "sqlerrm", "tg_argv"}
# catalogs and the columns by which the model can look in them
_CATALOGS: dict[str, set[str]] = {
    "pg_class": {"relname"},
    "pg_constraint": {"conname", "conrelid"},
    "pg_enum": {"enumlabel", "enumtypid"},
    "pg_extension": {"extname"},
    "pg_indexes": {"indexname", "schemaname", "tablename"},
    "pg_namespace": {"nspname"},
    "pg_proc": {"proname"},
    "pg_tables": {"schemaname", "tablename"},
    "pg_trigger": {"tgname", "tgrelid"},
    "pg_type": {"typname"},
    "information_schema.columns": {"column_name", "table_name", "table_schema"},
    "information_schema.table_constraints": {"constraint_name", "table_name", "table_schema"},
    "information_schema.tables": {"table_name", "table_schema"},
}
Certain = list[tuple[CatalogHas, bool]]


@dataclass(slots=True)
class _Block:
    """A block being read: `read` reads the statements in a text, `position` is how far into the file."""

    context: Context
    span: Span
    read: Read
    position: int
    variables: bool


class _UncertainError(Exception):
    """The course of the block cannot be told; never leaves this module."""


def block_steps(context: Context, span: Span, read: Read) -> list[Step] | None:
    """The steps of the DO statement at `span`."""
    tree = plpgsql_tree(context.source.text[span.start : span.end])
    if not tree:
        return None
    function = tree[0]["PLpgSQL_function"]
    names = {value.get("refname") for datum in function.get("datums", ()) for value in datum.values()}
    block = _Block(context, span, read, span.start, not names <= _OWN_VARIABLES)
    try:
        return _statement(block, function["action"])
    except _UncertainError:
        return None


def _statements(block: _Block, statements: Iterable[Any]) -> list[Step]:
    return [step for statement in statements for step in _statement(block, statement)]


def _statement(block: _Block, statement: dict[str, Any]) -> list[Step]:
    ((kind, value),) = statement.items()
    match kind:
        case "PLpgSQL_stmt_block":
            return _inner_block(block, value)
        case "PLpgSQL_stmt_return" | "PLpgSQL_stmt_null":
            return []
        case "PLpgSQL_stmt_raise":
            return [NoEffect(block.span, "RAISE")]
        case "PLpgSQL_stmt_execsql" if value.get("into"):
            return _reading(block, value["sqlstmt"]["PLpgSQL_expr"]["query"])
        case "PLpgSQL_stmt_assign":
            return _reading(block, as_select(value["expr"]["PLpgSQL_expr"]))
        case "PLpgSQL_stmt_execsql":
            return _sql(block, value["sqlstmt"]["PLpgSQL_expr"]["query"])
        case "PLpgSQL_stmt_dynexecute" if not value.get("into") and not value.get("params"):
            return _sql(block, _constant(value["query"]["PLpgSQL_expr"]["query"]))
        case "PLpgSQL_stmt_perform":
            return _reading(block, value["expr"]["PLpgSQL_expr"]["query"])
        case "PLpgSQL_stmt_if":
            return _conditional(block, value)
        case _:
            raise _UncertainError


def _inner_block(block: _Block, value: dict[str, Any]) -> list[Step]:
    steps = _statements(block, value.get("body", ()))
    if "exceptions" not in value:
        return steps
    for entry in value["exceptions"]["PLpgSQL_exception_block"]["exc_list"]:
        handler = entry["PLpgSQL_exception"]
        names = {condition["PLpgSQL_condition"]["condname"] for condition in handler["conditions"]}
        handled = _statements(block, handler.get("action", ()))
        if not names <= _DUPLICATES or any(not isinstance(step, NoEffect) for step in handled):
            raise _UncertainError
    return [Attempt(block.span, tuple(steps))]


def _sql(block: _Block, query: str) -> list[Step]:
    """The steps of statements that stand word for word in the block."""
    start = block.context.source.text.find(query, block.position, block.span.end)
    if start < 0:
        raise _UncertainError
    block.position = start + len(query)
    source = block.context.source
    steps = block.read(Context.of(Source(source.name, " " * start + query)))
    if any(isinstance(step, Opaque) and step.footprint.tables is None for step in steps):
        raise _UncertainError
    return [_without_values(step) for step in steps] if block.variables else steps


def _without_values(step: Step) -> Step:
    """A statement about rows whose names may be the block's variables: only its table is known."""
    if isinstance(step, (Insert, Update, Delete)):
        footprint = Footprint((step.table,), schema=False)
        return Opaque(step.span, "statement with variables", footprint)
    return step


def _constant(query: str) -> str:
    """The text that EXECUTE runs, where it is a literal."""
    statements = statement_tree(f"SELECT {query}")
    if statements:
        kind, constant = node_of(statements[0][1].target_list[0].res_target.val)
        if kind == "a_const" and constant.HasField("sval"):
            return str(constant.sval.sval)
    raise _UncertainError


def _reading(block: _Block, query: str) -> list[Step]:
    """No step, for a query that only reads."""
    found = Touched()
    found.read_sql(query if query.lstrip().lower().startswith("select") else f"SELECT {query}")
    if found.unknown or found.calls or found.changed:
        raise _UncertainError
    return [NoEffect(block.span, "SELECT")]


def _conditional(block: _Block, value: dict[str, Any]) -> list[Step]:
    then = _statements(block, value.get("then_body", ()))
    otherwise = _statements(block, value.get("else_body", ()))
    query = value["cond"]["PLpgSQL_expr"]["query"]
    branches = value.get("elsif_list", ())
    if branches:
        raise _UncertainError
    if all(isinstance(step, NoEffect) for step in (*then, *otherwise)):
        return [*_reading(block, query), *then]
    statements = statement_tree(f"SELECT {query}")
    if not statements:
        raise _UncertainError
    conditions = _conditions(statements[0][1].target_list[0].res_target.val)
    return [When(block.span, tuple(conditions), tuple(then), tuple(otherwise))]


def _conditions(node: pb.Node, expected: bool = True) -> Certain:
    """What must be so in the catalog for the condition to hold."""
    kind, message = node_of(node)
    match kind:
        case "bool_expr" if message.boolop == pb.NOT_EXPR:
            return _conditions(message.args[0], not expected)
        case "bool_expr" if message.boolop == pb.AND_EXPR and expected:
            return [found for part in message.args for found in _conditions(part)]
        case "sub_link" if message.sub_link_type == pb.EXISTS_SUBLINK:
            return [(_catalog_query(message.subselect.select_stmt), expected)]
        case "sub_link" if message.sub_link_type == pb.EXPR_SUBLINK:
            # `(SELECT condition)`
            select = message.subselect.select_stmt
            if not select.from_clause and len(select.target_list) == 1:
                return _conditions(select.target_list[0].res_target.val, expected)
        case "null_test":
            function, call = node_of(message.arg)
            if function == "func_call" and words(call.funcname)[-1] == "to_regclass":
                known = message.nulltesttype == pb.IS_NOT_NULL
                return [(CatalogHas("to_regclass", (("name", _literal(call.args[0])),)), known is expected)]
    raise _UncertainError


def _catalog_query(select: Any) -> CatalogHas:
    """`SELECT … FROM one_catalog WHERE column = 'literal' AND …`."""
    if len(select.from_clause) != 1 or select.group_clause or select.HasField("having_clause"):
        raise _UncertainError
    kind, table = node_of(select.from_clause[0])
    if kind != "range_var":
        raise _UncertainError
    place = "" if table.schemaname in ("", "pg_catalog") else f"{table.schemaname}."
    columns = _CATALOGS.get(f"{place}{table.relname}")
    if columns is None:
        raise _UncertainError
    where = tuple(_equalities(select.where_clause)) if select.HasField("where_clause") else ()
    if any(column not in columns for column, _ in where):
        raise _UncertainError
    return CatalogHas(f"{place}{table.relname}", where)


def _equalities(node: pb.Node) -> list[tuple[str, str]]:
    kind, message = node_of(node)
    if kind == "bool_expr" and message.boolop == pb.AND_EXPR:
        return [pair for part in message.args for pair in _equalities(part)]
    if kind != "a_expr" or message.kind != pb.AEXPR_OP or words(message.name) != ["="]:
        raise _UncertainError
    left, column = node_of(message.lexpr)
    if left != "column_ref":
        raise _UncertainError
    return [(words(column.fields)[-1], _literal(message.rexpr))]


def _literal(node: pb.Node) -> str:
    """A string literal, under casts; `current_schema()` is the empty string: the schema that comes first."""
    kind, message = node_of(node)
    if kind == "type_cast":
        return _literal(message.arg)
    if kind == "a_const" and message.HasField("sval"):
        return str(message.sval.sval)
    if kind == "func_call" and qualified(message.funcname).name == "current_schema":
        return ""
    if kind == "sqlvalue_function" and message.op == pb.SVFOP_CURRENT_SCHEMA:
        return ""
    raise _UncertainError
