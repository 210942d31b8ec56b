"""Defines how enums, domains and other types come, change and go."""

from __future__ import annotations

from dataclasses import replace

from rung.diagnostics import Diagnostic, Span, did_you_mean
from rung.migrations.apply.dependents import users_of_type
from rung.migrations.apply.lookup import (
    Result,
    creation_name,
    exists_already,
    find,
    held_back,
    missing,
    moved,
    resolve_type,
    type_name,
    without,
)
from rung.migrations.apply.names import constraint_exists, object_name
from rung.migrations.expressions import SqlType
from rung.migrations.schema import Domain, EnumType, Name, NotNull, Schema
from rung.migrations.steps import (
    AddEnumValue,
    AlterDomain,
    CreateDomain,
    CreateEnum,
    CreateType,
    Drop,
    RenameEnumValue,
)


def create_enum(schema: Schema, step: CreateEnum) -> Result:
    name = creation_name(schema, step.enum.name)
    if type_name(schema, name) is not None:
        return schema if step.if_not_exists else exists_already(schema, "type", str(name), step.span)
    return replace(schema, enums={**schema.enums, name: replace(step.enum, name=name)})


def add_enum_value(schema: Schema, step: AddEnumValue) -> Result:
    enum = find(schema.enums, schema, step.enum)
    if enum is None:
        return missing(schema, "enum", step.enum, step.span)
    if step.value in enum.values:
        if step.if_not_exists:
            return schema
        return exists_already(schema, "enum value", step.value, step.span)
    neighbor = step.before or step.after
    if neighbor is not None and neighbor not in enum.values:
        return _no_value(enum, neighbor, step.span)
    position = len(enum.values)
    if neighbor is not None:
        position = enum.values.index(neighbor) + (step.after is not None)
    values = (*enum.values[:position], step.value, *enum.values[position:])
    return replace(schema, enums={**schema.enums, enum.name: replace(enum, values=values)})


def rename_enum_value(schema: Schema, step: RenameEnumValue) -> Result:
    enum = find(schema.enums, schema, step.enum)
    if enum is None:
        return missing(schema, "enum", step.enum, step.span)
    if step.value not in enum.values:
        return _no_value(enum, step.value, step.span)
    if step.new_value in enum.values:
        return exists_already(schema, "enum value", step.new_value, step.span)
    values = tuple(step.new_value if value == step.value else value for value in enum.values)
    return replace(schema, enums={**schema.enums, enum.name: replace(enum, values=values)})


def _no_value(enum: EnumType, value: str, span: Span) -> Diagnostic:
    message = f"enum `{enum.name}` has no value `{value}`"
    return Diagnostic("unknown-enum-value", message, span, did_you_mean(value, enum.values))


def create_domain(schema: Schema, step: CreateDomain) -> Result:
    name = creation_name(schema, step.domain.name)
    if type_name(schema, name) is not None:
        return exists_already(schema, "type", str(name), step.span)
    domain = replace(step.domain, name=name, type=resolve_type(schema, step.domain.type), checks=())
    for check in step.domain.checks:
        named = check if check.name else replace(check, name=_check_name(schema, domain))
        domain = replace(domain, checks=(*domain.checks, named))
    return replace(schema, domains={**schema.domains, name: domain})


def _check_name(schema: Schema, domain: Domain) -> str:
    place, number = domain.name.schema or "", 0
    name = object_name(domain.name.name, None, "check")
    while constraint_exists(schema, place, name) or any(check.name == name for check in domain.checks):
        number += 1
        name = object_name(domain.name.name, None, f"check{number}")
    return name


def alter_domain(schema: Schema, step: AlterDomain) -> Result:
    domain = find(schema.domains, schema, step.domain)
    if domain is None:
        return missing(schema, "domain", step.domain, step.span)
    added = step.check.name if step.check is not None else step.new_name
    if any(check.name == added for check in domain.checks):
        return exists_already(schema, "constraint", added, step.span)
    changed = _altered(schema, domain, step)
    if changed is None:
        if step.missing_ok:
            return schema
        message = f"constraint `{step.constraint}` of domain `{domain.name}` does not exist"
        return Diagnostic("unknown-constraint", message, step.span)
    return replace(schema, domains={**schema.domains, domain.name: changed})


