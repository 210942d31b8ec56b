"""Defines `kind_of`, a type as `resolution` names it, and what of types some places take."""

from __future__ import annotations

from rung.migrations import server
from rung.migrations.apply.index_methods import check_key
from rung.migrations.apply.lookup import resolve_type
from rung.migrations.expressions import SqlType
from rung.migrations.resolution import UNKNOWN, Kind, NoMeaningError, category
from rung.migrations.schema import Column, Name, Schema

_LONGEST = 10 * 2**20
# the types that take numbers in parentheses, with the most that the first may be (0: as many as are written)
_MODIFIED = {
    "varchar": _LONGEST,
    "bpchar": _LONGEST,
    "numeric": 1000,
    "bit": _LONGEST * 8,
    "varbit": _LONGEST * 8,
}
_MODIFIED |= dict.fromkeys(("time", "timetz", "timestamp", "timestamptz", "interval"), 0)


def kind_of(schema: Schema, type_: SqlType) -> Kind:
    """The type as `resolution` names it; a domain is what it is made of."""
    type_ = resolve_type(schema, type_)
    if type_.array:
        return array_of(kind_of(schema, SqlType(type_.name, schema=type_.schema)))
    if type_.schema is None:
        name = type_.name.split(" ")[0]
        return None if server.base_type(name) is None else name
    key = Name(type_.schema, type_.name)
    if key in schema.domains:
        return kind_of(schema, schema.domains[key].type)
    if key in schema.enums:
        return f"enum {key.schema}.{key.name}"
    made = schema.types.get(key)
    is_row = key in schema.tables or key in schema.views if made is None else made.kind == "composite"
    return f"row {key.schema}.{key.name}" if is_row else None


def fields_of(schema: Schema, kind: str) -> tuple[Column, ...] | None:
    """The fields of a composite, where all of them are known."""
    place, _, name = kind.removeprefix("row ").partition(".")
    made, table = schema.types.get(Name(place, name)), schema.tables.get(Name(place, name))
    if made is not None:
        return made.columns
    return None if table is None or table.opaque else table.columns


def array_of(element: Kind) -> Kind:
    """The type of arrays of a type; an array of arrays is of as many dimensions more."""
    return element if element is None or element.startswith("_") else f"_{element}"


def check_type(type_: SqlType, kind: Kind, collated: bool) -> None:
    """Refuses numbers in parentheses that the type does not take, and a collation of what is no text."""
    if type_.modifiers and (type_.schema is None or kind is not None):
        most = None if type_.schema is not None else _MODIFIED.get(type_.name.split(" ")[0])
        if most is None or (most and not 1 <= type_.modifiers[0] <= most):
            raise NoMeaningError(f"type `{type_.name}` with ({', '.join(map(str, type_.modifiers))})")
    if collated and kind is not None and category(kind.removeprefix("_")) != "S":
        raise NoMeaningError(f"a collation for type {kind}")


def check_sorted(kind: Kind, place: str, *, equal: bool = False) -> None:
    """Refuses values without an order where they are to be sorted, or of which two are never `equal`."""
    if kind is None or kind in (UNKNOWN, "record"):
        return
    element = kind.removeprefix("_")
    for method in ("btree", "hash") if equal else ("btree",):
        try:
            check_key(method, element, "values")
        except NoMeaningError:
            continue
        return
    raise NoMeaningError(f"{place} of type {kind}, which has no {'equal sign' if equal else 'order'}")
