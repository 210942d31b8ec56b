"""Defines the checks that need no solver: NAME, that all that code names exists, and TYPE, that what it names
still has a type that its expressions accept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rung.diagnostics import Span
from rung.migrations.carriers import Carrier, Kind, carrier_of
from rung.migrations.chains import chained
from rung.migrations.expression_text import quote_name, quote_text, type_to_sql
from rung.migrations.expressions import SqlType
from rung.migrations.keys import HOLDING, foreign_keys
from rung.migrations.keys import keys as unique_keys
from rung.migrations.queries import Query
from rung.migrations.rollout import Code
from rung.migrations.schema import Column, Function, Name, PrimaryKey, Schema, Table, Unique, View
from rung.migrations.verdicts import Level, Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said of one object; `statement` fails in the present schema where it is refuted."""

    level: Level
    verdict: Verdict
    subject: str
    message: str
    statement: str | None = None
    reasons: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Uses:
    """What a version of the code names: tables with their columns, views, types and functions."""

    tables: dict[Name, frozenset[str]]
    views: dict[Name, frozenset[str] | None]
    types: frozenset[Name]
    functions: frozenset[Name]
    sequences: frozenset[Name]


Universe = Mapping[Name, frozenset[str]]
"""All the columns that a table has at some point of a rollout."""


def universe(schemas: Iterable[Schema]) -> Universe:
    """The columns of each table in any of the schemas."""
    found: dict[Name, frozenset[str]] = {}
    for schema in schemas:
        for name, table in schema.tables.items():
            found[name] = found.get(name, frozenset()) | _names(table.columns)
    return found


def uses(code: Code, known: Universe) -> Uses:
    """All of its schema, or where its queries are known what they name, of what there is at any time."""
    schema = code.writes
    if code.queries is None or any(query.may_do_anything(schema) for query in code.queries.queries):
        return Uses(
            {name: _names(table.columns) for name, table in schema.tables.items() if not table.temporary},
            {
                name: None if view.columns is None else frozenset(view.columns)
                for name, view in schema.views.items()
            },
            frozenset([*schema.enums, *schema.domains, *schema.types]),
            frozenset(schema.functions.keys() - _trigger_functions(schema)),
            frozenset(name for name, sequence in schema.sequences.items() if sequence.owner is None),
        )
    tables: dict[Name, frozenset[str]] = {}
    views: dict[Name, frozenset[str] | None] = {}
    for query in code.queries.queries:
        for name, named in _relations(query):
            key = next((place for place in _places(schema, name) if place in known), None)
            if key is not None:
                own = schema.tables.get(key)
                whole = known[key] if own is None else _names(own.columns)
                wanted = whole if named is None else named & known[key]
                tables[key] = tables.get(key, frozenset()) | wanted
                continue
            view = next((key for key in schema.views if key.name == name.name), None)
            if view is not None:
                views[view] = named
    kinds = {*schema.enums, *schema.domains, *schema.types}
    types = {
        place
        for query in code.queries.queries
        for kind in query.types
        if kind.schema is not None
        for place in _places(schema, Name(kind.schema or None, kind.name))
        if place in kinds
    }
    functions = {
        key
        for query in code.queries.queries
        for name in query.functions
        for key in schema.functions
        if key.name == name.name
    }
    return Uses(tables, views, frozenset(types), frozenset(functions), frozenset())


def _places(schema: Schema, name: Name) -> list[Name]:
    """Where a name may be, in the order in which it is looked up."""
    return [name] if name.schema is not None else [Name(place, name.name) for place in schema.search_path]


def _relations(query: Query) -> Iterator[tuple[Name, frozenset[str] | None]]:
    yield from query.uses
    for write in query.writes:
        named = None if "*" in write.values else frozenset(write.values)
        yield write.table, named if named is None else named | frozenset(write.conflict or ())
    for name in query.deletes:
        yield name, frozenset()


def _names(columns: Sequence[Column]) -> frozenset[str]:
    return frozenset(column.name for column in columns)


