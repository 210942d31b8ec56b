"""Defines `unmet`: which of the things that a statement requires is not there."""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Span
from rung.migrations.apply import indexed_by, scopes
from rung.migrations.apply.lookup import (
    find,
    in_doubt,
    is_catalog,
    missing,
    missing_part,
    relation,
    resolve_type,
    type_name,
    unresolved_type,
)
from rung.migrations.apply.names import has_constraint, index_owner
from rung.migrations.apply.objects import same_arguments
from rung.migrations.expressions import SqlType
from rung.migrations.schema import TEMPORARY, Domain, Name, Schema, Table, View
from rung.migrations.scopes import Scope, Thing
from rung.migrations.steps import Requires

# the server's own, which no column has
_OWN_TYPES = {
    "fdw_handler",
    "index_am_handler",
    "language_handler",
    "table_am_handler",
    "tsm_handler",
    "unknown",
}

_TYPES = {"type", "column type"}
# the types whose values are all of one length
_SHORT_WORDS = """
    bool box char cid circle date float4 float8 int2 int4 int8 interval line lseg macaddr macaddr8 money name
    oid pg_lsn point time timestamp timestamptz timetz uuid
"""
_SHORT = frozenset(_SHORT_WORDS.split())


def unmet(schema: Schema, step: Requires) -> Diagnostic | None:
    """Why the server would refuse the statement; None where it would not, or that is not certain."""
    if step.scope is not None:
        found = scopes.refusal(schema, step.scope, step.span) or _misfit(schema, step)
        if found is not None:
            return found
    return next((found for thing in _things(step) for found in _lacking(schema, thing, step.span)), None)


def _things(step: Requires) -> Iterator[Thing]:
    yield from step.things
    if step.scope is not None:
        yield from scopes.things(step.scope)


def taken_for_granted(schema: Schema, step: Requires) -> tuple[str, ...]:
    """What may be there though no migration made it: types of extensions, which are often made by hand, and
    the server's collations."""
    found = (
        f"{thing.kind.removeprefix('column ')} `{thing.name}` exists"
        for thing in _things(step)
        if thing.kind == "collation" or (thing.kind in _TYPES and not _has_type(schema, thing.name))
    )
    return tuple(dict.fromkeys(found))


def _has_type(schema: Schema, name: Name) -> bool:
    # `_mood` is the type of arrays of `mood`
    names = (name, Name(name.schema, name.name.removeprefix("_")))
    known = any(type_name(schema, each) or relation(schema, each) for each in names)
    return known or is_catalog(name) or name.name in _OWN_TYPES


def _misfit(schema: Schema, step: Requires) -> Diagnostic | None:
    """That a query gives too many columns, or too few, or two of a name, for what is made of it."""
    assert step.scope is not None
    if step.fills is not None:
        return _overfull(schema, step.scope, *step.fills, step.span)
    given = None if step.named is None else scopes.outputs(schema, step.scope)
    if step.named is None or given is None:
        return None
    if len(step.named) > len(given):
        message = f"{len(step.named)} columns are named and the query gives {len(given)}"
        return Diagnostic("column-count", message, step.span)
    return _twice((*step.named, *given[len(step.named) :]), step.span)


def _overfull(
    schema: Schema, scope: Scope, name: Name, columns: tuple[str, ...], span: Span
) -> Diagnostic | None:
    """That an INSERT names a column twice, or gives more values or fewer than it has columns for."""
    table, given = schema.table(name), None
    if scope.paired:
        given = scopes.outputs(schema, scope.paired[0])
    if given is not None and table is not None and not table.opaque:
        room = len(columns or table.columns)
        if len(given) > room or (columns and len(given) < room):
            message = f"{len(given)} values are given for {room} columns"
            return Diagnostic("column-count", message, span)
    return _twice(columns, span)


def _twice(columns: tuple[str, ...], span: Span) -> Diagnostic | None:
    twice = next((name for name in columns if name and columns.count(name) > 1), None)
    return None if twice is None else Diagnostic("duplicate-object", f"column `{twice}` is named twice", span)


