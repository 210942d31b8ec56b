"""Defines by which columns a query groups its rows (`grouped`), and which then need one value (`single`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rung.migrations import server
from rung.migrations.dialects.postgres_named import column_named
from rung.migrations.dialects.postgres_parser import node_of, parts_of, pb
from rung.migrations.dialects.postgres_types import qualified, words
from rung.migrations.scopes import Named

_AGGREGATES = {"JsonObjectAgg", "JsonArrayAgg", "GroupingFunc"}


def grouped(statement: pb.SelectStmt) -> tuple[Named, ...] | None:
    """The columns that rows are grouped by, alone or in expressions; None where they are not grouped."""
    targets = [node.res_target for node in statement.target_list]
    if not statement.group_clause:
        parts = (*targets, *statement.sort_clause)
        return () if statement.HasField("having_clause") or any(map(_aggregates, parts)) else None
    return tuple(_keys(statement.group_clause, targets))


def _keys(nodes: Iterable[pb.Node], targets: list[pb.ResTarget]) -> Iterator[Named]:
    for node in nodes:
        kind, message = node_of(node)
        if kind == "grouping_set":
            yield from _keys(message.content, targets)
            continue
        named = _bare(node)
        place = message.ival.ival if kind == "a_const" else 0
        yield from _plain(message)
        for target in targets[place - 1 : place] if place > 0 else targets:
            if place > 0 or (named is not None and target.name == named):
                yield from _plain(target.val)


def single(statement: pb.SelectStmt) -> Iterator[Named]:
    """The columns that stand in no aggregate and no query inside."""
    names = set()
    for node in statement.target_list:
        target = node.res_target
        yield from _plain(target.val)
        names.add(target.name or _bare(target.val))
    if statement.HasField("having_clause"):
        yield from _plain(statement.having_clause)
    for node in statement.sort_clause:
        # a bare name may be that of an output
        name = _bare(node.sort_by.node)
        if name is None or not names & {name, ""}:
            yield from _plain(node.sort_by.node)


def _bare(node: pb.Node) -> str | None:
    """The name of a column that stands alone and unqualified, empty for `*`."""
    kind, message = node_of(node)
    if kind != "column_ref":
        return None
    parts = words(message.fields)
    if len(parts) < len(message.fields):
        return ""
    return parts[-1]


def _kinds(call: pb.FuncCall) -> set[str]:
    """What a function of the name is, for all that is known: none where it may be a user's."""
    name = qualified(call.funcname)
    found = server.functions(name.name) if name.schema in (None, "pg_catalog") else ()
    return {each.kind for each in found}


def _aggregates(message: Any) -> bool:
    """Whether there is an aggregate in it, in no query inside."""
    match message.DESCRIPTOR.name:
        case "SubLink" | "SelectStmt":
            return False
        case "FuncCall" if _kinds(message) == {"a"} and not message.HasField("over"):
            return True
        case _:
            return any(map(_aggregates, parts_of(message)))


def _plain(message: Any) -> Iterator[Named]:
    match message.DESCRIPTOR.name:
        case "ColumnRef":
            yield column_named(message)
            return
        case "SubLink" | "SelectStmt":
            return
        case "FuncCall" if "f" not in _kinds(message) and not message.HasField("over"):
            return
        case "FuncCall" if not _kinds(message):
            return
        case name if name in _AGGREGATES:
            return
    for part in parts_of(message):
        yield from _plain(part)
