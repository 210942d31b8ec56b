"""Defines `Session`: where a session stands in its transactions, and what their ends make of a schema."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple, assert_never

from rung.migrations.apply.tables import without_table
from rung.migrations.schema import Schema, Table
from rung.migrations.steps import SetParameter, Step, Transaction


class Point(NamedTuple):
    """Where a ROLLBACK goes back to: a savepoint or, without a name, where the transaction began. `mark` is
    the caller's own."""

    name: str
    schema: Schema
    search_path: tuple[str, ...]
    mark: int


@dataclass(slots=True)
class Session:
    """One session, which runs one script; it begins in a transaction where a tool wraps the script in one.

    `search_path` is the one that outlives the transaction.
    """

    search_path: tuple[str, ...]
    points: list[Point] = field(default_factory=list)

    @staticmethod
    def start(schema: Schema, wrapped: bool, mark: int = 0) -> Session:
        session = Session(schema.search_path)
        if wrapped:
            session._begin(schema, mark)
        return session

    @property
    def opened(self) -> bool:
        return bool(self.points)

    def _begin(self, schema: Schema, mark: int) -> None:
        self.points.append(Point("", schema, self.search_path, mark))

    def transaction(self, schema: Schema, step: Transaction, mark: int = 0) -> Point | None:
        """Passes a statement about transactions; the point that it goes back to, if it does."""
        match step.action:
            case "begin":
                # inside a transaction another one is only warned of
                if not self.opened:
                    self._begin(schema, mark)
            case "commit":
                self.points.clear()
            case "rollback":
                point = self.points[0] if self.opened else None
                self.points.clear()
                return self._back_to(point)
            case "savepoint":
                if self.opened:
                    self.points.append(Point(step.savepoint, schema, self.search_path, mark))
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

    def _back_to(self, point: Point | None) -> Point | None:
        if point is not None:
            self.search_path = point.search_path
        return point

    def took(self, step: Step, after: Schema) -> None:
        """Notes what a step, after which the schema is `after`, sets for the whole session."""
        if isinstance(step, SetParameter) and not step.local:
            self.search_path = after.search_path

    def settled(self, schema: Schema) -> Schema:
        """The schema after a statement: where no transaction is open, the statement was one of its own."""
        if self.opened:
            return schema
        over = [table for table in schema.tables.values() if table.dropped_on_commit]
        return replace(_without(schema, over), search_path=self.search_path)


def ended(schema: Schema) -> Schema:
    """The schema for the next session: neither settings nor temporary tables outlive their own."""
    temporary = [table for table in schema.tables.values() if table.temporary]
    return replace(_without(schema, temporary), search_path=Schema().search_path)


def _without(schema: Schema, tables: list[Table]) -> Schema:
    for table in tables:
        if table.name in schema.tables:
            schema = without_table(schema, table)
    return schema
