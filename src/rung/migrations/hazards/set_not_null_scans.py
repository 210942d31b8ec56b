"""A SET NOT NULL reads the whole table under an ACCESS EXCLUSIVE lock.

All queries wait while every row is looked at for a NULL. Where a validated CHECK (column IS NOT NULL)
says so already, there is nothing to look at: add that check NOT VALID, validate it in another
transaction, then SET NOT NULL and drop the check. From PostgreSQL 18, ADD CONSTRAINT … NOT NULL column
NOT VALID and VALIDATE do the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.hazards.work import work_of_constraint
from rung.migrations.steps import SetNotNull


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        if (
            isinstance(step, SetNotNull)
            and context.live(step.table)
            and work_of_constraint(step, context.before) == "scan"
        ):
            message = f"SET NOT NULL on `{step.column}` reads all of `{step.table}` while it is locked"
            yield Finding(step.span, message)


HAZARD = Hazard(
    code="set-not-null-scans",
    kind="blocking",
    hint="add CHECK (column IS NOT NULL) NOT VALID, validate it in another transaction, then SET NOT NULL",
    check=check,
    page=__doc__,
    setup="CREATE TABLE crate (id bigint PRIMARY KEY, name text);",
    bad="ALTER TABLE crate ALTER COLUMN name SET NOT NULL;",
    good=(
        "ALTER TABLE crate ADD CONSTRAINT name_set CHECK (name IS NOT NULL) NOT VALID;\n"
        "-- next migration\n"
        "ALTER TABLE crate VALIDATE CONSTRAINT name_set;\n"
        "-- next migration\n"
        "ALTER TABLE crate ALTER COLUMN name SET NOT NULL;\n"
        "ALTER TABLE crate DROP CONSTRAINT name_set;"
    ),
    names={
        "squawk": ("adding-not-nullable-field", "constraint-missing-not-valid"),
        "strong_migrations": (
            "change_column_null",
            "change_column_null_postgresql",
            "change_column_with_not_null",
        ),
        "atlas": ("PG303", "MF104"),
        "eugene": ("E2",),
        "django-migration-linter": ("NOT_NULL",),
    },
)
