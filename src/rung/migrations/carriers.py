"""Defines `Carrier`: the set of values that a column of some type can hold, as the solver sees it.

A carrier is a kind (which arithmetic and order the values have) and its bounds. `carrier_of` resolves
a type in a schema: domains are unfolded to their base, enums get their labels, what is not known is OTHER.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from rung.migrations.expressions import SqlType
from rung.migrations.schema import UNRESOLVED, Domain, Name, Schema


class Kind(Enum):
    """Kinds of values. Values of OTHER can only be compared for equality, and only within one type."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMERIC = "numeric"
    FLOAT = "float"
    TEXT = "text"
    PADDED = "blank-padded text"
    BYTES = "bytes"
    ENUM = "enum"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamp with time zone"
    TIME = "time"
    UUID = "uuid"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Carrier:
    """The values of a type. `length` bounds characters, `precision` and `scale` a numeric or the
    fraction of a timestamp, `width` the bytes of an integer or float; None is no bound.

    `domains` are the domains whose constraints the values also obey, innermost last.
    """

    kind: Kind
    type: SqlType
    width: int = 0
    length: int | None = None
    precision: int | None = None
    scale: int = 0
    labels: tuple[str, ...] = ()
    domains: tuple[Domain, ...] = ()

    @property
    def bare(self) -> Carrier:
        """The carrier without what a domain adds: what an expression over the value has."""
        return replace(self, domains=()) if self.domains else self


BOOLEAN = Carrier(Kind.BOOLEAN, SqlType("bool"))
INT2 = Carrier(Kind.INTEGER, SqlType("int2"), width=2)
INT4 = Carrier(Kind.INTEGER, SqlType("int4"), width=4)
INT8 = Carrier(Kind.INTEGER, SqlType("int8"), width=8)
NUMERIC = Carrier(Kind.NUMERIC, SqlType("numeric"))
TEXT = Carrier(Kind.TEXT, SqlType("text"))

_PLAIN = {
    "bool": BOOLEAN,
    "int2": INT2,
    "int4": INT4,
    "int8": INT8,
    "text": TEXT,
    "float4": Carrier(Kind.FLOAT, SqlType("float4"), width=4),
    "float8": Carrier(Kind.FLOAT, SqlType("float8"), width=8),
    "bytea": Carrier(Kind.BYTES, SqlType("bytea")),
    "date": Carrier(Kind.DATE, SqlType("date")),
    "uuid": Carrier(Kind.UUID, SqlType("uuid")),
}
_TIMES = {"timestamp": Kind.TIMESTAMP, "timestamptz": Kind.TIMESTAMPTZ, "time": Kind.TIME}


def integer_range(carrier: Carrier) -> tuple[int, int]:
    """The least and the greatest value of an integer type."""
    top = 1 << (8 * carrier.width - 1)
    return -top, top - 1


def carrier_of(schema: Schema, type_: SqlType) -> Carrier:
    """The carrier of a type as it is in `schema`."""
    if schema.dialect == "sqlite" and type_.name != "text":
        # SQLite keeps no length and no range, whatever the type is called.
        return Carrier(Kind.OTHER, type_)
    if type_.array:
        place = None if type_.schema is None else _resolve(schema, type_).schema
        return Carrier(Kind.OTHER, replace(type_, schema=place))
    if type_.schema is not None:
        return _user_carrier(schema, type_)
    return _built_in_carrier(type_)


def same_type(one: Schema, other: Schema, type_: SqlType) -> bool:
    """Whether the type has the same values in both schemas, as the element of an array or a part too."""
    key = Name(type_.schema, type_.name)
    kinds = ((one.enums, other.enums), (one.domains, other.domains), (one.types, other.types))
    if any(left.get(key) != right.get(key) for left, right in kinds):
        return False
    domain, composite = one.domains.get(key), one.types.get(key)
    parts = [domain.type] if domain is not None else []
    parts += [column.type for column in composite.columns] if composite is not None else []
    return all(same_type(one, other, part) for part in parts)


def keeps_values(one: Schema, other: Schema, type_: SqlType) -> bool:
    """Whether every value that the type has in `one` it has in `other` too: an enum may have more labels."""
    key = Name(type_.schema, type_.name)
    before, after = one.enums.get(key), other.enums.get(key)
    if before is None or after is None:
        return same_type(one, other, type_)
    return not (before.opaque or after.opaque) and set(before.values) <= set(after.values)


def _user_carrier(schema: Schema, type_: SqlType) -> Carrier:
    key = _resolve(schema, type_)
    enum = schema.enums.get(key)
    if enum is not None and not enum.opaque:
        return Carrier(Kind.ENUM, SqlType(key.name, schema=key.schema), labels=enum.values)
    domain = schema.domains.get(key)
    if domain is None or domain.opaque:
        return Carrier(Kind.OTHER, type_)
    base = carrier_of(schema, domain.type)
    return replace(base, domains=(domain, *base.domains))


def _resolve(schema: Schema, type_: SqlType) -> Name:
    """The key of a user's type; a cast in an expression may still have the name as written."""
    if type_.schema != UNRESOLVED:
        return Name(type_.schema, type_.name)
    places = (Name(place, type_.name) for place in schema.search_path)
    found = (name for name in places if name in schema.enums or name in schema.domains)
    return next(found, Name(None, type_.name))


def _built_in_carrier(type_: SqlType) -> Carrier:
    plain = _PLAIN.get(type_.name)
    if plain is not None:
        return plain
    bound = type_.modifiers[0] if type_.modifiers else None
    match type_.name:
        case "varchar":
            return Carrier(Kind.TEXT, type_, length=bound)
        case "bpchar":
            return Carrier(Kind.PADDED, type_, length=bound)
        case "numeric":
            scale = type_.modifiers[1] if len(type_.modifiers) > 1 else 0
            return Carrier(Kind.NUMERIC, type_, precision=bound, scale=scale)
        case "timestamp" | "timestamptz" | "time":
            return Carrier(_TIMES[type_.name], type_, precision=bound)
        case _:
            return Carrier(Kind.OTHER, type_)
