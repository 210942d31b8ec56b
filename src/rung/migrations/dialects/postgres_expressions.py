"""Defines `expression`: libpg_query's expression nodes → `Expression`. What it does not know is `Opaque`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from rung.migrations.dialects.postgres_harmless import is_harmless
from rung.migrations.dialects.postgres_parser import expression_text, messages_in, node_of, pb
from rung.migrations.dialects.postgres_types import qualified, sql_type, words
from rung.migrations.expressions import (
    NULL,
    And,
    Arithmetic,
    ArithmeticOperator,
    Between,
    BooleanTest,
    Call,
    Case,
    Cast,
    ColumnRef,
    Comparison,
    ComparisonOperator,
    Concatenation,
    Constant,
    Expression,
    Form,
    InList,
    IsDistinct,
    IsNull,
    Like,
    Negative,
    Not,
    Opaque,
    Or,
    Parameter,
    Quantified,
    TruthValue,
)

_COMPARISONS = {"=", "<>", "<", "<=", ">", ">="}
_ARITHMETIC = {"+", "-", "*", "/", "%"}
_INT8_MAX = 2**63 - 1
_TESTS: dict[int, tuple[TruthValue, bool]] = {
    pb.IS_TRUE: ("true", False),
    pb.IS_NOT_TRUE: ("true", True),
    pb.IS_FALSE: ("false", False),
    pb.IS_NOT_FALSE: ("false", True),
    pb.IS_UNKNOWN: ("unknown", False),
    pb.IS_NOT_UNKNOWN: ("unknown", True),
}
_BETWEEN = {
    pb.AEXPR_BETWEEN: (False, False),
    pb.AEXPR_NOT_BETWEEN: (True, False),
    pb.AEXPR_BETWEEN_SYM: (False, True),
    pb.AEXPR_NOT_BETWEEN_SYM: (True, True),
}


def expression(node: pb.Node) -> Expression:
    """The expression that a node stands for."""
    kind, message = node_of(node)
    match kind:
        case "a_const":
            return _constant(node, message)
        case "column_ref":
            return _column(node, message)
        case "param_ref":
            return Parameter(str(message.number))
        case "a_expr":
            return _operator(node, message)
        case "bool_expr":
            parts = expressions(message.args)
            if message.boolop == pb.NOT_EXPR:
                return Not(parts[0])
            return And(parts) if message.boolop == pb.AND_EXPR else Or(parts)
        case "null_test":
            return IsNull(expression(message.arg), message.nulltesttype == pb.IS_NOT_NULL)
        case "boolean_test":
            test, negated = _TESTS[message.booltesttype]
            return BooleanTest(expression(message.arg), test, negated)
        case "type_cast":
            return Cast(expression(message.arg), sql_type(message.type_name))
        case "coalesce_expr":
            return Call("coalesce", expressions(message.args))
        case "min_max_expr":
            return Call("greatest" if message.op == pb.IS_GREATEST else "least", expressions(message.args))
        case "func_call":
            return _call(node, message)
        case "case_expr":
            return _case(message)
        case "sqlvalue_function":
            precision = (Constant("integer", message.typmod),) if message.typmod >= 0 else ()
            return Call(sql_value_name(message.op), precision)
        case "a_array_expr":
            return replace(_unread(node, kind), form="array", parts=expressions(message.elements))
        case "a_indirection":
            return _part(node, message)
        case "collate_clause":
            return replace(_unread(node, kind), form="collate", parts=(expression(message.arg),))
        case "sub_link":
            return _subquery(node, message)
        case "row_expr":
            return replace(_unread(node, kind), form="row", parts=expressions(message.args))
        case "set_to_default":
            return replace(_unread(node, kind), form="default")
        case _:
            return _unread(node, kind)


def _part(node: pb.Node, message: pb.A_Indirection) -> Opaque:
    """A field of a composite, or what subscripts name."""
    whole = _unread(node, "a_indirection")
    parts = [node_of(each) for each in message.indirection]
    if all(kind == "a_indices" for kind, _ in parts):
        form: Form = "slice" if any(each.is_slice for _, each in parts) else "subscript"
        bounds = [getattr(each, end) for _, each in parts for end in ("lidx", "uidx") if each.HasField(end)]
        return replace(whole, form=form, parts=(expression(message.arg), *expressions(bounds)))
    if [kind for kind, _ in parts] == ["string"]:
        return replace(whole, form="field", name=parts[0][1].sval, parts=(expression(message.arg),))
    return whole


_SUBQUERIES = {pb.EXISTS_SUBLINK: "exists", pb.ARRAY_SUBLINK: "array", pb.EXPR_SUBLINK: ""}


def _subquery(node: pb.Node, message: pb.SubLink) -> Opaque:
    name = _SUBQUERIES.get(message.sub_link_type)
    operand = (expression(message.testexpr),) if message.HasField("testexpr") else ()
    if name is None:
        # IN has no operator of its own
        name = words(message.oper_name)[-1] if message.oper_name else "="
    part = _unread(node, "sub_link")
    harmless = is_harmless(node)
    return replace(part, form="subquery", name=name, parts=operand, at=message.location, harmless=harmless)


def _unread(node: pb.Node, kind: str) -> Opaque:
    return opaque(node, _WORDS.get(kind, f"`{kind.replace('_', ' ')}`"))


_WORDS = {
    "a_array_expr": "an array",
    "a_indirection": "a part of a value",
    "collate_clause": "COLLATE",
    "row_expr": "a row",
    "sub_link": "a subquery",
}
"""What people call the nodes of the parser."""


def sql_value_name(op: int) -> str:
    """`current_timestamp`, `current_user` and the other functions without parentheses."""
    name: str = pb.SQLValueFunctionOp.Name(op)
    return name.removeprefix("SVFOP_").removesuffix("_N").lower()


def expressions(nodes: Iterable[pb.Node]) -> tuple[Expression, ...]:
    return tuple(expression(node) for node in nodes)


def opaque(node: pb.Node, reason: str) -> Opaque:
    """The node as text, with the columns it names; a subquery in it may read any."""
    found: list[ColumnRef] = []
    for message in messages_in(node):
        match message.DESCRIPTOR.name:
            case "SubLink":
                return Opaque(expression_text(node), reason)
            case "ColumnRef":
                reference = column_reference(message)
                if reference is None:
                    return Opaque(expression_text(node), reason)
                found.append(reference)
    return Opaque(expression_text(node), reason, tuple(dict.fromkeys(found)))


def column_reference(message: pb.ColumnRef) -> ColumnRef | None:
    """The column that is meant; None for `*`."""
    parts = words(message.fields)
    if len(parts) < len(message.fields):
        return None
    table = parts[-2] if len(parts) > 1 else None
    return ColumnRef(parts[-1], table, parts[-3] if len(parts) > 2 else None)


def _column(node: pb.Node, message: pb.ColumnRef) -> Expression:
    return column_reference(message) or Opaque(expression_text(node), "`*`")


def _constant(node: pb.Node, constant: pb.A_Const) -> Expression:
    match constant.WhichOneof("val"):
        case "ival":
            return Constant("integer", constant.ival.ival)
        case "fval":
            return _number(constant.fval.fval)
        case "boolval":
            return Constant("boolean", constant.boolval.boolval)
        case "sval":
            return Constant("string", constant.sval.sval)
        case None if constant.isnull:
            return NULL
        case _:
            return opaque(node, "bit string")


def _number(text: str) -> Constant:
    """A number too large for the parser's own integer, or with a fraction."""
    digits = text.replace("_", "")
    if digits[:2].lower() in ("0x", "0o", "0b") or digits.isdigit():
        value = int(digits, 0 if not digits.isdigit() else 10)
        return Constant("integer", value) if value <= _INT8_MAX else Constant("numeric", Decimal(value))
    return Constant("numeric", Decimal(digits))


