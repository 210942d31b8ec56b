"""Defines what a block's IF asks of the catalog, answered from the model: `holds`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rung.migrations.apply.lookup import in_doubt
from rung.migrations.schema import Exclusion, Name, PrimaryKey, Schema, Unique
from rung.migrations.steps import Attempt, CatalogHas, NoEffect, Step, When

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
    if condition.catalog == "to_regclass":
        name = _name(condition.where[0][1])
        places = schema.search_path if name.schema is None else (name.schema,)
        if any(row.get("place") in places and row["relname"] == name.name for row in _relations(schema)):
            return True
        return None if in_doubt(schema, name) else False
    wanted = {
        column: schema.search_path[0] if value == "" and schema.search_path else value
        for column, value in condition.where
    }
    for row in _rows(schema, condition.catalog):
        if all(_matches(schema, row[column], value) for column, value in wanted.items()):
            return True
    # functions and types may be built in, or an extension's
    foreign = condition.catalog == "pg_proc" or (condition.catalog == "pg_type" and schema.extensions)
    return None if schema.opaque or schema.doubtful or foreign else False


def _matches(schema: Schema, found: str | Name, wanted: str) -> bool:
    """Whether a value of a row is the one asked for; a relation's key is asked for by its name."""
    if isinstance(found, str):
        return found == wanted
    name = _name(wanted)
    places = schema.search_path if name.schema is None else (name.schema,)
    return found.name == name.name and found.schema in places


def _name(text: str) -> Name:
    parts = [part.strip('"') for part in text.split(".")]
    return Name(parts[-2] if len(parts) > 1 else None, parts[-1])


def _relations(schema: Schema) -> Iterator[dict[str, str]]:
    for name in (*schema.tables, *schema.views, *schema.sequences):
        yield {"place": name.schema or "", "relname": name.name}
    for row in _indexes(schema):
        yield {"place": row["schemaname"], "relname": row["indexname"]}


def _indexes(schema: Schema) -> Iterator[dict[str, str]]:
    for table in schema.tables.values():
        owned = [key for key in table.constraints if isinstance(key, (PrimaryKey, Unique, Exclusion))]
        for index in (*table.indexes, *owned):
            place = table.name.schema or ""
            yield {"schemaname": place, "tablename": table.name.name, "indexname": index.name}


def _row(**values: str | Name) -> Row:
    return values


def _rows(schema: Schema, catalog: str) -> Iterator[Row]:
    """The rows of a catalog, with the columns by which a condition may look."""
    match catalog:
        case "pg_class":
            yield from ({"relname": row["relname"]} for row in _relations(schema))
        case "pg_indexes":
            yield from ({**row} for row in _indexes(schema))
        case "pg_extension":
            yield from ({"extname": name} for name in schema.extensions)
        case "pg_namespace":
            yield from ({"nspname": name} for name in schema.schemas)
        case "pg_proc":
            yield from ({"proname": name.name} for name in schema.functions)
        case "pg_type":
            names = (*schema.enums, *schema.domains, *schema.types, *schema.tables)
            yield from ({"typname": name.name} for name in names)
        case "pg_enum":
            for enum in schema.enums.values():
                yield from (_row(enumlabel=value, enumtypid=enum.name) for value in enum.values)
        case _:
            yield from _rows_of_tables(schema, catalog)


def _rows_of_tables(schema: Schema, catalog: str) -> Iterator[Row]:
    for table in schema.tables.values():
        place, name = table.name.schema or "", table.name.name
        match catalog:
            case "pg_tables":
                yield {"schemaname": place, "tablename": name}
            case "pg_trigger":
                yield from (_row(tgname=trigger.name, tgrelid=table.name) for trigger in table.triggers)
            case "pg_constraint":
                yield from (_row(conname=found.name, conrelid=table.name) for found in table.constraints)
            case "information_schema.tables":
                yield {"table_schema": place, "table_name": name}
            case "information_schema.columns":
                for column in table.columns:
                    yield {"table_schema": place, "table_name": name, "column_name": column.name}
            case "information_schema.table_constraints":
                for found in table.constraints:
                    yield {"table_schema": place, "table_name": name, "constraint_name": found.name}


def touched(steps: Iterable[Step]) -> tuple[Name, ...] | None:
    """The tables and types that steps name; None where one of them could change more than it names."""
    names: dict[Name, None] = {}
    for step in steps:
        match step:
            case NoEffect():
                continue
            case When():
                inner = touched((*step.then, *step.otherwise))
            case Attempt():
                inner = touched(step.steps)
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
