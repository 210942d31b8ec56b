"""Defines `query_outputs`: the columns that a query gives, each with its type or the column it is from.

Only what the text and the columns of tables tell is told: the type of most calls is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rung.migrations.dialects.postgres_columns import figured_name
from rung.migrations.dialects.postgres_expressions import column_reference
from rung.migrations.dialects.postgres_parser import node_of, pb
from rung.migrations.dialects.postgres_types import relation, sql_type, words
from rung.migrations.expressions import SqlType
from rung.migrations.schema import Name
from rung.migrations.steps import Output, Reference

_Outputs = tuple[Output, ...]
_Sources = Mapping[str, Name | _Outputs | None]
"""What each name in a FROM stands for: a relation, the columns of a query, or something not known."""

_UNKNOWN = Output("", None)
_BOOLEAN = Output("", SqlType("bool"))
# the types of calls that do not depend on their arguments
_CALLS = {
    "array_length": "int4",
    "char_length": "int4",
    "concat": "text",
    "count": "int8",
    "dense_rank": "int8",
    "format": "text",
    "gen_random_uuid": "uuid",
    "jsonb_build_array": "jsonb",
    "jsonb_build_object": "jsonb",
    "length": "int4",
    "lower": "text",
    "md5": "text",
    "now": "timestamptz",
    "random": "float8",
    "rank": "int8",
    "replace": "text",
    "row_number": "int8",
    "string_agg": "text",
    "to_jsonb": "jsonb",
    "upper": "text",
    "uuid_generate_v4": "uuid",
}
# calls that give the type of their argument, without its modifiers
_SAME = {"any_value", "first_value", "greatest", "lag", "last_value", "lead", "least", "max", "min", "nullif"}
_BOOLEAN_KINDS = {"bool_expr", "null_test", "boolean_test"}
_COMPARISONS = {"=", "<>", "<", "<=", ">", ">=", "~", "~*", "!~", "!~*", "@>", "<@", "?"}


def query_outputs(query: pb.Node) -> _Outputs | None:
    """The columns of a query; None where not even their number is known."""
    _, statement = node_of(query)
    return _select(statement, {}) if statement.DESCRIPTOR.name == "SelectStmt" else None


def _select(statement: Any, ctes: Mapping[str, _Outputs | None]) -> _Outputs | None:
    if statement.HasField("with_clause"):
        known = dict(ctes)
        for node in statement.with_clause.ctes:
            kind, query = node_of(node.common_table_expr.ctequery)
            known[node.common_table_expr.ctename] = _select(query, known) if kind == "select_stmt" else None
        ctes = known
    if statement.op != pb.SETOP_NONE:
        left, right = _select(statement.larg, ctes), _select(statement.rarg, ctes)
        if left is None or right is None or len(left) != len(right):
            return left if right is None else None
        return tuple(_either(first, second) for first, second in zip(left, right, strict=True))
    if statement.values_lists:
        row = statement.values_lists[0].list.items
        return tuple(_value(node, {})._replace(name=f"column{at}") for at, node in enumerate(row, 1))
    sources: dict[str, Name | _Outputs | None] = {}
    for node in statement.from_clause:
        _add_sources(node, ctes, sources)
    found: list[Output] = []
    for node in statement.target_list:
        target = node.res_target
        star = _star(target.val)
        if star is None:
            name = target.name or figured_name(target.val) or "?column?"
            found.append(_value(target.val, sources)._replace(name=name))
            continue
        for source in [sources.get(star)] if star else sources.values():
            if source is None:
                return None
            found.extend([_all_of(source)] if isinstance(source, Name) else source)
    return tuple(found)


def _either(left: Output, right: Output) -> Output:
    """A column of a UNION: the type of the side that has one; a bare NULL has none."""
    if left.type is None and left.source is None:
        return right._replace(name=left.name)
    return left


def _all_of(name: Name) -> Output:
    return Output(None, None, Reference(None, ((name,),)))


def _add_sources(
    node: pb.Node, ctes: Mapping[str, _Outputs | None], sources: dict[str, Name | _Outputs | None]
) -> None:
    kind, message = node_of(node)
    match kind:
        case "range_var":
            name = relation(message)
            alias = message.alias.aliasname if message.HasField("alias") else name.name
            is_cte = name.schema is None and name.name in ctes
            sources[alias] = ctes[name.name] if is_cte else name
        case "join_expr":
            _add_sources(message.larg, ctes, sources)
            _add_sources(message.rarg, ctes, sources)
        case "range_subselect":
            sources[message.alias.aliasname] = _select(message.subquery.select_stmt, ctes)
        case _:
            sources[message.alias.aliasname if hasattr(message, "alias") else ""] = None


def _star(node: pb.Node) -> str | None:
    """The qualifier of `*`, empty for all of FROM; None where it is not a star."""
    kind, message = node_of(node)
    if kind != "column_ref" or node_of(message.fields[-1])[0] != "a_star":
        return None
    return (words(message.fields) or [""])[-1]


def _value(node: pb.Node, sources: _Sources) -> Output:
    """What is known of an expression's type. The name is left empty."""
    kind, message = node_of(node)
    match kind:
        case "column_ref":
            return _column(message, sources)
        case "type_cast":
            return Output("", sql_type(message.type_name))
        case "a_const":
            names = {"ival": "int4", "fval": "numeric", "boolval": "bool", "sval": "text"}
            name = names.get(message.WhichOneof("val") or "")
            return Output("", None if name is None else SqlType(name))
        case "coalesce_expr":
            return _first_known([_value(part, sources) for part in message.args])
        case "min_max_expr":
            return _first_known([_value(part, sources) for part in message.args])
        case "case_expr":
            results = [_value(part.case_when.result, sources) for part in message.args]
            return _first_known(results)
        case "func_call":
            name = words(message.funcname)[-1]
            if name in _CALLS:
                return Output("", SqlType(_CALLS[name]))
            return _first_known([_value(message.args[0], sources)]) if name in _SAME else _UNKNOWN
        case "sub_link" if message.sub_link_type == pb.EXISTS_SUBLINK:
            return _BOOLEAN
        case "a_expr" if message.kind != pb.AEXPR_OP or words(message.name)[-1] in _COMPARISONS:
            return _UNKNOWN if message.kind == pb.AEXPR_NULLIF else _BOOLEAN
        case "sqlvalue_function" if message.op == pb.SVFOP_CURRENT_TIMESTAMP:
            return Output("", SqlType("timestamptz"))
        case _ if kind in _BOOLEAN_KINDS:
            return _BOOLEAN
        case _:
            return _UNKNOWN


def _first_known(outputs: list[Output]) -> Output:
    """The first type that is known, as a call gives it: without modifiers."""
    for output in outputs:
        if output.type is not None:
            return output._replace(type=replace(output.type, modifiers=()), computed=True)
        if output.source is not None:
            return output._replace(computed=True)
    return _UNKNOWN


def _column(message: Any, sources: _Sources) -> Output:
    reference = column_reference(message)
    if reference is None:
        return _UNKNOWN
    if reference.table is not None:
        source = sources.get(reference.table)
        if isinstance(source, Name):
            return Output("", None, Reference(reference.name, ((source,),)))
        return next((found for found in source or () if found.name == reference.name), _UNKNOWN)
    for source in sources.values():
        if isinstance(source, tuple) and not isinstance(source, Name):
            for found in source:
                if found.name == reference.name:
                    return found
    group = tuple(source for source in sources.values() if isinstance(source, Name))
    return Output("", None, Reference(reference.name, (group,)))
