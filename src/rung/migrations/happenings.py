"""Defines what `History` is made of: `Tracked` rows, the `Happening`s that concern them, and `Goal`s."""

from __future__ import annotations

from dataclasses import dataclass, field

from rung.migrations.keys import Reference
from rung.migrations.rollout import Moment
from rung.migrations.rows import Refusal, Row
from rung.migrations.schema import Schema, Table
from rung.migrations.terms import NO, Doubt, Term, any_of
from rung.migrations.values import Value
from rung.migrations.writes import Attempt


@dataclass(frozen=True, slots=True)
class Goal:
    """Something that must not be possible: where `condition` holds, a row is refused or a value lost."""

    refusal: Refusal
    condition: Value
    doubts: tuple[Doubt, ...]
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class Appearance:
    """Row number `row` is there before the rollout, where `choice` holds."""

    row: int
    choice: Value
    schema: Schema
    table: Table
    values: Row


@dataclass(frozen=True, slots=True)
class LiveWrite:
    """Row number `row` is written by live code, where `choice` holds."""

    row: int
    choice: Value
    schema: Schema
    table: Table
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Passed:
    """A moment of the migration; it concerns every row."""

    moment: Moment


Happening = Appearance | LiveWrite | Passed


@dataclass(slots=True)
class Tracked:
    """A row as it is now, and whether it is there. `resolved` says when a reference surely has its row,
    `lost` when it had one that may have been changed or removed since."""

    terms: dict[str, Term]
    exists: Value
    resolved: dict[Reference, Value] = field(default_factory=dict)
    lost: dict[Reference, Value] = field(default_factory=dict)

    def lose(self, each: Reference) -> None:
        """Whether the reference still has its row is not known."""
        self.lost[each] = any_of([self.lost.get(each, NO), self.resolved[each]])
        self.resolved[each] = NO
