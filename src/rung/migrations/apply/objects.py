"""Defines how views, sequences, functions, schemas and extensions come and go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from rung.diagnostics import Diagnostic, Span
from rung.migrations.apply.columns import without_view
from rung.migrations.apply.dependents import User, users_of_function
from rung.migrations.apply.indexes import drop_index
from rung.migrations.apply.lookup import (
    EXTENSION_TYPES,
    Result,
    creation_name,
    exists_already,
    find,
    held_back,
    is_catalog,
    missing,
    missing_part,
    relation,
    resolve_type,
    type_name,
    without,
)
from rung.migrations.apply.names import relation_exists
from rung.migrations.apply.outputs import given_columns
from rung.migrations.apply.sequences import sequence_users, without_defaults
from rung.migrations.apply.tables import drop_table, drop_trigger, without_table
from rung.migrations.apply.types import drop_type, without_type
from rung.migrations.expressions import SqlType
from rung.migrations.schema import (
    Function,
    Kind,
    Name,
    RelationUses,
    Schema,
    Table,
    UserType,
    View,
)
from rung.migrations.steps import (
    AlterSequence,
    CreateExtension,
    CreateFunction,
    CreateSchema,
    CreateSequence,
    CreateView,
    Drop,
    NoEffect,
    Reference,
)


def create_view(schema: Schema, step: CreateView) -> Result:
    name = creation_name(schema, step.view.name)
    if relation_exists(schema, name.schema or "", name.name):
        if step.if_not_exists:
            return schema
        if not (step.or_replace and name in schema.views):
            return exists_already(schema, "relation", str(name), step.span)
    uses = uses_of(schema, step.references, step.span)
    if isinstance(uses, Diagnostic):
        return uses
    old = schema.views.get(name)
    given = given_columns(schema, step.outputs)
    if old is not None and given is not None and old.columns is not None:
        lost = _lost(old.columns, tuple(column.name for column in given))
        if lost is not None:
            message = f"column `{lost}` of view `{name}` cannot be taken away or renamed so"
            return Diagnostic("wrong-object", message, step.span, "drop the view and create it again")
        if old.materialized and step.or_replace:
            return Diagnostic("wrong-object", f"`{name}` is a materialized view", step.span)
    view = replace(
        step.view,
        name=name,
        uses=uses,
        columns=None if given is None else tuple(column.name for column in given),
        types=tuple(column.type for column in given or ()),
        triggers=old.triggers if old else (),
    )
    return replace(schema, views={**schema.views, name: view})


def _lost(old: tuple[str, ...], new: tuple[str, ...]) -> str | None:
    """The first column that a view has no longer at its place; two of a name: not known which they are."""
    if len(set(old)) < len(old) or len(set(new)) < len(new):
        return None
    return next((name for at, name in enumerate(old) if new[at : at + 1] != (name,)), None)


def uses_of(schema: Schema, references: Iterable[Reference], span: Span) -> RelationUses | Diagnostic:
    """The relations that are read with the columns of each; `*` is all those there are at the time."""
    found: dict[Name, frozenset[str] | None] = {}
    for column, groups in references:
        for group in groups:
            owners = []
            for name in group:
                owner = relation(schema, name)
                if owner is None and not is_catalog(name):
                    return missing(schema, "table", name, span)
                columns = None if owner is None else _column_names(owner)
                if owner is not None and (columns is None or not column or column in columns):
                    owners.append(owner.name)
                    before = found.get(owner.name, frozenset())
                    named = columns if column is None else frozenset({column} - {""})
                    found[owner.name] = None if before is None or named is None else before | named
            if owners:
                break
    return tuple(found.items())


def _column_names(found: Table | View) -> frozenset[str] | None:
    """The names of a relation's columns; None where they are not all known."""
    if isinstance(found, View):
        return None if found.columns is None else frozenset(found.columns)
    return None if found.opaque else frozenset(column.name for column in found.columns)


def create_sequence(schema: Schema, step: CreateSequence) -> Result:
    name = creation_name(schema, step.sequence.name)
    if relation_exists(schema, name.schema or "", name.name):
        return schema if step.if_not_exists else exists_already(schema, "relation", str(name), step.span)
    owner = step.sequence.owner
    if owner is not None:
        table = schema.table(owner[0])
        if table is None and owner[1]:
            return missing(schema, "table", owner[0], step.span)
        if table is not None and table.column(owner[1]) is None:
            return missing_part(schema, "column", owner[1], table, step.span)
        owner = None if table is None else (table.name, owner[1])
    sequence = replace(step.sequence, name=name, owner=owner)
    return replace(schema, sequences={**schema.sequences, name: sequence})


