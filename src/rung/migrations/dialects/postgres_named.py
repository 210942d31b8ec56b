"""Defines what a query names besides relations: columns, types, collations, and texts that mean names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rung.migrations.dialects.postgres_parser import pb
from rung.migrations.dialects.postgres_types import qualified, sql_type, words, written_name
from rung.migrations.schema import Name
from rung.migrations.scopes import Named, Thing

_SERIAL = "pg_get_serial_sequence"
_SEQUENCES = {"currval", "nextval", "setval"}


def type_things(type_name: pb.TypeName) -> Iterator[Thing]:
    """The type that must be there: none where it is the server's own."""
    type_ = sql_type(type_name)
    if type_.schema is not None and not type_name.pct_type:
        yield Thing("type", Name(type_.schema or None, type_.name))


# those that every server has
_COLLATIONS = {"C", "POSIX", "default", "pg_c_utf8", "pg_unicode_fast", "ucs_basic", "unicode"}


def collation_things(names: Sequence[pb.Node]) -> Iterator[Thing]:
    """The collation that must be there: none where every server has it."""
    name = qualified(names) if names else None
    if name is not None and name.schema not in (None, "pg_catalog"):
        yield Thing("schema", Name(None, name.schema))
    if name is not None and name.name not in _COLLATIONS:
        yield Thing("collation", name)


def written_things(message: Any) -> Iterator[Thing]:
    """The relation that a text means: `'t'::regclass`, `nextval('s')`."""
    if message.DESCRIPTOR.name == "TypeCast":
        node, kind = message.arg, "relation"
        if words(message.type_name.names)[-1:] != ["regclass"] or message.type_name.array_bounds:
            return
    else:
        node, kind = message.args[0] if message.args else pb.Node(), "sequence"
        called = words(message.funcname)[-1]
        if called == _SERIAL and len(message.args) == 2:
            kind = "column"
        elif called not in _SEQUENCES:
            return
    if node.a_const.HasField("sval"):
        name = written_name(node.a_const.sval.sval)
        column = message.args[1].a_const.sval.sval if kind == "column" else None
        if name is not None and not name.name.isdigit() and column != "":
            yield Thing(kind, name, column)


def column_named(message: pb.ColumnRef) -> Named:
    """The column as it is named."""
    parts = words(message.fields)
    column = parts.pop() if len(parts) == len(message.fields) else None
    return Named(column, parts[-1] if parts else None, parts[-2] if len(parts) > 1 else None)
