"""Defines by which columns a query groups its rows (`grouped`), and which then need one value (`plain`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rung.migrations.dialects.postgres_named import column_named
from rung.migrations.dialects.postgres_parser import node_of, parts_of, pb
from rung.migrations.dialects.postgres_types import words
from rung.migrations.scopes import Named

_AGGREGATES = {
    "array_agg",
    "avg",
    "bool_and",
    "bool_or",
    "count",
    "json_agg",
    "jsonb_agg",
    "max",
    "min",
    "sum",
}


def grouped(statement: pb.SelectStmt) -> tuple[Named, ...] | None:
    """The columns that rows are grouped by; None where they are not, or by more than columns."""
    targets = [node.res_target for node in statement.target_list]
    if not statement.group_clause:
        return () if any(map(_aggregates, targets)) else None
    found: list[Named] = []
    for node in statement.group_clause:
        kind, message = node_of(node)
        if kind == "column_ref":
            named = column_named(message)
            found.append(named)
            same = [target for target in targets if target.name and target.name == named.column]
        elif kind == "a_const" and 0 < message.ival.ival <= len(targets):
            same = [targets[message.ival.ival - 1]]
        else:
            return None
        found += (each for target in same for each in plain(target.val))
    return tuple(found)


def _aggregates(target: pb.ResTarget) -> bool:
    kind, call = node_of(target.val)
    return kind == "func_call" and not call.HasField("over") and words(call.funcname)[-1] in _AGGREGATES


def plain(message: Any) -> Iterator[Named]:
    """The columns in an expression that stand in no call and no query: a call may be an aggregate."""
    match message.DESCRIPTOR.name:
        case "ColumnRef":
            yield column_named(message)
        case "FuncCall" | "SubLink" | "GroupingFunc" | "JsonObjectAgg" | "JsonArrayAgg":
            return
        case _:
            for part in parts_of(message):
                yield from plain(part)