def alter_sequence(schema: Schema, step: AlterSequence) -> Result:
    sequence = find(schema.sequences, schema, step.sequence)
    if sequence is None:
        return schema if step.if_exists else missing(schema, "sequence", step.sequence, step.span)
    if step.type is not None:
        sequence = replace(sequence, type=step.type)
    if step.settings:
        sequence = replace(sequence, settings=(*sequence.settings, *step.settings))
    if step.owner is not None:
        table = schema.table(step.owner[0])
        if table is None and step.owner[1]:
            return missing(schema, "table", step.owner[0], step.span)
        if table is not None and table.column(step.owner[1]) is None:
            return missing_part(schema, "column", step.owner[1], table, step.span)
        sequence = replace(sequence, owner=None if table is None else (table.name, step.owner[1]))
    return replace(schema, sequences={**schema.sequences, sequence.name: sequence})


def create_function(schema: Schema, step: CreateFunction) -> Result:
    name = creation_name(schema, step.function.name)
    arguments = tuple(resolve_type(schema, type_) for type_ in step.function.arguments)
    gives = tuple(resolve_type(schema, type_) for type_ in step.function.gives)
    function = replace(step.function, name=name, arguments=arguments, gives=gives)
    others = schema.functions.get(name, ())
    same = [found for found in others if found.arguments == arguments]
    if same and not step.or_replace:
        return exists_already(schema, "function", str(name), step.span)
    kept = tuple(found for found in others if found not in same)
    return replace(schema, functions={**schema.functions, name: (*kept, function)})


def _drop_function(schema: Schema, step: Drop) -> Result:
    found = find(schema.functions, schema, step.name)
    if not found:
        return schema if step.if_exists else missing(schema, "function", step.name, step.span)
    name = found[0].name
    gone: tuple[Function, ...] = found
    if step.arguments is not None:
        wanted = tuple(resolve_type(schema, type_) for type_ in step.arguments)
        gone = tuple(each for each in found if same_arguments(each, wanted))
        if not gone:
            return schema if step.if_exists else missing(schema, "function", step.name, step.span)
    kept = tuple(each for each in found if each not in gone)
    together = {other[0].name for each in step.together if (other := find(schema.functions, schema, each))}
    users = list(users_of_function(schema, gone, alone=not kept, together=together))
    if users and not step.cascade:
        return _held_back("function", name, users, step)
    for user in users:
        schema = user.removed(schema) if user.sure or not kept else schema
    functions = {**schema.functions, name: kept} if kept else without(schema.functions, name)
    return replace(schema, functions=functions)


def _held_back(kind: str, name: Name, users: Sequence[User], step: Drop) -> Diagnostic:
    """A warning where it may be that none of them does."""
    by = next((user for user in users if user.sure), users[0])
    refused = held_back(kind, str(name), by.words, step.span)
    return refused if by.sure else replace(refused, severity="warning")


def same_arguments(function: Function, wanted: tuple[SqlType, ...]) -> bool:
    """Whether the argument types agree; modifiers are no part of a signature."""

    def signature(types: tuple[SqlType, ...]) -> list[tuple[str | None, str, bool]]:
        return [(type_.schema, type_.name, bool(type_.array)) for type_ in types]

    return signature(function.arguments) == signature(wanted)


def create_schema(schema: Schema, step: CreateSchema) -> Result:
    if step.name in schema.schemas:
        return schema if step.if_not_exists else exists_already(schema, "schema", step.name, step.span)
    return replace(schema, schemas=schema.schemas | {step.name})


def create_extension(schema: Schema, step: CreateExtension) -> Result:
    if step.name in schema.extensions:
        return schema if step.if_not_exists else exists_already(schema, "extension", step.name, step.span)
    types = dict(schema.types)
    for type_ in EXTENSION_TYPES.get(step.name, ()):
        name = creation_name(schema, Name(step.schema, type_))
        types[name] = UserType(name, "base", span=step.span)
    return replace(schema, extensions=schema.extensions | {step.name}, types=types)


