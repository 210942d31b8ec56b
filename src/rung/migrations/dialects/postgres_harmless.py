"""Defines `is_harmless`: whether a parsed part only picks, compares and counts, so that no row fails it."""

from __future__ import annotations

from typing import Any

from rung.migrations.dialects.postgres_parser import messages_in, pb
from rung.migrations.dialects.postgres_types import words

_PLAIN_NAMES = (
    "Node RangeVar Alias ColumnRef String A_Star A_Const Integer Float Boolean BoolExpr NullTest BooleanTest "
    "JoinExpr SelectStmt ResTarget SortBy RangeSubselect WithClause CommonTableExpr CoalesceExpr CaseExpr "
    "CaseWhen List WindowDef"
)
_PLAIN = frozenset(_PLAIN_NAMES.split())
_OPERATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_KINDS = frozenset({pb.AEXPR_OP, pb.AEXPR_IN, pb.AEXPR_DISTINCT, pb.AEXPR_NOT_DISTINCT, pb.AEXPR_OP_ANY})
_CALLED = "count min max bool_and bool_or row_number rank dense_rank lower upper now"
_CALLS = frozenset(_CALLED.split())


def is_harmless(message: Any) -> bool:
    """Whether it has nothing in it that fails for some rows: no calculation, conversion or other call."""
    return all(map(_is_plain, messages_in(message)))


def _is_plain(message: Any) -> bool:
    match message.DESCRIPTOR.name:
        case "A_Expr":
            return message.kind in _KINDS and words(message.name)[-1] in _OPERATORS
        case "FuncCall":
            name = words(message.funcname)
            return name[-1] in _CALLS and name[:-1] in ([], ["pg_catalog"])
        case "SubLink":
            return message.sub_link_type in (pb.EXISTS_SUBLINK, pb.ANY_SUBLINK, pb.ALL_SUBLINK)
        case name:
            return name in _PLAIN