def _operator(node: pb.Node, message: pb.A_Expr) -> Expression:
    name = words(message.name)[-1]
    kind = message.kind
    if len(message.name) > 1 and words(message.name)[0] != "pg_catalog":
        return opaque(node, f"operator `{name}`")
    if kind == pb.AEXPR_OP:
        return _plain_operator(node, message, name)
    if kind in (pb.AEXPR_OP_ANY, pb.AEXPR_OP_ALL):
        array, items = node_of(message.rexpr)
        if array != "a_array_expr" or name not in _COMPARISONS:
            parts = (expression(message.lexpr), expression(message.rexpr))
            part = opaque(node, "comparison with an array")
            return replace(part, form="any", name=name, parts=parts)
        left = expression(message.lexpr)
        every = kind == pb.AEXPR_OP_ALL
        return Quantified(cast(ComparisonOperator, name), left, expressions(items.elements), every)
    if kind in (pb.AEXPR_DISTINCT, pb.AEXPR_NOT_DISTINCT):
        negated = kind == pb.AEXPR_NOT_DISTINCT
        return IsDistinct(expression(message.lexpr), expression(message.rexpr), negated)
    if kind == pb.AEXPR_NULLIF:
        return Call("nullif", (expression(message.lexpr), expression(message.rexpr)))
    if kind == pb.AEXPR_IN:
        return InList(expression(message.lexpr), _list(message.rexpr), name == "<>")
    if kind == pb.AEXPR_SIMILAR:
        return _other_operator(node, name, expression(message.lexpr), expression(message.rexpr))
    if kind in (pb.AEXPR_LIKE, pb.AEXPR_ILIKE):
        return _like(node, message, name)
    if kind in _BETWEEN:
        low, high = _list(message.rexpr)
        return Between(expression(message.lexpr), low, high, *_BETWEEN[kind])
    return opaque(node, f"operator `{name}`")


