"""Defines `Session`: where a session stands in its transactions, and what their ends make of a schema."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple, assert_never, get_args

from rung.migrations.apply.tables import without_table
from rung.migrations.apply.waiting import reshaped, waiting
from rung.migrations.schema import Name, Schema, Table
from rung.migrations.steps import (
    Footprint,
    NoEffect,
    Opaque,
    Refused,
    RowChange,
    SetParameter,
    Statement,
    Step,
    Transaction,
)


class Settings(NamedTuple):
    """What is set in a session. `search_path` is the one that outlives the transaction.

    Triggers and foreign keys do not fire where `replica`, nor after the transaction where `lasting`.
    `waiting` are the tables with checks that wait for its end; `late` is False where no check waits.
    """

    search_path: tuple[str, ...]
    replica: bool = False
    lasting: bool = False
    waiting: frozenset[Name] = frozenset()
    late: bool = True


class Point(NamedTuple):
    """Where a ROLLBACK goes back to: a savepoint or, without a name, where the transaction began. `mark` is
    the caller's own."""

    name: str
    schema: Schema
    settings: Settings
    mark: int


@dataclass(slots=True)
class Session:
    """One session, which runs one script; it begins in a transaction where a tool wraps the script in one."""

    settings: Settings
    points: list[Point] = field(default_factory=list)

    @staticmethod
    def start(schema: Schema, wrapped: bool, mark: int = 0) -> Session:
        session = Session(Settings(schema.search_path))
        if wrapped:
            session._begin(schema, mark)
        return session

    @property
    def opened(self) -> bool:
        return bool(self.points)

    def _begin(self, schema: Schema, mark: int) -> None:
        self.points.append(Point("", schema, self.settings, mark))

    def transaction(self, schema: Schema, step: Transaction, mark: int = 0) -> Point | None:
        """Passes a statement about transactions; the point that it goes back to, if it does."""
        match step.action:
            case "begin":
                # inside a transaction another one is only warned of
                if not self.opened:
                    self._begin(schema, mark)
            case "commit":
                self.points.clear()
                if step.chain:
                    self._begin(schema, mark)
            case "rollback":
                point = self.points[0] if self.opened else None
                self.points.clear()
                self._back_to(point)
                if step.chain:
                    self._begin(schema if point is None else point.schema, mark)
                return point
            case "savepoint":
                if self.opened:
                    self.points.append(Point(step.savepoint, schema, self.settings, mark))
            case "release":
                if (index := self._index(step.savepoint)) is not None:
                    del self.points[index:]
            case "rollback to":
                if (index := self._index(step.savepoint)) is not None:
                    del self.points[index + 1 :]
                    return self._back_to(self.points[index])
            case _:
                assert_never(step.action)
        return None

    def _index(self, savepoint: str) -> int | None:
        """The last savepoint of the name; only a transaction has no name."""
        found = [index for index, point in enumerate(self.points) if point.name == savepoint]
        return found[-1] if found and savepoint else None

    def _passes(self, step: Transaction) -> bool:
        """Whether the server takes the word about a savepoint."""
        return self.opened if step.action == "savepoint" else self._index(step.savepoint) is not None

    def _back_to(self, point: Point | None) -> Point | None:
        if point is not None:
            self.settings = point.settings
        return point

    def met(self, schema: Schema, statement: Statement) -> Statement:
        """The statement as this session runs it: what it refuses, or does not check, is not understood."""
        steps: list[Step] = []
        for step in statement.steps:
            if isinstance(step, Transaction) and step.savepoint and not self._passes(step):
                reason = f"savepoint `{step.savepoint}` where there is none"
                steps.append(Opaque(step.span, reason, Footprint((), schema=False)))
            if isinstance(step, Transaction) and step.chain and not self.opened:
                steps.append(Refused(step.span, "AND CHAIN outside a transaction"))
            table = reshaped(schema, step) if self.settings.waiting else None
            if table is not None and table.name in self.settings.waiting:
                reason = f"change of `{table.name}` while checks of its rows wait"
                steps.append(Opaque(step.span, reason, Footprint((), schema=False)))
            if self.settings.replica and isinstance(step, get_args(RowChange)):
                reason = f"change of rows of `{step.table}` without triggers and foreign keys"
                step = Opaque(step.span, reason, Footprint((step.table,), schema=False))
            steps.append(step)
        return statement if steps == list(statement.steps) else replace(statement, steps=tuple(steps))

    def took(self, step: Step, before: Schema, after: Schema) -> None:
        """Notes what a step between the two schemas sets for the session, and leaves for later."""
        match step:
            case SetParameter(name=name, value=value, local=local):
                if not local:
                    self.settings = self.settings._replace(search_path=after.search_path)
                if name in ("session_replication_role", "all"):
                    replica = value is not None and value[:1] == ("replica",)
                    lasting = self.settings.lasting if local else replica
                    self.settings = self.settings._replace(replica=replica, lasting=lasting)
            case NoEffect(what="SET CONSTRAINTS ALL IMMEDIATE"):
                self.settings = self.settings._replace(waiting=frozenset(), late=False)
            case NoEffect(what="SET CONSTRAINTS"):
                self.settings = self.settings._replace(late=True)
            case _ if self.opened and self.settings.late:
                found = self.settings.waiting.union(waiting(before, step))
                self.settings = self.settings._replace(waiting=found)
            case _:
                pass

    def settled(self, schema: Schema) -> Schema:
        """The schema after a statement: where no transaction is open, the statement was one of its own."""
        if self.opened:
            return schema
        lasting = self.settings.lasting
        self.settings = Settings(self.settings.search_path, lasting, lasting)
        over = [table for table in schema.tables.values() if table.dropped_on_commit]
        return replace(_without(schema, over), search_path=self.settings.search_path)


def ended(schema: Schema) -> Schema:
    """The schema for the next session: neither settings nor temporary tables outlive their own."""
    temporary = [table for table in schema.tables.values() if table.temporary]
    return replace(_without(schema, temporary), search_path=Schema().search_path)


def _without(schema: Schema, tables: list[Table]) -> Schema:
    for table in tables:
        if table.name in schema.tables:
            schema = without_table(schema, table)
    return schema
