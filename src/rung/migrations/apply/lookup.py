"""Defines how names are found in a schema, and the diagnostics for those that are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from rung.diagnostics import Diagnostic, Related, Span, did_you_mean
from rung.migrations.expressions import NULL, Cast, Expression, SqlType
from rung.migrations.schema import (
    TEMPORARY,
    UNRESOLVED,
    Domain,
    EnumType,
    Kind,
    Name,
    OpaqueReason,
    Schema,
    Sequence,
    Table,
    UserType,
    View,
)

Result = Schema | Diagnostic
"""What a step makes of a schema; a diagnostic where the database would refuse the step."""

Found = TypeVar("Found")

# the types that well-known extensions bring; those of others stay unresolved
EXTENSION_TYPES = {
    "citext": ("citext",),
    "cube": ("cube",),
    "hstore": ("hstore",),
    "isn": ("ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"),
    "ltree": ("ltree", "lquery", "ltxtquery"),
    "postgis": ("geometry", "geography", "box2d", "box3d"),
    "seg": ("seg",),
    "vector": ("vector", "halfvec", "sparsevec"),
}


# besides those, extensions that bring no type that a column has; PostGIS brings many more
_WITHOUT_TYPES = {"btree_gin", "fuzzystrmatch", "pg_stat_statements", "pg_trgm", "pgcrypto", "plpgsql"}
_WITHOUT_TYPES |= {"unaccent", "uuid-ossp"}
_TYPES_KNOWN = frozenset(EXTENSION_TYPES.keys() - {"postgis"} | _WITHOUT_TYPES)


def find(objects: Mapping[Name, Found], schema: Schema, name: Name) -> Found | None:
    """The object that a name as written means: through the search path where it is not qualified."""
    if name.schema is not None:
        return objects.get(name)
    for place in (TEMPORARY, *schema.search_path):
        found = objects.get(Name(place, name.name))
        if found is not None:
            return found
    return None


def relation(schema: Schema, name: Name) -> Table | View | None:
    """The table or view of a name, whichever its place in the search path puts first."""
    places = (TEMPORARY, *schema.search_path) if name.schema is None else (name.schema,)
    for place in places:
        key = Name(place, name.name)
        found = schema.tables.get(key) or schema.views.get(key)
        if found is not None:
            return found
    return None


def known_table(schema: Schema, name: Name) -> Table | None:
    """The table, where all of it is known."""
    table = schema.table(name)
    return None if table is None or table.opaque else table


def creation_name(schema: Schema, name: Name, *, temporary: bool = False) -> Name:
    """Where a new object of this name goes: the first schema of the search path unless it names one."""
    if temporary:
        return Name(TEMPORARY, name.name)
    if name.schema is not None:
        return name
    place = next((place for place in schema.search_path if place in schema.schemas), "public")
    return Name(place, name.name)


def resolve_type(schema: Schema, type_: SqlType) -> SqlType:
    """The type with the schema that holds it; left as it is where no such type is known."""
    if type_.schema is None:
        return type_
    name = Name(type_.schema or None, type_.name)
    found = type_name(schema, name)
    return type_ if found is None else replace(type_, schema=found.schema, name=found.name)


def kept_default(schema: Schema, type_: SqlType, default: Expression | None) -> Expression | None:
    """The default that the catalog keeps: none for a plain NULL, which needs no conversion to its type."""
    bare = default.operand if isinstance(default, Cast) else default
    converted = type_.modifiers or Name(type_.schema, type_.name) in schema.domains
    return None if bare == NULL and not converted else default


def type_name(schema: Schema, name: Name) -> Name | None:
    """The key of a user's type: an enum, a domain, another type, or the rows of a table or view."""
    places = (TEMPORARY, *schema.search_path) if name.schema is None else (name.schema,)
    for place in places:
        key = Name(place, name.name)
        if any(
            key in objects
            for objects in (schema.enums, schema.domains, schema.types, schema.tables, schema.views)
        ):
            return key
    return None


def unresolved_type(schema: Schema, type_: SqlType) -> bool:
    """Whether nothing of this name is known, and no extension or opaque statement could have made it.

    A type of a well-known extension may be there without one: extensions are often made by hand.
    """
    if type_.schema is None or any(type_.name in types for types in EXTENSION_TYPES.values()):
        return False
    known = type_name(schema, Name(type_.schema or None, type_.name)) is not None
    doubts = in_doubt(schema, Name(type_.schema or None, type_.name))
    return not known and not doubts and schema.extensions <= _TYPES_KNOWN


