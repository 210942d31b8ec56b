"""A UNIQUE constraint that builds its own index blocks reads and writes of the table meanwhile.

ADD … UNIQUE holds an ACCESS EXCLUSIVE lock while it builds the index, and fails on duplicates. Build a
unique index CONCURRENTLY first, and make it the constraint's with ADD CONSTRAINT … UNIQUE USING INDEX.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Unique
from rung.migrations.steps import AddColumn, AddConstraint


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case AddConstraint(table=table, constraint=Unique(), using_index=None):
                found = True
            case AddColumn(table=table, constraints=constraints):
                found = any(isinstance(constraint, Unique) for constraint in constraints)
            case _:
                continue
        if found and context.live(table):
            yield Finding(step.span, f"the unique constraint builds an index of `{table}` while it is locked")


HAZARD = Hazard(
    code="unique-builds-index",
    kind="blocking",
    hint="CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … UNIQUE USING INDEX",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text);",
    bad="ALTER TABLE crate ADD CONSTRAINT crate_name UNIQUE (name);",
    good=(
        "-- no transaction\n"
        "CREATE UNIQUE INDEX CONCURRENTLY crate_name ON crate (name);\n"
        "-- next migration\n"
        "ALTER TABLE crate ADD CONSTRAINT crate_name UNIQUE USING INDEX crate_name;"
    ),
    names={
        "squawk": ("disallowed-unique-constraint", "constraint-missing-not-valid"),
        "strong_migrations": ("add_unique_constraint",),
        "atlas": ("PG105", "MF101", "MF102"),
        "eugene": ("E7",),
        "django-migration-linter": ("ADD_UNIQUE",),
    },
)
