"""Defines how indexes come, change and go."""

from __future__ import annotations

from dataclasses import replace

from rung.diagnostics import Diagnostic, Span, did_you_mean
from rung.migrations.apply.constraints import Key, key_columns, read_columns, without_constraint
from rung.migrations.apply.lookup import (
    Result,
    children,
    exists_already,
    held_back,
    missing,
    missing_part,
    relation,
    with_table,
)
from rung.migrations.apply.names import addition, index_columns, index_owner, relation_exists, relation_name
from rung.migrations.schema import Index, Name, PrimaryKey, Schema, Table, Unique
from rung.migrations.steps import CreateIndex, Drop


def create_index(schema: Schema, step: CreateIndex) -> Result:
    target = relation(schema, step.table)
    if target is None:
        return missing(schema, "table", step.table, step.span)
    place = target.name.schema or ""
    taken = relation_exists(schema, place, step.index.name)
    if schema.dialect == "mysql":
        taken = any(index.name == step.index.name for index in target.indexes)
    if step.index.name and taken:
        if step.if_not_exists:
            return schema
        return exists_already(schema, "relation", step.index.name, step.span)
    if isinstance(target, Table):
        unknown = next((name for name in _index_columns(step.index) if target.column(name) is None), None)
        if unknown is not None and not target.opaque:
            return missing_part(schema, "column", unknown, target, step.span)
        return with_index(schema, target, step.index)
    named = target.columns or ()
    unknown = next((name for name in _index_columns(step.index) if name not in named), None)
    if unknown is not None and target.columns is not None:
        message = f"column `{unknown}` of `{target.name}` does not exist"
        return Diagnostic("unknown-column", message, step.span, did_you_mean(unknown, named))
    index = _named_index(schema, target.name, step.index)
    view = replace(target, indexes=(*target.indexes, index))
    return replace(schema, views={**schema.views, view.name: view})


def _index_columns(index: Index) -> list[str]:
    where = () if index.where is None else read_columns(index.where)
    return [*key_columns(index.keys), *index.include, *where]


def _named_index(schema: Schema, table: Name, index: Index) -> Index:
    if index.name:
        return index
    columns = addition(index_columns(index.keys, index.include))
    return replace(index, name=relation_name(schema, table, columns, "idx"))


def with_index(schema: Schema, table: Table, index: Index) -> Schema:
    """The schema with the index on the table and, under names of their own, on its partitions."""
    index = _named_index(schema, table.name, index)
    schema = with_table(schema, replace(table, indexes=(*table.indexes, index)))
    bare = replace(index, name="")
    for child in children(schema, table.name):
        if child.bounds is not None and not any(replace(found, name="") == bare for found in child.indexes):
            schema = with_index(schema, child, bare)
    return schema


def drop_index(schema: Schema, step: Drop) -> Result:
    if step.table is not None:
        return _drop_index_of(schema, step, step.table)
    owner = _owner(schema, step.name)
    if owner is None:
        return schema if step.if_exists else missing(schema, "index", step.name, step.span)
    name = step.name.name
    view = schema.views.get(owner)
    if view is not None:
        view = replace(view, indexes=tuple(index for index in view.indexes if index.name != name))
        return replace(schema, views={**schema.views, owner: view})
    table = schema.tables[owner]
    index = table.index(name)
    if index is None:
        return held_back("index", name, f"constraint `{name}` of `{owner}`", step.span)
    return _without_index(schema, table, index)


def _drop_index_of(schema: Schema, step: Drop, table_name: Name) -> Result:
    """DROP INDEX … ON table, where a unique constraint is no more than its index."""
    table = schema.table(table_name)
    if table is None:
        return missing(schema, "table", table_name, step.span)
    index = table.index(step.name.name)
    if index is not None:
        return _without_index(schema, table, index)
    key = table.constraint(step.name.name)
    if isinstance(key, (PrimaryKey, Unique)):
        return without_constraint(schema, table, key)
    return schema if step.if_exists else missing_part(schema, "index", step.name.name, table, step.span)


def _without_index(schema: Schema, table: Table, index: Index) -> Schema:
    kept = tuple(found for found in table.indexes if found is not index)
    schema = with_table(schema, replace(table, indexes=kept))
    bare = replace(index, name="")
    for child in children(schema, table.name):
        copy = next((found for found in child.indexes if replace(found, name="") == bare), None)
        if child.bounds is not None and copy is not None:
            schema = _without_index(schema, child, copy)
    return schema


def _owner(schema: Schema, name: Name) -> Name | None:
    """The table or view that has the index."""
    places = schema.search_path if name.schema is None else (name.schema,)
    for place in places:
        owner = index_owner(schema, Name(place, name.name))
        if owner is not None:
            return owner
    return None


def is_index(schema: Schema, name: Name) -> bool:
    return _owner(schema, name) is not None


def rename_index(schema: Schema, name: Name, new_name: str, span: Span, *, if_exists: bool) -> Result:
    owner = _owner(schema, name)
    if owner is None:
        return schema if if_exists else missing(schema, "index", name, span)
    if relation_exists(schema, owner.schema or "", new_name):
        return exists_already(schema, "relation", new_name, span)

    def renamed(indexes: tuple[Index, ...]) -> tuple[Index, ...]:
        return tuple(replace(index, name=new_name) if index.name == name.name else index for index in indexes)

    view = schema.views.get(owner)
    if view is not None:
        return replace(schema, views={**schema.views, owner: replace(view, indexes=renamed(view.indexes))})
    table = schema.tables[owner]
    # a constraint that owns the index is renamed with it
    constraints = tuple(
        replace(found, name=new_name) if found.name == name.name and isinstance(found, Key) else found
        for found in table.constraints
    )
    return with_table(schema, replace(table, indexes=renamed(table.indexes), constraints=constraints))
