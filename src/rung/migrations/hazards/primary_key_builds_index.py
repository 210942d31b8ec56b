"""A PRIMARY KEY that builds its own index blocks reads and writes of the table meanwhile.

Build a unique index CONCURRENTLY first, see that its columns are NOT NULL, and make it the key's with
ADD PRIMARY KEY USING INDEX.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import PrimaryKey
from rung.migrations.steps import AddColumn, AddConstraint


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case AddConstraint(table=table, constraint=PrimaryKey(), using_index=None):
                found = True
            case AddColumn(table=table, constraints=constraints):
                found = any(isinstance(constraint, PrimaryKey) for constraint in constraints)
            case _:
                continue
        if found and context.live(table):
            yield Finding(step.span, f"the primary key builds an index of `{table}` while it is locked")


HAZARD = Hazard(
    code="primary-key-builds-index",
    kind="blocking",
    hint="CREATE UNIQUE INDEX CONCURRENTLY first, then ADD PRIMARY KEY USING INDEX",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint NOT NULL, name text);",
    bad="ALTER TABLE crate ADD PRIMARY KEY (id);",
    good=(
        "-- no transaction\n"
        "CREATE UNIQUE INDEX CONCURRENTLY crate_pkey ON crate (id);\n"
        "-- next migration\n"
        "ALTER TABLE crate ADD CONSTRAINT crate_pkey PRIMARY KEY USING INDEX crate_pkey;"
    ),
    names={
        "squawk": ("adding-serial-primary-key-field", "constraint-missing-not-valid"),
        "atlas": ("PG104", "PG312"),
        "eugene": ("E6", "E7"),
    },
)
