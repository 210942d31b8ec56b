"""Defines how PostgreSQL writes names and types: `relation`, `qualified`, `sql_type`, `Serial`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from rung.migrations.apply.names import identifier
from rung.migrations.dialects.postgres_parser import node_of, pb
from rung.migrations.expressions import SqlType
from rung.migrations.schema import UNRESOLVED, Name

# the types in pg_catalog, which every search path begins with
_BUILTIN_WORDS = """
    aclitem any anyarray anycompatible anycompatiblearray anycompatiblemultirange anycompatiblenonarray
    anycompatiblerange anyelement anyenum anymultirange anynonarray anyrange bit bool box bpchar bytea char
    cid cidr circle cstring date datemultirange daterange event_trigger float4 float8 inet int2 int2vector
    int4 int4multirange int4range int8 int8multirange int8range internal interval json jsonb jsonpath line
    lseg macaddr macaddr8 money name numeric nummultirange numrange oid oidvector path pg_lsn pg_snapshot
    point polygon record refcursor regclass regcollation regconfig regdictionary regnamespace regoper
    regoperator regproc regprocedure regrole regtype text tid time timestamp timestamptz timetz trigger
    tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot uuid varbit varchar void xid
    xid8 xml
"""
BUILTIN_TYPES = frozenset(_BUILTIN_WORDS.split())
SERIAL_TYPES = {
    "smallserial": "int2",
    "serial2": "int2",
    "serial": "int4",
    "serial4": "int4",
    "bigserial": "int8",
    "serial8": "int8",
}
# the bits of an interval's first modifier, and all of them: no field was written
_INTERVAL_FIELDS = {
    1 << 2: "year",
    1 << 1: "month",
    1 << 3: "day",
    1 << 10: "hour",
    1 << 11: "minute",
    1 << 12: "second",
}
_INTERVAL_FULL = 0x7FFF
_PART = re.compile(r'"((?:[^"]|"")+)"|([^\s".]+)')


def words(nodes: Iterable[pb.Node]) -> list[str]:
    """The strings of a list of names; an item that is not one (`*`) is left out."""
    return [node.string.sval for node in nodes if node.WhichOneof("node") == "string"]


def qualified(nodes: Iterable[pb.Node]) -> Name:
    """A name given as a list of its parts; a database's name before the schema's is dropped."""
    parts = words(nodes)
    return Name(parts[-2] if len(parts) > 1 else None, parts[-1])


def relation(range_var: pb.RangeVar) -> Name:
    return Name(range_var.schemaname or None, range_var.relname)


def written_name(text: str) -> Name | None:
    """The name that a text means to a cast (`'public."Users"'::regclass`); None where it is none."""
    parts = []
    rest = text.strip()
    while found := _PART.match(rest):
        quoted, plain = found[1], found[2]
        parts.append(identifier(quoted.replace('""', '"') if quoted is not None else plain.lower()))
        if found.end() == len(rest):
            return Name(parts[-2] if len(parts) > 1 else None, parts[-1])
        rest = rest[found.end() :]
        if not rest.startswith("."):
            break
        rest = rest[1:]
    return None


def serial_type(type_name: pb.TypeName) -> SqlType | None:
    """The integer type behind `serial` and its kin, which are not types but shorthands."""
    parts = words(type_name.names)
    base = SERIAL_TYPES.get(parts[0]) if len(parts) == 1 and not type_name.array_bounds else None
    return None if base is None else SqlType(base)


def sql_type(type_name: pb.TypeName) -> SqlType:
    """The type, as the catalog names it; a user's type has the schema written, or `UNRESOLVED`."""
    schema, name = qualified(type_name.names)
    array = len(type_name.array_bounds)
    modifiers = tuple(value for value in map(_modifier, type_name.typmods) if value is not None)
    if schema is None and name.startswith("_") and name[1:] in BUILTIN_TYPES:
        # `_int4` is the catalog's own name of int4[]
        name, array = name[1:], 1
    if schema == "pg_catalog" or (schema is None and name in BUILTIN_TYPES):
        name, modifiers = _builtin(name, modifiers)
        return SqlType(name, modifiers, None, array)
    return SqlType(name, modifiers, UNRESOLVED if schema is None else schema, array)


def _modifier(node: pb.Node) -> int | None:
    kind, constant = node_of(node)
    if kind != "a_const" or not constant.HasField("ival"):
        return None
    value: Any = constant.ival.ival
    return int(value)


def _builtin(name: str, modifiers: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    match name, modifiers:
        case "numeric", (precision,):
            return name, (precision, 0)
        case "interval", (mask, *precision):
            fields = [word for bit, word in _INTERVAL_FIELDS.items() if mask & bit]
            if mask == _INTERVAL_FULL or not fields:
                return name, tuple(precision)
            span = fields[0] if len(fields) == 1 else f"{fields[0]} to {fields[-1]}"
            return f"interval {span}", tuple(precision)
        case _:
            return name, modifiers