def _trigger_functions(schema: Schema) -> set[Name]:
    """Functions that only triggers call."""
    called = {trigger.function.name for table in schema.tables.values() for trigger in table.triggers}
    return {name for name in schema.functions if name.name in called}


def name_answers(code: Code, present: Schema, known: Universe) -> Iterator[Answer]:
    """NAME and TYPE of everything that the code uses; one PROVED answer for each table that is all there."""
    wanted = uses(code, known)
    for name, columns in sorted(wanted.tables.items()):
        own = code.writes.tables.get(name, Table(name))
        yield from _table(code, present, own, columns)
        if name in code.writes.tables and name in present.tables:
            yield from _conflict_targets(code, code.writes.tables[name], present.tables[name])
            yield from _deletions(code, present, code.writes.tables[name])
    for name, named in sorted(wanted.views.items(), key=lambda item: item[0]):
        yield from _view(present, code.writes.views[name], named)
    for name in sorted(wanted.types):
        if not any(name in kinds for kinds in (present.enums, present.domains, present.types)):
            type_ = SqlType(name.name, schema=name.schema)
            yield _gone(present, name, "type", f"SELECT CAST(NULL AS {type_to_sql(type_)})")
    for name in sorted(wanted.functions):
        for function in code.writes.functions[name]:
            if not any(_same_call(function, other) for other in present.functions.get(name, ())):
                yield _gone(present, name, "function", _call(function))
    for name in sorted(wanted.sequences):
        if name not in present.sequences:
            yield _gone(present, name, "sequence", f"SELECT nextval({quote_text(table_path(name))})")


def _same_call(one: Function, other: Function) -> bool:
    return one.arguments == other.arguments and one.procedure == other.procedure


def _call(function: Function) -> str:
    arguments = ", ".join(f"CAST(NULL AS {type_to_sql(kind)})" for kind in function.arguments)
    return f"{'CALL' if function.procedure else 'SELECT'} {table_path(function.name)}({arguments})"


def table_path(name: Name) -> str:
    schema = () if name.schema in (None, "public") else (name.schema,)
    return ".".join(quote_name(part) for part in (*schema, name.name) if part is not None)


def _gone(present: Schema, name: Name, kind: str, statement: str) -> Answer:
    reasons = _doubts(present, name)
    verdict = Verdict.UNKNOWN if reasons else Verdict.REFUTED
    return Answer(Level.NAME, verdict, str(name), f"{kind} `{name}` does not exist", statement, reasons)


def _doubts(present: Schema, name: Name) -> tuple[str, ...]:
    """Why an object that the model does not hold may be there all the same."""
    found = (*present.opaque, *present.doubtful.get(name, ()))
    return tuple(dict.fromkeys(reason.reason for reason in found))


def _table(code: Code, present: Schema, own: Table, columns: frozenset[str]) -> Iterator[Answer]:
    name, here = own.name, present.tables.get(own.name)
    if here is None:
        view = present.views.get(name)
        if view is None or (view.columns is not None and not columns <= frozenset(view.columns)):
            yield _gone(present, name, "table", f"SELECT 1 FROM {table_path(name)}")
        else:
            reason = f"whether view `{name}` takes the place of the table"
            yield Answer(Level.NAME, Verdict.UNKNOWN, str(name), f"`{name}` is a view now", None, (reason,))
        return
    reasons = tuple(
        dict.fromkeys(
            reason.reason
            for reason in (*present.opaque, *here.opaque)
            if reason not in (*code.writes.opaque, *own.opaque)
        )
    )
    clean = not reasons
    if reasons:
        message = f"`{name}` may have been changed"
        yield Answer(Level.NAME, Verdict.UNKNOWN, str(name), message, None, reasons)
    for wanted in sorted(columns):
        column, other, subject = own.column(wanted), here.column(wanted), f"{name}.{wanted}"
        if other is None:
            clean = False
            if not reasons:
                statement = f"SELECT {quote_name(wanted)} FROM {table_path(name)}"
                message = f"column `{subject}` does not exist"
                yield Answer(Level.NAME, Verdict.REFUTED, subject, message, statement)
        elif column is not None and other.type != column.type:
            yield _type_answer(code, present, own, column, other)
    if clean:
        yield Answer(Level.NAME, Verdict.PROVED, str(name), f"all that is named of `{name}` exists")


