"""Defines RENAME and SET SCHEMA of whole objects, wherever something refers to them."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from rung.diagnostics import Diagnostic, Span
from rung.migrations.apply.indexes import is_index, rename_index
from rung.migrations.apply.lookup import (
    EXTENSION_TYPES,
    Result,
    exists_already,
    find,
    missing,
    missing_part,
    moved,
    relation,
    type_name,
    with_table,
    without,
)
from rung.migrations.apply.names import relation_exists
from rung.migrations.apply.types import renamed_type
from rung.migrations.schema import ForeignKey, Kind, Name, RelationUses, Schema
from rung.migrations.steps import Rename, SetSchema


def rename(schema: Schema, step: Rename) -> Result:
    match step.kind:
        case Kind.TABLE | Kind.VIEW | Kind.MATERIALIZED_VIEW | Kind.SEQUENCE | Kind.INDEX:
            # ALTER TABLE renames any relation
            found = relation(schema, step.name) or find(schema.sequences, schema, step.name)
            if found is None and step.kind is not Kind.INDEX and not is_index(schema, step.name):
                return schema if step.if_exists else missing(schema, step.kind.value, step.name, step.span)
            if found is None:
                return rename_index(schema, step.name, step.new_name, step.span, if_exists=step.if_exists)
            return _moved_relation(schema, found.name, Name(found.name.schema, step.new_name), step.span)
        case Kind.TYPE | Kind.DOMAIN:
            name = type_name(schema, step.name)
            if name is None or name in schema.tables or name in schema.views:
                return missing(schema, step.kind.value, step.name, step.span)
            new = Name(name.schema, step.new_name)
            if type_name(schema, new) is not None:
                return exists_already(schema, "type", str(new), step.span)
            return renamed_type(schema, name, new)
        case Kind.FUNCTION:
            functions = find(schema.functions, schema, step.name)
            if not functions:
                return missing(schema, "function", step.name, step.span)
            return _moved_function(schema, functions[0].name, Name(functions[0].name.schema, step.new_name))
        case Kind.TRIGGER:
            return _rename_trigger(schema, step)
        case Kind.SCHEMA:
            return _rename_schema(schema, step)
        case Kind.EXTENSION:
            return schema
        case _:
            assert_never(step.kind)


def _rename_trigger(schema: Schema, step: Rename) -> Result:
    assert step.table is not None
    table = schema.table(step.table)
    if table is None:
        return missing(schema, "table", step.table, step.span)
    if all(trigger.name != step.name.name for trigger in table.triggers):
        return missing_part(schema, "trigger", step.name.name, table, step.span)
    triggers = tuple(
        replace(trigger, name=step.new_name) if trigger.name == step.name.name else trigger
        for trigger in table.triggers
    )
    return with_table(schema, replace(table, triggers=triggers))


def _rename_schema(schema: Schema, step: Rename) -> Result:
    old, new = step.name.name, step.new_name
    if old not in schema.schemas:
        return missing(schema, "schema", step.name, step.span)
    if new in schema.schemas:
        return exists_already(schema, "schema", new, step.span)
    schema = replace(schema, schemas=schema.schemas - {old} | {new})
    return _emptied(schema, old, new)


def _emptied(schema: Schema, old: str, new: str) -> Schema:
    """The schema with everything that was in `old` in `new`."""
    for name in (*schema.enums, *schema.domains, *schema.types):
        if name.schema == old:
            schema = renamed_type(schema, name, Name(new, name.name))
    for name in (*schema.tables, *schema.views, *schema.sequences):
        if name.schema == old:
            schema = _relocated(schema, name, Name(new, name.name))
    for name in schema.functions:
        if name.schema == old:
            schema = _moved_function(schema, name, Name(new, name.name))
    return schema


def set_schema(schema: Schema, step: SetSchema) -> Result:
    if step.new_schema not in schema.schemas:
        return missing(schema, "schema", Name(None, step.new_schema), step.span)
    match step.kind:
        case Kind.TYPE | Kind.DOMAIN:
            name = type_name(schema, step.name)
            if name is None or name in schema.tables or name in schema.views:
                return missing(schema, step.kind.value, step.name, step.span)
            return renamed_type(schema, name, Name(step.new_schema, name.name))
        case Kind.FUNCTION:
            functions = find(schema.functions, schema, step.name)
            if not functions:
                return missing(schema, "function", step.name, step.span)
            return _moved_function(schema, functions[0].name, Name(step.new_schema, step.name.name))
        case Kind.EXTENSION:
            if step.name.name not in schema.extensions:
                return missing(schema, "extension", step.name, step.span)
            for type_ in EXTENSION_TYPES.get(step.name.name, ()):
                key = type_name(schema, Name(None, type_))
                if key is not None:
                    schema = renamed_type(schema, key, Name(step.new_schema, type_))
            return schema
        case _:
            found = relation(schema, step.name) or find(schema.sequences, schema, step.name)
            if found is None:
                return schema if step.if_exists else missing(schema, step.kind.value, step.name, step.span)
            new = Name(step.new_schema, found.name.name)
            if new == found.name:
                return schema
            result = _moved_relation(schema, found.name, new, step.span)
            if isinstance(result, Diagnostic):
                return result
            for sequence in list(result.sequences.values()):
                if sequence.owner is not None and sequence.owner[0] == new:
                    place = Name(step.new_schema, sequence.name.name)
                    result = replace(result, sequences=moved(result.sequences, sequence.name, place))
            return result


def _moved_relation(schema: Schema, old: Name, new: Name, span: Span) -> Result:
    if relation_exists(schema, new.schema or "", new.name):
        return exists_already(schema, "relation", str(new), span)
    return _relocated(schema, old, new)


def _relocated(schema: Schema, old: Name, new: Name) -> Schema:
    """The schema with a table, view or sequence under a new name, wherever something refers to it."""

    def current(name: Name) -> Name:
        return new if name == old else name

    def uses(found: RelationUses) -> RelationUses:
        return tuple((current(used), names) for used, names in found)

    tables = {}
    for table in moved(schema.tables, old, new).values():
        if old in table.parents:
            table = replace(table, parents=tuple(map(current, table.parents)))
        if any(isinstance(key, ForeignKey) and key.table == old for key in table.constraints):
            constraints = tuple(
                replace(key, table=current(key.table)) if isinstance(key, ForeignKey) else key
                for key in table.constraints
            )
            table = replace(table, constraints=constraints)
        if table.policies:
            table = replace(table, policies=tuple(policy.used(uses) for policy in table.policies))
        tables[table.name] = table
    sequences = {
        name: found
        if found.owner is None or found.owner[0] != old
        else replace(found, owner=(new, found.owner[1]))
        for name, found in moved(schema.sequences, old, new).items()
    }
    views = {
        name: view if all(used != old for used, _ in view.uses) else replace(view, uses=uses(view.uses))
        for name, view in moved(schema.views, old, new).items()
    }
    return replace(schema, tables=tables, sequences=sequences, views=views)


def _moved_function(schema: Schema, old: Name, new: Name) -> Schema:
    functions = without(schema.functions, old)
    functions[new] = tuple(replace(found, name=new) for found in schema.functions[old])
    for table in list(schema.tables.values()):
        if any(trigger.function == old for trigger in table.triggers):
            triggers = tuple(
                replace(trigger, function=new) if trigger.function == old else trigger
                for trigger in table.triggers
            )
            schema = with_table(schema, replace(table, triggers=triggers))
    return replace(schema, functions=functions)
