"""Defines `other_calls`: the functions that a statement calls and that are not PostgreSQL's own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rung.migrations import server
from rung.migrations.dialects.postgres_parser import Context, RawStatement, messages_in, node_of
from rung.migrations.dialects.postgres_types import qualified, words
from rung.migrations.schema import Name
from rung.migrations.steps import Calls

# a name before a parenthesis, with the word before it and its schema
_NAMED = re.compile(r'(?:\b(\w+)\s+)?(\w+\.|"\s*\.\s*)?("?)(\w+)\3\s*\(')
_NO_CALL_AFTER = {"as", "constraint", "exists", "into", "key", "on", "only", "references", "table", "using"}
_NO_CALL_WORDS = """
    all and any array as bit by cast char character check coalesce conflict
    decimal default distinct else except exclude exists extract filter float from greatest having in
    include inherits int integer intersect into is join key least like limit list not null
    nullif numeric on or over overlay partition position precision primary range references returning returns
    row select set some substring table then time timestamp timestamptz to treat trim unique update using
    values varbit varchar varying when where with within
"""
_NO_CALLS = frozenset(_NO_CALL_WORDS.split())
_WITHOUT_CALLS = {"create_function_stmt", "do_stmt", "drop_stmt", "alter_function_stmt", "copy_stmt"}


def other_calls(context: Context, raw: RawStatement) -> Iterator[Calls]:
    """One step for all of them; none where there are none."""
    if raw.kind in _WITHOUT_CALLS or not _may_call(context, raw):
        return
    found: dict[tuple[Name, str | None], None] = {}
    for message in messages_in(raw.message):
        if message.DESCRIPTOR.name != "FuncCall":
            continue
        name = qualified(message.funcname)
        if name.schema in (None, "pg_catalog") and server.has_function(name.name):
            continue
        arguments = [node_of(each) for each in message.args]
        alone = len(arguments) == 1 and arguments[0][0] == "column_ref"
        given = words(arguments[0][1].fields)[-1:] if alone else []
        rows = given and given[0] in _relations(raw)
        found[name, given[0] if rows else None] = None
    if found:
        yield Calls(raw.span, tuple(found))


def _relations(raw: RawStatement) -> set[str]:
    """The names that may stand for a whole row in the statement."""
    found = {"new", "old", "excluded"}
    for message in messages_in(raw.message):
        match message.DESCRIPTOR.name:
            case "RangeVar":
                found.add(message.relname)
            case "Alias":
                found.add(message.aliasname)
    return found


def _may_call(context: Context, raw: RawStatement) -> bool:
    """Whether the text names a function, for all that a glance at it tells: reading the tree takes longer."""
    for before, place, quoted, name in _NAMED.findall(context.source.text, raw.span.start, raw.span.end):
        if before.lower() in _NO_CALL_AFTER or (not quoted and name.lower() in _NO_CALLS):
            continue
        if place or not server.has_function(name if quoted else name.lower()):
            return True
    return False