def _key_sets(table: Table) -> frozenset[frozenset[str]]:
    """The sets of columns that an ON CONFLICT may name: no key that is checked late."""
    late = {
        found.name
        for found in table.constraints
        if isinstance(found, (Unique, PrimaryKey)) and found.deferrable
    }
    return frozenset(frozenset(key.columns) for key in unique_keys(table) if key.name not in late)


def _conflict_targets(code: Code, own: Table, here: Table) -> Iterator[Answer]:
    """ON CONFLICT needs a key on exactly the columns that it names, whatever the row."""
    gone = _key_sets(own) - _key_sets(here)
    if code.queries is not None:
        wanted = {
            frozenset(write.conflict)
            for query in code.queries.queries
            for write in query.writes
            if write.conflict is not None and code.writes.table(write.table) is own
        }
        gone = gone & wanted
    for columns in sorted(gone, key=sorted):
        if any(not column or here.column(column) is None for column in columns):
            continue
        listed = ", ".join(quote_name(column) for column in sorted(columns))
        statement = f"INSERT INTO {table_path(own.name)} DEFAULT VALUES ON CONFLICT ({listed}) DO NOTHING"
        message = f"`{own.name}` has no key ({listed}) for ON CONFLICT to name"
        yield Answer(Level.WRITE, Verdict.REFUTED, str(own.name), message, statement)


def _deletions(code: Code, present: Schema, own: Table) -> Iterator[Answer]:
    """Foreign keys that the code does not know, or knows to let go, may hold rows that it deletes."""
    known = {
        (name, key.columns): key.on_delete in HOLDING
        for name, table in code.writes.tables.items()
        for key in foreign_keys(table)
        if key.table == own.name
    }
    holding = [
        (key.name, known.get((name, key.columns)))
        for name, table in sorted(present.tables.items())
        for key in foreign_keys(table)
        if key.table == own.name and key.on_delete in HOLDING and not known.get((name, key.columns))
    ]
    for key, before in holding:
        if code.queries is None and before is None:
            assumption = f"{code.name} deletes no row of `{own.name}` that the foreign key `{key}` holds"
            message = f"rows of `{own.name}` may be deleted as before"
            yield Answer(Level.WRITE, Verdict.PROVED, str(own.name), message, None, (), (assumption,))
            continue
        deleting = [code.name] if code.queries is None else _deleting(code, present, own)
        for each in deleting:
            reason = f"whether {each} deletes rows that the foreign key `{key}` holds"
            message = f"a row of `{own.name}` may be held"
            yield Answer(Level.WRITE, Verdict.UNKNOWN, str(own.name), message, None, (reason,))


def _deleting(code: Code, present: Schema, own: Table) -> list[str]:
    """The queries of the code that delete rows of the table, and what else then does."""
    assert code.queries is not None
    queries = [
        f"query `{query.name}`"
        for query in code.queries.queries
        if any(code.writes.table(name) is own for name in query.deletes)
    ]
    here = present.tables.get(own.name)
    others = () if here is None else chained(present, code.queries, here)
    return [*queries, *dict.fromkeys(link.by for link in others if link.event == "delete")]


def _view(present: Schema, own: View, named: frozenset[str] | None) -> Iterator[Answer]:
    here = present.views.get(own.name)
    if here is None:
        if own.name in present.tables:
            return
        yield _gone(present, own.name, "view", f"SELECT 1 FROM {table_path(own.name)}")
        return
    if here == own:
        return
    if here.columns is None or named is None:
        reason = f"the columns of view `{own.name}`"
        message = f"view `{own.name}` was changed"
        yield Answer(Level.NAME, Verdict.UNKNOWN, str(own.name), message, None, (reason,))
        return
    for column in sorted(named - frozenset(here.columns)):
        statement = f"SELECT {quote_name(column)} FROM {table_path(own.name)}"
        message = f"column `{own.name}.{column}` does not exist"
        yield Answer(Level.NAME, Verdict.REFUTED, f"{own.name}.{column}", message, statement)


