"""Defines `chained`: what the database itself writes to a table, or deletes from it, when the queries of a
version of the code run: through views, partitions and heirs, by triggers, and by foreign keys that act on the
rows that refer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from rung.migrations.apply.lookup import children, find, relation
from rung.migrations.keys import HOLDING, foreign_keys
from rung.migrations.queries import Queries
from rung.migrations.schema import Name, Schema, Table, Trigger, View
from rung.migrations.triggers import unread

Event = Literal["insert", "update", "delete"]
_WORD = re.compile(r"\w+")
_HIDING = {"execute", "call", "dblink", "dblink_exec"}
"""Words by which a body may run what it does not write."""
_EVENTS: tuple[Event, ...] = ("insert", "update", "delete")


class Link(NamedTuple):
    """That `event` happens to a table or view because of `by`; of an update, to the columns `named` (None: to
    any)."""

    to: Table | View
    event: Event
    by: str = ""
    named: frozenset[str] | None = None


def chained(schema: Schema, queries: Queries, table: Table) -> Iterator[Link]:
    """What may happen to rows of the table, and is done by no query that names it."""
    pending = list(_asked(schema, queries))
    seen = set()
    for link in pending:
        if link.by and link.to.name == table.name:
            yield link
        if (link.to.name, link.event, link.named) not in seen:
            seen.add((link.to.name, link.event, link.named))
            to = link.to
            pending += _viewed(schema, to, link) if isinstance(to, View) else _written(schema, to, link)


def _asked(schema: Schema, queries: Queries) -> Iterator[Link]:
    for query in queries.queries:
        for write in query.writes:
            if (target := relation(schema, write.table)) is not None:
                named = None if "*" in write.values else frozenset(write.values)
                yield Link(target, write.kind, named=named)
        for name in query.deletes:
            if (target := relation(schema, name)) is not None:
                yield Link(target, "delete")


def _viewed(schema: Schema, view: View, link: Link) -> Iterator[Link]:
    for name, _ in view.uses:
        if (used := relation(schema, name)) is not None:
            yield Link(used, link.event, f"view `{view.name}`")
    yield from _fires(schema, (each for each in view.triggers if link.event in each.events))


def _written(schema: Schema, table: Table, link: Link) -> Iterator[Link]:
    yield from _fires(schema, unread(schema, table, link.event))
    if link.event == "delete" and link.by:
        yield from _fires(schema, unread(schema, table, "truncate"))
    for doubt in table.opaque:
        # it may have made a rule or a trigger
        yield from (Link(each, event, doubt.reason) for each in schema.tables.values() for event in _EVENTS)
    kin = [*children(schema, table.name), *map(schema.table, table.parents)]
    yield from (
        Link(each, link.event, f"table `{table.name}`", link.named) for each in kin if each is not None
    )
    for other in schema.tables.values():
        for key in foreign_keys(other):
            if key.table != table.name:
                continue
            by, own = f"foreign key `{key.name}`", frozenset(key.columns)
            if link.event == "delete" and key.on_delete not in HOLDING:
                yield Link(other, "delete" if key.on_delete == "cascade" else "update", by, own)
            changes = link.named is None or not link.named.isdisjoint(key.referenced)
            if link.event == "update" and changes and key.on_update not in HOLDING:
                yield Link(other, "update", by, own)


def _fires(schema: Schema, triggers: Iterable[Trigger]) -> Iterator[Link]:
    for trigger in triggers:
        by = f"trigger `{trigger.name}`"
        yield from (Link(each, event, by) for each in _reached(schema, trigger) for event in _EVENTS)


def _reached(schema: Schema, trigger: Trigger) -> list[Table | View]:
    """What a trigger may write: tables and views whose names are in its body, or in one that it calls."""
    every: list[Table | View] = [*schema.tables.values(), *schema.views.values()]
    pending = list(find(schema.functions, schema, trigger.function) or ())
    if not pending:
        return every
    words: set[str] = set()
    for function in pending:
        own = set(_WORD.findall(function.text.lower()))
        if function.language not in ("plpgsql", "sql") or own & _HIDING:
            return every
        words |= own
        called = [each for name, found in schema.functions.items() if _told(name, own) for each in found]
        pending += [each for each in called if each not in pending]
    return [each for each in every if _told(each.name, words)]


def _told(name: Name, words: set[str]) -> bool:
    """Whether the name may be written with these words, whatever its schema."""
    return words.issuperset(_WORD.findall(name.name.lower()))
