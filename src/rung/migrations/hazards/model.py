"""Defines a `Hazard`, the `Context` in which it looks at a statement, and how it says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from rung.diagnostics import Span
from rung.migrations.apply.lookup import find
from rung.migrations.hazards.locks import Lock
from rung.migrations.hazards.reach import qualified
from rung.migrations.schema import Name, Schema, Table
from rung.migrations.steps import Statement

Kind = Literal["blocking", "failing", "breaking", "style"]
"""What comes of it: queries wait, the migration fails, live code breaks, or nothing yet but regret."""


@dataclass(frozen=True, slots=True)
class Transactions:
    """How the statements of a script share transactions, at one of them.

    `since` is where in the script the transaction began that the statement is in, None where it is in none.
    `wrapped` says that the migration tool opened one around the script, `explicit` that the script did.
    """

    since: int | None = None
    wrapped: bool = False
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """A statement of a migration (`script[position]`), and what is known where it runs.

    `created` are the tables that the same migration made before: no live code uses them, and they hold few
    rows. `locks` are those it takes on the other tables, `held` the strongest that its transaction holds from
    before. `settings` are the session's parameters that the script has set and that matter to hazards.
    `previous` is the statement before in the same transaction.
    """

    script: tuple[Statement, ...]
    position: int
    text: str
    before: Schema
    created: frozenset[Name] = frozenset()
    transactions: Transactions = field(default_factory=Transactions)
    locks: tuple[Lock, ...] = ()
    held: Lock | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    previous: Context | None = None

    @property
    def statement(self) -> Statement:
        return self.script[self.position]

    @property
    def in_transaction(self) -> bool:
        return self.transactions.since is not None

    @property
    def earlier(self) -> tuple[Statement, ...]:
        """The statements before it in the same transaction."""
        since = self.transactions.since
        return self.script[since : self.position] if since is not None else ()

    @property
    def later(self) -> tuple[Statement, ...]:
        """The statements after it in the same script."""
        return self.script[self.position + 1 :]

    @property
    def utc(self) -> bool:
        return in_utc(self.settings)

    @property
    def blocking_locks(self) -> tuple[Lock, ...]:
        return tuple(lock for lock in self.locks if lock.mode.blocks)

    def live(self, name: Name) -> Name | None:
        """The qualified name of a table that live code may be using; None for one that it cannot be."""
        return live(name, self.before, self.created)

    def table(self, name: Name) -> Table | None:
        return find(self.before.tables, self.before, name)


def live(name: Name, before: Schema, created: frozenset[Name]) -> Name | None:
    """As `Context.live`. A table that no migration makes was there before them all."""
    found = qualified(name, before)
    table = before.tables.get(found)
    return None if found in created or (table is not None and table.temporary) else found


def in_utc(settings: Mapping[str, str]) -> bool:
    """Whether the session's time zone is surely UTC."""
    return settings.get("timezone", "").lower() in ("utc", "etc/utc", "gmt")


class Finding(NamedTuple):
    """One place where a hazard fires, and what is wrong there."""

    span: Span
    message: str


Check = Callable[[Context], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Hazard:
    """One pattern to avoid. `page` is its reference page, whose first line is its summary.

    `setup` is the migration before, `bad` one that fires, `good` the safe way; a line `-- next migration`
    divides migrations, and `-- no transaction` in front of one says how it is run. `names` are the rules of
    other linters that warn of the same, by linter.
    """

    code: str
    kind: Kind
    hint: str
    check: Check
    page: str
    bad: str
    good: str
    setup: str = ""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        return self.page.strip().splitlines()[0]
