"""A change of a column's type that rewrites the whole table.

While every row and every index is written anew, an ACCESS EXCLUSIVE lock keeps all reads and writes
waiting. Some changes need no rewrite because the values are stored alike: a longer varchar or no limit
at all, varchar to text, a numeric of the same scale with more digits, a timestamp of more precision. The
safe way for the others is a new column: write both, fill it in batches, read the new one, drop the old.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.hazards.work import work_of_type
from rung.migrations.steps import AlterColumnType


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if not isinstance(step, AlterColumnType) or not context.live(step.table):
            continue
        work = work_of_type(step, context.before, utc=context.utc)
        if work != "none":
            doing = {"rewrite": "rewrites", "scan": "reads", "index build": "builds indexes of"}[work]
            message = f"the new type of `{step.column}` {doing} all of `{step.table}` while it is locked"
            yield Finding(step.span, message)


HAZARD = Hazard(
    code="type-change-rewrites",
    kind="blocking",
    hint="add a column of the new type, fill it in batches, then switch to it",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, downloads integer, name varchar(20));",
    bad="ALTER TABLE crate ALTER COLUMN downloads TYPE bigint;",
    good="ALTER TABLE crate ALTER COLUMN name TYPE varchar(40);",
    names={
        "squawk": ("changing-column-type",),
        "strong_migrations": ("change_column", "change_column_constraint"),
        "atlas": ("PG301",),
        "eugene": ("E5", "E10"),
        "django-migration-linter": ("ALTER_COLUMN",),
    },
)
