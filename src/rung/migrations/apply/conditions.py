"""Defines what a block's IF asks of the catalog, answered from the model: `holds`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rung.migrations.apply.lookup import is_catalog, relation, type_name
from rung.migrations.schema import (
    TEMPORARY,
    Check,
    Constraint,
    Domain,
    Exclusion,
    ForeignKey,
    Index,
    Name,
    PrimaryKey,
    Schema,
    Table,
    Unique,
    UserType,
    View,
)
from rung.migrations.steps import (
    CURRENT_SCHEMA,
    Attempt,
    Calls,
    CatalogHas,
    NoEffect,
    Opaque,
    Query,
    Refused,
    Requires,
    Step,
    When,
)

Row = Mapping[str, str | Name]


def holds(schema: Schema, conditions: Iterable[tuple[CatalogHas, bool]]) -> bool | None:
    """Whether each condition is as expected; None where an opaque statement leaves it open."""
    truth: bool | None = True
    for condition, expected in conditions:
        found = _has(schema, condition)
        if found is None:
            truth = None if truth else truth
        elif found is not expected:
            return False
    return truth


def _has(schema: Schema, condition: CatalogHas) -> bool | None:
    if condition.catalog != "to_regclass":
        return _found(schema, condition.catalog, dict(condition.where))
    name = condition.where[0][1]
    assert isinstance(name, Name)
    if is_catalog(name):
        return None
    places = (TEMPORARY, *schema.search_path) if name.schema is None else (name.schema,)
    found = [_found(schema, "pg_class", {"relname": name.name, "relnamespace": place}) for place in places]
    return True if True in found else None if None in found else False


def _found(schema: Schema, catalog: str, where: Mapping[str, str | Name]) -> bool | None:
    wanted = {column: _meant(schema, column, value) for column, value in where.items()}
    if None in wanted.values():
        return None
    doubtful = bool(schema.opaque or schema.doubtful or _is_foreign(schema, catalog))
    for row in _rows(schema, catalog):
        if all(row[column] == value for column, value in wanted.items() if column in row):
            if wanted.keys() <= row.keys() and _SURE in row:
                return True
            doubtful = True
    return None if doubtful else False


def _is_foreign(schema: Schema, catalog: str) -> bool:
    """Whether there may be rows besides the model's: functions that are built in or an extension's, types of
    extensions, and those of several ranges, which come with each range."""
    match catalog:
        case "pg_proc":
            return True
        case "pg_type":
            return bool(schema.extensions) or any(type_.kind == "range" for type_ in schema.types.values())
        case _:
            return False


def _meant(schema: Schema, column: str, value: str | Name) -> str | Name | None:
    """What a column is compared with; None where no such thing is known, and the server may fail."""
    match value:
        case str():
            return value
        case _ if value == CURRENT_SCHEMA:
            return next((place for place in schema.search_path if place in schema.schemas), None)
        case Name() if column.endswith("namespace"):
            return value.name if value.name in schema.schemas else None
        case Name() if column == "enumtypid":
            return type_name(schema, value)
        case Name():
            found = relation(schema, value)
            return None if found is None else found.name


_SURE = "sure"
"""Marks a row that is there for certain; without it, an opaque statement may have removed it, or, where
columns are missing, made it with any values."""


def _rows(schema: Schema, catalog: str) -> Iterator[Row]:
    """The rows of a catalog, with the columns by which a condition may look."""
    match catalog:
        case "pg_class":
            yield from _relations(schema)
        case "pg_extension":
            yield from (_row(True, extname=name) for name in schema.extensions)
        case "pg_namespace":
            yield from (_row(True, nspname=name) for name in schema.schemas)
        case "pg_proc":
            yield from (_row(True, proname=name.name) for name in schema.functions)
        case "pg_type":
            for objects in (schema.enums, schema.domains, schema.tables, schema.views):
                yield from (_row(not found.opaque, **_type(name)) for name, found in objects.items())
            yield from (_row(True, **_type(name)) for name in schema.types)
        case "pg_enum":
            for enum in schema.enums.values():
                owner = {"enumtypid": enum.name, **_type(enum.name, "enumtypid.")}
                yield from _parts(owner, "enumlabel", enum.values, enum.opaque)
        case _:
            own: list[UserType | Domain] = [*schema.types.values(), *schema.domains.values()]
            for type_ in own:
                yield from _of_type(type_, catalog)
            for table in schema.tables.values():
                yield from _of_table(table, catalog)
            for view in schema.views.values():
                yield from _of_view(view, catalog)


def _row(sure: bool, **columns: str | Name) -> Row:
    return {**columns, _SURE: ""} if sure else columns


def _parts(owner: Row, column: str, names: Iterable[str], opaque: object) -> Iterator[Row]:
    """The rows of what an owner has, each told by a column; any, where a statement may have changed them."""
    if opaque:
        yield owner
    else:
        yield from ({**owner, column: name, _SURE: ""} for name in names)


def _relation(name: Name, kind: str, key: str = "") -> Row:
    """The row of a relation in `pg_class`, its columns after the key that leads there."""
    place = name.schema or ""
    columns = {"relname": name.name, "relkind": kind, "relnamespace": place, "relnamespace.nspname": place}
    return {key + column: value for column, value in columns.items()}


def _type(name: Name, key: str = "") -> Row:
    place = name.schema or ""
    columns = {"typname": name.name, "typnamespace": place, "typnamespace.nspname": place}
    return {key + column: value for column, value in columns.items()}


def _relations(schema: Schema) -> Iterator[Row]:
    for table in schema.tables.values():
        partitioned = table.partitioning is not None
        yield _row(not table.opaque, **_relation(table.name, "p" if partitioned else "r"))
        owner = _relation(table.name, "I" if partitioned else "i")
        yield from _parts(_without(owner, "relname"), "relname", _indexes(table), table.opaque)
    for view in schema.views.values():
        yield _row(not view.opaque, **_relation(view.name, "m" if view.materialized else "v"))
        owner = _without(_relation(view.name, "i"), "relname")
        yield from _parts(owner, "relname", (index.name for index in view.indexes), view.opaque)
    for name in schema.sequences:
        yield _row(True, **_relation(name, "S"))
    for type_ in schema.types.values():
        if type_.kind == "composite":
            yield _row(True, **_relation(type_.name, "c"))


def _without(row: Row, column: str) -> Row:
    return {name: value for name, value in row.items() if name != column}


def _indexes(table: Table) -> Iterator[str]:
    for index in (*table.indexes, *table.constraints):
        if isinstance(index, (Index, PrimaryKey, Unique, Exclusion)):
            yield index.name


_KINDS: Mapping[type[Constraint], tuple[str, str]] = {
    Check: ("c", "CHECK"),
    Exclusion: ("x", "EXCLUDE"),
    ForeignKey: ("f", "FOREIGN KEY"),
    PrimaryKey: ("p", "PRIMARY KEY"),
    Unique: ("u", "UNIQUE"),
}
"""The kinds of constraints as `pg_constraint` and as `information_schema` has them."""


def _of_table(table: Table, catalog: str) -> Iterator[Row]:
    place, name, opaque = table.name.schema or "", table.name.name, table.opaque
    shown = {"table_schema": place, "table_name": name}
    columns = [column.name for column in table.columns]
    kind = "r" if table.partitioning is None else "p"
    match catalog:
        case "pg_tables":
            yield _row(not opaque, schemaname=place, tablename=name)
        case "pg_indexes":
            yield from _parts({"schemaname": place, "tablename": name}, "indexname", _indexes(table), opaque)
        case "pg_attribute":
            owner = {"attrelid": table.name, **_relation(table.name, kind, "attrelid.")}
            yield from _parts(owner, "attname", columns, opaque)
            # an index has columns too
            for index in (Name(place, index) for index in _indexes(table)):
                yield {"attrelid": index, **_relation(index, "i", "attrelid.")}
        case "pg_trigger":
            owner = {"tgrelid": table.name, **_relation(table.name, kind, "tgrelid.")}
            # a partition has those of its parent
            unknown = opaque or table.bounds is not None
            yield from _parts(owner, "tgname", (trigger.name for trigger in table.triggers), unknown)
        case "pg_policies":
            owner = {"schemaname": place, "tablename": name}
            yield from _parts(owner, "policyname", (policy.name for policy in table.policies), opaque)
        case "pg_policy":
            owner = {"polrelid": table.name, **_relation(table.name, kind, "polrelid.")}
            yield from _parts(owner, "polname", (policy.name for policy in table.policies), opaque)
        case "pg_constraint":
            owner = {"conrelid": table.name, **_relation(table.name, kind, "conrelid.")}
            yield from _constraints(table, owner, ("conname", "contype"), 0)
        case "information_schema.tables":
            yield _row(not opaque, **shown)
        case "information_schema.columns":
            yield from _parts(shown, "column_name", columns, opaque)
        case "information_schema.table_constraints":
            yield from _constraints(table, shown, ("constraint_name", "constraint_type"), 1)


def _constraints(table: Table, owner: Row, columns: tuple[str, str], spelling: int) -> Iterator[Row]:
    if table.opaque:
        yield owner
        return
    name, kind = columns
    # a trigger may be one too
    yield from ({**owner, name: trigger.name} for trigger in table.triggers)
    for found in table.constraints:
        yield {**owner, name: found.name, kind: _KINDS[type(found)][spelling], _SURE: ""}


def _of_view(view: View, catalog: str) -> Iterator[Row]:
    place, name, opaque = view.name.schema or "", view.name.name, view.opaque
    shown = {"table_schema": place, "table_name": name}
    kind = "m" if view.materialized else "v"
    match catalog:
        case "pg_indexes":
            owner: Row = {"schemaname": place, "tablename": name}
            yield from _parts(owner, "indexname", (index.name for index in view.indexes), opaque)
        case "pg_attribute":
            owner = {"attrelid": view.name, **_relation(view.name, kind, "attrelid.")}
            yield from _parts(owner, "attname", view.columns or (), opaque or view.columns is None)
        case "pg_trigger":
            owner = {"tgrelid": view.name, **_relation(view.name, kind, "tgrelid.")}
            yield from _parts(owner, "tgname", (trigger.name for trigger in view.triggers), opaque)
        case "information_schema.tables" if not view.materialized:
            yield _row(not view.opaque, **shown)
        case "information_schema.columns" if not view.materialized:
            yield from _parts(shown, "column_name", view.columns or (), view.opaque or view.columns is None)


def _of_type(type_: UserType | Domain, catalog: str) -> Iterator[Row]:
    """The rows of a type of its own; where what is in them is not told, of any values."""
    match catalog:
        case "pg_attribute" if isinstance(type_, UserType):
            yield {"attrelid": type_.name, **_relation(type_.name, "c", "attrelid.")}
        case "pg_constraint" if isinstance(type_, Domain):
            owner: Row = {"conrelid": "", **_relation(Name("", ""), "", "conrelid."), "contype": "c"}
            yield from _parts(owner, "conname", (check.name for check in type_.checks), type_.opaque)


def touched(steps: Iterable[Step]) -> tuple[Name, ...] | None:
    """The tables and types that steps name; None where one of them could change more than it names."""
    names: dict[Name, None] = {}
    for step in steps:
        match step:
            case NoEffect() | Query() | Calls() | Refused() | Requires():
                continue
            case When():
                inner = touched((*step.then, *step.otherwise))
            case Attempt():
                inner = touched((*step.steps, *(each for one in step.handlers for each in one.steps)))
            case Opaque():
                inner = None if step.footprint.calls else step.footprint.tables
            case _:
                inner = _named(step)
        if inner is None:
            return None
        names.update(dict.fromkeys(inner))
    return tuple(names)


def _named(step: Step) -> tuple[Name, ...] | None:
    """The table or type that one step is about."""
    for attribute in ("table", "enum", "domain", "name", "type", "view", "sequence", "function"):
        found = getattr(step, attribute, None)
        if isinstance(found, Name):
            return (found,)
        named = getattr(found, "name", None)
        if isinstance(named, Name):
            return (named,)
    return None