# For each kind an expression that its values take, and the kinds whose values do not take it.
_NOT_TEXT = (
    Kind.INTEGER,
    Kind.NUMERIC,
    Kind.FLOAT,
    Kind.BOOLEAN,
    Kind.DATE,
    Kind.TIMESTAMP,
    Kind.TIMESTAMPTZ,
    Kind.TIME,
    Kind.UUID,
    Kind.ENUM,
)
_PROBES: dict[Kind, tuple[str, tuple[Kind, ...]]] = {
    Kind.TEXT: ("length({0})", _NOT_TEXT),
    Kind.PADDED: ("length({0})", _NOT_TEXT),
    Kind.INTEGER: ("{0} << 1", (Kind.NUMERIC, Kind.FLOAT, Kind.TEXT, Kind.PADDED, Kind.BOOLEAN, Kind.UUID)),
    Kind.NUMERIC: ("{0} + 1", (Kind.TEXT, Kind.PADDED, Kind.BOOLEAN, Kind.UUID)),
    Kind.FLOAT: ("{0} + 1", (Kind.TEXT, Kind.PADDED, Kind.BOOLEAN, Kind.UUID)),
    Kind.BOOLEAN: ("NOT {0}", (Kind.INTEGER, Kind.NUMERIC, Kind.FLOAT, Kind.TEXT, Kind.PADDED, Kind.UUID)),
    Kind.DATE: ("{0} + 1", (Kind.TIMESTAMP, Kind.TIMESTAMPTZ, Kind.TEXT, Kind.PADDED)),
    Kind.TIMESTAMP: ("{0} - {0}", (Kind.TEXT, Kind.PADDED)),
    Kind.TIMESTAMPTZ: ("{0} - {0}", (Kind.TEXT, Kind.PADDED)),
    Kind.UUID: ("{0} = gen_random_uuid()", (Kind.TEXT, Kind.PADDED, Kind.INTEGER)),
}
_WIDTHS = "no live expression over `{0}` needs its exact width (a function of integer arguments would)"


def _type_answer(code: Code, present: Schema, own: Table, column: Column, other: Column) -> Answer:
    before, after = carrier_of(code.writes, column.type), carrier_of(present, other.type)
    subject = f"{own.name}.{column.name}"
    change = f"`{subject}` is {type_to_sql(other.type)}, was {type_to_sql(column.type)}"
    if _accepts(before, after):
        assumptions = (_WIDTHS.format(subject),) if before.width != after.width else ()
        return Answer(Level.TYPE, Verdict.PROVED, subject, change, None, (), assumptions)
    probe = _probe(before, after, column.name)
    if probe is not None and code.queries is None:
        statement = f"SELECT {probe} FROM {table_path(own.name)}"
        return Answer(Level.TYPE, Verdict.REFUTED, subject, change, statement)
    reason = f"which expressions over `{subject}` accept {type_to_sql(other.type)}"
    return Answer(Level.TYPE, Verdict.UNKNOWN, subject, change, None, (reason,))


def _accepts(before: Carrier, after: Carrier) -> bool:
    """Whether what is written for the one type is accepted for the other; bounds are another matter."""
    if before.domains or after.domains:
        before, after = before.bare, after.bare
    if before.kind is not after.kind:
        return False
    match before.kind:
        case Kind.OTHER:
            return before.type == after.type
        case Kind.ENUM:
            return (before.type.schema, before.type.name) == (after.type.schema, after.type.name)
        case _:
            return True


def _probe(before: Carrier, after: Carrier, column: str) -> str | None:
    """An expression over the column that the type before takes and the one after does not."""
    name = quote_name(column)
    if before.kind is Kind.ENUM and after.kind is Kind.TEXT:
        return (
            None
            if not before.labels
            else f"{name} = CAST({quote_text(before.labels[0])} AS {type_to_sql(before.type)})"
        )
    expression, refusing = _PROBES.get(before.kind, ("", ()))
    return expression.format(name) if after.kind in refusing else None
