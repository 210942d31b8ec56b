"""Reads CREATE FUNCTION and CREATE PROCEDURE of PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from rung.diagnostics import Span
from rung.migrations.dialects.postgres_expressions import expression
from rung.migrations.dialects.postgres_footprint import Touched
from rung.migrations.dialects.postgres_named import type_things
from rung.migrations.dialects.postgres_parameters import unsettable
from rung.migrations.dialects.postgres_parser import (
    Context,
    node_of,
    pb,
    plpgsql_mistake,
    statement_tree,
)
from rung.migrations.dialects.postgres_scopes import body_scope
from rung.migrations.dialects.postgres_types import qualified, sql_type, words
from rung.migrations.expressions import ColumnRef, Expression, Parameter, SqlType, map_columns
from rung.migrations.schema import (
    Function,
    Name,
)
from rung.migrations.scopes import Thing
from rung.migrations.steps import (
    CreateFunction,
    Footprint,
    Opaque,
    Refused,
    Requires,
    Step,
)

_CHECKED = "check_function_bodies"


def create_function(context: Context, statement: pb.CreateFunctionStmt, span: Span) -> Iterator[Step]:
    options = {node.def_elem.defname: node.def_elem.arg for node in statement.options}
    language = options["language"].string.sval.lower() if "language" in options else "sql"
    found = Touched()
    if statement.HasField("sql_body"):
        found.read(statement.sql_body)
    elif "as" not in options:
        found.unknown = True
    elif language == "sql":
        found.read_sql(words(options["as"].list.items)[0])
    elif language == "plpgsql":
        if not found.read_plpgsql(context.source.text[span.start : span.end]):
            # the server reads it when the function is made
            reason = f"body of function `{qualified(statement.funcname)}`"
            yield Opaque(span, reason, Footprint((), schema=False))
    else:
        found.unknown = True
    inputs = [
        node.function_parameter for node in statement.parameters if node.function_parameter.mode not in _GIVEN
    ]
    function = Function(
        qualified(statement.funcname),
        tuple(sql_type(parameter.arg_type) for parameter in inputs),
        language,
        found.tables,
        tuple(found.calls),
        statement.is_procedure,
        _plain(context.source.text[span.start : span.end]),
        _volatility(options),
        sql_type(statement.return_type) if _gives_one(statement) else None,
        _selected(options, [parameter.name for parameter in inputs]) if language == "sql" else None,
        tuple(map(sql_type, _given(statement))),
        statement.HasField("sql_body"),
        None
        if any(parameter.mode == pb.FUNC_PARAM_VARIADIC for parameter in inputs)
        else sum(parameter.HasField("defexpr") for parameter in inputs),
        tuple(parameter.name for parameter in inputs),
        span,
    )
    if language == "sql" and _CHECKED not in context.source.text:
        yield from _body(statement, options, tuple(found.relations), span)
    if language in ("sql", "plpgsql"):
        parameters = [node.function_parameter.arg_type for node in statement.parameters]
        yield from types_there(
            span, [*parameters, *[statement.return_type] * statement.HasField("return_type")]
        )
    # without a body the library ends the process
    if language == "plpgsql" and "as" in options and found.unknown and _CHECKED not in context.source.text:
        mistake = plpgsql_mistake(context.source.text[span.start : span.end])
        if mistake is not None and mistake.startswith("syntax error"):
            yield Refused(span, f"the body of `{function.name}`: {mistake}")
        elif mistake is not None and "pseudo-type" not in mistake:
            # which types are rows, the library does not know
            yield Opaque(span, f"function body with a mistake: {mistake}", Footprint((), schema=False))
    for node in statement.options:
        if node.def_elem.defname == "set":
            yield from unsettable(node.def_elem.arg.variable_set_stmt, span, later=True)
    defaults = tuple(
        (sql_type(parameter.arg_type), expression(parameter.defexpr))
        for parameter in inputs
        if parameter.HasField("defexpr")
    )
    yield CreateFunction(span, function, statement.replace, defaults)


def _body(
    statement: pb.CreateFunctionStmt, options: Mapping[str, Any], reads: tuple[Name, ...], span: Span
) -> Iterator[Step]:
    """That what the body of an SQL function names is there when the function is made."""
    if statement.HasField("sql_body"):
        kind, body = node_of(statement.sql_body)
        # `RETURN x` stands alone
        bodies = [node for each in body.items for node in each.list.items] if kind == "list" else None
        parts = [body] if bodies is None else [node_of(node)[1] for node in bodies]
    elif "as" not in options:
        return
    else:
        parts = [each for _, each in statement_tree(words(options["as"].list.items)[0]) or ()]
    parameters = [node.function_parameter for node in statement.parameters]
    inputs = [each for each in parameters if each.mode not in _GIVEN]
    known = [(each.name, sql_type(each.arg_type)) for each in parameters]
    numbered = [(f"${place}", sql_type(each.arg_type)) for place, each in enumerate(inputs, 1)]
    scope = body_scope(qualified(statement.funcname).name, [*known, *numbered], parts)
    if scope is not None:
        things = tuple(Thing("relation", name) for name in reads)
        yield Requires(span, things, scope, returns=_returned(statement))


_GIVEN = (pb.FUNC_PARAM_OUT, pb.FUNC_PARAM_TABLE)


def _returned(statement: pb.CreateFunctionStmt) -> tuple[SqlType, ...] | None:
    """The types of the columns that a function gives; None where that is not known."""
    parameters = [node.function_parameter for node in statement.parameters]
    given = [each for each in parameters if each.mode in (*_GIVEN, pb.FUNC_PARAM_INOUT)]
    if given or not statement.HasField("return_type"):
        return tuple(sql_type(each.arg_type) for each in given) or None
    return None if statement.return_type.pct_type else (sql_type(statement.return_type),)


def _given(statement: pb.CreateFunctionStmt) -> Iterator[pb.TypeName]:
    """The types of what a function returns; of `t.a%TYPE` it keeps no more than what that is now."""
    parameters = [node.function_parameter for node in statement.parameters]
    named = [each.arg_type for each in parameters if each.mode in (pb.FUNC_PARAM_OUT, pb.FUNC_PARAM_TABLE)]
    named += [statement.return_type] * statement.HasField("return_type")
    yield from (each for each in named if not each.pct_type)


def _gives_one(statement: pb.CreateFunctionStmt) -> bool:
    kind = statement.return_type
    return statement.HasField("return_type") and not (kind.setof or kind.pct_type)


# such a function is called, and not what it stands for
_CALLED = {"security", "set", "strict"}
_SELECTED = {"target_list", "limit_option", "op"}


def _selected(options: Mapping[str, pb.Node], names: list[str]) -> Expression | None:
    """The expression of a body that is `SELECT expression`, its arguments by their numbers."""
    if "as" not in options or _CALLED & options.keys():
        return None
    statements = statement_tree(words(options["as"].list.items)[0]) or []
    if len(statements) != 1 or statements[0][0] != "select_stmt":
        return None
    select = statements[0][1]
    if {field.name for field, _ in select.ListFields()} != _SELECTED or len(select.target_list) != 1:
        return None

    def argument(column: ColumnRef) -> Expression:
        return Parameter(str(names.index(column.name) + 1)) if column.name in names else column

    return map_columns(expression(select.target_list[0].res_target.val), argument)


def _volatility(options: Mapping[str, pb.Node]) -> Literal["i", "s", "v"]:
    match options["volatility"].string.sval if "volatility" in options else "volatile":
        case "immutable":
            return "i"
        case "stable":
            return "s"
        case _:
            return "v"


def _plain(text: str) -> str:
    """The statement's text, however it is laid out, and whether or not it may replace another."""
    words = " ".join(text.split())
    return re.sub(r"^create or replace\b", "CREATE", words, flags=re.IGNORECASE)


def types_there(span: Span, type_names: Iterable[pb.TypeName]) -> Iterator[Step]:
    """That the types are there."""
    things = tuple(dict.fromkeys(thing for each in type_names for thing in type_things(each)))
    if things:
        yield Requires(span, things)