def in_doubt(schema: Schema, name: Name) -> tuple[OpaqueReason, ...]:
    """Why a name that the model does not hold may exist all the same; empty where it cannot."""
    return schema.opaque + (find(schema.doubtful, schema, name) or ())


def is_catalog(name: Name) -> bool:
    """Whether it is PostgreSQL's own, which every schema has and none holds."""
    return name.schema in ("pg_catalog", "information_schema") or (
        name.schema is None and name.name.startswith("pg_")
    )


def missing(schema: Schema, kind: str, name: Name, span: Span) -> Diagnostic:
    """The diagnostic for a name that is not there: a warning where an opaque statement may have made it."""
    doubts = in_doubt(schema, name)
    if doubts:
        related = tuple(Related(doubt.span, f"{doubt.reason} may have made it") for doubt in doubts)
        message = f"{kind} `{name}` is not known to exist"
        return Diagnostic(f"unknown-{_code(kind)}", message, span, None, related, "warning")
    hint = did_you_mean(name.name, (key.name for key in _candidates(schema, kind)))
    return Diagnostic(f"unknown-{_code(kind)}", f"{kind} `{name}` does not exist", span, hint)


def missing_part(schema: Schema, kind: str, part: str, table: Table, span: Span) -> Diagnostic:
    """The diagnostic for a column, constraint … that a table does not have."""
    message = f"{kind} `{part}` of `{table.name}` does not exist"
    doubts = schema.opaque + table.opaque
    if doubts:
        related = tuple(Related(doubt.span, f"{doubt.reason} may have made it") for doubt in doubts)
        return Diagnostic(f"unknown-{_code(kind)}", message, span, None, related, "warning")
    names = [column.name for column in table.columns]
    if kind != "column":
        names = [constraint.name for constraint in table.constraints]
    return Diagnostic(f"unknown-{_code(kind)}", message, span, did_you_mean(part, names))


def exists_already(schema: Schema, kind: str, name: str, span: Span) -> Diagnostic:
    """The diagnostic for a name that is taken: a warning where an opaque statement may have freed it."""
    message = f"{kind} `{name}` exists already"
    if schema.opaque:
        related = tuple(Related(doubt.span, f"{doubt.reason} may have dropped it") for doubt in schema.opaque)
        return Diagnostic("duplicate-object", message, span, None, related, "warning")
    return Diagnostic("duplicate-object", message, span)


def held_back(kind: str, name: str, by: str, span: Span) -> Diagnostic:
    """The diagnostic for a DROP without CASCADE of what something else needs."""
    return Diagnostic("dependent-objects", f"{kind} `{name}` cannot be dropped: {by} needs it", span)


def _code(kind: str) -> str:
    return kind.replace(" ", "-")


def _candidates(schema: Schema, kind: str) -> list[Name]:
    if kind == Kind.VIEW.value:
        return list(schema.views)
    if kind in (Kind.TYPE.value, Kind.DOMAIN.value, "enum"):
        return [*schema.enums, *schema.domains, *schema.types]
    if kind == Kind.SEQUENCE.value:
        return list(schema.sequences)
    return list(schema.tables)


def with_table(schema: Schema, table: Table) -> Schema:
    """The schema with this table in the place of the one of its name."""
    return replace(schema, tables={**schema.tables, table.name: table})


def without(objects: Mapping[Name, Found], *names: Name) -> dict[Name, Found]:
    return {name: found for name, found in objects.items() if name not in names}


Object = TypeVar("Object", Table, View, EnumType, Domain, UserType, Sequence)


def moved(objects: Mapping[Name, Object], old: Name, new: Name) -> dict[Name, Object]:
    """The objects with the one named `old`, if it is among them, named `new`; the order is kept."""
    return {
        (new if name == old else name): replace(found, name=new) if name == old else found
        for name, found in objects.items()
    }


def children(schema: Schema, table: Name) -> list[Table]:
    """The tables that inherit from `table` or partition it, directly."""
    return [found for found in schema.tables.values() if table in found.parents]


def is_unresolved(type_: SqlType) -> bool:
    return type_.schema == UNRESOLVED
