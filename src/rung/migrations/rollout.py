"""Defines the course of a rollout: which schema and which versions of the code meet, and in what order.

`timeline` lays out a `Strategy`: the migrations before the deployment, the deployment, the migrations after
it, as `Moment`s (one step of a migration) and `State`s (a schema in which code runs). Code of an earlier
version stays possible as long as a rollback may bring it back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from rung.diagnostics import Diagnostic
from rung.migrations.apply import apply, resolved
from rung.migrations.apply.session import Session, ended
from rung.migrations.hazards.locks import Mode, locks
from rung.migrations.hazards.refused_in_transaction import refuses
from rung.migrations.queries import Queries
from rung.migrations.schema import Name, Schema
from rung.migrations.steps import Footprint, NoEffect, Opaque, Statement, Step, Transaction

NEW = "new code"
"""What the code of the release to come is called."""

BEFORE = "before"
"""The state in which nothing has changed yet."""

Strategy = Literal["rolling", "canary", "blue_green", "recreate"]


@dataclass(frozen=True, slots=True)
class Code:
    """A version of the code. It writes what `writes` accepts, and reads what `reads` may hold.

    Without `queries` it may use everything in its schema.
    """

    name: str
    writes: Schema
    reads: Schema
    queries: Queries | None = None


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration's statements with their texts; `atomic` where all of them are one transaction."""

    name: str
    statements: tuple[tuple[Statement, str], ...]
    atomic: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of a migration. `live` may write up to the moment when the step takes its locks.

    `held` are the tables that the transaction has locked against writes before. `text` is the statement's; it
    is empty for all but the first of its steps that does something. `opens` and `closes` mark the first and
    the last step of a migration that the tool runs as one transaction.
    """

    before: Schema
    step: Step
    after: Schema
    text: str
    live: tuple[Code, ...]
    held: frozenset[Name]
    migration: str
    opens: bool = False
    closes: bool = False

    @property
    def statements(self) -> tuple[str, ...]:
        """What is sent to the server, with the transaction that the tool makes of a migration."""
        return (*("BEGIN",) * self.opens, *(self.text,) * bool(self.text), *("COMMIT",) * self.closes)


@dataclass(frozen=True, slots=True)
class State:
    """A schema in which code runs: `live` runs, `returning` may be brought back by a rollback."""

    name: str
    schema: Schema
    live: tuple[Code, ...]
    returning: tuple[Code, ...] = ()

    @property
    def codes(self) -> tuple[Code, ...]:
        return (*self.live, *(code for code in self.returning if code not in self.live))


@dataclass(frozen=True, slots=True)
class Timeline:
    """The rollout in order, from the schema `before` it; `diagnostics` tell of steps that do not apply."""

    before: Schema
    course: tuple[Moment | State, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def states(self) -> tuple[State, ...]:
        return tuple(part for part in self.course if isinstance(part, State))

    @property
    def moments(self) -> tuple[Moment, ...]:
        return tuple(part for part in self.course if isinstance(part, Moment))


@dataclass(frozen=True, slots=True)
class Plan:
    """How a release is rolled out.

    `window` says whether a rollback to the old release stays possible after the deployment, and
    `through_contraction` whether it does so even after the migrations that follow the deployment. `earlier`
    are releases before the old one that a rollback may bring back too.
    """

    strategy: Strategy = "rolling"
    window: bool = True
    through_contraction: bool = False
    earlier: tuple[Code, ...] = ()
    queries_before: Queries | None = None
    queries_after: Queries | None = None


def timeline(before: Schema, pre: Sequence[Migration], post: Sequence[Migration], plan: Plan) -> Timeline:
    """The course of the rollout that `plan` describes."""
    diagnostics: list[Diagnostic] = []
    expanding, expanded = _steps(before, pre, diagnostics)
    contracting, final = _steps(expanded, post, diagnostics)
    old = Code("old code", before, before, plan.queries_before)
    # New code is written for the final schema but deployed on the expanded one: it bears what that may hold.
    new = Code(NEW, final, expanded, plan.queries_after)
    window = (old, *plan.earlier) if plan.window else ()
    course: list[Moment | State] = []
    match plan.strategy:
        case "rolling" | "canary" | "blue_green":
            label = "switching over" if plan.strategy == "blue_green" else "side by side"
            course.append(State(BEFORE, before, (old,)))
            course += _course(expanding, (old,))
            course.append(State(f"old and new {label}", expanded, (old, new)))
        case "recreate":
            course += _course(expanding, ())
        case _:
            assert_never(plan.strategy)
    course.append(State("new code deployed", expanded, (new,), window))
    if post:
        beyond = window if plan.through_contraction else ()
        course += _course(contracting, (new, *beyond))
        course.append(State("contracted", final, (new,), beyond))
    return Timeline(before, tuple(course), tuple(diagnostics))


@dataclass(frozen=True, slots=True)
class _Applied:
    """A step as applied; `commits` where its transaction ends with it."""

    before: Schema
    step: Step
    after: Schema
    text: str
    held: frozenset[Name]
    migration: str
    commits: bool
    opens: bool
    closes: bool


def _steps(
    schema: Schema, migrations: Sequence[Migration], diagnostics: list[Diagnostic]
) -> tuple[list[_Applied], Schema]:
    """All steps applied in order, and the schema that they leave."""
    found: list[_Applied] = []
    for migration in migrations:
        session, held = Session.start(schema, migration.atomic, len(found)), frozenset[Name]()
        for number, (written, text) in enumerate(migration.statements, 1):
            statement = session.met(schema, resolved(schema, written))
            if refuses(statement) and (session.opened or statement.tag == "DO"):
                refused = Opaque(
                    statement.span, "statement that no transaction takes", Footprint((), schema=False)
                )
                statement = replace(statement, steps=(refused, *statement.steps))
            # live code may write up to the first step that does something
            doing = [at for at, step in enumerate(statement.steps) if not isinstance(step, NoEffect)]
            first = doing[0] if doing else 0
            for index, step in enumerate(statement.steps):
                if isinstance(step, Transaction):
                    point = session.transaction(schema, step, len(found) + 1)
                    if point is not None:
                        # What was done since is undone, but it may have failed before that.
                        schema = point.schema
                        del found[point.mark :]
                        step = Opaque(step.span, "part that is rolled back", Footprint((), schema=False))
                applied = apply(schema, step)
                diagnostics += applied.diagnostics
                if applied.diagnostics and not isinstance(step, Opaque):
                    # what it names is not there to be reasoned about
                    step = NoEffect(step.span, statement.tag)
                session.took(step, schema, applied.schema)
                final = index == len(statement.steps) - 1
                after = session.settled(applied.schema) if final else applied.schema
                commits = final and (not session.opened or number == len(migration.statements))
                shown = text if index == first else ""
                opens = migration.atomic and number == 1 and not index
                closes = migration.atomic and final and number == len(migration.statements)
                found.append(
                    _Applied(schema, step, after, shown, held, migration.name, commits, opens, closes)
                )
                held = frozenset() if commits else held | locked(step, schema, after)
                schema = after
        schema = ended(schema)
    return found, schema


def _course(steps: Sequence[_Applied], live: tuple[Code, ...]) -> Iterator[Moment | State]:
    """The steps, with a state after each transaction that changed the schema while code is live."""
    seen: Schema | None = None
    for position, applied in enumerate(steps):
        seen = applied.before if seen is None else seen
        yield Moment(
            applied.before,
            applied.step,
            applied.after,
            applied.text,
            live,
            applied.held,
            applied.migration,
            applied.opens,
            applied.closes,
        )
        last = position == len(steps) - 1
        if applied.commits and live and not last and applied.after.tables != seen.tables:
            yield State(f"during `{applied.migration}`", applied.after, live)
            seen = applied.after


def locked(step: Step, before: Schema, after: Schema) -> frozenset[Name]:
    """The tables that no other session can write until the step's transaction ends."""
    held = {lock.table for lock in locks(step, before) if lock.mode >= Mode.SHARE}
    # A table that the transaction makes is seen by none before it commits.
    return frozenset(held) | (after.tables.keys() - before.tables.keys())