def _plain_operator(node: pb.Node, message: pb.A_Expr, name: str) -> Expression:
    if not message.HasField("lexpr"):
        operand = expression(message.rexpr)
        return Negative(operand) if name == "-" else _other_operator(node, name, operand)
    left, right = expression(message.lexpr), expression(message.rexpr)
    if node_of(message.lexpr)[0] == "row_expr":
        return replace(opaque(node, "comparison of rows"), form="operator", name=name, parts=(left, right))
    if name in _COMPARISONS:
        return Comparison(cast(ComparisonOperator, name), left, right)
    if name in _ARITHMETIC:
        return Arithmetic(cast(ArithmeticOperator, name), left, right)
    return Concatenation(left, right) if name == "||" else _other_operator(node, name, left, right)


def _other_operator(node: pb.Node, name: str, *operands: Expression) -> Opaque:
    return replace(opaque(node, f"operator `{name}`"), form="operator", name=name, parts=operands)


def _list(node: pb.Node) -> tuple[Expression, ...]:
    return expressions(node.list.items)


def _like(node: pb.Node, message: pb.A_Expr, name: str) -> Expression:
    pattern, escape = message.rexpr, None
    kind, call = node_of(pattern)
    if kind == "func_call" and words(call.funcname)[-1] == "like_escape":
        pattern, given = call.args
        constant = expression(given)
        if not isinstance(constant, Constant) or not isinstance(constant.value, str):
            return opaque(node, "LIKE with a computed ESCAPE")
        escape = constant.value
    operand, insensitive = expression(message.lexpr), message.kind == pb.AEXPR_ILIKE
    return Like(operand, expression(pattern), name.startswith("!"), insensitive, escape)


def _call(node: pb.Node, message: pb.FuncCall) -> Expression:
    schema, name = qualified(message.funcname)
    special: dict[str, Any] = {
        "DISTINCT": message.agg_distinct,
        "ORDER BY": len(message.agg_order),
        "FILTER": message.HasField("agg_filter"),
        "OVER": message.HasField("over"),
        "VARIADIC": message.func_variadic,
        "WITHIN GROUP": message.agg_within_group,
        "*": message.agg_star,
    }
    for word, present in special.items():
        if present:
            plain = (
                schema in (None, "pg_catalog") and not message.func_variadic and not message.agg_within_group
            )
            form: Form = "window" if special["OVER"] else "call" if plain else ""
            part = opaque(node, f"`{name}` with {word}")
            return replace(part, form=form, name=name if plain else "", parts=expressions(message.args))
    return Call(name, expressions(message.args), None if schema == "pg_catalog" else schema)


def _case(message: pb.CaseExpr) -> Expression:
    subject = expression(message.arg) if message.HasField("arg") else None
    branches = []
    for when in message.args:
        condition = expression(when.case_when.expr)
        if subject is not None:
            condition = Comparison("=", subject, condition)
        branches.append((condition, expression(when.case_when.result)))
    default = expression(message.defresult) if message.HasField("defresult") else None
    return Case(tuple(branches), default)