_REDEFINING = {
    "ALTER OPERATOR",
    "CREATE AM",
    "CREATE CAST",
    "CREATE OP CLASS",
    "CREATE OP FAMILY",
    "CREATE OPERATOR",
}


def redefined(schema: Schema, step: NoEffect) -> Schema:
    """The schema after what changes how expressions are understood, without changing an object."""
    if step.what == "ALTER FUNCTION":
        functions = {
            name: tuple(replace(each, volatility="?") for each in found)
            for name, found in schema.functions.items()
        }
        return replace(schema, functions=functions)
    return replace(schema, own_operators=True) if step.what in _REDEFINING else schema


def drop(schema: Schema, step: Drop) -> Result:
    match step.kind:
        case Kind.TABLE:
            return drop_table(schema, step)
        case Kind.VIEW | Kind.MATERIALIZED_VIEW:
            return _drop_view(schema, step)
        case Kind.INDEX:
            return drop_index(schema, step)
        case Kind.SEQUENCE:
            return _drop_sequence(schema, step)
        case Kind.TYPE | Kind.DOMAIN:
            return drop_type(schema, step)
        case Kind.FUNCTION:
            return _drop_function(schema, step)
        case Kind.TRIGGER:
            return drop_trigger(schema, step)
        case Kind.SCHEMA:
            return _drop_schema(schema, step)
        case Kind.EXTENSION:
            return _drop_extension(schema, step)
        case _:
            assert_never(step.kind)


def _drop_view(schema: Schema, step: Drop) -> Result:
    view = find(schema.views, schema, step.name)
    if view is None:
        # one that the same statement names earlier may have taken it along
        gone = step.if_exists or (step.cascade and step.name != step.together[0])
        return schema if gone else missing(schema, "view", step.name, step.span)
    if view.materialized is not (step.kind is Kind.MATERIALIZED_VIEW):
        return Diagnostic("wrong-object", f"`{view.name}` is no {step.kind.value}", step.span)
    together = {found.name for name in step.together if (found := find(schema.views, schema, name))}
    for other in schema.views.values():
        if (
            other.name not in together
            and any(used == view.name for used, _ in other.uses)
            and not step.cascade
        ):
            return held_back("view", str(view.name), f"view `{other.name}`", step.span)
    if not step.cascade:
        return replace(schema, views=without(schema.views, view.name))
    return without_view(schema, view.name)


def _drop_sequence(schema: Schema, step: Drop) -> Result:
    sequence = find(schema.sequences, schema, step.name)
    if sequence is None:
        return schema if step.if_exists else missing(schema, "sequence", step.name, step.span)
    users = sequence_users(schema, sequence)
    if users and not step.cascade:
        holder = f"column `{users[0][0]}.{users[0][1]}`"
        return held_back("sequence", str(sequence.name), holder, step.span)
    schema = without_defaults(schema, users)
    return replace(schema, sequences=without(schema.sequences, sequence.name))


def _drop_schema(schema: Schema, step: Drop) -> Result:
    place = step.name.name
    if place not in schema.schemas:
        return schema if step.if_exists else missing(schema, "schema", step.name, step.span)
    tables = [table for table in schema.tables.values() if table.name.schema == place]
    if tables and not step.cascade:
        return held_back("schema", place, f"table `{tables[0].name}`", step.span)
    for table in tables:
        if table.name in schema.tables:
            schema = without_table(schema, schema.tables[table.name])
    for view in list(schema.views):
        if view.schema == place:
            schema = without_view(schema, view)
    for type_ in (*schema.enums, *schema.domains, *schema.types):
        if type_.schema == place:
            schema = without_type(schema, type_)
    return replace(
        schema,
        schemas=schema.schemas - {place},
        sequences={key: found for key, found in schema.sequences.items() if key.schema != place},
        functions={key: found for key, found in schema.functions.items() if key.schema != place},
    )


def _drop_extension(schema: Schema, step: Drop) -> Result:
    name = step.name.name
    if name not in schema.extensions:
        return schema if step.if_exists else missing(schema, "extension", step.name, step.span)
    for type_ in EXTENSION_TYPES.get(name, ()):
        key = type_name(schema, Name(None, type_))
        if key is not None:
            schema = without_type(schema, key)
    return replace(schema, extensions=schema.extensions - {name})