def _altered(schema: Schema, domain: Domain, step: AlterDomain) -> Domain | None:
    """The domain after the step; None where it names a constraint that is not there."""
    match step.action:
        case "set default":
            return replace(domain, default=step.default)
        case "set not null":
            return replace(domain, not_null=domain.not_null or step.not_null or NotNull())
        case "drop not null":
            return replace(domain, not_null=None)
        case "add check":
            assert step.check is not None
            check = step.check
            if not check.name:
                check = replace(check, name=_check_name(schema, domain))
            return replace(domain, checks=(*domain.checks, check))
        case "drop constraint" | "validate" | "rename":
            if all(check.name != step.constraint for check in domain.checks):
                if step.action == "drop constraint" and domain.not_null is not None:
                    named = domain.not_null.name or object_name(domain.name.name, None, "not_null")
                    if named == step.constraint:
                        return replace(domain, not_null=None)
                return None
            if step.action == "drop constraint":
                kept = tuple(check for check in domain.checks if check.name != step.constraint)
                return replace(domain, checks=kept)
            checks = tuple(
                check
                if check.name != step.constraint
                else replace(check, validated=True)
                if step.action == "validate"
                else replace(check, name=step.new_name)
                for check in domain.checks
            )
            return replace(domain, checks=checks)


def create_type(schema: Schema, step: CreateType) -> Result:
    name = creation_name(schema, step.type.name)
    if type_name(schema, name) is not None:
        existing = schema.types.get(name)
        if existing is not None and existing.kind == "base":
            # a shell type, completed now
            return schema
        return exists_already(schema, "type", str(name), step.span)
    columns = tuple(replace(column, type=resolve_type(schema, column.type)) for column in step.type.columns)
    type_ = replace(step.type, name=name, columns=columns)
    return replace(schema, types={**schema.types, name: type_})


def drop_type(schema: Schema, step: Drop) -> Result:
    name = type_name(schema, step.name)
    if name is None or name in schema.tables or name in schema.views:
        return schema if step.if_exists else missing(schema, step.kind.value, step.name, step.span)
    user = next(users_of_type(schema, name), None)
    if user is not None and not step.cascade:
        return held_back(step.kind.value, str(name), user.words, step.span)
    return without_type(schema, name)


def without_type(schema: Schema, name: Name) -> Schema:
    """The schema without the type and what is made of it."""
    for user in list(users_of_type(schema, name)):
        schema = user.removed(schema)
    return replace(
        schema,
        enums=without(schema.enums, name),
        domains=without(schema.domains, name),
        types=without(schema.types, name),
    )


def renamed_type(schema: Schema, old: Name, new: Name) -> Schema:
    """The schema with the type under its new name, wherever it is."""

    def renamed(type_: SqlType) -> SqlType:
        if (type_.schema, type_.name) == old:
            return replace(type_, schema=new.schema, name=new.name)
        return type_

    tables = dict(schema.tables)
    for table in schema.tables.values():
        if any((column.type.schema, column.type.name) == old for column in table.columns):
            columns = tuple(replace(column, type=renamed(column.type)) for column in table.columns)
            tables[table.name] = replace(table, columns=columns)
    functions = {
        key: tuple(
            replace(
                each,
                arguments=tuple(map(renamed, each.arguments)),
                gives=tuple(map(renamed, each.gives)),
            )
            for each in found
        )
        for key, found in schema.functions.items()
    }
    views = {key: replace(view, types=tuple(map(renamed, view.types))) for key, view in schema.views.items()}
    types = {
        key: replace(
            kept,
            columns=tuple(replace(column, type=renamed(column.type)) for column in kept.columns),
        )
        for key, kept in schema.types.items()
    }
    domains = {
        key: replace(domain, type=renamed(domain.type)) if domain.type.schema is not None else domain
        for key, domain in schema.domains.items()
    }
    return replace(
        schema,
        tables=tables,
        enums=moved(schema.enums, old, new),
        domains=moved(domains, old, new),
        types=moved(types, old, new),
        functions=functions,
        views=views,
    )
