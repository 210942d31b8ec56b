"""Defines `users_of_function` and `users_of_type`: what keeps them from being dropped without CASCADE."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from rung.migrations import server
from rung.migrations.apply.columns import without_column, without_policy, without_view
from rung.migrations.apply.constraints import without_constraint
from rung.migrations.apply.lookup import find, resolve_type, with_table, without
from rung.migrations.apply.sequences import without_defaults
from rung.migrations.expressions import Call, Cast, Expression, Opaque, SqlType, walk
from rung.migrations.schema import (
    Check,
    Domain,
    Exclusion,
    Function,
    Index,
    IndexKey,
    Name,
    Policy,
    Schema,
    Table,
    View,
)


class User(NamedTuple):
    """An object by its name in words, and the schema without it. `sure` is False where it may be that it
    uses another of the name."""

    words: str
    removed: Callable[[Schema], Schema]
    sure: bool = True


def users_of_function(
    schema: Schema, gone: Sequence[Function], *, alone: bool, together: Collection[Name]
) -> Iterator[User]:
    """What calls one of the functions of a name; `alone` where no other is left that has it. What is dropped
    `together` with it holds nothing back."""
    name = gone[0].name

    def calls(names: Iterable[Name]) -> bool:
        return any(
            written == name or (written.schema is None and written.name == name.name) for written in names
        )

    visible = find(schema.functions, schema, Name(None, name.name))
    sure = alone and visible is not None and visible[0].name == name and not server.has_function(name.name)
    fires = any(not each.arguments for each in gone)
    owners: list[Table | View] = [*schema.tables.values(), *schema.views.values()]
    for owner in owners:
        for trigger in owner.triggers:
            if (fires and trigger.function == name) or calls(trigger.calls):
                words = f"trigger `{trigger.name}` of `{owner.name}`"
                remove = partial(_without_trigger, owner.name, trigger.name)
                yield User(words, remove, sure or trigger.function == name)
    for table in schema.tables.values():
        for policy in table.policies:
            if any(calls(condition.calls) for condition in policy.conditions):
                words = f"policy `{policy.name}` of `{table.name}`"
                yield User(words, partial(_without_policy, table.name, policy), sure)
    for view in schema.views.values():
        if calls(view.calls):
            yield _view(view.name)._replace(sure=sure)
    for key, functions in schema.functions.items():
        for function in functions:
            if function.inline and key not in together and calls(function.calls):
                yield User(f"function `{key}`", partial(_without_function, key, function), sure)
    for user in _by_expression(schema, lambda found: calls(_called(found))):
        yield user._replace(sure=sure)


def users_of_type(schema: Schema, name: Name) -> Iterator[User]:
    """What is made of a type or of arrays of it, the columns of tables first."""

    def cast(expression: Expression) -> bool:
        return any(
            isinstance(part, Cast)
            and part.type.name == name.name
            and _is(resolve_type(schema, part.type), name)
            for part in _parts(expression)
        )

    yield from users_of_rows(schema, name)
    yield from _by_expression(schema, cast)
    for view in schema.views.values():
        if any(_is(type_, name) for type_ in view.types):
            yield _view(view.name)
    for key, domain in schema.domains.items():
        if _is(domain.type, name):
            yield User(f"domain `{key}`", partial(_without_domain, key))


def users_of_rows(schema: Schema, name: Name) -> Iterator[User]:
    """What has parts of a type, as that of the rows of a table."""
    for table in schema.tables.values():
        for column in table.columns:
            if column.type.schema is not None and _is(column.type, name) and table.name != name:
                yield _column(table.name, column.name)
    for key, kept in schema.types.items():
        if any(_is(column.type, name) for column in kept.columns):
            yield User(f"type `{key}`", partial(_without_type, key))
    for key, functions in schema.functions.items():
        for function in functions:
            if any(_is(type_, name) for type_ in (*function.arguments, *function.gives)):
                yield User(f"function `{key}`", partial(_without_function, key, function))


def _is(type_: SqlType, name: Name) -> bool:
    return type_.name == name.name and type_.schema == name.schema


def _by_expression(schema: Schema, needs: Callable[[Expression], bool]) -> Iterator[User]:
    """What has an expression that needs it."""
    for table in schema.tables.values():
        for column in table.columns:
            if column.default is not None and needs(column.default):
                words = f"the default of `{table.name}.{column.name}`"
                yield User(words, partial(_without_default, table.name, column.name))
            if column.generated is not None and needs(column.generated.expression):
                yield _column(table.name, column.name)
        for constraint in table.constraints:
            match constraint:
                case Check(expression=expression):
                    used = needs(expression)
                case Exclusion(keys=keys):
                    used = _keys(keys, needs)
                case _:
                    used = False
            if used:
                words = f"constraint `{constraint.name}` of `{table.name}`"
                yield User(
                    words,
                    partial(_without_constraint, table.name, constraint.name),
                )
        for index in table.indexes:
            if _index(index, needs):
                yield User(
                    f"index `{index.name}`",
                    partial(_without_index, table.name, index.name),
                )
    for key, domain in schema.domains.items():
        kept = tuple(check for check in domain.checks if not needs(check.expression))
        default = None if domain.default is not None and needs(domain.default) else domain.default
        changed = replace(domain, checks=kept, default=default)
        if changed != domain:
            yield User(
                f"domain `{key}`",
                partial(_with_domain, changed),
            )


def _parts(expression: Expression) -> Iterator[Expression]:
    """The expression and all in it, what is not understood included."""
    for part in walk(expression):
        yield part
        for inner in part.parts if isinstance(part, Opaque) else ():
            yield from _parts(inner)


def _called(expression: Expression) -> Iterator[Name]:
    for part in _parts(expression):
        if isinstance(part, Call) or (isinstance(part, Opaque) and part.form == "call"):
            yield Name(part.schema if isinstance(part, Call) else None, part.name)


def _keys(keys: Iterable[IndexKey], needs: Callable[[Expression], bool]) -> bool:
    return any(key.expression is not None and needs(key.expression) for key in keys)


def _index(index: Index, needs: Callable[[Expression], bool]) -> bool:
    return _keys(index.keys, needs) or (index.where is not None and needs(index.where))


def _view(name: Name) -> User:
    return User(f"view `{name}`", partial(_without_view, name))


def _column(table: Name, column: str) -> User:
    return User(f"column `{table}.{column}`", partial(_without_column, table, column))


# ---------------------------------------------------------------- what goes with it: it may have gone already


def _without_view(name: Name, schema: Schema) -> Schema:
    return without_view(schema, name) if name in schema.views else schema


def _without_column(table: Name, column: str, schema: Schema) -> Schema:
    found = schema.tables.get(table)
    there = found is not None and found.column(column) is not None
    return without_column(schema, found, column) if found is not None and there else schema


def _without_default(table: Name, column: str, schema: Schema) -> Schema:
    return without_defaults(schema, [(table, column)] if table in schema.tables else [])


def _without_policy(table: Name, policy: Policy, schema: Schema) -> Schema:
    return without_policy(schema, table, policy) if table in schema.tables else schema


def _without_trigger(name: Name, trigger: str, schema: Schema) -> Schema:
    owner = schema.tables.get(name) or schema.views.get(name)
    if owner is None:
        return schema
    triggers = tuple(found for found in owner.triggers if found.name != trigger)
    if isinstance(owner, Table):
        return with_table(schema, replace(owner, triggers=triggers))
    return replace(schema, views={**schema.views, name: replace(owner, triggers=triggers)})


def _without_index(name: Name, index: str, schema: Schema) -> Schema:
    table = schema.tables.get(name)
    if table is None:
        return schema
    indexes = tuple(found for found in table.indexes if found.name != index)
    return with_table(schema, replace(table, indexes=indexes))


def _without_constraint(name: Name, constraint: str, schema: Schema) -> Schema:
    table = schema.tables.get(name)
    found = None if table is None else table.constraint(constraint)
    return schema if table is None or found is None else without_constraint(schema, table, found)


def _with_domain(domain: Domain, schema: Schema) -> Schema:
    return replace(schema, domains={**schema.domains, domain.name: domain})


def _without_domain(name: Name, schema: Schema) -> Schema:
    return replace(schema, domains=without(schema.domains, name))


def _without_type(name: Name, schema: Schema) -> Schema:
    return replace(schema, types=without(schema.types, name))


def _without_function(name: Name, function: Function, schema: Schema) -> Schema:
    left = tuple(found for found in schema.functions.get(name, ()) if found != function)
    functions = {**schema.functions, name: left} if left else without(schema.functions, name)
    return replace(schema, functions=functions)