def _lacking(schema: Schema, thing: Thing, span: Span) -> Iterator[Diagnostic]:
    name = thing.name
    if is_catalog(name):
        return
    match thing.kind:
        case "column":
            yield from _column(schema, name, str(thing.part), span)
        case "order" | "identity":
            yield from indexed_by.unfit(schema, thing, span)
        case "concurrent view":
            yield from _concurrent(schema, name, span)
        case "long column":
            yield from _column(schema, name, str(thing.part), span)
            yield from _long(schema, name, str(thing.part), span)
        case "constraint" | "policy" | "trigger":
            table = schema.table(name)
            if table is None:
                yield from _relation(schema, name, span)
            elif not _has_part(table, thing):
                yield missing_part(schema, thing.kind, str(thing.part), table, span)
        case "relation":
            yield from _relation(schema, name, span)
        case "table" | "view" | "materialized view" | "sequence" | "index":
            found = _kind(schema, name)
            if found is None:
                yield missing(schema, thing.kind, name, span)
            elif found != thing.kind and not in_doubt(schema, name):
                yield Diagnostic("wrong-object", f"`{name}` is no {thing.kind} but a {found}", span)
        case "type":
            if not _has_type(schema, name) and unresolved_type(
                schema, SqlType(name.name, schema=name.schema or "")
            ):
                yield missing(schema, "type", name, span)
        case "domain":
            domain = find(schema.domains, schema, name)
            if domain is None:
                if not schema.extensions:
                    yield missing(schema, "domain", name, span)
            elif not _has_check(domain, thing.part):
                message = f"constraint `{thing.part}` of domain `{name}` does not exist"
                yield Diagnostic("unknown-constraint", message, span)
        case "signature":
            if find(schema.functions, schema, name):
                yield from _function(schema, thing, span)
        case "function":
            yield from _function(schema, thing, span)
        case "schema":
            if name.name not in schema.schemas and name.name not in ("pg_catalog", "information_schema"):
                yield missing(schema, "schema", name, span)
        case "collation" | "column type":
            # the former no schema tells, the latter the column's own step
            return
        case "extension":
            if name.name not in schema.extensions:
                yield missing(schema, "extension", name, span)
        case _:
            raise AssertionError(thing.kind)


def _concurrent(schema: Schema, name: Name, span: Span) -> Iterator[Diagnostic]:
    """A materialized view of which the rows are told apart, by an index over all of them."""
    yield from _lacking(schema, Thing("materialized view", name), span)
    view = relation(schema, name)
    if not isinstance(view, View) or not view.materialized or view.opaque or schema.opaque:
        return
    whole = (
        index.unique and index.where is None and all(key.column for key in index.keys)
        for index in view.indexes
    )
    if not any(whole):
        message = f"`{view.name}` has no unique index over all its rows, which CONCURRENTLY needs"
        yield Diagnostic("wrong-object", message, span)


def _long(schema: Schema, name: Name, column: str, span: Span) -> Iterator[Diagnostic]:
    table = relation(schema, name)
    found = table.column(column) if isinstance(table, Table) and not (table.opaque or schema.opaque) else None
    if found is not None and found.type.schema is None and found.type.name in _SHORT and not found.type.array:
        message = f"values of `{name}.{column}` are stored plainly, being of type {found.type.name}"
        yield Diagnostic("wrong-object", message, span)


def _has_check(domain: Domain, name: str | None) -> bool:
    if name is None or domain.not_null is not None or domain.opaque:
        return True
    return any(check.name == name for check in domain.checks)


def _kind(schema: Schema, name: Name) -> str | None:
    """What kind of relation a name stands for; None where there is none."""
    match relation(schema, name):
        case Table():
            return "table"
        case View(materialized=True):
            return "materialized view"
        case View():
            return "view"
        case None:
            pass
    if find(schema.sequences, schema, name) is not None:
        return "sequence"
    places = (TEMPORARY, *schema.search_path) if name.schema is None else (name.schema,)
    if any(index_owner(schema, Name(place, name.name)) is not None for place in places):
        return "index"
    kept = find(schema.types, schema, name)
    return "type" if kept is not None and kept.kind == "composite" else None


def _relation(schema: Schema, name: Name, span: Span) -> Iterator[Diagnostic]:
    if _kind(schema, name) is None:
        yield missing(schema, "table", name, span)


def _column(schema: Schema, name: Name, column: str, span: Span) -> Iterator[Diagnostic]:
    match relation(schema, name):
        case Table() as table:
            if table.column(column) is None:
                yield missing_part(schema, "column", column, table, span)
        case View(opaque=(), columns=tuple() as columns):
            if column not in columns:
                yield Diagnostic("unknown-column", f"column `{name}.{column}` does not exist", span)
        case View():
            return
        case None:
            yield from _relation(schema, name, span)


def _has_part(table: Table, thing: Thing) -> bool:
    if thing.kind == "trigger":
        return any(trigger.name == thing.part for trigger in table.triggers)
    if thing.kind == "policy":
        return any(policy.name == thing.part for policy in table.policies)
    return has_constraint(table, str(thing.part)) or str(thing.part).endswith("_not_null")


def _function(schema: Schema, thing: Thing, span: Span) -> Iterator[Diagnostic]:
    found = find(schema.functions, schema, thing.name)
    if not found:
        # an extension may have brought it
        if not schema.extensions:
            yield missing(schema, "function", thing.name, span)
        return
    if thing.arguments is None or any(function.language == "aggregate" for function in found):
        return
    wanted = tuple(resolve_type(schema, type_) for type_ in thing.arguments)
    if not any(same_arguments(function, wanted) for function in found):
        yield missing(schema, "function", thing.name, span)
