"""Defines which other tables a change reaches: the other ends of foreign keys, views, users of a domain …"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rung.migrations.apply.lookup import creation_name, find, relation
from rung.migrations.schema import Constraint, ForeignKey, Name, Schema


def qualified(name: Name, before: Schema) -> Name:
    """The name with its schema: of what it means, or where it would be created."""
    found = relation(before, name)
    return found.name if found is not None else creation_name(before, name)


def constraint_of(table: Name, name: str, before: Schema) -> Constraint | None:
    found = find(before.tables, before, table)
    return found.constraint(name) if found is not None else None


def targets(constraints: Iterable[Constraint | None], before: Schema) -> list[Name]:
    """The tables that the foreign keys among the constraints refer to."""
    return [qualified(key.table, before) for key in constraints if isinstance(key, ForeignKey)]


def partners(table: Name, column: str, before: Schema) -> Iterator[Name]:
    """The other ends of the foreign keys of a column, which change with its type and go with it."""
    for other in before.tables.values():
        for key in other.constraints:
            if not isinstance(key, ForeignKey):
                continue
            if other.name == table and column in key.columns:
                yield qualified(key.table, before)
            elif key.table == table and column in key.referenced:
                yield other.name


def referencing(table: Name, before: Schema) -> Iterator[Name]:
    """The tables with a foreign key to the table."""
    for other in before.tables.values():
        if any(isinstance(key, ForeignKey) and key.table == table for key in other.constraints):
            yield other.name


def reading(name: Name, before: Schema) -> Iterator[Name]:
    """The views that read the table or view."""
    for view in before.views.values():
        if any(qualified(used, before) == name for used, _ in view.uses):
            yield view.name


def all_reached(start: Name, step: Callable[[Name, Schema], Iterator[Name]], before: Schema) -> list[Name]:
    """What `step` reaches from `start`, directly or through others, without `start`."""
    reached = [start]
    for name in reached:
        reached += [further for further in step(name, before) if further not in reached]
    return reached[1:]


def owners_of_index(name: str, before: Schema) -> list[Name]:
    return [table.name for table in before.tables.values() if table.index(name) is not None]


def calling(function: str, before: Schema) -> list[Name]:
    """The tables with a trigger that calls the function."""
    tables = before.tables.values()
    return [
        table.name for table in tables if any(found.function.name == function for found in table.triggers)
    ]


def users_of_domain(domain: Name, before: Schema) -> list[Name]:
    return [
        table.name
        for table in before.tables.values()
        if any(column.type.schema is not None and column.type.name == domain.name for column in table.columns)
    ]
