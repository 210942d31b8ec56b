"""Defines `chained`: what the database itself writes to a table, or deletes from it, when the queries of a
version of the code run: through views, partitions and heirs, by triggers, and by foreign keys that act on the
rows that refer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from rung.migrations.apply.lookup import children, relation
from rung.migrations.apply.opaque import reach
from rung.migrations.keys import HOLDING, foreign_keys
from rung.migrations.queries import Queries
from rung.migrations.schema import Schema, Table, Trigger, View
from rung.migrations.steps import Footprint
from rung.migrations.triggers import unread

Event = Literal["insert", "update", "delete", "truncate"]
_EVENTS: tuple[Event, ...] = ("insert", "update", "delete", "truncate")


class _Link(NamedTuple):
    """That `event` happens to a table or view because of `by`; of an update, to the columns `named` (None: to
    any)."""

    to: Table | View
    event: Event
    by: str = ""
    named: frozenset[str] | None = None


def chained(schema: Schema, queries: Queries, table: Table, events: Iterable[Event]) -> Iterator[str]:
    """What may do any of the events to the table, and is no query that names it."""
    wanted = set(events)
    pending = list(_asked(schema, queries))
    seen = set()
    for link in pending:
        if link.by and link.to.name == table.name and link.event in wanted:
            yield link.by
        if (link.to.name, link.event, link.named) not in seen:
            seen.add((link.to.name, link.event, link.named))
            pending += _viewed(schema, link) if isinstance(link.to, View) else _written(schema, link.to, link)


def _asked(schema: Schema, queries: Queries) -> Iterator[_Link]:
    for query in queries.queries:
        for write in query.writes:
            if (target := relation(schema, write.table)) is not None:
                named = None if "*" in write.values else frozenset(write.values)
                yield _Link(target, write.kind, named=named)
        for name in query.deletes:
            if (target := relation(schema, name)) is not None:
                yield _Link(target, "delete")


def _viewed(schema: Schema, link: _Link) -> Iterator[_Link]:
    view = link.to
    assert isinstance(view, View)
    for name, _ in view.uses:
        if (used := relation(schema, name)) is not None:
            yield _Link(used, link.event, f"view `{view.name}`")
    yield from _fires(schema, (each for each in view.triggers if link.event in each.events))


def _written(schema: Schema, table: Table, link: _Link) -> Iterator[_Link]:
    yield from _fires(schema, unread(schema, table, link.event))
    for doubt in table.opaque:
        # it may have made a rule or a trigger
        yield from (_Link(each, event, doubt.reason) for each in schema.tables.values() for event in _EVENTS)
    kin = [*children(schema, table.name), *map(schema.table, table.parents)]
    yield from (
        _Link(each, link.event, f"table `{table.name}`", link.named) for each in kin if each is not None
    )
    for other in schema.tables.values():
        for key in foreign_keys(other):
            if key.table != table.name:
                continue
            by = f"foreign key `{key.name}`"
            if link.event == "delete" and key.on_delete not in HOLDING:
                yield _Link(other, "delete" if key.on_delete == "cascade" else "update", by)
            changes = link.named is None or not link.named.isdisjoint(key.referenced)
            if link.event == "update" and changes and key.on_update not in HOLDING:
                yield _Link(other, "update", by)


def _fires(schema: Schema, triggers: Iterable[Trigger]) -> Iterator[_Link]:
    for trigger in triggers:
        names = reach(schema, Footprint((), calls=(trigger.function,)))
        found = schema.tables.values() if names is None else [relation(schema, name) for name in names]
        by = f"trigger `{trigger.name}`"
        yield from (_Link(each, event, by) for each in found if each is not None for event in _EVENTS)
