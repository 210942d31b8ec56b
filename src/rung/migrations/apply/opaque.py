"""Defines how a statement that is not understood marks what it may have touched."""

from __future__ import annotations

from dataclasses import replace

from rung.migrations.apply.lookup import creation_name, find, type_name, with_table
from rung.migrations.schema import Name, OpaqueReason, Schema
from rung.migrations.steps import Footprint, Opaque


def mark(schema: Schema, step: Opaque) -> Schema:
    """The schema with `step` noted on each table and type that it may change, or on all of it."""
    if not step.footprint.schema:
        return schema
    reason = OpaqueReason(step.reason, step.span)
    touched = reach(schema, step.footprint)
    if touched is None:
        return replace(schema, opaque=(*schema.opaque, reason))
    for name in touched:
        schema = _marked(schema, name, reason)
    return schema


def reach(schema: Schema, footprint: Footprint) -> tuple[Name, ...] | None:
    """The tables and types that a footprint names, those of the functions that it calls included.

    None where it may reach anything: a function is called that the schema does not know, or whose body
    runs text that it makes.
    """
    if footprint.tables is None:
        return None
    found = dict.fromkeys(footprint.tables)
    pending, seen = list(footprint.calls), set(footprint.calls)
    for call in pending:
        functions = find(schema.functions, schema, call)
        if not functions:
            return None
        for function in functions:
            if function.tables is None:
                return None
            found.update(dict.fromkeys(function.tables))
            new = [name for name in function.calls if name not in seen]
            pending.extend(new)
            seen.update(new)
    return tuple(found)


def _marked(schema: Schema, name: Name, reason: OpaqueReason) -> Schema:
    table = schema.table(name)
    if table is not None:
        return with_table(schema, replace(table, opaque=(*table.opaque, reason)))
    key = type_name(schema, name)
    if key is not None and key in schema.enums:
        enum = schema.enums[key]
        changed = replace(enum, opaque=(*enum.opaque, reason))
        return replace(schema, enums={**schema.enums, key: changed})
    if key is not None and key in schema.domains:
        domain = schema.domains[key]
        changed_domain = replace(domain, opaque=(*domain.opaque, reason))
        return replace(schema, domains={**schema.domains, key: changed_domain})
    view = find(schema.views, schema, name)
    if view is not None:
        changed_view = replace(view, opaque=(*view.opaque, reason))
        return replace(schema, views={**schema.views, view.name: changed_view})
    place = creation_name(schema, name)
    reasons = (*schema.doubtful.get(place, ()), reason)
    return replace(schema, doubtful={**schema.doubtful, place: reasons})
