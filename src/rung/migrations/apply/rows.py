"""Defines what a statement about rows may do beside what its step says: `unread`, `besides`.

It may fail as what it names is not there, and it reaches other tables: through a view, partitions and heirs,
triggers, and foreign keys to the rows that it removes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rung.migrations.apply.lookup import children, is_catalog, relation
from rung.migrations.schema import ForeignKey, Name, Schema, Table, View
from rung.migrations.steps import Copy, Delete, Footprint, Insert, Opaque, Query, RowChange, Truncate, Update
from rung.migrations.triggers import unread as unread_triggers


def unread(schema: Schema, step: Query) -> Iterator[Opaque]:
    """That the query fails, where one of its relations is not there as far as is known."""
    yield from _missing(schema, step, step.reads)


def besides(schema: Schema, step: RowChange) -> Iterator[Opaque]:
    """What the statement may do beside its step, or instead."""
    joined = step.joined if isinstance(step, (Update, Delete)) else ()
    yield from _missing(schema, step, (step.table, *joined))
    match relation(schema, step.table):
        case View() as view:
            yield _opaque(step, f"statement about view `{view.name}`", _below(schema, view))
        case Table() as table:
            yield from _beside_table(schema, step, table)
        case None:
            return


def _opaque(step: RowChange | Query, reason: str, tables: Iterable[Name] = ()) -> Opaque:
    return Opaque(step.span, reason, Footprint(tuple(tables), schema=False))


def _missing(schema: Schema, step: RowChange | Query, names: Iterable[Name]) -> Iterator[Opaque]:
    for name in names:
        if not is_catalog(name) and relation(schema, name) is None:
            yield _opaque(step, f"statement about `{name}`, which is not known to exist")


def _below(schema: Schema, view: View) -> Iterator[Name]:
    """The tables of which the view shows rows."""
    for name, _ in view.uses:
        inner = schema.views.get(name)
        yield from (name,) if inner is None else _below(schema, inner)


def _beside_table(schema: Schema, step: RowChange, table: Table) -> Iterator[Opaque]:
    for name in _columns(step):
        if table.column(name) is None:
            yield _opaque(step, f"statement about `{table.name}.{name}`, which is not known to exist")
    if isinstance(step, Insert) and any(_is_computed(step, table, name) for name in _given(step, table)):
        yield _opaque(step, f"value for a column of `{table.name}` that is always computed")
    heirs = list(_heirs(schema, table))
    if heirs or table.partitioning is not None:
        names = [heir.name for heir in heirs]
        yield _opaque(step, f"statement about `{table.name}` and its partitions or heirs", names)
    yield from _triggered(schema, step, table)
    if isinstance(step, Truncate) and not step.cascade:
        for other in {name for name, _ in _references(schema, [table, *heirs])} - {table.name}:
            if not any(relation(schema, name) is schema.tables[other] for name in step.together):
                yield _opaque(step, f"TRUNCATE of `{table.name}`, to which `{other}` refers")
    if isinstance(step, Delete):
        yield from _released(schema, step, [table, *heirs])


def _triggered(schema: Schema, step: RowChange, table: Table) -> Iterator[Opaque]:
    """What the triggers of the table may do, but for those that only note the time."""
    events: tuple[str, ...] = (type(step).__name__.lower(),)
    if isinstance(step, Insert) and step.conflict == "update":
        events = ("insert", "update")
    for trigger in dict.fromkeys(one for event in events for one in unread_triggers(schema, table, event)):
        reason = f"trigger `{trigger.name}` on `{table.name}`"
        yield Opaque(step.span, reason, Footprint((table.name,), schema=False, calls=(trigger.function,)))


def _columns(step: RowChange) -> Iterable[str]:
    """The columns that the statement names as its own."""
    match step:
        case Update():
            return (assignment.column for assignment in step.assignments)
        case Insert() if isinstance(step.target, tuple):
            return (*step.columns, *filter(None, step.target))
        case Insert() | Copy():
            return step.columns
        case Delete() | Truncate():
            return ()


def _given(step: Insert, table: Table) -> set[str]:
    """The columns for which the rows have values of their own."""
    names = step.columns or tuple(column.name for column in table.columns)
    return {
        name for row in step.rows or () for name, value in zip(names, row, strict=False) if value is not None
    }


def _is_computed(step: Insert, table: Table, name: str) -> bool:
    column = table.column(name)
    if column is None:
        return False
    return column.generated is not None or (column.identity == "always" and not step.overriding)


def _heirs(schema: Schema, table: Table) -> Iterator[Table]:
    for child in children(schema, table.name):
        yield child
        yield from _heirs(schema, child)


def _references(schema: Schema, tables: Iterable[Table]) -> Iterator[tuple[Name, ForeignKey]]:
    """The foreign keys that lead to the tables, with the tables that have them."""
    names = {table.name for table in tables}
    for other in schema.tables.values():
        for key in other.constraints:
            if isinstance(key, ForeignKey) and key.enforced and key.table in names:
                yield other.name, key


def _released(schema: Schema, step: Delete, removed: list[Table]) -> Iterator[Opaque]:
    """What becomes of the rows that refer to those removed, and of those that refer to them."""
    seen: set[tuple[Name, str]] = set()
    while removed:
        following = []
        for name, key in _references(schema, removed):
            if (name, key.name) in seen:
                continue
            seen.add((name, key.name))
            match key.on_delete:
                case "cascade":
                    following.append(schema.tables[name])
                case "set null" | "set default":
                    yield _opaque(step, f"DELETE that `{key.name}` makes a change of `{name}`", [name])
                case "no action" | "restrict":
                    yield _opaque(step, f"DELETE of rows to which `{name}` may refer")
        removed = following
